"""Views for the corpus: what arrived, and answers of every kind."""

import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterator

from django.core.exceptions import DisallowedHost, PermissionDenied, SuspiciousOperation
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase

TEXT = "Zoë, naïve, 世界, λ, 🎞\n"
BYTES = bytes(range(256)) * 8
# One brotli stream: an uncompressed block of the two bytes "hi".
BROTLI = b"\x0b\x01\x80hi\x03"


def echo(request: HttpRequest) -> JsonResponse:
    """Say what Django made of the request."""
    body = request.body
    try:
        host = request.get_host()
    except DisallowedHost as refused:
        host = f"refused: {refused}"
    meta = request.META
    return JsonResponse(
        {
            "method": request.method,
            "path": request.path,
            "path_info": request.path_info,
            "script_name": meta["SCRIPT_NAME"],
            "full_path": request.get_full_path(),
            "absolute_uri": "" if host.startswith("refused") else request.build_absolute_uri(),
            "scheme": request.scheme,
            "host": host,
            "address": meta["REMOTE_ADDR"],
            "query_string": meta["QUERY_STRING"],
            "GET": list(request.GET.lists()),
            "POST": list(request.POST.lists()),
            "FILES": [
                [field, file.name, file.content_type, file.size, hashlib.sha256(file.read()).hexdigest()]
                for field, files in request.FILES.lists()
                for file in files
            ],
            "COOKIES": list(request.COOKIES.items()),
            # gunicorn is told SCRIPT_NAME in a header.
            "headers": {name: value for name, value in sorted(request.headers.items()) if name != "Script-Name"},
            "content_type": request.content_type,
            "content_params": request.content_params,
            "encoding": request.encoding,
            "content_length": meta.get("CONTENT_LENGTH"),
            "body": [len(body), hashlib.sha256(body).hexdigest()],
        }
    )


def _stream() -> Iterator[bytes]:
    for number in range(5):
        yield f"part {number}\n".encode()


def _bare() -> HttpResponse:
    response = HttpResponse(BYTES, content_type="application/octet-stream")
    response["X-Empty"] = ""
    response["X-Commas"] = "a, b,c"
    response["X-Quoted"] = 'say "hi"; q=0.5'
    return response


def _in(charset: str, kind: str = "text/html") -> Callable[[], HttpResponse]:
    return lambda: HttpResponse(TEXT.encode(charset, "replace"), content_type=f"{kind}; charset={charset}")


def _typed(kind: str, body: bytes, **headers: str) -> Callable[[], HttpResponse]:
    def made() -> HttpResponse:
        response = HttpResponse(body, content_type=kind)
        for name, value in headers.items():
            response[name.replace("_", "-")] = value
        return response

    return made


