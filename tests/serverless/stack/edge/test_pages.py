"""Errors that become pages, and the files that they are."""

import re

from troposphere import Template

from serverless.emulator import pages as emulated
from serverless.stack.edge import PAGE_CACHE_CONTROL, PAGE_CONTENT_TYPE, error_pages
from serverless.stack.home import buckets
from tests.serverless.stack.edge.support import behaviours, configured, distribution, rendered


def test_each_page_is_the_one_that_the_emulator_shows() -> None:
    assert set(error_pages()) == {"_edge/502.html", "_edge/503.html", "_edge/504.html"}
    for key, html in error_pages().items():
        (status,) = re.findall(r"\d+", key)
        assert html == emulated.page(int(status)).text


def test_errors_of_the_api_keep_their_status_but_500_becomes_503() -> None:
    responses = {one["ErrorCode"]: one for one in distribution(rendered())["CustomErrorResponses"]}
    shown = {code: (one["ResponseCode"], one["ResponsePagePath"]) for code, one in responses.items() if len(one) > 2}
    assert shown == {
        500: (503, "/_edge/503.html"),
        502: (502, "/_edge/502.html"),
        503: (503, "/_edge/503.html"),
        504: (504, "/_edge/504.html"),
    }
    assert {one["ErrorCachingMinTTL"] for one in responses.values()} == {0}
    assert {403, 404} <= set(responses)


def test_every_page_that_is_named_is_a_file_behind_a_behaviour() -> None:
    edge = rendered()
    named = {path for one in distribution(edge)["CustomErrorResponses"] if (path := one.get("ResponsePagePath"))}
    assert named == {f"/{key}" for key in error_pages()}
    behaviour = behaviours(edge)["/_edge/*"]
    assert (behaviour["TargetOriginId"], behaviour["ResponseHeadersPolicyId"]) == ("static", {"Ref": "PagesHeaders"})
    assert "TrustedKeyGroups" not in behaviour


def test_pages_are_stored_nowhere_on_the_way() -> None:
    assert (PAGE_CACHE_CONTROL, PAGE_CONTENT_TYPE) == ("no-store", "text/html; charset=utf-8")


def test_the_bucket_lets_the_distribution_read_them() -> None:
    home = Template()
    buckets.add(home, configured())
    assert "${StaticBucket.Arn}/_edge/*" in str(home.to_dict()["Resources"]["StaticBucketPolicy"])
