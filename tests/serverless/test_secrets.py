"""Secrets Manager, real but for being moto's, and settings that are made of what it holds."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from serverless import secrets
from serverless.credentials import MissingCredentials
from serverless.secrets import SecretUnavailable

type Store = Callable[[str], str]
SCRIPT = """
import os, subprocess, sys, types
made = types.ModuleType("made")
code = '''
import os
SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "made_urls"
'''
sys.modules["made_urls"] = types.ModuleType("made_urls")
sys.modules["made_urls"].urlpatterns = []

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "made":
            import importlib.util
            return importlib.util.spec_from_loader(name, self)
    def create_module(self, spec): return None
    def exec_module(self, module): exec(code, vars(module))

sys.meta_path.insert(0, Finder())
os.environ["DJANGO_SETTINGS_MODULE"] = "made"
os.environ["SECRET_KEY"] = "of the environment"
from serverless import boot
boot.start()
from django.conf import settings
child = subprocess.run([sys.executable, "-c", "import os; print(sorted(os.environ))"], capture_output=True, text=True)
left = ["DATABASE_PASSWORD" in names for names in (os.environ, child.stdout)]
print([settings.SECRET_KEY, os.environ["SECRET_KEY"], *left])
"""


@pytest.fixture
def store() -> Iterator[Store]:
    client: Any = boto3.client("secretsmanager")
    made: list[str] = []

    def keep(text: str) -> str:
        made.append(client.create_secret(Name=f"loupe-{uuid.uuid4().hex}", SecretString=text)["ARN"])
        return made[-1]

    yield keep
    for arn in made:
        client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def test_settings_read_them_and_nothing_else_does(store: Store) -> None:
    arn = store(json.dumps({"SECRET_KEY": "of the secret", "DATABASE_PASSWORD": "hush"}))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=os.environ | {"SECRETS": arn}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['of the secret', 'of the environment', False, False]"
    assert "hush" not in done.stderr


def test_the_later_secret_counts_and_names_do_as_well_as_arns(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = store('{"A": "1", "B": "1"}'), store('{"B": "2", "PORT": 5432, "SHARE": 0.5}')
    name = second.rpartition(":")[2].rpartition("-")[0]
    monkeypatch.setenv("SECRETS", f" {first}, {name},")
    assert secrets.fetch() == {"A": "1", "B": "2", "PORT": "5432", "SHARE": "0.5"}


def test_an_arn_of_another_region_is_asked_there(monkeypatch: pytest.MonkeyPatch) -> None:
    client: Any = boto3.client("secretsmanager", region_name="eu-west-3")
    arn = client.create_secret(Name=f"far-{uuid.uuid4().hex}", SecretString='{"FAR": "away"}')["ARN"]
    monkeypatch.setenv("SECRETS", arn)
    assert secrets.fetch() == {"FAR": "away"}


def test_nothing_asked_for_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRETS", raising=False)
    with secrets.in_environment() as values:
        assert values == {}


def test_a_failure_inside_leaves_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS", store('{"LEFT_BEHIND": "1", "LOG_LEVEL": "DEBUG"}'))
    with pytest.raises(KeyError, match="1DEBUG"), secrets.in_environment():
        raise KeyError(os.environ["LEFT_BEHIND"] + os.environ["LOG_LEVEL"])
    assert ("LEFT_BEHIND" in os.environ, os.environ["LOG_LEVEL"]) == (False, "WARNING")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("only-a-password", "is not a JSON object"),
        ('["a"]', "is not a JSON object"),
        ('{"A": {"b": "hush"}}', "a value for 'A' that is neither text nor a number"),
        ('{"A": true}', "a value for 'A'"),
        ('{"A": "x\\u0000y"}', "a value for 'A'"),
        ('{"A": "\\ud800hush"}', "a value for 'A'"),
        ('{"A": null}', "a value for 'A'"),
        ('{"A=B": "x"}', "a key that no variable can have"),
        ('{"": "x"}', "a key that no variable can have"),
    ],
)
def test_a_secret_that_makes_no_variables_is_refused_without_its_text(
    store: Store, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.setenv("SECRETS", store(text))
    with pytest.raises(SecretUnavailable, match=message) as caught:
        secrets.fetch()
    assert "hush" not in str(caught.value)
    assert "only-a-password" not in str(caught.value)


def test_a_binary_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    client: Any = boto3.client("secretsmanager")
    monkeypatch.setenv("SECRETS", client.create_secret(Name=f"b-{uuid.uuid4().hex}", SecretBinary=b"{}")["ARN"])
    with pytest.raises(SecretUnavailable, match="is not a JSON object"):
        secrets.fetch()


def test_one_that_is_not_there_says_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS", "nobody")
    with pytest.raises(
        SecretUnavailable, match=r"nobody could not be read: 40\d ResourceNotFoundException\. Look at the name"
    ):
        secrets.fetch()


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS", "some")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")
    with pytest.raises(SecretUnavailable, match=r"ConnectionRefusedError\. A function in a VPC"):
        secrets.fetch()


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS", "some")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(MissingCredentials, match="AWS_ACCESS_KEY_ID"):
        secrets.fetch()


def test_the_address_is_the_region_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert secrets._endpoint("") == "https://secretsmanager.eu-central-1.amazonaws.com/"
    assert secrets._endpoint("eu-west-3") == "https://secretsmanager.eu-west-3.amazonaws.com/"
