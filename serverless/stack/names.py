"""What everything is called, so that templates, releases and people agree without asking AWS."""

from typing import Final, Literal

__all__ = [
    "ALIAS",
    "EDGE_REGION",
    "FUNCTIONS",
    "Function",
    "edge_stack",
    "function",
    "home_stack",
    "log_group",
    "prefix",
    "releases_stack",
]

type Function = Literal["web", "worker", "migrator"]

FUNCTIONS: Final[tuple[Function, ...]] = ("web", "worker", "migrator")
# What faces traffic names this alias of a function, never a version of it: releases move it.
ALIAS: Final = "live"
# CloudFront takes certificates and web ACLs from here alone.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
EDGE_REGION: Final = "us-east-1"


def prefix(*, project: str, stage: str) -> str:
    """Return what the name of every resource begins with: ``loupe-production``."""
    return f"{project}-{stage}"


def releases_stack(prefix: str) -> str:
    return f"{prefix}-releases"


def home_stack(prefix: str) -> str:
    return f"{prefix}-home"


def edge_stack(prefix: str) -> str:
    return f"{prefix}-edge"


def function(prefix: str, which: Function) -> str:
    """Return a function's name. The web function has the one that Zappa gives it: project and stage."""
    return prefix if which == "web" else f"{prefix}-{which}"


def log_group(prefix: str, which: Function) -> str:
    return f"/aws/lambda/{function(prefix, which)}"
