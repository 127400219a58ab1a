"""Someone on call opens the operations pages: nothing is cut off, every contrast is enough, and the policy holds."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import axe, shell
from tests.e2e.cloud import ROOT, Cloud
from tests.e2e.test_gallery import watch
from tests.e2e.test_studio import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

SCREENSHOTS = ROOT / "build" / "screenshots"

# An hour of a busy studio, without running it: renditions, mails, a provider that was away for ten minutes.
_SEED = """
import json
import random
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from serverless.ids import first_of
from serverless.tasks.work import pausing
from serverless.tasks.models import TaskRow
from serverless.tasks.values import describe

draw, now = random.Random(7), timezone.now()
DEVELOP = "app.galleries.tasks.develop_photo"
SEND = "app.notifications.tasks.send_email"
SHEET = "app.reports.tasks.render_report"
WORKER = "8f6f6cd1-23f4-5d0c-9a2f-0c7a0d8e1f51"


def error():
    try:
        raise ConnectionRefusedError("[Errno 111] Connection refused")
    except ConnectionRefusedError as caught:
        return describe(caught)


def add(path, minute, ran, waited, **fields):
    ended = now - timedelta(minutes=minute, seconds=draw.random() * 60)
    begun = ended - timedelta(seconds=ran)
    enqueued = begun - timedelta(seconds=waited)
    given = {"state": "done", "lease": 1, "worker_ids": [WORKER], "args": [str(UUID(int=draw.getrandbits(128)))]}
    rows.append(TaskRow(
        id=UUID(int=first_of(enqueued).int | draw.getrandbits(60)), path=path, backend="default", queue="default",
        enqueued_at=enqueued, started_at=begun, last_attempted_at=begun, finished_at=ended, **{**given, **fields},
    ))


rows = []
for minute in range(60):
    busy = 20 < minute < 40
    for _ in range(draw.randint(10, 20) if busy else draw.randint(3, 6)):
        add(DEVELOP, minute, draw.lognormvariate(0.2, 0.4), draw.lognormvariate(-1, 0.8) * (4 if busy else 1))
    away = {"state": "dead", "attempts": 5, "lease": 6, "errors": [error()] * 5} if 8 < minute < 18 else {}
    for _ in range(draw.randint(0, 3)):
        add(SEND, minute, draw.lognormvariate(-1.2, 0.3), draw.lognormvariate(-1, 0.5), **away)
add(SHEET, 31, 14.2, 1.1)
TaskRow.objects.bulk_create(rows)

# Their next wake is far away, so that the emulator's own tick leaves them to the pictures.
waits = {"path": DEVELOP, "backend": "default", "queue": "default", "wake_at": now + timedelta(hours=5)}
recipe = {"args": ["0199a1b2-0000-7000-8000-000000000017"], "kwargs": {"recipe": {"widths": [390, 1440]}}}
for seconds in (95, 40):
    then = now - timedelta(seconds=seconds)
    TaskRow.objects.create(due_at=then, enqueued_at=then, **recipe, **waits)
TaskRow.objects.create(
    state="running", due_at=now + timedelta(minutes=2), enqueued_at=now, worker_ids=[WORKER], **recipe, **waits
)
later = TaskRow.objects.create(
    due_at=now + timedelta(minutes=50), enqueued_at=now, attempts=1, errors=[error()], **recipe, **waits
)
pausing.pause(SHEET, database="default", by="ada@loupe.test", reason="the font service is away")
dead = TaskRow.objects.filter(state="dead").latest("finished_at")
print(json.dumps({"dead": str(dead.pk), "later": str(later.pk)}))
"""

# The emulator is that of all browser tests: nothing stays paused, dead or waiting.
_CLEAR = """
from serverless.tasks.models import TaskRow
from serverless.tasks.work import pausing
pausing.resume("app.reports.tasks.render_report", database="default")
TaskRow.objects.filter(worker_ids__contains=["8f6f6cd1-23f4-5d0c-9a2f-0c7a0d8e1f51"]).delete()
TaskRow.objects.filter(kwargs__has_key="recipe").delete()
"""

# One message that no row explains, in the queue's dead-letter queue.
_LETTERS = """
import json
from serverless.tasks.operate import dead_letters
from serverless.tasks.produce.queue import Entry, send_batch
((name, letters),) = dead_letters.all_letters()
send_batch(letters.url, [Entry(body=json.dumps({"Type": "Notification", "Subject": "from another service"}), delay=0)])
"""


@pytest.fixture(scope="module")
def seeded(cloud: Cloud) -> Iterator[dict[str, str]]:
    yield json.loads(shell.run(cloud, _SEED))
    shell.run(cloud, _CLEAR)


@pytest.fixture
def letter(cloud: Cloud) -> None:
    """A message for this test: one that was looked at is shown to nobody else for two minutes."""
    shell.run(cloud, _LETTERS)


@pytest.fixture
def page(chromium: Browser, cloud: Cloud, seeded: dict[str, str]) -> Iterator[Page]:
    """Someone of the staff who has signed in. Fails on anything the browser complains about."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    complaints = watch(opened)
    sign_in(opened, cloud)
    yield opened
    context.close()
    assert complaints == []


