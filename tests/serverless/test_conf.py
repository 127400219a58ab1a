import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from serverless.conf import conf


def test_nothing_is_required(settings: Settings) -> None:
    settings.SERVERLESS = {}
    assert conf().origin_secrets == ()
    assert conf().http.interface == "wsgi"


def test_unknown_keys_are_named_with_the_known_ones(settings: Settings) -> None:
    settings.SERVERLESS = {"ORIGIN_SECRET": "x"}
    with pytest.raises(ImproperlyConfigured, match=r"unknown keys: ORIGIN_SECRET\. Known keys: .*ORIGIN_SECRETS"):
        conf()


@pytest.mark.parametrize("value", ["one-string", [""], [None], None, 5])
def test_secrets_of_the_wrong_type_are_refused(settings: Settings, value: object) -> None:
    settings.SERVERLESS = {"ORIGIN_SECRETS": value}
    with pytest.raises(ImproperlyConfigured, match="list of non-empty strings"):
        conf()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"INTERFACE": "asgi3"}, '"wsgi" or "asgi"'),
        ({"INTERFACE": None}, '"wsgi" or "asgi"'),
        ({"INTERFACES": "asgi"}, r"unknown keys: INTERFACES\. Known keys: INTERFACE"),
        ("asgi", r'SERVERLESS\["HTTP"\] is a dictionary'),
    ],
)
def test_an_interface_that_is_none_is_refused(settings: Settings, value: object, words: str) -> None:
    settings.SERVERLESS = {"HTTP": value}
    with pytest.raises(ImproperlyConfigured, match=words):
        conf()


def test_commands_can_be_chosen_and_none_of_the_defaults_prints_the_database(settings: Settings) -> None:
    settings.SERVERLESS = {"MANAGE": {"COMMANDS": ["migrate", "reindex"]}}
    assert conf().manage.commands == ("migrate", "reindex")
    settings.SERVERLESS = {"MANAGE": {}}
    assert "migrate" in conf().manage.commands
    assert not {"shell", "dbshell", "flush", "dumpdata", "loaddata", "changepassword"} & set(conf().manage.commands)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("migrate", r'SERVERLESS\["MANAGE"\] is a dictionary'),
        ({"COMMAND": ["migrate"]}, r"unknown keys: COMMAND\. Known keys: COMMANDS"),
        ({"COMMANDS": "migrate"}, "a list of names of management commands"),
        ({"COMMANDS": [""]}, "a list of names"),
        ({"COMMANDS": None}, "a list of names"),
    ],
)
def test_commands_of_the_wrong_type_are_refused(settings: Settings, value: object, words: str) -> None:
    settings.SERVERLESS = {"MANAGE": value}
    with pytest.raises(ImproperlyConfigured, match=words):
        conf()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"HEALTH": ["s" * 32]}, r'SERVERLESS\["HEALTH"\] is a dictionary'),
        ({"HEALTH": {"SECRET": "s" * 32}}, r"unknown keys: SECRET\. Known keys: SECRETS"),
        ({"HEALTH": {"SECRETS": "s" * 32}}, "is a list of strings of 32 characters or more"),
        ({"HEALTH": {"SECRETS": ["s" * 31]}}, "is a list of strings of 32 characters or more"),
        ({"HEALTH": {"SECRETS": [b"s" * 32]}}, "is a list of strings of 32 characters or more"),
        ({"METRICS": {"SHARES": 1}}, r"unknown keys: SHARES\. Known keys: SHARE"),
        ({"METRICS": {"SHARE": 1.1}}, "is a number from 0 to 1"),
        ({"METRICS": {"SHARE": -0.1}}, "is a number from 0 to 1"),
        ({"METRICS": {"SHARE": float("nan")}}, "is a number from 0 to 1"),
        ({"METRICS": {"SHARE": True}}, "is a number from 0 to 1"),
        ({"METRICS": {"SHARE": "all"}}, "is a number from 0 to 1"),
    ],
)
def test_what_is_watched_and_by_whom_is_checked(settings: Settings, value: dict[str, object], words: str) -> None:
    settings.SERVERLESS = value
    with pytest.raises(ImproperlyConfigured, match=words) as refused:
        conf()
    assert "sss" not in str(refused.value)


def test_without_a_word_everything_is_measured_and_nobody_may_ask(settings: Settings) -> None:
    settings.SERVERLESS = {}
    assert (conf().metrics.share, conf().health.secrets) == (1.0, ())
    settings.SERVERLESS = {"METRICS": {"SHARE": 0}, "HEALTH": {"SECRETS": ["s" * 32]}}
    assert (conf().metrics.share, conf().health.secrets) == (0, ("s" * 32,))
    assert "sss" not in repr(conf())


def test_asgi_can_be_chosen(settings: Settings) -> None:
    settings.SERVERLESS = {"HTTP": {"INTERFACE": "asgi"}}
    assert conf().http.interface == "asgi"


