"""Users, studios and who belongs to which."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.base import ModelBase
from django.db.models.functions import Lower, Now

from serverless.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Creates users and finds them by e-mail address, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user who may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find the user who signs in with this address."""
        return self.get(email=self.normalize_email(username))

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Lower-case the whole address: people do not remember which case they typed."""
        return (email or "").strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField("may open the admin", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    # People who were added by others are vouched for; only signing up leaves the proof to be brought.
    is_verified = models.BooleanField("has proven the address", default=True, db_default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            # With the unique index this makes the address unique whatever its case, whoever writes the row.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
        ]

    def clean(self) -> None:
        """Bring the address to the form in which it is stored."""
        self.email = UserManager.normalize_email(self.email)

    def __str__(self) -> str:
        return self.email


DEFAULT_QUOTA_BYTES = 50 * 1024**3


class Studio(models.Model):
    """A photographer's or agency's account: the tenant, and the shard key of every row below it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    members = models.ManyToManyField(User, through="Membership", related_name="studios")
    # Database defaults: while a release is on its way, the code before it inserts rows without these columns.
    quota_bytes = models.PositiveBigIntegerField(
        "quota in bytes",
        default=DEFAULT_QUOTA_BYTES,
        db_default=DEFAULT_QUOTA_BYTES,
        help_text="How much of photographs, as they were uploaded, the studio may keep.",
    )
    used_bytes = models.PositiveBigIntegerField("used bytes", default=0, db_default=0)
    # An alias of DATABASES, and where everything of the studio lies but what is its people's; docs/how-to/shards.md.
    shard = models.CharField(max_length=31, default="default", db_default="default", editable=False)
    moving_since = models.DateTimeField(null=True, blank=True, editable=False, help_text="Closed for writing since.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Leave out `used_bytes`, unless it is named: uploads count on in the database while a form is open."""
        if update_fields is None and not self._state.adding:
            update_fields = {field.name for field in self._meta.concrete_fields} - {"id", "used_bytes"}
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)

    @property
    def left_bytes(self) -> int:
        """How much may still arrive, as far as this object knows."""
        return max(self.quota_bytes - self.used_bytes, 0)


class Membership(models.Model):
    """That a user belongs to a studio, and as what."""

    class Role(models.TextChoices):
        """What a member may do: `app.accounts.access.RIGHTS` is the whole list."""

        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        MEMBER = "member", "Member"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.OWNER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["studio", "user"], name="membership_once_per_studio"),
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "admin", "member"]), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.studio}"

    def clean(self) -> None:
        """Refuse to demote a studio's last owner in a form that does not ask `app.accounts.team` (the admin's)."""
        owners = Membership.objects.filter(studio=self.studio_id, role=self.Role.OWNER)
        if self.role != self.Role.OWNER and [owner.pk for owner in owners] == [self.pk]:
            raise ValidationError({"role": "A studio keeps one owner at least. Make somebody else owner first."})


class Invitation(models.Model):
    """An offer to join a studio, mailed to an address. It goes when it is accepted; the token itself is not kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail address", max_length=254)
    role = models.CharField(max_length=10, choices=Membership.Role, default=Membership.Role.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations_sent")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["studio", "email"], name="invitation_once_per_studio"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="invitation_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "admin", "member"]), name="invitation_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(token_hash__regex=r"^[0-9a-f]{64}$"),  # noqa: S106  # a pattern
                name="invitation_hash_is_hex",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
