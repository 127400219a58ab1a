import pytest

from serverless.emulator import limits
from serverless.emulator.cdn import viewer_function
from serverless.emulator.gateway import GATEWAYS
from serverless.emulator.messages import Headers, Request

ROOM = limits.LAMBDA_REQUEST_BYTES - viewer_function.ENVELOPE_BYTES
HEADER_ROOM = limits.HTTP_API_HEADER_BYTES - viewer_function.EDGE_BYTES


def ran(*headers: tuple[str, str], front_door: str = "http-api", target: str = "/") -> Request | int:
    request = Request(method="POST", target=target, headers=headers, body=b"", address="192.0.2.1")
    return viewer_function.handle(request, GATEWAYS[front_door].takes)


def test_it_writes_down_who_asks_whatever_was_claimed() -> None:
    forged: Headers = (("X-Viewer-Host", "evil"), ("x-viewer-ADDRESS", "evil"), ("CloudFront-Forwarded-Proto", "http"))
    request = ran(("Host", "photos.example"), *forged, ("A", "b"))
    assert isinstance(request, Request)
    assert request.headers == (
        ("Host", "photos.example"),
        ("A", "b"),
        ("x-viewer-host", "photos.example"),
        ("x-viewer-address", "192.0.2.1"),
    )
    assert (request.method, request.target) == ("POST", "/")


@pytest.mark.parametrize(
    ("front_door", "headers", "most"),
    [
        ("http-api", {"Content-Type": "text/plain; charset=utf-8"}, ROOM),
        ("http-api", {"Content-Type": "application/JSON"}, ROOM),
        ("http-api", {"Content-Type": "application/json", "Content-Encoding": "gzip"}, ROOM // 4 * 3),
        ("http-api", {"Content-Type": "image/jpeg"}, ROOM // 4 * 3),
        ("http-api", {}, ROOM // 4 * 3),
        ("rest-api", {"Content-Type": "text/plain"}, ROOM // 4 * 3),
        ("function-url", {"Content-Type": "text/plain"}, ROOM),
        ("alb", {"Content-Type": "text/plain"}, limits.ALB_BODY_BYTES),
        ("alb", {"Content-Type": "image/jpeg"}, limits.ALB_BODY_BYTES),
        ("alb-multi-value", {}, limits.ALB_BODY_BYTES),
    ],
)
def test_bodies_are_refused_by_their_length_to_the_byte(front_door: str, headers: dict[str, str], most: int) -> None:
    given = tuple(headers.items())
    assert isinstance(ran(*given, ("Content-Length", str(most)), front_door=front_door), Request)
    assert ran(*given, ("Content-Length", str(most + 1)), front_door=front_door) == 413


@pytest.mark.parametrize("front_door", ["http-api", "rest-api"])
@pytest.mark.parametrize("target", ["/", "/a/longer/path?with=a&query"])
def test_headers_are_refused_by_their_size_to_the_byte(front_door: str, target: str) -> None:
    line = len(f"POST {target} HTTP/1.1")
    value = "v" * (HEADER_ROOM - line - 3)
    sent = (("Cookie", value), ("X-A", "123"), ("Connection", "keep-alive"))
    assert isinstance(ran(*sent, front_door=front_door, target=target), Request)
    assert ran(*sent, ("X-B", "4"), front_door=front_door, target=target) == 431


@pytest.mark.parametrize("front_door", ["alb", "alb-multi-value", "function-url"])
def test_where_the_edge_takes_less_than_the_front_door_headers_are_its_own_matter(front_door: str) -> None:
    assert isinstance(ran(("Cookie", "v" * 19_000), front_door=front_door), Request)
