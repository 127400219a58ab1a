"""What each function of a release is asked to be."""

from dataclasses import replace
from typing import Final

import pytest

from serverless.deploy.release.environment import Code, configurations
from serverless.deploy.release.exceptions import NotPossible
from serverless.deploy.release.functions import differences, matches
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeOutput, HomeOutput
from settings.env import Env

CONFIG: Final = StackConfig(project="shop", stage="production", region="eu-central-1")
CODE: Final = Code(
    release="20261123-061502-1a2b3c4",
    handler="serverless.handlers.main.handler",
    runtime="python3.13",
    architecture="arm64",
    settings_module="shop.settings",
)
OUTPUTS: Final = {
    **{str(output): f"the-{output}" for output in (*HomeOutput, *EdgeOutput)},
    HomeOutput.SUBNETS: "subnet-1,subnet-2",
    HomeOutput.FUNCTION_IPV6: "no",
    HomeOutput.DATABASE_PORT: "5432",
    HomeOutput.DATABASE_NAME: "shop",
    EdgeOutput.SITE_URL: "https://shop.example",
}


def test_each_function_has_its_own_role_database_user_and_way_to_it() -> None:
    made = configurations(CONFIG, OUTPUTS, CODE)
    assert {which: config.role for which, config in made.items()} == {
        "web": "the-WebRoleArn",
        "worker": "the-WorkerRoleArn",
        "migrator": "the-MigratorRoleArn",
    }
    assert {which: config.variables["DATABASE_URL"] for which, config in made.items()} == {
        "web": "postgresql://web@the-DatabaseHost:5432/shop?iam=true",
        "worker": "postgresql://worker@the-DatabaseHost:5432/shop?iam=true",
        "migrator": "postgresql://migrator@the-DatabaseDirectHost:5432/shop?iam=true",
    }
    assert made["migrator"].timeout_s == 900
    assert (made["web"].concurrency, made["worker"].concurrency, made["migrator"].concurrency) == (100, 20, 1)


def test_web_alone_hears_of_replicas_and_connects_to_them_itself() -> None:
    """Tasks and commands read from the primary. What stands there is what settings read."""
    hosts: dict[str, str] = {HomeOutput.DATABASE_REPLICA_HOSTS: "one.internal,two.internal"}
    made = configurations(CONFIG, {**OUTPUTS, **hosts}, CODE)
    assert [which for which, config in made.items() if "DATABASE_REPLICA_URLS" in config.variables] == ["web"]
    urls = made["web"].variables["DATABASE_REPLICA_URLS"]
    read = Env({"DATABASE_REPLICA_URLS": urls}).replicas("DATABASE_REPLICA_URLS")
    assert {primary for primary, _ in read} == {"default"}
    assert [(entry["USER"], entry["HOST"], entry["PORT"], entry["NAME"], entry["OPTIONS"]) for _, entry in read] == [
        ("web", "one.internal", "5432", "shop", {"iam": True}),
        ("web", "two.internal", "5432", "shop", {"iam": True}),
    ]
    hosts[HomeOutput.DATABASE_REPLICA_HOSTS] = ""
    assert "DATABASE_REPLICA_URLS" not in configurations(CONFIG, {**OUTPUTS, **hosts}, CODE)["web"].variables


def test_only_the_migrator_hears_of_the_administrator() -> None:
    made = configurations(CONFIG, OUTPUTS, CODE)
    assert [which for which, config in made.items() if "DATABASE_ADMIN_SECRET" in config.variables] == ["migrator"]


def test_what_is_not_there_is_no_variable() -> None:
    none: dict[str, str] = {
        HomeOutput.MAIL_FROM_DOMAIN: "", EdgeOutput.MEDIA_KEY_PAIR_ID: "", EdgeOutput.MEDIA_KEY_PAIR_ID_SECOND: "",
    }  # fmt: skip
    made = configurations(CONFIG, {**OUTPUTS, **none}, CODE)
    assert not {"MAIL_FROM", "MEDIA_KEY_PAIR_ID"} & made["web"].variables.keys()


@pytest.mark.parametrize(
    ("ipv6", "host"), [("no", "email.eu-central-1.amazonaws.com"), ("yes", "email.eu-central-1.api.aws")]
)
def test_mail_goes_by_the_name_that_functions_reach(ipv6: str, host: str) -> None:
    made = configurations(CONFIG, {**OUTPUTS, HomeOutput.FUNCTION_IPV6: ipv6}, CODE)
    assert made["worker"].variables["AWS_ENDPOINT_URL_SESV2"] == f"https://{host}"


@pytest.mark.parametrize(("first", "second", "chosen"), [("K1", "", "K1"), ("", "K2", "K2"), ("K1", "K2", "K1")])
def test_a_key_that_has_moved_to_the_other_place_is_named(first: str, second: str, chosen: str) -> None:
    places: dict[str, str] = {EdgeOutput.MEDIA_KEY_PAIR_ID: first, EdgeOutput.MEDIA_KEY_PAIR_ID_SECOND: second}
    made = configurations(CONFIG, {**OUTPUTS, **places}, CODE)
    assert made["web"].variables["MEDIA_KEY_PAIR_ID"] == chosen


def test_hosts_below_the_domain_are_promised_by_the_stage_alone() -> None:
    assert "HSTS_SUBDOMAINS" not in configurations(CONFIG, OUTPUTS, CODE)["web"].variables
    wide = configurations(replace(CONFIG, hsts_subdomains=True), OUTPUTS, CODE)
    assert wide["web"].variables["HSTS_SUBDOMAINS"] == "yes"


def test_stacks_that_do_not_say_enough_are_named() -> None:
    with pytest.raises(NotPossible, match=r"CacheUrl.*make stack STAGE=production"):
        configurations(CONFIG, {**OUTPUTS, HomeOutput.CACHE_URL: ""}, CODE)


def test_variables_over_lambdas_limit_are_refused() -> None:
    with pytest.raises(NotPossible, match="4096"):
        configurations(CONFIG, {**OUTPUTS, HomeOutput.TASK_QUEUES: "q=" + "x" * 4096}, CODE)


def test_a_version_that_is_what_was_asked_for_has_no_differences() -> None:
    config = configurations(CONFIG, OUTPUTS, CODE)["web"]
    found = config.asked() | {"CodeSha256": "abc=", "Architectures": ["arm64"]}
    assert matches(found, config, sha256="abc=") == []
    assert matches(found | {"Timeout": 3}, config, sha256="abc=") == ["Timeout is 3, not 29"]
    assert matches(found, config, sha256="def=") == ["its code is abc=, not def="]
    assert matches(found | {"Architectures": ["x86_64"]}, config, sha256="abc=") != []
    open_network = found | {"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}}
    assert len(matches(open_network, config, sha256="abc=")) == 2


def test_a_variable_that_somebody_added_is_a_difference_whose_value_is_not_said() -> None:
    config = configurations(CONFIG, OUTPUTS, CODE)["web"]
    found = replace(config, variables={**config.variables, "DEBUG": "a secret"}).asked()
    assert differences(found, config) == ["the variables DEBUG differ"]
