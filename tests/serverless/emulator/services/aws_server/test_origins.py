import http.client
import os
from urllib.parse import urlsplit

import pytest

from tests.plugin import ORIGIN


def ask(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc, timeout=5)
    connection.request(method, f"/{os.environ['MEDIA_BUCKET']}{path}", headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}


PREFLIGHT = {
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "content-type,x-amz-checksum-sha256",
}


def test_preflight_of_an_upload_is_allowed() -> None:
    status, headers = ask("OPTIONS", "/incoming/a?X-Amz-Signature=any", {"Origin": ORIGIN, **PREFLIGHT})
    assert status == 200
    assert headers["access-control-allow-origin"] == ORIGIN
    assert "PUT" in headers["access-control-allow-methods"]
    assert {"content-type", "x-amz-checksum-sha256"} <= set(headers["access-control-allow-headers"].split(", "))


def test_preflight_of_another_origin_is_refused() -> None:
    status, headers = ask("OPTIONS", "/incoming/a", {"Origin": "https://evil.example", **PREFLIGHT})
    assert status == 403
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://evil.example", None)])
def test_errors_carry_the_headers_for_the_right_origin(origin: str, allowed: str | None) -> None:
    status, headers = ask("GET", "/incoming/a", {"Origin": origin})
    assert status == 403
    assert headers.get("access-control-allow-origin") == allowed
