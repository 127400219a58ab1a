import pytest

from serverless.emulator.cdn import Maintenance
from serverless.emulator.messages import Request
from tests.serverless.emulator.cdn.viewer import cdn, put
from tests.serverless.emulator.support import in_loop

SHUT = Maintenance(on=True, bypass="let-me-in")


def asking(target: str = "/", *, cookie: str = "") -> Request:
    headers = (("Cookie", cookie),) if cookie else ()
    return Request(method="GET", target=target, headers=headers, body=b"", address="192.0.2.1")


def status(maintenance: Maintenance, target: str = "/", *, cookie: str = "") -> int | None:
    answer = maintenance.answer(asking(target, cookie=cookie))
    return answer.status if answer else None


@pytest.mark.parametrize(
    ("cookie", "seen"),
    [
        ("", 503),
        ("maintenance-pass=let-me-in", None),
        ("a=1; maintenance-pass=let-me-in", None),
        ("maintenance-pass=let-me-i", 503),
        ("maintenance-pass=", 503),
        ("other=let-me-in", 503),
    ],
)
def test_only_the_cookie_passes(cookie: str, seen: int | None) -> None:
    assert status(SHUT, cookie=cookie) == seen
    assert status(Maintenance(on=False, bypass="let-me-in"), cookie=cookie) is None


def test_the_door_gives_the_cookie_to_whoever_knows_it() -> None:
    for maintenance in (SHUT, Maintenance(on=False, bypass="let-me-in")):
        answer = maintenance.answer(asking("/_maintenance/let-me-in?x=1"))
        assert answer is not None
        assert (answer.status, answer.headers["location"], answer.headers["cache-control"]) == (302, "/", "no-store")
        cookie, *attributes = answer.headers["set-cookie"].split("; ")
        assert cookie == "maintenance-pass=let-me-in"
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(attributes)
    assert status(SHUT, "/_maintenance/wrong") == 503


def test_without_a_secret_there_is_no_door() -> None:
    for target, cookie in (("/_maintenance/", ""), ("/", "maintenance-pass=")):
        assert status(Maintenance(on=True), target, cookie=cookie) == 503
        assert status(Maintenance(), target, cookie=cookie) is None


@in_loop
async def test_a_shut_site_serves_files_a_page_and_its_owner() -> None:
    put("media/shut/a")
    async with cdn(maintenance=SHUT) as viewer:
        page = await viewer.ask("/event", method="POST", data=b"x")
        assert (page.status, page.headers["retry-after"], page.headers["cache-control"]) == (503, "300", "no-store")
        assert "Back soon" in await page.text()
        assert (await viewer.ask("/media/shut/a")).status == 200
        event = await viewer.event(Cookie="maintenance-pass=let-me-in")
        assert event["rawPath"] == "/event"
