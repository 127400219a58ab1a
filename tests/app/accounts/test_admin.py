import pytest
from django.test import Client

from app.accounts.models import Membership, Studio, User

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


def owner_of(*studios: str) -> User:
    user = User.objects.create_user(f"{'-'.join(studios)}@example.test")
    for slug in studios:
        studio, _ = Studio.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
        Membership.objects.create(user=user, studio=studio)
    return user


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["user", "membership"])
@pytest.mark.parametrize("how", ["page", "action"])
def test_last_owner_is_not_deleted(client: Client, what: str, how: str) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    last, other = owner_of("one", "two"), owner_of("two", "three")

    def delete(user: User) -> str:
        pk = user.pk if what == "user" else Membership.objects.get(user=user, studio__slug="two").pk
        form = {"post": "yes", "action": "delete_selected", "_selected_action": str(pk)}
        path = f"/admin/accounts/{what}/" + (f"{pk}/delete/" if how == "page" else "")
        return client.post(path, form).content.decode()

    if what == "membership":
        Membership.objects.get(user=other, studio__slug="two").delete()
    page = delete(last)
    assert ("One" in page, "Two" in page) == (what == "user", what == "membership")
    assert Membership.objects.filter(user=last).count() == 2
    for slug in ("one", "two"):
        owner_of(slug).memberships.create(studio=Studio.objects.get(slug="one" if slug == "two" else "two"))
    delete(last)
    assert Membership.objects.filter(user=last).count() == (0 if what == "user" else 1)


@pytest.mark.django_db
def test_last_owner_is_not_demoted_and_no_membership_moves(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    member, elsewhere = owner_of("one").memberships.get(), Studio.objects.create(slug="two", name="Two")
    path = f"/admin/accounts/membership/{member.pk}/change/"
    assert "keeps one owner" in client.post(path, {"role": "member"}).content.decode()
    client.post(path, {"role": "owner", "studio": str(elsewhere.pk)})
    member.refresh_from_db()
    assert (member.role, member.studio.slug) == ("owner", "one")
    owner_of("one", "x")
    assert client.post(path, {"role": "member"}).status_code == 302
    member.refresh_from_db()
    assert member.role == "member"
