"""Loupe's studio without a browser: what the upload page does, as plain HTTP calls."""

import hashlib
import json
import mimetypes
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.e2e.cloud import Cloud

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_TYPES = {".heic": "image/heic", ".avif": "image/avif", ".webp": "image/webp"}


class Studio:
    """A signed-in session of the demo studio in ``cloud``."""

    def __init__(self, cloud: Cloud) -> None:
        self.url = cloud.url
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.csrf = self._token("/sign-in/")
        email, password = cloud.credentials
        self.form("/sign-in/", username=email, password=password)
        self.csrf = self._token("/studio/")

    def new_gallery(self, title: str) -> str:
        """Make a gallery. Returns its path."""
        _, where = self.form("/studio/galleries/", title=title, event_date="")
        return where.removeprefix(self.url)

    def new_link(self, gallery: str, label: str) -> str:
        """Make a share link. Returns its address, which the page shows once."""
        page, _ = self.form(f"{gallery}links/", label=label, expires_on="")
        found = re.search(r'data-copy="([^"]+)"', page)
        assert found is not None, page
        return found[1]

    def sign(self, gallery: str, files: list[Path]) -> list[dict[str, Any]]:
        described = [
            {
                "name": file.name,
                "size": file.stat().st_size,
                "type": _TYPES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or "image/jpeg",
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            }
            for file in files
        ]
        answer: dict[str, Any] = json.loads(self._post(f"{gallery}uploads/", json.dumps(described).encode())[0])
        files_signed: list[dict[str, Any]] = answer["files"]
        return files_signed

    def send(self, ticket: dict[str, Any], file: Path) -> str:
        """Put one file and confirm it. Returns the photo's id, once the studio has acknowledged it."""
        if "begin" in ticket:
            self.send_parts(ticket, file)
        else:
            self.put(ticket, file)
            self.confirm(ticket)
        return str(ticket["photo"])

    def send_parts(self, ticket: dict[str, Any], file: Path) -> None:
        """Send one large file, part by part."""
        content, length = file.read_bytes(), self.call(ticket["begin"])["part_bytes"]
        for number, start in enumerate(range(0, len(content), length), start=1):
            part = content[start : start + length]
            signed = self.call(ticket["sign_part"], number=number, sha256=hashlib.sha256(part).hexdigest())
            request = urllib.request.Request(signed["url"], part, signed["headers"], method="PUT")
            with urllib.request.urlopen(request, timeout=60) as response:
                assert response.status == 200
        self.call(ticket["finish"])

    def put(self, ticket: dict[str, Any], file: Path) -> None:
        request = urllib.request.Request(ticket["url"], file.read_bytes(), ticket["headers"], method="PUT")
        with urllib.request.urlopen(request, timeout=60) as response:
            assert response.status == 200

    def confirm(self, ticket: dict[str, Any]) -> None:
        self._post(ticket["confirm"], b"{}")

    def call(self, path: str, **fields: Any) -> dict[str, Any]:
        """Post JSON. Returns the JSON of the answer."""
        answer: dict[str, Any] = json.loads(self._post(path, json.dumps(fields).encode())[0])
        return answer

    def upload(self, gallery: str, files: list[Path]) -> list[str]:
        tickets = self.sign(gallery, files)
        return [self.send(ticket, file) for ticket, file in zip(tickets, files, strict=True)]

    def progress(self, gallery: str) -> dict[str, Any]:
        """Return the counts and every photo; one answer holds 200."""
        query = ""
        photos: dict[str, dict[str, Any]] = {}
        while True:
            answer: dict[str, Any] = json.loads(self.get(f"{gallery}progress/{query}"))
            photos |= {photo["id"]: photo for photo in answer["photos"]}
            if not answer["more"]:
                return answer | {"photos": list(photos.values())}
            query = "?" + urlencode({"since": answer["since"]})

    def settle(
        self, gallery: str, *, timeout_s: float, done: Callable[[dict[str, int]], bool] | None = None
    ) -> dict[str, Any]:
        """Wait until no uploaded photo is left to develop. Raises TimeoutError with the last counts."""
        done = done or (lambda counts: counts["uploaded"] == 0)
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            answer = self.progress(gallery)
            if done(answer["counts"]):
                return answer
            time.sleep(0.8)  # as often as the page asks
        raise TimeoutError(f"Photos are still being developed: {answer['counts']}")

    def get(self, path: str) -> str:
        with self._opener.open(self.url + path, timeout=30) as response:
            return str(response.read().decode())

    def form(self, path: str, **fields: str) -> tuple[str, str]:
        """Post a form. Returns the page it ended on, and that page's address."""
        return self._post(path, urlencode(fields | {"csrfmiddlewaretoken": self.csrf}).encode(), kind=None)

    def _post(self, path: str, body: bytes, *, kind: str | None = "application/json") -> tuple[str, str]:
        headers = {"X-CSRFToken": self.csrf, "Origin": self.url} | ({"Content-Type": kind} if kind else {})
        request = urllib.request.Request(self.url + path, body, headers, method="POST")
        with self._opener.open(request, timeout=60) as response:
            return response.read().decode(), response.url

    def _token(self, path: str) -> str:
        found = _CSRF.search(self.get(path))
        assert found is not None
        return found[1]
