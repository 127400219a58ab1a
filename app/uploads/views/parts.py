"""Large files: begin or continue, sign a part, put the parts together.

Addresses name the photo, and nothing that S3 knows an upload by comes from a browser: nobody reaches another's parts.
"""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from app.accounts.access import StudioRequest, studio_required
from app.galleries.models import Photo
from app.uploads.parts import NotExpected, PartsMissing, begin_parts, finish_parts, sign_part
from app.uploads.views.body import BadBody, json_object
from serverless.storage import MAX_PARTS, MultipartFailed

_SHA256 = re.compile(r"[0-9a-f]{64}")

type Handle = Callable[[StudioRequest, Photo], JsonResponse]


def _answers(handle: Handle) -> Callable[..., HttpResponseBase]:
    """Find the studio's photo, and say in JSON what cannot be done and what to do about it."""

    @require_POST
    @studio_required
    def view(request: StudioRequest, pk: uuid.UUID) -> JsonResponse:
        photo = get_object_or_404(Photo.objects.of(request.studio), pk=pk)
        try:
            return handle(request, photo)
        except BadBody as error:
            return JsonResponse({"error": str(error)}, status=400)
        except NotExpected:
            return JsonResponse({"error": "Nothing is expected for this photo. Add the file again."}, status=409)
        except PartsMissing:
            return JsonResponse({"error": "Not every part has arrived. List them and send the others."}, status=409)
        except MultipartFailed:
            return JsonResponse({"error": "The file store does not answer. Try again."}, status=503)

    return view


@_answers
def begin(request: HttpRequest, photo: Photo) -> JsonResponse:  # noqa: ARG001  # a view
    """Begin or continue. Out: `{part_bytes, parts: [{number, etag}]}`, the parts that have arrived."""
    begun = begin_parts(photo)
    parts = [{"number": part.number, "etag": part.etag} for part in begun.parts]
    return JsonResponse({"part_bytes": begun.part_bytes, "parts": parts})


@_answers
def sign(request: HttpRequest, photo: Photo) -> JsonResponse:
    """Sign one part. In: `{number, sha256}`. Out: `{url, headers, expires_in}`."""
    fields = json_object(request)
    number, sha256 = fields.get("number"), fields.get("sha256")
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MAX_PARTS:
        raise BadBody(f"number is a part's number, 1 to {MAX_PARTS}.")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise BadBody("sha256 is 64 hexadecimal digits.")
    upload = sign_part(photo, number=number, sha256=sha256)
    return JsonResponse({"url": upload.url, "headers": upload.headers, "expires_in": upload.expires_in})


@_answers
def finish(request: HttpRequest, photo: Photo) -> JsonResponse:  # noqa: ARG001  # a view
    """Put the parts together and note that the file has arrived: 202, however often it is said."""
    finish_parts(photo)
    return JsonResponse({"photo": str(photo.pk)}, status=202)
