"""What a process loads before anybody is asked."""

import json
import subprocess
import sys

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
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
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


def loaded(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_router_loads_nothing_but_itself_and_the_standard_library():
    ours = {"ai_router", "usage"}

    beside = {name for name in loaded(BARE) if not name.startswith("_")} - set(sys.stdlib_module_names)

    assert beside - OF_DJANGO == ours


def test_the_application_loads_no_vendors_library_before_it_is_needed():
    assert not loaded(WHOLE) & HEAVY