@pytest.mark.parametrize("key", ["SITE_URL", "MEDIA_KEY_PAIR_ID", "MEDIA_PRIVATE_KEY"])
def test_texts_of_the_wrong_type_are_refused(settings: Settings, key: str) -> None:
    settings.SERVERLESS = {key: 5}
    with pytest.raises(ImproperlyConfigured, match=rf'SERVERLESS\["{key}"\] is a string'):
        conf()


def test_the_private_key_is_not_printed(settings: Settings) -> None:
    settings.SERVERLESS = {"MEDIA_PRIVATE_KEY": "hunter2"}
    assert "hunter2" not in repr(conf())


def test_replicas_are_off_unless_they_are_named(settings: Settings) -> None:
    settings.SERVERLESS = {}
    assert conf().replicas.of == {}
    settings.SERVERLESS = {"REPLICAS": {"OF": {"default": ["a", "b"]}, "MODELS": ["Blog.Post"]}}
    assert conf().replicas.of == {"default": ("a", "b")}
    assert conf().replicas.models == frozenset({"blog.post"})


def test_shards_are_off_unless_named(settings: Settings) -> None:
    settings.SERVERLESS = {}
    assert conf().shards.aliases == ()
    settings.SERVERLESS = {"SHARDS": {"ALIASES": ["a"], "KEY": "x.Y", "MODELS": ["Shop.Order"], "SECONDS": 0}}
    found = conf().shards
    assert found.aliases == ("a",)
    assert (found.models, found.local) == (frozenset({"shop.order"}), frozenset({"tasks"}))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"ALIASES": {}}, r"unknown keys: ALIASES\. Known keys: MAX_LAG, MODELS, OF"),
        ({"OF": ["replica"]}, r"\{alias of a primary: \[aliases of its replicas\]\}"),
        ({"OF": {"default": "replica"}}, "aliases of its replicas"),
        ({"OF": {"default": []}}, "aliases of its replicas"),
        ({"MODELS": "blog.Post"}, "a list of models"),
        ({"SECONDS": 0}, r'\["SECONDS"\] is a whole number of seconds above 0'),
        ({"SECONDS": 10.5}, "a whole number"),
        ({"SECONDS": True}, "a whole number"),
        ({"MAX_LAG": "3"}, r'\["MAX_LAG"\] is a number of seconds'),
        ({"REST_SECONDS": -1}, r'\["REST_SECONDS"\] is a number'),
        ({"MAX_LAG": float("nan")}, r'\["MAX_LAG"\] is a number of seconds'),
        ({"REST_SECONDS": float("inf")}, r'\["REST_SECONDS"\] is a number of seconds'),
        ({"SECONDS": 8}, r"more than MAX_LAG \+ SAMPLE_SECONDS \(3.0 \+ 5.0\)"),
    ],
)
def test_replicas_that_make_no_sense_are_refused(settings: Settings, value: object, words: str) -> None:
    settings.SERVERLESS = {"REPLICAS": value}
    with pytest.raises(ImproperlyConfigured, match=words):
        conf()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"SAMPLE": -1}, "whole number"),
        ({"SAMPLE": "100"}, "whole number"),
        ({"SAMPLE": True}, "whole number"),
        ({"SAMPLES": 100}, r"unknown keys: SAMPLES\. Known keys: SAMPLE"),
        (100, r'SERVERLESS\["PINNING"\] is a dictionary'),
    ],
)
def test_a_sample_that_is_none_is_refused(settings: Settings, value: object, words: str) -> None:
    settings.SERVERLESS = {"PINNING": value}
    with pytest.raises(ImproperlyConfigured, match=words):
        conf()


def test_nothing_is_watched_unless_asked(settings: Settings) -> None:
    settings.SERVERLESS = {}
    assert conf().pinning.sample == 0
    settings.SERVERLESS = {"PINNING": {"SAMPLE": 100}}
    assert conf().pinning.sample == 100


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["a"], r'SERVERLESS\["SHARDS"\] is a dictionary'),
        ({"ALIAS": ["a"]}, r"unknown keys: ALIAS\. Known keys: ALIASES"),
        ({"ALIASES": "default"}, r'\["ALIASES"\] is a list of names'),
        ({"MODELS": [""]}, r'\["MODELS"\] is a list of names'),
        ({"LOCAL": None}, r'\["LOCAL"\] is a list of names'),
        ({"ALIASES": ["a"]}, r'\["KEY"\] names the model'),
        ({"KEY": "studio"}, r'\["KEY"\] is a dotted name'),
        ({"DIRECTORY": None}, r'\["DIRECTORY"\] is a dotted name'),
        ({"SECONDS": -1}, r'\["SECONDS"\] is a number of seconds'),
        ({"SECONDS": float("nan")}, r'\["SECONDS"\] is a number of seconds'),
        ({"SECONDS": float("inf")}, r'\["SECONDS"\] is a number of seconds'),
        ({"SECONDS": True}, r'\["SECONDS"\] is a number of seconds'),
    ],
)
def test_shards_of_the_wrong_type_are_refused(settings: Settings, value: object, words: str) -> None:
    settings.SERVERLESS = {"SHARDS": value}
    with pytest.raises(ImproperlyConfigured, match=words):
        conf()
