"""Routes as a file: checked as a whole, applied as a whole, and the same when written back."""

import json

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_router.models import Pool, PoolCandidate, Route, RoutingRule
from ai_router.route_files import RouteFile, apply_file, export_file, read_file, write_file
from ai_router.types import ProviderName, StrategyName, TaskType
from ai_router.yaml_files import YamlFileError

pytestmark = pytest.mark.django_db

FILE = """
version: 1
pools:
  night:
    - {provider: groq, weight: 3}
    - {provider: openai, model: gpt-5.4-nano, quality: 2, enabled: false}
routes:
  cover_letter:
    strategy: cascade
    candidates:
      - provider: openai
        model: gpt-5.4
      - provider: embedded
rules:
  - name: At night
    priority: 10
    when: {hours: 22:00-06:00, days: [mon, tue], time_zone: Europe/Warsaw, cost_bound_usd: 0.05}
    then: {pool: night, strategy: cost_optimized}
  - name: No chats
    enabled: false
    when: {tasks: [chat], groups: [guests]}
    then: {deny: Guests may not chat.}
  - name: Pinned
    then: {pin: {provider: anthropic, model: claude-haiku-4-5}}
"""


def test_a_file_is_applied_and_comes_back_the_same():
    changes = apply_file(read_file(FILE))

    assert changes.made == ["pool night", "rule At night", "rule No chats", "rule Pinned"]
    assert changes.changed == ["route cover_letter"]
    route = Route.objects.get(task_type="cover_letter")
    assert (route.strategy, [str(row) for row in route.candidates.all()]) == (
        "cascade",
        ["openai/gpt-5.4", "embedded"],
    )
    night = RoutingRule.objects.get(name="At night")
    assert night.conditions["hours"] == "22:00-06:00"
    assert (night.pool.name, night.strategy, night.priority) == ("night", "cost_optimized", 10)
    assert PoolCandidate.objects.get(provider="groq").weight == 3
    assert RoutingRule.objects.get(name="No chats").message == "Guests may not chat."

    again = apply_file(read_file(write_file(export_file())))
    assert (again.made, again.changed) == ([], [])


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    path = tmp_path / "routes.yaml"
    path.write_text(FILE)

    call_command("import_routes", str(path), dry_run=True)

    out = capsys.readouterr().out
    assert "new: rule At night" in out
    assert "changed: route cover_letter" in out
    assert "Nothing was written." in out
    assert not Pool.objects.exists()
    assert Route.objects.get(task_type="cover_letter").strategy == "preferred"


def test_what_is_not_named_stays_unless_it_is_pruned(tmp_path, capsys):
    apply_file(read_file(FILE))
    path = tmp_path / "routes.yaml"
    path.write_text("rules:\n  - {name: Only, then: {strategy: quality}}\n")

    call_command("import_routes", str(path))
    assert RoutingRule.objects.count() == 4
    call_command("import_routes", str(path), prune=True, json=True)

    printed = capsys.readouterr().out.splitlines()[-1]
    assert sorted(json.loads(printed)["deleted"]) == ["pool night", "rule At night", "rule No chats", "rule Pinned"]
    assert [rule.name for rule in RoutingRule.objects.all()] == ["Only"]
    assert not Pool.objects.exists()
    assert Route.objects.count() == len(TaskType)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules: [", "line 1"),
        ("version: 2", "this is version 2; known is 1"),
        ("- a\n- b", "valid dictionary"),
        ("surprise: 1", "surprise: there is no such"),
        ("pools: {a: []}\nrules: []\npools: {b: []}", "line 3: 'pools' stands there twice"),
        ("pools: {'a b': []}", "'a b'"),
        ("pools: {a: [{provider: opnai}]}", "pools.a.0.provider: there is no provider 'opnai'"),
        ("pools: {a: [{provider: openai}, {provider: openai}]}", "stands there twice"),
        ("pools: {a: [{provider: embedded, model: x}]}", "has no models"),
        ("pools: {a: [{provider: openai, weight: -1}]}", "pools.a.0.weight"),
        ("routes: {cv_burning: {candidates: []}}", "there is no task 'cv_burning'"),
        ("routes: {chat: {strategy: by_moon, candidates: []}}", "there is no strategy 'by_moon'"),
        ("rules: [{name: a, then: {}}]", "say one thing"),
        ("rules: [{name: a, then: {deny: no, strategy: quality}}]", "rules.0.then"),
        ("rules: [{name: a, when: {moon: full}, then: {deny: 'No.'}}]", "rules.0.when.moon: there is no such"),
        ("rules: [{name: a, when: {hours: late}, then: {deny: 'No.'}}]", "22:00-06:00"),
        ("rules: [{name: a, then: {deny: 'No.'}}, {name: a, then: {deny: 'No.'}}]", "two rules called 'a'"),
        ("rules: [{name: a, then: {pool: gone}}]", "names the pool 'gone', which is not there"),
    ],
)
def test_a_wrong_file_is_refused_whole_and_says_where(text, words, tmp_path):
    path = tmp_path / "routes.yaml"
    path.write_text("pools: {first: []}\n" + text if text.startswith("rules: [{name: a, then: {pool") else text)
    before = write_file(export_file())

    with pytest.raises(CommandError) as caught:
        call_command("import_routes", str(path))

    assert words in str(caught.value)
    assert write_file(export_file()) == before


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_routes", str(tmp_path / "gone.yaml"))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("import_routes", str(tmp_path / "bytes.yaml"))


def test_a_rule_that_cannot_be_read_is_left_out_of_the_file():
    RoutingRule.objects.create(name="broken", strategy="quality", conditions={"moon": "full"})

    assert export_file().rules == ()


def test_an_export_is_what_an_import_takes(capsys, tmp_path):
    call_command("export_routes")
    text = capsys.readouterr().out

    assert text.startswith("version: 1\nroutes:\n")
    assert set(read_file(text).routes) == set(TaskType.values)


def test_an_empty_file_changes_nothing():
    assert read_file("") == RouteFile()


candidates = st.lists(
    st.fixed_dictionaries(
        {"provider": st.sampled_from([name for name in ProviderName.values if name != "embedded"])},
        optional={
            "model": st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True),
            "weight": st.integers(0, 9),
            "enabled": st.booleans(),
        },
    ),
    max_size=4,
    unique_by=lambda entry: (entry["provider"], entry.get("model", "")),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    pools=st.dictionaries(st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True), candidates, max_size=3),
    strategy=st.sampled_from(StrategyName.values),
)
def test_whatever_is_imported_is_exported_the_same(pools, strategy):
    file = RouteFile.model_validate({"pools": pools, "routes": {"chat": {"strategy": strategy, "candidates": []}}})

    apply_file(file, prune=True)
    found = read_file(write_file(export_file()))

    assert found.pools == file.pools
    assert found.routes["chat"] == file.routes["chat"]


def test_the_problems_are_a_list():
    with pytest.raises(YamlFileError) as caught:
        read_file("rules: [{name: a, then: {}}, {name: b, then: {}}]")

    assert len(caught.value.problems) == 2
