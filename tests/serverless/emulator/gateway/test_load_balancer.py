import json
from typing import Any

import pytest

from serverless.emulator import limits
from serverless.emulator.gateway import GATEWAYS, Problem
from serverless.emulator.gateway.answers import Malformed
from serverless.emulator.gateway.load_balancer import DOMAIN, LoadBalancer
from tests.serverless.emulator.gateway.support import before, parsed, request, returning, values
from tests.serverless.emulator.support import in_loop

HEADERS = (("Content-Type", "text/plain"), ("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2"))


def event(name: str, target: str = "/event", **options: Any) -> dict[str, Any]:
    return dict(GATEWAYS[name].event(request(target, **options), request_id="r"))


def test_the_last_of_a_repeated_header_or_parameter_arrives() -> None:
    built = event("alb", "/a%20b?x=%20&x=2", method="POST", headers=HEADERS, body=b"text")
    assert (built["path"], built["queryStringParameters"]) == ("/a%20b", {"x": "2"})
    assert built["headers"]["x-a"] == "2"
    assert (built["headers"]["host"], built["headers"]["x-forwarded-for"]) == (DOMAIN, "192.0.2.1")
    assert (built["body"], built["isBase64Encoded"]) == ("text", False)
    assert built.keys().isdisjoint({"multiValueHeaders", "multiValueQueryStringParameters"})


def test_with_multi_value_headers_all_of_them_arrive() -> None:
    built = event("alb-multi-value", "/a%20b?x=%20&x=2", headers=HEADERS)
    assert built["multiValueQueryStringParameters"] == {"x": ["%20", "2"]}
    assert (built["multiValueHeaders"]["x-a"], built["multiValueHeaders"]["cookie"]) == (["1", "2"], ["a=1; b=2"])
    assert built.keys().isdisjoint({"headers", "queryStringParameters"})


def test_spellings_of_set_cookie_pass_as_they_are() -> None:
    cookies = {"set-cookie": "a=1", "set-cookiE": "b=2", "set-cookIe": "c=3"}
    response = parsed("alb", {"statusCode": 200, "headers": cookies | {"Connection": "close"}})
    assert response.headers == tuple(cookies.items())


def test_only_the_form_that_the_target_group_is_set_to_is_read() -> None:
    answer = {"statusCode": 200, "headers": {"x-a": "1"}, "multiValueHeaders": {"x-a": ["2", "3"]}}
    assert values(parsed("alb", answer), "x-a") == ["1"]
    assert values(parsed("alb-multi-value", answer), "x-a") == ["2", "3"]


@pytest.mark.parametrize(
    ("description", "reason"), [("404 Gone Fishing", "Gone Fishing"), ("404", None), ("", None), (None, None)]
)
def test_the_description_is_status_and_reason(description: str | None, reason: str | None) -> None:
    assert parsed("alb", {"statusCode": 404, "statusDescription": description}).reason == reason


def sized(size: int, name: str = "X-Long") -> tuple[str, str]:
    """A header of this many bytes, without the end of its line."""
    return name, "v" * (size - len(name) - len(": "))


def test_request_headers_to_the_byte() -> None:
    line = len("GET / HTTP/1.1")
    most_line = f"/{'p' * (limits.ALB_LINE_BYTES - line)}"
    assert LoadBalancer.refusal(request(most_line)) is None
    assert LoadBalancer.refusal(request(f"{most_line}p")) is Problem.HEADERS
    assert LoadBalancer.refusal(request(headers=(sized(limits.ALB_HEADER_BYTES),))) is None
    assert LoadBalancer.refusal(request(headers=(sized(limits.ALB_HEADER_BYTES + 1),))) is Problem.HEADERS
    full = [sized(limits.ALB_HEADER_BYTES)] * 3
    for more, problem in ((0, None), (1, Problem.HEADERS)):
        headers = (*full, sized(limits.ALB_HEADERS_BYTES - 3 * limits.ALB_HEADER_BYTES - line + more))
        assert LoadBalancer.refusal(request("/", headers=headers)) is problem


def test_answers_to_the_byte() -> None:
    empty = len(json.dumps({"statusCode": 200, "body": ""}))
    body = "x" * (limits.ALB_ANSWER_BYTES - empty)
    assert len(parsed("alb", {"statusCode": 200, "body": body}).body) == len(body)
    with pytest.raises(Malformed, match="1048577 bytes of JSON, 1048576 at most"):
        parsed("alb", {"statusCode": 200, "body": f"{body}x"})


@pytest.mark.parametrize(("name", "form"), [("alb", "headers"), ("alb-multi-value", "multiValueHeaders")])
def test_answer_headers_to_the_byte(name: str, form: str) -> None:
    for more in (0, 1):
        header, value = sized(limits.ALB_ANSWER_HEADERS_BYTES + more)
        answer = {"statusCode": 200, form: {header: value if name == "alb" else [value]}}
        if more:
            with pytest.raises(Malformed, match="headers of 32769 bytes, 32768 at most"):
                parsed(name, answer)
        else:
            assert parsed(name, answer).status == 200


@in_loop
async def test_its_own_pages() -> None:
    async with before("alb", timeout_s=0.3) as gateway:
        refused = await gateway.handle(request(headers=(sized(limits.ALB_HEADER_BYTES + 1),)))
        assert (refused.status, refused.body.count(b"400 Bad Request")) == (400, 2)
        large = await gateway.handle(request(method="POST", body=b"x" * (limits.ALB_BODY_BYTES + 1)))
        assert (large.status, large.body.count(b"413 Request Entity Too Large")) == (413, 2)
        malformed = await gateway.handle(returning("Hello"))
        assert (malformed.status, len(malformed.body)) == (502, 122)
        assert (values(malformed, "server"), values(malformed, "content-type")) == (["awselb/2.0"], ["text/html"])
        late = await gateway.handle(request("/sleep"))
        assert (late.status, late.body.count(b"504 Gateway Time-out")) == (504, 2)
