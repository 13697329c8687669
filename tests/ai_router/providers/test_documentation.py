"""The table of docs/providers.md is what the code says."""

import re
from pathlib import Path

from django.conf import settings

from ai_router.catalog import facts_of
from ai_router.providers import BUILT_IN
from ai_router.types import ProviderName

DOCS = Path(settings.BASE_DIR) / "docs"
ROW = re.compile(
    r"^\| `(\w+)` \| `([A-Z_]+)` \| `([^`]+)` \| ([\w-]+) \| (yes|no) \| (yes|no) \| (.*)\|$", re.MULTILINE
)


def rows() -> dict[str, tuple[str, ...]]:
    found = ROW.findall((DOCS / "providers.md").read_text(encoding="utf-8"))
    return {name: tuple(rest) for name, *rest in found}


def test_every_provider_has_its_line():
    assert set(rows()) == set(BUILT_IN)
    assert set(BUILT_IN) <= set(ProviderName.values)


def test_the_lines_say_what_the_code_says():
    variables = (DOCS / "configuration.md").read_text(encoding="utf-8")
    for name, (variable, model, sdk, _, documents, needs) in rows().items():
        row = BUILT_IN[name]
        assert model == row.default_model
        assert f"| `{variable}` |" in variables
        assert variable.endswith("_BASE_URL" if row.is_local else "_MODEL" if row.finds_keys else "_API_KEY")
        assert row.extra in needs
        assert bool(row.extra) == ("extra" in needs)
        source = Path(settings.BASE_DIR, *row.adapter.partition(":")[0].split(".")).with_suffix(".py").read_text()
        module = {"google-genai": "from google import genai", "google-ai-generativelanguage": "from google.ai"}
        assert module.get(sdk, f"import {sdk}") in source
        if facts_of(model).context_window:
            assert (documents == "yes") <= facts_of(model).takes_documents, name
