"""Ask an adapter every case as every shape, and compare with gunicorn, field by field."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.conformance.case import Answer, Case
from tests.conformance.losses import Loss, Refused
from tests.conformance.reference import UNCOMPARED, Gunicorn
from tests.conformance.shapes import SHAPES, Malformed, Shape

__all__ = ["APART", "Adapter", "Difference", "Result", "compared", "run"]

type Adapter = Callable[[dict[str, Any]], dict[str, Any]]
type Difference = tuple[str, str, str]  # a field, gunicorn's value, the adapter's
type Fields = dict[str, tuple[object, object]]

# What a request must fire: once each, in this order.
SIGNALS = ("request_started", "request_finished")

# Fields that every case has are counted under a category of their own, so that one fault does not hide the others.
APART = {"signals": "request signals", "seen address": "client address"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One case as one shape."""

    category: str
    case: str
    shape: str
    differences: tuple[Difference, ...]


def run(
    adapter: Adapter, reference: Gunicorn, cases: Iterable[Case], fired: list[str], losses: tuple[Loss, ...] = ()
) -> Iterator[Result]:
    """Yield the results of each case and each shape that carries it.

    ``fired`` receives the names of Django's signals; ``losses`` are the adapter's own, beside those of the shapes.
    """
    for case in cases:
        for shape in SHAPES:
            try:
                left = shape.leaves(case) if shape.carries(case) else None
            except Refused:
                continue
            if left is not None:
                expected = shape.receives(reference.ask(left), losses)
                fired.clear()
                yield from _results(case, shape, _compare(adapter, shape, case, expected, fired))


def _results(case: Case, shape: Shape, fields: Fields) -> Iterator[Result]:
    def result(category: str, chosen: Iterable[str]) -> Result:
        compared = [(name, *fields[name]) for name in chosen]
        differing = [(name, _short(theirs), _short(ours)) for name, theirs, ours in compared if theirs != ours]
        return Result(category=category, case=case.name, shape=shape.name, differences=tuple(differing))

    yield result(case.category, [name for name in fields if name not in APART])
    for name, category in APART.items():
        if name in fields:
            yield result(category, [name])


def _compare(adapter: Adapter, shape: Shape, case: Case, expected: Answer, fired: list[str]) -> Fields:
    try:
        # Through JSON, in and out, as Lambda hands them over.
        event = json.loads(json.dumps(shape.event(case)))
        given = shape.answer(json.loads(json.dumps(adapter(event))))
    except Malformed as malformed:
        return {"answer": (expected.status, f"malformed: {malformed}")}
    except Exception as raised:  # noqa: BLE001 - whatever an adapter raises is a finding
        return {"answer": (expected.status, f"raised {type(raised).__name__}: {raised}")}
    return compared(case, expected, given) | {"signals": (SIGNALS, tuple(fired))}


def compared(case: Case, expected: Answer, given: Answer) -> Fields:
    """Return what is compared of two answers to ``case``: by the name of the field, both values."""
    fields: Fields = {
        "status": (expected.status, given.status),
        "reason": (expected.reason, given.reason),
        "headers": (_headers(expected), _headers(given)),
    }
    seen = _seen(expected), _seen(given)
    if seen[0] and seen[1]:
        theirs, ours = (_forgiving(case, said) for said in seen)
        fields |= {f"seen {name}": (value, ours.get(name)) for name, value in theirs.items()}
    elif case.method != "HEAD" or case.category == "answers to HEAD":
        fields["body"] = (expected.body, given.body)
    return fields


def _headers(answer: Answer) -> list[tuple[str, str]]:
    """Return the headers to compare: the order counts within a name only."""
    kept = [(name, value) for name, value in answer.headers if name not in UNCOMPARED]
    return sorted(kept, key=lambda pair: pair[0])


def _seen(answer: Answer) -> dict[str, Any]:
    """Return what the view says it saw, or nothing where the answer is another one."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) and "path_info" in said else {}


def _forgiving(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Return ``seen`` without what WSGI lets a server choose, outside the categories that are about it."""
    headers: dict[str, str] = dict(seen["headers"])
    if case.category != "bodies: none":
        headers.pop("Content-Length", None)
        seen = seen | {"content_length": seen["content_length"] or "0"}
        headers = {name: value for name, value in headers.items() if name != "Content-Type" or value}
    if case.category != "cookies sent" and not headers.get("Cookie"):
        headers.pop("Cookie", None)
    return seen | {"headers": headers}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:200]} … {text[-90:]}"
