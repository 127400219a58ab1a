from http import HTTPStatus

import pytest

from serverless.events import build
from serverless.http.converters import alb
from serverless.http.messages import Response


@pytest.mark.parametrize("multi_value", [True, False])
def test_path_and_query_stay_as_sent(multi_value: bool) -> None:
    request = alb.request(build.alb(raw_path="/a%2Fb/%FF", raw_query="a=%26+%2B&b&=1&%zz=1", multi_value=multi_value))
    assert (request.path, request.query) == (b"/a/b/\xff", "a=%26+%2B&b=&=1&%zz=1")


@pytest.mark.parametrize(
    ("sent", "scheme"),
    [([("x-forwarded-proto", "http")], "http"), ([("x-forwarded-proto", "x")], "https"), ([], "https")],
)
def test_the_scheme_is_the_listener_s(sent: list[tuple[str, str]], scheme: str) -> None:
    assert alb.request(build.alb(headers=sent)).scheme == scheme


def test_the_address_is_who_connected() -> None:
    sent = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "10.0.0.1, 198.51.100.7")]
    for multi_value in (True, False):
        assert alb.request(build.alb(headers=sent, multi_value=multi_value)).address == "198.51.100.7"
    assert alb.request(build.alb()).address == ""


def test_a_health_check_is_a_request() -> None:
    event = build.alb(headers=[("user-agent", "ELB-HealthChecker/2.0")])
    assert dict(alb.request(event).headers) == {"user-agent": "ELB-HealthChecker/2.0"}


def answer(*headers: tuple[str, str], multi_value: bool) -> dict[str, object]:
    response = Response(status=418, reason="I'm a Teapot", headers=headers, body=b"")
    assert HTTPStatus(418).phrase == response.reason
    return dict(alb.answer(response, build.alb(multi_value=multi_value)))


def test_headers_leave_in_the_form_in_which_they_came() -> None:
    sent = (("Vary", "Cookie"), ("Vary", "Accept"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    many = answer(*sent, multi_value=True)
    assert many["multiValueHeaders"] == {"vary": ["Cookie", "Accept"], "set-cookie": ["a=1", "b=2"]}
    assert "headers" not in many
    single = answer(*sent, multi_value=False)
    assert single["headers"] == {"vary": "Cookie, Accept", "set-cookie": "a=1", "set-cookiE": "b=2"}
    assert "multiValueHeaders" not in single
    assert many["statusDescription"] == single["statusDescription"] == "418 I'm a Teapot"


def test_a_hundred_cookies_have_a_hundred_spellings() -> None:
    cookies = tuple(("Set-Cookie", f"c{number}=1") for number in range(100))
    headers = answer(*cookies, multi_value=False)["headers"]
    assert isinstance(headers, dict)
    assert list(headers.values()) == [value for _, value in cookies]
