"""A new origin secret, in three steps that each leave the site answering.

Functions take each of ORIGIN_SECRETS; CloudFront sends one. Where the rotation stands is read off both:

    functions know [A], CloudFront sends A      -> B is added: release, so that every environment knows both
    functions know [A, B], CloudFront sends A   -> CloudFront is told to send B
    functions know [A, B], CloudFront sends B   -> A is taken out; the next release forgets it
"""

import secrets as random
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from serverless import aws
from serverless.deploy import stacks
from serverless.deploy.failures import explained
from serverless.deploy.operate import secrets
from serverless.deploy.operate.secrets import SecretRefused
from serverless.deploy.release import Record
from serverless.stack.config import StackConfig
from serverless.stack.names import EDGE_REGION
from serverless.stack.outputs import EdgeOutput, EdgeParameter

__all__ = ["rotate_origin_secret"]

_NAME: Final = "ORIGIN_SECRETS"
_HEADER: Final = "x-origin-secret"
_BYTES: Final = 32


def rotate_origin_secret(
    config: StackConfig, *, serving: Record | None, log: Callable[[str], None], pause_s: float = 5.0
) -> str:
    """Take the next step; return what to do after it.

    Raises SecretRefused where the step before is not finished, and what ``stacks`` raises.
    """
    held = secrets.read(config)
    known = [value for value in held.values.get(_NAME, "").split(",") if value]
    sent = _sent_by_cloudfront(config)
    if sent not in known:
        raise SecretRefused(
            "CloudFront sends an origin secret that the functions do not know. Bring the stacks in step: "
            f"python -m serverless.deploy stack deploy {config.stage}"
        )
    if known == [sent]:
        secrets.put(config, {_NAME: f"{sent},{random.token_urlsafe(_BYTES)}"})
        return f"A second origin secret is there. Release, so that every function knows it: zappa update {config.stage}"
    if sent == known[-1]:
        secrets.put(config, {_NAME: sent})
        return "The earlier origin secret is taken out; the next release forgets it. Done."
    # Of the environments of a release that was begun before, some may know only the first.
    if serving is None or datetime.fromisoformat(serving.when) < held.changed:
        raise SecretRefused(f"No release has taken up the second origin secret yet: zappa update {config.stage}")
    stacks.set_parameters(config, "edge", {EdgeParameter.ORIGIN_SECRET: known[-1]}, log=log, pause_s=pause_s)
    return "CloudFront sends the new origin secret. Once more takes the earlier one out."


def _sent_by_cloudfront(config: StackConfig) -> str:
    distribution = stacks.outputs(config).edge[EdgeOutput.DISTRIBUTION_ID]
    client = aws.client("cloudfront", region=EDGE_REGION)
    with explained(f"Reading the distribution {distribution}"):
        answer: dict[str, Any] = client.get_distribution_config(Id=distribution)
    for origin in answer["DistributionConfig"]["Origins"]["Items"]:
        for header in origin.get("CustomHeaders", {}).get("Items", []):
            if header["HeaderName"].lower() == _HEADER:
                return str(header["HeaderValue"])
    return ""
