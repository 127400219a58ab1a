"""The whole of the home stack's template."""

import pytest

from serverless.stack import home
from serverless.stack.outputs import HomeOutput, HomeParameter
from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import config, of_home

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
LIMITS = {"Resources": 500, "Outputs": 200, "Parameters": 200}
BODY_BYTES = 1_000_000


@pytest.mark.parametrize("profile", ["standard", "frugal"])
def test_it_is_within_cloudformations_limits(profile: Profile) -> None:
    document = of_home(profile).document
    for section, most in LIMITS.items():
        assert len(document.get(section, {})) < most
    assert len(home.template(config(profile)).to_json()) < BODY_BYTES


def test_the_same_stage_gives_the_same_template() -> None:
    assert home.template(config()).to_json() == home.template(config()).to_json()


@pytest.mark.parametrize("profile", ["standard", "frugal"])
def test_every_output_and_parameter_is_there(profile: Profile) -> None:
    document = of_home(profile, domain="shop.example", replicas=1).document
    assert document["Outputs"].keys() == set(HomeOutput)
    assert document["Parameters"].keys() == set(HomeParameter)
    assert all("Default" in parameter for parameter in document["Parameters"].values()), (
        "the first update has no values"
    )


def test_a_stage_without_a_domain_sends_no_mail_and_has_everything_else() -> None:
    missing = {HomeOutput.MAIL_FROM_DOMAIN, HomeOutput.DATABASE_REPLICA_HOSTS}
    assert of_home().document["Outputs"].keys() == set(HomeOutput) - missing
