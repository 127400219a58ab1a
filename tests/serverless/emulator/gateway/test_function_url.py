from typing import Any

import pytest

from serverless.emulator.gateway.function_url import FunctionUrl
from serverless.events import build
from tests.serverless.emulator.gateway.support import before, parsed, request, values
from tests.serverless.emulator.support import in_loop


def event(target: str = "/event", **options: Any) -> dict[str, Any]:
    return dict(FunctionUrl.event(request(target, **options), request_id="r"))


@pytest.mark.parametrize(
    ("target", "path", "query"), [("/a%20b%2Fc?x=%20", "/a%20b%2Fc", "x=%20"), ("/100%25done", "/100%25done", "")]
)
def test_path_and_query_arrive_as_sent(target: str, path: str, query: str) -> None:
    built = event(target)
    assert (built["rawPath"], built["rawQueryString"]) == (path, query)


def test_cookies_are_a_header_and_a_list() -> None:
    built = event(headers=(("Cookie", "a=1; b=2"), ("Cookie", "c=3")))
    assert (built["headers"]["cookie"], built["cookies"]) == ("a=1; b=2; c=3", ["a=1", "b=2", "c=3"])
    assert built["headers"]["host"] == built["requestContext"]["domainName"] == build.FUNCTION_DOMAIN
    assert (built["requestContext"]["requestId"], built["requestContext"]["http"]["sourceIp"]) == ("r", "192.0.2.1")


def test_answers_are_those_of_payload_2_0() -> None:
    response = parsed("function-url", {"statusCode": 201, "cookies": ["a=1", "b=2"], "body": "{}"})
    assert values(response, "set-cookie") == ["a=1", "b=2"]
    assert values(response, "content-type") == ["application/json"]
    # Its headers may be longer than behind API Gateway.
    assert parsed("function-url", {"statusCode": 200, "headers": {"X-Long": "v" * 12_000}}).status == 200


@in_loop
async def test_its_own_answers() -> None:
    async with before("function-url") as gateway:
        failed = await gateway.handle(request("/raise"))
        assert (failed.status, failed.body, values(failed, "content-type")) == (
            502,
            b"Internal Server Error",
            ["application/json"],
        )
        assert len(values(failed, "x-amzn-requestid")) == 1
