import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import psycopg
import pytest

from serverless.db import administrator
from serverless.db.certificates import ROOTS
from serverless.db.exceptions import UnknownAuthority
from tests.serverless.db.tls import HOST, make_authority, proxy

DATABASE = {"HOST": HOST, "PORT": "5432", "NAME": "loupe", "OPTIONS": {"iam": True, "connect_timeout": 3}}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    client: Any = boto3.client("secretsmanager")
    text = json.dumps({"username": "postgres", "password": "hunter2"})
    arn = client.create_secret(Name=f"rds!db-{uuid.uuid4()}", SecretString=text)["ARN"]
    monkeypatch.setenv(administrator.SECRET, arn)


def test_it_is_as_careful_as_the_functions_are() -> None:
    assert administrator.parameters(DATABASE) == {
        "host": HOST, "port": "5432", "dbname": "loupe", "user": "postgres", "password": "hunter2",
        "sslmode": "verify-full", "sslrootcert": str(ROOTS / "eu-central-1.pem"), "connect_timeout": 10,
    }  # fmt: skip


def test_the_password_goes_to_the_proven_server_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = make_authority(tmp_path / "other", name="Another root")
    with proxy(tmp_path) as stands:
        for root, words in ((other, "certificate verify failed"), (stands.root, "connection failed")):
            options = DATABASE["OPTIONS"] | {"sslrootcert": str(root)}  # type: ignore[operator]
            parameters = administrator.parameters(DATABASE | {"OPTIONS": options, "PORT": stands.port})
            with pytest.raises(psycopg.OperationalError, match=words):
                psycopg.connect(**parameters, hostaddr="127.0.0.1")
        assert stands.heard == ["hunter2"]


def test_a_server_without_iam_is_met_as_settings_say() -> None:
    parameters = administrator.parameters(DATABASE | {"OPTIONS": {"sslmode": "require", "application_name": "x"}})
    assert (parameters["sslmode"], "sslrootcert" in parameters, "application_name" in parameters) == (
        "require", False, False,
    )  # fmt: skip


RDS = "shop.c9a.eu-central-1.rds.amazonaws.com"
VERIFIED = {"sslmode": "verify-full", "sslrootcert": str(ROOTS / "eu-central-1.pem")}


@pytest.mark.parametrize(
    ("host", "said", "met"),
    [
        (RDS, {}, VERIFIED),
        (RDS, {"sslrootcert": "/var/task/own.pem"}, VERIFIED | {"sslrootcert": "/var/task/own.pem"}),
        (RDS, {"sslmode": "require"}, {"sslmode": "require"}),
        ("db.example", {}, {}),
    ],
)
def test_the_password_goes_to_no_server_of_rds_that_has_not_proven_its_name(
    host: str, said: dict[str, str], met: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tls(parameters: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in parameters.items() if key.startswith("ssl")}

    assert tls(administrator.parameters(DATABASE | {"HOST": host, "OPTIONS": said})) == met
    monkeypatch.setenv(administrator.URL, f"postgresql://postgres:x@{host}/app?{urlencode(said)}")
    assert tls(administrator.parameters(DATABASE)) == met


def test_a_server_that_nobody_vouches_for() -> None:
    with pytest.raises(UnknownAuthority, match="No root certificate"):
        administrator.parameters(DATABASE | {"HOST": "db.example"})
