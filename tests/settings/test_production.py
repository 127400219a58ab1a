"""The production settings in a process of their own: a settings module is read once."""

import json
import logging
import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
COMPLETE = {
    "SECRET_KEY": "k" * 60 + "0123456789",
    "SITE_URL": "https://loupe.example",
    "ALLOWED_HOSTS": "loupe.example",
    "ORIGIN_SECRETS": "current,next",
    "DATABASE_URL": "postgresql://web:pw@db.example/loupe",
    "CACHE_URL": "rediss://cache.example:6379/0",
    "AWS_REGION": "eu-central-1",
    "MEDIA_BUCKET": "loupe-media",
    "STATIC_BUCKET": "loupe-static",
    "TASK_QUEUES": "default=https://sqs.eu-central-1.amazonaws.com/123456789012/loupe",
    "MEDIA_KEY_PAIR_ID": "K2JCJMDEHXQW5F",
    "MEDIA_PRIVATE_KEY": _PEM.decode().replace("\n", "\\n"),
    "EMAIL_URL": "smtp://key:p%2Fw@email-smtp.eu-central-1.amazonaws.com:587",
}


def run(code: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "settings.production"} | environ
    return subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)


def test_an_empty_environment_fails_once_and_names_everything() -> None:
    done = run("import django; django.setup()", {})
    assert done.returncode != 0
    last = done.stderr[done.stderr.rindex("ImproperlyConfigured") :]
    assert [line.split()[0] for line in last.splitlines()[1:]] == [
        "SECRET_KEY", "SITE_URL", "ALLOWED_HOSTS", "AWS_REGION", "MEDIA_BUCKET", "STATIC_BUCKET",
        "DATABASE_URL", "CACHE_URL", "TASK_QUEUES", "ORIGIN_SECRETS", "MEDIA_KEY_PAIR_ID",
        "MEDIA_PRIVATE_KEY", "EMAIL_URL",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORIGIN_SECRETS", ","),
        ("SITE_URL", "http://loupe.example"),
        ("LOG_LEVEL", "loud"),
        ("TASK_QUEUES", " "),
        ("MEDIA_KEY_PAIR_ID", ""),
        ("MEDIA_PRIVATE_KEY", "hunter2"),
    ],
)
def test_what_would_weaken_or_break_the_release_stops_it(name: str, value: str) -> None:
    done = run("import django; django.setup()", COMPLETE | {name: value})
    assert done.returncode != 0
    last = done.stderr[done.stderr.rindex("ImproperlyConfigured") :]
    assert [line.split()[0] for line in last.splitlines()[1:]] == [name]


def test_the_database_url_brings_its_own_options_and_keeps_ours() -> None:
    code = "import json; from django.conf import settings as s; print(json.dumps(s.DATABASES['default']['OPTIONS']))"
    done = run(code, COMPLETE | {"DATABASE_URL": COMPLETE["DATABASE_URL"] + "?sslmode=verify-full"})
    assert json.loads(done.stdout) == {
        "sslmode": "verify-full",
        "server_side_binding": True,
        "connect_timeout": 3,
        "password_variable": "DATABASE_URL",
    }


def test_no_log_level_lets_botocore_write_down_credentials() -> None:
    code = "import django, logging; django.setup(); print(logging.getLogger('botocore.auth').getEffectiveLevel())"
    done = run(code, COMPLETE | {"LOG_LEVEL": "debug"})
    assert int(done.stdout) == logging.INFO


