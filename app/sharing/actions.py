"""Writes about share links, one verb each."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from app.galleries.models import Gallery
from app.notifications.actions import one_line, send_mail_later
from app.sharing import locks
from app.sharing.addresses import note_address
from app.sharing.models import ShareLink
from app.sharing.queries import token_hash
from serverless.db.shards import atomic

# 24 bytes are 192 random bits: out of reach of guessing, 32 characters in the address.
TOKEN_BYTES = 24


@atomic(ShareLink)
def create_share_link(
    gallery: Gallery,
    *,
    label: str,
    expires_at: datetime | None = None,
    lock: str = "",
    send_to: str = "",
    message: str = "",
) -> tuple[ShareLink, str]:
    """Make a link, publish the gallery and mail the address to `send_to`, if given, with a personal `message`.

    `lock` is a PIN or password as `locks.hashed` makes it. Returns the link and its token, which cannot be had again.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ShareLink.objects.create(
        studio_id=gallery.studio_id,
        gallery=gallery,
        label=label,
        token_hash=token_hash(token),
        expires_at=expires_at,
        lock=lock,
    )
    note_address(link)
    Gallery.objects.filter(pk=gallery.pk).update(status=Gallery.Status.PUBLISHED, version=F("version") + 1)
    gallery.refresh_from_db()
    if send_to:
        _mail_link(link, token=token, to=send_to, message=message)
    return link, token


def link_address(token: str) -> str:
    """The public address of a link."""
    return settings.SITE_URL + reverse("client-gallery", args=[token])


def change_lock(link: ShareLink, *, lock: str) -> None:
    """Put another lock on the link, or take it off. Whoever was let in by the old one is asked again."""
    ShareLink.objects.filter(pk=link.pk).update(lock=lock, wrong_tries=0, rests_until=None)


def renew_lock(link: ShareLink, *, secret: str) -> None:
    """Keep a PIN that was just right under today's SECRET_KEY, before the fallback it was kept under goes."""
    lock = locks.renewed(secret, link.lock)
    if lock != link.lock:
        ShareLink.objects.filter(pk=link.pk, lock=link.lock).update(lock=lock)


def _mail_link(link: ShareLink, *, token: str, to: str, message: str) -> None:
    send_mail_later(
        "sharing/email/gallery_ready",
        to=to,
        context={
            "studio": one_line(link.gallery.studio.name),
            "title": one_line(link.gallery.title),
            "last_day": link.last_day,
            "lock": link.lock_kind,
            "message": message,
            "address": link_address(token),
        },
        idempotency_key=f"gallery_ready:{link.pk}",
    )


def revoke_share_link(link: ShareLink) -> None:
    """Close the link for good; closing it again changes nothing."""
    ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
