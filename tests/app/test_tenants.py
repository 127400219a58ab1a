"""Every address and every task: with what belongs to another studio they find nothing and change nothing.

A view or task that is not listed here fails the first tests, so that nobody forgets to ask whose things it takes.
"""

import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Final

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db.models import Model
from django.http import HttpResponseBase
from django.tasks import Task
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from pytest_django.fixtures import Settings

import app
from app.accounts.models import Invitation, Membership, Studio, User
from app.accounts.team import invite
from app.api.models import ApiToken
from app.galleries.models import Gallery, Photo
from app.galleries.removal import file_prefixes
from app.galleries.sections import add_sections
from app.notifications.models import CaughtEmail, OutboxEmail
from app.reports.models import Report
from app.sharing.actions import create_share_link
from app.uploads.models import Multipart
from tests.app.conftest import new_photo
from tests.app.reports.conftest import printable_photo
from tests.app.sharing.door import open_of

pytestmark = pytest.mark.django_db

type Things = dict[str, Any]
type Rows = dict[str, list[dict[str, Any]]]

# Addresses that name something of a studio: 404, whoever's it is but ours. The value is a key of `things`.
OWNED: Final = {
    "studio-gallery": "gallery",
    "studio-gallery-settings": "gallery",
    "studio-gallery-delete": "gallery",
    "studio-arrange": "gallery",
    "studio-sort": "gallery",
    "studio-section-new": "gallery",
    "studio-section": "section",
    "studio-member-role": "member",
    "studio-member-remove": "member",
    "studio-invitation-withdraw": "invitation",
    "studio-open": "studio",
    "studio-links": "gallery",
    "studio-link-revoke": "link",
    "studio-link-lock": "link",
    "studio-link-forgive": "link",
    "studio-uploads": "gallery",
    "studio-progress": "gallery",
    "studio-photo-uploaded": "pending",
    "studio-photo-cancel": "pending",
    "studio-photo-parts": "pending",
    "studio-photo-part": "pending",
    "studio-photo-finish": "pending",
    "studio-contact-sheets": "gallery",
    "studio-contact-sheet-file": "report",
    "studio-token-revoke": "token",
}
API: Final = {"api-gallery": "gallery", "api-photos": "gallery", "api-links": "gallery", "api-photo": "photo"}
# Addresses that are a secret themselves: from the parameters that somebody without the secret can know, to the status.
type Parameters = Callable[[Things, Things], dict[str, Any]]
SECRET: Final[dict[str, tuple[Parameters, int]]] = {
    "client-gallery": (lambda _ours, theirs: {"token": theirs["link"].token_hash}, 404),
    "client-unlock": (lambda _ours, theirs: {"token": theirs["link"].pk}, 404),
    "client-renew": (lambda _ours, theirs: {"token": theirs["link"].token_hash}, 404),
    "client-opened": (lambda _ours, theirs: {"token": theirs["link"].token_hash}, 404),
    "client-details": (lambda _ours, theirs: {"token": theirs["gallery"].pk}, 404),
    "client-progress": (lambda _ours, theirs: {"token": theirs["gallery"].pk}, 404),
    "client-photo": (lambda ours, theirs: {"token": ours["secret"], "pk": theirs["photo"].pk}, 404),
    "confirm-address": (lambda _ours, theirs: {"pk": theirs["member"].user_id, "token": "c0ffee-0"}, 410),
    "invitation": (lambda _ours, theirs: {"token": theirs["invitation"].token_hash}, 410),
    # Django's own page says that the link is spent, with 200.
    "password-new": (lambda _ours, theirs: {"uidb64": _uid(theirs["member"].user), "token": "c0ffee-0"}, 200),
    "caught-email": (lambda _ours, theirs: {"pk": theirs["mail"].pk}, 404),
    "caught-email-html": (lambda _ours, theirs: {"pk": theirs["mail"].pk}, 404),
}
# Of this studio alone, or of none; None is the address of the sign-in that stands in for the admin's.
PLAIN: Final = frozenset({
    None, "landing", "favicon", "healthz", "healthz-deep", "sign-in", "sign-out", "sign-up", "sign-up-sent",
    "confirmation-again", "address-confirmed", "password-forgotten", "password-sent", "password-set", "password-change",
    "password-changed", "caught-mail", "studio", "studio-gallery-new", "studio-members", "studio-files",
    "studio-tokens", "api-document", "api-galleries",
})  # fmt: skip
# Each takes at most one id: there is nothing that could be mixed. The value makes its arguments of a studio's things.
TASKS: Final[dict[str, Callable[[Things], list[Any]]]] = {
    "app.accounts.tasks.send_reset": lambda owned: [owned["member"].user.email],
    "app.accounts.tasks.clear_sessions": lambda _: [],
    "app.accounts.tasks.send_confirmation": lambda owned: [owned["member"].user.email],
    "app.galleries.tasks.develop_photo": lambda owned: [str(owned["arrived"].pk)],
    "app.galleries.tasks.delete_stored": lambda owned: [file_prefixes(owned["photo"])],
    "app.notifications.tasks.send_email": lambda owned: [str(owned["outgoing"].pk)],
    "app.reports.tasks.render_report": lambda owned: [str(owned["queued"].pk)],
    "app.sharing.tasks.record_opens": lambda owned: [[open_of(owned["link"])]],
    "app.uploads.tasks.drop_unfinished_parts": lambda owned: [str(owned["pending"].pk)],
}
FORM: Final = {
    "title": "Changed", "do": "delete", "sure": "1", "by": "filename", "label": "x", "role": "admin", "theme": "dark",
    "email": "new@example.test", "lock": "pin", "paper": "a4", "columns": "4", "name": "x", "password": "long-7319-x",
    "secret": "483920", "new_password1": "long-7319-x", "new_password2": "long-7319-x", "client": "x",
}  # fmt: skip
FILES: Final = [{"name": "a.jpg", "size": 9, "type": "image/jpeg", "sha256": "0" * 64}]
BODIES: Final[list[Any]] = [FORM, FILES, {"number": 1, "sha256": "0" * 64}]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis


