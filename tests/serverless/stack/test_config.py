"""What a stage runs on, read and refused."""

from pathlib import Path
from typing import Any

import pytest

from serverless.stack import names
from serverless.stack.config import StackConfig, WorkerConfig, load, parse
from serverless.stack.exceptions import StackConfigInvalid

ROOT = Path(__file__).resolve().parents[3]
LEAST: dict[str, Any] = {"stack": {"project": "shop", "region": "eu-central-1", "stages": {"production": {}}}}


def _with(stage: dict[str, Any], **tables: Any) -> dict[str, Any]:
    return {**tables, "stack": {**LEAST["stack"], "stages": {"production": stage}}}


def test_a_project_says_its_name_and_region_and_gets_the_defaults() -> None:
    config = parse(LEAST, stage="production")
    assert config == StackConfig(project="shop", stage="production", region="eu-central-1")
    assert (config.prefix, config.profile, config.protected) == ("shop-production", "standard", True)


def test_functions_and_queues_are_those_that_run_locally() -> None:
    table = _with(
        {}, queues=["default", "mail"], signed=["media"], web={"memory_mb": 512, "concurrency": 8}, pages=["/"]
    )
    config = parse(table | {"worker": {"batch_size": 1, "maximum_concurrency": "off"}}, stage="production")
    assert (config.queues, config.signed, config.web_memory_mb) == (("default", "mail"), ("media",), 512)
    assert config.worker == WorkerConfig(batch_size=1)
    assert config.pages == ("/",)


def test_a_stage_may_be_elsewhere_and_send_from_another_domain() -> None:
    stage = {"region": "us-west-2", "domain": "shop.example", "mail_domain": "mail.shop.example"}
    config = parse(_with(stage), stage="production")
    assert (config.region, config.sends_from) == ("us-west-2", "mail.shop.example")
    assert parse(_with({"domain": "shop.example"}), stage="production").sends_from == "shop.example"


def test_replicas_take_as_many_environments_as_they_have_connections() -> None:
    assert parse(LEAST, stage="production").replicas == 0
    for replicas, concurrency in ((1, 150), (2, 300)):
        stage = {"replicas": replicas, "web_concurrency": concurrency}
        assert parse(_with(stage), stage="production").replicas == replicas


def test_zones_are_chosen_by_letter() -> None:
    assert parse(_with({"zones": ["a", "c"]}), stage="production").zones == ("a", "c")
    assert parse(LEAST, stage="production").zones == ()


@pytest.mark.parametrize(
    ("other", "clash"),
    [
        ({"domain": "shop.example"}, True),
        ({"domain": "drill.example", "mail_domain": "shop.example"}, True),
        ({"domain": "shop.example", "region": "us-west-2"}, False),
        ({"domain": "shop.example", "mail_domain": "drill.shop.example"}, False),
        ({}, False),
    ],
)
def test_two_stages_of_a_region_do_not_send_from_one_domain(*, other: dict[str, str], clash: bool) -> None:
    """SES has a domain once, and the stage that made it takes it along."""
    table = _with({"domain": "shop.example"})
    table["stack"]["stages"]["drill"] = other
    if not clash:
        assert parse(table, stage="production").sends_from == "shop.example"
        return
    with pytest.raises(StackConfigInvalid, match=r"production and drill would both send mail from shop\.example in eu"):
        parse(table, stage="production")


def test_a_snapshot_of_another_account_may_be_the_beginning() -> None:
    arn = "arn:aws:rds:eu-central-1:123456789012:snapshot:shop-20261123"
    assert parse(_with({"database_snapshot": arn}), stage="production").database_snapshot == arn


def test_a_profile_without_a_proxy_has_no_more_environments_than_connections() -> None:
    frugal = parse(_with({"profile": "frugal"}), stage="production")
    assert (frugal.web_concurrency, frugal.worker_concurrency) == (40, 10)
    assert parse(_with({"profile": "frugal", "web_concurrency": 50}), stage="production").web_concurrency == 50


