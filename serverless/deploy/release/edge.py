"""What CloudFront has kept of the application's pages: forgotten once another release serves, or serves again.

Without it a page of the release before shows for as long as it said, and works: its static files stay. So nothing here
fails a release. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html
"""

import uuid

from serverless import aws
from serverless.deploy.exceptions import DeployError
from serverless.deploy.failures import explained
from serverless.deploy.release.context import Stage
from serverless.stack import names
from serverless.stack.outputs import EdgeOutput

__all__ = ["forget"]


def forget(stage: Stage) -> None:
    """Have CloudFront ask anew for what it may keep, which takes it some seconds. Says so where it does not."""
    if not stage.config.pages:
        return
    paths = [*stage.config.pages]
    distribution = stage.outputs[EdgeOutput.DISTRIBUTION_ID]
    try:
        with explained("Having CloudFront forget what it has kept"):
            aws.client("cloudfront", region=names.EDGE_REGION).create_invalidation(
                DistributionId=distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": paths},
                    "CallerReference": uuid.uuid4().hex,
                },
            )
    except DeployError as problem:
        quoted = " ".join(f"'{path}'" for path in paths)
        stage.log(
            f"warning: {problem} Pages of the release before show at the edge for as long as they said, unless you run "
            f"`aws cloudfront create-invalidation --distribution-id {distribution} --paths {quoted}`."
        )
    else:
        stage.log(f"CloudFront forgets {', '.join(paths)}")
