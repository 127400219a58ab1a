from django.http import HttpRequest, JsonResponse

from serverless.db.replicas import using_replicas
from tests.faults.replicated.models import Note


@using_replicas()
def notes(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse({"mark": Note.objects.create(mark=request.body.decode()).mark})
    found = list(Note.objects.order_by("pk"))
    return JsonResponse(
        {"notes": [note.mark for note in found], "from": sorted({str(note._state.db) for note in found})}
    )
