from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from app.accounts.models import User
from serverless import manage

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("promote", *words, stdout=out)
    return out.getvalue()


def test_who_has_an_account_opens_the_admin_until_it_is_revoked(client: Client) -> None:
    user = User.objects.create_user("ada@example.test", "a-long-secret-9")
    client.force_login(user)
    assert client.get("/admin/").status_code == 302
    assert run("Ada@Example.test") == "ada@example.test may open /admin/.\n"
    assert client.get("/admin/").status_code == 200
    assert run("ada@example.test", "--revoke") == "ada@example.test may not open the admin any more.\n"
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("fields", [{"is_verified": False}, {"is_active": False}])
def test_who_has_proven_nothing_gets_nothing(fields: dict[str, bool]) -> None:
    User.objects.create_user("eve@example.test", "a-long-secret-9", **fields)
    with pytest.raises(CommandError, match="not confirmed the address"):
        run("eve@example.test")
    assert not User.objects.get().is_staff
    run("eve@example.test", "--revoke")  # taking away is always possible


def test_nobody_is_named() -> None:
    with pytest.raises(CommandError, match=r"address x@example\.test: sign up"):
        run("x@example.test")


@pytest.mark.django_db(transaction=True)
def test_it_runs_in_a_function() -> None:
    User.objects.create_user("ada@example.test", "a-long-secret-9")
    assert manage.run(["promote", "ada@example.test"])["output"] == "ada@example.test may open /admin/.\n"
