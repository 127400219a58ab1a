"""The viewer function in the browser's engine, and the emulator's in Python: one corpus, the same answers."""

import json
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web
from playwright.sync_api import Browser

from serverless.emulator import pages
from serverless.emulator.cdn import Maintenance
from serverless.emulator.cdn import viewer_function as emulated
from serverless.emulator.gateway import GATEWAYS
from serverless.emulator.messages import Headers, Request, end_to_end
from serverless.stack.edge import viewer_function
from serverless.stack.edge.viewer_function import COOKIE, DOOR, FUNCTION_BYTES, source
from tests.e2e.conftest import _connected, chromium
from tests.serverless.stack.edge.support import only, rendered

__all__ = ["_connected", "chromium"]

BYPASS: Final = "aB3-_" * 8
TAKES: Final = GATEWAYS["http-api"].takes
HEADER_BYTES: Final = 10_240 - emulated.EDGE_BYTES
TEXT_BYTES: Final = 6 * 1024**2 - emulated.ENVELOPE_BYTES
BINARY_BYTES: Final = TEXT_BYTES // 4 * 3
# What a function sees although it goes no further.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
OF_THE_CONNECTION: Final = ("te", "transfer-encoding")
# Runs every event, each with what CloudFront adds to its request: a method for the query as it was sent.
RUN: Final = """([code, events]) => {
  const handler = new Function('"use strict";' + code + ';return handler;')();
  return events.map((event) => {
    const query = event.query;
    event.request.rawQueryString = () => query === null ? undefined : query;
    return handler(event);
  });
}"""


def code(*, shut: bool, bypass: str) -> str:
    """The function as CloudFormation publishes it."""
    return source().replace("${MaintenanceBypass}", bypass).replace("${Maintenance}", "yes" if shut else "no")


def asking(*headers: tuple[str, str], target: str = "/", method: str = "GET") -> Request:
    return Request(method=method, target=target, headers=headers, body=b"", address="198.51.100.9")


def filled(total: int, *, target: str = "/", unit: str = "v") -> Request:
    """A request whose line and header values, two cookies among them, are `total` bytes beside its connection's."""
    first, cookie = ("X-A", unit * 100), "a=1; b="
    room = total - len(f"GET {target} HTTP/1.1") - len(first[1].encode()) - len(cookie) - len("h.example")
    fields = (("Host", "h.example"), ("TE", "trailers"), ("Transfer-Encoding", "chunked"), first)
    return asking(*fields, ("Cookie", cookie + "c" * room), target=target)


def sized(length: int, *headers: tuple[str, str]) -> Request:
    return asking(("Host", "h"), ("Content-Length", str(length)), *headers, method="POST")


def corpus() -> list[Request]:
    """Ordinary requests, forged ones, both sides of every limit, the door and its cookies; and 200 at random."""
    text = ("text/plain", "TEXT/html; charset=utf-8", "application/json", "application/problem+json", "image/png", "")
    passes = (BYPASS, "wrong", "", f'"{BYPASS}"', BYPASS + "x", BYPASS[:-1])
    cookies = [f"a=1; {COOKIE}={value}; b=2" for value in passes] + [f"x{COOKIE}={BYPASS}", COOKIE, "a=1;b=2"]
    doors = (BYPASS, "wrong", "", BYPASS + "/", f"{BYPASS}?x=1", f"{BYPASS}%20", BYPASS.lower())
    return [
        asking(("Host", "h.example"), ("X-Viewer-Host", "evil"), ("x-viewer-ADDRESS", "evil"), ("A", "b")),
        asking(("Host", "h.example"), ("CloudFront-Forwarded-Proto", "http"), ("X-Origin-Secret", "guess")),
        asking(("Host", "h.example"), ("Accept", "a"), ("Accept", "b"), ("Connection", "x-hop"), ("X-Hop", "1")),
        asking(("X-Name", "Zoë Łukasz 写真"), target="/a%20b/?q=%C3%A9&q=2"),
        asking(("Host", "h"), target="/?"),
        *(filled(HEADER_BYTES + more, target=target) for more in (-1, 0, 1) for target in ("/", "/a?b=c", "/?", "/é")),
        *(filled(HEADER_BYTES + more, unit=unit) for more in (0, 1) for unit in ("ä", "写", "📷", "%")),
        *(sized(most + more) for most in (TEXT_BYTES, BINARY_BYTES) for more in (0, 1)),
        *(sized(n + more, ("Content-Type", t)) for t in text for n in (TEXT_BYTES, BINARY_BYTES) for more in (0, 1)),
        sized(BINARY_BYTES + 1, ("Content-Type", "text/plain"), ("Content-Encoding", "gzip")),
        *(asking(("Host", "h"), ("Cookie", cookie)) for cookie in cookies),
        sized(BINARY_BYTES + 1, ("Cookie", cookies[0])),
        asking(("Host", "h"), ("Cookie", f"{cookies[0]}; c={'c' * HEADER_BYTES}")),
        *(asking(("Host", "h"), target=DOOR + door) for door in doors),
        *shuffled(200),
    ]


