import pytest
from django.core.exceptions import ImproperlyConfigured

from settings.env import Env


def test_reads_each_type() -> None:
    env = Env({
        "TEXT": "abc",
        "LEVEL": "debug",
        "LIST": "a, b,,c",
        "MAP": "default=http://q/1,mail=http://q/2?x=y",
        "URL": "https://loupe.test/",
        "DB": "postgresql://us%40er:p%2Fw@db.test:6543/loupe?sslmode=verify-full",
    })  # fmt: skip
    assert env.text("TEXT") == "abc"
    assert env.choice("LEVEL", ["DEBUG", "INFO"], "INFO") == "DEBUG"
    assert env.items("LIST") == ["a", "b", "c"]
    assert env.mapping("MAP") == {"default": "http://q/1", "mail": "http://q/2?x=y"}
    assert env.url("URL") == "https://loupe.test"
    assert env.database("DB") == {
        "NAME": "loupe", "USER": "us@er", "PASSWORD": "p/w", "HOST": "db.test", "PORT": "6543",
        "OPTIONS": {"sslmode": "verify-full"},
    }  # fmt: skip
    env.done()


def test_defaults_stand_in_for_absent_and_empty_values() -> None:
    env = Env({"EMPTY": "", "DB": "postgresql://db.test/loupe"})
    assert env.text("EMPTY", "x") == "x"
    assert env.items("ABSENT", []) == []
    assert env.choice("ABSENT", ["a", "b"], "a") == "a"
    assert env.database("DB")["OPTIONS"] == {}
    env.done()


@pytest.mark.parametrize("value", ["", " ", ",", " , "])
def test_a_demanded_list_or_mapping_that_names_nothing_is_a_problem(value: str) -> None:
    env = Env({"LIST": value, "MAP": value, "TEXT": " "})
    env.items("LIST")
    env.mapping("MAP")
    env.text("TEXT")
    with pytest.raises(ImproperlyConfigured) as raised:
        env.done()
    assert [line.split()[0] for line in str(raised.value).splitlines()[1:]] == ["LIST", "MAP", "TEXT"]


def test_the_scheme_of_a_url_comes_in_lower_case() -> None:
    assert Env({"URL": "HTTPS://loupe.test/"}).url("URL") == "https://loupe.test"


def test_a_name_that_is_read_twice_is_reported_once() -> None:
    env = Env({"URL": "http://loupe.test"})
    env.url("URL")
    env.url("URL", schemes=("https",))
    env.text("ABSENT")
    env.text("ABSENT")
    with pytest.raises(ImproperlyConfigured) as raised:
        env.done()
    assert str(raised.value).splitlines()[1:] == [
        "  URL is not a URL that begins with https://", "  ABSENT is not set",
    ]  # fmt: skip


def test_one_failure_lists_every_name_and_repeats_no_value() -> None:
    env = Env(
        {"PORT": "http://h:hunter2", "LEVEL": "hunter2", "DB": "mysql://root:hunter2@h/x", "URL": "ftp://hunter2"}
    )
    env.url("PORT")
    env.choice("LEVEL", ["DEBUG", "INFO"])
    env.database("DB")
    env.url("URL")
    env.mapping("QUEUES")
    with pytest.raises(ImproperlyConfigured) as raised:
        env.done()
    message = str(raised.value)
    assert message.splitlines()[1:] == [
        "  PORT is malformed",
        "  LEVEL is none of DEBUG, INFO",
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


def test_a_database_may_take_tokens_of_iam() -> None:
    env = Env({"DB": "postgresql://web@db.test/loupe?iam=true&connect_timeout=1", "NOT": "postgresql://h/x?iam=false"})
    assert env.database("DB")["OPTIONS"] == {"iam": True, "connect_timeout": "1"}
    assert env.database("NOT")["OPTIONS"] == {"iam": False}
    env.done()


@pytest.mark.parametrize("value", ["postgresql://web@h/x?iam=yes", "postgresql://web:hunter2@h/x?iam=true"])
def test_an_iam_that_is_none_or_has_a_password_is_reported(value: str) -> None:
    env = Env({"DB": value})
    env.database("DB")
    with pytest.raises(ImproperlyConfigured, match="DB is a URL with an iam that is neither") as raised:
        env.done()
    assert "hunter2" not in str(raised.value)


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


def test_ses_is_a_mailer_without_a_password() -> None:
    env = Env({"MAIL": "ses://eu-central-1", "SET": "ses://eu-west-3?configuration_set=loupe-production"})
    backend = "serverless.mail.ses.EmailBackend"
    assert env.mailer("MAIL") == {"BACKEND": backend, "OPTIONS": {"region": "eu-central-1"}}
    assert env.mailer("SET")["OPTIONS"] == {"region": "eu-west-3", "configuration_set": "loupe-production"}
    env.done()


def test_a_query_that_ses_does_not_know_is_reported() -> None:
    env = Env({"MAIL": "ses://eu-central-1?configuration-set=hunter2"})
    env.mailer("MAIL")
    with pytest.raises(ImproperlyConfigured, match="MAIL is a URL of SES with more in its query") as raised:
        env.done()
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "value", ["console:", "http://mail.test", "smtp://", "mail.test:587", "ses://", "ses://u:p@mail.test"]
)
def test_malformed_mailers_are_reported_without_their_value(value: str) -> None:
    env = Env({"MAIL": value})
    env.mailer("MAIL")
    with pytest.raises(ImproperlyConfigured, match="MAIL is not of the form ses://REGION, smtp://") as raised:
        env.done()
    assert "mail.test" not in str(raised.value)


