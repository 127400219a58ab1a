"""Reports."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.text import slugify

from app.accounts.models import Studio
from app.galleries.models import Gallery
from app.reports.options import ContactSheetOptions
from serverless.ids import uuid7

LONGEST_ERROR = 300
# A task spends its attempts within 15 minutes. What has waited for longer has lost its task, and is in the way of the
# next one.
LONGEST_WAIT = timedelta(hours=1)


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports of a studio or a gallery."""

    def of(self, studio: Studio) -> ReportQuerySet:
        """Only this studio's: the tenant filter of every studio page."""
        return self.filter(studio=studio)

    def live(self) -> ReportQuerySet:
        """Those that are there or on their way; a database constraint lets no second one be like them."""
        return self.filter(state__in=["queued", "ready"])

    def lost(self) -> ReportQuerySet:
        """Those that wait for a task that will not come."""
        return self.filter(state="queued", created_at__lt=Now() - LONGEST_WAIT)

    def newest_first(self) -> ReportQuerySet:
        """As the studio's page lists them."""
        return self.order_by("-created_at", "-pk")


class Report(models.Model):
    """One document about a gallery as it was at `gallery_version`: a row as soon as it is asked for."""

    class Kind(models.TextChoices):
        """What it shows; `options` depend on it."""

        CONTACT_SHEET = "contact_sheet", "Contact sheet"

    class State(models.TextChoices):
        """Asked for, in the bucket, or given up for the reason in `error`."""

        QUEUED = "queued", "Queued"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="reports")
    gallery = models.ForeignKey(Gallery, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.CONTACT_SHEET)
    options = models.JSONField(default=dict, blank=True)
    gallery_version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    key = models.CharField("name in the media bucket", max_length=120, blank=True)
    bytes = models.PositiveBigIntegerField(null=True, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    photos = models.PositiveIntegerField(null=True, blank=True)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["contact_sheet"]), name="report_kind_known"),
            models.CheckConstraint(condition=Q(state__in=["queued", "ready", "failed"]), name="report_state_known"),
            models.CheckConstraint(
                # A comparison with NULL is neither true nor false, and a check passes unless it is false.
                condition=~Q(state="ready")
                | (~Q(key="") & Q(bytes__isnull=False, bytes__gte=1, pages__isnull=False, pages__gte=1)),
                name="report_ready_has_file",
            ),
            models.CheckConstraint(
                condition=(Q(state="failed") & ~Q(error="")) | (~Q(state="failed") & Q(error="")),
                name="report_failed_has_reason",
            ),
            models.UniqueConstraint(
                fields=["gallery", "kind", "gallery_version", "options"],
                condition=Q(state__in=["queued", "ready"]),
                name="report_once_while_live",
            ),
        ]
        indexes = [models.Index(fields=["gallery", "-created_at"], name="report_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.contact_sheet}"

    @property
    def contact_sheet(self) -> ContactSheetOptions:
        """The options of a contact sheet."""
        return ContactSheetOptions.of(self.options)

    @property
    def file_key(self) -> str:
        """Where every run of its task puts the file."""
        return f"reports/{self.studio_id}/{self.pk}.pdf"

    @property
    def filename(self) -> str:
        """What a browser saves it as."""
        title = slugify(self.gallery.title, allow_unicode=True) or "gallery"
        return f"{title}-contact-sheet.pdf"
