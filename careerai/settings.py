"""Settings of CareerAI; every value that differs between machines comes through `env`."""

import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static

from careerai.env import (
    env_addresses,
    env_bool,
    env_choice,
    env_int,
    env_list,
    env_seconds,
    env_secret,
    env_str,
    env_words,
    env_zone,
    load_env_file,
)

BASE_DIR = Path(__file__).resolve().parent.parent
load_env_file(BASE_DIR / ".env")
DATA_DIR = Path(env_str("CAREERAI_DATA_DIR", str(BASE_DIR / "var"))).resolve()


def _secret_key() -> str:
    """Return `SECRET_KEY`, or one that is made once and kept in the data folder."""
    key = env_secret("SECRET_KEY")
    if key:
        return key
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = DATA_DIR / "secret_key"
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


DEBUG = env_bool("DEBUG", default=False)
SECRET_KEY = _secret_key()
# Former ones, so that what they sealed and signed can still be read.
SECRET_KEY_FALLBACKS = [key.strip() for key in env_secret("SECRET_KEY_FALLBACKS").split(",") if key.strip()]
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "careerai",
    "careerai.accounts",
    "jobs",
    "cv",
    "ai_router",
    "usage",
]

MIDDLEWARE = [
    "careerai.request_ids.RequestIdMiddleware",
    "careerai.request_traces.TraceMiddleware",
    "careerai.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "careerai.csp.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "careerai.slashes.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "usage.audit.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "careerai.large_numbers.LargeNumberMiddleware",
]

ROOT_URLCONF = "careerai.urls"
ASGI_APPLICATION = "careerai.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]


# Database. WAL and immediate transactions let the web process and the worker write side by side.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON;",
}
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env_secret("DATABASE_URL", f"sqlite:///{DATA_DIR / 'careerai.sqlite3'}"),
        conn_max_age=0,
        conn_health_checks=True,
    )
}
IS_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if IS_SQLITE:
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
    # Threads of a test wait for each other on a file; in memory, SQLite refuses at once.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATA_DIR.mkdir(parents=True, exist_ok=True)
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Every request has a thread of its own under ASGI, so connections are handed on rather than held.
    DATABASES["default"]["ENGINE"] = "careerai.postgresql"
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        spare_connections=env_int("DATABASE_SPARE_CONNECTIONS", 10),
        # Django's own statements are never prepared; without a number, the driver would not prepare the ledger's either.
        prepare_threshold=5,
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache: shared through Redis where there is one, in this process where not.
REDIS_URL = env_secret("REDIS_URL")
CACHES: dict[str, Any] = {
    "default": (
        {"BACKEND": "careerai.redis_cache.SteadyRedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "careerai"}
    )
}
# django-ratelimit wants a shared cache; the embedded default runs one web process, where a local one counts right.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.E003", "django_ratelimit.W001"]
RATELIMIT_ENABLE = env_bool("RATELIMIT_ENABLE", default=True)
# Whose address counts, behind a proxy that the server itself does not trust: a header that the proxy always sets.
RATELIMIT_IP_META_KEY = env_str("CLIENT_ADDRESS_HEADER", "REMOTE_ADDR")


# Background work. Rows are the truth, the broker only wakes the worker; without a broker server a folder does.
CELERY_BROKER_URL = env_secret("CELERY_BROKER_URL", REDIS_URL or "filesystem://folder")
QUEUE_DIR = DATA_DIR / "queue"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.1,
    }
    if CELERY_BROKER_URL.startswith("filesystem:")
    else {}
)
if CELERY_BROKER_TRANSPORT_OPTIONS:
    CELERY_BROKER_TRANSPORT = "careerai.folder_broker:Transport"
# Several sites may share a broker, each with a queue of its own.
CELERY_TASK_DEFAULT_QUEUE = env_str("CELERY_QUEUE", "careerai")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = env_int("CELERY_TASK_TIME_LIMIT", 900, minimum=10)
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 5
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_CONCURRENCY = env_int("WORKER_CONCURRENCY", 2, minimum=1)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# Accounts.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "careerai.accounts.backends.EmailOrUsernameBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "cv:list"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "careerai.accounts.views.locked_out"
SIGN_UP_OPEN = env_bool("SIGN_UP_OPEN", default=True)
FIRST_USER_EMAIL = env_str("FIRST_USER_EMAIL", "demo@example.org")
FIRST_USER_PASSWORD = env_secret("FIRST_USER_PASSWORD")
CSRF_FAILURE_VIEW = "careerai.error_pages.csrf_failure"

