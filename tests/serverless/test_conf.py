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


def test_shards_are_off_unless_named(settings: Settings) -> None:
    settings.SERVERLESS = {}
    assert conf().shards.aliases == ()
    settings.SERVERLESS = {"SHARDS": {"ALIASES": ["a"], "KEY": "x.Y", "MODELS": ["Shop.Order"], "SECONDS": 0}}
    assert (conf().shards.aliases, conf().shards.models, conf().shards.local) == (("a",), {"shop.order"}, {"tasks"})


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
        ({"SECONDS": True}, r'\["SECONDS"\] is a number of seconds'),
    ],
)
def test_shards_of_the_wrong_type_are_refused(settings: Settings, value: object, words: str) -> None:
    settings.SERVERLESS = {"SHARDS": value}
    with pytest.raises(ImproperlyConfigured, match=words):
        conf()
