"""Request bodies: absent, empty, text in many charsets, bytes, forms."""

import json
from collections.abc import Iterator

from tests.conformance.case import Case, Headers

_TEXT = "Zoë, 世界, 🎞\r\n\x00end"
_ALL = bytes(range(256))
# {"a": 1} compressed; spelled out, since Python's versions compress to different bytes.
_PACKED = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xabVJT\xb2R0\xac\x05\x00\x97\x8e\xa1\xfb\x08\x00\x00\x00"
_BOUNDARY = "----boundary7MA4YWxk"

_TYPED: dict[str, tuple[str, bytes]] = {
    "json": ("application/json", json.dumps({"a": [1, None], "b": "Zoë 世界"}, ensure_ascii=False).encode()),
    "json with a charset": ("application/json; charset=utf-8", b'{"a": 1}'),
    "json in latin-1": ("application/json; charset=iso-8859-1", '{"a": "Zoë"}'.encode("latin-1")),
    "json in utf-16": ("application/json; charset=utf-16", '{"a": 1}'.encode("utf-16")),
    "problem json": ("application/problem+json", b'{"title": "x"}'),
    "plain": ("text/plain; charset=utf-8", _TEXT.encode()),
    "plain in latin-1": ("text/plain; charset=iso-8859-1", "Zoë".encode("latin-1")),
    "plain with a byte order mark": ("text/plain", b"\xef\xbb\xbfa"),
    "plain, broken": ("text/plain; charset=utf-8", b"ok \xff\xfe\xc3( ok"),
    "html": ("text/html", b"<p>\xc3\xab</p>"),
    "csv": ("text/csv", b"a;b\r\n1;2\r\n"),
    "xml": ("application/xml", b"<a>\xc3\xab</a>"),
    "javascript": ("application/javascript", b"f('\xc3\xab')"),
    "base64 lookalike": ("text/plain", b"aGVsbG8gd29ybGQ="),
    "upper-case type": ("TEXT/PLAIN; Charset=UTF-8", b"abc"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n" + _ALL),
    "bytes": ("application/octet-stream", _ALL),
    "protobuf": ("application/x-protobuf", b"\x08\x96\x01"),
    "zip": ("application/zip", b"PK\x03\x04" + _ALL),
    "odd type": ("nonsense", b"abc"),
    "type with quotes": ('text/plain; charset="utf-8"; x="a;b"', b"abc"),
    "large text": ("text/plain", _TEXT.encode() * 6000),
    "large bytes": ("application/octet-stream", _ALL * 600),
}
_FORMS = {
    "simple": b"a=1&b=2",
    "repeated": b"a=1&a=2&b=&c",
    "plus and escapes": b"a=x+y%20z%2B&b=%26%3D",
    "UTF-8": b"name=Zo%C3%AB&city=%E4%B8%96",
    "raw UTF-8": "name=Zoë&x=世".encode(),
    "not UTF-8": b"name=Zo%EB",
    "raw bytes": b"name=Zo\xeb",
    "semicolons": b"a=1;b=2",
    "empty parts": b"&&a=1&&=&",
    "many": "&".join(f"f{number}={number}" for number in range(300)).encode(),
}


def _part(disposition: str, body: bytes, *headers: str) -> bytes:
    lines = [f"--{_BOUNDARY}", f"Content-Disposition: form-data; {disposition}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body + b"\r\n"


_MULTIPARTS = {
    "a field": _part('name="a"', b"1"),
    "repeated fields": _part('name="a"', b"1") + _part('name="a"', b"2"),
    "a text field in UTF-8": _part('name="title"', "Zoë 世界".encode()),
    "a file": _part('name="f"; filename="a.png"', b"\x89PNG" + _ALL, "Content-Type: image/png"),
    "an empty file": _part('name="f"; filename="a.txt"', b"", "Content-Type: text/plain"),
    "two files and a field": _part('name="f"; filename="a.bin"', _ALL, "Content-Type: application/octet-stream")
    + _part('name="f"; filename="b.bin"', _ALL[::-1], "Content-Type: application/octet-stream")
    + _part('name="a"', b"1"),
    "a name in UTF-8": _part('name="f"; filename="Zoë 世界.jpg"', b"x", "Content-Type: image/jpeg"),
    "an extended name": _part("name=\"f\"; filename*=UTF-8''Zo%C3%AB.jpg", b"x", "Content-Type: image/jpeg"),
    "a base64 part": _part('name="a"', b"aGVsbG8=", "Content-Transfer-Encoding: base64"),
    "line breaks inside": _part('name="a"', b"1\r\n\r\n2\n3"),
    "a large file": _part('name="f"; filename="l.bin"', _ALL * 800, "Content-Type: application/octet-stream"),
    "nothing": b"",
}


def _post(category: str, name: str, kind: str | None, body: bytes | None, method: str = "POST", **more: str) -> Case:
    headers: Headers = tuple((key.replace("_", "-"), value) for key, value in more.items())
    if kind is not None:
        headers = (("Content-Type", kind), *headers)
    return Case(category=category, name=name, method=method, headers=headers, body=body)


def cases() -> Iterator[Case]:
    for name, (kind, body) in _TYPED.items():
        yield _post("bodies", name, kind, body)
    for method in ("PUT", "PATCH", "DELETE", "GET", "OPTIONS"):
        yield _post("bodies", f"{method} json", "application/json", b'{"a": 1}', method)
        yield _post("bodies", f"{method} bytes", "application/octet-stream", _ALL, method)
    yield _post("bodies", "no type", None, b"abc \xff")
    for method in ("POST", "PUT", "PATCH", "DELETE", "GET"):
        yield _post("bodies: none", f"{method} absent", None, None, method)
        yield _post("bodies: none", f"{method} absent, typed", "application/json", None, method)
        yield _post("bodies: none", f"{method} empty", None, b"", method)
        yield _post("bodies: none", f"{method} empty, typed", "application/json", b"", method)
    yield _post("bodies: compressed", "gzip json", "application/json", _PACKED, Content_Encoding="gzip")
    yield _post("bodies: compressed", "gzip text", "text/plain", _PACKED, Content_Encoding="gzip")
    yield _post("bodies: compressed", "gzip file", "application/gzip", _PACKED)
    yield _post("bodies: compressed", "br, said only", "text/plain", b"\x0b\x01\x80hi\x03", Content_Encoding="br")
    for name, body in _FORMS.items():
        yield _post("forms", name, "application/x-www-form-urlencoded", body)
    yield _post("forms", "with a charset", "application/x-www-form-urlencoded; charset=utf-8", b"a=%C3%AB")
    yield _post("forms", "in latin-1", "application/x-www-form-urlencoded; charset=iso-8859-1", b"a=%EB")
    for name, parts in _MULTIPARTS.items():
        body = parts + f"--{_BOUNDARY}--\r\n".encode()
        yield _post("multipart", name, f"multipart/form-data; boundary={_BOUNDARY}", body)
    yield _post("multipart", "cut short", f"multipart/form-data; boundary={_BOUNDARY}", _MULTIPARTS["a file"][:-200])
    yield _post("multipart", "no boundary", "multipart/form-data", b"abc")
