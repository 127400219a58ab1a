"""Who may bring whom in, who may take whom out, and that a studio is never left without an owner."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from app.accounts.models import Invitation, Membership, Studio, User
from app.accounts.team import (
    MOST_INVITATIONS,
    LastOwner,
    NotInvited,
    accept_invitation,
    change_role,
    find_invitation,
    invite,
    join_with_password,
    remove_member,
    roles_given_by,
)
from tests.app.accounts.mailbox import newest_link
from tests.app.conftest import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


def joined(studio: Studio, role: str, email: str = "") -> Membership:
    user = User.objects.create_user(email or f"{role}@example.test")
    return Membership.objects.create(studio=studio, user=user, role=role)


def token_in_mail() -> str:
    return newest_link().removeprefix("/invitations/").rstrip("/")


@pytest.mark.parametrize(
    ("role", "given"), [("owner", {"owner", "admin", "member"}), ("admin", {"admin", "member"}), ("member", set())]
)
def test_roles_that_a_member_gives(studio: Studio, role: str, given: set[str]) -> None:
    actor = joined(studio, role)
    assert set(roles_given_by(actor)) == given
    for wanted in Membership.Role.values:
        other = joined(studio, wanted, f"other-{wanted}@example.test")
        if wanted in given:
            invite(actor, email=f"new-{wanted}@example.test", role=wanted)
        else:
            with pytest.raises(PermissionDenied):
                invite(actor, email=f"new-{wanted}@example.test", role=wanted)
            with pytest.raises(PermissionDenied):  # neither given ...
                change_role(actor, joined(studio, "member", f"x-{wanted}@example.test"), role=wanted)
            with pytest.raises(PermissionDenied):  # ... nor taken
                change_role(actor, other, role="member")
            with pytest.raises(PermissionDenied):
                remove_member(actor, other)
    assert Invitation.objects.count() == len(given)


def test_invited_address_becomes_a_user_of_the_studio_once(studio: Studio) -> None:
    invite(joined(studio, "owner"), email=" Grace@Example.test ", role="admin")
    token = token_in_mail()
    assert mail.outbox[-1].to == ["grace@example.test"]
    assert token not in str(Invitation.objects.values())
    user = join_with_password(token, name="Grace", password="long-enough-7319")
    assert user is not None
    assert (user.email, user.name, user.is_verified) == ("grace@example.test", "Grace", True)
    assert Membership.objects.get(user=user).role == "admin"
    assert join_with_password(token, name="Eve", password="other-7319") is None
    assert accept_invitation(token, user=user) is None
    assert not Invitation.objects.exists()


def test_mail_names_who_invites_and_disguises_nothing(studio: Studio) -> None:
    Studio.objects.update(name="<b>Ada</b>\r\nBcc: eve@example.test\u202e")
    invite(joined(studio, "owner"), email="grace@example.test", role="member")
    newest_link()
    sent = mail.outbox[-1]
    assert sent.subject == "Work with “<b>Ada</b> Bcc: eve@example.test” on Loupe"
    assert sent.recipients() == ["grace@example.test"]
    assert "owner@example.test invites you" in sent.body
    html = sent.alternatives[0][0]  # type: ignore[attr-defined]
    assert "&lt;b&gt;Ada" in html
    assert "<b>Ada" not in html


def test_known_user_joins_with_their_own_address_only(studio: Studio) -> None:
    grace, eve = User.objects.create_user("grace@example.test", "right"), User.objects.create_user("eve@example.test")
    invite(joined(studio, "owner"), email="grace@example.test", role="member")
    token = token_in_mail()
    assert join_with_password(token, name="Eve", password="stolen-7319") is None
    assert accept_invitation(token, user=eve) is None
    assert accept_invitation(token, user=grace) == studio
    grace.refresh_from_db()
    assert grace.check_password("right")
    assert set(Membership.objects.values_list("user__email", "role")) == {
        ("owner@example.test", "owner"), ("grace@example.test", "member"),
    }  # fmt: skip


def test_password_of_somebody_who_never_proved_the_address_opens_nothing(studio: Studio) -> None:
    squatter = User.objects.create_user("grace@example.test", "squatted-7319", is_verified=False)
    invite(joined(studio, "owner"), email="grace@example.test", role="member")
    user = join_with_password(token_in_mail(), name="Grace", password="long-enough-7319")
    assert user == squatter
    squatter.refresh_from_db()
    assert not squatter.check_password("squatted-7319")
    assert squatter.check_password("long-enough-7319")


def test_closed_account_stays_closed(studio: Studio) -> None:
    User.objects.create_user("grace@example.test", is_active=False, is_verified=False)
    invite(joined(studio, "owner"), email="grace@example.test", role="member")
    assert join_with_password(token_in_mail(), name="Grace", password="long-enough-7319") is None


def test_invitation_ends_by_time_by_a_newer_one_and_by_guessing_wrong(studio: Studio) -> None:
    owner = joined(studio, "owner")
    invite(owner, email="grace@example.test", role="member")
    first = token_in_mail()
    invite(owner, email="grace@example.test", role="admin")
    second = token_in_mail()
    assert find_invitation(first).first() is None
    assert find_invitation(second).get().role == "admin"
    for wrong in ("", "x", second[:-1], second + "x", "\ud800", second.swapcase()):
        assert find_invitation(wrong).first() is None
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert find_invitation(second).first() is None
    assert join_with_password(second, name="Grace", password="long-enough-7319") is None


def test_members_and_crowds_are_not_invited(studio: Studio) -> None:
    owner = joined(studio, "owner")
    with pytest.raises(NotInvited, match="member already"):
        invite(owner, email="OWNER@example.test", role="member")
    hashed = [f"{n:064x}" for n in range(MOST_INVITATIONS)]
    soon = timezone.now() + timedelta(days=1)
    Invitation.objects.bulk_create(
        Invitation(studio=studio, email=f"{n}@example.test", token_hash=h, invited_by=owner.user, expires_at=soon)
        for n, h in enumerate(hashed)
    )
    with pytest.raises(NotInvited, match="Withdraw"):
        invite(owner, email="one-more@example.test", role="member")
    invite(owner, email="0@example.test", role="member")  # in place of the one before


def test_admin_does_not_replace_the_invitation_of_an_owner(studio: Studio) -> None:
    invite(joined(studio, "owner"), email="grace@example.test", role="owner")
    with pytest.raises(PermissionDenied):
        invite(joined(studio, "admin"), email="grace@example.test", role="member")
    assert Invitation.objects.get().role == "owner"


def test_somebody_who_joined_meanwhile_keeps_their_role(studio: Studio) -> None:
    invite(joined(studio, "owner"), email="grace@example.test", role="member")
    token, admin = token_in_mail(), joined(studio, "admin", "grace@example.test")
    assert accept_invitation(token, user=admin.user) == studio
    admin.refresh_from_db()
    assert admin.role == "admin"


def test_last_owner_stays(studio: Studio) -> None:
    owner = joined(studio, "owner")
    joined(studio, "admin")
    joined(Studio.objects.create(slug="other", name="Other"), "owner", "other@example.test")
    with pytest.raises(LastOwner):
        remove_member(owner, owner)
    with pytest.raises(LastOwner):
        change_role(owner, owner, role="member")
    second = joined(studio, "owner", "second@example.test")
    change_role(owner, owner, role="member")
    with pytest.raises(LastOwner):
        remove_member(second, second)


def test_everyone_else_may_leave(studio: Studio) -> None:
    joined(studio, "owner")
    for role in ("admin", "member"):
        leaving = joined(studio, role)
        remove_member(leaving, leaving)
    assert studio.memberships.count() == 1


def test_members_of_another_studio_are_out_of_reach(studio: Studio) -> None:
    owner = joined(studio, "owner")
    theirs = joined(Studio.objects.create(slug="other", name="Other"), "member", "theirs@example.test")
    with pytest.raises(Membership.DoesNotExist):
        remove_member(owner, theirs)
    with pytest.raises(Membership.DoesNotExist):
        change_role(owner, theirs, role="admin")


@pytest.mark.parametrize("how", ["demote", "leave", "remove each other"])
def test_two_owners_at_once_do_not_leave_a_studio_without_one(studio: Studio, how: str) -> None:
    pair = [joined(studio, "owner", f"{n}@example.test") for n in range(2)]
    together = threading.Barrier(2)

    def go(mine: Membership, other: Membership) -> None:
        together.wait(timeout=10)
        if how == "demote":
            change_role(mine, mine, role="member")
        else:
            remove_member(mine, mine if how == "leave" else other)

    with ThreadPoolExecutor(max_workers=2) as pool:
        calls = [
            pool.submit(elsewhere, lambda mine=mine, other=other: go(mine, other))
            for mine, other in (pair, reversed(pair))
        ]
        errors = [type(call.exception(timeout=20)) for call in calls]
    assert studio.memberships.filter(role="owner").count() == 1
    assert sum(error is type(None) for error in errors) == 1
    assert set(errors) <= {type(None), LastOwner, Membership.DoesNotExist}


@pytest.mark.parametrize("how", ["removed", "leaves", "demoted"])
def test_who_goes_takes_invitations_along(studio: Studio, how: str) -> None:
    first, second = joined(studio, "owner", "first@example.test"), joined(studio, "owner", "second@example.test")
    for role in Membership.Role.values:
        invite(second, email=f"{role}@example.test", role=role)
    invite(first, email="kept@example.test", role="owner")
    if how == "demoted":
        change_role(first, second, role="admin")
    else:
        remove_member(first if how == "removed" else second, second)
    left = set(studio.invitations.values_list("role", "email"))
    still = {("admin", "admin@example.test"), ("member", "member@example.test")} if how == "demoted" else set()
    assert left == {("owner", "kept@example.test"), *still}


def test_role_of_this_moment_decides_who_is_invited(studio: Studio) -> None:
    joined(studio, "owner")
    actor = joined(studio, "admin")
    Membership.objects.filter(pk=actor.pk).update(role="member")
    with pytest.raises(PermissionDenied):
        invite(actor, email="new@example.test", role="member")
    Membership.objects.filter(pk=actor.pk).delete()
    with pytest.raises(Membership.DoesNotExist):
        invite(actor, email="new@example.test", role="member")


def test_two_clicks_on_one_invitation_join_once(studio: Studio) -> None:
    invite(joined(studio, "owner"), email="grace@example.test", role="member")
    token, together = token_in_mail(), threading.Barrier(2)

    def click() -> User | None:
        together.wait(timeout=10)
        return join_with_password(token, name="Grace", password="long-enough-7319")

    with ThreadPoolExecutor(max_workers=2) as pool:
        calls = [pool.submit(elsewhere, click) for _ in range(2)]
        assert sum(call.result(timeout=20) is not None for call in calls) == 1
    assert studio.memberships.count() == 2


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("invitation_email_is_lower_case", {"email": "Grace@example.test"}),
        ("invitation_role_known", {"role": "spy"}),
        ("invitation_hash_is_hex", {"token_hash": "x"}),
    ],
)
def test_database_refuses_impossible_invitations(studio: Studio, constraint: str, change: dict[str, str]) -> None:
    invite(joined(studio, "owner"), email="grace@example.test", role="member")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Invitation.objects.update(**change)
