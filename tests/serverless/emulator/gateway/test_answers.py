import pytest

from serverless.emulator.gateway import GATEWAYS
from serverless.emulator.gateway.answers import Malformed
from tests.serverless.emulator.gateway.support import parsed

EVERY = [
    ({"statusCode": "teapot"}, "statusCode is missing or no number"),
    ({"statusCode": None}, "statusCode is missing or no number"),
    ({"statusCode": 42}, "statusCode is 42"),
    ({"statusCode": 600}, "statusCode is 600"),
    ({"statusCode": 200, "body": {"not": "text"}}, "the body is a JSON dict"),
    ({"statusCode": 200, "body": "%%%", "isBase64Encoded": True}, "the body is not base64"),
]
SINGLE = [
    ({"statusCode": 200, "headers": ["a"]}, "headers: a JSON list instead of an object"),
    ({"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b"}}, "x: a line break"),
]
MANY = [
    ({"statusCode": 200, "multiValueHeaders": "a"}, "multiValueHeaders: a JSON str instead of an object"),
    ({"statusCode": 200, "multiValueHeaders": {"x": "a"}}, "x: a JSON str instead of a list"),
    ({"statusCode": 200, "multiValueHeaders": {"x": ["a", "b\n"]}}, "x: a line break"),
]
PAYLOAD_2 = [
    ({"statusCode": 200, "cookies": 3}, "cookies: a JSON int instead of a list"),
    ({"statusCode": 200, "cookies": ["a\n"]}, "cookies: a line break"),
]
STRICT: list[tuple[object, str]] = [
    ("Hello", "a JSON str instead of an object"),
    (None, "a JSON NoneType"),
    ([], "a JSON list"),
]
ALB = [
    ({"message": "Hello"}, "statusCode is missing"),
    ({"statusCode": 200, "statusDescription": 200}, "statusDescription is no line of text"),
    ({"statusCode": 200, "statusDescription": "200 OK\r\na: b"}, "statusDescription is no line of text"),
]
FORMS = {
    "http-api": [*EVERY, *SINGLE, *PAYLOAD_2],
    "function-url": [*EVERY, *SINGLE, *PAYLOAD_2],
    "rest-api": [
        *EVERY,
        *SINGLE,
        *MANY,
        *STRICT,
        ({"message": "Hello", "cookies": []}, "unknown keys cookies, message"),
    ],
    "alb": [*EVERY, *SINGLE, *STRICT, *ALB],
    "alb-multi-value": [*EVERY, *MANY, *STRICT, *ALB],
}


@pytest.mark.parametrize(
    ("gateway", "answer", "said"), [(name, answer, said) for name, forms in FORMS.items() for answer, said in forms]
)
def test_what_is_no_response_says_why(gateway: str, answer: object, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        parsed(gateway, answer)


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("payload", [b"{", b"", b"\xff"])
def test_what_is_no_json_is_no_response(gateway: str, payload: bytes) -> None:
    with pytest.raises(Malformed, match="no JSON"):
        GATEWAYS[gateway].answer(payload)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_least_that_is_a_response(gateway: str) -> None:
    response = parsed(gateway, {"statusCode": "404", "headers": None, "multiValueHeaders": None, "body": None})
    assert (response.status, response.body, response.by_gateway) == (404, b"", False)
