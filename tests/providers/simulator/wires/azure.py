"""Azure OpenAI: OpenAI's form below a deployment's path, or below `/v1` in its newer one; the key has its own header."""

import re
from typing import Any, ClassVar

from tests.providers.simulator.http import HTTPRequest
from tests.providers.simulator.wires.base import Asked, bearer
from tests.providers.simulator.wires.openai import OpenAIWire
from tests.providers.simulator.wires.responses import ResponsesWire

DEPLOYMENT = re.compile(r"/deployments/([^/]+)(/.+)")


class AzureWire(OpenAIWire):
    """Azure's form."""

    vendor: ClassVar[str] = "azure"

    def read(self, request: HTTPRequest, path: str) -> Asked | None:
        if path.startswith("/v1/"):
            return super().read(request, path.removeprefix("/v1"))
        if "api-version" not in request.query:
            return None
        if (request.method, path) == ("GET", "/models"):
            return Asked("models")
        found = DEPLOYMENT.fullmatch(path)
        if found is None or request.method != "POST":
            return None
        if found[2] == "/chat/completions":
            return self.read_chat(request.json(), model=found[1])
        return self.read_embeddings(request.json(), model=found[1]) if found[2] == "/embeddings" else None

    def key(self, request: HTTPRequest) -> str:
        return request.headers.get("api-key", "") or bearer(request)

    def error(self, status: int, code: str, message: str) -> Any:
        usual = {401: "401", 404: "DeploymentNotFound"}.get(status, "")
        body = super().error(status, code or usual, message)
        if code == "content_filter":
            filtered = {"hate": {"filtered": True, "severity": "high"}}
            body["error"]["innererror"] = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": filtered}
        return body


class AzureResponsesWire(ResponsesWire):
    """Responses at Azure."""

    vendor: ClassVar[str] = "azure"

    def key(self, request: HTTPRequest) -> str:
        return request.headers.get("api-key", "") or bearer(request)
