"""Releases that go well: the first, the next, and what each leaves behind."""

from dataclasses import replace
from pathlib import Path

import pytest

from serverless.deploy.exceptions import DeployError
from serverless.deploy.release import Release, Stage, Train, begin, open_stage, zappa
from serverless.deploy.release.ask import manage
from serverless.stack import names
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeOutput, HomeParameter
from tests.deploy.cloud import Answer, Cloud, first, hang_up, refusal
from tests.deploy.conftest import PROJECT, SETTINGS, Zips, release
from tests.deploy.made import ORIGIN_SECRET


@pytest.fixture(scope="module")
def served(cloud: Cloud, config: StackConfig, zips: Zips, static_folder: Path) -> Release:
    return release(open_stage(config, log=lambda _: None), zips("served"), static_folder)


def _serves(stage: Stage, done: Release) -> None:
    assert stage.live() == done.versions
    for which in names.FUNCTIONS:
        answer = manage(stage, which, names.ALIAS, "check", "--list-tags")
        assert (answer.release, answer.version) == (done.id, done.versions[which])


def test_a_first_release_makes_what_faces_traffic(served: Release, stage: Stage, cloud: Cloud) -> None:
    assert set(stage.live()) == set(names.FUNCTIONS)
    (stack,) = cloud.client("cloudformation", stage.config.region).describe_stacks(
        StackName=names.home_stack(stage.config.prefix)
    )["Stacks"]
    assert {"ParameterKey": HomeParameter.FUNCTIONS_LIVE, "ParameterValue": "yes"} in stack["Parameters"]


def test_each_function_has_its_own_role_time_and_database_user(served: Release, stage: Stage) -> None:
    found = {which: stage.functions.describe(stage.name(which), names.ALIAS) for which in names.FUNCTIONS}
    assert {which: entry["Role"].rpartition("-")[2] for which, entry in found.items()} == {
        which: which for which in names.FUNCTIONS
    }
    assert {which: entry["Timeout"] for which, entry in found.items()} == {"web": 29, "worker": 120, "migrator": 900}
    for which, entry in found.items():
        variables = entry["Environment"]["Variables"]
        assert variables["DATABASE_URL"].startswith(f"postgresql://{which}@")
        assert ORIGIN_SECRET not in str(variables)
        assert variables["RELEASE"] == stage.records.list()[0].id
    assert {which: stage.functions.reserved(stage.name(which)) for which in names.FUNCTIONS} == {
        "web": 1, "worker": 2, "migrator": 1,
    }  # fmt: skip


def test_arm_is_what_functions_have_unless_told_otherwise(stage: Stage) -> None:
    made = begin(stage, PROJECT, settings={key: value for key, value in SETTINGS.items() if key != "architecture"})
    assert {config.architecture for config in made.configurations.values()} == {"arm64"}
    assert zappa.overrides(made)["architecture"] == "arm64"  # Zappa's own default is the other one


def test_the_next_release_serves_and_the_one_before_is_kept(
    served: Release, stage: Stage, zips: Zips, static_folder: Path, said: list[str]
) -> None:
    done = release(stage, zips("next"), static_folder)
    _serves(stage, done)
    assert stage.records.list()[0].id == done.id
    assert any("serving now:" in line for line in said)
    assert any("there is nothing to migrate" in line for line in said)


def test_the_edge_forgets_its_pages_once_the_new_release_serves(
    served: Release, stage: Stage, cloud: Cloud, zips: Zips, static_folder: Path, said: list[str]
) -> None:
    cloud.calls.clear()
    release(stage, zips("pages"), static_folder)
    assert cloud.forgotten == 1
    order = [
        next((word for word in ("/aliases/live", "?Qualifier=live", "/invalidation?") if word in call), "")
        for call in cloud.calls
        if not call.startswith("GET")
    ]
    assert [word for word in order if word][-7:] == [*["/aliases/live"] * 3, *["?Qualifier=live"] * 3, "/invalidation?"]
    client, distribution = cloud.client("cloudfront", names.EDGE_REGION), stage.outputs[EdgeOutput.DISTRIBUTION_ID]
    made = client.list_invalidations(DistributionId=distribution)["InvalidationList"]["Items"]
    batches = [client.get_invalidation(DistributionId=distribution, Id=one["Id"])["Invalidation"] for one in made]
    assert {tuple(sorted(one["InvalidationBatch"]["Paths"]["Items"])) for one in batches} == {("/", "/blog/*")}
    assert len({one["InvalidationBatch"]["CallerReference"] for one in batches}) == len(batches)
    assert "CloudFront forgets /, /blog/*" in said


