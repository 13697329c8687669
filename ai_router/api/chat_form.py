"""The body of `/v1/chat/completions`, as OpenAI's clients write it."""

import base64
import binascii
import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ai_router.conversations import Conversation
from ai_router.types import AnswerForm, Blob, Message, Sampling, Tool, ToolCall

MAX_MESSAGES = 2_000
MAX_TOOLS = 128
MAX_TOKENS = 10_000_000
DATA_URI = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,")
NAME = r"^[a-zA-Z0-9_-]{1,64}$"
# What is refused unless it has one of these values, which ask for nothing: ignoring it would change the answer.
UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "audio": (None,),
    "frequency_penalty": (None, 0),
    "function_call": (None, "none"),
    "functions": (None, []),
    "logit_bias": (None, {}),
    "logprobs": (None, False),
    "modalities": (None, ["text"]),
    "n": (None, 1),
    "parallel_tool_calls": (None, True),
    "prediction": (None,),
    "presence_penalty": (None, 0),
    "service_tier": (None, "auto", "default"),
    "top_logprobs": (None, 0),
    "web_search_options": (None,),
}


def unsupported_parameter(body: dict[str, Any]) -> str:
    """Return the first parameter that asks for what the gateway cannot do; empty where there is none."""
    return next((name for name, neutral in UNSUPPORTED.items() if name in body and body[name] not in neutral), "")


class _Form(BaseModel):
    """A part of the body; fields that nobody knows are ignored."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class TextPart(_Form):
    """A piece of text."""

    type: Literal["text"]
    text: str


class RefusalPart(_Form):
    """What the assistant said in place of an answer."""

    type: Literal["refusal"]
    refusal: str


class ImageUrl(_Form):
    """A picture, written out: the gateway fetches nothing from other servers."""

    url: str

    @field_validator("url")
    @classmethod
    def _is_data(cls, url: str) -> str:
        mark = DATA_URI.match(url)
        if mark is None:
            raise PydanticCustomError(
                "remote_image",
                "Give the picture as `data:image/png;base64,…` (png, jpeg, gif or webp): addresses are not fetched.",
            )
        try:
            base64.b64decode(url[mark.end() :], validate=True)
        except binascii.Error as error:
            raise PydanticCustomError("broken_image", "The picture is not valid base64.") from error
        return url

    def blob(self) -> Blob:
        """Return its bytes."""
        head, _, data = self.url.partition(",")
        return Blob(base64.b64decode(data), head.removeprefix("data:").removesuffix(";base64"))


class ImagePart(_Form):
    """A picture in a message."""

    type: Literal["image_url"]
    image_url: ImageUrl


Part = Annotated[TextPart | ImagePart | RefusalPart, Field(discriminator="type")]


class CalledFunction(_Form):
    """The function of a call, with its arguments as the model wrote them."""

    name: str = Field(pattern=NAME)
    arguments: str


class CallForm(_Form):
    """A call that the assistant asked for."""

    id: str = Field(min_length=1, max_length=200)
    type: Literal["function"] = "function"
    function: CalledFunction


class MessageForm(_Form):
    """One message. `developer` is the newer name of `system`."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: list[Part] | None = None
    tool_calls: list[CallForm] | None = Field(default=None, max_length=MAX_TOOLS)
    tool_call_id: str = Field(default="", max_length=200)

    @field_validator("content", mode="before")
    @classmethod
    def _parts(cls, content: Any) -> Any:
        return [{"type": "text", "text": content}] if isinstance(content, str) else content

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.role == "tool" and not self.tool_call_id:
            raise PydanticCustomError("missing", "A tool message needs `tool_call_id`.")
        if self.content is None and not (self.role == "assistant" and self.tool_calls):
            raise PydanticCustomError("missing", "The message needs `content`.")
        if self.role != "user" and any(isinstance(part, ImagePart) for part in self.content or ()):
            raise PydanticCustomError("misplaced_image", "Only a user's message may hold pictures.")
        return self

    def message(self) -> Message:
        """Return it in the router's form."""
        texts, blobs = [], []
        for part in self.content or ():
            if isinstance(part, ImagePart):
                blobs.append(part.image_url.blob())
            else:
                texts.append(part.text if isinstance(part, TextPart) else part.refusal)
        calls = self.tool_calls if self.role == "assistant" else None
        return Message(
            "system" if self.role == "developer" else self.role,
            "\n".join(texts),
            blobs=tuple(blobs),
            tool_calls=tuple(ToolCall(call.id, call.function.name, call.function.arguments) for call in calls or ()),
            tool_call_id=self.tool_call_id if self.role == "tool" else "",
        )


