"""Request headers and methods."""

from collections.abc import Iterator

from tests.conformance.case import HOST, Case, Headers

_SINGLE: dict[str, tuple[str, str]] = {
    "accept": ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
    "language": ("Accept-Language", "de-CH, en;q=0.5"),
    "basic": ("Authorization", "Basic dXNlcjpwYTpzcw=="),
    "bearer": ("Authorization", "Bearer abc.def-_~+/="),
    "conditional": ("If-None-Match", 'W/"abc", "def"'),
    "since": ("If-Modified-Since", "Wed, 21 Oct 2026 07:28:00 GMT"),
    "range": ("Range", "bytes=0-99,200-"),
    "referer": ("Referer", "https://photos.example/a%20b?c=d"),
    "origin": ("Origin", "https://photos.example"),
    "ajax": ("X-Requested-With", "XMLHttpRequest"),
    "override": ("X-HTTP-Method-Override", "DELETE"),
    "lower case": ("x-lower", "1"),
    "upper case": ("X-UPPER", "1"),
    "mixed case": ("x-MiXeD-cAsE", "1"),
    "digits": ("X-1-2-3", "4"),
    "one letter": ("Q", "1"),
    "commas": ("X-List", "a, b,c ,d"),
    "quotes": ("X-Quoted", '"a; b", "c\\"d"'),
    "semicolons": ("X-Params", "a;b=1;c"),
    "equals": ("X-Equals", "a=b=c"),
    "percent": ("X-Percent", "%41%FF%"),
    "empty": ("X-Empty", ""),
    "long": ("X-Long", "v" * 6000),
    "json": ("X-Json", '{"a": [1, 2]}'),
    "encoded word": ("X-Word", "=?utf-8?q?Zo=C3=AB?="),
    "agent": ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) (KHTML, like Gecko)"),
    "underscore": ("X_Under_Score", "spoofed"),
    "an underscore that looks private": ("X_Forwarded_User", "root"),
    "priority": ("Priority", "u=1, i"),
    "do not track": ("DNT", "1"),
}
_REPEATED: dict[str, Headers] = {
    "two": (("X-Two", "a"), ("X-Two", "b")),
    "three, one empty": (("X-Three", "a"), ("X-Three", ""), ("X-Three", "c")),
    "commas inside": (("X-List", "a, b"), ("X-List", "c")),
    "other case": (("X-Case", "a"), ("x-case", "b")),
    "apart": (("X-Apart", "a"), ("X-Between", "1"), ("X-Apart", "b")),
    "accept": (("Accept", "text/html"), ("Accept", "image/avif")),
    "the same twice": (("X-Same", "a"), ("X-Same", "a")),
    "underscore and hyphen": (("X-Hyphen", "real"), ("X_Hyphen", "spoofed")),
}
_HOSTS = (
    HOST,
    "PHOTOS.example",
    f"{HOST}:8443",
    f"{HOST}:443",
    "localhost",
    "127.0.0.1:8000",
    "[::1]",
    "[::1]:8000",
    "xn--bcher-kva.example",
    "under_score.example",
    "trailing.dot.",
    "not a host!",
    "a,b",
)
_FORGED = {
    "as it connected": (),
    "claims another": ("203.0.113.9",),
    "claims several": ("203.0.113.9, 198.51.100.7",),
    "claims in two headers": ("203.0.113.9", "198.51.100.7"),
    "claims nonsense": ("unknown, <script>",),
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def cases() -> Iterator[Case]:
    for name, header in _SINGLE.items():
        yield Case(category="headers", name=name, headers=(header,))
    yield Case(
        category="headers", name="fifty", headers=tuple((f"X-Header-{number}", str(number)) for number in range(50))
    )
    for text in ("Zoë", "λόγος", "世界"):
        yield Case(category="headers: UTF-8", name=ascii(text), headers=(("X-Text", text),))
    for name, headers in _REPEATED.items():
        yield Case(category="headers: repeated", name=name, headers=headers)
    for host in _HOSTS:
        yield Case(category="host", name=host, headers=(("Host", host),))
        yield Case(category="host", name=f"{host}, a redirect", path="/slash", headers=(("Host", host),))
    yield Case(category="scheme", name="http", scheme="http")
    yield Case(category="scheme", name="http, a redirect", scheme="http", path="/slash")
    yield Case(category="scheme", name="https", scheme="https")
    for name, forged in _FORGED.items():
        yield Case(category="client address", name=name, headers=tuple(("X-Forwarded-For", value) for value in forged))
    for method in METHODS:
        for name, path in (("a page", "/echo"), ("no page", "/nothing"), ("a redirect", "/slash"), ("root", "/")):
            yield Case(category="methods", name=f"{method} {name}", method=method, path=path, query="a=1")
