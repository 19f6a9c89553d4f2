"""Settings of Lonja, from the environment alone (docs/guides/configuration.md).

LONJA_ENV is `local` (one machine, bin/run), `test`, or `production` (refuses weak secrets; secure cookies; HSTS).
The process runs under the application role (DATABASE_URL); only migrations use the owner (LONJA_DB_ROLE=owner).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config import environment as env

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.data_directory(BASE_DIR)
ENVIRONMENT = env.text("LONJA_ENV", "local")
if ENVIRONMENT not in {"local", "test", "production"}:
    env.refuse(f"LONJA_ENV={ENVIRONMENT!r} must be local, test or production.")
IS_PRODUCTION = ENVIRONMENT == "production"
IS_TEST = ENVIRONMENT == "test"

DEBUG = env.flag("LONJA_DEBUG") and not IS_PRODUCTION
SECRET_KEY = env.secret("LONJA_SECRET_KEY", strict=IS_PRODUCTION)
WEBHOOK_SECRET = env.secret("LONJA_WEBHOOK_SECRET", strict=IS_PRODUCTION)
ALLOWED_HOSTS = env.words("LONJA_ALLOWED_HOSTS", "" if IS_PRODUCTION else "*")
SITE_URL = env.text("LONJA_SITE_URL", "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL, *env.words("LONJA_TRUSTED_ORIGINS")]

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "csp",
    "pgtrigger",
    "heroicons",
    "core",
    "payments",
    "logistics",
    "marketplace",
    "trust",
    "analytics",
    "config",
]

MIDDLEWARE = [
    "core.web.middleware.RequestContextMiddleware",
    "core.web.middleware.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.web.middleware.AdminPolicyMiddleware",
    "core.web.middleware.ActorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "core" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["core.web.templatetags.ui", "django.templatetags.i18n", "django.templatetags.static"],
            "libraries": {"ui": "core.web.templatetags.ui"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "core.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "core.web.forms.ShellFormRenderer"

# --- data stores
_role = env.text("LONJA_DB_ROLE", "app")
_url_name = "DATABASE_OWNER_URL" if _role == "owner" else "DATABASE_URL"
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database(
        env.text(_url_name, "postgresql://lonja_app@127.0.0.1:5432/lonja"),
        name=_url_name,
    )
}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if env.flag("LONJA_DB_PREPARE", True):  # off behind a pooler that forgets prepared statements between transactions
    DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 5}
if _role == "app" and not IS_TEST and env.flag("LONJA_DB_POOL", True):
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.number("LONJA_DB_POOL_SIZE", 8),
        "timeout": 10,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
if IS_TEST:
    CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
else:
    CACHES = {"default": {"BACKEND": "core.cache.SharedCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TIMEZONE = "UTC"
if IS_TEST:
    CELERY_BROKER_URL = "memory://"

# --- people
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if IS_TEST or ENVIRONMENT == "local":
    # Demo worlds and tests create many people; production keeps Django's slow default.
    PASSWORD_HASHERS = [
        "core.identity.hashers.LocalPBKDF2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ADAPTER = "core.identity.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "core.identity.forms.SignupForm"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "signup": "20/m/ip"}
ACCOUNT_LOGOUT_ON_GET = False
# Rate limits go by the reader's address: behind a proxy that is the last one of X-Forwarded-For, else the socket's.
PROXY_COUNT = env.number("LONJA_PROXY_COUNT", 1 if IS_PRODUCTION else 0)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Lonja"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION

# --- mail
DEFAULT_FROM_EMAIL = env.text("LONJA_MAIL_FROM", "Lonja <no-reply@lonja.example>")
if IS_PRODUCTION:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = env.text("LONJA_MAIL_HOST", "localhost")
    EMAIL_PORT = env.number("LONJA_MAIL_PORT", 25)
    EMAIL_HOST_USER = env.text("LONJA_MAIL_USER", "")
    EMAIL_HOST_PASSWORD = env.text("LONJA_MAIL_PASSWORD", "")
    EMAIL_USE_TLS = env.flag("LONJA_MAIL_TLS")
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

# --- language, time
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "core" / "locale"]
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
USE_I18N = True
FORMAT_MODULE_PATH = ["core.formats"]
USE_TZ = True
TIME_ZONE = env.text("LONJA_TIME_ZONE", "Europe/Madrid")

# --- files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("LONJA_STATIC_ROOT", str(DATA_DIR / "static")))
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.text("LONJA_MEDIA_ROOT", str(DATA_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if IS_TEST or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = IS_TEST or DEBUG
WHITENOISE_AUTOREFRESH = IS_TEST or DEBUG  # nothing is collected there
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
SEARCH_INDEX_DIR = Path(env.text("LONJA_SEARCH_INDEX", str(DATA_DIR / "search")))

# --- security
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("LONJA_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
CSRF_FAILURE_VIEW = "core.web.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],  # unfold evaluates Alpine expressions; see core.web.middleware and ADR 0005
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.TokenAuthentication",
        "core.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": PROXY_COUNT,
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.ActorThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "actor": env.text("LONJA_API_RATE", "6000/min"),
        "anonymous": env.text("LONJA_API_ANONYMOUS_RATE", "600/min"),
    },
    "EXCEPTION_HANDLER": "core.api.problems.problem_handler",
    "PAGE_SIZE": 25,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lonja API",
    "DESCRIPTION": "Marketplace, payments, logistics and trust of one trading economy.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "TradeSideEnum": ["BUYER", "SELLER"],
        "ScanSideEnum": "logistics.custody.rules.Side",
    },
}

UNFOLD = {
    "SITE_TITLE": "Lonja", "SITE_HEADER": "Lonja", "SITE_SYMBOL": "storefront", "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "analytics.admin.operator_overview",
    "STYLES": [lambda request: static("core/admin/decisions.css")],
    "SIDEBAR": {
        "show_all_applications": True,
        "navigation": [{
            "title": _("Waiting for you"),
            "items": [
                {"title": _("Sellers to verify"), "icon": "verified",
                 "link": "/admin/trust/verificationcase/?state=OPEN",
                 "badge": "trust.verification.admin.open_cases_badge"},
                {"title": _("Open disputes"), "icon": "gavel", "link": "/admin/trust/dispute/?state=OPEN",
                 "badge": "trust.disputes.admin.open_disputes_badge"},
                {"title": _("Listings to check"), "icon": "policy",
                 "link": "/admin/marketplace/moderationcase/?state__exact=OPEN",
                 "badge": "marketplace.moderation.admin.open_cases_badge"},
                {"title": _("Reported messages"), "icon": "flag",
                 "link": "/admin/marketplace/messagereport/?state__exact=OPEN",
                 "badge": "marketplace.messages.admin.open_reports_badge"},
                {"title": _("Same goods to decide"), "icon": "join",
                 "link": "/admin/marketplace/match/?state__exact=PROPOSED",
                 "badge": "marketplace.offers.admin.proposed_badge"},
                {"title": _("Bank lines to explain"), "icon": "account_balance", "link": "/admin/payments/bankline/",
                 "badge": "payments.reconciliation.admin.open_lines_badge"},
                {"title": _("Claims to send in"), "icon": "assignment_late",
                 "link": "/admin/logistics/claim/?state__exact=ELIGIBLE",
                 "badge": "logistics.claims.admin.claims_badge"},
                {"title": _("Adjustments to approve"), "icon": "balance",
                 "link": "/admin/payments/adjustment/?state__exact=REQUESTED",
                 "badge": "payments.adjustments.admin.waiting_badge"},
            ],
        }, {
            "title": _("On the road"),
            "items": [
                {"title": _("The network"), "icon": "hub", "link": "/carriers/network/"},
                {"title": _("Carriers compared"), "icon": "local_shipping", "link": "/carriers/"},
                {"title": _("Rounds of small couriers"), "icon": "route", "link": "/carriers/rounds/"},
            ],
        }],
    },
}  # fmt: skip

# --- the trading economy (defaults; policy data lives in the modules)
LONJA = {
    "BASE_CURRENCY": env.text("LONJA_CURRENCY", "EUR"),
    "SANDBOX": env.flag("LONJA_SANDBOX", not IS_PRODUCTION),
    # Cards and payouts by Stripe; both or neither.
    "STRIPE_SECRET_KEY": env.text("LONJA_STRIPE_SECRET_KEY", ""),
    "STRIPE_WEBHOOK_SECRET": env.text("LONJA_STRIPE_WEBHOOK_SECRET", ""),
    # Accounts with real carriers: {"fedex": {"api_key": ..., "secret_key": ..., "account_number": ...}, ...}.
    "CARRIER_CREDENTIALS": env.objects("LONJA_CARRIER_CREDENTIALS"),
    # Whether webhooks may go to addresses inside (SSRF); never in production.
    "WEBHOOKS_TO_PRIVATE": not IS_PRODUCTION,
    "NODE_NAME": env.text("LONJA_NODE", "node-1"),
    # Who runs the platform: the issuer of fee statements.
    "COMPANY": {
        "name": env.text("LONJA_COMPANY_NAME", "Lonja"),
        "street": env.text("LONJA_COMPANY_STREET", ""),
        "postcode": env.text("LONJA_COMPANY_POSTCODE", ""),
        "town": env.text("LONJA_COMPANY_TOWN", ""),
        "country": env.text("LONJA_COMPANY_COUNTRY", "ES"),
        "vat_number": env.text("LONJA_COMPANY_VAT_NUMBER", ""),
    },
    "SANDBOX_FAULTS": env.flag("LONJA_SANDBOX_FAULTS", not IS_TEST),
}

from config.logs import LOGGING_CONFIGURATION, configure_structlog  # noqa: E402

configure_structlog(json_lines=IS_PRODUCTION)
LOGGING = LOGGING_CONFIGURATION
LOGGING_CONFIG = "logging.config.dictConfig"
SILENCED_SYSTEM_CHECKS: list[str] = []
