import pytest
from django.test import Client

from app.accounts.models import User

PAGES = ["", "accounts/user/", "accounts/user/add/", "accounts/studio/", "accounts/studio/add/", "accounts/membership/",
         "accounts/invitation/"]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_page_opens_for_staff_only(client: Client, page: str) -> None:
    assert client.get(f"/admin/{page}").status_code == 302
    client.force_login(User.objects.create_superuser("root@example.test"))
    assert client.get(f"/admin/{page}").status_code == 200


@pytest.mark.django_db
def test_staff_can_add_and_change_a_user(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    password = "long-enough-7319"
    form = {"email": "Ada@Example.test", "usable_password": "true", "password1": password, "password2": password}
    response = client.post("/admin/accounts/user/add/", form)
    user = User.objects.get(email="ada@example.test")
    assert response["Location"] == f"/admin/accounts/user/{user.pk}/change/"
    assert client.get(response["Location"]).status_code == 200
