import base64
from typing import Any

import pytest

from serverless.events import build


def test_repeated_headers_are_joined_and_cookies_listed_apart() -> None:
    event = build.http_v2(
        headers=[("Accept", "a"), ("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2"), ("cookie", "c=3")]
    )
    assert event["headers"] == {"accept": "a", "x-a": "1,2"}
    assert event["cookies"] == ["a=1", "b=2", "c=3"]


def test_query_parameters_are_joined() -> None:
    event = build.http_v2(raw_query="a=1&a=2&B=")
    assert event["rawQueryString"] == "a=1&a=2&B="
    assert event["queryStringParameters"] == {"a": "1,2", "B": ""}


def test_text_bodies_stay_text_and_the_rest_is_base64() -> None:
    text = build.http_v2(method="POST", headers=[("content-type", "application/json")], body='{"ä": 1}'.encode())
    assert (text["body"], text["isBase64Encoded"]) == ('{"ä": 1}', False)
    for headers, body in (
        ([("content-type", "image/png")], b"\x89PNG"),
        ([], b"abc"),
        ([("content-type", "application/json"), ("content-encoding", "gzip")], b"\x1f\x8b"),
        ([("content-type", "text/plain")], b"\xff"),
    ):
        binary = build.http_v2(method="POST", headers=headers, body=body)
        assert (base64.b64decode(binary["body"]), binary["isBase64Encoded"]) == (body, True)


def test_no_body_is_no_key() -> None:
    assert "body" not in build.http_v2()


# As captured behind a live HTTP API: https://github.com/hotsock/voker/blob/main/vokerhttp/testdata/ingress-paths.json
@pytest.mark.parametrize(
    ("sent", "delivered"),
    [
        ("/capture/space%20value", "/capture/space value"),
        ("/capture/question%3Fvalue", "/capture/question"),
        ("/capture/hash%23value", "/capture/hash#value"),
        ("/capture/slash%2Fvalue", "/capture/slash/value"),
        ("/capture/unicode-%CE%BB-%E4%B8%96%E7%95%8C", "/capture/unicode-λ-世界"),
        ("/capture/literal%252Fvalue", "/capture/literal/value"),
        ("/capture/literal%253Fvalue", "/capture/literal?value"),
        ("/capture/literal%2525value", "/capture/literal%value"),
    ],
)
def test_http_api_decodes_paths_as_captured(sent: str, delivered: str) -> None:
    assert build.http_api_path(sent) == delivered


def test_http_api_refuses_a_percent_sign_as_captured() -> None:
    with pytest.raises(ValueError, match="a percent sign that escapes nothing"):
        build.http_api_path("/capture/percent%25done")


REQUEST: dict[str, Any] = {
    "method": "POST",
    "raw_path": "/capture/space%20value",
    "raw_query": "repeat=one&repeat=two&literalPlus=a+b&encodedPlus=a%2Bb&empty=",
    "headers": [("Host", "h"), ("cookie", "session=abc123; theme=dark"), ("x-probe", "first"), ("x-probe", "second"),
                ("content-length", "2"), ("content-type", "application/json")],
    "body": b"{}",
}  # fmt: skip


def test_function_urls_keep_the_path_and_the_cookie_header() -> None:
    event = build.function_url(**REQUEST)
    assert event["rawPath"] == "/capture/space%20value"
    assert event["requestContext"]["http"]["path"] == "/capture/space value"
    assert (event["headers"]["cookie"], event["cookies"]) == ("session=abc123; theme=dark", ["session=abc123", "theme=dark"])
    assert event["headers"]["x-probe"] == "first,second"


def test_rest_apis_decode_the_query_and_keep_the_path() -> None:
    event = build.http_v1(**REQUEST)
    assert (event["path"], event["requestContext"]["path"]) == ("/capture/space%20value", "/live/capture/space%20value")
    assert event["pathParameters"] == {"proxy": "capture/space%20value"}
    assert event["multiValueQueryStringParameters"] == {
        "repeat": ["one", "two"], "literalPlus": ["a b"], "encodedPlus": ["a+b"], "empty": [""],
    }  # fmt: skip
    assert (event["queryStringParameters"] or {})["repeat"] == "two"
    assert event["multiValueHeaders"] is not None
    assert event["headers"] is not None
    assert event["multiValueHeaders"]["x-probe"] == ["first", "second"]
    assert event["headers"]["x-probe"] == "second"
    assert "content-length" not in event["headers"]
    assert (event["body"], event["isBase64Encoded"]) == ("e30=", True)


def test_rest_apis_say_null_for_nothing() -> None:
    event = build.http_v1()
    assert (event["queryStringParameters"], event["pathParameters"], event["body"]) == (None, None, None)
    assert event["resource"] == "/"


def test_base_paths_stay_in_both_paths() -> None:
    event = build.http_v1(raw_path="/a", domain_name="photos.example", base_path="/shop")
    assert (event["path"], event["requestContext"]["path"]) == ("/shop/a", "/shop/a")


def test_load_balancers_keep_path_and_query() -> None:
    event = build.alb(**REQUEST, multi_value=True)
    assert event["path"] == "/capture/space%20value"
    assert event["multiValueQueryStringParameters"] == {
        "repeat": ["one", "two"], "literalPlus": ["a+b"], "encodedPlus": ["a%2Bb"], "empty": [""],
    }  # fmt: skip
    assert (event["multiValueHeaders"] or {})["x-probe"] == ["first", "second"]
    assert event.keys().isdisjoint({"headers", "queryStringParameters"})
    assert (event["body"], event["isBase64Encoded"]) == ("{}", False)


def test_load_balancers_without_multi_value_headers_keep_the_last() -> None:
    event = build.alb(**REQUEST)
    assert (event["headers"] or {})["x-probe"] == "second"
    assert (event["queryStringParameters"] or {})["repeat"] == "two"
    assert event.keys().isdisjoint({"multiValueHeaders", "multiValueQueryStringParameters"})


def test_a_stage_stands_before_the_path() -> None:
    event = build.http_v2(raw_path="/a", stage="live")
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/live/a", "live")
