"""Django's own cache_page, on this cache."""

import json
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.views.decorators.cache import cache_page
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.vary import vary_on_headers
from pytest_django.fixtures import Settings

from serverless.cache.backend import ValkeyCache
from serverless.cache.exceptions import NotData
from serverless.cache.serializer import DataSerializer
from tests.valkeys import Server

made: list[str] = []


def _page(name: str, response: HttpResponse) -> HttpResponse:
    made.append(name)
    return response


def html(_: HttpRequest) -> HttpResponse:
    response = _page("html", HttpResponse("<p>é\0</p>", headers={"X-Own": "1"}, reason="Fine"))
    response.set_cookie("a", "1", max_age=60, httponly=True, samesite="Lax")
    response.set_cookie("b", 'q"; x', path="/b")
    return response


def data(_: HttpRequest) -> HttpResponse:
    return _page("json", JsonResponse({"a": 1}))


def latin(_: HttpRequest) -> HttpResponse:
    return _page("latin", HttpResponse("é", charset="latin-1"))


def template(request: HttpRequest) -> HttpResponse:
    made.append("template")
    return TemplateResponse(request, engines["django"].from_string("{{ a }}"), {"a": object.__name__})


@vary_on_headers("X-Who")
def varies(request: HttpRequest) -> HttpResponse:
    return _page("varies", HttpResponse(request.headers.get("X-Who", "")))


@xframe_options_exempt
def framed(_: HttpRequest) -> HttpResponse:
    return _page("framed", HttpResponse("framed"))


@csp_override({"default-src": ["'none'"]})
def strict(_: HttpRequest) -> HttpResponse:
    return _page("strict", HttpResponse("strict"))


urlpatterns = [
    path(view.__name__, cache_page(60)(view)) for view in (html, data, latin, template, varies, framed, strict)
]


@pytest.fixture(autouse=True)
def pages(settings: Settings, server: Server) -> None:
    settings.ROOT_URLCONF = __name__
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": server.url, "KEY_PREFIX": "pages"}}
    server.ask("FLUSHALL")
    made.clear()


@pytest.mark.parametrize("name", ["html", "data", "latin", "template", "framed", "strict"])
def test_the_second_visitor_gets_the_same_and_nothing_is_made(client: Client, name: str) -> None:
    first, second = client.get(f"/{name}"), Client().get(f"/{name}")
    assert len(made) == 1
    assert second.content == first.content
    aged = dict(second.headers.items())
    assert aged.pop("Age") == "0"
    assert aged == dict(first.headers.items())
    assert second.reason_phrase == first.reason_phrase
    assert second.charset == first.charset
    assert second.cookies.output() == first.cookies.output()


def test_what_varies_is_kept_apart(client: Client) -> None:
    assert [client.get("/varies", headers={"X-Who": who}).content for who in ("a", "b", "a")] == [b"a", b"b", b"a"]
    assert made == ["varies", "varies"]


@override_settings(
    CACHES={"default": {"BACKEND": "serverless.cache.backend.ValkeyCache", "LOCATION": "redis://127.0.0.1:9"}}
)
def test_without_valkey_pages_are_made(client: Client) -> None:
    assert [client.get("/html").status_code for _ in range(3)] == [200, 200, 200]
    assert len(made) == 3


def test_what_a_decorator_hung_on_it_must_be_data(rf: RequestFactory) -> None:
    response: Any = HttpResponse("x")
    response.policy = object()
    with pytest.raises(NotData):
        DataSerializer({}).dumps(response)


def test_what_is_kept_is_readable(client: Client, server: Server) -> None:
    client.get("/data")
    (key,) = [key for key in server.ask("KEYS", "*") if b"cache_page" in key]
    head, _, body = server.ask("GET", key).partition(b"\n")
    assert json.loads(head[1:])[0] == 200
    assert body == b'{"a": 1}'


def calls(server: Server) -> int:
    return int(server.ask("INFO", "commandstats")["cmdstat_get"]["calls"])


def test_headers_and_page_come_in_one_round_trip(client: Client, server: Server) -> None:
    for _ in range(2):
        client.get("/varies", headers={"X-Who": "a"})
    (connection,) = the_cache().client.valkey().connection_pool._available_connections
    before = calls(server)
    assert client.get("/varies", headers={"X-Who": "a"}).content == b"a"
    assert calls(server) - before == 2
    assert connection._parser.waits == 1, "both answers were waited for once"
    assert made == ["varies"]


def test_another_page_than_last_time_is_not_mistaken(client: Client) -> None:
    for who in ("a", "b", "a", "b", "b", "c"):
        assert client.get("/varies", headers={"X-Who": who}).content.decode() == who
    assert made == ["varies"] * 3


def test_what_was_read_ahead_is_not_kept(client: Client, server: Server) -> None:
    """It is good for the next get() alone, and for nobody after a write."""
    for _ in range(2):
        client.get("/data")
    cache = the_cache()
    headers = next(key for key in cache.keys("*") if "cache_header" in key)
    page = next(key for key in cache.keys("*") if "cache_page" in key)
    assert cache.get(headers) == []
    cache.set(page, "changed")
    assert cache.get(page) == "changed"
    assert cache.get(headers) == []
    assert cache.get(page) == "changed"
    server.ask("FLUSHALL")
    assert cache.get(page) is None


def the_cache() -> ValkeyCache:
    found = caches["default"]
    assert isinstance(found, ValkeyCache)
    return found
