"""Dead-letter queues: how many messages they hold, which ones, and back they go or out.

Looking at messages is a POST: SQS counts a receive and hides what it gives out for two minutes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from serverless.tasks.admin.access import database
from serverless.tasks.exceptions import MalformedMessage
from serverless.tasks.models import State, TaskRow
from serverless.tasks.operate import dead_letters
from serverless.tasks.operate.dead_letters import AWAY, HELD_FOR, DeadLetters, Letter
from serverless.tasks.produce.message import Message

if TYPE_CHECKING:
    from serverless.tasks.admin.rows import TaskAdmin

# Messages on a page; what we send has 70 bytes, and what is longer than this is not shown to its end.
SHOWN = 20
LONGEST = 8_000
SALT = "serverless.tasks.letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message on the page. ``token`` carries what is needed to send it again, signed."""

    letter: Letter
    body: str
    sent: datetime | None
    meaning: str
    row: TaskRow | None
    token: str
    whole: bool


def overview(request: HttpRequest, model_admin: "TaskAdmin") -> HttpResponse:
    _demand(request, model_admin)
    found = [
        {"name": name, "letters": letters if isinstance(letters, DeadLetters) else None,
         "error": str(letters) if isinstance(letters, Exception) else ""}
        for name, letters in dead_letters.all_letters()
    ]  # fmt: skip
    context = {"title": "Dead letters", "queues": found}
    return _page(request, model_admin, "letters.html", context)


def queue_page(request: HttpRequest, queue: str, model_admin: "TaskAdmin") -> HttpResponse:
    _demand(request, model_admin)
    urls = dead_letters.queues()
    if queue not in urls:
        raise Http404("No such queue in TASKS.")
    context: dict[str, Any] = {"title": f"Dead letters of {queue}", "queue": queue, "held_for": HELD_FOR // 60}
    try:
        letters = dead_letters.find(queue, urls[queue])
        if request.method == "POST" and letters is not None:
            if not model_admin.has_retry_permission(request):
                raise PermissionDenied
            if request.POST.get("action") != "look":
                return _act(request, model_admin, letters)
            context["shown"] = _shown(list(dead_letters.receive(letters, limit=SHOWN)))
        context["letters"] = letters
    except AWAY as error:
        context["error"] = str(error)
    context["may_act"] = model_admin.has_retry_permission(request)
    return _page(request, model_admin, "letters_queue.html", context)


def _act(request: HttpRequest, model_admin: "TaskAdmin", letters: DeadLetters) -> HttpResponse:
    """Send back or delete the chosen messages; one that fails does not keep the others."""
    action, done, failed = request.POST.get("action"), 0, ""
    for token in request.POST.getlist("letter")[:SHOWN]:
        try:
            chosen = signing.loads(token, salt=SALT)
            if action == "redrive" and "body" in chosen:
                dead_letters.redrive(
                    letters, body=chosen["body"], handle=chosen["handle"], message_attributes=chosen["attributes"]
                )
            elif action == "delete":
                dead_letters.delete(letters, handle=chosen["handle"])
            else:
                continue
            done += 1
        except signing.BadSignature:
            failed = "A message was not as this page had shown it."
        except AWAY as error:
            failed = str(error)
    said = "sent to its queue again" if action == "redrive" else "deleted"
    level = messages.SUCCESS if done else messages.WARNING
    model_admin.message_user(request, f"{done} message{'' if done == 1 else 's'} {said}.", level)
    if failed:
        model_admin.message_user(request, failed, messages.ERROR)
    return HttpResponseRedirect(reverse("admin:tasks_letters_queue", args=[letters.queue]))


def _shown(letters: Sequence[Letter]) -> list[Shown]:
    read = [_read(letter.body) for letter in letters]
    ids = [message.id for message in read if isinstance(message, Message) and message.database == database()]
    rows = TaskRow.objects.using(database()).only("state").in_bulk(ids)
    return [_show(letter, message, rows) for letter, message in zip(letters, read, strict=True)]


def _show(letter: Letter, message: Message | MalformedMessage, rows: Mapping[UUID, TaskRow]) -> Shown:
    row = rows.get(message.id) if isinstance(message, Message) else None
    whole = len(letter.body) <= LONGEST
    carried: dict[str, Any] = {"handle": letter.handle}
    if whole:
        carried |= {"body": letter.body, "attributes": letter.message_attributes}
    stamp = letter.attributes.get("SentTimestamp")
    return Shown(
        letter=letter,
        body=_pretty(letter.body[:LONGEST]),
        sent=datetime.fromtimestamp(int(stamp) / 1000, UTC) if stamp else None,
        meaning=_meaning(message, row),
        row=row,
        token=signing.dumps(carried, salt=SALT),
        whole=whole,
    )


def _read(body: str) -> Message | MalformedMessage:
    try:
        return Message.loads(body)
    except MalformedMessage as error:
        return error


def _meaning(message: Message | MalformedMessage, row: TaskRow | None) -> str:
    if isinstance(message, MalformedMessage):
        return f"{message} Something else sends to this queue."
    if message.database != database():
        return f"Names a task in the database {message.database!r}."
    if row is None:
        return "Names a task that is not in the table: rolled back, or deleted since. Deleting this loses nothing."
    if row.state in {State.DONE, State.DEAD}:
        return f"Its task is {row.state}. Deleting the message loses nothing."
    return f"Its task is {row.state}, and the tick wakes it without this message. Deleting it loses nothing."


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def _demand(request: HttpRequest, model_admin: "TaskAdmin") -> None:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied


def _page(request: HttpRequest, model_admin: "TaskAdmin", template: str, context: dict[str, Any]) -> HttpResponse:
    whole = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "media": model_admin.media}
    return TemplateResponse(request, f"admin/tasks/taskrow/{template}", whole | context)