@pytest.mark.parametrize("stage", ["dev", "staging", "production"])
def test_our_stages_are_read(stage: str) -> None:
    assert load(ROOT / "pyproject.toml", stage=stage).stage == stage


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, r"no \[tool.serverless.stack.stages.production\] in pyproject.toml \(none yet\)"),
        ({"stack": {"stages": {"production": {}}}}, 'needs project, such as project = "shop"'),
        ({"stack": {"project": "shop", "stages": {"production": {}}}}, "needs region, such as"),
        ({"stack": []}, r"\[tool.serverless.stack\] is a table"),
        (LEAST | {"stack": LEAST["stack"] | {"regoin": "x"}}, "has no key regoin; it knows project, region, stages"),
        (_with({"profle": "frugal"}), "has no key profle"),
        (_with({"profile": "cheap"}), "standard or frugal, not 'cheap'"),
        (_with({"profile": ["frugal"]}), "standard or frugal, not "),
        (_with({"database_snapshot": "a snapshot"}), "database_snapshot cannot be 'a snapshot'"),
        ({"stack": LEAST["stack"] | {"project": "two--hyphens"}}, "project cannot be 'two--hyphens'"),
        ({"stack": LEAST["stack"] | {"project": "a" * 21}}, "project cannot be 'aaa"),
        (_with({"region": "Frankfurt"}), "region cannot be 'Frankfurt'"),
        (_with({"domain": "https://shop.example"}), "domain cannot be 'https://shop.example'"),
        (_with({"alarm_email": "ops"}), "alarm_email cannot be 'ops'"),
        (_with({"budget_usd": "100"}), "budget_usd is no int: '100'"),
        (_with({"protected": 1}), "protected is no bool: 1"),
        (_with({"log_retention_days": 31}), "log_retention_days is one of 1, 3, 5,"),
        (_with({}, queues=[]), "names one queue at least"),
        (_with({}, queues=["mail.fifo"]), "'mail.fifo' cannot be the name"),
        (_with({}, queues=["m" * 60]), "cannot be the name of a standard queue"),
        (_with({}, queues=["mail", "mail-dead"]), "two queues mail-dead"),
        (_with({}, queues=["mail", "mail"]), "two queues mail"),
        (_with({}, signed=["media", "incoming"]), "signed: 'incoming' cannot be"),
        (_with({}, signed=["a/b"]), "signed: 'a/b' cannot be"),
        (_with({}, pages="/"), "pages: is a list of paths"),
        (_with({}, pages=["/*"]), "pages: '/\\*' would keep whatever a view forgets"),
        (_with({}, pages=["/files/a"], signed=["files"]), "pages: /files/a is not the application's"),
        (_with({}, worker={"batch_size": 11}), "over 10 needs a batching_window_s"),
        (_with({}, worker={"maximum_concurrency": 1}), "maximum_concurrency is from 2 to 1000"),
        (_with({"keep_releases": 1}), "keep_releases is at least 2: what serves, and what to go back to"),
        (_with({"worker_concurrency": 0}), "concurrency is at least 1"),
        (_with({"budget_usd": -1}), "budget_usd at least 0"),
        (_with({"zones": ["a"]}), r"zones are two letters, such as \["),
        (_with({"zones": ["a", "a"]}), "zones are two letters"),
        (_with({"zones": ["a", 2]}), "zones are two letters"),
        (_with({"zones": "ac"}), "zones are two letters"),
        (_with({"zones": ["eu-central-1a", "eu-central-1b"]}), "zones are two letters"),
        (_with({"database_snapshot": "rds:shop-2026-11-23"}), "is an automated one.*Copy it first"),
        (_with({"database_snapshot": "arn:aws:rds:eu-central-1:123456789012:snapshot:rds:a"}), "is an automated one"),
        (_with({"replicas": -1}), "replicas are 0 to 15"),
        (_with({"replicas": 16}), "replicas are 0 to 15.*not 16"),
        (_with({"replicas": True}), "replicas is no int: True"),
        (_with({"replicas": "one"}), "replicas is no int: 'one'"),
        (_with({"replicas": 1, "web_concurrency": 151}), "1 of them take 150 connections.*web_concurrency is 151"),
        (_with({"hosted_zone_id": "Z1"}), "of no use without a domain"),
        (LEAST | {"stack": LEAST["stack"] | {"project": "Shop"}}, "project cannot be 'Shop'"),
    ],
)
def test_what_no_stack_can_be_made_of_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(StackConfigInvalid, match=message):
        parse(table, stage="production")


def test_a_stage_has_a_name_that_names_can_be_made_of() -> None:
    table = {"stack": LEAST["stack"] | {"stages": {"my stage": {}}}}
    with pytest.raises(StackConfigInvalid, match="stage cannot be 'my stage'"):
        parse(table, stage="my stage")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackConfigInvalid, match=r"pyproject\.toml cannot be read"):
        load(tmp_path / "pyproject.toml", stage="production")


def test_the_web_function_has_the_name_that_zappa_gives_it() -> None:
    assert [names.function("shop-production", which) for which in names.FUNCTIONS] == [
        "shop-production",
        "shop-production-worker",
        "shop-production-migrator",
    ]
