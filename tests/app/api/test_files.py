import base64
import json
import time
from urllib.parse import parse_qs

import pytest

from app.api.files import Files
from app.galleries.models import Gallery
from tests.app.api.conftest import Caller
from tests.app.conftest import new_photo


def policy_of(query: str) -> dict[str, object]:
    policy = parse_qs(query)["Policy"][0]
    statement: dict[str, object] = json.loads(base64.b64decode(policy.translate(str.maketrans("-_~", "+=/"))))
    return statement


def test_right_ends_on_the_hour_one_to_two_hours_from_now() -> None:
    files = Files(prefix="media/s/g/")
    assert files.ends_at % 3600 == 0
    assert files.ends_at - time.time() + 1 >= 3600
    assert files.ends_at - time.time() <= 7200
    condition = {"DateLessThan": {"AWS:EpochTime": pytest.approx(files.ends_at, abs=1)}}
    resource = "http://testserver/media/s/g/*"
    assert policy_of(files.query()) == {"Statement": [{"Resource": resource, "Condition": condition}]}


@pytest.mark.django_db
def test_an_answer_holds_one_signature_for_its_gallery_alone(api: Caller, gallery: Gallery) -> None:
    for n in range(3):
        new_photo(gallery, rank=n)
    photos = api.get(f"galleries/{gallery.pk}/photos/").json["data"]
    queries = {r["url"].partition("?")[2] for photo in photos for r in photo["renditions"]}
    assert len(queries) == 1
    assert f"/media/{gallery.studio_id}/{gallery.pk}/*" in json.dumps(policy_of(queries.pop()))