def things(studio: Studio) -> Things:
    """One of each that belongs to a studio, and its owner."""
    gallery = Gallery.objects.create(studio=studio, title="One", slug="one")
    owner = Membership.objects.create(studio=studio, user=User.objects.create_user(f"boss@{studio.slug}.test"))
    other = User.objects.create_user(f"other@{studio.slug}.test", "right")
    link, secret = create_share_link(gallery, label="Them")
    pending = new_photo(gallery, state="pending", rank=3)
    Multipart.objects.create(photo=pending, studio=studio, upload_id="x", part_bytes=8 * 1024**2)
    token, bearer = ApiToken.objects.all().issue(studio, label="Them")
    sheet = {"studio": studio, "gallery": gallery}
    ready = {"state": "ready", "key": f"reports/{studio.pk}/x.pdf", "bytes": 1, "pages": 1}
    letter = {"to": other.email, "subject": "x", "text": "x", "html": "x"}
    return {
        "studio": studio, "owner": owner, "gallery": gallery, "link": link, "secret": secret, "pending": pending,
        "photo": printable_photo(gallery, rank=1), "arrived": new_photo(gallery, state="uploaded", rank=2),
        "section": add_sections(gallery, ["Party"])[0], "token": token, "bearer": bearer,
        "member": Membership.objects.create(studio=studio, user=other, role="member"),
        "invitation": invite(owner, email=f"invited@{studio.slug}.test", role="member"),
        "report": Report.objects.create(**sheet, **ready, gallery_version=7),
        "queued": Report.objects.create(**sheet, gallery_version=8),
        "mail": CaughtEmail.objects.create(**letter),
        "outgoing": OutboxEmail.objects.create(**letter, idempotency_key=studio.slug),
    }  # fmt: skip


@pytest.fixture
def ours(studio: Studio) -> Things:
    return things(studio)


@pytest.fixture
def theirs() -> Things:
    return things(Studio.objects.create(slug="theirs", name="Theirs"))


@pytest.fixture
def owner(ours: Things) -> Client:
    client = Client()
    client.force_login(ours["owner"].user)
    return client


def routes() -> Iterator[URLPattern]:
    """Every address but the admin's and the API's "everything else"."""

    def walk(resolver: URLResolver) -> Iterator[URLPattern]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLPattern):
                yield entry
            elif entry.namespace != "admin":
                yield from walk(entry)

    return (route for route in walk(get_resolver()) if str(route.pattern) != "^api/")


