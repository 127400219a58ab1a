import pytest
from django.core.exceptions import ImproperlyConfigured

from serverless.cache.address import Address
from serverless.cache.backend import ValkeyCache


def test_what_the_stack_gives() -> None:
    assert Address.parse("rediss://cache.internal:6379/0") == Address(
        host="cache.internal", port=6379, tls=True, cluster=False
    )


def test_elasticache_serverless() -> None:
    address = Address.parse("valkeys://user:p%40ss@cache.serverless.example/?cluster=true")
    assert (address.tls, address.cluster, address.port) == (True, True, 6379)
    assert (address.username, address.password) == ("user", "p@ss")
    assert "p@ss" not in repr(address)
    assert not Address.parse("redis://h?cluster=false").cluster


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("redis://:secret@h/1", "database number"),
        ("redis://:secret@h/0/1", "database number"),
        ("redis://:secret@h/x", "database number"),
        ("http://:secret@h", "begins with redis://"),
        ("redis://", "names a host"),
        ("", "begins with"),
        (None, "begins with"),
        (["redis://a", "redis://b"], "one URL"),
        ("redis://:secret@h:99999", "port"),
        ("redis://:secret@h:x", "port"),
        ("redis://:secret@h?db=1", "query"),
        ("redis://:secret@h?socket_timeout=60", "query"),
        ("redis://:secret@h?cluster=maybe", "query"),
        ("redis://:secret@h?cluster=true&cluster=false", "query"),
        ("redis://:secret@h?cluster", "query"),
    ],
)
def test_anything_else_is_refused_and_not_repeated(location: object, said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said) as refused:
        ValkeyCache(location, {})  # type: ignore[arg-type]
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"TIMEOUT": None}, "every key has an end"),
        ({"OPTIONS": {"SERIALIZER": "django_redis.serializers.pickle.PickleSerializer"}}, "unknown keys: SERIALIZER"),
        ({"OPTIONS": {"SOCKET_TIMEOUT": 0}}, "above 0"),
        ({"OPTIONS": {"SOCKET_TIMEOUT": None}}, "number of seconds"),
        ({"OPTIONS": {"SOCKET_TIMEOUT": float("nan")}}, "number of seconds"),
        ({"OPTIONS": {"PAUSE": float("inf")}}, "number of seconds"),
        ({"OPTIONS": {"PAUSE": True}}, "number of seconds"),
        ({"OPTIONS": {"LONGEST_TIMEOUT": "1"}}, "number of seconds"),
    ],
)  # fmt: skip
def test_settings_that_would_take_the_bounds_away_are_refused(params: dict[str, object], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        ValkeyCache("redis://127.0.0.1:9", params)
