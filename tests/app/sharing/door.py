"""A locked link, and somebody in front of it."""

import secrets
from dataclasses import dataclass

from django.http import HttpResponse
from django.test import Client

from app.sharing.models import ShareLink

PIN = "482913"
PASSWORD = "seventeen swans 🦢"


@dataclass(frozen=True, kw_only=True)
class Door:
    """A link and its token, which the row does not hold."""

    link: ShareLink
    token: str

    @property
    def path(self) -> str:
        return f"/s/{self.token}/"

    def row(self) -> ShareLink:
        return ShareLink.objects.get(pk=self.link.pk)

    def attempt(self, client: Client, secret: str, *, viewer: str = "198.51.100.1") -> HttpResponse:
        response = client.post(f"{self.path}unlock/", {"secret": secret}, REMOTE_ADDR=viewer)
        assert isinstance(response, HttpResponse)
        return response


def elsewhere() -> str:
    """An address of its own."""
    return f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"
