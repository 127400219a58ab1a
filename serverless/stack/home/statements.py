"""What each role may do, each statement with its reason: the roles are made of it, and docs/reference/permissions.md.

Nothing is granted on everything but the actions on network interfaces, which have no names before they exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from troposphere import Sub

from serverless.stack.config import StackConfig
from serverless.stack.home import arns
from serverless.stack.home.buckets import Buckets, served
from serverless.stack.home.database import FIRST_USER
from serverless.stack.home.parts import Database, Text
from serverless.stack.home.queues import Queues
from serverless.stack.home.secret import Secret
from serverless.stack.names import Function

__all__ = ["Reached", "Role", "Statement", "of"]

type Role = Literal["web", "worker", "migrator", "invocation", "scheduler"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What the functions use."""

    buckets: Buckets
    queues: Queues
    database: Database
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    sid: str
    reason: str
    actions: Sequence[str]
    resources: Sequence[Text]
    condition: Mapping[str, Any] | None = None
    effect: Literal["Allow", "Deny"] = "Allow"

    def document(self) -> dict[str, Any]:
        """Return it as IAM reads it."""
        said: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        return said if self.condition is None else said | {"Condition": dict(self.condition)}


# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html without its logs
_INTERFACES: Final = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


def of(config: StackConfig, reached: Reached) -> Mapping[Role, Sequence[Statement]]:
    """Return the statements of every role."""
    return {
        "web": [*_function(config, "web", reached), *_web(config, reached)],
        "worker": [*_function(config, "worker", reached), *_worker(config, reached)],
        "migrator": [*_function(config, "migrator", reached), *_migrator(reached)],
        "invocation": [
            Statement(
                sid="AnswerRequests",
                reason="API Gateway invokes the web function, by the alias that releases move",
                actions=["lambda:InvokeFunction"],
                resources=[arns.live(config.prefix, "web")],
            )
        ],
        "scheduler": [
            Statement(
                sid="TickEachMinute",
                reason="EventBridge Scheduler invokes the worker, which sends what is due",
                actions=["lambda:InvokeFunction"],
                resources=[arns.live(config.prefix, "worker")],
            )
        ],
    }


def _function(config: StackConfig, which: Function, reached: Reached) -> list[Statement]:
    own = arns.function(config.prefix, which)
    database = reached.database
    resource_id = database.direct_resource_id if which == "migrator" else database.resource_id
    return [
        Statement(
            sid="WriteOwnLog",
            reason="lines of its own log group; it can make no other, which would keep its lines for ever",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[arns.log_streams(config.prefix, which)],
        ),
        Statement(
            sid="JoinNetwork",
            reason="Lambda puts the function into its subnets with the function's role",
            actions=_INTERFACES,
            resources=["*"],
        ),
        Statement(
            sid="LeaveNetworkAlone",
            reason="the code itself may not: Lambda names the function in calls that come from inside of it alone",
            actions=_INTERFACES,
            resources=["*"],
            # https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
            condition={"ArnEquals": {"lambda:SourceFunctionArn": own}},
            effect="Deny",
        ),
        Statement(
            sid="ReadAppSecret",
            reason="SECRET_KEY, ORIGIN_SECRETS and the key that signs for CloudFront, at a start",
            actions=["secretsmanager:GetSecretValue"],
            resources=[reached.secret.arn],
        ),
        Statement(
            sid="ConnectToDatabase",
            reason=f"a token for the database's user `{which}`",
            actions=["rds-db:connect"],
            resources=[arns.database_user(resource_id, which)],
        ),
        Statement(
            sid="SendTasks",
            reason=_SENDS[which],
            actions=["sqs:SendMessage"],
            resources=reached.queues.arns,
        ),
    ]


_SENDS: Final[Mapping[Function, str]] = {
    "web": "what a request enqueues, and dead letters that an admin sends back",
    "worker": "what tasks enqueue, and the tick sends again",
    "migrator": "`smoke` sends a task around, `tasks` sends dead letters back",
}


