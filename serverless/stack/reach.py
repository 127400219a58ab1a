"""Everything that functions talk to, and how they reach it: the network is built from this table, and so is its page.

A target that is not in it is not reached in ``standard``, whose functions have no way out of the VPC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from serverless.stack.names import FUNCTIONS, Function
from serverless.stack.profiles import PROFILES, Profile, monthly_usd

__all__ = ["TARGETS", "Target", "Way", "by", "host", "markdown", "outside"]


class Way(StrEnum):
    GATEWAY = "gateway endpoint"
    """A route to the service, free."""
    INTERFACE = "interface endpoint"
    """The service's own address inside the VPC, charged by the hour."""
    IPV6 = "IPv6"
    """Out through the egress-only internet gateway, free."""
    INSIDE = "inside the VPC"
    PLATFORM = "not by the function"
    """Lambda does it, outside of the VPC."""
    LOCAL = "no call"
    """Signed on the spot."""
    NOT = "not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    what: str
    why: str
    users: tuple[Function, ...]
    standard: Way
    frugal: Way
    source: str
    """Where AWS says that it can be reached so."""
    service: str = ""
    """The name by which requests are signed, such as ``sqs``; empty for what is not called with a signature."""
    label: str = ""
    """The first label of its name, and its endpoint's: ``email`` for the API of SES."""
    dual: str = "{label}.{region}.api.aws"
    """The name that answers over IPv6. The regular one does so for few services, and is the only one that interface
    endpoints are documented to answer to."""

    def way(self, profile: Profile) -> Way:
        return self.standard if profile == "standard" else self.frugal


_DOCS: Final = "https://docs.aws.amazon.com"

