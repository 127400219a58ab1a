"""Both profiles, with a domain and without: what cfn-lint, checkov and our own rules say, and what changed."""

from pathlib import Path

import pytest

from tests.serverless.stack.judges import CHECKOV, Exempt, Verdict, cfn_lint, checkov, exempted, exemptions, own_rules
from tests.serverless.stack.snapshots import FOLDER, pictured
from tests.serverless.stack.stacks import Stack, of_extremes, of_stages, of_variants, written

VARIANTS = of_variants()
STAGES = of_stages()
EXTREMES = of_extremes()
# What is not protected has exceptions of its own.
JUDGED = [*VARIANTS, *EXTREMES, *(stack for stack in STAGES if not stack.config.protected)]
ALL = [*VARIANTS, *STAGES, *EXTREMES]


def _excepted(judge: str) -> list[Exempt]:
    return [one for one in exemptions() if one.judge == judge]


@pytest.mark.parametrize("stack", ALL, ids=[stack.name for stack in ALL])
def test_our_own_rules_hold(stack: Stack) -> None:
    standing, _ = exempted(list(own_rules([stack])), by=_excepted("rules"))
    assert [str(one) for one in standing] == []


def test_cfn_lint_finds_nothing_that_is_not_excepted() -> None:
    standing, idle = exempted(list(cfn_lint(JUDGED)), by=_excepted("cfn-lint"))
    assert ([str(one) for one in standing], idle) == ([], [])


@pytest.mark.skipif(not CHECKOV.exists(), reason="checkov is not in .cache/checkov: `make checkov` installs it")
def test_checkov_finds_nothing_that_is_not_excepted() -> None:
    standing, idle = exempted(list(checkov(JUDGED)), by=_excepted("checkov"))
    assert ([str(one) for one in standing], idle) == ([], [])


def test_no_exception_to_our_own_rules_is_left_over() -> None:
    _, idle = exempted(list(own_rules(ALL)), by=_excepted("rules"))
    assert idle == []


@pytest.mark.parametrize(("name", "text"), list(pictured(VARIANTS)), ids=[name for name, _ in pictured(VARIANTS)])
def test_a_template_is_as_it_was_reviewed(name: str, text: str) -> None:
    reviewed = (FOLDER / name).read_text("utf-8") if (FOLDER / name).exists() else ""
    assert text == reviewed, f"{name} changed: run `make stack-snapshots`, and read the difference."


def test_no_snapshot_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {name for name, _ in pictured(VARIANTS)}


def test_the_same_config_makes_the_same_template() -> None:
    assert [stack.text for stack in of_variants()] == [stack.text for stack in VARIANTS]


def test_the_same_template_is_judged_once(tmp_path: Path) -> None:
    twice = [VARIANTS[0], VARIANTS[0]]
    assert [file.name for file in written(twice, tmp_path)] == [f"{VARIANTS[0].name}.json"]


def test_every_exception_has_a_reason() -> None:
    assert [one for one in exemptions() if len(one.reason) < 20 or not one.resources] == []


def test_an_exception_is_for_its_own_rule_and_resources_alone() -> None:
    verdict = Verdict(
        judge="checkov",
        rule="CKV_AWS_18",
        stack="home-standard",
        kind="home",
        profile="standard",
        resource="LogBucket",
        message="",
    )
    exempt = Exempt(judge="checkov", rule="CKV_AWS_18", resources=("home/Log*",), reason="")
    others = [
        Exempt(judge="checkov", rule="CKV_AWS_19", resources=("home/*",), reason=""),
        Exempt(judge="rules", rule="CKV_AWS_18", resources=("home/*",), reason=""),
        Exempt(judge="checkov", rule="CKV_AWS_18", resources=("edge/LogBucket",), reason=""),
        Exempt(judge="checkov", rule="CKV_AWS_18", resources=("home/LogBucket",), reason="", profile="frugal"),
    ]
    assert exempted([verdict], by=[exempt]) == ([], [])
    assert exempted([verdict], by=others) == ([verdict], others)
