from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from app.accounts.models import Membership, Studio, User

pytestmark = pytest.mark.django_db


def run() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def test_prints_how_to_sign_in_and_it_works(client: Client, settings: Settings) -> None:
    settings.SITE_URL = "http://localhost:8000"
    lines = dict(line.split(":", 1) for line in run().splitlines())
    assert lines["Loupe"].strip() == "http://localhost:8000"
    form = {"username": lines["E-mail"].strip(), "password": lines["Password"].strip()}
    assert client.post("/sign-in/", form)["Location"] == "/studio/"
    assert client.get("/admin/").status_code == 200


def test_twice_is_as_good_as_once_and_repairs_the_password() -> None:
    run()
    user = User.objects.get()
    user.set_password("changed")
    user.save()
    run()
    assert User.objects.get().check_password("loupe-demo")
    assert (Studio.objects.count(), Membership.objects.count()) == (1, 1)


def test_refuses_where_demo_is_off(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO = True"):
        run()
    assert not User.objects.exists()
