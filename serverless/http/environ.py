"""PEP 3333's environ, from what every event shape can say."""

import sys
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from serverless.http.messages import Viewer
from serverless.http.origin import PRIVATE_HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["build_environ"]

_DEFAULT_PORTS = {"https": "443", "http": "80"}


def build_environ(
    *, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, viewer: Viewer
) -> "WSGIEnvironment":
    """Return the environ of a request: ``path`` decoded, ``query`` as sent, header names in lower case.

    The body's own length stands in for Content-Length: the header counts what the viewer sent to the edge. Header
    names with an underscore are dropped, since HTTP_X_Y could not be told from the header ``x-y``.
    """
    host = _native(viewer.host or "localhost")
    name, _, port = host.rpartition(":") if ":" in host.rpartition("]")[2] else (host, "", "")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        # WSGI strings are bytes in disguise: UTF-8 read as Latin-1.
        "PATH_INFO": path.encode("utf-8", "surrogatepass").decode("latin-1"),
        "QUERY_STRING": query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "CONTENT_TYPE": _native(headers.get("content-type", "")),
        "SERVER_NAME": name,
        "SERVER_PORT": port or _DEFAULT_PORTS[viewer.scheme],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": viewer.address or "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": viewer.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for header, value in headers.items():
        if "_" not in header and header not in PRIVATE_HEADERS and header not in {"content-type", "content-length"}:
            environ[f"HTTP_{header.upper().replace('-', '_')}"] = _native(value)
    environ["HTTP_HOST"] = host
    return environ


def _native(value: str) -> str:
    """Return a header's value as WSGI has it: its bytes, read as Latin-1."""
    return value.encode("utf-8", "replace").decode("latin-1")
