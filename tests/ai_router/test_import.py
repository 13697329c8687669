"""What a process loads before anybody is asked."""

import json
import subprocess
import sys

import pytest

from ai_router import router

# Django with users, and then the router's two apps beside it.
BARE = """
import json, sys
before = set(sys.modules)
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "usage", "ai_router"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    USE_TZ=True, AI_STRATEGIES={}, AI_CACHE_MEMORY_MB=32,
)
django.setup()
import ai_router.router
print(json.dumps(sorted(set(sys.modules) - before)))
"""
WHOLE = """
import json, os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "careerai.settings"
django.setup()
import ai_router.router, careerai.asgi
print(json.dumps(sorted(sys.modules)))
"""
# What Django itself is made of.
OF_DJANGO = {"django", "asgiref", "sqlparse"}
HEAVY = {
    "openai",
    "anthropic",
    "groq",
    "google.genai",
    "litellm",
    "genai_prices",
    "tiktoken",
    "regex",
    "aiohttp",
    "httpx2",
    "opentelemetry",
}


# What only some calls need: vectors, the operator's view, broken answers, and what the worker learns.
LATER = {"embeddings", "embedding_calls", "status", "health", "repair", "outcomes", "trials", "evidence"}


def loaded(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_router_loads_nothing_but_itself_and_the_standard_library():
    ours = {"ai_router", "usage"}

    packages = {name.partition(".")[0] for name in loaded(BARE)}

    beside = {name for name in packages if not name.startswith("_")} - set(sys.stdlib_module_names)
    assert beside - OF_DJANGO == ours


def test_what_only_some_calls_need_is_loaded_by_the_first_of_them():
    later = {f"ai_router.{name}" for name in LATER}

    assert not loaded(BARE) & later
    assert loaded(BARE.replace("print(", "ai_router.router.status, ai_router.router.embed; print(")) & later == {
        f"ai_router.{name}" for name in ("embeddings", "embedding_calls", "status", "health")
    }


def test_what_the_router_does_not_have_is_an_error_of_attributes():
    with pytest.raises(AttributeError, match="no attribute 'brew'"):
        router.brew  # noqa: B018


def test_the_application_loads_no_vendors_library_before_it_is_needed():
    assert not loaded(WHOLE) & HEAVY
