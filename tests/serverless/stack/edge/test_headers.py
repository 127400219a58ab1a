"""Response headers policies."""

from typing import Any

import pytest

from serverless.pages import BUSY_S, CSP
from serverless.stack.edge.headers import MEDIA_CSP
from tests.serverless.stack.edge.support import behaviours, distribution, of_type, rendered


def security(name: str, **settings: Any) -> dict[str, Any]:
    policy = of_type(rendered(**settings), "AWS::CloudFront::ResponseHeadersPolicy")[name]
    return dict(policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"])


def test_an_application_keeps_its_own_headers_and_has_a_floor() -> None:
    headers = security("AppHeaders")
    assert "ContentSecurityPolicy" not in headers
    for name in ("FrameOptions", "ReferrerPolicy", "StrictTransportSecurity"):
        assert headers[name]["Override"] is False, name
    assert headers["ContentTypeOptions"] == {"Override": True}
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 31_536_000


@pytest.mark.parametrize("name", ["AppHeaders", "MediaHeaders", "PagesHeaders"])
def test_nothing_is_promised_for_hosts_below_the_domain_unless_the_stage_does(name: str) -> None:
    plain, wide = (security(name, hsts_subdomains=wide)["StrictTransportSecurity"] for wide in (False, True))
    assert (plain["IncludeSubdomains"], wide["IncludeSubdomains"]) == (False, True)
    assert plain["Override"] is False, "what the application says stands"


def test_an_upload_is_inert_whatever_its_object_says() -> None:
    headers = security("MediaHeaders")
    assert headers["ContentSecurityPolicy"] == {"ContentSecurityPolicy": MEDIA_CSP, "Override": True}
    assert "sandbox" in MEDIA_CSP
    assert "allow-" not in MEDIA_CSP
    assert "script" not in MEDIA_CSP
    assert headers["FrameOptions"] == {"FrameOption": "DENY", "Override": True}


def test_the_edges_pages_have_the_policy_that_their_style_sheet_needs() -> None:
    assert security("PagesHeaders")["ContentSecurityPolicy"] == {"ContentSecurityPolicy": CSP, "Override": True}


def test_the_edges_pages_say_when_to_come_again() -> None:
    """What the application said goes with its answer: CloudFront puts the page in the place of all of it."""
    policy = of_type(rendered(), "AWS::CloudFront::ResponseHeadersPolicy")["PagesHeaders"][
        "ResponseHeadersPolicyConfig"
    ]
    assert policy["CustomHeadersConfig"] == {"Items": [{"Header": "retry-after", "Value": "5", "Override": True}]}
    assert str(BUSY_S) == "5"


def test_each_behaviour_has_the_policy_of_whoever_answers() -> None:
    edge = rendered()
    used = {pattern: one["ResponseHeadersPolicyId"]["Ref"] for pattern, one in behaviours(edge).items()}
    assert used == {
        "/static/*": "AppHeaders",
        "/_edge/*": "PagesHeaders",
        "/media/*": "MediaHeaders",
        "/originals/*": "MediaHeaders",
        "/reports/*": "MediaHeaders",
    }
    assert distribution(edge)["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] == {"Ref": "AppHeaders"}
