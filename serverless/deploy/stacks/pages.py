"""The pages that CloudFront shows when nobody behind it answers: in the static bucket before the first visitor."""

from serverless import aws
from serverless.deploy.failures import explained

__all__ = ["put_error_pages"]


def put_error_pages(bucket: str, *, region: str) -> None:
    """Upload them, whether they are there or not: a few kilobytes that an update may have changed."""
    from serverless.stack import edge  # troposphere takes half a second

    s3 = aws.client("s3", region=region)
    with explained(f"Uploading the error pages to {bucket}"):
        for key, html in edge.error_pages().items():
            s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=html.encode(),
                ContentType=edge.PAGE_CONTENT_TYPE,
                CacheControl=edge.PAGE_CACHE_CONTROL,
            )
