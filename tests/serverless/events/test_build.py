import base64

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
