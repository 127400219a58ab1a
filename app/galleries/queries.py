"""Reads, as QuerySet methods. Each page asks a fixed number of questions, however many photos there are."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Now

if TYPE_CHECKING:
    from app.accounts.models import Studio
    from app.galleries.models import Gallery, Photo  # noqa: F401  # named in strings

# A change becomes visible when its transaction commits, a little after the time written in it. Looking back this
# far repeats a few rows and misses none; the page takes repeats without harm.
CHANGES_OVERLAP = timedelta(seconds=10)
# A task spends its attempts within 15 minutes, and outlives a database that is away for 20. A photo that has waited for
# longer has lost its task (one that no release knows any more, a worker that died between giving up and saying so).
LONGEST_DEVELOPMENT = timedelta(hours=1)


class GalleryQuerySet(models.QuerySet["Gallery"]):
    """Galleries of a studio."""

    def of(self, studio: Studio) -> GalleryQuerySet:
        """Only this studio's: the tenant filter of every studio page."""
        return self.filter(studio=studio)

    def with_cards(self) -> GalleryQuerySet:
        """Add what a card shows: `ready_count`, `working_count` and `cover_id`, newest gallery first."""
        from app.galleries.models import Photo

        cover = Photo.objects.ready().filter(gallery=OuterRef("pk")).order_by("rank", "id").values("pk")[:1]
        return self.annotate(
            ready_count=Count("photos", filter=Q(photos__state="ready")),
            working_count=Count("photos", filter=Q(photos__state="uploaded")),
            cover_id=Subquery(cover),
        ).order_by("-created_at", "-pk")

    def with_now(self) -> GalleryQuerySet:
        """Add the database's own time as `now`."""
        return self.annotate(now=Now())


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos of a studio or a gallery."""

    def of(self, studio: Studio) -> PhotoQuerySet:
        """Only this studio's: the tenant filter of every studio page."""
        return self.filter(studio=studio)

    def ready(self) -> PhotoQuerySet:
        """Those that can be shown."""
        return self.filter(state="ready")

    def in_order(self) -> PhotoQuerySet:
        """As the gallery shows them."""
        return self.order_by("rank", "id")

    def changed_since(self, moment: datetime | None, *, after: uuid.UUID | None = None) -> PhotoQuerySet:
        """Those changed since `moment` (or all), oldest change first, with an overlap against late commits.

        With `after`, the last photo of the page before, exactly those behind it: an overlap would bring a page of
        photos that changed within seconds again and again.
        """
        if moment is None:
            changed = self
        elif after is None:
            changed = self.filter(updated_at__gt=moment - CHANGES_OVERLAP)
        else:
            changed = self.filter(Q(updated_at__gt=moment) | Q(updated_at=moment, id__gt=after))
        return changed.order_by("updated_at", "id")

    def stopped(self) -> PhotoQuerySet:
        """Those that wait for their file, or have waited for their task for so long that it will not come."""
        lost = Q(state="uploaded", updated_at__lt=Now() - LONGEST_DEVELOPMENT)
        return self.filter(Q(state="pending") | lost)

    def resendable(self) -> PhotoQuerySet:
        """Those whose file is of use when it is added again: stopped, or failed."""
        return self.stopped() | self.filter(state="failed")

    def counts(self) -> dict[str, int]:
        """How many there are in each state, in one query."""
        found = dict(self.order_by().values_list("state").annotate(Count("pk")))
        return {state: found.get(state, 0) for state in self.model.State.values}

    def before(self, photo: Photo) -> PhotoQuerySet:
        """Those in front of `photo` in the same gallery, nearest first."""
        earlier = Q(rank__lt=photo.rank) | Q(rank=photo.rank, id__lt=photo.pk)
        return self.filter(earlier, gallery=photo.gallery_id).order_by("-rank", "-id")

    def after(self, photo: Photo) -> PhotoQuerySet:
        """Those behind `photo` in the same gallery, nearest first."""
        later = Q(rank__gt=photo.rank) | Q(rank=photo.rank, id__gt=photo.pk)
        return self.filter(later, gallery=photo.gallery_id).order_by("rank", "id")