@pytest.mark.parametrize("value", ["postgresql://u:secret@h:99999999/x", "postgresql://u@h/x?secret"])
def test_what_cannot_be_parsed_is_reported_without_its_value(value: str) -> None:
    env = Env({"DB": value})
    env.database("DB")
    with pytest.raises(ImproperlyConfigured) as raised:
        env.done()
    assert "secret" not in str(raised.value)


def test_a_pem_file_may_have_its_line_breaks_written_out() -> None:
    text = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    env = Env({"REAL": text, "WRITTEN": text.replace("\n", "\\n")})
    assert env.pem("REAL") == env.pem("WRITTEN") == text
    assert env.pem("ABSENT", "") == ""
    env.done()


@pytest.mark.parametrize(
    "value", ["hunter2", "-----BEGIN PRIVATE KEY-----\nhunter2", "hunter2\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_pem_file_is_reported_without_its_value(value: str) -> None:
    env = Env({"KEY": value})
    env.pem("KEY")
    with pytest.raises(ImproperlyConfigured, match="KEY is not a PEM file") as raised:
        env.done()
    assert "hunter2" not in str(raised.value)


def test_replicas_are_a_list_that_may_be_empty_each_of_a_database() -> None:
    value = "postgresql://web@a.test/loupe?iam=true, one=postgresql://web:p%2Cw@b.test:5433/loupe?sslmode=require"
    env = Env({"DBS": value, "EMPTY": " "})
    assert [(alias, found["HOST"], found["PORT"], found["PASSWORD"]) for alias, found in env.replicas("DBS")] == [
        ("default", "a.test", "5432", ""),
        ("one", "b.test", "5433", "p,w"),
    ]
    assert env.replicas("EMPTY") == env.replicas("UNSET") == []
    env.done()


@pytest.mark.parametrize(
    "value",
    [
        ",",
        "postgresql://a.test/loupe,",
        "mysql://a.test/loupe",
        "postgresql://a.test",
        "one=",
        "One=postgresql://a.test/loupe",
        "one=two=postgresql://a.test/loupe",
    ],
)
def test_malformed_lists_of_replicas_are_reported(value: str) -> None:
    env = Env({"DBS": value})
    assert env.replicas("DBS") == []
    with pytest.raises(ImproperlyConfigured, match="DBS is not of the form"):
        env.done()


def test_databases_by_alias() -> None:
    env = Env({"SHARDS": "one=postgresql://web@one.test/loupe?iam=true, two=postgresql://u:a%2Cb@two.test:6543/l"})
    found = env.databases("SHARDS")
    assert list(found) == ["one", "two"]
    assert (found["one"]["HOST"], found["one"]["OPTIONS"]) == ("one.test", {"iam": True})
    assert (found["two"]["PORT"], found["two"]["PASSWORD"]) == ("6543", "a,b")
    assert env.databases("ABSENT") == {}
    env.done()


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://one.test/loupe",
        "default=postgresql://one.test/loupe",
        "one=postgresql://one.test/a,one=postgresql://one.test/b",
        "One=postgresql://one.test/loupe",
        "replica-1=postgresql://one.test/loupe",
        "one=",
        "one=mysql://one.test/loupe",
    ],
)
def test_databases_without_a_sound_alias_are_a_problem(value: str) -> None:
    env = Env({"SHARDS": value})
    env.databases("SHARDS")
    with pytest.raises(ImproperlyConfigured, match="SHARDS is not of the form"):
        env.done()
