"""Cache behaviours: the first segment of a path decides about its bucket, its lock and its query."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

# The one parameter of a private download that reaches S3, which makes a header of it:
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax
_DISPOSITION: Final = "response-content-disposition"
_ESCAPED: Final = re.compile(r"%([0-9A-Fa-f]{2})")
# RFC 3986, section 2.3: the only characters that mean the same with and without an escape.
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """`/NAME/*`. `signed`: a trusted key group is required. `forwards`: the parameters that S3 and the cache see."""

    bucket: str
    signed: bool = False
    forwards: tuple[str, ...] = ()


def behaviours(*, static: str, media: str, signed: Iterable[str]) -> dict[str, Behaviour]:
    """The distribution's: `/static/*`, `/media/*`, and one in the media bucket for every other name in `signed`."""
    private = {name: Behaviour(bucket=media, signed=True, forwards=(_DISPOSITION,)) for name in signed}
    return {"static": Behaviour(bucket=static), "media": Behaviour(bucket=media), **private}


def match(known: Mapping[str, Behaviour], path: str) -> Behaviour | None:
    """The behaviour of a path as it was sent; None is the default one, the gateway.

    CloudFront normalises the path for this decision alone, as RFC 3986 describes, and sends it on as it came:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
    """
    segments = _normalised(path)
    return known.get(segments[0]) if len(segments) > 1 else None


def normalised(path: str) -> str:
    """A path as patterns are held against it."""
    return "/" + "/".join(_normalised(path))


def _normalised(path: str) -> list[str]:
    segments: list[str] = []
    *folders, last = _ESCAPED.sub(_plain, path).split("/")
    for segment in folders:
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    return [*segments, last]


def _plain(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0]
