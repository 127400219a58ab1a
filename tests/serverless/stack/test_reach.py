"""The table of what functions talk to, held against the code that talks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from serverless.stack.names import FUNCTIONS
from serverless.stack.profiles import PROFILES, Profile
from serverless.stack.reach import TARGETS, Way, by, host, markdown, outside

ROOT = Path(__file__).resolve().parents[3]
# What runs on the developer's machine, not in a function.
NOT_DEPLOYED = {"coldstart", "deploy", "emulator", "stack"}


def test_the_page_is_what_the_table_says() -> None:
    page = ROOT / "docs" / "reference" / "network.md"
    write = (
        "python -c 'from serverless.stack import reach; print(reach.markdown(), end=\"\")' > docs/reference/network.md"
    )
    assert page.read_text("utf-8") == markdown(), write


def _deployed() -> Iterator[Path]:
    for path in (ROOT / "serverless").rglob("*.py"):
        if path.relative_to(ROOT / "serverless").parts[0] not in NOT_DEPLOYED:
            yield path
    yield from (ROOT / "app").rglob("*.py")


def _services(path: Path) -> Iterator[str]:
    """Yield the services that a module signs requests for, or makes a client of boto3 for."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        for keyword in node.keywords:
            if keyword.arg == "service" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)
        named = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and (
            (named == "client" and isinstance(first.value, str)) or (named == "presign" and len(node.args) > 4)
        ):
            yield str(first.value)


def test_every_service_that_deployed_code_calls_is_in_the_table() -> None:
    called = {service for path in _deployed() for service in _services(path)}
    assert called >= {"s3", "sqs", "secretsmanager", "rds-db"}, "this test no longer finds the calls"
    assert called <= {target.service for target in TARGETS}


def test_addresses_in_deployed_code_are_those_that_functions_reach() -> None:
    """A name without IPv6 addresses times out in ``frugal``, and nowhere else."""
    address = re.compile(r"https://([a-z]+)\.\{.*?\}\.(amazonaws\.com|api\.aws)")
    written = {found for path in _deployed() for found in address.findall(path.read_text("utf-8"))}
    hosts = [
        host(target.service, region="REGION", ipv6=ipv6) for target in TARGETS if target.label for ipv6 in (False, True)
    ]
    named = {(name.partition(".")[0], name.partition("REGION.")[2]) for name in hosts}
    assert ("secretsmanager", "amazonaws.com") in written, "this test no longer finds the addresses"
    assert written <= named


def test_every_target_says_who_why_and_where_it_is_written() -> None:
    for target in TARGETS:
        assert target.why
        assert target.source.startswith("https://docs.aws.amazon.com/")
        assert set(target.users) <= set(FUNCTIONS)


@pytest.mark.parametrize("profile", list(PROFILES))
def test_what_has_an_address_outside_has_a_way(profile: Profile) -> None:
    for target in TARGETS:
        if target.label:
            assert target.way(profile) in {Way.GATEWAY, Way.INTERFACE, Way.IPV6}


def test_frugal_pays_for_no_endpoint_and_standard_reaches_nothing_else() -> None:
    assert by(Way.INTERFACE, profile="frugal") == ()
    assert by(Way.IPV6, profile="standard") == ()


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("s3", "s3.eu-central-1.amazonaws.com"),
        ("sqs", "sqs.eu-central-1.api.aws"),
        ("ses", "email.eu-central-1.api.aws"),
        ("secretsmanager", "secretsmanager.eu-central-1.amazonaws.com"),
    ],
)
def test_over_ipv6_names_are_those_that_have_such_addresses(service: str, name: str) -> None:
    assert host(service, region="eu-central-1", ipv6=True) == name


def test_endpoints_are_asked_by_the_names_that_they_are_documented_to_answer_to() -> None:
    asked = [target for target in TARGETS if target.label]
    assert {target.way("standard") for target in asked} == {Way.GATEWAY, Way.INTERFACE}
    for target in asked:
        assert host(target.service, region="R", ipv6=outside("standard")) == f"{target.label}.R.amazonaws.com"


def test_a_proxy_is_reached_exactly_where_there_is_one() -> None:
    (proxy,) = (target for target in TARGETS if "Proxy" in target.what)
    for profile, sizes in PROFILES.items():
        assert (proxy.way(profile) is Way.INSIDE) == sizes.proxy
