"""What the gallery's page asks for by itself: photos that were developed since, and what is known of each."""

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from app.galleries.changes import changes
from app.galleries.facts import facts
from app.galleries.models import Photo
from app.galleries.tiles import COLUMNS, tiles
from app.sharing.access import link_required
from app.sharing.models import ShareLink
from app.sharing.sheet import state_of, tiles_html
from serverless.db.replicas import using_replicas


@link_required
def progress(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:  # noqa: ARG001  # the door's signature
    """Counts, and the tiles of photos that became ready since `?since=`, by section.

    `since` in the answer is what to send next, as it is; `more` says that this answer was cut short. Never read from a
    replica: what is not there yet would have changed before `since`.
    """
    state = state_of(link.gallery)
    ready = Photo.objects.filter(gallery=link.gallery_id).ready().select_related("section")
    shown = ready.only(*COLUMNS, "section_position", "updated_at", "section__slug")
    try:
        found, since, more = changes(shown, since=request.GET.get("since", ""), now=state.now)
    except ValueError:
        return JsonResponse({"error": "since is not what the last answer gave."}, status=400)
    counts = {"ready": state.ready, "developing": state.developing, "arriving": state.arriving}
    return JsonResponse({"counts": counts, "since": since, "more": more, "sections": _by_section(found)})


@link_required
@using_replicas()
def details(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:  # noqa: ARG001  # the door's signature
    """By photo: its file name, its thumbhash and how it was taken. Beside the page, which would be twice as heavy."""
    ready = Photo.objects.filter(gallery=link.gallery_id).ready().order_by()
    return JsonResponse(
        {
            str(pk): {"name": name, "hash": thumbhash, "facts": facts(exif)}
            for pk, name, thumbhash, exif in ready.values_list("pk", "filename", "thumbhash", "exif")
        }
    )


def _by_section(found: Any) -> list[dict[str, str]]:
    placed = sorted(found, key=lambda photo: (photo.section_position, photo.rank, photo.pk))
    return [
        {"section": section.slug if section else "", "tiles": tiles_html(tiles(photos))}
        for section, photos in groupby(placed, key=lambda photo: photo.section)
    ]
