"""Outputs and parameters of the stacks: what releases read, and what only they can tell.

Every output is text. Lists are comma separated. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
"""

from enum import StrEnum
from typing import Final

__all__ = ["OPTIONAL", "EdgeOutput", "EdgeParameter", "HomeOutput", "HomeParameter", "ReleasesOutput"]


class ReleasesOutput(StrEnum):
    """Of ``releases``, which comes first, because the other templates are too large to travel by themselves."""

    BUCKET = "ReleaseBucket"
    """Holds templates, zips, release records and the lock."""


class HomeOutput(StrEnum):
    API_DOMAIN = "ApiDomain"
    """``abc123.execute-api.eu-central-1.amazonaws.com``: what CloudFront's API origin is."""
    MEDIA_BUCKET = "MediaBucket"
    STATIC_BUCKET = "StaticBucket"
    LOG_BUCKET = "LogBucket"
    """Where CloudFront and S3 write their access logs."""
    WEB_ROLE = "WebRoleArn"
    WORKER_ROLE = "WorkerRoleArn"
    MIGRATOR_ROLE = "MigratorRoleArn"
    SUBNETS = "FunctionSubnets"
    SECURITY_GROUP = "FunctionSecurityGroup"
    FUNCTION_IPV6 = "FunctionIpv6"
    """``yes`` where functions reach AWS over IPv6: their ``VpcConfig`` then needs ``Ipv6AllowedForDualStack``."""
    DATABASE_HOST = "DatabaseHost"
    """Where web and worker connect: RDS Proxy, or the database itself in a profile without one."""
    DATABASE_DIRECT_HOST = "DatabaseDirectHost"
    """Where the migrator connects: always the database itself."""
    DATABASE_REPLICA_HOSTS = "DatabaseReplicaHosts"
    """Where web may read from, comma separated; no output where the stage has no replica."""
    DATABASE_PORT = "DatabasePort"
    DATABASE_NAME = "DatabaseName"
    DATABASE_ADMIN_SECRET = "DatabaseAdminSecretArn"  # noqa: S105 - the name of an output
    """The secret that RDS keeps and rotates for the first user; ``manage.py db bootstrap`` alone reads it."""
    CACHE_URL = "CacheUrl"
    TASK_QUEUES = "TaskQueues"
    """``default=https://sqs.…,mail=https://sqs.…``"""
    APP_SECRET = "AppSecretArn"  # noqa: S105 - the name of an output
    """The secret whose keys are variables: SECRET_KEY, ORIGIN_SECRETS, MEDIA_PRIVATE_KEY."""
    MAIL_FROM_DOMAIN = "MailFromDomain"
    """The domain that SES sends from; no output where the stage has none, since an output may not be empty."""
    ALARM_TOPIC = "AlarmTopicArn"


class HomeParameter(StrEnum):
    """What is not known when ``home`` is first made; each has a default that leaves out what needs it."""

    DISTRIBUTION_ARN = "DistributionArn"
    """Of ``edge``, which needs ``home`` first. Buckets open to that distribution alone."""
    FUNCTIONS_LIVE = "FunctionsLive"
    """``yes`` once the first release has made functions and aliases: mappings and the schedule need them to exist."""
    SITE_ORIGIN = "SiteOrigin"
    """``SiteUrl`` of ``edge``: whose pages upload to the media bucket. Until then any distribution's, or the domain."""


class EdgeParameter(StrEnum):
    API_DOMAIN = "ApiDomain"
    MEDIA_BUCKET_DOMAIN = "MediaBucketDomain"
    STATIC_BUCKET_DOMAIN = "StaticBucketDomain"
    LOG_BUCKET_DOMAIN = "LogBucketDomain"
    ORIGIN_SECRET = "OriginSecret"  # noqa: S105 - the name of a parameter, which is NoEcho
    MEDIA_PUBLIC_KEY = "MediaPublicKey"
    """PEM, ECDSA P-256: its private half signs for private files. Empty once the second one has taken its place."""
    MEDIA_PUBLIC_KEY_SECOND = "MediaPublicKeySecond"
    """The other place, empty at first: CloudFront changes no key, so that a rotation goes from one to the other."""
    MAINTENANCE = "Maintenance"
    """``yes`` while visitors get the maintenance page."""
    MAINTENANCE_BYPASS = "MaintenanceBypass"
    """What the bypass cookie has to hold, 32 to 128 letters, digits, - and _; NoEcho. Empty: nothing opens the site."""


class EdgeOutput(StrEnum):
    DISTRIBUTION_ARN = "DistributionArn"
    DISTRIBUTION_ID = "DistributionId"
    DISTRIBUTION_DOMAIN = "DistributionDomain"
    SITE_URL = "SiteUrl"
    """``https://`` and the stage's domain, or the distribution's own."""
    ALARM_TOPIC = "EdgeAlarmTopicArn"
    """CloudFront's metrics are in us-east-1 alone, and so is what they ring."""
    MEDIA_KEY_PAIR_ID = "MediaKeyPairId"
    """CloudFront's id of the public key; missing while its place is empty."""
    MEDIA_KEY_PAIR_ID_SECOND = "MediaKeyPairIdSecond"
    """The same of the second place."""


OPTIONAL: Final[frozenset[str]] = frozenset(
    {
        HomeOutput.DATABASE_REPLICA_HOSTS,
        HomeOutput.MAIL_FROM_DOMAIN,
        EdgeOutput.MEDIA_KEY_PAIR_ID,
        EdgeOutput.MEDIA_KEY_PAIR_ID_SECOND,
    }
)
"""Outputs that a stage may be without: no output is made rather than an empty one."""
