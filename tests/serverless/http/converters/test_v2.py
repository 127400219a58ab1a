import pytest

from serverless.events import build
from serverless.http.converters import function_url, v2

CUSTOM = "photos.example"


@pytest.mark.parametrize(
    ("path", "stage", "domain", "inside", "mount"),
    [
        ("/a", "$default", None, "/a", ""),
        ("/a", "live", None, "/a", "/live"),
        ("/", "live", None, "/", "/live"),
        ("/live", "live", None, "/live", "/live"),
        ("/a", "live", CUSTOM, "/a", ""),
        ("/100%25/ä b", "$default", None, "/100%25/ä b", ""),
    ],
)
def test_stages_leave_the_path(path: str, stage: str, domain: str | None, inside: str, mount: str) -> None:
    event = build.http_v2(raw_path=path, stage=stage, **({"domain_name": domain} if domain else {}))  # type: ignore[arg-type]
    request = v2.request(event)
    assert (request.path.decode(), request.mount) == (inside, mount)


@pytest.mark.parametrize("path", ["/lively", "/", "/a/live"])
def test_only_a_whole_segment_is_the_stage(path: str) -> None:
    event = build.http_v2(stage="live")
    event["rawPath"] = path
    assert (v2.request(event).path, v2.request(event).mount) == (path.encode(), "")


def test_the_stage_alone_is_the_root() -> None:
    event = build.http_v2(stage="live")
    event["rawPath"] = "/live"
    assert (v2.request(event).path, v2.request(event).mount) == (b"/", "/live")


def test_function_urls_are_decoded_once() -> None:
    assert function_url.request(build.function_url(raw_path="/a%2520/%FF")).path == b"/a%20/\xff"


def test_function_urls_hand_on_the_cookie_header_as_sent() -> None:
    event = build.function_url(headers=[("Cookie", "a=1;b=2;")])
    assert function_url.request(event).headers["cookie"] == "a=1;b=2;"
    del event["headers"]["cookie"]
    assert function_url.request(event).headers["cookie"] == "a=1; b=2"