class FunctionForm(_Form):
    """A function that the model may ask to have called."""

    name: str = Field(pattern=NAME)
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ToolForm(_Form):
    """A tool; functions are the only kind."""

    type: Literal["function"]
    function: FunctionForm


class SchemaForm(_Form):
    """The schema of an answer."""

    name: str = Field(pattern=NAME)
    schema_: dict[str, Any] = Field(default_factory=dict, alias="schema")
    strict: bool | None = None


class ResponseFormat(_Form):
    """The form of the answer."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: SchemaForm | None = None

    @model_validator(mode="after")
    def _has_schema(self) -> Self:
        if self.type == "json_schema" and self.json_schema is None:
            raise PydanticCustomError("missing", "A form of type `json_schema` needs `json_schema`.")
        return self

    def form(self) -> AnswerForm | None:
        """Return it in the router's form."""
        if self.type == "json_schema" and self.json_schema is not None:
            return AnswerForm(self.json_schema.name, self.json_schema.schema_, is_strict=bool(self.json_schema.strict))
        return AnswerForm("json_object", {}) if self.type == "json_object" else None


class StreamOptions(_Form):
    """What a stream is asked for beside the text."""

    include_usage: bool = False


class ChatForm(_Form):
    """The whole body."""

    model: str = Field(min_length=1, max_length=300)
    messages: list[MessageForm] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=MAX_TOKENS)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=MAX_TOKENS)
    response_format: ResponseFormat | None = None
    tools: list[ToolForm] | None = Field(default=None, max_length=MAX_TOOLS)
    tool_choice: str = ""
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    stop: list[str] = Field(default_factory=list, max_length=4)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    reasoning_effort: str | None = Field(default=None, pattern=r"^[a-z]{1,20}$")

    @field_validator("stream", mode="before")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return False if value is None else value

    @field_validator("stop", mode="before")
    @classmethod
    def _as_list(cls, stop: Any) -> Any:
        return [stop] if isinstance(stop, str) else [] if stop is None else stop

    @field_validator("tool_choice", mode="before")
    @classmethod
    def _as_name(cls, choice: Any) -> Any:
        if isinstance(choice, dict):
            function = choice.get("function")
            return function.get("name", "") if isinstance(function, dict) else ""
        if choice not in {None, "auto", "none", "required"}:
            raise PydanticCustomError("tool_choice", "Choose `auto`, `none`, `required` or a function.")
        return choice or ""

    @model_validator(mode="after")
    def _tools_fit(self) -> Self:
        names = [tool.function.name for tool in self.tools or ()]
        if len(set(names)) != len(names):
            raise PydanticCustomError("tools", "Two tools have the same name.")
        if self.tool_choice not in {"", "auto", "none", *names} and not (self.tool_choice == "required" and names):
            raise PydanticCustomError("tool_choice", "`tool_choice` asks for a tool that is not among `tools`.")
        return self

    def conversation(self, *, default_output_tokens: int) -> Conversation:
        """Return it in the router's form; system messages are moved to the front, where every provider takes them."""
        messages = sorted((form.message() for form in self.messages), key=lambda message: message.role != "system")
        bound = self.max_completion_tokens or self.max_tokens
        functions = [tool.function for tool in self.tools or ()]
        return Conversation(
            tuple(messages),
            max_output_tokens=bound or default_output_tokens,
            is_bound_total=bound is not None,
            form=self.response_format.form() if self.response_format else None,
            tools=tuple(Tool(tool.name, tool.description or "", tool.parameters or {}) for tool in functions),
            tool_choice=self.tool_choice if functions else "",
            sampling=Sampling(self.temperature, self.top_p, tuple(self.stop), self.seed, self.reasoning_effort or ""),
        )
