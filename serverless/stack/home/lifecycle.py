"""When objects end or move to cheaper storage, by bucket. S3 acts at midnight UTC: a day is one to two.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from typing import Final

from troposphere import s3

from serverless.stack.config import StackConfig
from serverless.stack.profiles import PROFILES

__all__ = ["logs", "media", "static"]

# An upload that broke off is not listed, and charged all the same. The application forgets one that nobody has
# continued for a day; who comes back later begins anew.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
_UNFINISHED_DAYS: Final = 1
# What waits in quarantine is deleted by the task that publishes or refuses it. Until then it is the only copy: as long
# as this somebody can put right what keeps the tasks from running.
_INCOMING_DAYS: Final = 7
# An archive is made again when somebody asks again.
_ARCHIVE_DAYS: Final = 7
# From here on moving pays: a megabyte that nobody opens for a month saves $10.50 a million of $23, being watched for it
# costs $2.50 a million whatever the size, and moving $10 once. Smaller ones than 128 kB never move.
# https://aws.amazon.com/s3/pricing/ https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html
_TIERED_FROM_BYTES: Final = 1_000_000
# After quarantine and the deletions of the first days, each of which would have paid for a move.
_TIERED_AFTER_DAYS: Final = 7


def media(config: StackConfig) -> list[s3.LifecycleRule]:
    """Return the rules of uploads, archives, large files and, where versions are kept, old versions."""
    rules = [
        _expires("incoming", _INCOMING_DAYS),
        _expires("zips", _ARCHIVE_DAYS),
        s3.LifecycleRule(
            Id="large-files",
            Status="Enabled",
            ObjectSizeGreaterThan=str(_TIERED_FROM_BYTES),
            Transitions=[
                s3.LifecycleRuleTransition(StorageClass="INTELLIGENT_TIERING", TransitionInDays=_TIERED_AFTER_DAYS)
            ],
        ),
        _unfinished(),
    ]
    if config.protected:
        rules.append(
            s3.LifecycleRule(
                Id="old-versions",
                Status="Enabled",
                # As far back as the database can be restored: rows and files then fit each other.
                NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(
                    NoncurrentDays=PROFILES[config.profile].backup_days
                ),
                ExpiredObjectDeleteMarker=True,
            )
        )
    return rules


def static() -> list[s3.LifecycleRule]:
    """Return the rules of static files: releases delete those that no kept release names."""
    return [_unfinished()]


def logs(config: StackConfig) -> list[s3.LifecycleRule]:
    """Return the rules of access logs: they hold addresses of people, and end with the other logs."""
    ended = s3.LifecycleRule(Id="logs", Status="Enabled", ExpirationInDays=config.log_retention_days)
    return [ended, _unfinished()]


def _expires(segment: str, days: int) -> s3.LifecycleRule:
    """Return the rule of what ends by itself: its old versions are no more than bytes, and in quarantine they still
    tell where a photograph was taken. The shorter of two rules counts.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
    """
    return s3.LifecycleRule(
        Id=segment,
        Status="Enabled",
        Prefix=f"{segment}/",
        ExpirationInDays=days,
        NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(NoncurrentDays=1),
    )


def _unfinished() -> s3.LifecycleRule:
    return s3.LifecycleRule(
        Id="unfinished-uploads",
        Status="Enabled",
        AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=_UNFINISHED_DAYS),
    )
