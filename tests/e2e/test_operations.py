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
import random
from datetime import timedelta
from django.utils import timezone
from uuid import UUID
from serverless.ids import first_of
from serverless.tasks import pausing
from serverless.tasks.models import TaskRow
from serverless.tasks.values import describe

draw, now = random.Random(7), timezone.now()
DEVELOP, SEND, SHEET = (
    "app.galleries.tasks.develop_photo", "app.notifications.tasks.send_email", "app.reports.tasks.render_report"
)

def add(path, ended, *, failed=False, ran, waited, attempts=0, **fields):
    begun = ended - timedelta(seconds=ran)
    enqueued = begun - timedelta(seconds=waited)
    return TaskRow(
        id=UUID(int=first_of(enqueued).int | draw.getrandbits(60)), path=path, backend="default", queue="default", enqueued_at=enqueued,
        state="dead" if failed else "done", attempts=attempts, started_at=begun, last_attempted_at=begun,
        finished_at=ended, worker_ids=["8f6f6cd1-23f4-5d0c-9a2f-0c7a0d8e1f51"], lease=attempts + 1, **fields)

def error(text):
    try:
        raise ConnectionRefusedError(text)
    except ConnectionRefusedError as caught:
        return describe(caught)

rows = []
for minute in range(60):
    busy = 6 + 14 * (20 < minute < 40)
    for _ in range(draw.randint(busy // 2, busy)):
        ended = now - timedelta(minutes=minute, seconds=draw.random() * 60)
        rows.append(add(DEVELOP, ended, ran=draw.lognormvariate(0.2, 0.4), waited=draw.lognormvariate(-1, 0.8) * (4 if busy > 6 else 1)))
    for _ in range(draw.randint(0, 3)):
        ended = now - timedelta(minutes=minute, seconds=draw.random() * 60)
        away = 8 < minute < 18
        rows.append(add(SEND, ended, ran=draw.lognormvariate(-1.2, 0.3), waited=draw.lognormvariate(-1, 0.5), failed=away,
                        attempts=5 if away else 0, args=[minute], errors=[error("[Errno 111] Connection refused")] * 5 if away else []))
rows.append(add(SHEET, now - timedelta(minutes=31), ran=14.2, waited=1.1, args=["0199a1b2-0000-7000-8000-000000000042"]))
TaskRow.objects.bulk_create(rows)
for seconds, state in ((95, "ready"), (40, "ready"), (5, "running"), (-3000, "ready")):
    due = now - timedelta(seconds=seconds) if state == "ready" else now + timedelta(seconds=110)
    TaskRow.objects.create(path=DEVELOP, backend="default", queue="default", state=state, due_at=due,
        # Far in the future, so that the emulator's own tick leaves them to the pictures.
        wake_at=now + timedelta(hours=5), enqueued_at=now - timedelta(seconds=abs(seconds)), attempts=int(seconds < 0),
        args=["0199a1b2-0000-7000-8000-000000000017"], kwargs={"recipe": {"widths": [390, 1440], "quality": 82}},
        worker_ids=["8f6f6cd1-23f4-5d0c-9a2f-0c7a0d8e1f52"] if state == "running" else [],
        errors=[error("[Errno 111] Connection refused")] if seconds < 0 else [])
pausing.pause(SHEET, database="default", by="ada@loupe.test", reason="the font service is away")
import json
dead = TaskRow.objects.filter(state="dead").latest("finished_at")
print(json.dumps({"dead": str(dead.pk), "later": str(TaskRow.objects.get(attempts=1).pk)}))
"""

# One message that no row explains, in the queue's dead-letter queue.
_LETTERS = """
import json
from serverless.tasks import dead_letters
from serverless.tasks.queue import Entry, send_batch
((name, letters),) = dead_letters.all_letters()
send_batch(letters.url, [Entry(body=json.dumps({"Type": "Notification", "Subject": "from another service"}), delay=0)])
"""


@pytest.fixture(scope="module")
def seeded(cloud: Cloud) -> dict[str, str]:
    shell.run(cloud, _LETTERS)
    found: dict[str, str] = json.loads(shell.run(cloud, _SEED))
    return found


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


def test_a_dead_letter_is_looked_at_and_deleted(page: Page, cloud: Cloud, seeded: dict[str, str]) -> None:
    page.goto(f"{cloud.url}/admin/tasks/taskrow/letters/default/")
    page.get_by_role("button", name="Look at messages").click()
    expect(page.get_by_text("Something else sends to this queue.")).to_be_visible()
    look(page, "letter")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete chosen ones").click()
    expect(page.get_by_text("1 message deleted.")).to_be_visible()