def look(page: Page, name: str) -> None:
    """Take the page's picture at both widths and in both themes."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SCREENSHOTS / f"operations-{name}-{width}-{theme}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def check(page: Page, name: str) -> list[str]:
    """What axe finds in both themes, in a context that lets its script in."""
    browser = page.context.browser
    assert browser is not None
    found: list[str] = []
    for theme in ("light", "dark"):
        context = browser.new_context(storage_state=page.context.storage_state(), bypass_csp=True, color_scheme=theme)
        other = context.new_page()
        other.goto(page.url)
        found += [f"{name}, {theme}: {complaint}" for complaint in axe.complaints(other)]
        context.close()
    return found


PAGES = {
    "dashboard": "/admin/tasks/taskrow/dashboard/",
    "list": "/admin/tasks/taskrow/",
    "dead": "/admin/tasks/taskrow/?state=dead",
    "task": "/admin/tasks/taskrow/{dead}/change/",
    "later": "/admin/tasks/taskrow/{later}/change/",
    "letters": "/admin/tasks/taskrow/letters/",
    "queue": "/admin/tasks/taskrow/letters/default/",
    "pauses": "/admin/tasks/pause/",
}


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_whole_and_legible(page: Page, cloud: Cloud, seeded: dict[str, str], name: str) -> None:
    page.goto(cloud.url + PAGES[name].format(**seeded))
    look(page, name)
    assert check(page, name) == []


def test_a_dead_task_is_found_read_and_retried(page: Page, cloud: Cloud, seeded: dict[str, str]) -> None:
    page.goto(f"{cloud.url}/admin/tasks/taskrow/dashboard/")
    page.get_by_role("row", name=re.compile("^default")).get_by_role("link").last.click()
    page.locator("#result_list").get_by_role("link", name=re.compile("^send_email")).first.click()
    expect(page.get_by_text("It runs again only if someone retries it.")).to_be_visible()
    expect(page.locator(".tasks-attempt[open] pre")).to_contain_text("ConnectionRefusedError")
    page.get_by_role("button", name="Retry").click()
    look(page, "confirm")
    page.get_by_role("button", name="Retry 1 task").click()
    expect(page.get_by_text("Tasks that will run again: 1.")).to_be_visible()


@pytest.mark.usefixtures("letter")
def test_a_dead_letter_is_looked_at_and_deleted(page: Page, cloud: Cloud, seeded: dict[str, str]) -> None:
    page.goto(f"{cloud.url}/admin/tasks/taskrow/letters/default/")
    page.get_by_role("button", name="Look at messages").click()
    expect(page.get_by_text("Something else sends to this queue.").first).to_be_visible()
    look(page, "letter")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Delete chosen ones").click()
    expect(page.get_by_text("1 message deleted.")).to_be_visible()


@pytest.mark.usefixtures("letter")
def test_what_comes_after_a_button_is_legible_too(chromium: Browser, cloud: Cloud, seeded: dict[str, str]) -> None:
    """axe looks at the pages that answer a POST, in a context that lets its script in."""
    context = chromium.new_context(bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, cloud)
    complaints: list[str] = []
    for path, button in ((PAGES["later"], "Cancel …"), (PAGES["queue"], "Look at messages")):
        page.goto(cloud.url + path.format(**seeded))
        page.get_by_role("button", name=button).click()
        page.wait_for_load_state()
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            # The admin's links take a moment to change their colour.
            page.wait_for_function("document.getAnimations().length === 0")
            complaints += axe.complaints(page)
    context.close()
    assert complaints == []
