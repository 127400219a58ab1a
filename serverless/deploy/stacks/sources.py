"""From a template and what is known to what CloudFormation is given: parameters, and the way the template travels."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

from serverless import aws
from serverless.deploy.failures import explained
from serverless.deploy.stacks.changes import Source
from serverless.deploy.stacks.exceptions import StackRefused
from serverless.deploy.stacks.outputs import read
from serverless.deploy.stacks.parts import Part, Ref, Template, body
from serverless.deploy.stacks.secret import EARLIER, EdgeSecrets
from serverless.deploy.stacks.state import State, tags
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeOutput, EdgeParameter, HomeOutput, HomeParameter, ReleasesOutput

__all__ = ["for_edge", "for_home", "source"]

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
INLINE_BYTES: Final = 51_200
UPLOADED_BYTES: Final = 1_000_000
_BYTES: Final = 32


def source(
    config: StackConfig, where: Ref, template: Template, *, parameters: Mapping[str, str], releases: State | None
) -> Source:
    """Return what a stack is to become. A large template is uploaded to the release bucket, under its own hash.

    Without ``releases`` a large one travels no way yet: that is good for a plan of a stack that is not there.
    """
    return Source(
        ref=where,
        template=template,
        travels=_travels(config, where.part, body(template), releases),
        parameters=parameters,
        tags=tags(config),
    )


def _travels(config: StackConfig, part: Part, text: str, releases: State | None) -> dict[str, str]:
    size = len(text.encode())
    if size <= INLINE_BYTES:
        return {"TemplateBody": text}
    if size > UPLOADED_BYTES:
        raise StackRefused(f"The template of {part} has {size:,} bytes; CloudFormation takes {UPLOADED_BYTES:,}.")
    if releases is None:
        return {}
    bucket = read(releases, ReleasesOutput, config)[ReleasesOutput.BUCKET]
    key = f"templates/{part}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    with explained(f"Uploading the template of {part} to {bucket}"):
        aws.client("s3", region=config.region).put_object(
            Bucket=bucket, Key=key, Body=text.encode(), ContentType="application/json"
        )
    return {"TemplateURL": f"https://{bucket}.s3.{config.region}.amazonaws.com/{key}"}


def for_home(edge: State | None) -> dict[str, str]:
    """Return the parameters of home that are known; the others keep their values."""
    told = edge.outputs if edge else {}
    from_edge = {
        HomeParameter.DISTRIBUTION_ARN: told.get(EdgeOutput.DISTRIBUTION_ARN),
        HomeParameter.SITE_ORIGIN: told.get(EdgeOutput.SITE_URL),
    }
    return {str(key): value for key, value in from_edge.items() if value}


def for_edge(config: StackConfig, home: State, edge: State | None, held: EdgeSecrets | None) -> dict[str, str]:
    """Return the parameters of edge that home and its secret tell. Those of maintenance keep their values.

    Raises StackRefused where the key of the secret is none of those that CloudFront verifies with.
    """
    told = read(home, HomeOutput, config)
    buckets = {
        EdgeParameter.MEDIA_BUCKET_DOMAIN: told[HomeOutput.MEDIA_BUCKET],
        EdgeParameter.STATIC_BUCKET_DOMAIN: told[HomeOutput.STATIC_BUCKET],
        EdgeParameter.LOG_BUCKET_DOMAIN: told[HomeOutput.LOG_BUCKET],
    }
    found = {str(key): f"{bucket}.s3.{config.region}.amazonaws.com" for key, bucket in buckets.items()}
    found[EdgeParameter.API_DOMAIN] = told[HomeOutput.API_DOMAIN]
    if held and not (edge and held.rotating):
        found[EdgeParameter.ORIGIN_SECRET] = held.origin_secret
    if held and edge is None:
        found[EdgeParameter.MEDIA_PUBLIC_KEY] = held.media_public_key
        # Nobody knows it: `maintenance on` makes one that it shows.
        found[EdgeParameter.MAINTENANCE_BYPASS] = secrets.token_urlsafe(_BYTES)
    elif held and edge:
        _require_known(held.media_public_key, edge, told[HomeOutput.APP_SECRET])
    return found


def _require_known(public_key: str, edge: State, arn: str) -> None:
    places = (EdgeParameter.MEDIA_PUBLIC_KEY, EdgeParameter.MEDIA_PUBLIC_KEY_SECOND)
    if public_key.split() not in [edge.parameters.get(place, "").split() for place in places]:
        raise StackRefused(
            "MEDIA_PRIVATE_KEY in the app secret is not the key whose public half CloudFront has, and nothing was "
            "changed: private files would be refused to everybody. Put the right one back, from an earlier version of "
            f"the secret: {EARLIER} --secret-id {arn}`."
        )
