"""The whole: its size, and what enters and leaves."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from serverless import kept
from serverless.stack.config import StackConfig, load
from serverless.stack.edge import template
from serverless.stack.outputs import EdgeOutput, EdgeParameter
from tests.serverless.stack.edge.support import DOMAIN, configured, rendered, text, variants

ROOT = Path(__file__).resolve().parents[4]
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
INLINE_BYTES = 51_200
NAMES = [f"{one.profile}-{one.domain}-{one.hosted_zone_id}" for one in variants()]


@pytest.mark.parametrize("config", variants(), ids=NAMES)
def test_it_travels_inline(config: StackConfig) -> None:
    assert len(text(config).encode()) <= INLINE_BYTES


@pytest.mark.parametrize("config", variants(), ids=NAMES)
def test_it_does_so_with_the_most_and_longest_pages(config: StackConfig) -> None:
    pages = kept.check([f"/{'a' * 55}{number:02d}/*" for number in range(kept.MOST)], signed=config.signed)
    assert len(text(replace(config, pages=pages)).encode()) <= INLINE_BYTES


def test_it_is_a_function_of_its_input_alone() -> None:
    assert text(configured()) == text(configured())


@pytest.mark.parametrize("config", variants(), ids=NAMES)
def test_parameters_and_outputs_are_those_that_others_know(config: StackConfig) -> None:
    edge = template(config).to_dict()
    assert set(edge["Parameters"]) == set(EdgeParameter)
    assert set(edge["Outputs"]) == set(EdgeOutput)


def test_what_stages_say_in_pyproject_becomes_a_template() -> None:
    for stage in ("dev", "staging", "production"):
        assert text(load(ROOT / "pyproject.toml", stage=stage))


def test_secrets_are_not_shown_and_may_be_no_script() -> None:
    parameters = rendered()["Parameters"]
    origin, bypass = parameters[EdgeParameter.ORIGIN_SECRET], parameters[EdgeParameter.MAINTENANCE_BYPASS]
    assert origin["NoEcho"] is bypass["NoEcho"] is True
    assert "Default" not in origin
    for parameter, empty in ((origin, False), (bypass, True)):
        allowed = re.compile(parameter["AllowedPattern"])
        assert allowed.fullmatch("aB3-_" * 8)
        assert bool(allowed.fullmatch("")) is empty
        for bad in ("short", "a" * 129, "'" + "a" * 40, "a" * 40 + '"', "${" + "a" * 40, "a" * 40 + "\n"):
            assert not allowed.fullmatch(bad)


def test_a_site_is_open_until_it_is_shut() -> None:
    maintenance = rendered()["Parameters"][EdgeParameter.MAINTENANCE]
    assert (maintenance["Default"], maintenance["AllowedValues"]) == ("no", ["yes", "no"])


def test_the_site_is_where_the_domain_says_or_cloudfront() -> None:
    assert rendered(domain=DOMAIN)["Outputs"]["SiteUrl"]["Value"] == "https://shop.example"
    assert rendered()["Outputs"]["SiteUrl"]["Value"] == {"Fn::Sub": "https://${Distribution.DomainName}"}