def shuffled(count: int) -> Iterable[Request]:
    chosen = random.Random(20261123)  # noqa: S311 - the same corpus every time
    for _ in range(count):
        headers = [("Host", "h.example"), ("Content-Length", str(chosen.choice((0, 10, BINARY_BYTES, TEXT_BYTES + 1))))]
        names = ("Accept", "X-A", "Content-Type", "X-Viewer-Host", "Content-Encoding", "User-Agent")
        for name in chosen.sample(names, k=chosen.randint(0, len(names))):
            letters = chosen.choices("ab c/;=ßЖ写📷%", k=chosen.randint(1, 40))
            headers.append((name, "".join(letters).strip() or "x"))
        crumbs = [f"c{n}={'v' * chosen.randint(1, 3000)}" for n in range(chosen.randint(0, 5))]
        if crumbs:
            headers.append(("Cookie", "; ".join(crumbs)))
        path = "/" + "".join(chosen.choices("ab/%2é", k=chosen.randint(0, 60)))
        yield asking(*headers, target=path + chosen.choice(("", "?", "?a=b", "?a=é&a=c")), method="POST")


def event(request: Request) -> dict[str, Any]:
    """What CloudFront hands to the function: names in lower case, cookies apart, nothing of the connection.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
    """
    headers: dict[str, Any] = {}
    cookies: dict[str, Any] = {}
    connection = tuple(pair for pair in request.headers if pair[0].lower() in OF_THE_CONNECTION)
    for name, value in (*end_to_end(request.headers), *connection):
        if name.lower() == "cookie":
            for crumb in value.split(";"):
                key, _, content = crumb.strip().partition("=")
                _collect(cookies, key, content)
        else:
            _collect(headers, name.lower(), value)
    uri, mark, query = request.target.partition("?")
    asked = {"method": request.method, "uri": uri, "headers": headers, "cookies": cookies, "querystring": {}}
    return {"version": "1.0", "viewer": {"ip": request.address}, "request": asked, "query": query if mark else None}


def _collect(fields: dict[str, Any], name: str, value: str) -> None:
    if name in fields:
        fields[name].setdefault("multiValue", [{"value": fields[name]["value"]}]).append({"value": value})
    else:
        fields[name] = {"value": value}


def in_python(request: Request, *, shut: bool, bypass: str) -> dict[str, Any]:
    instead = Maintenance(on=shut, bypass=bypass).answer(request)
    if instead is None:
        asked = emulated.handle(request, TAKES)
        if isinstance(asked, Request):
            return passed(end_to_end(asked.headers))
        instead = pages.page(asked)
    return answered(instead)


def passed(headers: Headers) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in headers:
        fields.setdefault(name.lower(), []).append(value)
    return {"headers": fields}


def answered(response: web.Response) -> dict[str, Any]:
    # The edge itself says X-Cache, and that nothing is no bytes of anything.
    own = {"x-cache", "content-length"} | ({"content-type"} if response.body is None else set())
    headers = {name.lower(): value for name, value in response.headers.items() if name.lower() not in own}
    return {"status": response.status, "headers": headers, "body": response.text or ""}


