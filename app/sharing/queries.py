"""Reads of share links, as QuerySet methods."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Max, Q

if TYPE_CHECKING:
    from app.accounts.models import Studio
    from app.sharing.models import ShareLink  # noqa: F401  # named in strings


def token_hash(token: str) -> str:
    """The only form in which a share link's token is kept: SHA-256 in hex."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    """Share links."""

    def of(self, studio: Studio) -> ShareLinkQuerySet:
        """Only this studio's: the tenant filter of every studio page."""
        return self.filter(studio=studio)

    def with_opens(self) -> ShareLinkQuerySet:
        """With `opens`, how often it was opened, and `opened_at`, when last."""
        opened = Q(access_events__kind="opened")
        return self.annotate(
            opens=Count("access_events", filter=opened), opened_at=Max("access_events__at", filter=opened)
        )

    def by_token(self, token: str) -> ShareLinkQuerySet:
        """The link that this token opens, with its gallery and studio."""
        return self.filter(token_hash=token_hash(token)).select_related("gallery", "studio")
