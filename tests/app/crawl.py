"""Everyone who may come by, and every address that there is, with what each is told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from app.accounts.models import Membership, Studio, User
from app.sharing.actions import create_share_link
from app.sharing.locks import Kind, hashed
from tests.app.sharing.door import PIN
from tests.app.test_tenants import API, OWNED, PLAIN, SECRET, Things, owned_path, path, routes, things
from tests.sharedcache import Answer, Request

__all__ = ["ADMIN", "Address", "Visitor", "addresses", "answer_of", "everyone", "walk"]

GZIP: Final = {"Accept-Encoding": "gzip, deflate, br"}
# The admin's own addresses: a sample of each kind that Django's admin has.
ADMIN: Final = (
    "/admin/", "/admin/jsi18n/", "/admin/logout/", "/admin/password_change/", "/admin/galleries/gallery/",
    "/admin/galleries/gallery/add/",
    "/admin/autocomplete/?app_label=galleries&model_name=gallery&field_name=studio&term=o",
    "/admin/sharing/sharelink/", "/admin/accounts/user/", "/admin/nothing/", "/admin/galleries/gallery",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`name` is the route's, or what stands for it where there is none."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A browser or a program, with cookies and headers of its own."""

    who: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    headers: dict[str, str] = field(default_factory=lambda: dict(GZIP))

    def ask(self, url: str, *, method: str = "GET", **headers: str) -> tuple[Request, Answer]:
        sent = self.headers | headers
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in sorted(self.client.cookies.items()))
        kept = SimpleCookie(cookies)
        response = self.client.generic(method, url, headers=sent)
        if method == "POST":  # which is taken back, signing out too
            self.client.cookies = kept
        if cookies:
            sent = sent | {"Cookie": cookies}
        small = {name.lower(): value for name, value in sent.items()}
        return Request(who=self.who, url=url, method=method, headers=small), answer_of(response)


def answer_of(response: HttpResponseBase) -> Answer:
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]  # stubs
    headers = {name.lower(): value for name, value in response.headers.items()}
    cookies = tuple(morsel.OutputString() for morsel in response.cookies.values())
    return Answer(status=response.status_code, headers=headers, body=body, cookies=cookies)


def everyone(ours: Things, theirs: Things, locked: str) -> list[Visitor]:
    """Strangers, a visitor who has opened a lock, each role, the other studio's owner, staff, programs."""

    def signed_in(who: str, user: User) -> Visitor:
        visitor = Visitor(who=who)
        visitor.client.force_login(user)
        return visitor

    def program(who: str, bearer: str) -> Visitor:
        return Visitor(who=who, headers=GZIP | {"Authorization": f"Bearer {bearer}", "Accept": "application/json"})

    admin = User.objects.create_user("admin@ours.test")
    Membership.objects.create(studio=ours["studio"], user=admin, role="admin")
    inside = Visitor(who="visitor with the PIN")
    inside.client.post(f"/s/{locked}/unlock/", {"secret": PIN})
    inside.client.get(f"/s/{locked}/")
    visitor = Visitor(who="visitor")
    visitor.client.get(f"/s/{ours['secret']}/")
    return [
        Visitor(who="anonymous"),
        Visitor(who="anonymous, plain", headers={"Accept-Language": "de", "User-Agent": "Bot/1"}),
        visitor,
        inside,
        signed_in("owner", ours["owner"].user),
        signed_in("admin", admin),
        signed_in("member", ours["member"].user),
        signed_in("their owner", theirs["owner"].user),
        signed_in("staff", User.objects.create_superuser("staff@example.test", "right")),
        program("program", ours["bearer"]),
        program("their program", theirs["bearer"]),
    ]


def addresses(ours: Things, theirs: Things, locked: str) -> Iterator[Address]:
    """Each route with what is ours and with what is theirs, the pages behind each link, and addresses of nobody."""
    for route in routes():
        name: Any = route.name
        if name in PLAIN:
            yield Address(name=str(name), url=path(name, {}))
        elif name in OWNED | API:
            yield from (Address(name=name, url=owned_path(name, owned)) for owned in (ours, theirs))
        else:
            yield Address(name=name, url=path(name, SECRET[name][0](ours, theirs)))
    pages = {
        "gallery": "", "unlock": "unlock/", "renew": "renew/", "opened": "opened/", "details": "details/",
        "progress": "progress/?since=2020-01-01T00:00:00Z", "photo": f"{ours['photo'].pk}/",
    }  # fmt: skip
    for secret in (ours["secret"], theirs["secret"], locked):
        yield from (Address(name=f"client-{name}", url=f"/s/{secret}/{page}") for name, page in pages.items())
    yield from (Address(name="admin", url=url) for url in ADMIN)
    yield from (Address(name="nobody", url=url) for url in ("/nothing/", "/studio", "/api/v1/nothing/", "/%00/"))
    yield from (Address(name=name, url=f"/?{query}") for name, query in (("landing", "utm=1"), ("landing", "a=%00")))


def walk(studio: Studio, other: Studio) -> list[tuple[Address, Request, Answer]]:
    """Everyone asks for everything; forms are sent, too, and taken back."""
    ours, theirs = things(studio), things(other)
    _, locked = create_share_link(ours["gallery"], label="Locked", lock=hashed(Kind.PIN, PIN))
    visitors, known = everyone(ours, theirs, locked), list(addresses(ours, theirs, locked))
    found = []
    for visitor in visitors:
        for address in known:
            cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis
            found.append((address, *visitor.ask(address.url)))
            if visitor.who in {"anonymous", "owner", "program"}:
                found.append((address, *visitor.ask(address.url, method="HEAD")))
            if visitor.who in {"anonymous", "visitor", "owner"}:
                with transaction.atomic():
                    found.append((address, *visitor.ask(address.url, method="POST")))
                    transaction.set_rollback(True)
    return found