def in_javascript(result: dict[str, Any]) -> dict[str, Any]:
    if "statusCode" not in result:
        kept = ((name, field) for name, field in result["headers"].items() if name not in OF_THE_CONNECTION)
        passed_on = {name: _values(field) for name, field in kept}
        crumbs = [f"{name}={value}" for name, field in result["cookies"].items() for value in _values(field)]
        return {"headers": passed_on | ({"cookie": crumbs} if crumbs else {})}
    headers = {name: field["value"] for name, field in result["headers"].items()}
    for name, cookie in result.get("cookies", {}).items():
        headers["set-cookie"] = f"{name}={cookie['value']}; {cookie['attributes']}"
    return {"status": result["statusCode"], "headers": headers, "body": result.get("body", {}).get("data", "")}


def _values(field: dict[str, Any]) -> list[str]:
    return [one["value"] for one in field.get("multiValue", [field])]


def same_cookies(result: dict[str, Any]) -> dict[str, Any]:
    """The Cookie header as a list of its parts: how it is written between them is not the function's."""
    if "status" in result or "cookie" not in result["headers"]:
        return result
    parts = [part.strip() for header in result["headers"]["cookie"] for part in header.split(";")]
    joined = sorted(part if "=" in part else f"{part}=" for part in parts)
    return {"headers": result["headers"] | {"cookie": joined}}


@pytest.mark.browser
@pytest.mark.parametrize(("shut", "bypass"), [(False, BYPASS), (True, BYPASS), (False, ""), (True, "")])
def test_both_answer_the_corpus_alike(chromium: Browser, shut: bool, bypass: str) -> None:
    requests = corpus()
    page = chromium.new_page()
    results = page.evaluate(RUN, [code(shut=shut, bypass=bypass), [event(request) for request in requests]])
    page.close()
    statuses = set()
    for request, result in zip(requests, results, strict=True):
        wanted = in_python(request, shut=shut, bypass=bypass)
        assert same_cookies(in_javascript(result)) == same_cookies(wanted), request
        statuses.add(wanted.get("status"))
    # Each corpus has met everything that can happen to a request.
    expected = {None, 413, 431} if not shut or bypass else set()
    assert statuses == expected | ({503} if shut else set()) | ({302} if bypass else set())


@pytest.mark.browser
def test_the_page_of_a_shut_site_is_complete(chromium: Browser) -> None:
    page = chromium.new_page()
    asked = [event(asking(("Host", "h")))]
    (result,) = page.evaluate(RUN, [code(shut=True, bypass=BYPASS), asked])
    page.set_content(result["body"]["data"])
    assert page.title() == page.locator("h1").inner_text() == "Back soon"
    assert page.get_by_role("link", name="Try again").is_visible()
    assert not re.search(r"\{(status|title|text|link)\}", result["body"]["data"])
    assert result["headers"]["retry-after"] == {"value": "300"}
    page.close()


def test_it_fits_with_the_longest_secret() -> None:
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions
    assert len(code(shut=True, bypass="x" * 128).encode()) <= FUNCTION_BYTES == 10 * 1024


def test_it_speaks_only_what_cloudfronts_engine_knows() -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html"""
    written = Path(viewer_function.__file__).with_suffix(".js").read_text("utf-8")
    plain = re.sub(r"//.*|'[^'\n]*'", "", written)
    unknown = r"\bof\b|\.\.\.|\?\.|\?\?|`|\bclass\b|\bimport\b|\bexport\b|\b(const|let|var)\s*[\[{]|\\u|\bcharCodeAt\b"
    assert not re.findall(unknown, plain)
    assert "function handler(event)" in plain


def test_only_the_two_parameters_are_left_open() -> None:
    function = only(rendered(), "AWS::CloudFront::Function")
    assert re.findall(r"\$\{(.*?)\}", function["FunctionCode"]["Fn::Sub"]) == ["Maintenance", "MaintenanceBypass"]
    assert (function["AutoPublish"], function["FunctionConfig"]["Runtime"]) == (True, "cloudfront-js-2.0")
    first = function["FunctionCode"]["Fn::Sub"].splitlines()[0]
    settings = json.loads(first.removeprefix("const SETTINGS = ").removesuffix(";"))
    assert settings["headerBytes"] == HEADER_BYTES
    assert (settings["textBytes"], settings["binaryBytes"]) == (TEXT_BYTES, BINARY_BYTES)
    assert tuple(settings["textTypes"]) == TAKES.text_types
