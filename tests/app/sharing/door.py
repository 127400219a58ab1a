"""A locked link, and somebody in front of it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from app.sharing.models import ShareLink
from app.sharing.tasks import Open
from serverless.ids import uuid7

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


def open_of(link: ShareLink, *, days_ago: int = 0) -> Open:
    """One opening, as the message about it carries it."""
    return {"id": str(uuid7()), "link": str(link.pk), "at": (timezone.now() - timedelta(days=days_ago)).isoformat()}


def elsewhere() -> str:
    """An address of its own."""
    return f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"
