"""What the OpenAPI schema says of every operation alike."""

from typing import Any

ERROR_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
METHODS = {"get", "post", "put", "patch", "delete"}


def describe_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Give each operation the one form of errors: where it names an error itself, and as `default` for all others."""
    for path in result["paths"].values():
        for operation in (value for key, value in path.items() if key in METHODS):
            responses = operation["responses"]
            for code, response in responses.items():
                if code >= "400":
                    response.setdefault("content", ERROR_CONTENT)
            responses.setdefault("default", {"description": "Any error.", "content": ERROR_CONTENT})
    return result
