"""How each address of the product is asked: by whom, with what. The tables of counts and of plans go by these names.

An address with several ways to ask it has several names, the route's and a word behind it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests.app.world import SECRET, World

type Kwargs = Callable[[World], dict[str, Any]]
# Savepoints are the tests' own: a view's transactions are nested in the test's.
_CONTROL: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET CONSTRAINTS")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A GET, or with `data` a POST: of a form, or of JSON if it is a list, or `json`."""

    kwargs: Kwargs = lambda _: {}
    query: str = ""
    data: Any = None
    json: bool = False
    who: str = "owner"
    status: int = 200


def _gallery(world: World) -> dict[str, Any]:
    return {"pk": world.gallery.pk}


def _secret(world: World) -> dict[str, Any]:
    return {"token": world.secret}


def _of(name: str, **given: Any) -> Visit:
    """One whose address names this thing of the world."""
    return Visit(kwargs=lambda world: {"pk": getattr(world, name).pk}, **given)


_ANYBODY: Final[dict[str, Any]] = {"who": "anybody"}
_FORM: Final[dict[str, Any]] = {"status": 302}
_FILES: Final = [{"name": f"{n}.jpg", "size": 9, "type": "image/jpeg", "sha256": f"{n:064x}"} for n in range(3)]

STUDIO: Final[dict[str, Visit]] = {
    "studio": Visit(),
    "studio search": Visit(query="?q=More"),
    "studio-gallery-new": Visit(data={"title": "New", "sections": "A, B"}, **_FORM),
    "studio-gallery": Visit(kwargs=_gallery),
    "studio-gallery-settings": Visit(kwargs=_gallery),
    "studio-gallery-settings POST": Visit(kwargs=_gallery, data={"title": "New", "theme": "dark"}, **_FORM),
    "studio-gallery-delete": Visit(kwargs=_gallery),
    "studio-gallery-delete POST": Visit(kwargs=_gallery, data={}, **_FORM),
    "studio-arrange": Visit(kwargs=_gallery, data=lambda w: {"do": "first", "photos": w.photo.pk}, **_FORM),
    "studio-arrange cover": Visit(kwargs=_gallery, data=lambda w: {"do": "cover", "photos": w.photo.pk}, **_FORM),
    "studio-arrange delete": Visit(
        kwargs=_gallery, data=lambda w: {"do": "delete", "sure": "1", "photos": w.photo.pk}, **_FORM
    ),
    "studio-sort": Visit(kwargs=_gallery, data={"by": "filename"}, **_FORM),
    "studio-section-new": Visit(kwargs=_gallery, data={"title": "New"}, **_FORM),
    "studio-section": _of("section", data={"do": "rename", "title": "New"}, **_FORM),
    "studio-section delete": _of("section", data={"do": "delete"}, **_FORM),
    "studio-members": Visit(),
    "studio-members POST": Visit(data={"email": "somebody@new.test", "role": "member"}, **_FORM),
    "studio-member-role": _of("member", data={"role": "admin"}, **_FORM),
    "studio-member-remove": _of("member", data={}, **_FORM),
    "studio-invitation-withdraw": _of("invitation", data={}, **_FORM),
    "studio-open": _of("studio", data={}, **_FORM),
    "studio-links": Visit(kwargs=_gallery),
    "studio-links POST": Visit(kwargs=_gallery, data={"label": "New", "lock": ""}, status=201),
    "studio-link-revoke": _of("link", data={}, **_FORM),
    "studio-link-lock": _of("link"),
    "studio-link-lock POST": _of("link", data={"lock": "pin", "secret": "483920"}),
    "studio-link-forgive": _of("link", data={}, **_FORM),
    "studio-files": Visit(data={}, status=204),
    "studio-uploads": Visit(kwargs=_gallery, data=_FILES),
    "studio-progress": Visit(kwargs=_gallery),
    "studio-photo-uploaded": _of("pending", data={}, status=202),
    "studio-photo-cancel": _of("pending", data={}),
    "studio-photo-parts": _of("parts", data={}),
    "studio-photo-part": _of("parts", data={"number": 1, "sha256": "0" * 64}, json=True),
    "studio-photo-finish": _of("parts", data={}, status=409),
    "studio-contact-sheets": Visit(kwargs=_gallery),
    "studio-contact-sheets POST": Visit(kwargs=_gallery, data={"paper": "a4", "columns": "4"}, **_FORM),
    "studio-contact-sheet-file": _of("report", **_FORM),
    "studio-tokens": Visit(),
    "studio-tokens POST": Visit(data={"label": "New"}, status=201),
    "studio-token-revoke": _of("token", data={}, **_FORM),
    "caught-mail": Visit(),
    "caught-email": _of("mail"),
    "caught-email-html": _of("mail"),
}
CLIENT: Final[dict[str, Visit]] = {
    "client-gallery": Visit(kwargs=_secret, **_ANYBODY),
    "client-gallery locked": Visit(kwargs=lambda w: {"token": w.locked_secret}, status=403, **_ANYBODY),
    "client-gallery unknown": Visit(kwargs=lambda _: {"token": "x"}, status=404, **_ANYBODY),
    "client-unlock": Visit(
        kwargs=lambda w: {"token": w.locked_secret}, data={"secret": "482913"}, **_FORM, **_ANYBODY
    ),
    "client-unlock wrong": Visit(kwargs=lambda w: {"token": w.locked_secret}, data={"secret": "111111"}, status=422,
                                 **_ANYBODY),
    "client-renew": Visit(kwargs=_secret, data={}, status=204, **_ANYBODY),
    "client-opened": Visit(kwargs=_secret, data={}, status=204, **_ANYBODY),
    "client-opened owner": Visit(kwargs=_secret, data={}, status=204),
    "client-details": Visit(kwargs=_secret, **_ANYBODY),
    "client-progress": Visit(kwargs=_secret, query="?since=2020-01-01T00:00:00Z", **_ANYBODY),
    "client-photo": Visit(kwargs=lambda w: {"token": w.secret, "pk": w.photo.pk}, **_ANYBODY),
}  # fmt: skip
API: Final[dict[str, Visit]] = {
    "api-document": Visit(**_ANYBODY),
    "api-galleries": Visit(who="token"),
    "api-gallery": Visit(kwargs=lambda w: {"gallery_id": w.gallery.pk}, who="token"),
    "api-photos": Visit(kwargs=lambda w: {"gallery_id": w.gallery.pk}, who="token"),
    "api-links": Visit(kwargs=lambda w: {"gallery_id": w.gallery.pk}, who="token"),
    "api-photo": Visit(kwargs=lambda w: {"photo_id": w.photo.pk}, who="token"),
}