ANSWERS: dict[str, Callable[[], HttpResponseBase]] = {
    "text-utf-8": _in("utf-8"),
    "text-latin-1": _in("iso-8859-1"),
    "text-utf-16": _in("utf-16"),
    "text-shift-jis": _in("shift_jis"),
    "plain-utf-8": _in("utf-8", "text/plain"),
    "plain-latin-1": _in("iso-8859-1", "text/plain"),
    "json-latin-1": _in("iso-8859-1", "application/json"),
    "csv-utf-8-bom": _typed("text/csv", b"\xef\xbb\xbf" + TEXT.encode()),
    "html-no-charset": _typed("text/html", TEXT.encode()),
    "html-upper-case": _typed("Text/HTML; Charset=UTF-8", TEXT.encode()),
    "html-broken": _typed("text/html; charset=utf-8", b"ok \xff\xfe\xc3( ok"),
    "html-nul": _typed("text/html; charset=utf-8", b"a\x00b\x01\x7f"),
    "html-line-ends": _typed("text/html", b"a\r\nb\rc\n\xe2\x80\xa8d"),
    "css": _typed("text/css", TEXT.encode()),
    "javascript": _typed("application/javascript", TEXT.encode()),
    "json": _typed("application/json", json.dumps({"text": TEXT}, ensure_ascii=False).encode()),
    "problem-json": _typed("application/problem+json", b'{"title": "No"}', X_Kind="problem"),
    "vendor-json": _typed("application/vnd.api+json", TEXT.encode()),
    "xml": _typed("application/xml", f"<a>{TEXT}</a>".encode()),
    "xml-latin-1": _typed("application/xml", "<?xml version='1.0' encoding='latin1'?><a>Zoë</a>".encode("latin-1")),
    "svg": _typed("image/svg+xml", f"<svg>{TEXT}</svg>".encode()),
    "form": _typed("application/x-www-form-urlencoded", b"a=1&b=%FF"),
    "png": _typed("image/png", b"\x89PNG\r\n\x1a\n" + BYTES),
    "bytes": _bare,
    "pdf": _typed("application/pdf", b"%PDF-1.7\n" + BYTES),
    "woff2": _typed("font/woff2", b"wOF2" + BYTES),
    "wasm": _typed("application/wasm", b"\x00asm\x01\x00\x00\x00"),
    "gzip-html": _typed("text/html; charset=utf-8", gzip.compress(TEXT.encode(), mtime=0), Content_Encoding="gzip"),
    "gzip-json": _typed("application/json", gzip.compress(b'{"a": 1}', mtime=0), Content_Encoding="gzip"),
    "br-html": _typed("text/html; charset=utf-8", BROTLI, Content_Encoding="br"),
    "identity-html": _typed("text/html", b"plain", Content_Encoding="identity"),
    "base64-lookalike": _typed("text/plain", b"aGVsbG8="),
    "empty": _typed("text/html", b""),
    "empty-bytes": _typed("image/png", b""),
    "large-text": _typed("text/plain", TEXT.encode() * 8000),
    "large-bytes": _typed("image/jpeg", BYTES * 150),
    "stream": lambda: StreamingHttpResponse(_stream(), content_type="text/plain"),
    "stream-bytes": lambda: StreamingHttpResponse(iter([BYTES, b"", BYTES]), content_type="image/png"),
    "stream-empty": lambda: StreamingHttpResponse(iter([]), content_type="text/plain"),
    "file": lambda: FileResponse(io.BytesIO(BYTES * 20), filename="Zoë's photo.jpg", as_attachment=True),
    "file-inline": lambda: FileResponse(io.BytesIO(TEXT.encode()), filename="a.txt"),
    "no-content": lambda: HttpResponse(status=204),
    "no-content-with-body": lambda: HttpResponse("should not be here", status=204),
    "not-modified": HttpResponseNotModified,
    "not-modified-etag": lambda: _with(HttpResponseNotModified(), ETag='"abc"', Vary="Cookie"),
    "redirect": lambda: HttpResponseRedirect("/echo?a=ä&b=1"),
    "redirect-permanent": lambda: HttpResponsePermanentRedirect("https://elsewhere.test/"),
    "created": lambda: _with(HttpResponse(status=201), Location="/echo/1"),
    "teapot": lambda: HttpResponse("short and stout", status=418),
    "own-reason": lambda: HttpResponse("fine", status=299, reason="Quite Fine"),
    "unauthorized": lambda: _with(HttpResponse(status=401), WWW_Authenticate='Basic realm="x"'),
    "unavailable": lambda: _with(HttpResponse("later", status=503), Retry_After="120"),
    "cors": lambda: _with(HttpResponse(), Access_Control_Allow_Origin="*", Vary="Origin, Cookie, Accept-Encoding"),
    "long-header": lambda: _with(HttpResponse(), X_Long="v" * 4000),
    "many-headers": lambda: _with(HttpResponse(), **{f"X_H{number}": str(number) for number in range(50)}),
    "dates": lambda: _with(HttpResponse(), Last_Modified="Wed, 21 Oct 2026 07:28:00 GMT", Expires="0"),
    "encoded-word": lambda: _with(HttpResponse(), X_Name="Zoë 世界"),  # Django makes it RFC 2047
}


def _with[R: HttpResponseBase](response: R, **headers: str) -> R:
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


def answer(_: HttpRequest, name: str) -> HttpResponseBase:
    return ANSWERS[name]()


def _cookie(response: HttpResponse, name: str) -> None:
    match name:
        case "none":
            pass
        case "one" | "two" | "three" | "ten":
            for number in range({"one": 1, "two": 2, "three": 3, "ten": 10}[name]):
                response.set_cookie(f"name{number}", f"value{number}")
        case "expires":
            response.set_cookie("a", "1", expires="Wed, 09 Jun 2027 10:18:14 GMT")
            response.set_cookie("b", "2", path="/b", domain="example.test", secure=True, httponly=True, samesite="Lax")
        case "deleted":
            response.delete_cookie("a")
            response.delete_cookie("b", path="/b")
        case "quoted":
            response.set_cookie("a", 'with "quotes", commas; and = signs')
            response.set_cookie("b", "")
        case "unicode":
            response.set_cookie("a", "Zoë")
        case "signed":
            response.set_cookie("a", "1:abc-_=/+")


COOKIES = ("none", "one", "two", "three", "ten", "expires", "deleted", "quoted", "unicode", "signed")


def cookies(_: HttpRequest, name: str) -> HttpResponse:
    response = HttpResponse("cookies")
    _cookie(response, name)
    return response


ERRORS: dict[str, type[Exception]] = {
    "raise": LookupError,
    "not-found": Http404,
    "denied": PermissionDenied,
    "suspicious": SuspiciousOperation,
    "exit": RuntimeError,
    "unicode": UnicodeError,
}


def error(_: HttpRequest, name: str) -> HttpResponse:
    raise ERRORS[name](f"{name}: Zoë")
