"""Who belongs to a studio: invite, join, change roles, leave.

Whatever could take away a studio's last owner holds the studio's row: of two owners who demote each other at the same
moment one is refused.
"""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from app.accounts import signals
from app.accounts.access import RIGHTS, Right
from app.accounts.models import Invitation, Membership, Studio, User, UserManager
from serverless.ids import uuid7

__all__ = [
    "INVITATION_DAYS", "MOST_INVITATIONS", "LastOwner", "NotInvited", "accept_invitation", "change_role",
    "find_invitation", "invite", "join_with_password", "left_without_owner", "remove_member", "roles_given_by",
]  # fmt: skip

INVITATION_DAYS: Final = 7
# Open at the same time; more is not a team but a mailing.
MOST_INVITATIONS: Final = 50
# 24 bytes are 192 random bits: out of reach of guessing.
_TOKEN_BYTES = 24
_ROLE = Membership.Role


class LastOwner(ValueError):
    """A studio keeps one owner at least; make somebody else owner first."""


class NotInvited(ValueError):
    """An invitation that cannot be made; the message says why."""


def roles_given_by(actor: Membership) -> list[str]:
    """The roles that this member may give and take."""
    rights = RIGHTS[actor.role]
    if Right.MANAGE_MEMBERS not in rights:
        return []
    return [role for role in _ROLE.values if role != _ROLE.OWNER or Right.MANAGE_OWNERS in rights]


@transaction.atomic
def invite(actor: Membership, *, email: str, role: str) -> Invitation:
    """Invite an address to the actor's studio and announce the mail; inviting it again ends the invitation before.

    Raises PermissionDenied for a role that the actor cannot give, and NotInvited.
    """
    studio, email = _lock(actor.studio_id), UserManager.normalize_email(email)
    actor.refresh_from_db(fields=["role"])
    _require(actor, role)
    if studio.memberships.filter(user__email=email).exists():
        raise NotInvited("This address belongs to a member already.")
    others = studio.invitations.exclude(email=email)
    if others.filter(expires_at__gt=Now()).count() >= MOST_INVITATIONS:
        raise NotInvited(f"{MOST_INVITATIONS} invitations are open. Withdraw some first.")
    known = studio.invitations.filter(email=email).first()
    if known:
        _require(actor, known.role)
        known.delete()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    invitation = Invitation.objects.create(
        studio=studio, email=email, role=role, token_hash=_hash(token), invited_by=actor.user,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    link = settings.SITE_URL + reverse("invitation", args=[token])
    signals.invited.send(Invitation, invitation=invitation, link=link, occasion=uuid7().hex)
    return invitation


def find_invitation(token: str) -> QuerySet[Invitation]:
    """The open invitation of this token, if there is one."""
    open_ones = Invitation.objects.filter(token_hash=_hash(token), expires_at__gt=Now())
    return open_ones.select_related("studio", "invited_by")


@transaction.atomic
def accept_invitation(token: str, *, user: User) -> Studio | None:
    """Make the invited user a member; None unless the invitation is open and theirs. Works once.

    Somebody who is a member already keeps their role.
    """
    invitation = find_invitation(token).select_for_update(of=("self",)).first()
    if invitation is None or invitation.email != user.email:
        return None
    Membership.objects.get_or_create(studio=invitation.studio, user=user, defaults={"role": invitation.role})
    invitation.delete()
    return invitation.studio


@transaction.atomic
def join_with_password(token: str, *, name: str, password: str) -> User | None:
    """Make the invited address a user, or give one that never proved it this password; None unless that is due.

    The token came to the address's mailbox alone, so it proves the address. An account that was opened for the address
    by somebody who could not prove it loses the password that they chose.
    """
    invitation = find_invitation(token).select_for_update(of=("self",)).first()
    if invitation is None:
        return None
    user, _ = User.objects.get_or_create(email=invitation.email, defaults={"is_verified": False})
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_verified or not user.is_active:
        return None
    user.name, user.is_verified = name, True
    user.set_password(password)
    user.save(update_fields=["name", "is_verified", "password"])
    return user if accept_invitation(token, user=user) else None


@transaction.atomic
def change_role(actor: Membership, member: Membership, *, role: str) -> None:
    """Give a member of the actor's studio another role. Raises PermissionDenied and LastOwner."""
    member = _locked(actor, member)
    _require(actor, member.role)
    _require(actor, role)
    if member.role == _ROLE.OWNER != role:
        _keep_an_owner(member)
    Membership.objects.filter(pk=member.pk).update(role=role)
    member.role = role
    _withdraw_what_exceeds(roles_given_by(member), member)


@transaction.atomic
def remove_member(actor: Membership, member: Membership) -> None:
    """Take somebody out of the actor's studio; everyone may leave. Raises PermissionDenied and LastOwner."""
    member = _locked(actor, member)
    if member.pk != actor.pk:
        _require(actor, member.role)
    if member.role == _ROLE.OWNER:
        _keep_an_owner(member)
    _withdraw_what_exceeds([], member)
    member.delete()


def left_without_owner(members: QuerySet[Membership]) -> QuerySet[Studio]:
    """The studios that would have no owner any more without these members."""
    owners = Membership.objects.filter(role=_ROLE.OWNER)
    others = owners.filter(studio=OuterRef("pk")).exclude(pk__in=members)
    return Studio.objects.filter(Exists(owners.filter(studio=OuterRef("pk"), pk__in=members)), ~Exists(others))


def _locked(actor: Membership, member: Membership) -> Membership:
    """The member as it is now that nobody else changes this studio's team. Raises Membership.DoesNotExist."""
    _lock(actor.studio_id)
    actor.refresh_from_db(fields=["role"])
    return Membership.objects.get(pk=member.pk, studio_id=actor.studio_id)


def _lock(studio_id: uuid.UUID) -> Studio:
    return Studio.objects.select_for_update(no_key=True).get(pk=studio_id)


def _require(actor: Membership, role: str) -> None:
    if role not in roles_given_by(actor):
        raise PermissionDenied("Your role in this studio does not include this. Ask one of its owners.")


def _withdraw_what_exceeds(given: list[str], member: Membership) -> None:
    """End the member's invitations to other roles than these: else an owner who goes could come back as one."""
    sent = Invitation.objects.filter(studio_id=member.studio_id, invited_by_id=member.user_id)
    sent.exclude(role__in=given).delete()


def _keep_an_owner(member: Membership) -> None:
    others = Membership.objects.filter(studio_id=member.studio_id, role=_ROLE.OWNER).exclude(pk=member.pk)
    if not others.exists():
        raise LastOwner("A studio keeps one owner at least. Make somebody else owner first.")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
