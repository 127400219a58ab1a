"""When objects end."""

from typing import Any

import pytest

from serverless.stack.profiles import PROFILES, Profile
from tests.serverless.stack.facts import of_home


def rules(bucket: str, profile: Profile = "standard", **more: Any) -> dict[str, Any]:
    found = of_home(profile, **more).resource(bucket)["Properties"]["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in found} == {"Enabled"}
    return {rule["Id"]: rule for rule in found}


@pytest.mark.parametrize("bucket", ["MediaBucket", "StaticBucket", "LogBucket"])
def test_unfinished_uploads_end_after_a_day(bucket: str) -> None:
    rule = rules(bucket)["unfinished-uploads"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert "Prefix" not in rule


def test_quarantine_and_archives_end_by_themselves_and_nothing_else_of_media_does() -> None:
    media = rules("MediaBucket")
    assert {id_: rule["Prefix"] for id_, rule in media.items() if "ExpirationInDays" in rule} == {
        "incoming": "incoming/",
        "zips": "zips/",
    }
    # A copy that still tells where a photograph was taken is not kept for a restore.
    assert media["incoming"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_large_files_move_to_where_idle_ones_cost_less() -> None:
    rule = rules("MediaBucket")["large-files"]
    assert rule["Transitions"] == [{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 7}]
    assert int(rule["ObjectSizeGreaterThan"]) >= 128 * 1024  # smaller ones are never moved


@pytest.mark.parametrize("profile", ["standard", "frugal"])
def test_old_versions_reach_as_far_back_as_the_database(profile: Profile) -> None:
    rule = rules("MediaBucket", profile)["old-versions"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": PROFILES[profile].backup_days}
    assert "old-versions" not in rules("MediaBucket", profile, protected=False)


def test_access_logs_end_with_the_other_logs_and_static_files_never() -> None:
    assert rules("LogBucket", log_retention_days=90)["logs"]["ExpirationInDays"] == 90
    assert rules("StaticBucket").keys() == {"unfinished-uploads"}