def path(name: str | None, parameters: dict[str, Any]) -> str:
    route = next(route for route in routes() if route.name == name)
    assert route.pattern.converters.keys() == parameters.keys()
    text = "/" + str(route.pattern)
    for key, converter in route.pattern.converters.items():
        text = text.replace(f"<{_kind(converter)}:{key}>", str(parameters[key]))
    return text


def _kind(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").removeprefix("String").lower() or "str"


def owned_path(name: str, owned: Things) -> str:
    route = next(route for route in routes() if route.name == name)
    (parameter,) = route.pattern.converters
    return path(name, {parameter: owned[(OWNED | API)[name]].pk})


def answers(client: Client, address: str, **headers: str) -> list[HttpResponseBase]:
    """What a GET, a form and JSON bodies give."""
    bodies = [client.post(address, json.dumps(body), "application/json", headers=headers) for body in BODIES]
    return [client.get(address, headers=headers), client.post(address, FORM, headers=headers), *bodies]


def rows() -> Rows:
    """Every row of the product but sessions."""

    def dump(model: type[Model]) -> list[dict[str, Any]]:
        return list(model._base_manager.order_by("pk").values())

    left_out = {"sessions", "contenttypes", "auth", "statements"}
    return {model._meta.label: dump(model) for model in apps.get_models() if model._meta.app_label not in left_out}


def of_studio(found: Rows, owned: Things) -> Rows:
    """Of these rows those that are a studio's, or its people's and their mails."""
    studio, people = owned["studio"].pk, {owned["owner"].user_id, owned["member"].user_id}
    mails = {owned["outgoing"].pk, owned["mail"].pk}

    def belongs(row: dict[str, Any]) -> bool:
        return row.get("studio_id") == studio or row.get("id") in {studio, *people, *mails}

    return {label: [row for row in table if belongs(row)] for label, table in found.items()}


def tasks() -> dict[str, "Task[..., Any]"]:
    modules = [m.name for m in pkgutil.walk_packages(app.__path__, "app.") if m.name.endswith(".tasks")]
    found = (vars(import_module(name)).values() for name in modules)
    return {task.module_path: task for names in found for task in names if isinstance(task, Task)}


def test_no_address_is_left_out() -> None:
    assert {route.name for route in routes()} == OWNED.keys() | API.keys() | SECRET.keys() | PLAIN
    for route in routes():
        assert bool(route.pattern.converters) == (route.name not in PLAIN), route


def test_dump_sees_every_kind_of_thing(ours: Things) -> None:
    found = of_studio(rows(), ours)
    assert {thing._meta.label for thing in ours.values() if isinstance(thing, Model)} <= {
        k for k, v in found.items() if v
    }


@pytest.mark.parametrize("name", OWNED)
def test_things_of_another_studio_do_not_exist(owner: Client, theirs: Things, name: str) -> None:
    before = rows()
    statuses = [answer.status_code for answer in answers(owner, owned_path(name, theirs))]
    assert set(statuses) <= {404, 405}
    assert 404 in statuses
    assert rows() == before


@pytest.mark.parametrize("name", OWNED)
def test_strangers_sign_in_first(client: Client, theirs: Things, name: str) -> None:
    before = rows()
    found = answers(client, owned_path(name, theirs))
    assert {answer.status_code for answer in found} <= {302, 405}
    assert any(answer.headers.get("Location", "").startswith("/sign-in/?next=/studio/") for answer in found)
    assert rows() == before


@pytest.mark.parametrize("name", API)
def test_token_opens_its_own_studio_alone(owner: Client, ours: Things, theirs: Things, name: str) -> None:
    before = rows()
    address, own = owned_path(name, theirs), {"Authorization": f"Bearer {ours['bearer']}"}
    assert owner.get(owned_path(name, ours), headers=own).status_code == 200
    assert [answer.status_code for answer in answers(Client(), address, **own)] == [404, 405, 405, 405, 405]
    assert [answer.status_code for answer in answers(owner, address)] == [401, 405, 405, 405, 405]  # a session is none
    assert rows() == before


@pytest.mark.parametrize("name", SECRET)
def test_without_the_secret_an_address_opens_nothing(
    owner: Client, ours: Things, theirs: Things, name: str, settings: Settings
) -> None:
    settings.DEMO = False  # with it, mails are caught for whoever sits at this machine
    before = rows()
    parameters, status = SECRET[name]
    found = answers(owner, path(name, parameters(ours, theirs)))
    assert {answer.status_code for answer in found} <= {status, 405}
    assert status in {answer.status_code for answer in found}
    assert rows() == before


@pytest.mark.parametrize("do", ["after", "start", "move", "first", "last", "cover", "delete"])
@pytest.mark.parametrize("foreign", ["photos", "after", "section"])
def test_own_gallery_takes_nothing_of_another(
    owner: Client, ours: Things, theirs: Things, do: str, foreign: str
) -> None:
    before = rows()
    form = {"do": do, "sure": "1", "photos": ours["photo"].pk, "after": ours["arrived"].pk}
    form |= {foreign: theirs["photo" if foreign != "section" else "section"].pk}
    owner.post(owned_path("studio-arrange", ours), form)
    after = rows()
    assert of_studio(after, theirs) == of_studio(before, theirs)
    assert set(Photo.objects.filter(gallery=ours["gallery"]).values_list("section", flat=True)) == {None}
    assert Gallery.objects.get(pk=ours["gallery"].pk).cover_id in {None, ours["photo"].pk}


def test_sorting_takes_no_section_of_another(owner: Client, ours: Things, theirs: Things) -> None:
    before = rows()
    answer = owner.post(owned_path("studio-sort", ours), {"by": "filename", "section": theirs["section"].pk})
    assert answer.status_code == 422
    assert rows() == before


def test_invitation_of_another_address_is_not_taken_over(owner: Client, ours: Things) -> None:
    theirs = Studio.objects.create(slug="theirs", name="Theirs")
    boss = Membership.objects.create(studio=theirs, user=User.objects.create_user("boss@theirs.test"))
    invitation = invite(boss, email="invited@theirs.test", role="owner")
    secret = OutboxEmail.objects.get(to=invitation.email).text.partition("/invitations/")[2].split("/")[0]
    before = rows()
    assert {answer.status_code for answer in answers(owner, f"/invitations/{secret}/")} == {200}
    assert rows() == before
    assert Invitation.objects.filter(pk=invitation.pk).exists()
    assert not Membership.objects.filter(studio=theirs, user=ours["owner"].user).exists()


def test_reading_writes_nothing(owner: Client, ours: Things, theirs: Things) -> None:
    addresses = [path(name, {}) for name in PLAIN] + [owned_path(name, ours) for name in OWNED | API]
    client_pages = ("", "unlock/", "details/", "progress/?since=2020-01-01T00:00:00Z", f"{ours['photo'].pk}/")
    addresses += [f"/s/{ours['secret']}/{page}" for page in (*client_pages, "opened/")]
    addresses += [path(name, parameters(ours, theirs)) for name, (parameters, _) in SECRET.items()]
    token = {"Authorization": f"Bearer {ours['bearer']}"}
    readers: list[tuple[Client, dict[str, str]]] = [(owner, {}), (Client(), {}), (Client(), token)]
    before = rows()
    statuses = [
        reader.generic(method, address, headers=headers).status_code
        for address in addresses
        for method in ("GET", "HEAD")
        for reader, headers in readers
    ]
    assert rows() == before
    assert max(statuses) < 500
    assert statuses.count(200) > len(addresses)


def test_no_task_is_left_out() -> None:
    assert tasks().keys() == TASKS.keys()
    for name, task in tasks().items():
        parameters = inspect.signature(task.func).parameters.keys() - {"context"}
        assert len(parameters) <= 1, f"{name} takes {parameters}: test that it mixes no studios"


@pytest.mark.parametrize("name", TASKS)
def test_task_leaves_other_studios_alone(ours: Things, theirs: Things, name: str) -> None:
    before = of_studio(rows(), ours)
    task, arguments = tasks()[name], TASKS[name](theirs)
    if task.takes_context:
        result = task.enqueue(*arguments)
        arguments = [_Context(result), *arguments]
    task.func(*arguments)
    assert of_studio(rows(), ours) == before


class _Context:
    """What a task is told of itself."""

    def __init__(self, task_result: object) -> None:
        self.task_result = task_result


def _uid(user: User) -> str:
    return urlsafe_base64_encode(force_bytes(user.pk))