@pytest.mark.parametrize("answer", [refusal(403, "AccessDenied"), hang_up], ids=["refused", "lost"])
def test_a_release_serves_where_the_edge_does_not_forget(
    served: Release, stage: Stage, cloud: Cloud, zips: Zips, static_folder: Path, said: list[str], answer: Answer
) -> None:
    with cloud.failing("/invalidation", answer):
        done = release(stage, zips("unforgotten"), static_folder)
    _serves(stage, done)
    (warning,) = [line for line in said if line.startswith("warning: Having CloudFront forget")]
    assert f"--distribution-id {stage.outputs[EdgeOutput.DISTRIBUTION_ID]} --paths '/' '/blog/*'`" in warning
    assert said[-1] == f"{done.id} serves test."


def test_a_project_that_names_no_pages_asks_nothing_of_the_edge(
    served: Release, config: StackConfig, cloud: Cloud, zips: Zips, static_folder: Path
) -> None:
    cloud.calls.clear()
    release(open_stage(replace(config, pages=()), log=lambda _: None), zips("pageless"), static_folder)
    assert cloud.forgotten == 0


def test_a_lost_connection_in_mid_upload_costs_an_attempt(
    served: Release, stage: Stage, cloud: Cloud, zips: Zips, static_folder: Path, said: list[str]
) -> None:
    # The client itself asks three times.
    with cloud.failing("PUT /tiny-test-releases/packages/", first(3, hang_up)):
        done = release(stage, zips("lossy"), static_folder)
    _serves(stage, done)
    assert any("attempt 1 of 4 did not get through" in line for line in said)


def test_the_same_code_is_not_uploaded_again(
    served: Release, stage: Stage, cloud: Cloud, zips: Zips, static_folder: Path, said: list[str]
) -> None:
    zipped = zips("same")
    release(stage, zipped, static_folder)
    cloud.calls.clear()
    done = release(stage, zipped, static_folder)
    assert not [call for call in cloud.calls if call.startswith("PUT /tiny-test-releases/packages/")]
    _serves(stage, done)


def test_pruning_keeps_what_serves_and_what_can_serve_again(
    served: Release, stage: Stage, zips: Zips, static_folder: Path
) -> None:
    done = [release(stage, zips(f"prune{number}"), static_folder) for number in range(3)]
    kept = stage.records.list()
    assert [record.id for record in kept] == [done[2].id, done[1].id]  # keep_releases = 2
    for which in names.FUNCTIONS:
        wanted = {record.versions[which] for record in kept}
        assert set(stage.functions.versions(stage.name(which))) == wanted
    zipped = {item["Key"] for item in stage.s3.list_objects_v2(Bucket=stage.bucket, Prefix="packages/")["Contents"]}
    assert zipped == {record.zip_key for record in kept}


def test_pruning_keeps_a_version_that_some_other_alias_names(
    served: Release, stage: Stage, cloud: Cloud, zips: Zips, static_folder: Path
) -> None:
    old = release(stage, zips("aliased"), static_folder)
    client = cloud.client("lambda", stage.config.region)
    client.create_alias(FunctionName=stage.name("web"), Name="canary", FunctionVersion=old.versions["web"])
    try:
        for number in range(3):
            release(stage, zips(f"later{number}"), static_folder)
        assert old.versions["web"] in stage.functions.versions(stage.name("web"))
        assert old.versions["worker"] not in stage.functions.versions(stage.name("worker"))
    finally:
        client.delete_alias(FunctionName=stage.name("web"), Name="canary")


def test_what_another_release_has_made_serve_meanwhile_is_what_comes_back(
    served: Release, stage: Stage, zips: Zips, static_folder: Path
) -> None:
    late = Train(begin(stage, PROJECT, settings=SETTINGS), what="begun before the other one ended")
    other = release(stage, zips("other"), static_folder)

    def package(it: Release) -> None:
        raise DeployError("this one fails")

    with pytest.raises(DeployError, match="this one fails"), late.guarded():
        late.prepare(package)
    assert late.release.before == other.versions
    assert stage.live() == other.versions