def _new_password(world: World) -> dict[str, Any]:
    user = world.member.user
    return {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}


DOOR: Final[dict[str, Visit]] = {
    "landing": Visit(**_ANYBODY),
    "favicon": Visit(status=302, **_ANYBODY),
    "healthz": Visit(**_ANYBODY),
    # Nobody has its secret here: there is no such page.
    "healthz-deep": Visit(status=404, **_ANYBODY),
    "sign-in": Visit(**_ANYBODY),
    "sign-in POST": Visit(data=lambda w: {"username": w.owner.user.email, "password": SECRET}, **_FORM, **_ANYBODY),
    "sign-out": Visit(data={}, **_FORM),
    "sign-up": Visit(**_ANYBODY),
    "sign-up-sent": Visit(**_ANYBODY),
    "confirmation-again": Visit(**_ANYBODY),
    "confirmation-again POST": Visit(data=lambda w: {"email": w.member.user.email}, **_FORM, **_ANYBODY),
    "address-confirmed": Visit(**_ANYBODY),
    "confirm-address": Visit(kwargs=lambda w: {"pk": w.member.user_id, "token": "c0ffee-0"}, status=410, **_ANYBODY),
    "invitation": Visit(kwargs=lambda w: {"token": w.invited}, **_ANYBODY),
    "password-forgotten": Visit(**_ANYBODY),
    "password-forgotten POST": Visit(data=lambda w: {"email": w.member.user.email}, **_FORM, **_ANYBODY),
    "password-sent": Visit(**_ANYBODY),
    "password-new": Visit(kwargs=_new_password, **_FORM, **_ANYBODY),
    "password-set": Visit(**_ANYBODY),
    "password-change": Visit(),
    "password-changed": Visit(),
}
# What the admin knows, and the thing of the world whose pages are asked.
_MODELS: Final[Mapping[str, Callable[[World], Any]]] = {
    "auth_group": lambda w: w.group,
    "accounts_user": lambda w: w.member.user,
    "accounts_studio": lambda w: w.studio,
    "accounts_membership": lambda w: w.member,
    "accounts_invitation": lambda w: w.invitation,
    "notifications_outboxemail": lambda w: w.outgoing,
    "galleries_gallery": lambda w: w.gallery,
    "galleries_photo": lambda w: w.photo,
    "sharing_sharelink": lambda w: w.link,
    "reports_report": lambda w: w.report,
    "api_apitoken": lambda w: w.token,
    "tasks_pause": lambda w: w.pause,
    "tasks_taskrow": lambda w: w.task,
    "shards_move": lambda w: w.moved,
    "tasks_schedulerow": lambda w: w.task,  # declared in settings, made by the tick: there is none here
}
_NO_ADDING: Final = frozenset({
    "accounts_invitation", "galleries_photo", "sharing_sharelink", "reports_report", "api_apitoken", "tasks_taskrow",
    "tasks_schedulerow", "notifications_outboxemail", "shards_move",
})  # fmt: skip
_NO_DELETING: Final = frozenset({"tasks_taskrow", "tasks_schedulerow", "shards_move"})


