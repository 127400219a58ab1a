"""Who may keep which answer: every address, everyone who may ask, and shared caches that keep all they are let."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from app.accounts.models import Studio
from app.urls import urlpatterns as all_addresses
from serverless.cache import public_page
from tests.app.crawl import Address, Visitor, walk
from tests.app.test_tenants import API, OWNED, PLAIN, SECRET, routes
from tests.edgedoor import bleeds_through
from tests.sharedcache import Answer, CloudFront, Request, Rfc9111, Rules, bleeds, directives

pytestmark = pytest.mark.xdist_group("crawl")

_FLEETING: Final = re.compile(rb'[A-Za-z0-9]{64}|data-since="[^"]*"|Signature=[^"&]*|\d+ (seconds?|minutes?) ago')

type Found = list[tuple[Address, Request, Answer]]

NOBODY: Final = {"private", "no-store"}
PUBLIC: Final = {
    "landing": "public, max-age=60, s-maxage=600, stale-while-revalidate=86400, stale-if-error=86400",
    "favicon": "public, max-age=3600, s-maxage=3600, stale-while-revalidate=86400, stale-if-error=86400",
    "api-document": "public, max-age=300, s-maxage=600, stale-while-revalidate=86400, stale-if-error=86400",
}
# By route, what an answer with 200, 302 or 304 says. Everything else, and every error, is NOBODY's.
EXPECTED: Final[dict[str, str]] = (
    PUBLIC
    | dict.fromkeys([*API, "api-galleries"], "private, no-cache")
    | {"healthz": "no-store"}
    | dict.fromkeys(
        {str(name) for name in OWNED.keys() | SECRET.keys() | PLAIN} - PUBLIC.keys() - {"healthz", "api-galleries"},
        "nobody",
    )
    | dict.fromkeys(["admin", "nobody"], "nobody")
)
# Forms alone, redirects, links that were good for one use, and what nobody has set a secret for.
WITHOUT_PAGE: Final = {
    "None", "client-opened", "client-renew", "client-unlock", "confirm-address", "favicon", "healthz-deep",
    "invitation", "nobody", "sign-out", "studio-arrange", "studio-contact-sheet-file", "studio-files",
    "studio-gallery-new",
    "studio-invitation-withdraw", "studio-link-forgive", "studio-link-revoke", "studio-member-remove",
    "studio-member-role", "studio-open", "studio-photo-cancel", "studio-photo-finish", "studio-photo-part",
    "studio-photo-parts", "studio-photo-uploaded", "studio-section", "studio-section-new", "studio-sort",
    "studio-token-revoke", "studio-uploads",
}  # fmt: skip


@pytest.fixture(scope="module")
def found(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Found]:
    """The walk of everyone, taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        ours = Studio.objects.create(slug="ours", name="Our Studio")
        yield walk(ours, Studio.objects.create(slug="theirs", name="Their Studio"))
        transaction.set_rollback(True)


def test_the_table_has_every_address() -> None:
    assert {str(route.name) for route in routes()} | {"admin", "nobody"} == EXPECTED.keys()


def test_the_walk_saw_the_inside_of_everything(found: Found) -> None:
    """Had everybody been turned away, the rest would prove nothing."""
    good = [(at.name, r) for at, r, answer in found if answer.status == 200 and r.method == "GET"]
    assert EXPECTED.keys() - {name for name, _ in good} == WITHOUT_PAGE
    inside = {request.who for _, request in good if request.url.startswith("/studio/")}
    assert inside == {"owner", "admin", "member", "their owner"}


def test_every_answer_says_who_may_keep_it(found: Found) -> None:
    wrong = [
        f"{r.who} {r.method} {r.url}: {a.status} {a.headers.get('cache-control')}"
        for at, r, a in found
        if not _as_said(at, r, a)
    ]
    assert not wrong, "\n".join(wrong)


def _as_said(address: Address, request: Request, answer: Answer) -> bool:
    said = answer.headers.get("cache-control", "")
    expected = EXPECTED[address.name]
    well = answer.status in {200, 302, 304} and request.method in {"GET", "HEAD"} and not answer.cookies
    if expected != "nobody" and well:
        return said == expected
    return directives(answer).keys() >= NOBODY and not directives(answer).keys() & {"public", "s-maxage"}


def test_cookies_and_logins_are_nobodys(found: Found) -> None:
    """Said once more without the table: CloudFront keeps cookies with the page."""
    for _, request, answer in found:
        if answer.cookies or request.url.startswith(("/studio/", "/admin/", "/s/")):
            assert directives(answer).keys() >= NOBODY, request


def test_whatever_depends_on_a_header_names_it(found: Found) -> None:
    """Two who get different answers from one address differ in a header that both answers name."""
    groups: dict[tuple[str, str], list[tuple[Request, Answer]]] = {}
    for _, request, answer in found:
        groups.setdefault((request.url, request.method), []).append((request, answer))
    wrong = Counter(
        f"{a.who} / {b.who}: {a.method} {a.url}: {one.headers.get('vary')}"
        for group in groups.values()
        for a, one in group
        for b, other in group
        if (one.status, _text(one)) != (other.status, _text(other)) and not _told_apart(a, b, one)
    )
    assert not wrong, "\n".join(list(wrong)[:30])


def _text(answer: Answer) -> object:
    """What it says, but for what is another each time: forms' tokens, moments, signatures."""
    if answer.headers.get("content-type", "").startswith("text/html"):
        return answer.headers.get("location"), _FLEETING.sub(b"", answer.text)
    return answer.headers.get("location"), answer.headers.get("content-type")


