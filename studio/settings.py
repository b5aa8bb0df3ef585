"""Settings of the studio, read from environment variables only.

Every variable is read once, typed, with a default that works on a laptop. All of them are
described in `docs/configuration.md`; a test compares the two.
"""

import contextlib
import datetime
import ipaddress
import secrets
import zoneinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


class NamingEnv(environ.Env):
    """An environment whose errors name the variable with the invalid value."""

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} cannot be read: {error}") from error


env = NamingEnv()


def kept_secret(path: Path) -> str:
    """Return the secret in `path`; the first call creates the file, readable by its owner only."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # another process was faster: use its secret
            path.hardlink_to(fresh)
        fresh.unlink()
        return path.read_text().strip()


def one_of(name: str, value: str, allowed: set[str]) -> str:
    """Return `value`. Raises ImproperlyConfigured, naming the variable, if it is not allowed."""
    if value not in allowed:
        known = f" Use one of: {', '.join(sorted(allowed))}." if len(allowed) < 10 else ""
        raise ImproperlyConfigured(f"{name}={value!r} is not known.{known}")
    return value


def networks(name: str, values: list[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Parse networks in CIDR notation. Raises ImproperlyConfigured, naming the variable."""
    try:
        return [ipaddress.ip_network(value.strip()) for value in values]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from None


