"""Which path leads where, and what is kept on the way."""

import pytest

from serverless.emulator.cdn import behaviours as emulated
from serverless.stack.config import Profile
from tests.serverless.stack.edge.support import DOMAIN, behaviours, distribution, of_type, only, rendered

DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def test_the_api_is_asked_once_over_tls_with_the_secret_and_longer_than_it_takes() -> None:
    (api,) = [one for one in distribution(rendered())["Origins"] if one["Id"] == "api"]
    assert api["DomainName"] == {"Ref": "ApiDomain"}
    assert (api["ConnectionAttempts"], api["CustomOriginConfig"]["OriginReadTimeout"]) == (1, 35)
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert api["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]
    assert api["OriginCustomHeaders"] == [{"HeaderName": "x-origin-secret", "HeaderValue": {"Ref": "OriginSecret"}}]


def test_pages_reach_the_api_whole_and_are_kept_nowhere() -> None:
    default = distribution(rendered())["DefaultCacheBehavior"]
    assert (default["TargetOriginId"], default["CachePolicyId"]) == ("api", DISABLED)
    assert default["OriginRequestPolicyId"] == EXCEPT_HOST
    assert set(default["AllowedMethods"]) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
    (function,) = default["FunctionAssociations"]
    assert function["EventType"] == "viewer-request"
    assert function["FunctionARN"] == {"Fn::GetAtt": ["ViewerFunction", "FunctionMetadata.FunctionARN"]}
    assert "TrustedKeyGroups" not in default


def test_pages_that_are_named_reach_the_api_without_their_visitor_and_are_kept_as_they_say() -> None:
    edge = rendered(pages=("/", "/blog/*"))
    found = behaviours(edge)
    default = distribution(edge)["DefaultCacheBehavior"]
    assert list(found)[-2:] == ["/", "/blog/*"]  # behind every file's
    for page in (found["/"], found["/blog/*"]):
        assert page["TargetOriginId"] == "api"
        assert set(page["AllowedMethods"]) == set(default["AllowedMethods"])
        assert page["CachedMethods"] == ["GET", "HEAD"]
        for same in ("ViewerProtocolPolicy", "ResponseHeadersPolicyId", "FunctionAssociations"):
            assert page[same] == default[same]
    key = of_type(edge, "AWS::CloudFront::CachePolicy")[found["/"]["CachePolicyId"]["Ref"]]["CachePolicyConfig"]
    assert (key["MinTTL"], key["DefaultTTL"], key["MaxTTL"]) == (0, 0, 604_800)
    passed = key["ParametersInCacheKeyAndForwardedToOrigin"]
    assert (passed["EnableAcceptEncodingGzip"], passed["EnableAcceptEncodingBrotli"]) == (True, True)
    asks = only(edge, "AWS::CloudFront::OriginRequestPolicy")["OriginRequestPolicyConfig"]
    assert found["/"]["OriginRequestPolicyId"] == {"Ref": "PagesRequest"}
    assert asks["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["x-viewer-host", "x-viewer-address"]}
    for config in (passed, asks):
        assert config["CookiesConfig"] == {"CookieBehavior": "none"}
        assert config["QueryStringsConfig"] == {"QueryStringBehavior": "none"}
    assert passed["HeadersConfig"] == {"HeaderBehavior": "none"}


def test_without_pages_there_is_nothing_to_keep_them_by() -> None:
    edge = rendered()
    assert set(of_type(edge, "AWS::CloudFront::CachePolicy")) == {"StaticCache", "SignedCache"}
    assert not of_type(edge, "AWS::CloudFront::OriginRequestPolicy")


def test_buckets_are_asked_by_this_distribution_alone() -> None:
    edge = rendered()
    buckets = {one["Id"]: one for one in distribution(edge)["Origins"] if "S3OriginConfig" in one}
    assert buckets["media"]["DomainName"] == {"Ref": "MediaBucketDomain"}
    assert buckets["static"]["DomainName"] == {"Ref": "StaticBucketDomain"}
    assert {str(one["OriginAccessControlId"]) for one in buckets.values()} == {"{'Ref': 'BucketAccess'}"}
    control = only(edge, "AWS::CloudFront::OriginAccessControl")["OriginAccessControlConfig"]
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")


@pytest.mark.parametrize("signed", [("media", "originals", "reports"), ("originals",), ()])
def test_paths_lead_where_the_emulator_leads_them(signed: tuple[str, ...]) -> None:
    edge = rendered(signed=signed)
    found, known = behaviours(edge), emulated(static="static", media="media", signed=signed)
    assert set(found) == {f"/{name}/*" for name in known} | {"/_edge/*"}
    policies = of_type(edge, "AWS::CloudFront::CachePolicy")
    for name, behaviour in known.items():
        one = found[f"/{name}/*"]
        assert one["TargetOriginId"] == behaviour.bucket
        assert one.get("TrustedKeyGroups", []) == ([{"Ref": "MediaKeys"}] if behaviour.signed else [])
        policy = policies[one["CachePolicyId"]["Ref"]]["CachePolicyConfig"]
        query = policy["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"]
        assert tuple(query.get("QueryStrings", ())) == behaviour.forwards
        assert one["AllowedMethods"] == ["GET", "HEAD"]


def test_what_an_object_says_about_caching_counts() -> None:
    for policy in of_type(rendered(), "AWS::CloudFront::CachePolicy").values():
        config = policy["CachePolicyConfig"]
        assert (config["MinTTL"], config["DefaultTTL"], config["MaxTTL"]) == (0, 86_400, 31_536_000)
        key = config["ParametersInCacheKeyAndForwardedToOrigin"]
        assert key["CookiesConfig"] == {"CookieBehavior": "none"}
        assert key["HeadersConfig"] == {"HeaderBehavior": "none"}


def test_text_is_compressed_where_it_may_be_kept() -> None:
    edge = rendered()
    assert {pattern for pattern, one in behaviours(edge).items() if one["Compress"]} == {"/static/*"}
    static = of_type(edge, "AWS::CloudFront::CachePolicy")["StaticCache"]["CachePolicyConfig"]
    key = static["ParametersInCacheKeyAndForwardedToOrigin"]
    assert (key["EnableAcceptEncodingGzip"], key["EnableAcceptEncodingBrotli"]) == (True, True)


def test_nobody_is_served_in_the_clear() -> None:
    edge = rendered()
    every = [distribution(edge)["DefaultCacheBehavior"], *behaviours(edge).values()]
    assert {one["ViewerProtocolPolicy"] for one in every} == {"redirect-to-https"}


@pytest.mark.parametrize(("profile", "price"), [("standard", "PriceClass_All"), ("frugal", "PriceClass_100")])
def test_profiles_differ_in_reach_and_firewall(profile: Profile, price: str) -> None:
    config = distribution(rendered(profile))
    assert config["PriceClass"] == price
    assert ("WebACLId" in config) == (profile == "standard")
    assert (config["HttpVersion"], config["IPV6Enabled"], config["Enabled"]) == ("http2and3", True, True)


def test_a_domain_is_its_only_other_name() -> None:
    assert distribution(rendered(domain=DOMAIN))["Aliases"] == [DOMAIN]
    assert "Aliases" not in distribution(rendered())


def test_logs_name_no_key_of_a_private_file_and_no_session() -> None:
    edge = rendered()
    assert "Logging" not in distribution(edge)
    delivery = only(edge, "AWS::Logs::Delivery")
    assert not {"cs(Cookie)", "cs-uri-query", "cs(Referer)"} & set(delivery["RecordFields"])
    assert {"c-ip", "cs-uri-stem", "sc-status", "x-edge-request-id"} <= set(delivery["RecordFields"])
    assert delivery["DeliverySourceName"] == {"Ref": "AccessLogSource"}
    source = only(edge, "AWS::Logs::DeliverySource")
    assert (source["LogType"], "${Distribution}" in source["ResourceArn"]["Fn::Sub"]) == ("ACCESS_LOGS", True)
    arn, names = only(edge, "AWS::Logs::DeliveryDestination")["DestinationResourceArn"]["Fn::Sub"]
    assert arn == "arn:${AWS::Partition}:s3:::${Bucket}/cdn"
    assert names == {"Bucket": {"Fn::Select": [0, {"Fn::Split": [".", {"Ref": "LogBucketDomain"}]}]}}
