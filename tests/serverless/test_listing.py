"""On the tasks' rows, which every project has, and on Django's own users."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from app.accounts.models import Studio, User
from app.galleries.models import Gallery, Photo
from serverless.listing import COUNTED, BoundedPaginator, LargeTable
from serverless.tasks.models import TaskRow
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db


def test_counting_ends() -> None:
    given = {"path": "x", "backend": "default", "queue": "default", "state": "done"}
    TaskRow.objects.bulk_create(
        TaskRow(**given, enqueued_at=timezone.now(), finished_at=timezone.now()) for _ in range(3)
    )
    with CaptureQueriesContext(connection) as captured:
        assert BoundedPaginator(TaskRow.objects.order_by("-pk"), 2).num_pages == 2
    (query,) = captured.captured_queries
    assert f"LIMIT {COUNTED}" in query["sql"]
    assert "ORDER BY" not in query["sql"]


def deletion(*galleries: Gallery, user: User) -> tuple[list[str], dict[str, int], set[str], list[str]]:
    request = RequestFactory().get("/")
    request.user = user
    found: tuple[list[str], dict[str, int], set[str], list[str]]
    found = LargeTable(Gallery, admin.site).get_deleted_objects(galleries, request)
    return found


def test_what_goes_along_is_counted_and_not_fetched() -> None:
    studio = Studio.objects.create(slug="x", name="X")
    gallery = Gallery.objects.create(studio=studio, slug="x", title="The gallery")
    for rank in range(3):
        new_photo(gallery, rank=rank)
    with CaptureQueriesContext(connection) as captured:
        lines, counts, forbidden, in_the_way = deletion(gallery, user=User.objects.create_superuser("a@x.test"))
    assert lines == ["The gallery", "3 photos"]
    assert (counts["galleries"], counts["photos"]) == (1, 3)
    assert (forbidden, in_the_way) == (set(), [])
    assert not [query for query in captured.captured_queries if "filename" in query["sql"]]


def test_who_may_not_delete_the_photos_may_not_delete_the_gallery() -> None:
    studio = Studio.objects.create(slug="x", name="X")
    gallery = Gallery.objects.create(studio=studio, slug="x", title="The gallery")
    new_photo(gallery)
    staff = User.objects.create_user("a@x.test", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="delete_gallery"))
    assert deletion(gallery, user=staff)[2] == {Photo._meta.verbose_name}
