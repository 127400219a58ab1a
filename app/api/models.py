"""API tokens."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from app.accounts.models import Studio
from app.api.tokens import new_token, token_hash
from serverless.ids import uuid7


class Scope(models.TextChoices):
    """What a token may do."""

    GALLERIES_READ = "galleries:read", "Read galleries, photos and links"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens of a studio, or the one that a request carries."""

    def of(self, studio: Studio) -> ApiTokenQuerySet:
        """Only this studio's: the tenant filter."""
        return self.filter(studio=studio)

    def newest_first(self) -> ApiTokenQuerySet:
        """As the studio's page lists them."""
        return self.order_by("-created_at", "-pk")

    def by_token(self, token: str) -> ApiTokenQuerySet:
        """The row of this token, with its studio. The index looks for a hash, so its timing tells nothing."""
        return self.filter(token_hash=token_hash(token)).select_related("studio")

    def issue(self, studio: Studio, *, label: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
        """Make a token that may read; returns its row and the token itself, which cannot be had again."""
        token = new_token()
        scopes = [Scope.GALLERIES_READ.value]
        row = self.create(
            studio=studio, label=label, token_hash=token_hash(token), scopes=scopes, expires_at=expires_at
        )
        return row, token


class ApiToken(models.Model):
    """A program's way in. The token itself is shown once and never stored.

    When it was last used is kept in the cache: a GET writes no row, because CloudFront repeats GETs at will.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(
                condition=Q(token_hash__regex=r"^[0-9a-f]{64}$"),  # noqa: S106  # a pattern
                name="apitoken_hash_is_hex",
            ),
            models.CheckConstraint(condition=Q(scopes__contained_by=["galleries:read"]), name="apitoken_scopes_known"),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")), name="apitoken_expires_after_birth"
            ),
        ]
        indexes = [models.Index(fields=["studio", "-created_at"], name="apitoken_newest_first")]

    def __str__(self) -> str:
        return self.label

    @property
    def last_day(self) -> date | None:
        """The last day on which it works: tokens expire at midnight, when that day is over."""
        return self.expires_at and timezone.localdate(self.expires_at - timedelta(seconds=1))

    def is_live(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)

    def revoke(self) -> None:
        """Close it for good; closing it again changes nothing."""
        ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())
