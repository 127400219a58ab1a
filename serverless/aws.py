"""The only importer of boto3: how the worker and the releases use it. The web function never comes here."""

from boto3.s3.transfer import TransferConfig
from botocore.config import Config

__all__ = ["config", "inline_transfer"]

# botocore waits 60 s for both by default, longer than most functions live; S3 sends the first byte within 200 ms.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
_CONNECT_TIMEOUT_S = 2
_READ_TIMEOUT_S = 5


def config() -> Config:
    """Return the timeouts and retries of every AWS call that is made here."""
    return Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": 3},
    )


def inline_transfer() -> TransferConfig:
    """Return the transfer settings for small objects: no thread pool per upload or download."""
    return TransferConfig(use_threads=False)
