"""What left the site for a call, as its person may read it: messages, and what goes out beside them."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from ai_router.planning import Plan
from ai_router.providers import leaves_the_site
from ai_router.types import Message, Terms
from usage.types import Outbound

# Beside the roles of messages: the form of the answer, a tool that may be called, words that end the answer.
FORM, TOOL, STOP = "form", "tool definition", "stop words"
# More of one definition, and of all of them, is cut off with a word about it.
MOST_OF_ONE, MOST_OF_ALL = 10_000, 40_000
FORMS_KEPT = 100


def outbound_of(plan: Plan[Any]) -> Outbound | None:
    """Return what left, as those got it who were asked; plain, where anybody got it plain. None where nothing is to be kept."""
    if not settings.AI_OUTBOUND_DAYS or not plan.has_owner:
        return None
    asked = {attempt.provider for attempt in plan.journal.attempts if leaves_the_site(attempt.provider)}
    if not asked:
        return None
    request = plan.request
    is_plain = not all(step.is_veiled for step in request.steps if step.candidate.provider in asked)
    messages = request.messages if is_plain else request.veiled_messages
    terms = Terms(request.form, request.tools, request.sampling.stop)
    if not is_plain and request.veiled_terms is not None:
        terms = request.veiled_terms
    said = [[message.role, _worded(message)] for message in messages]
    return Outbound([*said, *_definitions(terms)], {} if is_plain else request.veil.counts)


def _worded(message: Message) -> str:
    """Return a message's text; files are named, and tool calls written out."""
    files = [f"[{blob.media_type} {blob.name}, {len(blob.data):,} bytes]" for blob in message.blobs]
    calls = [f"{call.name}({call.arguments})" for call in message.tool_calls]
    return "\n".join([message.content, *files, *calls]).strip()


def _definitions(terms: Terms) -> list[list[str]]:
    """Return what stood beside the messages, as pairs like theirs, within bounds."""
    found: list[list[str]] = []
    if terms.form is not None and terms.form.schema:
        found.append([FORM, _written_schema(terms.form.schema)])
    for tool in terms.tools:
        parameters = json.dumps(tool.parameters, ensure_ascii=False)
        found.append([TOOL, "\n".join(filter(None, (tool.name, tool.description, parameters)))])
    if terms.stop:
        found.append([STOP, "\n".join(terms.stop)])
    left = MOST_OF_ALL
    for pair in found:
        pair[1] = _cut(pair[1], min(MOST_OF_ONE, left))
        left = max(0, left - len(pair[1]))
    return found


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n… and {len(text) - most:,} characters more"


def _written_schema(schema: Mapping[str, Any]) -> str:
    """Write a schema once: tasks ask for the same one with every call."""
    found = _schemas.get(id(schema))
    if found is None or found[0] is not schema:
        if len(_schemas) >= FORMS_KEPT:
            _schemas.clear()
        found = _schemas[id(schema)] = (schema, json.dumps(schema, ensure_ascii=False))
    return found[1]


_schemas: dict[int, tuple[Mapping[str, Any], str]] = {}
