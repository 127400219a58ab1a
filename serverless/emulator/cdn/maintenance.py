"""Maintenance mode, as the viewer function keeps it on AWS: a page for everyone but the holders of a cookie.

Files of the buckets are served on. `/_maintenance/SECRET` gives the cookie, also before anything is shut.
"""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from serverless.emulator import pages
from serverless.emulator.messages import Request

COOKIE: Final = "maintenance-pass"
_DOOR: Final = "/_maintenance/"
_PASS_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """`on`: whether the site is shut. `bypass`: what opens it; empty: nothing does."""

    on: bool = False
    bypass: str = ""

    def answer(self, request: Request) -> web.Response | None:
        """The answer to who stays outside or comes for the cookie; None: the request goes on."""
        if self.bypass and request.target.partition("?")[0] == _DOOR + self.bypass:
            return self._opened()
        return pages.maintenance() if self.on and not self._passes(request) else None

    def _passes(self, request: Request) -> bool:
        headers = [value for name, value in request.headers if name.lower() == "cookie"]
        given = [part.strip().partition("=") for header in headers for part in header.split(";")]
        return bool(self.bypass) and (COOKIE, "=", self.bypass) in given

    def _opened(self) -> web.Response:
        cookie = f"{COOKIE}={self.bypass}; Path=/; Max-Age={_PASS_S}; Secure; HttpOnly; SameSite=Lax"
        return web.Response(status=302, headers={"location": "/", "cache-control": "no-store", "set-cookie": cookie})
