from typing import Any

import pytest

from serverless.events import build
from serverless.http.converters import v1


def split(**event: Any) -> tuple[bytes, str]:
    request = v1.request(build.http_v1(**event))
    return request.path, request.mount


def test_the_api_s_own_domain_mounts_the_stage() -> None:
    assert split(raw_path="/a%20b/%FF/") == (b"/a b/\xff/", "/live")
    assert split(raw_path="/") == (b"/", "/live")


@pytest.mark.parametrize("base_path", ["/shop", "/shop/eu", "/caf%C3%A9"])
@pytest.mark.parametrize("path", ["/", "/a", "/a/", "/shop", "/shop/a"])
def test_a_custom_domain_mounts_its_base_path(base_path: str, path: str) -> None:
    mount = {"/caf%C3%A9": "/café"}.get(base_path, base_path)
    assert split(raw_path=path, domain_name="photos.example", base_path=base_path) == (path.encode(), mount)


def test_a_custom_domain_without_base_path_mounts_nothing() -> None:
    assert split(raw_path="/a", domain_name="photos.example") == (b"/a", "")


def test_resources_with_several_parameters_and_prefixes_are_filled_in() -> None:
    event = build.http_v1(raw_path="/api/7/x/y", domain_name="photos.example", base_path="/shop")
    event["resource"], event["pathParameters"] = "/api/{id}/{proxy+}", {"id": "7", "proxy": "x/y"}
    request = v1.request(event)
    assert (request.path, request.mount) == (b"/api/7/x/y", "/shop")


def test_a_resource_that_does_not_fit_leaves_the_path_alone() -> None:
    event = build.http_v1(raw_path="/a/b")
    event["pathParameters"] = {"proxy": "elsewhere"}
    assert v1.request(event).path == b"/a/b"


def test_what_the_console_s_test_button_sends_is_a_request() -> None:
    event = build.http_v1(raw_path="/a")
    event["headers"] = event["multiValueHeaders"] = event["multiValueQueryStringParameters"] = None
    event["requestContext"] = {"identity": {"sourceIp": "test-invoke-source-ip", "userAgent": ""}}  # type: ignore[typeddict-item]
    request = v1.request(event)
    assert (dict(request.headers), request.query, request.mount) == ({}, "", "")


def test_the_query_is_encoded_anew() -> None:
    request = v1.request(build.http_v1(raw_query="a=1&b=%26+c&a=%2B&%C3%AB"))
    assert request.query == "a=1&a=%2B&b=%26+c&%C3%AB="


def test_repeated_headers_are_joined_and_cookies_by_semicolon() -> None:
    sent = [("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1"), ("Cookie", "b=2"), ("X-A", "3")]
    assert v1.request(build.http_v1(headers=sent)).headers == {"x-a": "1,3,2", "cookie": "a=1; b=2"}
