"""The settings of an installation. What differs between installations comes from NETCENTER_* variables."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF

from netcenter.site.keys import installation_keys

HOUSE = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("NETCENTER_DATA", "data")).resolve()
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = os.environ.get("NETCENTER_DEBUG") == "1"
DEMO = os.environ.get("NETCENTER_DEMO") == "1"
_port = os.environ.get("NETCENTER_PORT", "").lstrip("0") or "8000"
PUBLIC_URL = os.environ.get("NETCENTER_URL", f"http://127.0.0.1:{_port}").rstrip("/")

_keys = installation_keys(DATA)
SECRET_KEY = _keys.secret_key
SECRET_BOX_KEYS = _keys.box_keys  # newest first
VAPID_PRIVATE_KEY = _keys.vapid_key
BLOBS_ROOT = DATA / "blobs"

_host = urlsplit(PUBLIC_URL).hostname or "localhost"
_more_hosts = filter(None, os.environ.get("NETCENTER_HOSTS", "").split(","))
ALLOWED_HOSTS = [_host, "localhost", "127.0.0.1", "[::1]", *_more_hosts]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE = PUBLIC_URL.startswith("https://")

# Channels in the order in which they are offered; a new network is one line here.
CHANNELS = [
    "netcenter.channels.email",
    "netcenter.channels.webchat",
    "netcenter.channels.api",
    "netcenter.channels.web",
    "netcenter.channels.facebook",
    "netcenter.channels.instagram",
    "netcenter.channels.whatsapp",
    "netcenter.channels.sms",
    "netcenter.channels.phone",
    "netcenter.channels.asterisk",
    "netcenter.channels.twitter",
    "netcenter.channels.telegram",
    "netcenter.channels.mastodon",
    "netcenter.channels.bluesky",
    "netcenter.channels.youtube",
    "netcenter.channels.reddit",
    "netcenter.channels.googlebusiness",
    "netcenter.channels.googleplay",
    "netcenter.channels.appstore",
    "netcenter.channels.trustpilot",
    "netcenter.channels.matrix",
]

ROOMS = [
    "lib", "look",
    "events",
    "people", "accounts",
    "cases",
    "understanding", "guard", "standards", "protocols",
    "intake", "routing", "outbox", "assistant",
    "courtesy",
    "crowds", "listening",
    "desk", "boards", "live", "api", "helpcenter", "setup",
]  # fmt: skip

INSTALLED_APPS = [
    *(f"netcenter.{room}" for room in ROOMS),
    *(["netcenter.street"] if DEMO else []),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "netcenter.people.middleware.PersonLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "netcenter.setup.middleware.FirstRunMiddleware",
    "netcenter.people.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

ROOT_URLCONF = "netcenter.site.urls"
WSGI_APPLICATION = None
THREADS = int(os.environ.get("NETCENTER_THREADS", "8"))  # in which pages are made; each keeps a database connection
PROXIES = os.environ.get("NETCENTER_PROXIES", "127.0.0.1")  # whose X-Forwarded-For and -Proto are believed

_context = [
    "django.contrib.auth.context_processors.auth",
    "django.template.context_processors.request",
    "django.contrib.messages.context_processors.messages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HOUSE / room / "templates" for room in ROOMS] + ([HOUSE / "street/templates"] if DEMO else []),
        "APP_DIRS": False,
        "OPTIONS": {"environment": "netcenter.look.environment.environment", "context_processors": _context},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HOUSE / "look/django_templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _context},
    },
]


def _database(url: str) -> dict:
    """A Django database from `postgresql://user:password@host:port/name?option=value`, or SQLite in the data folder."""
    if not url:
        return {
            "ENGINE": "netcenter.lib.engines.sqlite_backend",
            "NAME": str(DATA / "netcenter.sqlite3"),
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; "
                    "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY"
                ),
            },
            "TEST": {"NAME": str(DATA / "test.sqlite3")},
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "netcenter.lib.engines.postgres_backend",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # Planned once, not at every call; what is short is not worth compiling.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3, "options": "-c jit=off", **options},
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(os.environ.get("NETCENTER_DATABASE", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "netcenter.people.passwords.UnlikeItsPerson"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "setup:demo" if DEMO else "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "netcenter.people.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are invited by an administrator, who knows their address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can make us write to strangers
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Netcenter"
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_ENGINE = "netcenter.people.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Languages --------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español"), ("en", "English"), ("pt-br", "Português")]
LOCALE_PATHS = [HOUSE / "site/locale", *sorted((HOUSE / "channels").glob("*/locale"))]  # also of families
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("NETCENTER_TIMEZONE", "UTC")

# --- Files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 * 2**20

# --- Mail that the house itself sends to its people (invitations, passwords) ------------------------------------------
EMAIL_HOST = os.environ.get("NETCENTER_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("NETCENTER_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("NETCENTER_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("NETCENTER_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("NETCENTER_SMTP_TLS") == "1"
DEFAULT_FROM_EMAIL = os.environ.get("NETCENTER_FROM", f"netcenter@{_host}")
EMAIL_TIMEOUT = 20
VAPID_SUBJECT = os.environ.get("NETCENTER_CONTACT", f"mailto:{DEFAULT_FROM_EMAIL}")  # whom push services may write to

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"netcenter": {"level": os.environ.get("NETCENTER_LOG", "INFO")}},
}

# --- Calling out ------------------------------------------------------------------------------------------------------
# Webhooks may go to private addresses and over plain http: only where the systems beside this one are trusted.
ALLOW_PRIVATE_HTTP = os.environ.get("NETCENTER_ALLOW_PRIVATE_HTTP", "1" if DEMO else "0") == "1"

# --- The house's own times --------------------------------------------------------------------------------------------
RING_SECONDS = int(os.environ.get("NETCENTER_RING_SECONDS", "20"))
GRACE_SECONDS = int(os.environ.get("NETCENTER_GRACE_SECONDS", "25"))
MISSES_UNTIL_AWAY = 3
