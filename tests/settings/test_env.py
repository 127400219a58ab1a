import pytest
from django.core.exceptions import ImproperlyConfigured

from settings.env import Env


def test_reads_each_type() -> None:
    env = Env({
        "TEXT": "abc",
        "NUMBER": "7",
        "YES": "True",
        "LIST": "a, b,,c",
        "MAP": "default=http://q/1,mail=http://q/2?x=y",
        "URL": "https://loupe.test/",
        "DB": "postgresql://us%40er:p%2Fw@db.test:6543/loupe",
    })  # fmt: skip
    assert env.text("TEXT") == "abc"
    assert env.integer("NUMBER") == 7
    assert env.boolean("YES") is True
    assert env.items("LIST") == ["a", "b", "c"]
    assert env.mapping("MAP") == {"default": "http://q/1", "mail": "http://q/2?x=y"}
    assert env.url("URL") == "https://loupe.test"
    assert env.database("DB") == {
        "NAME": "loupe", "USER": "us@er", "PASSWORD": "p/w", "HOST": "db.test", "PORT": "6543",
    }  # fmt: skip
    env.done()


def test_defaults_stand_in_for_absent_and_empty_values() -> None:
    env = Env({"EMPTY": ""})
    assert env.text("EMPTY", "x") == "x"
    assert env.items("ABSENT", []) == []
    assert env.boolean("ABSENT", False) is False
    env.done()


def test_one_failure_lists_every_name_and_repeats_no_value() -> None:
    env = Env({"NUMBER": "hunter2", "FLAG": "perhaps", "DB": "mysql://root:hunter2@h/x", "URL": "ftp://hunter2"})
    env.integer("NUMBER")
    env.boolean("FLAG")
    env.database("DB")
    env.url("URL")
    env.mapping("QUEUES")
    with pytest.raises(ImproperlyConfigured) as raised:
        env.done()
    message = str(raised.value)
    assert message.splitlines()[1:] == [
        "  NUMBER is malformed",
        "  FLAG is neither true nor false",
        "  DB is not of the form postgresql://user:password@host:port/name",
        "  URL is not a URL that begins with https:// or http://",
        "  QUEUES is not set",
    ]
    assert "hunter2" not in message


@pytest.mark.parametrize("value", ["default", "=http://q", "default=", "a=b,c"])
def test_malformed_mappings_are_reported(value: str) -> None:
    env = Env({"QUEUES": value})
    env.mapping("QUEUES")
    with pytest.raises(ImproperlyConfigured, match="QUEUES is not of the form name=value"):
        env.done()


@pytest.mark.parametrize("value", ["postgresql://host", "postgresql://host/", "postgresql:///name", "host:1/name"])
def test_malformed_database_urls_are_reported(value: str) -> None:
    env = Env({"DB": value})
    env.database("DB")
    with pytest.raises(ImproperlyConfigured, match="DB is not of the form"):
        env.done()


@pytest.mark.parametrize(
    ("value", "port", "ssl"),
    [("smtp://us%40er:p%2Fw@mail.test", 587, False), ("smtp://us%40er:p%2Fw@mail.test:2525", 2525, False),
     ("smtps://us%40er:p%2Fw@mail.test", 465, True)],
)  # fmt: skip
def test_mailers_are_always_encrypted(value: str, port: int, ssl: bool) -> None:
    env = Env({"MAIL": value})
    assert env.mailer("MAIL") == {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": "mail.test", "port": port, "username": "us@er", "password": "p/w",
            "use_ssl": ssl, "use_tls": not ssl, "timeout": 10,
        },
    }  # fmt: skip
    env.done()


@pytest.mark.parametrize("value", ["console:", "http://mail.test", "smtp://", "mail.test:587"])
def test_malformed_mailers_are_reported_without_their_value(value: str) -> None:
    env = Env({"MAIL": value})
    env.mailer("MAIL")
    with pytest.raises(ImproperlyConfigured, match="MAIL is not of the form smtp://") as raised:
        env.done()
    assert "mail.test" not in str(raised.value)


def test_a_port_that_is_no_number_is_reported_without_its_value() -> None:
    env = Env({"DB": "postgresql://u:secret@h:99999999/x"})
    env.database("DB")
    with pytest.raises(ImproperlyConfigured) as raised:
        env.done()
    assert "secret" not in str(raised.value)
