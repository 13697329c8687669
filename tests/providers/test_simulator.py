"""The simulator itself: control over HTTP, and answers made from the request."""

import json
import subprocess
import sys
import urllib.request

import pytest

from tests.providers.answerers import answer
from tests.providers.simulator import Entry, Reply, count_input, replies_from
from tests.providers.simulator.prices import PRICES


def request_of(text: str, *, schema: dict | None = None, name: str = "") -> dict:
    form = {"response_format": {"json_schema": {"name": name, "schema": schema}}} if schema else {}
    return {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": text}], **form}


def ask(url: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, headers={"Authorization": "Bearer any", "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def test_it_runs_by_hand_and_is_scripted_over_http(unused_tcp_port_factory):
    port = unused_tcp_port_factory()
    command = [sys.executable, "-m", "tests.providers.simulator", "--port", str(port), "--delay-seconds", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert f"OPENAI_BASE_URL=http://127.0.0.1:{port}/v1" in server.stdout.readline()
        root = f"http://127.0.0.1:{port}"
        assert ask(f"{root}/control/replies", [{"text": "Scripted."}]) == {"queued": 1}
        said = ask(f"{root}/v1/chat/completions", request_of("Hello"))
        models = ask(f"{root}/v1/models")
        (entry,) = ask(f"{root}/control/books")
        ask(f"{root}/control/kill", {})
        ask(f"{root}/control/reset", {})
        assert ask(f"{root}/control/books") == []
    finally:
        server.terminate()
        server.wait(10)
        server.stdout.close()

    assert said["choices"][0]["message"]["content"] == "Scripted."
    assert "gpt-5.4-mini" in {row["id"] for row in models["data"]}
    assert entry["output_tokens"] == said["usage"]["completion_tokens"] > 0
    assert entry["cost_nanousd"] > 0


@pytest.mark.parametrize(("path", "status"), [("/v1/nothing", 404), ("/v1/chat/completions", 401)])
def test_what_openai_would_not_take_is_refused(simulator, path, status):
    request = urllib.request.Request(f"http://127.0.0.1:{simulator.port}{path}", json.dumps(request_of("x")).encode())

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    assert caught.value.code == status
    caught.value.close()


def test_a_schema_that_is_not_strict_is_refused(simulator):
    body = request_of("x", schema={"type": "object", "properties": {"a": {"type": "string"}}}, name="A")
    body["response_format"]["json_schema"]["strict"] = True

    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(f"{simulator.base_url}/chat/completions", body)
    assert caught.value.code == 400
    caught.value.close()


OPENAI_FORM = {
    "openai": "/v1/chat/completions",
    "groq": "/groq/openai/v1/chat/completions",
    "azure": "/azure/openai/v1/chat/completions",
    "grok": "/xai/v1/chat/completions",
    "ollama": "/ollama/v1/chat/completions",
    "lm_studio": "/lm_studio/v1/chat/completions",
    "vllm": "/vllm/v1/chat/completions",
}


@pytest.mark.parametrize("vendor", OPENAI_FORM)
def test_one_server_speaks_all_wires_and_prices_each_by_its_own_table(simulator, vendor):
    model = next(iter(PRICES[vendor]))
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
    simulator.script(Reply(text="Well met.", reasoning_tokens=5))

    said = ask(f"http://127.0.0.1:{simulator.port}{OPENAI_FORM[vendor]}", body)

    (entry,) = simulator.closed_books()
    assert said["choices"][0]["message"]["content"] == "Well met."
    assert said["usage"]["completion_tokens"] == entry.output_tokens - (5 if vendor == "grok" else 0)
    assert (entry.vendor, entry.model) == (vendor, model)
    assert (entry.cost_nanousd == 0) == (vendor in {"ollama", "lm_studio", "vllm"})


def test_tool_calls_and_vectors_are_answered(simulator):
    simulator.script(Reply(tool_calls=[{"name": "find", "arguments": {"word": "rose"}}]))

    said = ask(f"{simulator.base_url}/chat/completions", request_of("Find a rose"))
    vectors = ask(f"{simulator.base_url}/embeddings", {"model": "text-embedding-3-small", "input": ["a b", "a b", "c"]})

    (call,) = said["choices"][0]["message"]["tool_calls"]
    assert call["function"] == {"name": "find", "arguments": '{"word": "rose"}'}
    first, second, third = (row["embedding"] for row in vectors["data"])
    assert first == second != third
    assert [entry.endpoint for entry in simulator.closed_books()] == ["chat", "embeddings"]


def test_a_huge_answer_is_made_while_it_is_sent(simulator):
    simulator.script(Reply(text="Long: ", size_bytes=3_000_000))

    said = ask(f"{simulator.base_url}/chat/completions", request_of("Write at length"))

    assert len(said["choices"][0]["message"]["content"]) == 3_000_006


def test_an_unknown_field_of_a_reply_is_an_error():
    assert replies_from([{"status": 503}]) == [Reply(status=503)]
    with pytest.raises(TypeError):
        replies_from([{"staus": 503}])


def test_its_prices_are_exact():
    entry = Entry("r", "c", "gpt-5.4-mini", False, {}, input_tokens=1_001, cached_tokens=1, output_tokens=10)

    assert entry.cost_nanousd == 750_000 + 75 + 45_000


def test_a_request_is_counted_by_message():
    assert count_input(request_of("hello world")) == 3 + 3 + 1 + 2


def test_an_unknown_form_is_filled_from_its_schema():
    schema = {
        "type": "object",
        "properties": {
            "kind": {"enum": ["must", "nice"]},
            "maybe": {"anyOf": [{"type": "null"}, {"type": "integer"}]},
            "rows": {"type": "array", "items": {"$ref": "#/$defs/Row"}},
            "fixed": {"const": 3},
        },
        "$defs": {"Row": {"type": "object", "properties": {"ok": {"type": "boolean"}, "name": {"type": "string"}}}},
    }

    filled = json.loads(answer(request_of("pruning roses", schema=schema, name="Unheard")))

    assert filled == {"kind": "must", "maybe": 0, "rows": [{"ok": False, "name": "pruning roses"}], "fixed": 3}


CV = """<data name="cv">
p1l1 | Rosa Green
p1l2 | EXPERIENCE
p1l3 | Gardener, Rose Park\tMay 2019 – present
p1l4 | • Pruned 40 roses
p1l5 | EDUCATION
p1l6 | Diploma in Botany, 2015 - 2018
p1l7 | SKILLS
p1l8 | Tools: shears, rake
</data>"""


def test_a_cv_is_marked_up_with_lines_that_are_there():
    schema = {
        "properties": {name: {"type": "array"} for name in ("work", "education", "skills", "awards")}
        | {"name": {"type": "object"}, "summary": {"type": "object"}}
    }

    found = json.loads(answer(request_of(CV, schema=schema, name="ParsingAnswer")))

    assert found["name"]["line_ids"] == ["p1l1"]
    (work,) = found["work"]
    assert (work["title"]["text"], work["period"]["text"]) == ("Gardener", "May 2019 – present")
    assert work["highlights"] == [{"line_ids": ["p1l4"], "text": "Pruned 40 roses"}]
    assert found["education"][0]["degree"]["text"] == "Diploma in Botany"
    assert [skill["text"] for skill in found["skills"][0]["skills"]] == ["shears", "rake"]
    assert (found["awards"], found["summary"]["line_ids"]) == ([], [])


def test_a_posting_is_quoted_and_a_line_is_rephrased():
    quoted = json.loads(
        answer(request_of("We seek:\n- 5 years of roses\nTea.", schema={"x": 1}, name="AnalysisAnswer"))
    )
    places = '<data name="cv">\nline-1 | text | Pruned roses.\nwork-1 | highlights | (order)\n</data>'
    changed = json.loads(answer(request_of(places, schema={"x": 1}, name="TailoringAnswer")))

    assert [row["quotation"] for row in quoted["requirements"]] == ["5 years of roses"]
    assert [(row["target_id"], row["after"]) for row in changed["changes"]] == [("line-1", "Pruned roses")]


def test_a_letter_repeats_lines_of_the_cv():
    facts = (
        '<data name="name">\nRosa Green\n</data>\n<data name="cv">\n'
        "f1 (highlight) [Gardener, Rose Park, 2019–now]: Pruned 40 roses.\n</data>"
    )

    assert answer(request_of(facts)) == (
        "Dear hiring team,\n\nAt Rose Park I pruned 40 roses.\n\nKind regards\nRosa Green\n"
    )
    assert answer(request_of("Hello")).startswith("Dear hiring team")
