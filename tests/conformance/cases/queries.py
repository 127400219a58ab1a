"""Query strings: encodings, repeats, and everything that is no neat key=value."""

from collections.abc import Iterator
from string import punctuation
from urllib.parse import quote

from tests.conformance.case import Case

_REPEATED = (
    "a=1&a=2",
    "a=1&b=2&a=3",
    "a=2&a=1&a=2",
    "b=1&a=2&c=3",
    "a[]=1&a[]=2",
    "a=&a=",
    "a=1&A=2",
    "a=1,2&a=3",
    "a=%31&%61=2",
    "&".join(f"k{number % 50}={number}" for number in range(200)),
)
_EMPTY = ("a", "a=", "a&b", "a=&b=1", "=", "=1", "&", "a=1&", "&a=1", "a=1&&b=2", "a&a", "&&&")
_ODD = (
    "a=b=c",
    "a==",
    "a=1;b=2",
    "a=1;a=2&b=3;",
    ";",
    "a=?b",
    "?a=1",
    "a=/b/c",
    "a:b@c",
    "a=(1)!*'$,",
    "redirect=https%3A%2F%2Fexample.test%2F%3Fq%3D1%26r%3D2",
    "q=" + "x" * 3000,
    "csrf=a1b2%3D%3D&next=%2Fstudio%2F",
    "a%20b=1",
    "a%5B0%5D=1",
    "json=%7B%22a%22%3A%5B1%2C2%5D%7D",
)
_BROKEN = ("a=%", "a=%2", "a=%ZZ", "%=1", "a=%u0041", "a=1%")
_NOT_UTF8 = ("a=%FF", "%FF=1", "a=caf%E9", "a=%C3%28", "a=%E2%82", "a=%FF&a=%FE")
_TEXTS = ("Zoë", "λόγος", "世界", "🎞️", "Zoe\u0308", "a\u2028b", "سلام")


def cases() -> Iterator[Case]:
    for character in " " + punctuation:
        yield Case(category="query: escaped", name=f"value {character!r}", query=f"a={quote(character, safe='')}b")
    for character in "&=+#% ":
        yield Case(category="query: escaped", name=f"key {character!r}", query=f"a{quote(character, safe='')}b=1")
    for control in ("%00", "%0A", "%0D%0A", "%09"):
        yield Case(category="query: escaped", name=f"control {control}", query=f"a=x{control}y")
    for query in ("a=b+c", "a=b%20c", "a=b%2Bc", "a+b=1", "a=+", "a=%2B", "a=1+%2B+2", "+"):
        yield Case(category="query: plus", name=query, query=query)
    for category, queries in (
        ("query: repeated keys", _REPEATED),
        ("query: empty parts", _EMPTY),
        ("query: odd characters", _ODD),
        ("query: broken escapes", _BROKEN),
        ("query: not UTF-8", _NOT_UTF8),
    ):
        for query in queries:
            yield Case(category=category, name=query[:40], query=query)
    for text in _TEXTS:
        yield Case(category="query: UTF-8", name=ascii(text), query=f"a={quote(text)}&{quote(text)}=1")
