"""What releases read of stacks, against moto."""

import json
from enum import StrEnum

import pytest

from serverless.deploy import stacks
from serverless.deploy.stacks import StackFailed, StackMissing, StackUnfinished
from serverless.deploy.stacks.outputs import read
from serverless.deploy.stacks.parts import Part, ref
from serverless.deploy.stacks.state import State
from serverless.stack.config import Profile, StackConfig
from serverless.stack.outputs import EdgeOutput, HomeOutput, HomeParameter, ReleasesOutput
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import Stage


def test_outputs_are_by_stack_and_an_optional_one_is_empty(stage: Stage) -> None:
    made = stage.deploy()

    told = stacks.outputs(stage.config)

    assert told == made
    assert told.home[HomeOutput.API_DOMAIN] == "the ApiDomain"
    assert (told.home[HomeOutput.MAIL_FROM_DOMAIN], told.home[HomeOutput.DATABASE_REPLICA_HOSTS]) == ("", "")
    assert set(told.edge) == set(EdgeOutput)
    assert json.loads(json.dumps(told.as_dict()))["releases"] == {ReleasesOutput.BUCKET: "shop-dev-releases"}


def test_a_stage_that_was_never_made(stage: Stage) -> None:
    with pytest.raises(StackMissing, match=r"no stack shop-dev-releases in eu-central-1.*stack deploy dev"):
        stacks.outputs(stage.config)


def test_a_stage_that_is_made_in_part(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    cloud.stack("shop-dev-edge", "us-east-1").status = "ROLLBACK_COMPLETE"

    with pytest.raises(StackUnfinished, match=r"shop-dev-edge was begun and never finished"):
        stacks.outputs(stage.config)


def test_a_stack_of_an_older_template(stage: Stage) -> None:
    del stage.templates["home"]["Outputs"][HomeOutput.CACHE_URL]
    with pytest.raises(StackUnfinished, match=r"does not tell its CacheUrl.*stack deploy dev"):
        stage.deploy()


@pytest.mark.parametrize("profile", ["standard", "frugal"])
@pytest.mark.parametrize("domain", ["", "shop.example"])
def test_real_templates_tell_all_that_is_read(profile: Profile, domain: str) -> None:
    config = StackConfig(
        project="shop",
        stage="dev",
        region="eu-central-1",
        profile=profile,
        domain=domain,
        web_concurrency=10,
        worker_concurrency=5,
    )
    keys: dict[Part, type[StrEnum]] = {"releases": ReleasesOutput, "home": HomeOutput, "edge": EdgeOutput}

    for part, template in stacks.templates(config).items():
        state = State(
            ref=ref(config, part),
            id="",
            status="CREATE_COMPLETE",
            outputs=dict.fromkeys(template["Outputs"], "told"),
            parameters={},
            tags={},
            protected=False,
        )
        assert read(state, keys[part], config)


def test_functions_live_is_set_once_and_keeps_the_rest(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    home = cloud.stack("shop-dev-home")
    before = dict(home.stack_parameters)
    cloud.calls.clear()

    stacks.functions_live(stage.config, log=stage.said.append, pause_s=0)
    stacks.functions_live(stage.config, log=stage.said.append, pause_s=0)

    assert home.stack_parameters == before | {HomeParameter.FUNCTIONS_LIVE: "yes"}
    assert cloud.calls.count("UpdateStack") == 1


def test_parameters_of_a_stack_that_is_not_there(stage: Stage) -> None:
    with pytest.raises(StackMissing, match=r"stack deploy dev"):
        stacks.functions_live(stage.config, log=stage.said.append, pause_s=0)


def test_an_update_of_parameters_that_fails(stage: Stage, cloud: Cloud) -> None:
    stage.deploy()
    cloud.failing["shop-dev-home"] = "Mapping|function shop-dev does not exist"

    with pytest.raises(StackFailed, match=r"Mapping .* failed first: function shop-dev does not exist"):
        stacks.functions_live(stage.config, log=stage.said.append, pause_s=0)
