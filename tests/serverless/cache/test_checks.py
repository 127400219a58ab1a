from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django.fixtures import Settings

from serverless.cache.checks import OURS, check_caches, check_deployed_caches

TLS = "rediss://cache.example:6379/0"
STOCK, CORE = "django_redis.cache.RedisCache", "django.core.cache.backends.redis.RedisCache"
SERIALIZERS = "django_redis.serializers"
LOCAL = "django.core.cache.backends.locmem.LocMemCache"


def ids(settings: Settings, **cache: Any) -> list[str | None]:
    settings.CACHES = {"default": {"BACKEND": OURS, "LOCATION": TLS} | cache}
    return [message.id for message in (*check_caches(), *check_deployed_caches())]


def test_loupes_own_are_safe() -> None:
    assert check_caches() == []
    assert configured.SESSION_ENGINE == "django.contrib.sessions.backends.cached_db"


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        ({}, []),
        ({"BACKEND": STOCK}, ["valkey.E001"]),
        ({"BACKEND": CORE}, ["valkey.E001"]),
        ({"BACKEND": STOCK, "OPTIONS": {"SERIALIZER": f"{SERIALIZERS}.pickle.PickleSerializer"}}, ["valkey.E001"]),
        ({"BACKEND": STOCK, "OPTIONS": {"SERIALIZER": f"{SERIALIZERS}.json.JSONSerializer"}}, ["valkey.W002"]),
        ({"TIMEOUT": None}, ["valkey.E003"]),
        ({"TIMEOUT": 300}, []),
        ({"BACKEND": STOCK, "TIMEOUT": None}, ["valkey.E001", "valkey.E003"]),
        ({"LOCATION": "rediss://h/3"}, ["valkey.E004"]),
        ({"LOCATION": "rediss://h?socket_timeout=60"}, ["valkey.E004"]),
        ({"OPTIONS": {"SOCKET_TIMEOUT": 5}}, ["valkey.W005"]),
        ({"OPTIONS": {"SOCKET_TIMEOUT": None, "SOCKET_CONNECT_TIMEOUT": 3}}, ["valkey.W005", "valkey.W005"]),
        ({"LOCATION": "redis://cache.example:6379"}, ["valkey.W006"]),
        ({"LOCATION": "redis://127.0.0.1:6379"}, []),
        ({"BACKEND": LOCAL}, ["valkey.W007"]),
        ({"BACKEND": "django.core.cache.backends.db.DatabaseCache"}, []),
    ],
)  # fmt: skip
def test_unsafe_caches_are_named(settings: Settings, cache: dict[str, Any], expected: list[str]) -> None:
    assert sorted(map(str, ids(settings, **cache))) == expected


def test_sessions_are_not_in_the_cache_alone(settings: Settings) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    assert ids(settings) == ["valkey.W008"]


def test_no_message_repeats_a_password(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": OURS, "LOCATION": "redis://:hunter2@h/3"}}
    assert "hunter2" not in str([*check_caches(), *check_deployed_caches()])
