"""A stage on AWS is what its templates, its settings and its release say. See the package."""

import pytest

from serverless.deploy.release import Record, Stage
from serverless.deploy.stacks.outputs import ready
from serverless.stack.names import EDGE_REGION
from serverless.stack.outputs import EdgeOutput, HomeOutput, HomeParameter
from tests.aws import answers, checks

pytestmark = pytest.mark.enable_socket


def test_the_stacks_tell_everything_and_know_of_each_other(stage: Stage) -> None:
    home = ready(stage.config, "home").parameters
    assert home[HomeParameter.FUNCTIONS_LIVE] == "yes"
    assert home[HomeParameter.DISTRIBUTION_ARN] == stage.outputs[EdgeOutput.DISTRIBUTION_ARN]
    assert stage.outputs[EdgeOutput.MEDIA_KEY_PAIR_ID] or stage.outputs[EdgeOutput.MEDIA_KEY_PAIR_ID_SECOND]


def test_functions_are_those_of_the_release_that_serves(stage: Stage) -> None:
    assert list(checks.versions(stage)) == []


def test_the_release_answers_through_the_edge(stage: Stage, record: Record) -> None:
    site = stage.outputs[EdgeOutput.SITE_URL]
    assert list(answers.health(site, release=record.id, version=record.versions["web"])) == []


def test_pages_have_their_headers(stage: Stage) -> None:
    assert list(answers.pages(stage.outputs[EdgeOutput.SITE_URL])) == []


def test_pages_that_may_be_kept_are(stage: Stage) -> None:
    assert list(answers.kept(stage.outputs[EdgeOutput.SITE_URL], stage.config.pages)) == []


def test_plain_http_leads_to_https(stage: Stage) -> None:
    assert list(answers.redirected(stage.outputs[EdgeOutput.SITE_URL])) == []


def test_nothing_but_the_edge_opens_api_and_buckets(stage: Stage, record: Record) -> None:
    outputs, region = stage.outputs, stage.config.region
    urls = {"the API": f"https://{outputs[HomeOutput.API_DOMAIN]}/healthz"}
    for name, key in ((HomeOutput.STATIC_BUCKET, record.static[0]), (HomeOutput.MEDIA_BUCKET, "originals/nothing")):
        urls[str(name)] = f"https://{outputs[name]}.s3.{region}.amazonaws.com/{key}"
    assert list(answers.closed(urls)) == []


def test_a_static_file_comes_by_the_edge(stage: Stage, record: Record) -> None:
    assert list(answers.static(stage.outputs[EdgeOutput.SITE_URL], record.static[0])) == []


def test_private_files_need_a_cookie(stage: Stage) -> None:
    assert list(answers.private(stage.outputs[EdgeOutput.SITE_URL], stage.config.signed)) == []


def test_the_firewall_stops_an_exploit(stage: Stage) -> None:
    if stage.config.profile != "standard":
        pytest.skip("frugal has no firewall")
    assert list(answers.firewall(stage.outputs[EdgeOutput.SITE_URL])) == []


def test_each_function_reads_the_database_as_its_own_user(stage: Stage) -> None:
    assert list(checks.databases(stage)) == []


def test_queues_wake_the_worker_as_asked(stage: Stage) -> None:
    assert list(checks.mappings(stage)) == []


def test_a_task_goes_round(stage: Stage) -> None:
    """Writes a task that does nothing, and its message."""
    assert list(checks.round_trip(stage)) == []


def test_the_tick_comes_and_its_metrics_arrive(stage: Stage) -> None:
    assert list(checks.ticks(stage)) == []


def test_the_cache_is_read(stage: Stage) -> None:
    answers.ask(f"{stage.outputs[EdgeOutput.SITE_URL]}/studio/", cookie="sessionid=" + "0" * 32)
    assert list(checks.cache(stage)) == []


def test_alarms_are_there_and_tell_somebody(stage: Stage) -> None:
    assert list(checks.alarms(stage)) == []


def test_who_is_told_has_confirmed_it(stage: Stage) -> None:
    topics = {HomeOutput.ALARM_TOPIC: stage.config.region, EdgeOutput.ALARM_TOPIC: EDGE_REGION}
    found = [
        problem
        for output, region in topics.items()
        for problem in checks.subscriptions(stage, topic=stage.outputs[output], region=region)
    ]
    assert found == []


def test_mail_can_be_sent(stage: Stage) -> None:
    assert list(checks.mail(stage)) == []