EMAIL_HOST = env_str("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env_int("EMAIL_PORT", 587, minimum=1)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
# Where people reach the site; links in messages begin with it.
PUBLIC_URL = env_str("PUBLIC_URL")
# By whose clocks people here live: what is usual at an hour of the week is learnt by them.
ALERTS_TIME_ZONE = env_zone("ALERTS_TIME_ZONE")
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "CareerAI <careerai@localhost>")

# API.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "careerai.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["careerai.rest.OwnFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "careerai.rest.Pages",
    "DEFAULT_PARSER_CLASSES": [
        "careerai.rest.BoundedJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "careerai.exception_handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CareerAI API",
    "DESCRIPTION": "Read CVs, match them with postings, tailor them and write letters; see what every AI call cost.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "careerai.schema.describe_errors",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ProviderEnum": ["auto", "embedded"],
        "AskedProviderEnum": "ai_router.api.serializers.ASKED_PROVIDERS",
        "TaskStateEnum": "ai_router.models.TaskState",
        "ParseStatusEnum": "cv.models.ParseStatus",
        "WorkStatusEnum": "jobs.models.WorkStatus",
        "ChangeKindEnum": "jobs.models.ChangeKind",
        "EmailKindEnum": "jobs.models.EmailKind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Files. Uploads never leave through the web server, only through views that check the owner.
MEDIA_ROOT = DATA_DIR / "media"
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MAX_UPLOAD_BYTES = env_int("MAX_UPLOAD_MB", 20, minimum=1) * 1024 * 1024
# What one file may cost to read, in a child process of its own.
EXTRACTION_LIMITS = {
    "max_bytes": MAX_UPLOAD_BYTES,
    "max_pages": env_int("MAX_PAGES", 30, minimum=1),
    "max_characters": env_int("MAX_CHARACTERS", 300_000, minimum=1000),
    "memory_bytes": env_int("EXTRACTION_MEMORY_MB", 512, minimum=128) * 1024 * 1024,
    "timeout_seconds": env_int("EXTRACTION_TIMEOUT_SECONDS", 20, minimum=1),
    "ocr_pages": env_int("OCR_PAGES", 10, minimum=1),
    "ocr_seconds_a_page": env_int("OCR_SECONDS_A_PAGE", 60, minimum=1),
    "ocr_memory_bytes": env_int("OCR_MEMORY_MB", 2560, minimum=1024) * 1024 * 1024,
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "careerai.formats"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Security. HTTPS=true behind a TLS proxy switches on everything that plain HTTP on a laptop cannot have.
HTTPS = env_bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# The admin's look, and what its first page shows.
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "CareerAI",
    "SITE_HEADER": "CareerAI",
    "SITE_SUBHEADER": "Administration",
    "SITE_SYMBOL": "task",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("careerai/icon.svg")}],
    "STYLES": [lambda _request: static("careerai/admin.css")],
    "SHOW_HISTORY": False,
    "DASHBOARD_CALLBACK": "usage.dashboard.add_figures",
    "COLORS": {
        "primary": {
            "50": "oklch(98% .014 170)",
            "100": "oklch(95% .03 170)",
            "200": "oklch(90% .055 170)",
            "300": "oklch(83% .08 170)",
            "400": "oklch(73% .1 170)",
            "500": "oklch(62% .1 170)",
            "600": "oklch(50% .085 170)",
            "700": "oklch(44% .075 170)",
            "800": "oklch(37% .06 170)",
            "900": "oklch(31% .05 170)",
            "950": "oklch(22% .035 170)",
        },
    },
}

