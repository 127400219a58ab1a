"""Every address finds its rows in the large tables by an index, on a seeded database, whose statistics are made."""

from typing import Final

import pytest
from django.db import connection

from app.seeding.loading import load
from app.seeding.rows import Rows
from app.seeding.sizes import Sizes
from tests.app.plans import accesses, largest_gallery
from tests.app.visits import VISITS, pay
from tests.app.world import make_world

pytestmark = pytest.mark.django_db

# ANALYZE looks at 30,000 rows of a table: of tables that are no larger it sees all, and plans do not differ by chance.
SIZES: Final = Sizes(galleries=250, photos=25_000, events=30_000, studios=20)
# By address, the indexes by which its statements may come into galleries_photo and sharing_accessevent, here and on the
# full size (`make explain`); they come by one at least into each table that is named. Others do not touch the two.
PLANS: Final[dict[str, str]] = {
    "studio": "galleries_photo_pkey galleries_photo_studio_id_30aa6af4 photo_as_shown photo_changes photo_not_ready",
    "studio search": "galleries_photo_pkey photo_as_shown photo_changes photo_not_ready",
    "studio-gallery": "galleries_photo_gallery_id_ad33836b photo_as_shown photo_not_ready photo_unfinished",
    "studio-gallery-settings": "galleries_photo_gallery_id_ad33836b",
    "studio-gallery-delete": "galleries_photo_gallery_id_ad33836b",
    "studio-gallery-delete POST": (
        "galleries_photo_gallery_id_ad33836b galleries_photo_pkey "
        "accessevent_latest_of_link sharing_accessevent_gallery_id_355d9ce3"
    ),
    "studio-arrange": "galleries_photo_pkey photo_as_shown",
    "studio-arrange cover": "galleries_photo_pkey",
    "studio-arrange delete": "galleries_photo_pkey",
    "studio-sort": "galleries_photo_gallery_id_ad33836b galleries_photo_pkey",
    "studio-section delete": "galleries_photo_gallery_id_ad33836b",
    "studio-links": "galleries_photo_gallery_id_ad33836b accessevent_latest_of_link",
    "studio-links POST": "galleries_photo_gallery_id_ad33836b accessevent_latest_of_link",
    "studio-link-lock": "galleries_photo_gallery_id_ad33836b",
    "studio-link-lock POST": "galleries_photo_gallery_id_ad33836b",
    "studio-uploads": "galleries_photo_gallery_id_ad33836b photo_as_shown photo_once_per_gallery photo_unfinished",
    "studio-progress": "galleries_photo_gallery_id_ad33836b photo_changes",
    "studio-photo-uploaded": "galleries_photo_pkey photo_not_ready",
    "studio-photo-cancel": "galleries_photo_pkey photo_not_ready",
    "studio-photo-parts": "galleries_photo_pkey photo_not_ready",
    "studio-photo-part": "galleries_photo_pkey photo_not_ready",
    "studio-photo-finish": "galleries_photo_pkey",
    "studio-contact-sheets": "galleries_photo_gallery_id_ad33836b",
    "studio-contact-sheets POST": "galleries_photo_gallery_id_ad33836b",
    "client-gallery": "galleries_photo_gallery_id_ad33836b",
    "client-details": "galleries_photo_gallery_id_ad33836b",
    "client-progress": "galleries_photo_gallery_id_ad33836b photo_changes",
    "client-photo": "galleries_photo_gallery_id_ad33836b galleries_photo_pkey photo_as_shown",
    "api-galleries": "photo_changes",
    "api-gallery": "photo_changes",
    "api-photos": "galleries_photo_gallery_id_ad33836b galleries_photo_studio_id_30aa6af4 photo_as_shown",
    "api-photo": "galleries_photo_pkey",
    "admin:accounts_studio_delete": "galleries_photo_studio_id_30aa6af4 sharing_accessevent_studio_id_5f3271d6",
    "admin:galleries_gallery_delete": (
        "galleries_photo_gallery_id_ad33836b photo_as_shown sharing_accessevent_gallery_id_355d9ce3"
    ),
    "admin:galleries_photo_changelist": "galleries_photo_pkey galleries_photo_studio_id_30aa6af4",
    "admin:galleries_photo_change": "galleries_photo_pkey",
    "admin:galleries_photo_history": "galleries_photo_pkey",
    "admin:galleries_photo_delete": "galleries_photo_pkey",
    "admin:sharing_sharelink_delete": "accessevent_latest_of_link",
    "admin:galleries_photo_changelist state": "photo_not_ready",
}
# Reads 10,000 rows from the beginning, which here is nearly half of the table, and counts no further.
BOUNDED: Final = {"admin:galleries_photo_changelist": {"galleries_photo by Seq Scan"}}


def test_rows_of_large_tables_are_found_by_these_indexes() -> None:
    load(Rows(sizes=SIZES, seed=1), database="default", say=lambda _: None)
    tables = _tables()
    world = make_world(*largest_gallery())
    wrong: dict[str, set[str]] = {}
    for name, visit in VISITS.items():
        found = accesses(pay(visit, name, world)[1]) - BOUNDED.get(name, set())
        known = {f"{tables[index]} by {index}" for index in PLANS.get(name, "").split()}
        if not found <= known or {way.split()[0] for way in found} != {way.split()[0] for way in known}:
            wrong[name] = found
    assert wrong == {}


def test_reading_a_whole_table_is_seen() -> None:
    load(Rows(sizes=SIZES, seed=1), database="default", say=lambda _: None)
    assert accesses(["SELECT id FROM galleries_photo WHERE filename LIKE '%x%'"]) == {"galleries_photo by Seq Scan"}
    assert accesses(["SELECT id FROM galleries_photo WHERE id = '" + "0" * 32 + "'"]) == {
        "galleries_photo by galleries_photo_pkey"
    }
    assert accesses(["INSERT INTO galleries_photo DEFAULT VALUES", "SELECT 1"]) == set()


def _tables() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, tablename FROM pg_indexes WHERE schemaname = 'public'")
        return dict(cursor.fetchall())
