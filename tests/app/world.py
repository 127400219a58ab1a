"""A studio with everything that pages list, and more of all of it on demand: no page may ask more questions for it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from app.accounts.models import Invitation, Membership, Studio, User
from app.accounts.team import invite
from app.api.models import ApiToken
from app.galleries.models import Gallery, Photo, Section
from app.notifications.models import CaughtEmail, OutboxEmail
from app.reports.models import Report
from app.sharing.actions import create_share_link
from app.sharing.locks import Kind, hashed
from app.sharing.models import AccessEvent, ShareLink
from app.uploads.models import Multipart
from serverless.db.shards.models import Move
from serverless.tasks.models import Pause, TaskRow
from tests.app.conftest import new_photo
from tests.app.reports.conftest import printable_photo
from tests.app.sharing.door import PIN

SECRET = "long-7319-x"


@dataclass(kw_only=True)
class World:
    """One of each, in one gallery of one studio; `grow` adds to their lists."""

    studio: Studio
    gallery: Gallery
    owner: Membership
    staff: User
    member: Membership
    invitation: Invitation
    invited: str
    section: Section
    photo: Photo
    pending: Photo
    parts: Photo
    link: ShareLink
    secret: str
    locked: ShareLink
    locked_secret: str
    token: ApiToken
    bearer: str
    report: Report
    mail: CaughtEmail
    outgoing: OutboxEmail
    moved: Move
    group: Group
    pause: Pause
    task: TaskRow

    def grow(self) -> None:
        """Add to every list in which the world's own things stand."""
        tag = uuid.uuid4().hex[:8]
        for n in range(2):
            # Objects of their own, as a page finds them: what one object has fetched another has not.
            gallery = Gallery.objects.create(studio_id=self.studio.pk, title=f"More {tag}", slug=f"{tag}-{n}")
            new_photo(gallery)
            self._photos(self.gallery, n, tag)
            self._sharing(self.gallery, n, tag)
            self._people(n, tag)
            self._notes(n, tag)
        other = Studio.objects.create(slug=tag, name=tag)
        for studio in (other, Studio.objects.create(slug=f"{tag}-2", name=tag)):
            Membership.objects.create(studio=studio, user_id=self.owner.user_id)
            theirs = Gallery.objects.create(studio=studio, title=f"Theirs {tag}", slug=tag)
            new_photo(theirs)
            create_share_link(theirs, label=tag)

    def _photos(self, gallery: Gallery, n: int, tag: str) -> None:
        place = Section.objects.filter(gallery=gallery).count() + 1
        section = Section.objects.create(
            studio_id=gallery.studio_id, gallery=gallery, title=f"{tag} {n}", slug=f"{tag}-{n}", position=place
        )
        for rank in range(2):
            new_photo(gallery, rank=rank, section=section, section_position=place, exif={"camera": tag})
        for state in ("ready", "pending", "uploaded", "failed"):
            new_photo(gallery, state=state, rank=n)

    def _sharing(self, gallery: Gallery, n: int, tag: str) -> None:
        ours = {"studio_id": gallery.studio_id, "gallery": gallery}
        link, _ = create_share_link(gallery, label=f"{tag} {n}")
        for one in (link, self.link):
            AccessEvent.objects.create(**ours, link=one, kind="opened", at=timezone.now())
        ApiToken.objects.all().issue(self.studio, label=f"{tag} {n}")
        version = Report.objects.count() + 100
        Report.objects.create(**ours, gallery_version=version)
        done = {"state": "ready", "key": f"reports/{tag}.pdf", "bytes": 1, "pages": 1}
        Report.objects.create(**ours, **done, gallery_version=version + 1000)

    def _people(self, n: int, tag: str) -> None:
        user = User.objects.create_user(f"{tag}-{n}@more.test", SECRET)
        user.groups.add(Group.objects.create(name=f"{tag} {n}"), self.group)
        Membership.objects.create(studio_id=self.studio.pk, user=user, role="member")
        invite(self.owner, email=f"{tag}-{n}@invited.test", role="member")

    def _notes(self, n: int, tag: str) -> None:
        letter = {"to": f"{tag}@more.test", "subject": tag, "text": "x", "html": "x"}
        CaughtEmail.objects.create(**letter)
        OutboxEmail.objects.create(**letter, idempotency_key=f"{tag} {n}")
        _task(state="done", finished_at=timezone.now())
        _task(wake_at=timezone.now() + timedelta(hours=5), due_at=timezone.now())
        Pause.objects.create(name=f"{tag} {n}")
        Move.objects.create(key=f"{tag} {n}", source="default", target="other", step="purged")
        self.log(self.photo, n, tag)

    def log(self, thing: Any, n: int, tag: str) -> None:
        """A line of the admin's history."""
        kind = ContentType.objects.get_for_model(thing)
        LogEntry.objects.create(
            user=self.staff, content_type=kind, object_id=str(thing.pk), object_repr=tag, action_flag=CHANGE,
            change_message=f"{n}",
        )  # fmt: skip