# AI providers. A provider is on when its key (for a local one, its URL) is set; `embedded` is always on.
AI_PROVIDERS: dict[str, dict[str, str]] = {
    "openai": {
        "api_key": env_secret("OPENAI_API_KEY"),
        "base_url": env_str("OPENAI_BASE_URL"),
        "model": env_str("OPENAI_MODEL"),
    },
    "groq": {
        "api_key": env_secret("GROQ_API_KEY"),
        "base_url": env_str("GROQ_BASE_URL"),
        "model": env_str("GROQ_MODEL"),
    },
    "gemini": {
        "api_key": env_secret("GEMINI_API_KEY"),
        "base_url": env_str("GEMINI_BASE_URL"),
        "model": env_str("GEMINI_MODEL"),
    },
    "grok": {
        "api_key": env_secret("GROK_API_KEY") or env_secret("XAI_API_KEY"),
        "base_url": env_str("GROK_BASE_URL"),
        "model": env_str("GROK_MODEL"),
    },
    "anthropic": {
        "api_key": env_secret("ANTHROPIC_API_KEY") or env_secret("CLAUDE_API_KEY"),
        "base_url": env_str("ANTHROPIC_BASE_URL"),
        "model": env_str("ANTHROPIC_MODEL"),
    },
    "azure": {
        "api_key": env_secret("AZURE_OPENAI_API_KEY"),
        "base_url": env_str("AZURE_OPENAI_ENDPOINT"),
        "model": env_str("AZURE_OPENAI_MODEL"),
        "api_version": env_str("AZURE_OPENAI_API_VERSION"),
        # Deployments and those of their batches, such as gpt-5.4-mini=gpt-5.4-mini-batch, separated by commas.
        "batch_deployments": env_str("AZURE_OPENAI_BATCH_DEPLOYMENTS"),
    },
    "ollama": {
        "api_key": env_secret("OLLAMA_API_KEY"),
        "base_url": env_str("OLLAMA_BASE_URL"),
        "model": env_str("OLLAMA_MODEL"),
    },
    "lm_studio": {
        "api_key": env_secret("LM_STUDIO_API_KEY"),
        "base_url": env_str("LM_STUDIO_BASE_URL"),
        "model": env_str("LM_STUDIO_MODEL"),
    },
    "vllm": {
        "api_key": env_secret("VLLM_API_KEY"),
        "base_url": env_str("VLLM_BASE_URL"),
        "model": env_str("VLLM_MODEL"),
    },
    "litellm": {
        "api_key": env_secret("LITELLM_API_KEY"),
        "base_url": env_str("LITELLM_BASE_URL"),
        "model": env_str("LITELLM_MODEL"),
    },
    "legacy_gemini": {
        "api_key": env_secret("LEGACY_GEMINI_API_KEY"),
        "base_url": env_str("LEGACY_GEMINI_BASE_URL"),
        "model": env_str("LEGACY_GEMINI_MODEL"),
    },
}
# Other servers that speak OpenAI's form, by a name of the site's choice; MISTRAL_API_KEY and MISTRAL_MODEL belong to mistral.
AI_COMPATIBLE_PROVIDERS = env_addresses("AI_COMPATIBLE_PROVIDERS", taken=[*AI_PROVIDERS, "auto", "embedded"])
AI_PROVIDERS |= {
    name: {
        "name": name,
        "api_key": env_secret(f"{name.upper()}_API_KEY"),
        "base_url": address.url,
        "model": env_str(f"{name.upper()}_MODEL"),
    }
    for name, address in AI_COMPATIBLE_PROVIDERS.items()
}
# More keys of a provider, such as OPENAI_API_KEYS: they are used in turn.
AI_PROVIDER_KEYS: dict[str, list[str]] = {
    name: [key for part in env_secret(f"{name.upper()}_API_KEYS").split(",") if (key := part.strip())]
    for name in AI_PROVIDERS
}
DEFAULT_AI_PROVIDER = env_str("DEFAULT_AI_PROVIDER")
DEFAULT_AI_MODEL = env_str("DEFAULT_AI_MODEL")
# Strategies of the site's own: name=package.module:function, separated by commas.
AI_STRATEGIES: dict[str, str] = {
    part.partition("=")[0].strip(): part.partition("=")[2].strip() for part in env_list("AI_STRATEGIES")
}
# The service tier that requests to a provider name, in its words. OpenAI would follow its project's settings: unless the site
# says otherwise, it is asked for the tier whose price is held.
AI_SERVICE_TIERS = {
    "openai": "default",
    **env_words("AI_SERVICE_TIERS", among=("openai", "groq", "gemini", "anthropic")),
}
# Personal data is replaced by placeholders before a text leaves the site, but for providers that the site exempts.
AI_PRIVACY = env_bool("AI_PRIVACY", default=True)
AI_PRIVACY_EXEMPT = env_list("AI_PRIVACY_EXEMPT")
# How long a person can read what left the site for their calls; 0 keeps nothing.
AI_OUTBOUND_DAYS = env_int("AI_OUTBOUND_DAYS", 30, minimum=0)
# How long a queued request is kept after its end, with its answer; 0 keeps it until its owner deletes it.
AI_REQUESTS_DAYS = env_int("AI_REQUESTS_DAYS", 30, minimum=0)
# Whether requests that can wait may go through providers' batches, and how long they are collected for one.
AI_BATCHES = env_bool("AI_BATCHES", default=True)
AI_BATCH_COLLECT_SECONDS = env_int("AI_BATCH_COLLECT_SECONDS", 60, minimum=0)
# Seconds: a call with all its attempts, one attempt, and the silence that a stream may begin or go on with.
AI_DEADLINE_SECONDS = env_int("AI_DEADLINE_SECONDS", 120, minimum=1)
AI_ATTEMPT_SECONDS = env_int("AI_ATTEMPT_SECONDS", 90, minimum=1)
AI_FIRST_TOKEN_SECONDS = env_int("AI_FIRST_TOKEN_SECONDS", 30, minimum=1)
AI_IDLE_SECONDS = env_int("AI_IDLE_SECONDS", AI_FIRST_TOKEN_SECONDS, minimum=1)
# When a slow answer is helped by a second candidate: `auto` learns when, `off` never, or so many seconds.
AI_HEDGE_SECONDS = env_seconds("AI_HEDGE_SECONDS", "auto", words={"auto": 0.0, "off": None})
# The gateway for other programs: the largest request, and how long an answer may be that the request does not bound.
GATEWAY_MAX_BODY_BYTES = env_int("GATEWAY_MAX_BODY_MB", 20, minimum=1) * 1024 * 1024
GATEWAY_OUTPUT_TOKENS = env_int("GATEWAY_OUTPUT_TOKENS", 8_192, minimum=1)
# Whether postings may be read from public addresses, also from http:// and the site's own network, or from none.
POSTING_FETCH = env_choice("POSTING_FETCH", "public", ("public", "any", "off"))
# Whether messages about queued requests may go to http:// and to addresses inside the site's own network.
WEBHOOK_ALLOW_PRIVATE = env_bool("WEBHOOK_ALLOW_PRIVATE", default=False)
# When a call's line is written, and what may wait for a database that does not answer.
AI_LEDGER = env_choice("AI_LEDGER", "durable", ("durable", "available", "fast"))
AI_LEDGER_WAITING_CALLS = env_int("AI_LEDGER_WAITING_CALLS", 2_000, minimum=1)
AI_LEDGER_WAITING_NANOUSD = env_int("AI_LEDGER_WAITING_USD", 5, minimum=0) * 1_000_000_000
AI_LEDGER_SPOOL_DIR = DATA_DIR / "ledger"
# What the processes of this machine leave alone: keys that are refused, breakers that are open.
AI_LEFT_ALONE_FILE = DATA_DIR / "left_alone.json"

