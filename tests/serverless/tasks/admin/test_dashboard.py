import re
from http import HTTPStatus
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from serverless.tasks.upkeep import figures
from serverless.tasks.work import pausing
from tests.serverless.tasks.admin.people import VIEW, staff
from tests.serverless.tasks.rows import dead, row

pytestmark = pytest.mark.django_db

PATH = "/admin/tasks/taskrow/dashboard/"


def pictures(client: Client, **query: str) -> list[ET.Element]:
    page = client.get(PATH, query).content.decode()
    return [ET.fromstring(svg) for svg in re.findall(r'<svg class="tasks-chart".*?</svg>', page, re.DOTALL)]  # noqa: S314 - our own page


def test_only_who_may_look_sees_it() -> None:
    assert staff().get(PATH).status_code == HTTPStatus.FORBIDDEN
    assert Client().get(PATH).headers["Location"].startswith("/admin/login/")


def test_an_empty_system_says_so() -> None:
    page = staff(*VIEW).get(PATH).content.decode()
    assert "Nothing finished in the last hour." in page
    assert "default" in page


def test_queues_show_depth_and_age() -> None:
    row(age=3600 * 3)
    row("running")
    dead()
    row(queue="<mails>")
    answer = staff(*VIEW).get(PATH)
    (first, *_) = answer.context["queues"]
    assert "&lt;mails&gt;" in answer.content.decode()
    of = {queue["depth"].queue: queue for queue in answer.context["queues"]}
    assert (of["default"]["depth"].due, of["default"]["depth"].running, of["default"]["dead"]) == (1, 1, 1)
    assert of["default"]["oldest"].startswith("3 h")
    assert first["depth"].queue == "<mails>"


def test_the_pictures_hold_each_step_and_say_what_they_show() -> None:
    for age in (30, 40, 600):
        row("done", age=age)
    dead(age=600)
    client = staff(*VIEW)
    throughput, waited, ran = pictures(client)
    titles = [title.text for title in throughput.iter("title")]
    assert len(titles) == 2
    assert "1 done, 1 failed" in str(titles[0])
    assert "2 done, 0 failed" in str(titles[1])
    assert [one.get("role") for one in (throughput, waited, ran)] == ["img"] * 3
    assert "median 2.0 s, 95th percentile 2.0 s" in str(waited.get("aria-label"))
    assert "median 1.0 s" in str(ran.get("aria-label"))


def test_the_security_policy_holds() -> None:
    row("done", age=30)
    page = staff(*VIEW).get(PATH).content.decode()
    main = page[page.index('id="content-main"') :]
    assert "style=" not in main
    assert "<style" not in main


@pytest.mark.parametrize(("period", "shown"), [("hour", 1), ("day", 2), ("<year>", 1)])
def test_the_period_is_an_hour_or_a_day(period: str, shown: int) -> None:
    row("done", age=60)
    row("done", age=7200)
    assert staff(*VIEW).get(PATH, {"period": period}).context["recent"].total.count == shown


def test_what_is_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    client = staff(*VIEW)
    for age in (10, 20, 1800):
        row("done", age=age)
    assert "what is shown begins at" not in client.get(PATH).content.decode()
    monkeypatch.setattr(figures, "MAX_ROWS", 2)
    monkeypatch.setattr("serverless.tasks.admin.dashboard.MAX_ROWS", 2)
    assert "what is shown begins at" in client.get(PATH).content.decode()


def test_pauses_are_announced() -> None:
    pausing.pause("default", database="default", by="ada", reason="<provider away>")
    page = staff(*VIEW).get(PATH).content.decode()
    assert "default is paused" in page
    assert "&lt;provider away&gt;" in page


def test_it_costs_as_many_queries_however_much_there_is() -> None:
    client = staff(*VIEW)
    client.get(PATH)
    with CaptureQueriesContext(connection) as few:
        client.get(PATH)
    for index in range(10):
        row("done", age=60 * index, path=f"a.b{index}")
        dead(queue=f"q{index}")
        row(queue=f"q{index}")
    with CaptureQueriesContext(connection) as many:
        client.get(PATH)
    assert len(many) == len(few)