def _object(model: str) -> Kwargs:
    return lambda world: {"object_id": _MODELS[model](world).pk}


def _pages_of(model: str) -> Iterator[tuple[str, Visit]]:
    there = 302 if model == "tasks_schedulerow" else 200
    yield f"admin:{model}_changelist", Visit(who="staff")
    yield f"admin:{model}_add", Visit(who="staff", status=403 if model in _NO_ADDING else 200)
    yield f"admin:{model}_change", Visit(who="staff", kwargs=_object(model), status=there)
    yield f"admin:{model}_history", Visit(who="staff", kwargs=_object(model), status=there)
    deleting = 403 if model in _NO_DELETING else 200
    yield f"admin:{model}_delete", Visit(who="staff", kwargs=_object(model), status=deleting)


ADMIN: Final[dict[str, Visit]] = {
    **{name: visit for model in _MODELS for name, visit in _pages_of(model)},
    "admin:galleries_photo_changelist search": Visit(who="staff", query="?q=jpg"),
    "admin:galleries_photo_changelist state": Visit(who="staff", query="?state__exact=failed"),
    "admin:index": Visit(who="staff"),
    "admin:login": Visit(who="staff", status=302),
    "admin:logout": Visit(who="staff", data={}, **_FORM),
    "admin:password_change": Visit(who="staff"),
    "admin:password_change_done": Visit(who="staff"),
    "admin:autocomplete": Visit(who="staff", query="?app_label=accounts&model_name=membership&field_name=user&term=o"),
    "admin:jsi18n": Visit(who="staff"),
    "admin:view_on_site": Visit(
        who="staff", status=302,
        kwargs=lambda w: {
            "content_type_id": ContentType.objects.get_for_model(w.gallery).pk, "object_id": str(w.gallery.pk),
        },
    ),
    "admin:auth_user_password_change": Visit(who="staff", kwargs=lambda w: {"id": w.member.user_id}),
    "admin:tasks_dashboard": Visit(who="staff"),
    "admin:tasks_letters": Visit(who="staff"),
    "admin:tasks_letters_queue": Visit(who="staff", kwargs=lambda _: {"queue": "default"}),
    "admin:statements_statement_changelist": Visit(who="staff"),
    "admin:statements_statement_reset": Visit(who="staff", data={}, **_FORM),
    "admin:app_list": Visit(who="staff", kwargs=lambda _: {"app_label": "galleries"}),
}  # fmt: skip
VISITS: Final = STUDIO | CLIENT | API | DOOR | ADMIN


def names() -> set[str]:
    """Every address that has a name; those without one are redirects of the admin's, and its sign-in, which is ours."""

    def walk(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry, f"{entry.namespace}:" if entry.namespace else prefix)
            elif isinstance(entry, URLPattern) and entry.name:
                yield prefix + entry.name

    return set(walk(get_resolver()))


def pay(visit: Visit, name: str, world: World) -> tuple[HttpResponseBase, list[str]]:
    """Ask once, with nothing in the cache, and take back what it changed; returns the statements that it sent."""
    client = Client(raise_request_exception=True)
    with transaction.atomic():
        headers = {"Authorization": f"Bearer {world.bearer}"} if visit.who == "token" else {}
        if visit.who in {"owner", "staff"}:
            client.force_login(world.owner.user if visit.who == "owner" else world.staff)
        cache.delete_pattern("*")  # type: ignore[attr-defined]  # django-redis
        ContentType.objects.clear_cache()
        path = reverse(name.split(" ")[0], kwargs=visit.kwargs(world)) + visit.query
        if path.startswith("/studio"):
            session = client.session
            session["studio"] = str(world.studio.pk)
            session.save()
            cache.delete_pattern("*")  # type: ignore[attr-defined]
        data = visit.data(world) if callable(visit.data) else visit.data
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connections[DEFAULT_DB_ALIAS]) as captured:
            if data is None:
                response = client.get(path, headers=headers)
            elif visit.json or isinstance(data, list):
                response = client.post(path, data, "application/json", headers=headers)
            else:
                response = client.post(path, data, headers=headers)
            if response.streaming:
                b"".join(response)
        transaction.set_rollback(True)
    sent = [query["sql"] for query in captured.captured_queries]
    return response, [sql for sql in sent if not sql.startswith(_CONTROL)]
