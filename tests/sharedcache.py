"""Shared caches as rules: may this answer be kept, and whose request would it be given to?

Two of them. `Rfc9111` keeps whatever RFC 9111 lets a shared cache keep, with every "may" taken: heuristics for what
says nothing, and pages of signed-in people where they are called public. `CloudFront` is a distribution whose owner has
turned caching on everywhere with AWS' own policy CachingOptimized: it looks at the path and the query alone, never at
Vary, Cookie or Authorization, keeps Set-Cookie along with the page, and for a day what says nothing.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
"""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from serverless.emulator.cdn import cache

__all__ = ["Answer", "CloudFront", "Request", "Rfc9111", "Rules", "bleeds"]

# RFC 9110, section 15.1: what may be kept without being told for how long.
_HEURISTIC: Final = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
# What CloudFront keeps for the error caching minimum TTL, or as they say.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
_ERRORS: Final = frozenset({400, 403, 404, 405, 410, 414, 416, 429, 500, 501, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks for what: header names in small letters."""

    who: str
    url: str
    headers: Mapping[str, str]
    method: str = "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Django says to it: header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> bytes:
        """The body. A compressed one begins with random bytes against BREACH."""
        compressed = self.headers.get("content-encoding") == "gzip" and self.body
        return gzip.decompress(self.body) if compressed else self.body

    @property
    def seen(self) -> tuple[object, ...]:
        """All that a visitor gets of it."""
        measured = {"content-length", "content-encoding", "date", "age"}
        return self.status, {k: v for k, v in self.headers.items() if k not in measured}, self.text, self.cookies


class Rules(Protocol):
    """A shared cache."""

    def keeps(self, request: Request, answer: Answer) -> bool:
        """Whether it may keep the answer and give it to somebody without asking again."""

    def same(self, kept: Request, answer: Answer, request: Request) -> bool:
        """Whether the answer to the first request is given to the second."""


class Rfc9111:
    """https://www.rfc-editor.org/rfc/rfc9111, sections 3, 3.5, 4 and 4.1, for a shared cache."""

    def keeps(self, request: Request, answer: Answer) -> bool:
        said = directives(answer)
        if request.method != "GET" or said.keys() & {"no-store", "private", "no-cache"}:
            return False
        if "authorization" in request.headers and not said.keys() & {"public", "s-maxage", "must-revalidate"}:
            return False
        told = said.keys() & {"public", "max-age", "s-maxage"} or "expires" in answer.headers
        return _lasts(said) and (bool(told) or answer.status in _HEURISTIC)

    def same(self, kept: Request, answer: Answer, request: Request) -> bool:
        nominated = {name.strip().lower() for name in answer.headers.get("vary", "").split(",") if name.strip()}
        if kept.url != request.url or request.method not in {"GET", "HEAD"} or "*" in nominated:
            return False
        return all(kept.headers.get(name) == request.headers.get(name) for name in nominated)


class CloudFront:
    """For how long, the emulator's CDN decides, which has CloudFront's rules with a minimum TTL of 0."""

    def keeps(self, request: Request, answer: Answer) -> bool:
        kept = answer.status < 400 or answer.status in _ERRORS
        return request.method == "GET" and kept and bool(cache.ttl(answer.headers))

    def same(self, kept: Request, answer: Answer, request: Request) -> bool:  # noqa: ARG002 - of the protocol
        coding = self._coding(kept) == self._coding(request)
        return kept.url == request.url and request.method in {"GET", "HEAD"} and coding

    @staticmethod
    def _coding(request: Request) -> bool:
        """The one header that the policy looks at, made one of a few."""
        return "gzip" in request.headers.get("accept-encoding", "")


def directives(answer: Answer) -> dict[str, str]:
    """Cache-Control by name."""
    parts = (part.strip().partition("=") for part in answer.headers.get("cache-control", "").lower().split(","))
    return {name: value for name, _, value in parts if name}


def bleeds(found: Iterable[tuple[Request, Answer]], rules: Rules) -> tuple[list[str], int]:
    """What somebody would get of another's: one line each; and how often a cache answered at all.

    Everyone's answer is tried on everyone else's request for the same address, whoever came first.
    """
    by_url: dict[str, list[tuple[Request, Answer]]] = {}
    for request, answer in found:
        by_url.setdefault(request.url, []).append((request, answer))
    wrong, hits = [], 0
    for same_url in by_url.values():
        for first, kept in same_url:
            if not rules.keeps(first, kept):
                continue
            for second, own in same_url:
                if first is second or not rules.same(first, kept, second):
                    continue
                hits += 1
                if kept.seen != own.seen and not (second.method == "HEAD" and kept.seen[:2] == own.seen[:2]):
                    wrong.append(f"{second.who} gets of {first.who}: {first.url} ({kept.headers.get('cache-control')})")
    return wrong, hits


def _lasts(said: Mapping[str, str]) -> bool:
    """Whether it is fresh for any time at all; a shared cache looks at s-maxage first."""
    return said.get("s-maxage", said.get("max-age", "1")) != "0"