TARGETS: Final = (
    Target(
        what="S3",
        why="multipart uploads, downloads' existence, originals, renditions, sealed pages, archives",
        users=FUNCTIONS,
        service="s3",
        label="s3",
        # IPv4 alone, so that the gateway endpoint's route is taken in both profiles.
        dual="{label}.{region}.amazonaws.com",
        standard=Way.GATEWAY,
        frugal=Way.GATEWAY,
        source=f"{_DOCS}/vpc/latest/privatelink/vpc-endpoints-s3.html",
    ),
    Target(
        what="SQS",
        why="sending tasks, looking after dead letters; receiving is Lambda's own",
        users=FUNCTIONS,
        service="sqs",
        label="sqs",
        standard=Way.INTERFACE,
        frugal=Way.IPV6,
        source=f"{_DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html",
    ),
    Target(
        what="Secrets Manager",
        why="the application's secret at a start, the database's first password in `db bootstrap`",
        users=FUNCTIONS,
        service="secretsmanager",
        label="secretsmanager",
        standard=Way.INTERFACE,
        frugal=Way.IPV6,
        # The exception: the regular name answers to both.
        dual="{label}.{region}.amazonaws.com",
        source=f"{_DOCS}/secretsmanager/latest/userguide/ip-access.html",
    ),
    Target(
        what="SES",
        why="sending mail by its API",
        users=("worker",),
        service="ses",
        label="email",
        standard=Way.INTERFACE,
        frugal=Way.IPV6,
        source=f"{_DOCS}/general/latest/gr/ses.html",
    ),
    Target(
        what="PostgreSQL through RDS Proxy",
        why="the application's data",
        users=("web", "worker"),
        standard=Way.INSIDE,
        frugal=Way.NOT,
        source=f"{_DOCS}/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html",
    ),
    Target(
        what="PostgreSQL itself",
        why="migrations, users; everything where there is no proxy",
        users=FUNCTIONS,
        standard=Way.INSIDE,
        frugal=Way.INSIDE,
        source=f"{_DOCS}/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    ),
    Target(
        what="Valkey",
        why="cache, sessions, rate limits",
        users=FUNCTIONS,
        standard=Way.INSIDE,
        frugal=Way.INSIDE,
        source=f"{_DOCS}/AmazonElastiCache/latest/dg/accessing-elasticache.html",
    ),
    Target(
        what="RDS tokens",
        why="who connects to the database",
        users=FUNCTIONS,
        service="rds-db",
        standard=Way.LOCAL,
        frugal=Way.LOCAL,
        source=f"{_DOCS}/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html",
    ),
    Target(
        what="CloudWatch",
        why="logs, and metrics as lines of the log",
        users=FUNCTIONS,
        standard=Way.PLATFORM,
        frugal=Way.PLATFORM,
        source=f"{_DOCS}/lambda/latest/dg/monitoring-cloudwatchlogs.html",
    ),
    Target(
        what="Lambda, EventBridge, CloudFront, API Gateway",
        why="they call, and are not called",
        users=FUNCTIONS,
        standard=Way.PLATFORM,
        frugal=Way.PLATFORM,
        source=f"{_DOCS}/lambda/latest/dg/configuration-vpc.html",
    ),
    Target(
        what="The internet",
        why="nothing calls out: no webhook, no API of anybody else. In `frugal` whatever has an IPv6 address answers",
        users=(),
        standard=Way.NOT,
        frugal=Way.IPV6,
        source=f"{_DOCS}/vpc/latest/userguide/egress-only-internet-gateway.html",
    ),
)


_REGULAR: Final = "{label}.{region}.amazonaws.com"


def host(service: str, *, region: str, ipv6: bool) -> str:
    """Return the name under which functions reach what is signed for ``service``. Raises KeyError for no target.

    ``ipv6``: whether that is their way out, as ``outside`` says of a profile and ``FunctionIpv6`` of a stage.
    """
    target = {target.service: target for target in TARGETS if target.label}[service]
    return (target.dual if ipv6 else _REGULAR).format(label=target.label, region=region)


def by(way: Way, *, profile: Profile) -> tuple[Target, ...]:
    """Return what is reached in that way."""
    return tuple(target for target in TARGETS if target.way(profile) is way)


def outside(profile: Profile) -> bool:
    """Whether functions go out over IPv6."""
    return bool(by(Way.IPV6, profile=profile))


def markdown() -> str:
    """Return docs/reference/network.md."""
    return "\n".join([_ABOVE, *_reach(), _NAMES, *_hosts(), _COSTS, *_costs(), ""])


def _reach() -> Iterator[str]:
    yield "| what | what for | who | `standard` | `frugal` | source |\n|---|---|---|---|---|---|"
    for target in TARGETS:
        users = ", ".join(target.users) if target.users else "nobody"
        source = f"[AWS]({target.source})"
        yield f"| {target.what} | {target.why} | {users} | {target.standard} | {target.frugal} | {source} |"


def _hosts() -> Iterator[str]:
    yield "| service | `standard` | `frugal` |\n|---|---|---|"
    for target in TARGETS:
        if target.label:
            names = (host(target.service, region="REGION", ipv6=outside(profile)) for profile in PROFILES)
            yield f"| {target.what} | {' | '.join(f'`{name}`' for name in names)} |"


def _costs() -> Iterator[str]:
    yield "| profile | what | USD a month |\n|---|---|---|"
    for profile, sizes in PROFILES.items():
        items = monthly_usd(sizes, interfaces=len(by(Way.INTERFACE, profile=profile)))
        for item in items:
            yield f"| `{profile}` | {item.what} | {item.usd:.2f} |"
        yield f"| `{profile}` | **together** | **{sum(item.usd for item in items):.2f}** |"


_ABOVE: Final = """\
# Network

What web, worker and migrator talk to, and how they reach it. This page is written by `serverless.stack.reach`, from the
table that the network itself is built from.

Functions are in private subnets of two zones. In `standard` there is no way out of the VPC: no NAT gateway, no internet
gateway, an endpoint for each service. In `frugal` there are no endpoints that cost money: an egress-only internet
gateway carries IPv6 out, and nothing in. Code that is to call somebody else's API is a row of the table first: `IPv6`
in a profile's column opens that way out in it. What answers on IPv4 alone would need a NAT gateway, at 33 USD a month.
"""
_NAMES: Final = """
## Names

Regular names of most services have IPv4 addresses alone, and `frugal` has no way out over IPv4: it uses the names with
both. Interface endpoints answer to the regular names; that they answer to others is not documented. The stack puts the
names into `TASK_QUEUES`, and a release those of SES into `AWS_ENDPOINT_URL_SESV2`.
"""
_COSTS: Final = """
## What only an account can tell

- Whether every interface endpoint, and RDS Proxy, is offered in the zones that the account has first:
  [stack.md](../how-to/stack.md#zones) says how to see and to choose.
- That SQS takes queues' addresses under `sqs.REGION.api.aws`, in `frugal`.
- Whether the region has `db.t4g.small` and `cache.t4g.micro` to give; where it has not, RDS and ElastiCache say so.
- That RDS Proxy signs in as `web` and `worker`: its role names them, but they exist after `manage.py db bootstrap`.

## What it costs when nobody comes

At prices of us-east-1 and 730 hours, without taxes. Requests, transfer, storage of files, the web ACL, logs and alarms
come on top.
"""
