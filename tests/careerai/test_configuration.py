"""What the documentation says about settings is what the settings read."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from careerai import env
from careerai.env import load_env_file

ROOT = Path(django_settings.BASE_DIR)
READERS = {name for name in vars(env) if name.startswith("env_")}


def read_by_settings() -> set[str]:
    tree = ast.parse((ROOT / "careerai" / "settings.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    names = [call.args[0] for call in calls if call.func.id in READERS]  # type: ignore[attr-defined]
    return {name.value for name in names if isinstance(name, ast.Constant)}


def test_every_variable_is_in_the_documentation_and_no_other():
    table = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)

    assert set(table) == read_by_settings()
    assert len(table) == len(set(table))


def test_every_variable_is_in_the_example_and_no_other():
    example = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert set(example) == read_by_settings()
    assert len(example) == len(set(example))


def test_the_example_can_be_read(monkeypatch, tmp_path):
    text = (ROOT / ".env.example").read_text()
    path = tmp_path / ".env"
    path.write_text(re.sub(r"^#([A-Z_]+)=", r"X_\1=", text, flags=re.MULTILINE))
    for name in read_by_settings():
        monkeypatch.setenv(f"X_{name}", "kept")

    load_env_file(path)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("CAREERAI_TEST=plain", "plain"),
        ("  export CAREERAI_TEST = spaced  ", "spaced"),
        ('CAREERAI_TEST="quoted # not a comment"', "quoted # not a comment"),
        ("CAREERAI_TEST='a=b'", "a=b"),
        ("CAREERAI_TEST=", ""),
        ("# CAREERAI_TEST=other\n\nCAREERAI_TEST=after", "after"),
    ],
)
def test_lines_of_an_env_file(monkeypatch, tmp_path, line, value):
    import os

    monkeypatch.setenv("CAREERAI_TEST", "before")
    monkeypatch.delenv("CAREERAI_TEST")
    path = tmp_path / ".env"
    path.write_text(line)

    load_env_file(path)

    assert os.environ["CAREERAI_TEST"] == value


def test_the_environment_goes_before_the_file(monkeypatch, tmp_path):
    import os

    monkeypatch.setenv("CAREERAI_TEST", "environment")
    path = tmp_path / ".env"
    path.write_text("CAREERAI_TEST=file")

    load_env_file(path)
    load_env_file(tmp_path / "missing")

    assert os.environ["CAREERAI_TEST"] == "environment"


@pytest.mark.parametrize("line", ["nonsense", "1A=b", "=b", "A B=c"])
def test_a_line_that_is_no_assignment_stops_the_start(tmp_path, line):
    path = tmp_path / ".env"
    path.write_text(f"# fine\n{line}\n")

    with pytest.raises(ImproperlyConfigured, match="line 2"):
        load_env_file(path)
