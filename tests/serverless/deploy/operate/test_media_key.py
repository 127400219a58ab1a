"""A new key for private files, step by step: what functions sign with, CloudFront takes after each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from serverless.deploy.operate import secrets
from serverless.deploy.operate.media_key import LONGEST, rotate_media_key
from serverless.deploy.operate.secrets import SecretRefused
from serverless.deploy.release import Record
from serverless.deploy.stacks.secret import new_private_key, public_half
from serverless.stack.names import EDGE_REGION
from serverless.stack.outputs import EdgeParameter
from serverless.storage.signing import MAX_EXPIRES_IN_S
from tests.serverless.deploy.operate.test_status import record
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import Stage

FIRST, SECOND = EdgeParameter.MEDIA_PUBLIC_KEY, EdgeParameter.MEDIA_PUBLIC_KEY_SECOND
# After whatever the tests write, however long ago this module was imported.
SOON = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def made(stage: Stage) -> Stage:
    stage.deploy()
    return stage


def released(when: datetime) -> Record:
    return replace(record("20261123-2", served="", versions={}), when=f"{when:%Y-%m-%dT%H:%M:%SZ}")


def step(stage: Stage, *, serving: Record | None = None, now: datetime = SOON, leaked: bool = False) -> str:
    config, log = stage.config, stage.said.append
    return rotate_media_key(config, serving=serving, now=now, log=log, leaked=leaked, pause_s=0)


def taken(cloud: Cloud) -> tuple[str, str]:
    """Return what CloudFront verifies with, by place."""
    parameters = cloud.stack("shop-dev-edge", EDGE_REGION).parameters
    return parameters[FIRST].strip(), parameters[SECOND].strip()


def public(stage: Stage) -> str:
    """Return the public half of what functions sign with."""
    return public_half(stage.held()["MEDIA_PRIVATE_KEY"], "").strip()


def test_three_steps_lead_to_another_key_and_three_more_back_to_the_first_place(made: Stage, cloud: Cloud) -> None:
    first = public(made)
    assert taken(cloud) == (first, "")

    assert "once more has functions sign with it" in step(made)
    assert taken(cloud)[0] == first == public(made), "nobody signs with what CloudFront may not know yet"
    second = taken(cloud)[1]
    assert second not in {"", first}

    assert "zappa update dev" in step(made)
    assert public(made) == second
    assert made.held()["MEDIA_KEY_PAIR_ID"] == "the MediaKeyPairIdSecond", "key and id are of one pair"
    assert taken(cloud) == (first, second), "what the first has signed is still opened"
    made.deploy()  # the stacks take it for their own

    assert "Done" in step(made, serving=released(SOON), now=SOON + LONGEST)
    assert taken(cloud) == ("", second)
    assert "MEDIA_PRIVATE_KEY_NEXT" not in made.held()

    step(made)
    step(made)
    step(made, serving=released(SOON), now=SOON + LONGEST)
    third = public(made)
    assert taken(cloud) == (third, "")
    assert third not in {first, second}
    assert made.held()["MEDIA_KEY_PAIR_ID"] == "the MediaKeyPairId"
    assert "BEGIN PRIVATE" not in made.text


@pytest.mark.parametrize("serving", [None, released(datetime.now(UTC) - timedelta(hours=1))])
def test_the_earlier_key_stays_until_a_release_has_taken_up_the_second(made: Stage, serving: Record | None) -> None:
    step(made)
    step(made)
    with pytest.raises(SecretRefused, match="No release has taken up the second key yet: zappa update dev"):
        step(made, serving=serving, now=SOON + LONGEST, leaked=True)


def test_the_earlier_key_stays_until_its_last_signature_has_ended_unless_it_has_leaked(
    made: Stage, cloud: Cloud
) -> None:
    step(made)
    step(made)
    with pytest.raises(SecretRefused, match=r"are good until 2.* UTC: rotate again then"):
        step(made, serving=released(SOON))
    assert all(taken(cloud))
    step(made, serving=released(SOON), leaked=True)
    assert taken(cloud)[0] == ""
    assert timedelta(seconds=MAX_EXPIRES_IN_S) < LONGEST


def test_a_step_that_was_broken_off_is_taken_again(made: Stage, cloud: Cloud) -> None:
    cloud.refuse("UpdateStack", "ValidationError")
    with pytest.raises(Exception, match="Updating the stack"):
        step(made)
    coming = public_half(made.held()["MEDIA_PRIVATE_KEY_NEXT"], "").strip()
    step(made)
    assert taken(cloud)[1] == coming


def test_a_key_that_cloudfront_does_not_know_is_nothing_to_go_on_from(made: Stage) -> None:
    step(made)
    right = made.held()["MEDIA_PRIVATE_KEY_NEXT"]
    secrets.put(made.config, {"MEDIA_PRIVATE_KEY_NEXT": new_private_key()})
    with pytest.raises(SecretRefused, match="does not know MEDIA_PRIVATE_KEY_NEXT: remove it"):
        step(made)
    secrets.put(made.config, {"MEDIA_PRIVATE_KEY": new_private_key(), "MEDIA_PRIVATE_KEY_NEXT": right})
    with pytest.raises(SecretRefused, match="does not know the MEDIA_PRIVATE_KEY of the functions"):
        step(made)
