"""What opens a private path and what does not: signatures of `serverless.storage`, and all the ways to bend them."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pytest_django.fixtures import Settings

from serverless.emulator.cdn.signed import PublicKey, Refused, verify
from serverless.emulator.cdn.signed import Viewer as Asked
from serverless.storage import signed_cookies, signed_url
from tests.serverless.emulator.cdn.viewer import FOREVER, PHOTO, SIGNED, Viewer, cdn, cookie, put, target, trusted
from tests.serverless.emulator.support import in_loop

HOUR = 3600
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS: dict[str, PublicKey] = {"KEC": EC_KEY.public_key(), "KRSA": RSA_KEY.public_key()}
URL = "http://testserver/media/a/b.jpg"


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


def statement(resource: str | None, **condition: Any) -> bytes:
    part = {"Resource": resource} if resource is not None else {}
    condition = {"DateLessThan": {"AWS:EpochTime": int(time.time()) + HOUR}} | condition
    return json.dumps({"Statement": [part | {"Condition": condition}]}, separators=(",", ":")).encode()


def signed(policy: bytes, *, key_id: str = "KEC", algorithm: str = "SHA256") -> dict[str, str]:
    """A custom policy with its signature, as parameters of a URL."""
    hashed = hashes.SHA256() if algorithm == "SHA256" else hashes.SHA1()  # noqa: S303 - CloudFront's default
    if key_id == "KRSA":
        signature = RSA_KEY.sign(policy, padding.PKCS1v15(), hashed)
    else:
        signature = EC_KEY.sign(policy, ec.ECDSA(hashed))
    given = {"Policy": encode(policy), "Signature": encode(signature), "Key-Pair-Id": key_id}
    return given | ({"Hash-Algorithm": algorithm} if algorithm else {})


def by_cookie(given: Mapping[str, str], *, url: str = URL, query: str = "", address: str = "127.0.0.1") -> Asked:
    header = "; ".join(f"CloudFront-{name}={value}" for name, value in given.items())
    return Asked(base=url, query=query, cookies=(header,), address=address)


def by_url(given: Mapping[str, str], *, url: str = URL, query: str = "") -> Asked:
    own = "&".join(f"{name}={value}" for name, value in given.items())
    return Asked(base=url, query=f"{query}&{own}" if query else own, cookies=(), address="127.0.0.1")


def code(asked: Asked, keys: Mapping[str, PublicKey] = KEYS) -> str:
    """The code of the refusal, or nothing."""
    try:
        verify(asked, keys)
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("algorithm", ["", "SHA1", "SHA256"])
@pytest.mark.parametrize("key_id", ["KEC", "KRSA"])
def test_both_kinds_of_key_and_both_hashes_open_cookies_and_urls(key_id: str, algorithm: str) -> None:
    given = signed(statement("http://testserver/media/a/*"), key_id=key_id, algorithm=algorithm)
    assert code(by_cookie(given)) == code(by_url(given)) == ""
    given["Hash-Algorithm"] = "SHA1" if algorithm == "SHA256" else "SHA256"
    assert code(by_cookie(given)) == code(by_url(given)) == "AccessDenied"
    given["Hash-Algorithm"] = "MD5"
    assert code(by_cookie(given)) == "AccessDenied"


@pytest.mark.parametrize(
    ("resource", "opens"),
    [
        (URL, True),
        ("http://testserver/media/a/*", True),
        ("http://testserver/media/*/b.jpg", True),
        ("http://testserver/media/?/b.jp?", True),
        ("http*://testserver/media/a/*", True),
        ("http://*/media/a/b.jpg", True),
        ("*", True),
        (None, True),
        ("http://testserver/media/a/**********************x", False),
        ("http://testserver/media/a", False),
        ("http://testserver/media/a/", False),
        ("http://testserver/media/a/?", False),
        ("http://testserver/media/b/*", False),
        ("http://testserver/media/a/b.jpg?", False),
        ("http://testserver/media/./b.jpg", False),
        ("http://testserver/media/[a]/b.jpg", False),
        ("http://testserver.evil/media/a/*", False),
        ("https://testserver/media/a/*", False),
        ("/media/a/*", False),
        ("", False),
    ],
)
def test_the_resource_is_matched_against_the_whole_url(resource: str | None, opens: bool) -> None:
    assert code(by_cookie(signed(statement(resource)))) == ("" if opens else "AccessDenied")


def test_the_query_belongs_to_the_url_and_cloudfronts_own_part_does_not() -> None:
    exact = signed(statement(f"{URL}?size=large"))
    assert code(by_url(exact, query="size=large")) == ""
    assert code(by_url(exact, query="size=small")) == "AccessDenied"
    assert code(by_url(exact)) == "AccessDenied"
    assert code(by_cookie(exact, query="size=large")) == ""


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"DateLessThan": {"AWS:EpochTime": int(time.time()) - 1}}, "AccessDenied"),
        ({"DateGreaterThan": {"AWS:EpochTime": int(time.time()) + HOUR}}, "AccessDenied"),
        ({"DateGreaterThan": {"AWS:EpochTime": int(time.time()) - HOUR}}, ""),
        ({"DateLessThan": {"AWS:EpochTime": "9999999999"}}, "MalformedPolicy"),
        ({"DateLessThan": {"AWS:EpochTime": True}}, "MalformedPolicy"),
        ({"DateLessThan": 9999999999}, "MalformedPolicy"),
        ({"DateLessThan": {}}, "MalformedPolicy"),
        ({"IpAddress": {"AWS:SourceIp": "127.0.0.1/32"}}, ""),
        ({"IpAddress": {"AWS:SourceIp": "127.0.0.1"}}, ""),
        ({"IpAddress": {"AWS:SourceIp": "127.0.0.0/8"}}, ""),
        ({"IpAddress": {"AWS:SourceIp": "198.51.100.0/24"}}, "AccessDenied"),
        ({"IpAddress": {"AWS:SourceIp": "everyone"}}, "MalformedPolicy"),
        ({"IpAddress": {"AWS:SourceIp": "::1/128"}}, "MalformedPolicy"),
        ({"IpAddress": "127.0.0.1/32"}, "MalformedPolicy"),
        ({"Country": "CH"}, "MalformedPolicy"),
    ],
)
def test_conditions(condition: dict[str, Any], expected: str) -> None:
    assert code(by_cookie(signed(statement(URL, **condition)))) == expected


def test_an_address_of_version_6_is_never_in_a_range() -> None:
    given = signed(statement(URL, IpAddress={"AWS:SourceIp": "0.0.0.0/0"}))
    assert code(by_cookie(given, address="198.51.100.1")) == ""
    assert code(by_cookie(given, address="::1")) == "AccessDenied"


_END = {"DateLessThan": {"AWS:EpochTime": 9_999_999_999}}


@pytest.mark.parametrize(
    "policy",
    [
        b"",
        b"{}",
        b"[]",
        b"not json",
        b"\xff",
        json.dumps({"Statement": []}).encode(),
        json.dumps({"Statement": [{"Resource": "*", "Condition": _END}] * 2}).encode(),
        json.dumps({"Statement": ["*"]}).encode(),
        json.dumps({"Statement": [{"Resource": "*"}]}).encode(),
        json.dumps({"Statement": [{"Resource": "*", "Condition": {}}]}).encode(),
        json.dumps({"Statement": [{"Resource": ["*"], "Condition": _END}]}).encode(),
        json.dumps({"Statement": [{"resource": "*", "Condition": _END}]}).encode(),
        json.dumps({"Statement": [{"Resource": "*", "Condition": _END}], "Version": 1}).encode(),
    ],
)
def test_malformed_policies_open_nothing_even_when_signed(policy: bytes) -> None:
    assert code(by_cookie(signed(policy))) == "MalformedPolicy"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Key-Pair-Id": ""}, "MissingKey"),
        ({"Key-Pair-Id": "KOTHER"}, "InvalidKey"),
        ({"Key-Pair-Id": "KRSA"}, "AccessDenied"),
        ({"Signature": ""}, "AccessDenied"),
        ({"Signature": "AAAA"}, "AccessDenied"),
        ({"Signature": "not base64!"}, "AccessDenied"),
        ({"Policy": "not base64!"}, "MalformedPolicy"),
        ({"Policy": "ä"}, "MalformedPolicy"),
        ({"Policy": ""}, "AccessDenied"),
        ({"Policy": encode(statement("*"))}, "AccessDenied"),
    ],
)
def test_each_part_is_needed_as_it_was_made(changed: dict[str, str], expected: str) -> None:
    given = signed(statement(URL)) | changed
    assert code(by_cookie(given)) == code(by_url(given)) == expected


def test_every_bit_of_the_signature_and_the_policy_counts() -> None:
    policy = statement(URL)
    given = signed(policy)
    for name in ("Policy", "Signature"):
        data = base64.b64decode(given[name].translate(str.maketrans("-_~", "+=/")))
        for index in range(len(data)):
            bent = bytes([*data[:index], data[index] ^ 1, *data[index + 1 :]])
            assert code(by_cookie(given | {name: encode(bent)})) == "AccessDenied", (name, index)


def test_a_key_that_is_no_longer_trusted_opens_nothing_and_a_new_one_opens_beside_it() -> None:
    given = signed(statement(URL))
    assert code(by_cookie(given), {"KNEW": RSA_KEY.public_key(), "KEC": KEYS["KEC"]}) == ""
    assert code(by_cookie(given), {"KNEW": RSA_KEY.public_key()}) == "InvalidKey"
    assert code(by_cookie(given), {}) == "InvalidKey"


def test_a_signed_url_wins_over_cookies_whatever_it_says() -> None:
    good, bad = signed(statement(URL)), signed(statement("http://testserver/media/b/*"))
    assert code(replace(by_url(good), cookies=by_cookie(bad).cookies)) == ""
    assert code(replace(by_url(bad), cookies=by_cookie(good).cookies)) == "AccessDenied"
    for parameter in ("Expires=1", "Policy=", "Signature=x", "Key-Pair-Id="):
        assert code(by_cookie(good, query=parameter)) == ("MissingKey"), parameter
    open_to_all = signed(statement("http://testserver/media/a/*"))
    assert code(by_cookie(open_to_all, query="expires=1&x=Policy")) == ""


def test_of_two_cookies_of_one_name_the_first_counts() -> None:
    good, bad = by_cookie(signed(statement(URL))), by_cookie(signed(statement("http://testserver/media/b/*")))
    both = f"{good.cookies[0]}; {bad.cookies[0]}"
    assert code(replace(good, cookies=(both,))) == ""
    assert code(replace(good, cookies=(*good.cookies, *bad.cookies))) == ""
    assert code(replace(good, cookies=(f"{bad.cookies[0]}; {good.cookies[0]}",))) == "AccessDenied"


def test_a_canned_policy_in_cookies_opens_one_url() -> None:
    policy = statement(URL)
    end = json.loads(policy)["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"]
    given = {name: value for name, value in signed(policy).items() if name != "Policy"} | {"Expires": str(end)}
    assert code(by_cookie(given)) == ""
    assert code(by_cookie(given, url=URL.replace("b.jpg", "c.jpg"))) == "AccessDenied"
    for expires in (str(end + 1), "", "x", f"{end}0", f" {end}", "9" * 11):
        assert code(by_cookie(given | {"Expires": expires})) == "AccessDenied", expires


def test_a_canned_signature_is_no_wildcard() -> None:
    policy = statement("http://testserver/media/a/*")
    end = json.loads(policy)["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"]
    given = {name: value for name, value in signed(policy).items() if name != "Policy"} | {"Expires": str(end)}
    assert code(by_url(given)) == "AccessDenied"


# From here on through the door, with what `serverless.storage` signs.


async def status(viewer: Viewer, path: str, **headers: str) -> int:
    return (await viewer.ask(path, method="GET", data=None, **headers)).status


@in_loop
async def test_cookies_open_their_prefix_and_nothing_beside_it() -> None:
    for key in ("media/ga/x.avif", "media/gb/x.avif", "media/ga/sub/x.avif", "originals/ga/x.avif"):
        put(key, CacheControl=FOREVER)
    header = cookie(signed_cookies("media/ga/", expires_in=HOUR))
    async with cdn(signed=SIGNED) as viewer:
        for _ in range(2):  # the second time from memory
            assert await status(viewer, "/media/ga/x.avif", Cookie=header) == 200
            assert await status(viewer, "/media/ga/x.avif") == 403
            assert await status(viewer, "/media/gb/x.avif", Cookie=header) == 403
        for path in ("/media/ga/sub/x.avif", "/media/ga/x.avif?v=1", "/media/ga/none"):
            assert await status(viewer, path, Cookie=f"sessionid=1; {header}; x=2") in {200, 404}
        assert await status(viewer, "/media/ga", Cookie=header) == 403
        assert await status(viewer, "/originals/ga/x.avif", Cookie=header) == 403
        assert (await viewer.ask("/media/ga/x.avif", method="HEAD", Cookie=header)).status == 200
        assert (await viewer.ask("/media/ga/x.avif", method="HEAD")).status == 403
        for method in ("PUT", "POST", "DELETE", "OPTIONS"):
            assert (await viewer.ask("/media/ga/x.avif", method=method, Cookie=header)).status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/media/ta/../tb/x.avif",
        "/media/ta/%2e%2e/tb/x.avif",
        "/media/ta/.%2E/tb/x.avif",
        "/media/ta/..%2Ftb/x.avif",
        "/media/ta%2F..%2Ftb/x.avif",
        "/media/ta/%252e%252e/tb/x.avif",
        "/media/ta/..\\tb/x.avif",
        "/media/ta/..;/tb/x.avif",
        "/media//tb/x.avif",
        "//media/tb/x.avif",
        "//media/ta/../tb/x.avif",
        "/media/./tb/x.avif",
        "/media/ta//../tb/x.avif",
        "/%6dedia/tb/x.avif",
        "/static/../media/tb/x.avif",
        "/static/..%2Fmedia/tb/x.avif",
        "/x/../media/tb/x.avif",
        "/media/tb/x.avif#/media/ta/",
        "/media/tb/x.avif?/media/ta/",
        "/media/tb%2Fx.avif",
        "/media/ta/../../incoming/tb/x.avif",
        "/originals/../media/tb/x.avif",
        "/incoming/tb/x.avif",
    ],
)
def test_no_way_of_writing_a_path_leaves_the_prefix(path: str) -> None:
    @in_loop
    async def scenario() -> None:
        for key in ("media/ta/x.avif", "media/tb/x.avif", "incoming/tb/x.avif"):
            put(key, PHOTO, CacheControl=FOREVER)
        header = cookie(signed_cookies("media/ta/", expires_in=HOUR))
        owner = cookie(signed_cookies("media/tb/", expires_in=HOUR))
        async with cdn(signed=SIGNED) as viewer:
            assert await status(viewer, "/media/tb/x.avif", Cookie=owner) == 200  # it is in memory, too
            response = await viewer.ask(path, Cookie=header)
            assert await response.read() != PHOTO
            # Or the gateway has it, which knows no files.
            assert response.status in {403, 404} or "apigw-requestid" in response.headers

    scenario()


@in_loop
async def test_a_signed_url_opens_one_object_under_the_name_asked_for() -> None:
    put("originals/s/ä b.jpg", ContentType="image/jpeg", CacheControl="private, no-store")
    put("originals/s/other.jpg")
    url = target(signed_url("originals/s/ä b.jpg", expires_in=HOUR, filename="Ä 1.jpg"))
    plain = target(signed_url("originals/s/ä b.jpg", expires_in=HOUR))
    async with cdn(signed=SIGNED) as viewer:
        response = await viewer.ask(url)
        assert (response.status, await response.read()) == (200, PHOTO)
        assert response.headers["content-disposition"] == "attachment; filename*=utf-8''%C3%84%201.jpg"
        assert response.headers["cache-control"] == "private, no-store"
        assert "content-disposition" not in (await viewer.ask(plain)).headers
        part = await viewer.ask(url, Range="bytes=1-2")
        assert (part.status, await part.read()) == (206, PHOTO[1:3])
        own = url.partition("?")[2]
        for bent in (
            f"/originals/s/other.jpg?{own}",
            plain.replace("?", "?response-content-disposition=inline&"),
            f"{plain}&response-content-disposition=inline",
            url.replace("attachment", "inline"),
            url.partition("&Expires")[0],
            url.replace("Expires=1", "Expires=2"),
        ):
            assert await status(viewer, bent) == 403, bent


@in_loop
async def test_each_name_to_save_under_is_kept_apart() -> None:
    put("media/names/a.jpg", CacheControl=FOREVER)
    first, second = (target(signed_url("media/names/a.jpg", expires_in=HOUR, filename=name)) for name in ("1", "2"))
    async with cdn(signed=SIGNED) as viewer:
        for url, name in ((first, "1"), (second, "2"), (first, "1")):
            response = await viewer.ask(url)
            assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert response.headers["x-cache"] == "Hit from cloudfront"


def test_what_was_signed_for_another_site_opens_nothing(settings: Settings) -> None:
    settings.SERVERLESS = settings.SERVERLESS | {"SITE_URL": "http://other.example"}
    header = cookie(signed_cookies("media/host/", expires_in=HOUR))
    url = signed_url("media/host/x", expires_in=HOUR).removeprefix("http://other.example")

    @in_loop
    async def scenario() -> None:
        put("media/host/x")
        async with cdn(signed=SIGNED) as viewer:
            for host in ("testserver", "other.example"):
                assert await status(viewer, "/media/host/x", Cookie=header, Host=host) == 403
                assert await status(viewer, url, Host=host) == 403

    scenario()


@in_loop
async def test_a_signature_ends_even_for_what_is_in_memory() -> None:
    put("media/ends/x", CacheControl=FOREVER)
    header = cookie(signed_cookies("media/ends/", expires_in=1))
    url = target(signed_url("media/ends/x", expires_in=1))
    lasting = cookie(signed_cookies("media/ends/", expires_in=HOUR))
    async with cdn(signed=SIGNED) as viewer:
        assert await status(viewer, "/media/ends/x", Cookie=lasting) == 200
        time.sleep(1.1)  # noqa: ASYNC251 - nothing else runs here
        assert await status(viewer, "/media/ends/x", Cookie=header) == 403
        assert await status(viewer, url) == 403
        assert await status(viewer, "/media/ends/x", Cookie=lasting) == 200


@in_loop
async def test_a_refusal_speaks_to_programs_and_to_people() -> None:
    cookies = signed_cookies("media/says/", expires_in=HOUR)
    async with cdn(signed=SIGNED) as viewer:
        for header, said, text in (
            ("", "MissingKey", "Missing Key-Pair-Id query parameter or cookie value"),
            (cookie(cookies, Key_Pair_Id="KOTHER"), "InvalidKey", "Unknown Key"),
            (cookie(cookies, Policy="%"), "MalformedPolicy", "Malformed Policy"),
            (cookie(cookies, Signature="AAAA"), "AccessDenied", "Access denied"),
        ):
            refused = await viewer.ask("/media/says/x", Cookie=header)
            assert (refused.status, refused.content_type) == (403, "text/xml")
            assert (
                await refused.text() == '<?xml version="1.0" encoding="UTF-8"?>'
                f"<Error><Code>{said}</Code><Message>{text}</Message></Error>"
            )
            assert (refused.headers["cache-control"], refused.headers["x-cache"]) == (
                "no-store",
                "Error from cloudfront",
            )
        page = await viewer.ask("/media/says/x", Accept="text/html,*/*")
        assert (page.status, page.content_type, page.headers["cache-control"]) == (403, "text/html", "no-store")
        assert "Please go back to that page" in await page.text()


@in_loop
async def test_without_trusted_keys_a_signed_path_is_shut() -> None:
    put("media/keys/x")
    header = cookie(signed_cookies("media/keys/", expires_in=HOUR))
    async with cdn(signed=SIGNED, keys={}) as viewer:
        assert await status(viewer, "/media/keys/x", Cookie=header) == 403
    async with cdn(signed=SIGNED, keys={"KNEXT": EC_KEY.public_key(), **trusted()}) as viewer:
        assert await status(viewer, "/media/keys/x", Cookie=header) == 200


@in_loop
async def test_where_nothing_is_signed_parameters_and_cookies_of_these_names_are_the_applications() -> None:
    async with cdn(signed=SIGNED) as viewer:
        event = await viewer.event("/event?Policy=1&Signature=2&x=3", Cookie="CloudFront-Policy=1")
        assert event["rawQueryString"] == "Policy=1&Signature=2&x=3"
        assert event["cookies"] == ["CloudFront-Policy=1"]