def _told_apart(a: Request, b: Request, one: Answer) -> bool:
    named = {name.strip().lower() for name in one.headers.get("vary", "").split(",")}
    return any(a.headers.get(name) != b.headers.get(name) for name in named)


@pytest.mark.parametrize("rules", [Rfc9111(), CloudFront()], ids=["rfc9111", "cloudfront"])
def test_nobody_gets_anything_of_anybody(found: Found, rules: Rules) -> None:
    wrong, hits = bleeds([(request, answer) for _, request, answer in found], rules)
    assert not wrong, "\n".join(wrong)
    assert hits > 100  # the landing page and its like, from hand to hand


@pytest.mark.parametrize("backwards", [False, True])
def test_nobody_gets_anything_of_anybody_out_of_the_emulators_memory(found: Found, backwards: bool) -> None:
    """All paths kept, and the application told everything: what it says about keeping has to be enough."""
    walked = [(request, answer) for _, request, answer in found]
    wrong, hits = bleeds_through(reversed(walked) if backwards else walked)
    assert not wrong, "\n".join(wrong)
    assert hits > 20


@pytest.mark.parametrize("url", ["/", "/?utm=1", "/favicon.ico", "/api/v1/openapi.json"])
def test_headers_outside_of_the_key_change_nothing(client: Client, url: str) -> None:
    visitor = Visitor(who="anybody", client=client)
    _, first = visitor.ask(url)
    assert "public" in directives(first)
    for name, value in {
        "Accept": "image/avif", "Accept-Language": "de", "User-Agent": "x", "DNT": "1",
        "Cookie": f"sessionid={'x' * 32}; csrftoken={'y' * 32}; files=z; messages=x",
        "Authorization": "Bearer x", "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https", "Origin": "null",
        "Referer": "https://evil.test/", "Range": "bytes=0-1", "X-Requested-With": "XMLHttpRequest",
        "Forwarded": "host=x",
        "X-Original-Url": "/studio/", "X-Http-Method-Override": "POST", "If-Modified-Since": "x", "Purpose": "prefetch",
        "Sec-Fetch-Site": "cross-site", "HX-Request": "true", "Save-Data": "on",
    }.items():  # fmt: skip
        answer = visitor.ask(url, **{name: value})[1]
        assert answer.seen == first.seen, (name, answer.cookies)


@pytest.mark.parametrize("cookie", ["csrftoken=y", "sessionid=x"])
def test_who_makes_up_cookies_gets_a_page_for_nobody_else(client: Client, cookie: str) -> None:
    _, answer = Visitor(who="anybody", client=client).ask("/", Cookie=cookie)
    assert answer.cookies
    assert directives(answer).keys() == NOBODY


# --- views that do it wrong, each caught by the rules that it breaks ---


@public_page(browser=60, edge=60)
def _reads_a_cookie(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Hello {request.COOKIES.get('files', '')}{request.COOKIES.get('name', 'you')}")


@public_page(browser=60, edge=60)
def _reads_the_token(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Hello {request.headers.get('Authorization', 'you')}")


def _forgets_vary(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.COOKIES.get("name", "you"), headers={"Cache-Control": "max-age=60"})


@public_page(browser=60, edge=60)
def _greets_the_user(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Hello {request.user}")


@public_page(browser=60, edge=60)
def _sets_a_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("Hello")
    response.set_cookie("visitor", request.headers.get("User-Agent", ""))
    return response


def _says_nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.COOKIES.get("name", "you"))


BUGS: Final[dict[str, Callable[..., HttpResponse]]] = {
    "cookie": _reads_a_cookie, "token": _reads_the_token, "vary": _forgets_vary, "user": _greets_the_user,
    "sets": _sets_a_cookie, "nothing": _says_nothing,
}  # fmt: skip
urlpatterns = [*(path(f"bug/{name}/", view) for name, view in BUGS.items()), *all_addresses]


def _two(url: str) -> list[tuple[Request, Answer]]:
    """A visitor and another, who differ in all they say."""
    found = []
    for name in ("Ada", "Charles"):
        visitor = Visitor(who=name)
        visitor.client.cookies["name"] = name
        found.append(visitor.ask(url, Authorization=f"Bearer {name}", **{"User-Agent": name}))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("rules", [Rfc9111(), CloudFront()], ids=["rfc9111", "cloudfront"])
@pytest.mark.parametrize("bug", ["cookie", "token"])
def test_a_public_page_that_looks_at_its_visitor_is_caught(settings: Settings, rules: Rules, bug: str) -> None:
    settings.ROOT_URLCONF = __name__
    assert bleeds(_two(f"/bug/{bug}/"), rules)[0]
    assert bleeds_through(_two(f"/bug/{bug}/"))[0]


@pytest.mark.django_db
def test_a_view_that_forgets_vary_is_caught(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    assert bleeds(_two("/bug/vary/"), CloudFront())[0]


@pytest.mark.django_db
@pytest.mark.parametrize("bug", ["user", "sets", "nothing"])
def test_what_a_view_forgets_does_no_harm_and_without_the_middleware_it_would(settings: Settings, bug: str) -> None:
    settings.ROOT_URLCONF = __name__
    assert bleeds(_two(f"/bug/{bug}/"), CloudFront()) == ([], 0)
    assert bleeds_through(_two(f"/bug/{bug}/")) == ([], 0)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("PrivateByDefault")]
    wrong, hits = bleeds(_two(f"/bug/{bug}/"), CloudFront())
    assert hits
    assert bool(wrong) == (bug != "user")  # two strangers: it says the same to both
