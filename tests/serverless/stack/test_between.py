"""What one stack asks of another: the edge of the home stack's buckets, and the home stack of functions."""

from fnmatch import fnmatch
from typing import Any

import pytest

from serverless.stack import names
from serverless.stack.rules.view import View, text, views
from tests.serverless.stack.iam import service_may
from tests.serverless.stack.stacks import Stack, of_extremes, of_variants

STACKS = [*of_variants(), *of_extremes()]
HOMES = {stack.name.removeprefix("home-"): stack for stack in STACKS if stack.kind == "home"}
EDGES = {stack.name.removeprefix("edge-"): stack for stack in STACKS if stack.kind == "edge"}
BUCKETS = {"media": "${MediaBucket.Arn}", "static": "${StaticBucket.Arn}"}
OURS = "${DistributionArn}"


def _opened(home: Stack) -> View:
    """Return the home stack once everything is there."""
    return next(views(home.template, kind="home", config=home.config))


def _closed(home: Stack) -> View:
    """Return the home stack as it is first made."""
    return list(views(home.template, kind="home", config=home.config))[-1]


def _distribution(edge: Stack) -> dict[str, Any]:
    config: dict[str, Any] = edge.template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    return config


def _reads(view: View, resource: str, *, by: str = OURS) -> bool:
    return service_may(view, "cloudfront.amazonaws.com", "s3:GetObject", resource, AWS__SourceArn=by)


@pytest.mark.parametrize("which", HOMES)
def test_the_distribution_may_read_what_it_serves(which: str) -> None:
    view, behaviours = _opened(HOMES[which]), _distribution(EDGES[which])["CacheBehaviors"]
    for behaviour in behaviours:
        if behaviour["TargetOriginId"] not in BUCKETS:  # a page of the application
            continue
        key = behaviour["PathPattern"].replace("*", "a/b.webp").removeprefix("/")
        resource = f"{BUCKETS[behaviour['TargetOriginId']]}/{key}"
        assert _reads(view, resource), f"Nothing opens {resource}."
        assert not _reads(view, resource, by="arn:aws:cloudfront::someone:distribution/ELSE")
        assert not _reads(_closed(HOMES[which]), resource)


@pytest.mark.parametrize("which", HOMES)
def test_the_distribution_may_read_nothing_that_it_does_not_serve(which: str) -> None:
    view, served = _opened(HOMES[which]), [one["PathPattern"] for one in _distribution(EDGES[which])["CacheBehaviors"]]
    for key in ("incoming/studio/photo", "originals/studio/photo.jpg", "reports/a.pdf", "other", "s3/media/log"):
        for bucket in (*BUCKETS.values(), "${LogBucket.Arn}"):
            there = bucket == BUCKETS["media"] and any(fnmatch(f"/{key}", pattern) for pattern in served)
            assert _reads(view, f"{bucket}/{key}") is there


@pytest.mark.parametrize("which", HOMES)
def test_cloudfront_may_write_its_log_where_the_edge_says(which: str) -> None:
    delivery = text(EDGES[which].template["Resources"]["AccessLogDestination"]["Properties"]["DestinationResourceArn"])
    folder = delivery.rpartition("/")[2]
    key = f"${{LogBucket.Arn}}/{folder}/AWSLogs/${{AWS::AccountId}}/CloudFront/E123.log.gz"
    ours = {
        "AWS__SourceArn": "arn:${AWS::Partition}:logs:us-east-1:${AWS::AccountId}:delivery-source:cdn",
        "aws__SourceAccount": "${AWS::AccountId}",
        "s3__x-amz-acl": "bucket-owner-full-control",
    }
    for view in (_opened(HOMES[which]), _closed(HOMES[which])):
        assert service_may(view, "delivery.logs.amazonaws.com", "s3:PutObject", key, **ours)
        for wrong in ({"aws__SourceAccount": "someone"}, {"AWS__SourceArn": "arn:aws:logs:us-east-1:someone:x"}):
            assert not service_may(view, "delivery.logs.amazonaws.com", "s3:PutObject", key, **ours | wrong)
        elsewhere = key.replace("LogBucket", "MediaBucket")
        assert not service_may(view, "delivery.logs.amazonaws.com", "s3:PutObject", elsewhere, **ours)


@pytest.mark.parametrize("which", HOMES)
def test_the_home_stack_invokes_functions_by_the_names_that_releases_make(which: str) -> None:
    home = HOMES[which]
    view, worker, web = (
        _opened(home),
        names.function(home.config.prefix, "worker"),
        names.function(home.config.prefix, "web"),
    )
    (integration,) = view.all("AWS::ApiGatewayV2::Integration")
    assert f":function:{web}:{names.ALIAS}" in text(integration.properties["IntegrationUri"])
    targets = [text(mapping.properties["FunctionName"]) for mapping in view.all("AWS::Lambda::EventSourceMapping")]
    assert len(targets) == len(home.config.queues)
    (schedule,) = view.all("AWS::Scheduler::Schedule")
    for target in (*targets, text(schedule.properties["Target"]["Arn"])):
        assert target.endswith(f":function:{worker}:{names.ALIAS}")


@pytest.mark.parametrize("which", HOMES)
def test_nothing_invokes_functions_before_a_release_has_made_them(which: str) -> None:
    early = ("AWS::Lambda::EventSourceMapping", "AWS::Scheduler::Schedule")
    assert list(_closed(HOMES[which]).all(*early)) == []
