"""Byte ranges, as far as CloudFront takes them.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RangeGETs.html
"""

import re
from itertools import pairwise
from typing import Final

_SPEC: Final = re.compile(r"(\d*)-(\d*)")

type Span = tuple[int, int]  # the first byte, and the one after the last


def parse(header: str, size: int) -> list[Span] | None:
    """The spans asked for; none at all (416) if no byte of them exists; None if the header is to be ignored.

    Ignored, so that the whole object goes out, are ranges out of order, overlapping or malformed.
    """
    unit, _, specs = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    spans: list[Span] = []
    for text in specs.split(","):
        if (span := _span(text.strip(), size)) is None:
            return None
        spans.append(span)
    real = [(first, end) for first, end in spans if first < end]
    ordered = all(before[1] <= after[0] for before, after in pairwise(real))
    return real if ordered else None


def _span(text: str, size: int) -> Span | None:
    """None if malformed; an empty span if it lies behind the end."""
    found = _SPEC.fullmatch(text)
    if found is None or text == "-":
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size
