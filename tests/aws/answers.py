"""What the site answers, asked from here as a visitor would. Each check returns what is not so, in sentences."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

__all__ = ["Answer", "ask", "closed", "firewall", "health", "kept", "pages", "private", "redirected", "static"]

_TIMEOUT_S: Final = 40
# One place of CloudFront's has several caches.
_TRIES: Final = 5
# Of an exploit that AWS's rules for known bad inputs have by name (Log4JRCE), with nothing behind it.
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
_EXPLOIT: Final = "${jndi:ldap://127.0.0.1/a}"
# What CloudFront says in its 403; S3 says AccessDenied.
_MISSING: Final = "Missing Key-Pair-Id"
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    text: str


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Redirects are answers."""


def ask(url: str, **headers: str) -> Answer:
    """GET it once, without following redirects; underscores in names of ``headers`` stand for hyphens."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with build_opener(_Stay).open(Request(url, headers=given), timeout=_TIMEOUT_S) as response:
            return _answer(response.status, response.headers.items(), response.read())
    except HTTPError as error:
        with error:
            return _answer(error.code, error.headers.items(), error.read())


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    return Answer(
        status=status, headers={name.lower(): value for name, value in headers}, text=body.decode(errors="replace")
    )


def health(site: str, *, release: str, version: str) -> Iterator[str]:
    """The release of the record answers through CloudFront, and is kept nowhere on the way."""
    for _ in range(2):
        answer = ask(f"{site}/healthz")
        try:
            said = json.loads(answer.text)
        except ValueError:
            said = {}
        if answer.status != 200 or (said.get("release"), said.get("version")) != (release, version):
            yield f"/healthz answers {answer.status}, {answer.text[:200]!r}, not {release}, version {version}"
        if "hit" in answer.headers.get("x-cache", "").lower():
            yield "/healthz comes out of CloudFront's cache"


def pages(site: str) -> Iterator[str]:
    """Pages have the headers that the application and the edge say, errors too."""
    for path in ("/", "/00000000-0000-0000-0000-000000000000/", "/_edge/503.html"):
        answer = ask(f"{site}{path}")
        if answer.status >= 500:
            yield f"{path} answers {answer.status}"
        if "max-age=31536000" not in answer.headers.get("strict-transport-security", ""):
            yield f"{path} has no Strict-Transport-Security of a year"
        if "content-security-policy" not in answer.headers and answer.status != 302:
            yield f"{path} has no Content-Security-Policy"
        if "x-amz-cf-id" not in answer.headers:
            yield f"{path} does not come by CloudFront"
        for name, value in _HEADERS.items():
            if answer.headers.get(name, "").upper() != value.upper():
                yield f"{path} has {name} {answer.headers.get(name)!r}, not {value}"


def kept(site: str, paths: Iterable[str]) -> Iterator[str]:
    """Pages that may be kept are, whatever stands behind them, and are nobody's. Folders are left out."""
    for path in paths:
        if path.endswith("*"):
            continue
        found = [ask(f"{site}{path}?{number}") for number in range(_TRIES)]
        found.append(ask(f"{site}{path}", Cookie="sessionid=forged"))
        if not any("hit" in answer.headers.get("x-cache", "").lower() for answer in found):
            yield f"{path} is asked of the application every time"
        if any("set-cookie" in answer.headers for answer in found):
            yield f"{path} sets a cookie"
        if len({answer.text for answer in found}) > 1:
            yield f"{path} is not the same for everyone"


def redirected(site: str) -> Iterator[str]:
    """Plain HTTP leads to HTTPS."""
    answer = ask(urlsplit(site)._replace(scheme="http").geturl() + "/")
    if answer.status not in {301, 308} or not answer.headers.get("location", "").startswith("https://"):
        yield f"plain HTTP is answered with {answer.status}, {answer.headers.get('location')!r}"


def closed(urls: Mapping[str, str]) -> Iterator[str]:
    """Nothing but CloudFront opens these: the API's own address, the buckets'. ``urls``: by what they are."""
    for what, url in urls.items():
        if (answer := ask(url)).status != 403:
            yield f"{what} answers {answer.status} to anybody ({url})"


def static(site: str, key: str) -> Iterator[str]:
    """A static file comes through CloudFront, to be kept for ever."""
    answer = ask(f"{site}/{key}")
    if answer.status != 200:
        yield f"/{key} answers {answer.status}"
    if "immutable" not in answer.headers.get("cache-control", ""):
        yield f"/{key} may be kept: {answer.headers.get('cache-control')!r}"


def private(site: str, names: tuple[str, ...]) -> Iterator[str]:
    """Without a cookie no private path opens: CloudFront itself refuses, before it asks S3.

    https://repost.aws/knowledge-center/cloudfront-troubleshoot-signed-url-cookies
    """
    for name in names:
        answer = ask(f"{site}/{name}/nobody/nothing.jpg")
        if answer.status != 403 or _MISSING not in answer.text:
            yield f"/{name}/ answers {answer.status} without a cookie: {answer.text[:120]!r}"
        forged = "CloudFront-Policy=e30_; CloudFront-Signature=AAAA; CloudFront-Key-Pair-Id=KNOBODY"
        if (answer := ask(f"{site}/{name}/nobody/nothing.jpg", cookie=forged)).status != 403:
            yield f"/{name}/ answers {answer.status} to a forged cookie"


def firewall(site: str) -> Iterator[str]:
    """The firewall stops a request that is known to exploit something."""
    if (answer := ask(f"{site}/", user_agent=_EXPLOIT)).status != 403:
        yield f"a known exploit is answered with {answer.status}"