def origin_of(url: str) -> str:
    """Return the scheme, host and port of a URL; empty if it has no host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def bucket_origins(bucket: str, endpoint: str, region: str, style: str) -> list[str]:
    """Return the origins that signed URLs of a bucket may have; none without a bucket."""
    if not bucket:
        return []
    if not endpoint:  # Amazon S3
        prefix = "" if style == "path" else f"{bucket}."
        return [f"https://{prefix}{host}.amazonaws.com" for host in ("s3", f"s3.{region}")]
    parts = urlsplit(endpoint)
    by_name = [] if style == "path" else [f"{parts.scheme}://{bucket}.{parts.netloc}"]
    return [origin_of(endpoint), *by_name]


# Former names of variables. They are still read if the new one is not set; a check warns of them.
FORMER_NAMES = {"MEDIA_URL_HOURS": "SIGNED_URL_HOURS"}
SET_VARIABLES = frozenset((FORMER_NAMES.keys() | set(FORMER_NAMES.values())) & env.ENVIRON.keys())

# Folders, address, security

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds personal data
PORT = env.int("PORT", default=8000)
BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname:
    raise ImproperlyConfigured(f"BASE_URL={BASE_URL!r} is not an http or https address.")

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=True)  # fill an empty studio on a loopback BASE_URL with the demo
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_base.hostname, "localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "studio.untrusted_forms.refuse"

SECURE_HSTS_SECONDS = 0
if _base.scheme == "https":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None  # until the browser is closed: visitors get one with a password form
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail shows its previews in a frame

# Django's deployment checks that do not apply: studio/operations/checks.py has its own for HSTS,
# cookies, DEBUG, hosts and the secret key; the proxy redirects to https; HSTS for subdomains and
# preloading concern the whole domain, not only the studio; Wagtail's previews need frames
SILENCED_SYSTEM_CHECKS = [
    f"security.W0{number}"
    for number in ("04", "05", "08", "09", "12", "16", "18", "19", "20", "21")
]

# One studio is one site, one time zone and one currency

WAGTAIL_SITE_NAME = env.str("STUDIO_NAME", default="Closing Shot")
WAGTAILADMIN_BASE_URL = BASE_URL
TIME_ZONE = one_of("TIME_ZONE", env.str("TIME_ZONE", default="UTC"), zoneinfo.available_timezones())
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]  # users cannot choose: see studio/people/one_clock.py
CURRENCY = env.str("CURRENCY", default="EUR")
if not (len(CURRENCY) == 3 and CURRENCY.isascii() and CURRENCY.isupper()):
    raise ImproperlyConfigured(f"CURRENCY={CURRENCY!r} is no ISO 4217 code.")
CHOSEN = {"TIME_ZONE", "CURRENCY"} & env.ENVIRON.keys()  # set explicitly, not by default
LANGUAGES = WAGTAILADMIN_PERMITTED_LANGUAGES = [("en", _("English")), ("de", _("German"))]
LANGUAGE_CODE = one_of(
    "LANGUAGE_CODE", env.str("LANGUAGE_CODE", default="en"), {code for code, _name in LANGUAGES}
)
USE_I18N = True
FORMAT_MODULE_PATH = ["studio.formats"]
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

# The rooms, in the order of docs/architecture.md

INSTALLED_APPS = [
    "studio.collation",
    "studio.mail",
    "studio.ui",
    "studio.people",
    "studio.rates",
    "studio.once",
    "videos.planning",
    "videos.media",
    "videos.review",
    "videos.publishing",
    "videos.audience",
    "videos.deals",
    "budgets",
    "studio.desk",
    "studio.operations",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "studio.people.wagtail_users.StudioUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "laces",
    "csp",
    "axes",
    "ninja",
    "django_filters",
    "django_q",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "videos.audience.tracking.middleware.StaffBrowserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "studio.csp.StudioCSPMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "videos.publishing.middleware.PublishRefusedMiddleware",
    "studio.bounded.BoundedAddressesMiddleware",
    "studio.protected.ProtectedMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "studio.urls"
WSGI_APPLICATION = "studio.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

# People

AUTH_USER_MODEL = "people.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "wagtailadmin_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
WAGTAILADMIN_USER_LOGIN_FORM = "studio.people.admin.forms.LoginForm"
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "studio.people.admin.forms.PasswordResetForm"  # noqa: S105
SESSION_COOKIE_AGE = 14 * 24 * 3600  # with “Remember me”; without it, until the browser is closed

# django-axes counts wrong passwords; studio/people/sign_in.py configures how
RATE_LIMITS = one_of("RATE_LIMITS", env.str("RATE_LIMITS", default="on"), {"on", "off"})
AUTHENTICATION_BACKENDS = [
    "studio.people.sign_in.SignInBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_LOCK_OUT_AT_FAILURE = RATE_LIMITS == "on"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "studio.people.sign_in.account"
AXES_CLIENT_IP_CALLABLE = "studio.people.sign_in.place"
AXES_FAILURE_LIMIT = "studio.people.sign_in.limit"
AXES_LOCKOUT_CALLABLE = "studio.people.sign_in.locked_out"
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # further attempts do not prolong it
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = AXES_ENABLE_ADMIN = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # a URL would get hashes of e-mail addresses
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_WORKFLOW_ENABLED = False  # videos.review approves cuts instead
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False

# Data: SQLite by default, PostgreSQL by DATABASE_URL

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'studio.sqlite3'}")
}
DATABASES["default"].setdefault("TEST", {"NAME": env.str("TEST_DATABASE_NAME", default=None)})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # Transactions take the write lock at the start: SQLite has no SELECT … FOR UPDATE.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that disappears is noticed before a job's lease ends.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {"connect_timeout": 10, "tcp_user_timeout": 20_000}
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "studio_cache",
        }
    ),
    # Counters of rate limits; not in the database, since every view report increments them
    "limits": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "limits",
            "OPTIONS": {"MAX_ENTRIES": 50_000},
        }
    ),
}

# The queue: django-q2 on the database, or on Redis

TRANSCODE_CLUSTER = env.str("TRANSCODE_CLUSTER", default="")
TRANSCODE_TIMEOUT = env.int("TRANSCODE_TIMEOUT", default=6 * 3600)
MAX_ATTEMPTS = env.int("MAX_ATTEMPTS", default=3)
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=60)
if not 3 <= JOB_LEASE_SECONDS <= 60:
    raise ImproperlyConfigured(f"JOB_LEASE_SECONDS={JOB_LEASE_SECONDS} is not from 3 to 60.")
SET_KEEP_HOURS = env.int("SET_KEEP_HOURS", default=12)
Q_CLUSTER = {
    "name": "studio",
    "label": "Queue",
    "workers": env.int("Q_WORKERS", default=2),
    "timeout": TRANSCODE_TIMEOUT,
    "retry": TRANSCODE_TIMEOUT + 600,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": 500,
    "catch_up": False,
    "poll": 0.5,
    "recycle": 200,
    "ALT_CLUSTERS": {TRANSCODE_CLUSTER: {}} if TRANSCODE_CLUSTER else {},
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# The web server that `make run` starts, see studio/operations/webserver.py

BIND_ADDRESS = env.str("BIND_ADDRESS", default="127.0.0.1")
WEB_WORKERS = env.int("WEB_WORKERS", default=2)
WEB_THREADS = env.int("WEB_THREADS", default=8)
WEB_UPLOAD_THREADS = env.int("WEB_UPLOAD_THREADS", default=16)
WEB_CONNECTIONS = env.int("WEB_CONNECTIONS", default=2000)
WEB_SPOOL_BYTES = env.int("WEB_SPOOL_BYTES", default=1024**3)

# Limits on slow clients: their connections are closed

REQUEST_HEADER_SECONDS = env.float("REQUEST_HEADER_SECONDS", default=15.0)
REQUEST_SILENCE_SECONDS = env.float("REQUEST_SILENCE_SECONDS", default=30.0)
REQUEST_LOWEST_RATE = env.int("REQUEST_LOWEST_RATE", default=1000)

# The token with which a monitor reads /metrics; without one, only superusers can read it

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# Files

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
# The player and the uploader, built by `npm run build`; other static files are in the apps
STATICFILES_DIRS = [path for path in [BASE_DIR / "build" / "static"] if path.is_dir()]
STATIC_COMPRESSION = one_of(
    "STATIC_COMPRESSION", env.str("STATIC_COMPRESSION", default="all"), {"all", "public"}
)
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "files/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Sources and renditions: served only by the media view.
    "footage": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "footage", "base_url": None},
    },
    "staticfiles": {"BACKEND": "studio.static_files.StudioStaticFilesStorage"},
}
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", default="")
S3_PUBLIC_ENDPOINT_URL = env.str("S3_PUBLIC_ENDPOINT_URL", default=S3_ENDPOINT_URL)
S3_REGION = env.str("S3_REGION", default="us-east-1")
S3_ACCESS_KEY_ID = env.str("S3_ACCESS_KEY_ID", default="")
S3_SECRET_ACCESS_KEY = env.str("S3_SECRET_ACCESS_KEY", default="")
S3_PREFIX = env.str("S3_PREFIX", default="").strip("/")
S3_ADDRESSING_STYLE = one_of(
    "S3_ADDRESSING_STYLE",
    env.str("S3_ADDRESSING_STYLE", default="path" if S3_ENDPOINT_URL else "auto"),
    {"path", "virtual", "auto"},
)
if S3_BUCKET:

    def in_the_bucket(folder: str) -> dict[str, Any]:
        """Return the options of a storage in a folder of the bucket."""
        return {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": S3_REGION,
            "access_key": S3_ACCESS_KEY_ID or None,
            "secret_key": S3_SECRET_ACCESS_KEY or None,
            "addressing_style": S3_ADDRESSING_STYLE,
            "signature_version": "s3v4",
            "location": "/".join(part for part in (S3_PREFIX, folder) if part),
            "default_acl": None,
            "file_overwrite": False,
        }

    STORAGES["footage"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": in_the_bucket("footage"),
    }
    # Wagtail's images and documents, served under the studio's own URLs: see studio/library.py
    STORAGES["default"] = {
        "BACKEND": "studio.library.LibraryStorage",
        "OPTIONS": in_the_bucket("media") | {"max_memory_size": 4 * 1024**2},
    }
FILE_UPLOAD_TEMP_DIR = env.str("UPLOAD_TEMP_DIR", default=None)
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=50 * 1024**3)
UPLOAD_CHUNK_BYTES = env.int("UPLOAD_CHUNK_BYTES", default=64 * 1024**2)
UPLOAD_KEEP_HOURS = env.int("UPLOAD_KEEP_HOURS", default=48)
UPLOAD_FIRST_BYTE_MINUTES = env.int("UPLOAD_FIRST_BYTE_MINUTES", default=15)
STORAGE_QUOTA_BYTES = env.int("STORAGE_QUOTA_BYTES", default=0)
WAGTAIL_PASSWORD_REQUIRED_TEMPLATE = "publishing/password.html"  # noqa: S105
WAGTAILDOCS_PASSWORD_REQUIRED_TEMPLATE = WAGTAIL_PASSWORD_REQUIRED_TEMPLATE
WAGTAILDOCS_SERVE_METHOD = "serve_view"  # never redirect to the storage
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]

# When a cut gets a small first set, and when it is encoded in chunks: docs/configuration.md
FIRST_SET_SECONDS = env.int("FIRST_SET_SECONDS", default=120)
CHUNK_FROM_SECONDS = env.int("CHUNK_FROM_SECONDS", default=600)
CHUNK_SECONDS = env.int("CHUNK_SECONDS", default=60)
AV1_FROM_VIEWS = env.int("AV1_FROM_VIEWS", default=0)

FFMPEG_BINARY = env.str("FFMPEG_BINARY", default="")
FFPROBE_BINARY = env.str("FFPROBE_BINARY", default="")

# Audience and influence

VIEW_MIN_SECONDS = env.int("VIEW_MIN_SECONDS", default=3)
INTERNAL_NETWORKS = networks("INTERNAL_NETWORKS", env.list("INTERNAL_NETWORKS", default=[]))
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# Mail

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
MAIL_TRANSPORT = vars()["EMAIL_BACKEND"]  # delivers what the studio wrote into its outbox
if MAIL_TRANSPORT == "django.core.mail.backends.console.EmailBackend":
    MAIL_TRANSPORT = "studio.mail.log_backend.LogBackend"  # the same, in one line for each mail
EMAIL_BACKEND = "studio.mail.backend.OutboxBackend"
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = WAGTAILADMIN_NOTIFICATION_FROM_EMAIL = env.str(
    "FROM_EMAIL", default=f"studio@{_base.hostname}"
)

# Where browsers load media from if not from the studio

CDN_URL = env.str("CDN_URL", default="").rstrip("/")
if CDN_URL and (
    urlsplit(CDN_URL).scheme not in {"http", "https"} or not urlsplit(CDN_URL).hostname
):
    raise ImproperlyConfigured(f"CDN_URL={CDN_URL!r} is not an http or https address.")
SIGNED_URL_HOURS = (
    env.int("SIGNED_URL_HOURS", default=12)
    if "SIGNED_URL_HOURS" in SET_VARIABLES
    else env.int("MEDIA_URL_HOURS", default=12)
)
if not 1 <= SIGNED_URL_HOURS <= 7 * 24:  # the longest that S3 allows
    raise ImproperlyConfigured("SIGNED_URL_HOURS is from 1 to 168.")
MEDIA_ORIGINS = bucket_origins(S3_BUCKET, S3_PUBLIC_ENDPOINT_URL, S3_REGION, S3_ADDRESSING_STYLE)
if CDN_URL:
    MEDIA_ORIGINS.append(origin_of(CDN_URL))

# Captions from speech: the folder of a faster-whisper model

WHISPER_MODEL = env.str("WHISPER_MODEL", default="")

# What pages may load. Exceptions for the admin: docs/decisions/0004-content-security-policy.md

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *MEDIA_ORIGINS],
        "media-src": [SELF, "blob:", *MEDIA_ORIGINS],
        "connect-src": [SELF, *MEDIA_ORIGINS],
        "worker-src": [SELF, "blob:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

# Log lines go to the standard error stream, one line each

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # These log every step, which would bury the studio's own messages.
    "loggers": {
        name: {"level": "WARNING"} for name in ("django-q", "django_tasks", "wagtail", "axes")
    },
}
