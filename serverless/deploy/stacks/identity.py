"""As whom, and in which account and region: asked before anything else, because everything depends on it."""

from dataclasses import dataclass
from typing import Final

from serverless import aws
from serverless.deploy.failures import CredentialsInvalid, explained
from serverless.stack.names import EDGE_REGION

__all__ = ["Identity", "identify"]

_REGION_OFF: Final = {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "OptInRequired"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    account: str
    arn: str


def identify(region: str) -> Identity:
    """Return as whom AWS is called. Raises CredentialsInvalid, or AwsUnreachable where there is no such region."""
    try:
        return _ask(region)
    except CredentialsInvalid as problem:
        if problem.code in _REGION_OFF and region != EDGE_REGION:
            account = _ask(EDGE_REGION).account  # good there: then it is the region that does not know them
            raise CredentialsInvalid(
                f"Account {account} has not enabled the region {region}. Enable it (`aws account enable-region "
                f"--region-name {region}`, it takes minutes), or name another in [tool.serverless.stack].",
                code=problem.code,
            ) from problem
        raise


def _ask(region: str) -> Identity:
    with explained(f"Asking AWS in {region} who this is"):
        answer = aws.client("sts", region=region).get_caller_identity()
    return Identity(account=answer["Account"], arn=answer["Arn"])
