"""Galleries, their sections and their photos."""

import uuid
from typing import TypedDict

from django.db import models
from django.db.models import Deferrable, Q, Value
from django.db.models.functions import Now
from django.urls import reverse

from app.accounts.models import Studio
from app.galleries.queries import GalleryQuerySet, PhotoQuerySet, SectionQuerySet
from serverless.ids import uuid7

SMALLEST_UPLOAD = 1
LARGEST_UPLOAD = 200 * 1024 * 1024
LONGEST_ERROR = 300


def media_prefix(studio_id: uuid.UUID, gallery_id: uuid.UUID | None = None) -> str:
    """Where the files lie that a viewer of a gallery, or a member of the studio, may fetch: what a cookie opens."""
    return f"media/{studio_id}/{gallery_id}/" if gallery_id else f"media/{studio_id}/"


class StoredRendition(TypedDict):
    """One file of a photo as its row remembers it: sizes in pixels, `key` in the media bucket."""

    name: str
    format: str
    width: int
    height: int
    key: str


class Gallery(models.Model):
    """The photos of one occasion."""

    class Status(models.TextChoices):
        """Whether share links open it."""

        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    class Theme(models.TextChoices):
        """How the client's pages look."""

        AUTO = "auto", "Like the client's device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="galleries")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=120)
    event_date = models.DateField(null=True, blank=True)
    # Database defaults: while a release is on its way, the code before it inserts rows without these columns.
    client = models.CharField(
        max_length=120, blank=True, db_default="", help_text="Whose photos these are. Seen by the studio alone."
    )
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO, db_default=Theme.AUTO)
    cover = models.ForeignKey(
        "galleries.Photo", on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="The photo on top. Without one it is the first in landscape format.",
    )  # fmt: skip
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1, help_text="Grows with every visible change; part of cache keys.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = GalleryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "galleries"
        constraints = [
            models.UniqueConstraint(fields=["studio", "slug"], name="gallery_slug_once_per_studio"),
            models.CheckConstraint(condition=Q(status__in=["draft", "published"]), name="gallery_status_known"),
            models.CheckConstraint(condition=Q(version__gte=1), name="gallery_version_positive"),
            models.CheckConstraint(condition=~Q(title=""), name="gallery_has_title"),
            models.CheckConstraint(condition=Q(theme__in=["auto", "light", "dark"]), name="gallery_theme_known"),
        ]
        indexes = [models.Index(fields=["studio", "-created_at"], name="gallery_newest_first")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The studio's page of it."""
        return reverse("studio-gallery", args=[self.pk])


class Section(models.Model):
    """A part of a gallery with a heading: photos that belong together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="sections")
    gallery = models.ForeignKey(Gallery, on_delete=models.CASCADE, related_name="sections")
    title = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80)
    position = models.PositiveIntegerField(help_text="From 1; photos without a section stand before all sections.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = SectionQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["gallery", "slug"], name="section_slug_once_per_gallery"),
            # Checked at the end of a statement: one UPDATE reorders them all.
            models.UniqueConstraint(
                fields=["gallery", "position"], name="section_position_once", deferrable=Deferrable.IMMEDIATE
            ),
            # What photos refer to, see Photo.section_position.
            models.UniqueConstraint(fields=["gallery", "id", "position"], name="section_as_photos_know_it"),
            models.CheckConstraint(condition=Q(position__gte=1), name="section_position_from_one"),
            models.CheckConstraint(condition=~Q(title=""), name="section_has_title"),
        ]

    def __str__(self) -> str:
        return self.title


class Photo(models.Model):
    """One photograph: a row as soon as its upload is signed, renditions once its task has run."""

    class State(models.TextChoices):
        """Signed, arrived, developed, or refused for the reason in `error`."""

        PENDING = "pending", "Pending"
        UPLOADED = "uploaded", "Uploaded"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    studio = models.ForeignKey(Studio, on_delete=models.CASCADE, related_name="photos")
    gallery = models.ForeignKey(Gallery, on_delete=models.CASCADE, related_name="photos")
    # The database holds both columns to the section (migration 0004): a photo's section is one of its own gallery,
    # `section_position` follows the section's position, and a deleted section leaves (None, 0). With the position in
    # its own row the order of a whole gallery is one index, from which every page and neighbour is read.
    section = models.ForeignKey(
        Section, on_delete=models.DO_NOTHING, null=True, blank=True, related_name="photos", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    section_position = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    rank = models.PositiveIntegerField(default=0, help_text="Orders the photos of one section; gaps are left.")
    filename = models.CharField(max_length=255)
    bytes = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    # Database defaults: while a release is on its way, the code before it inserts rows without these columns.
    exif = models.JSONField("EXIF that is shown", default=dict, db_default=Value({}, models.JSONField()), blank=True)
    has_gps = models.BooleanField("upload holds a position", default=False)
    # Of the original as it is kept and delivered: the upload without its position. `bytes` and `sha256` are the upload.
    original_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    original_sha256 = models.CharField(max_length=64, db_default="", blank=True)
    crc32 = models.PositiveBigIntegerField("CRC32 of the original", null=True, blank=True)
    thumbhash = models.CharField(max_length=64, blank=True, help_text="Base64.")
    colour = models.CharField(max_length=7, blank=True, help_text="Average colour, #rrggbb.")
    renditions = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False, help_text="Database time of the last change.")

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["section_position", "rank", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(section__isnull=False) | Q(section_position=0), name="photo_position_needs_section"
            ),
            models.UniqueConstraint(fields=["gallery", "sha256"], name="photo_once_per_gallery"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "uploaded", "ready", "failed"]), name="photo_state_known"
            ),
            models.CheckConstraint(
                condition=Q(bytes__gte=SMALLEST_UPLOAD, bytes__lte=LARGEST_UPLOAD), name="photo_bytes_in_range"
            ),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="photo_sha256_is_hex"),
            models.CheckConstraint(
                condition=Q(original_sha256="") | Q(original_sha256__regex=r"^[0-9a-f]{64}$"),
                name="photo_original_sha256_is_hex",
            ),
            models.CheckConstraint(condition=Q(crc32=None) | Q(crc32__lt=2**32), name="photo_crc32_in_range"),
            models.CheckConstraint(
                # A comparison with NULL is neither true nor false, and a check passes unless it is false.
                condition=~Q(state="ready")
                | (Q(width__isnull=False, width__gte=1, height__isnull=False, height__gte=1) & ~Q(renditions=[])),
                name="photo_ready_has_renditions",
            ),
            models.CheckConstraint(
                condition=(Q(state="failed") & ~Q(error="")) | (~Q(state="failed") & Q(error="")),
                name="photo_failed_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(colour="") | Q(colour__regex=r"^#[0-9a-f]{6}$"), name="photo_colour_is_hex"
            ),
        ]
        indexes = [
            models.Index(fields=["gallery", "section_position", "rank", "id"], name="photo_as_shown"),
            models.Index(fields=["gallery", "updated_at"], name="photo_changes"),
            # For staff who look for what went wrong, the newest first: a few of a hundred photos are in one of these.
            models.Index(
                fields=["state", "-id"],
                name="photo_not_ready",
                condition=Q(state__in=["pending", "uploaded", "failed"]),
            ),
            models.Index(
                fields=["updated_at"], name="photo_unfinished", condition=Q(state__in=["pending", "uploaded"])
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def order_key(self) -> str:
        """Sorts as text the way the gallery is ordered; pages place tiles by it."""
        return f"{self.section_position:05d}-{self.rank:010d}-{self.pk}"

    @property
    def incoming_key(self) -> str:
        """Where the browser puts the file: quarantine, until the task has looked at it."""
        return f"incoming/{self.studio_id}/{self.pk}"

    def original_key(self, extension: str) -> str:
        """Where the file is kept as it was sent, but for its position."""
        return f"originals/{self.studio_id}/{self.gallery_id}/{self.pk}.{extension}"

    def rendition_key(self, name: str, *, extension: str, recipe: str) -> str:
        """Where a rendition is served from; the recipe's hash in it allows caching for ever."""
        return f"{media_prefix(self.studio_id, self.gallery_id)}{self.pk}/{recipe}/{name}.{extension}"
