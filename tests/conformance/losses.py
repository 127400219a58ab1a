"""What each event cannot carry: the only differences from gunicorn that are accepted.

Each loss says what arrives instead, as a change to the request that gunicorn is asked or to the answer it gives. An
adapter is held to the rest exactly. docs/reference/events.md states the same table; a test compares the two.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from serverless.events import build
from tests.conformance.case import Answer, Case

__all__ = ["ASGI", "LOSSES", "Loss", "Refused", "markdown"]


class Refused(Exception):
    """The front door answers this request by itself: no event is made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    what: str
    request: Callable[[Case], Case] | None = None
    answer: Callable[[Answer], Answer] | None = None


def _decoded_path(case: Case) -> Case:
    try:
        path = build.http_api_path(case.path)
    except ValueError as refused:
        raise Refused(str(refused)) from None
    return replace(case, path=quote(path, safe="/:@!$&'()*+,;=~-._"))


def _listed_cookies(case: Case) -> Case:
    sent = [part.strip() for name, value in case.headers if name.lower() == "cookie" for part in value.split(";")]
    others = tuple(pair for pair in case.headers if pair[0].lower() != "cookie")
    cookie = "; ".join(part for part in sent if part)
    return replace(case, headers=(*others, ("Cookie", cookie)) if cookie else others)


def _rebuilt_query(case: Case) -> Case:
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(case.query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return replace(case, query=urlencode(values, doseq=True))


def _grouped(query: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            values.setdefault(name, []).append(value)
    return values


def _grouped_query(case: Case) -> Case:
    return replace(
        case, query="&".join(f"{k}={value}" for k, values in _grouped(case.query).items() for value in values)
    )


def _last_parameters(case: Case) -> Case:
    return replace(case, query="&".join(f"{name}={values[-1]}" for name, values in _grouped(case.query).items()))


def _last_headers(case: Case) -> Case:
    last = {name.lower(): (name, value) for name, value in case.headers}
    return replace(case, headers=tuple(last.values()))


def _no_empty_length(case: Case) -> Case:
    headers = case.headers if case.body else tuple(pair for pair in case.headers if pair[0] != "Content-Length")
    return replace(case, headers=headers)


def _no_base_path(case: Case) -> Case:
    return case if case.stage else replace(case, mount="")


def _own_reason(answer: Answer) -> Answer:
    return replace(answer, reason=None)


def _remapped(answer: Answer) -> Answer:
    return replace(
        answer,
        headers=tuple(
            ("x-amzn-remapped-www-authenticate" if name == "www-authenticate" else name, value)
            for name, value in answer.headers
        ),
    )


_REASON = Loss(what="The reason phrase beside the status: the front door sends its own.", answer=_own_reason)

LOSSES: dict[str, tuple[Loss, ...]] = {
    "http-v2": (
        Loss(
            what="The path as sent. It arrives decoded, cut where a decoded `?` shows, and decoded once more: `%2F`, "
            "`%3F` and `%25` are not what they were, bytes that are not UTF-8 are U+FFFD, and where the second "
            "decoding fails (`%25` before anything but two hexadecimal digits) the API answers 400 by itself.",
            request=_decoded_path,
        ),
        Loss(
            what="How cookies were spaced, and empty ones: they arrive as a list, and become one header with `; ` "
            "between them.",
            request=_listed_cookies,
        ),
        Loss(
            what="The key of a custom domain's API mapping, which would be the beginning of every URL: set Django's "
            "`FORCE_SCRIPT_NAME` to it.",
            request=_no_base_path,
        ),
        _REASON,
    ),
    "function-url": (_REASON,),
    "http-v1": (
        Loss(
            what="The query as sent. It arrives decoded, as lists: it is encoded anew, the order between different "
            "keys is lost, `a` is `a=`, and bytes that are not UTF-8 are U+FFFD.",
            request=_rebuilt_query,
        ),
        Loss(
            what="Whether a body was empty or absent: Content-Length does not arrive.",
            request=_no_empty_length,
        ),
        Loss(
            what="`WWW-Authenticate` in answers: it leaves as `x-amzn-remapped-www-authenticate`.",
            answer=_remapped,
        ),
        _REASON,
    ),
    "alb": (
        Loss(
            what="All but the last of a repeated header, cookies in two headers among them.",
            request=_last_headers,
        ),
        Loss(
            what="All but the last of a repeated query parameter; `a` is `a=`, and empty parts (`&&`) are gone.",
            request=_last_parameters,
        ),
    ),
    "alb-multi-value": (
        Loss(
            what="The order between different query parameters; `a` is `a=`, and empty parts (`&&`) are gone.",
            request=_grouped_query,
        ),
    ),
}


def _latin_cookies(answer: Answer) -> Answer:
    def change(seen: dict[str, Any]) -> None:
        seen["COOKIES"] = [[name, value.encode().decode("latin-1")] for name, value in seen["COOKIES"]]

    return _seen(answer, change)


def _stripped_cookies(answer: Answer) -> Answer:
    def change(seen: dict[str, Any]) -> None:
        if "Cookie" in seen["headers"]:
            seen["headers"]["Cookie"] = seen["headers"]["Cookie"].rstrip("; ")

    return _seen(answer, change)


def _seen(answer: Answer, change: Callable[[dict[str, Any]], None]) -> Answer:
    """Return ``answer`` with ``change`` made to what the view says it saw, if that is what the answer is."""
    if ("content-type", "application/json") not in answer.headers or b'"path_info"' not in answer.body:
        return answer
    seen = json.loads(answer.body)
    change(seen)
    return replace(answer, body=json.dumps(seen).encode())


def _standard_reason(answer: Answer) -> Answer:
    return replace(answer, reason=answer.reason and responses.get(answer.status, "Unknown Status Code"))


# Whatever the shape, where Django is called through ASGI.
ASGI: tuple[Loss, ...] = (
    Loss(
        what="UTF-8 in cookies: Django's ASGI requests read the header as Latin-1, its WSGI requests as UTF-8.",
        answer=_latin_cookies,
    ),
    Loss(what="Semicolons and spaces at the end of the Cookie header: Django removes them.", answer=_stripped_cookies),
    Loss(what="A reason phrase of the view's own: ASGI has none.", answer=_standard_reason),
)


def markdown(losses: Iterable[Loss]) -> str:
    """Return ``losses`` as the documentation lists them."""
    return "\n".join(f"- {loss.what}" for loss in losses)