def _task(**fields: Any) -> TaskRow:
    given = {"path": "app.accounts.tasks.clear_sessions", "backend": "default", "queue": "default"}
    return TaskRow.objects.create(**given, enqueued_at=timezone.now(), **fields)


def make_world(studio: Studio | None = None, gallery: Gallery | None = None) -> World:
    """In a new studio and gallery, or in those that are given."""
    tag = uuid.uuid4().hex[:8]
    studio = studio or Studio.objects.create(slug=f"world-{tag}", name="World")
    gallery = gallery or Gallery.objects.create(studio=studio, title="World", slug=f"world-{tag}")
    owner = Membership.objects.create(studio=studio, user=User.objects.create_user(f"{tag}@boss.test", SECRET))
    staff = User.objects.create_superuser(f"{tag}@staff.test", SECRET)
    group = Group.objects.create(name=tag)
    other = User.objects.create_user(f"{tag}@other.test", SECRET)
    other.groups.add(group)
    position = Section.objects.filter(gallery=gallery).count() + 1
    section = Section.objects.create(studio=studio, gallery=gallery, title="A", slug=f"world-{tag}", position=position)
    link, secret = create_share_link(gallery, label="World")
    locked, locked_secret = create_share_link(gallery, label="Locked", lock=hashed(Kind.PIN, PIN))
    pending, parts = (new_photo(gallery, state="pending", rank=rank) for rank in (3, 4))
    Multipart.objects.create(photo=parts, studio=studio, upload_id="x", part_bytes=8 * 1024**2)
    token, bearer = ApiToken.objects.all().issue(studio, label="World")
    invitation = invite(owner, email=f"{tag}@invited.test", role="member")
    invited = OutboxEmail.objects.get(to=invitation.email).text.partition("/invitations/")[2].split("/")[0]
    ready = {"state": "ready", "key": f"reports/{tag}.pdf", "bytes": 1, "pages": 1, "gallery_version": 7}
    letter = {"to": other.email, "subject": "x", "text": "x", "html": "x"}
    world = World(
        studio=studio, gallery=gallery, owner=owner, staff=staff, group=group,
        member=Membership.objects.create(studio=studio, user=other, role="member"),
        invitation=invitation, invited=invited, section=section, photo=printable_photo(gallery, rank=1, stored=False),
        pending=pending, parts=parts, link=link, secret=secret, locked=locked, locked_secret=locked_secret,
        token=token, bearer=bearer, report=Report.objects.create(studio=studio, gallery=gallery, **ready),
        mail=CaughtEmail.objects.create(**letter),
        outgoing=OutboxEmail.objects.create(**letter, idempotency_key=tag),
        moved=Move.objects.create(key=tag, source="default", target="other", step="purged"),
        pause=Pause.objects.create(name=tag), task=_task(state="done", finished_at=timezone.now()),
    )  # fmt: skip
    world.grow()
    return world