# Answers that are kept for the same request of the same person: whether, how long, and how much memory of a process.
AI_CACHE = env_bool("AI_CACHE", default=True)
AI_CACHE_SECONDS = env_int("AI_CACHE_SECONDS", 86_400, minimum=1)
AI_CACHE_MEMORY_MB = env_int("AI_CACHE_MEMORY_MB", 32, minimum=0)
# Tasks whose answers may serve another wording, the rate of wrong ones that is tolerated, and how many each partition keeps.
AI_SEMANTIC_CACHE_TASKS = env_list("AI_SEMANTIC_CACHE_TASKS")
AI_SEMANTIC_CACHE_ERRORS = env_int("AI_SEMANTIC_CACHE_ERRORS_PERCENT", 2, minimum=1) / 100
AI_SEMANTIC_CACHE_ENTRIES = env_int("AI_SEMANTIC_CACHE_ENTRIES", 10_000, minimum=1)

# Limits that the administration may narrow or widen for some; 0 is none. Those of providers hold for each process.
AI_USER_REQUESTS_PER_MINUTE = env_int("AI_USER_REQUESTS_PER_MINUTE", 60)
AI_USER_TOKENS_PER_MINUTE = env_int("AI_USER_TOKENS_PER_MINUTE", 0)
AI_USER_RUNNING = env_int("AI_USER_RUNNING", 0)
AI_PROVIDER_RUNNING = env_int("AI_PROVIDER_RUNNING", 64)
# Seconds that a call waits for its turn at the last provider that could answer it.
AI_QUEUE_SECONDS = env_int("AI_QUEUE_SECONDS", 20)
# What a model without a price is taken to cost where money is held for it: dollars for a million tokens, sent or written.
AI_UNPRICED_USD_PER_MILLION = env_int("AI_UNPRICED_USD_PER_MILLION", 100, minimum=1)

# Who may read /metrics: whoever has this token; without one, only this machine.
METRICS_TOKEN = env_secret("METRICS_TOKEN")

# Where traces go, in OpenTelemetry's own words; empty makes none. Its SDK reads what else it knows of `OTEL_…` itself.
OTEL_ENDPOINT = env_str("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_SERVICE_NAME = env_str("OTEL_SERVICE_NAME", "careerai")

LOG_LEVEL = env_str("LOG_LEVEL", "INFO")
LOG_FORMAT = env_choice("LOG_FORMAT", "text", ("text", "json"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "careerai.logs.TextFormatter"},
        "json": {"()": "careerai.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # The provider SDKs' transport reports every request with its address.
        "httpx2": {"level": "WARNING"},
        # uvicorn gives its loggers handlers of their own, whose lines have another form.
        "uvicorn": {"handlers": [], "propagate": True},
        "uvicorn.error": {"handlers": [], "propagate": True},
        # Its lines would hold links that reset a password. Named, as its parent's configuration would switch it on again.
        "uvicorn.access": {"handlers": [], "propagate": False},
    },
}
