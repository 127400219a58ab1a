"""The caches that the walk is tried on keep what a real one keeps: else nothing would ever bleed."""

import gzip

import pytest

from tests.sharedcache import Answer, CloudFront, Request, Rfc9111, bleeds


def said(
    who: str, body: str = "", *, status: int = 200, method: str = "GET", sent: str = "", **headers: str
) -> tuple[Request, Answer]:
    """Somebody, with a header `x: sent`, and what they are told; names of headers with underscores."""
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    asked = {"x": sent} if sent else {}
    return Request(who=who, url="/", headers=asked, method=method), Answer(
        status=status, headers=named, body=(body or who).encode()
    )


@pytest.mark.parametrize(
    ("control", "rfc9111", "cloudfront"),
    [
        ("", True, True),
        ("public, max-age=1", True, True),
        ("s-maxage=1", True, True),
        ("no-cache", False, False),
        ("max-age=60, s-maxage=0", False, False),
        ("Private, Max-Age=60", False, False),
        ("max-age=60, no-store", False, False),
    ],
)
def test_what_is_kept(control: str, rfc9111: bool, cloudfront: bool) -> None:
    request, answer = said("Ada", Cache_Control=control)
    assert (Rfc9111().keeps(request, answer), CloudFront().keeps(request, answer)) == (rfc9111, cloudfront)


@pytest.mark.parametrize(
    ("status", "rfc9111", "cloudfront"), [(302, False, True), (404, True, True), (422, False, False)]
)
def test_what_is_kept_untold(status: int, rfc9111: bool, cloudfront: bool) -> None:
    request, answer = said("Ada", status=status)
    assert (Rfc9111().keeps(request, answer), CloudFront().keeps(request, answer)) == (rfc9111, cloudfront)


def test_forms_are_never_kept() -> None:
    assert not any(rules.keeps(*said("Ada", method="POST")) for rules in (Rfc9111(), CloudFront()))


def test_with_authorization_only_what_is_called_public() -> None:
    request = Request(who="Ada", url="/", headers={"authorization": "x"})
    for control, kept in (("max-age=60", False), ("public", True), ("s-maxage=60", True), ("must-revalidate", True)):
        assert Rfc9111().keeps(request, said("Ada", Cache_Control=control)[1]) is kept


def test_whom_it_is_given_to() -> None:
    same, other = said("Ada", "the same", Vary="X"), said("Charles", "the same", sent="1", Vary="X")
    assert not Rfc9111().same(same[0], same[1], other[0])
    assert CloudFront().same(same[0], same[1], other[0])
    assert not Rfc9111().same(same[0], said("Ada", Vary="*")[1], same[0])


def test_what_bleeds_is_named() -> None:
    mine, yours = said("Ada", Cache_Control="max-age=9"), said("Charles", Cache_Control="max-age=9")
    for rules in (Rfc9111(), CloudFront()):
        wrong, hits = bleeds([mine, yours], rules)
        assert (hits, len(wrong)) == (2, 2)
        assert wrong[0].startswith("Charles gets of Ada: /")
        assert bleeds([mine, mine], rules)[0] == []


def test_compression_is_no_difference_and_cookies_are() -> None:
    answers = [
        Answer(status=200, headers={"content-encoding": "gzip"}, body=gzip.compress(b"x", mtime=n)) for n in (1, 2)
    ]
    assert answers[0].body != answers[1].body
    assert answers[0].seen == answers[1].seen
    assert answers[0].seen != Answer(status=200, headers={}, body=b"x", cookies=("a=b",)).seen
