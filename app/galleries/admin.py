"""Galleries and photos in Django's admin."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

from app.galleries.models import Gallery, Photo
from app.galleries.removal import delete_gallery, delete_photos
from serverless.db.shards.admin import OnShard
from serverless.listing import LargeTable


@admin.register(Gallery)
class GalleryAdmin(OnShard, LargeTable):
    """Galleries of every studio."""

    list_display = ["title", "studio", "status", "event_date", "version", "created_at"]
    list_filter = ["status"]
    list_select_related = ["studio"]
    search_fields = ["title", "slug", "studio__name"]
    autocomplete_fields = ["studio"]
    readonly_fields = ["cover", "version", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Gallery | None = None) -> list[str]:
        """A gallery stays in its studio: its photos, links and files carry the studio too and would stay behind."""
        fixed = ["studio", "slug"] if obj else []
        return [*fixed, *super().get_readonly_fields(request, obj)]

    def save_model(self, request: HttpRequest, obj: Gallery, form: Any, change: bool) -> None:
        """A change here is visible too: caches and ETags hang on the version."""
        if change:
            obj.version = F("version") + 1
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Gallery) -> None:  # noqa: ARG002  # Django's signature
        """Its files go with it."""
        delete_gallery(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Gallery]) -> None:
        """Their files go with them."""
        for gallery in queryset:
            self.delete_model(request, gallery)


@admin.register(Photo)
class PhotoAdmin(OnShard, LargeTable):
    """Photos, for finding out what became of one; only their order may be changed here."""

    list_display = ["filename", "gallery", "state", "error", "bytes", "updated_at"]
    list_filter = ["state"]
    list_select_related = ["gallery"]
    search_fields = ["filename"]  # shows the field; `get_search_results` says what is searched
    search_help_text = "The id of a photo or a gallery; with a gallery's, words of file names as well."
    fields = [
        "id", "studio", "gallery", "section", "rank", "filename", "bytes", "content_type", "sha256", "state", "error",
        "width", "height", "taken_at", "exif", "has_gps", "original_bytes", "original_sha256", "crc32", "thumbhash",
        "colour", "renditions", "created_at", "updated_at",
    ]  # fmt: skip
    readonly_fields = [name for name in fields if name != "rank"]  # type: ignore[misc]  # the stubs allow groups here

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  # Django's signature
        queryset: QuerySet[Photo],
        search_term: str,
    ) -> tuple[QuerySet[Photo], bool]:
        """Look for names within a gallery alone: among all photos that would read the whole table."""
        words = search_term.replace("\0", "").split()
        ids = {word: pk for word in words if (pk := _as_id(word))}
        if words and not ids:
            return queryset.none(), False
        for pk in ids.values():
            queryset = queryset.filter(Q(pk=pk) | Q(gallery=pk))
        for word in words:
            if word not in ids:
                queryset = queryset.filter(filename__icontains=word)
        return queryset, False

    def save_model(self, request: HttpRequest, obj: Photo, form: Any, change: bool) -> None:
        """Moving a photo changes its gallery."""
        super().save_model(request, obj, form, change)
        Gallery.objects.filter(pk=obj.gallery_id).update(version=F("version") + 1)

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:  # noqa: ARG002  # Django's signature
        """Its files go with it."""
        delete_photos(obj.gallery, [obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        """Their files go with them."""
        for photo in queryset.select_related("gallery"):
            self.delete_model(request, photo)

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody: a photo begins with an upload."""
        return False


def _as_id(word: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(word)
    except ValueError:
        return None
