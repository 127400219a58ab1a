"""What every environment shares. Whatever differs between machines comes from environment variables."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.csp import CSP

from settings.env import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()

# --- identity -------------------------------------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS", [])
SITE_URL = env.url("SITE_URL")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")
DEBUG = False
DEMO = False

# --- AWS ------------------------------------------------------------------------------------------------------------
AWS_REGION = env.text("AWS_REGION")
# boto3 reads the variable by itself; presigning and CSP need to know it too. Unset on AWS.
AWS_ENDPOINT_URL = env.url("AWS_ENDPOINT_URL", "")
MEDIA_BUCKET = env.text("MEDIA_BUCKET")
STATIC_BUCKET = env.text("STATIC_BUCKET")
UPLOAD_ORIGIN = AWS_ENDPOINT_URL or f"https://{MEDIA_BUCKET}.s3.{AWS_REGION}.amazonaws.com"

# --- applications ---------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "app.web",
    "app.accounts",
    "app.notifications",
    "app.media",
    "app.galleries",
    "app.uploads",
    "app.sharing",
    "app.reports",
    "app.studio",
    "app.api",
    "app.demo",
    "app.seeding",
    "serverless",
    "serverless.db.shards",
    "serverless.tasks",
    "serverless.db.statements",
    "app.web.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    # What no view allows, no cache keeps; docs/how-to/caching.md.
    "serverless.cache.headers.PrivateByDefault",
    "django.middleware.security.SecurityMiddleware",
    # CloudFront compresses nothing that it may not cache, and API Gateway nothing at all: docs/decisions/0006.
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "app.galleries.files.lends_studio_files",
]
ROOT_URLCONF = "app.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

SERVERLESS: dict[str, Any] = {
    "ORIGIN_SECRETS": env.items("ORIGIN_SECRETS", []),
    "SITE_URL": SITE_URL,
    # Signs for the CDN's private paths; production demands them.
    "MEDIA_KEY_PAIR_ID": env.text("MEDIA_KEY_PAIR_ID", ""),
    "MEDIA_PRIVATE_KEY": env.pem("MEDIA_PRIVATE_KEY", ""),
    # One invocation in so many is watched for what would pin its connection to RDS Proxy; docs/how-to/pinning.md.
    "PINNING": {"SAMPLE": env.number("PINNING_SAMPLE", 0)},
    # Who may ask /healthz/deep; docs/how-to/monitor.md. None: there is no such page.
    "HEALTH": {"SECRETS": env.items("HEALTH_SECRETS", [])},
    # What `zappa manage STAGE …` runs: the layer's own list, less what Loupe has no use for, with what it adds.
    "MANAGE": {
        "COMMANDS": [
            "check",
            "clearsessions",
            "createsuperuser",
            "db",
            "health",
            "migrate",
            "promote",
            "shards",
            "showmigrations",
            "smoke",
            "tasks",
        ]
    },
}

# --- data -----------------------------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_DATABASE = env.database("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {
    "default": _DATABASE
    | {
        # Django's own, and passwords out of the function's role with ?iam=true; docs/how-to/database.md.
        "ENGINE": "serverless.db.postgresql",
        # One connection an execution environment, kept between invocations (69 us a request against 6-10 ms for a new
        # one), and looked at where a freeze may have outlived it.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # RDS Proxy pins a connection for cursors that outlive a statement and for statements over 16 KB.
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": _DATABASE.get("OPTIONS", {})
        # Where the secret holds the URL, a password that was changed is read again from there.
        | {"server_side_binding": True, "connect_timeout": 3, "password_variable": "DATABASE_URL"},
    }
}
DATABASE_ROUTERS: list[str] = []
# More databases that studios may lie in, besides this one; docs/how-to/shards.md. None: nothing in the path.
_shards = env.databases("DATABASE_SHARD_URLS")
# One variable serves all functions, and the migrator is another user than those who may make no tables.
_user = {name: DATABASES["default"].get(name, "") for name in ("USER", "PASSWORD")}
for _alias, _shard in _shards.items():
    _options = _shard["OPTIONS"] | {"server_side_binding": True, "connect_timeout": 3}
    DATABASES[_alias] = DATABASES["default"] | _shard | {"OPTIONS": _options} | ({} if _shard["USER"] else _user)
# Copies, of this one or of a shard, that client pages and the API's lists may be read from; docs/how-to/replicas.md.
_replicas: dict[str, list[str]] = {}
for _number, (_alias, _replica) in enumerate(env.replicas("DATABASE_REPLICA_URLS"), start=1):
    _replicas.setdefault(_alias, []).append(f"replica-{_number}")
    DATABASES[f"replica-{_number}"] = (
        DATABASES["default"]
        | _replica
        | {
            "OPTIONS": _replica["OPTIONS"] | {"server_side_binding": True, "connect_timeout": 2},
            # Tests make no second database for it.
            "TEST": {"MIRROR": _alias},
        }
    )
if _replicas:
    # Before the one of shards, whose answer is the primary that a replica is looked for of.
    DATABASE_ROUTERS.append("serverless.db.replicas.Router")
    MIDDLEWARE.insert(2, "serverless.db.replicas.middleware.ReadYourWrites")
    SERVERLESS["REPLICAS"] = {
        "OF": _replicas,
        # Never what lets people in: users, sessions, memberships, share links, tokens, locks.
        "MODELS": ["galleries.Gallery", "galleries.Section", "galleries.Photo"],
    }
if _shards:
    DATABASE_ROUTERS.append("serverless.db.shards.router.Router")
    MIDDLEWARE.insert(1, "serverless.db.shards.middleware.ShardMiddleware")
    SERVERLESS["SHARDS"] = {
        "ALIASES": ["default", *_shards],
        "KEY": "accounts.Studio",
        "DIRECTORY": "app.sharing.addresses.Studios",
        # All that carries a studio, but what lets people in: memberships, invitations, API tokens, links' addresses.
        "MODELS": ["galleries", "uploads", "reports", "sharing.ShareLink", "sharing.AccessEvent"],
        "LOCAL": ["tasks", "notifications.OutboxEmail"],
    }
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        # django-redis; docs/how-to/cache.md.
        "BACKEND": "serverless.cache.backend.ValkeyCache",
        "LOCATION": env.url("CACHE_URL", schemes=("redis", "rediss", "valkey", "valkeys")),
        "KEY_PREFIX": "loupe",
        "TIMEOUT": 300,
        "OPTIONS": {},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

TASK_QUEUES = env.mapping("TASK_QUEUES")
# What the minute tick enqueues; docs/reference/tasks.md#schedules.
SCHEDULES = {
    "clear-sessions": {"task": "app.accounts.tasks.clear_sessions", "cron": "20 3 * * *"},
}
TASKS = {
    "default": {
        "BACKEND": "serverless.tasks.backend.SQSBackend",
        "QUEUES": list(TASK_QUEUES),
        "OPTIONS": {
            "QUEUE_URLS": TASK_QUEUES,
            "SCHEDULES": SCHEDULES,
            "FUNCTION_TIMEOUT": env.number("WORKER_TIMEOUT", 0) or None,
        },
    }
}

# --- files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
# Staging for collectstatic; its manifest goes into the package.
STATIC_ROOT = env.text("STATIC_ROOT", str(BASE_DIR / "build" / "static"))
MEDIA_URL = "/media/"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "serverless.storage.media.MediaStorage",
        "OPTIONS": {
            "bucket_name": MEDIA_BUCKET,
            "region_name": AWS_REGION,
            "endpoint_url": AWS_ENDPOINT_URL or None,
        },
    },
    "staticfiles": {
        "BACKEND": "serverless.storage.static.StaticStorage",
        "OPTIONS": {
            "bucket_name": STATIC_BUCKET,
            "region_name": AWS_REGION,
            "endpoint_url": AWS_ENDPOINT_URL or None,
        },
    },
}
# Photographs go straight to S3. What still comes through a form stays in memory: Lambda's own limit of 6 MB a request
# (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html) bounds it, and the disk is never touched.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024**2

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/studio/"
LOGOUT_REDIRECT_URL = "/"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- mail -----------------------------------------------------------------------------------------------------------
# Which mailer sends it is each environment's own; docs/how-to/mail.md.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", f"Loupe <no-reply@{urlsplit(SITE_URL).hostname}>")
# Seconds for which a mailed link opens: a day, for confirming an address as for choosing a new password.
PASSWORD_RESET_TIMEOUT = 86_400

# --- security -------------------------------------------------------------------------------------------------------
_HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS and env.choice("HSTS_SUBDOMAINS", ["yes", "no"], "no") == "yes"
# security.W005, W021: promises for every host below the domain, and for browsers that have never been here. They take
# a year and more to take back; the owner makes them.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "connect-src": [CSP.SELF, UPLOAD_ORIGIN],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}

# --- logs -----------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "serverless.log.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], "INFO"),
    },
    # Django's defaults add mail and console handlers of their own; everything goes to the root instead.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Below INFO it writes every request's headers, the session token among them.
        "botocore": {"level": "INFO"},
        # Metrics are lines of the log; LOG_LEVEL must not turn them off.
        "serverless.metrics": {"level": "INFO"},
    },
}
