"""Settings of the studio, read from the environment and from nowhere else.

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
    """An environment that names the variable whose value it cannot read."""

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} cannot be read: {error}") from error


env = NamingEnv()


def kept_secret(path: Path) -> str:
    """The secret kept in `path`; made at first use, readable by its owner alone."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # whoever is second reads the first one's
            path.hardlink_to(fresh)
        fresh.unlink()
        return path.read_text().strip()


def one_of(name: str, value: str, allowed: set[str]) -> str:
    """`value`, or a stop that names the variable."""
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} is not known.")
    return value


def networks(name: str, values: list[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks in CIDR notation, or a stop that names the variable."""
    try:
        return [ipaddress.ip_network(value.strip()) for value in values]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from None


def origin_of(url: str) -> str:
    """Scheme, host and port of an address; nothing for none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def bucket_origins(bucket: str, endpoint: str, region: str, style: str) -> list[str]:
    """Where signed addresses of a bucket may lead browsers to; nowhere without a bucket."""
    if not bucket:
        return []
    if not endpoint:  # Amazon's
        prefix = "" if style == "path" else f"{bucket}."
        return [f"https://{prefix}{host}.amazonaws.com" for host in ("s3", f"s3.{region}")]
    parts = urlsplit(endpoint)
    by_name = [] if style == "path" else [f"{parts.scheme}://{bucket}.{parts.netloc}"]
    return [origin_of(endpoint), *by_name]


# Variables under former names, still read where the new one is not set; a check warns of them
FORMER_NAMES = {"MEDIA_URL_HOURS": "SIGNED_URL_HOURS"}
SET_VARIABLES = frozenset((FORMER_NAMES.keys() | set(FORMER_NAMES.values())) & env.ENVIRON.keys())

# Where the studio lives

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # contacts lie there, and what was sold
PORT = env.int("PORT", default=8000)
BASE_URL = env.str("BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname:
    raise ImproperlyConfigured(f"BASE_URL={BASE_URL!r} is not an http or https address.")

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=True)  # whether an empty studio of this machine alone is filled
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
CSRF_COOKIE_AGE = None  # the browser's session: visitors get it with the form of a page's password
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail shows its previews in a frame

# What studio/operations/checks.py says in the words of these settings (HSTS, cookies, DEBUG, hosts,
# the secret), what the proxy does (the way to https), what is not ours to promise for a whole
# domain (subdomains, preload), and the frames of Wagtail's previews
SILENCED_SYSTEM_CHECKS = [
    f"security.W0{number}"
    for number in ("04", "05", "08", "09", "12", "16", "18", "19", "20", "21")
]

# One studio is one site, one time zone and one currency

WAGTAIL_SITE_NAME = env.str("STUDIO_NAME", default="Closing Shot")
WAGTAILADMIN_BASE_URL = BASE_URL
TIME_ZONE = one_of("TIME_ZONE", env.str("TIME_ZONE", default="UTC"), zoneinfo.available_timezones())
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]  # no choice: see studio/people/one_clock.py
CURRENCY = env.str("CURRENCY", default="EUR")
if not (len(CURRENCY) == 3 and CURRENCY.isascii() and CURRENCY.isupper()):
    raise ImproperlyConfigured(f"CURRENCY={CURRENCY!r} is no ISO 4217 code.")
CHOSEN = {"TIME_ZONE", "CURRENCY"} & env.ENVIRON.keys()  # and not left as they are by default
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
SESSION_COOKIE_AGE = 14 * 24 * 3600  # for who wants to be remembered; else the browser's session

# Wrong passwords are counted by django-axes, as studio/people/sign_in.py says
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
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # it ends, whoever goes on trying
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = AXES_ENABLE_ADMIN = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # nobody's address leaves the studio
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_WORKFLOW_ENABLED = False  # what is approved is a cut, and the review says by whom
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False

# Data: SQLite by default, PostgreSQL by DATABASE_URL

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'studio.sqlite3'}")
}
DATABASES["default"].setdefault("TEST", {"NAME": env.str("TEST_DATABASE_NAME", default=None)})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # A transaction takes the write lock at once: SQLite has no SELECT … FOR UPDATE.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that vanishes without a word is noticed before a job's lease runs out.
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
    # Counters of what may be done how often: raised with every report, so not in the database
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

# How slow the other side of a connection may be before it is ended

REQUEST_HEADER_SECONDS = env.float("REQUEST_HEADER_SECONDS", default=15.0)
REQUEST_SILENCE_SECONDS = env.float("REQUEST_SILENCE_SECONDS", default=30.0)
REQUEST_LOWEST_RATE = env.int("REQUEST_LOWEST_RATE", default=1000)

# What a monitor shows to read /metrics; without one, only a superuser reads them

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# Files

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
# The player and the uploader, by `npm run build`; every other static file lies in its room
STATICFILES_DIRS = [path for path in [BASE_DIR / "build" / "static"] if path.is_dir()]
STATIC_COMPRESSION = one_of(
    "STATIC_COMPRESSION", env.str("STATIC_COMPRESSION", default="all"), {"all", "public"}
)
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "files/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Sources and sets of renditions: never served but by the media view.
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
        """The options of a storage in a folder of the bucket."""
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
    # Wagtail's pictures and documents; their addresses stay ours, see studio/library.py
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
WAGTAILDOCS_SERVE_METHOD = "serve_view"  # never a redirect to where they are kept
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]

# When a cut gets a small set first, and when it is cut up: see docs/configuration.md
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
MAIL_TRANSPORT = vars()["EMAIL_BACKEND"]  # what delivers; all the studio writes into the outbox
if MAIL_TRANSPORT == "django.core.mail.backends.console.EmailBackend":
    MAIL_TRANSPORT = "studio.mail.log_backend.LogBackend"  # the same, a line each
EMAIL_BACKEND = "studio.mail.backend.OutboxBackend"
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = WAGTAILADMIN_NOTIFICATION_FROM_EMAIL = env.str(
    "FROM_EMAIL", default=f"studio@{_base.hostname}"
)

# Where browsers fetch what the player shows, when not from us

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
if not 1 <= SIGNED_URL_HOURS <= 7 * 24:  # S3 signs for a week at most
    raise ImproperlyConfigured("SIGNED_URL_HOURS is from 1 to 168.")
MEDIA_ORIGINS = bucket_origins(S3_BUCKET, S3_PUBLIC_ENDPOINT_URL, S3_REGION, S3_ADDRESSING_STYLE)
if CDN_URL:
    MEDIA_ORIGINS.append(origin_of(CDN_URL))

# Words from speech: the folder of a model for faster-whisper

WHISPER_MODEL = env.str("WHISPER_MODEL", default="")

# What a page may load. The admin's exceptions: docs/decisions/0004-content-security-policy.md

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
    # These tell every step they take, and would drown what the studio itself has to say.
    "loggers": {
        name: {"level": "WARNING"} for name in ("django-q", "django_tasks", "wagtail", "axes")
    },
}