def _web(config: StackConfig, reached: Reached) -> list[Statement]:
    incoming, kept = _keys(reached, ["incoming"]), _keys(reached, served(config))
    return [
        *_dead_letters(reached, "the admin's pages of dead letters"),
        *_copies(reached),
        Statement(
            sid="SignUploads",
            reason="presigned uploads into quarantine alone, whole or in parts; completing and dropping these",
            actions=["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
            resources=incoming,
        ),
        Statement(
            sid="SignDownloads",
            reason="presigned downloads of private files; whether an upload has arrived whole",
            actions=["s3:GetObject"],
            resources=[*incoming, *kept],
        ),
        _told_of_missing(reached, "whether an upload has arrived"),
    ]


def _worker(config: StackConfig, reached: Reached) -> list[Statement]:
    incoming, kept = _keys(reached, ["incoming"]), _keys(reached, served(config))
    statements = [
        Statement(
            sid="ReceiveTasks",
            reason="Lambda polls the queues with the role of the function that it wakes",
            actions=[
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
            ],
            resources=reached.queues.arns,
        ),
        Statement(
            sid="ReadFiles",
            reason="uploads to look at, and files that others are made of",
            actions=["s3:GetObject"],
            resources=[*incoming, *kept],
        ),
        Statement(
            sid="WriteFiles",
            reason="originals out of quarantine and what is made of them, large ones in parts",
            actions=["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
            resources=kept,
        ),
        Statement(
            sid="DropParts",
            reason="parts of uploads that nobody continues",
            actions=["s3:AbortMultipartUpload"],
            resources=incoming,
        ),
        Statement(
            sid="DeleteFiles",
            reason="quarantine once it is looked at, files of what is deleted; old versions stay out of reach",
            actions=["s3:DeleteObject"],
            resources=[*incoming, *kept],
        ),
        _told_of_missing(reached, "files that did not arrive, and those of what is deleted, by prefix"),
    ]
    return [*statements, *_mail(config)]


def _mail(config: StackConfig) -> list[Statement]:
    """Return what the worker needs to send; raw mail asks for an action of its own.

    https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
    """
    if not config.sends_from:
        return []
    account = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
    return [
        Statement(
            sid="SendMail",
            reason="mail from the stage's own domain; in the sandbox SES looks for the recipient's identity, too",
            actions=_SENDS_MAIL,
            resources=[Sub(f"{account}:identity/*")],
            condition={"StringLike": {"ses:FromAddress": f"*@{config.sends_from}"}},
        ),
        Statement(
            sid="SendUnderSet",
            reason="the stage's configuration set, which tells bounces",
            actions=_SENDS_MAIL,
            resources=[Sub(f"{account}:configuration-set/{config.prefix}")],
        ),
    ]


_SENDS_MAIL: Final = ("ses:SendEmail", "ses:SendRawEmail")


def _migrator(reached: Reached) -> list[Statement]:
    return [
        Statement(
            sid="ReadAdminSecret",
            reason="`db bootstrap` makes the users of the database as its first user",
            actions=["secretsmanager:GetSecretValue"],
            resources=[reached.database.admin_secret],
        ),
        Statement(
            sid="ConnectAsFirstUser",
            reason="the database asks the first user for a token, too, once it has made others who log in by one",
            actions=["rds-db:connect"],
            resources=[arns.database_user(reached.database.direct_resource_id, FIRST_USER)],
        ),
        *_dead_letters(reached, "`tasks` lists dead letters and sends them back"),
    ]


def _copies(reached: Reached) -> list[Statement]:
    """Return what a replica needs: it has a resource id of its own, and its users come with the data."""
    copies = reached.database.replicas
    return [
        Statement(
            sid="ConnectToReplicas",
            reason="a token for the same user of each replica, where the stage has any",
            actions=["rds-db:connect"],
            resources=[arns.database_user(copy.resource_id, "web") for copy in copies],
        )
    ] if copies else []  # fmt: skip


def _dead_letters(reached: Reached, who: str) -> list[Statement]:
    return [
        Statement(
            sid="FindDeadLetters",
            reason=f"{who}: which queue is whose, and how much waits",
            actions=["sqs:GetQueueAttributes"],
            resources=[*reached.queues.arns, *reached.queues.dead_arns],
        ),
        Statement(
            sid="TakeDeadLetters",
            reason=f"{who}: reading and deleting them",
            actions=["sqs:ReceiveMessage", "sqs:DeleteMessage"],
            resources=reached.queues.dead_arns,
        ),
    ]


def _told_of_missing(reached: Reached, which: str) -> Statement:
    """Return what makes S3 say 404 of a missing object instead of 403, which would look like a fault for ever.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    return Statement(
        sid="TellMissing",
        reason=f"{which}; without it S3 answers 403 for what is not there, as for what is forbidden",
        actions=["s3:ListBucket"],
        resources=[reached.buckets.media],
    )


def _keys(reached: Reached, segments: Sequence[str]) -> list[Sub]:
    return [Sub(f"${{Media}}/{segment}/*", Media=reached.buckets.media) for segment in segments]
