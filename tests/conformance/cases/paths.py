"""Paths: every kind of escape, and what escapes nothing."""

from collections.abc import Iterator
from string import punctuation
from urllib.parse import quote

from tests.conformance.case import Case

_TEXTS = {
    "latin": "Zoë",
    "greek": "λόγος",
    "han": "世界",
    "emoji": "🎞️",
    "arabic": "سلام",
    "combining": "Zoe\u0308",
    "line separator": "a\u2028b",
}
_ODD = {
    "trailing slash": "/echo/a/",
    "two slashes": "/echo//a//b",
    "dots": "/echo/./a/../b",
    "matrix parameters": "/echo;v=1/a;b=2,3",
    "unescaped punctuation": "/echo/@:!$&'()*,=~-._",
    "plus": "/echo/a+b",
    "escaped plus": "/echo/a%2Bb",
    "lower-case escape": "/echo/caf%c3%a9",
    "escaped letters": "/%65cho/%41%42",
    "escaped slash": "/echo/a%2Fb",
    "escaped question mark": "/echo/a%3Fb=c",
    "escaped hash": "/echo/a%23b",
    "long": "/echo/" + "segment/" * 250,
    "redirect to the slash": "/slash",
    "no such page": "/nothing/here",
    "root": "/",
}
_TWICE = ("%2520", "%252F", "%253F", "%2525", "%25C3%25A9", "%2541")
# HTTP API decodes twice by itself: only these tell whether the adapter does so once more.
_THRICE = ("%252541", "%25252F", "%25253F", "%252520", "%2525C3%2525A9")
_NOT_UTF8 = ("%FF", "%C3", "%C3%28", "%E2%82", "%80abc", "a%FE%FFb", "caf%E9")


def cases() -> Iterator[Case]:
    for character in " " + punctuation:
        yield Case(category="path: escaped", name=f"{character!r}", path=f"/echo/a{quote(character, safe='')}b")
        if character not in ' %?#"<>\\^`{|}/':
            yield Case(category="path: plain", name=f"{character!r}", path=f"/echo/a{character}b")
    for name, path in _ODD.items():
        yield Case(category="path: plain", name=name, path=path)
    for name, text in _TEXTS.items():
        yield Case(category="path: UTF-8", name=name, path=f"/echo/{quote(text)}")
        yield Case(category="path: UTF-8", name=f"{name}, with a query", path=f"/echo/{quote(text)}", query="a=1")
    for escape in (*_TWICE, *_THRICE):
        yield Case(category="path: escaped again", name=escape, path=f"/echo/a{escape}b")
    yield Case(category="path: escaped again", name="a percent sign", path="/echo/100%25")
    yield Case(category="path: escaped again", name="a percent sign, then letters", path="/echo/100%25done")
    for escape in _NOT_UTF8:
        yield Case(category="path: not UTF-8", name=escape, path=f"/echo/{escape}")
    for control in ("%00", "%0A", "%0D%0A", "%09", "%7F", "%1B"):
        yield Case(category="path: escaped", name=f"control {control}", path=f"/echo/a{control}b")
