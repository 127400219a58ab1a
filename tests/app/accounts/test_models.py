import pytest
from django.db import IntegrityError, transaction

from app.accounts.models import Membership, Studio, User

pytestmark = pytest.mark.django_db


def test_email_is_stored_in_lower_case_and_found_in_any() -> None:
    user = User.objects.create_user(" Ada@Example.TEST ", "secret")
    assert user.email == "ada@example.test"
    assert User.objects.get_by_natural_key("ADA@example.test") == user
    assert user.check_password("secret")


def test_email_is_unique_whatever_its_case() -> None:
    User.objects.create_user("ada@example.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ADA@example.test")


def test_database_refuses_upper_case_whoever_writes() -> None:
    with pytest.raises(IntegrityError, match="user_email_is_lower_case"), transaction.atomic():
        User.objects.bulk_create([User(email="Ada@example.test")])


def test_user_without_password_cannot_sign_in() -> None:
    assert not User.objects.create_user("ada@example.test").has_usable_password()


def test_superuser_may_open_the_admin() -> None:
    user = User.objects.create_superuser("root@example.test", "secret")
    assert user.is_staff
    assert user.is_superuser


def test_clean_lowers_what_a_form_was_given() -> None:
    user = User(email="Ada@Example.test")
    user.clean()
    assert user.email == "ada@example.test"


def test_nobody_belongs_to_a_studio_twice_or_in_an_unknown_role() -> None:
    user = User.objects.create_user("ada@example.test")
    studio = Studio.objects.create(slug="one", name="One")
    Membership.objects.create(studio=studio, user=user)
    with pytest.raises(IntegrityError, match="membership_once_per_studio"), transaction.atomic():
        Membership.objects.create(studio=studio, user=user)
    with pytest.raises(IntegrityError, match="membership_role_known"), transaction.atomic():
        Membership.objects.update(role="spy")
