"""Share links."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from app.accounts.models import Studio
from app.galleries.models import Gallery
from app.sharing import locks
from app.sharing.queries import ShareLinkQuerySet
from serverless.ids import uuid7


class ShareLink(models.Model):
    """A client's way in. The token itself is shown once and never stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="share_links")
    gallery = models.ForeignKey(Gallery, on_delete=models.CASCADE, related_name="share_links")
    label = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Database defaults: while a release is on its way, the code before it inserts rows without these columns.
    lock = models.CharField(max_length=200, default="", db_default="", blank=True, editable=False)
    wrong_tries = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    rests_until = models.DateTimeField(null=True, blank=True, editable=False, help_text="No try is looked at before.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(token_hash__regex=r"^[0-9a-f]{64}$"),  # noqa: S106  # a pattern
                name="sharelink_hash_is_hex",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")), name="sharelink_expires_after_birth"
            ),
            models.CheckConstraint(
                condition=Q(lock="") | Q(lock__regex=r"^(pin|scrypt)\$"), name="sharelink_lock_is_hashed"
            ),
        ]
        indexes = [models.Index(fields=["gallery", "-created_at"], name="sharelink_newest_first")]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuse an end before the beginning in a form that does not show the beginning (the admin's)."""
        if self.expires_at and self.expires_at <= (self.created_at or timezone.now()):
            raise ValidationError({"expires_at": "A link cannot end before it was made. To close it, revoke it."})

    @property
    def last_day(self) -> date | None:
        """The last day on which it opens: links expire at midnight, when that day is over."""
        return self.expires_at and timezone.localdate(self.expires_at - timedelta(seconds=1))

    @property
    def lock_kind(self) -> locks.Kind:
        """What it asks for before it opens."""
        return locks.kind_of(self.lock)

    def is_live(self, now: datetime) -> bool:
        """Whether it still opens the gallery."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class LinkAddress(models.Model):
    """Whose link a token opens, in the default database, where the link itself is on another; see `addresses`.

    Of a link that is gone it leads to where nothing is found.
    """

    token_hash = models.CharField(max_length=64, primary_key=True, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.token_hash[:8]


class AccessEvent(models.Model):
    """Something that was done through a link, and when. Never changed; of the viewer it says nothing."""

    class Kind(models.TextChoices):
        """What was done."""

        OPENED = "opened"

    # Made where it happens: what is delivered twice is the same row.
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="access_events")
    gallery = models.ForeignKey(Gallery, on_delete=models.CASCADE, related_name="access_events")
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="access_events", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=["opened"]), name="accessevent_kind_is_known")]
        indexes = [models.Index(fields=["link", "-at"], name="accessevent_latest_of_link")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