def test_deployment_checks_are_clean() -> None:
    code = "from django.core.management import execute_from_command_line as run; run(['', 'check', '--deploy', '--fail-level', 'WARNING'])"  # noqa: E501
    done = run(code, COMPLETE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_mail_goes_to_the_server_of_the_environment() -> None:
    code = (
        "import json, django; django.setup(); from django.conf import settings as s; from django.core.mail import "
        "mailers; m = mailers['default']; print(json.dumps([m.host, m.port, m.password, m.use_tls, m.timeout, "
        "s.DEFAULT_FROM_EMAIL]))"
    )
    done = run(code, COMPLETE)
    assert json.loads(done.stdout) == [
        "email-smtp.eu-central-1.amazonaws.com", 587, "p/w", True, 10, "Loupe <no-reply@loupe.example>",
    ]  # fmt: skip


def test_a_key_that_signs_nothing_fails_the_deployment_checks_unprinted() -> None:
    code = "from django.core.management import execute_from_command_line as run; run(['', 'check', '--deploy'])"
    broken = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----"
    done = run(code, COMPLETE | {"MEDIA_PRIVATE_KEY": broken})
    assert done.returncode == 1
    assert "serverless.E011" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.parametrize(("given", "wide"), [({}, False), ({"HSTS_SUBDOMAINS": "yes"}, True)])
def test_nothing_is_promised_for_hosts_below_the_domain_unasked(*, given: dict[str, str], wide: bool) -> None:
    code = "from django.conf import settings as s; print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS)"
    assert run(code, COMPLETE | given).stdout.strip() == str(wide)


def test_https_turns_every_protection_on() -> None:
    code = (
        "import json; from django.conf import settings as s; print(json.dumps([s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS >= 31536000, s.DEBUG, s.DEMO, "
        "s.SECURE_CSP['connect-src']]))"
    )
    done = run(code, COMPLETE)
    assert json.loads(done.stdout) == [
        True, True, True, True, False, False, ["'self'", "https://loupe-media.s3.eu-central-1.amazonaws.com"],
    ]  # fmt: skip


_SHOWN = (
    "import django, json; django.setup(); from django.conf import settings as s;"
    "from django.core.checks import run_checks;"
    "print(json.dumps([s.DATABASES, s.DATABASE_ROUTERS, s.MIDDLEWARE, s.SERVERLESS,"
    "[m.id for m in run_checks() if (m.id or '').startswith('serverless.')]]))"
)


def test_replicas_are_named_by_the_environment() -> None:
    urls = "postgresql://web@one.example/loupe?iam=true,postgresql://web@two.example/loupe?iam=true"
    done = run(_SHOWN, COMPLETE | {"DATABASE_REPLICA_URLS": urls})
    databases, routers, middleware, serverless, messages = json.loads(done.stdout)
    assert serverless["REPLICAS"]["OF"] == {"default": ["replica-1", "replica-2"]}
    assert [databases[alias]["HOST"] for alias in ("replica-1", "replica-2")] == ["one.example", "two.example"]
    assert databases["replica-1"]["OPTIONS"] == {"iam": True, "server_side_binding": True, "connect_timeout": 2}
    assert databases["replica-1"]["TEST"]["MIRROR"] == "default"
    assert databases["replica-1"]["ENGINE"] == "serverless.db.postgresql"
    assert routers == ["serverless.db.replicas.Router"]
    assert middleware.index("serverless.db.replicas.middleware.ReadYourWrites") < min(
        middleware.index(f"django.{name}")
        for name in ("contrib.sessions.middleware.SessionMiddleware", "middleware.csrf.CsrfViewMiddleware")
    )
    assert messages == []


def test_shards_are_named_by_the_environment() -> None:
    urls = "one=postgresql://one.example/loupe?iam=true,two=postgresql://own:x@two.example:6543/loupe"
    done = run(_SHOWN, COMPLETE | {"DATABASE_SHARD_URLS": urls})
    databases, routers, middleware, serverless, messages = json.loads(done.stdout)
    assert list(databases) == ["default", "one", "two"]
    assert serverless["SHARDS"]["ALIASES"] == ["default", "one", "two"]
    assert databases["one"]["OPTIONS"] == {"iam": True, "server_side_binding": True, "connect_timeout": 3}
    assert (databases["two"]["HOST"], databases["two"]["PORT"]) == ("two.example", "6543")
    # Each function's own user, unless the URL names one.
    assert databases["one"]["USER"] == databases["default"]["USER"] != "own"
    assert (databases["two"]["USER"], databases["two"]["PASSWORD"]) == ("own", "x")
    for key in ("ENGINE", "CONN_MAX_AGE", "CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS"):
        assert databases["two"][key] == databases["default"][key]
    assert routers == ["serverless.db.shards.router.Router"]
    assert "serverless.db.shards.middleware.ShardMiddleware" in middleware
    assert messages == []


def test_a_shard_has_replicas_of_its_own() -> None:
    environ = COMPLETE | {
        "DATABASE_SHARD_URLS": "one=postgresql://web@one.example/loupe?iam=true",
        "DATABASE_REPLICA_URLS": "postgresql://web@copy.example/loupe,one=postgresql://web@copy-of-one.example/loupe",
    }
    databases, routers, middleware, serverless, messages = json.loads(run(_SHOWN, environ).stdout)
    assert serverless["REPLICAS"]["OF"] == {"default": ["replica-1"], "one": ["replica-2"]}
    assert databases["replica-2"]["HOST"] == "copy-of-one.example"
    assert databases["replica-2"]["TEST"]["MIRROR"] == "one"
    assert routers == ["serverless.db.replicas.Router", "serverless.db.shards.router.Router"]
    assert messages == []
    # The order that each is documented to need.
    assert middleware[:4] == [
        "serverless.cache.headers.PrivateByDefault",
        "serverless.db.shards.middleware.ShardMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "serverless.db.replicas.middleware.ReadYourWrites",
    ]


def test_a_replica_of_no_database_is_found() -> None:
    urls = "two=postgresql://web@copy.example/loupe"
    assert json.loads(run(_SHOWN, COMPLETE | {"DATABASE_REPLICA_URLS": urls}).stdout)[-1] == ["serverless.E020"]


def test_without_them_nothing_is_in_the_path() -> None:
    databases, routers, middleware, serverless, messages = json.loads(run(_SHOWN, COMPLETE).stdout)
    assert list(databases) == ["default"]
    assert (routers, messages) == ([], [])
    assert not serverless.keys() & {"SHARDS", "REPLICAS"}
    assert not any(name in path for path in middleware for name in ("shards", "replicas"))
