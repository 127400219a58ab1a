"""Cookies, sent and set."""

from collections.abc import Iterator

from tests.conformance.case import Case
from tests.conformance.project.views import COOKIES

_SENT = {
    "one": "a=1",
    "two": "a=1; b=2",
    "no space": "a=1;b=2;c=3",
    "the same name twice": "a=1; a=2",
    "quoted": 'a="1; 2"; b="x\\"y"',
    "equals inside": "session=abc==; token=a=b",
    "no value": "a=; b=1",
    "no equals": "a; b=1",
    "no name": "=1; b=2",
    "trailing semicolon": "a=1; b=2;",
    "semicolons only": ";;",
    "empty": "",
    "spaces": "  a=1 ;   b = 2  ",
    "commas": "a=1,2; b=3",
    "json": 'prefs={"a":1}; b=2',
    "escaped": "a=%7B%22x%22%7D; b=%20",
    "signed": "sessionid=eyJh:1tQw:x-_; csrftoken=A1b2",
    "long": "a=" + "v" * 3000,
    "many": "; ".join(f"c{number}={number}" for number in range(60)),
    "attributes": "$Version=1; a=1; $Path=/",
}


def cases() -> Iterator[Case]:
    for name, value in _SENT.items():
        yield Case(category="cookies sent", name=name, headers=(("Cookie", value),))
    yield Case(
        category="cookies sent",
        name="in two headers, as HTTP/2 splits them",
        headers=(("Cookie", "a=1"), ("Cookie", "b=2; c=3")),
    )
    yield Case(category="cookies sent", name="UTF-8", headers=(("Cookie", "a=Zoë; b=世界"),))
    for name in COOKIES:
        for method in ("GET", "POST", "HEAD"):
            yield Case(category="cookies set", name=f"{name}, {method}", method=method, path=f"/cookies/{name}")
