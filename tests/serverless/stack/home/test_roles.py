"""Every role's documents, in full: what is not written here nobody may do."""

from typing import Any

import pytest

from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import of_home

BOTH: list[Profile] = ["standard", "frugal"]
INTERFACES = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]
QUEUE, DEAD = {"Fn::GetAtt": ["QueueDefault", "Arn"]}, {"Fn::GetAtt": ["DeadLettersDefault", "Arn"]}
MEDIA = {"Fn::GetAtt": ["MediaBucket", "Arn"]}
KEPT = ("media", "originals", "reports")
PROXY_ID = {"Fn::Select": [6, {"Fn::Split": [":", {"Fn::GetAtt": ["Proxy", "DBProxyArn"]}]}]}
DATABASE_ID = {"Fn::GetAtt": ["Database", "DbiResourceId"]}


def arn(service: str, resource: str) -> dict[str, str]:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"}


def keys(*segments: str) -> list[Any]:
    return [{"Fn::Sub": [f"${{Media}}/{segment}/*", {"Media": MEDIA}]} for segment in segments]


def allow(sid: str, actions: list[str], resources: list[Any]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def of_function(which: str, *, database: Any) -> list[dict[str, Any]]:
    name = "shop-prod" if which == "web" else f"shop-prod-{which}"
    user = arn("rds-db", f"dbuser:${{Database}}/{which}")["Fn::Sub"]
    return [
        allow(
            "WriteOwnLog",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [arn("logs", f"log-group:/aws/lambda/{name}:*")],
        ),
        allow("JoinNetwork", INTERFACES, ["*"]),
        {
            "Sid": "LeaveNetworkAlone",
            "Effect": "Deny",
            "Action": INTERFACES,
            "Resource": ["*"],
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn("lambda", f"function:{name}")}},
        },
        allow("ReadAppSecret", ["secretsmanager:GetSecretValue"], [{"Ref": "AppSecret"}]),
        allow("ConnectToDatabase", ["rds-db:connect"], [{"Fn::Sub": [user, {"Database": database}]}]),
        allow("SendTasks", ["sqs:SendMessage"], [QUEUE]),
    ]


DEAD_LETTERS = [
    allow("FindDeadLetters", ["sqs:GetQueueAttributes"], [QUEUE, DEAD]),
    allow("TakeDeadLetters", ["sqs:ReceiveMessage", "sqs:DeleteMessage"], [DEAD]),
]
MULTIPART = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
WEB = [
    *DEAD_LETTERS,
    allow("SignUploads", MULTIPART, keys("incoming")),
    allow("SignDownloads", ["s3:GetObject"], keys("incoming", *KEPT)),
    allow("TellMissing", ["s3:ListBucket"], [MEDIA]),
]
WORKER = [
    allow(
        "ReceiveTasks",
        ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
        [QUEUE],
    ),
    allow("ReadFiles", ["s3:GetObject"], keys("incoming", *KEPT)),
    allow("WriteFiles", MULTIPART, keys(*KEPT)),
    allow("DropParts", ["s3:AbortMultipartUpload"], keys("incoming")),
    allow("DeleteFiles", ["s3:DeleteObject"], keys("incoming", *KEPT)),
    allow("TellMissing", ["s3:ListBucket"], [MEDIA]),
]
MIGRATOR = [
    allow(
        "ReadAdminSecret",
        ["secretsmanager:GetSecretValue"],
        [{"Fn::GetAtt": ["Database", "MasterUserSecret.SecretArn"]}],
    ),
    allow(
        "ConnectAsFirstUser",
        ["rds-db:connect"],
        [{"Fn::Sub": [arn("rds-db", "dbuser:${Database}/founder")["Fn::Sub"], {"Database": DATABASE_ID}]}],
    ),
    *DEAD_LETTERS,
]
SEND = ["ses:SendEmail", "ses:SendRawEmail"]
MAIL = [
    # In the sandbox SES asks whether the recipient's identity may be used as well: any, from one domain.
    allow("SendMail", SEND, [arn("ses", "identity/*")])
    | {"Condition": {"StringLike": {"ses:FromAddress": "*@shop.example"}}},
    allow("SendUnderSet", SEND, [arn("ses", "configuration-set/shop-prod")]),
]


def documents(profile: Profile, role: str, **more: Any) -> tuple[Any, Any]:
    """Return who may take the role on and what it then may, and see that there is no other way to permissions."""
    properties = of_home(profile, **more).resource(role)["Properties"]
    assert properties.keys() == {"Description", "AssumeRolePolicyDocument", "Policies"}
    (policy,) = properties["Policies"]
    return properties["AssumeRolePolicyDocument"], policy["PolicyDocument"]


def of(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trusted(service: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return of(statement if condition is None else statement | {"Condition": condition})


OURS = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize("profile", BOTH)
def test_web(profile: Profile) -> None:
    trust, policy = documents(profile, "WebRole")
    database = PROXY_ID if profile == "standard" else DATABASE_ID
    assert policy == of(*of_function("web", database=database), *WEB)
    assert trust == trusted("lambda.amazonaws.com", OURS)


@pytest.mark.parametrize("profile", BOTH)
def test_worker(profile: Profile) -> None:
    trust, policy = documents(profile, "WorkerRole", domain="shop.example")
    database = PROXY_ID if profile == "standard" else DATABASE_ID
    assert policy == of(*of_function("worker", database=database), *WORKER, *MAIL)
    assert trust == trusted("lambda.amazonaws.com", OURS)


def test_a_stage_without_a_domain_sends_no_mail() -> None:
    _, policy = documents("standard", "WorkerRole")
    assert policy == of(*of_function("worker", database=PROXY_ID), *WORKER)


def test_mail_may_come_from_another_domain() -> None:
    _, policy = documents("standard", "WorkerRole", domain="shop.example", mail_domain="mail.example")
    assert policy["Statement"][-2]["Condition"] == {"StringLike": {"ses:FromAddress": "*@mail.example"}}


@pytest.mark.parametrize("profile", BOTH)
def test_the_migrator_goes_straight_to_the_database(profile: Profile) -> None:
    trust, policy = documents(profile, "MigratorRole", domain="shop.example")
    assert policy == of(*of_function("migrator", database=DATABASE_ID), *MIGRATOR)
    assert trust == trusted("lambda.amazonaws.com", OURS)


@pytest.mark.parametrize("profile", BOTH)
def test_the_api_invokes_the_alias_of_web(profile: Profile) -> None:
    trust, policy = documents(profile, "InvocationRole")
    invoke = allow("AnswerRequests", ["lambda:InvokeFunction"], [arn("lambda", "function:shop-prod:live")])
    assert policy == of(invoke)
    assert trust == trusted("apigateway.amazonaws.com")


@pytest.mark.parametrize("profile", BOTH)
def test_the_scheduler_invokes_the_alias_of_the_worker_for_schedules_of_ours(profile: Profile) -> None:
    trust, policy = documents(profile, "SchedulerRole")
    invoke = allow("TickEachMinute", ["lambda:InvokeFunction"], [arn("lambda", "function:shop-prod-worker:live")])
    assert policy == of(invoke)
    group = {"ArnEquals": {"aws:SourceArn": arn("scheduler", "schedule-group/default")}}
    assert trust == trusted("scheduler.amazonaws.com", OURS | group)


def test_keys_are_those_of_the_project() -> None:
    facts = of_home(signed=("archives",), queues=("default", "mail"))
    (policy,) = facts.resource("WorkerRole")["Properties"]["Policies"]
    worker = {statement["Sid"]: statement["Resource"] for statement in policy["PolicyDocument"]["Statement"]}
    assert worker["WriteFiles"] == keys("media", "archives")
    assert worker["ReceiveTasks"] == [QUEUE, {"Fn::GetAtt": ["QueueMail", "Arn"]}]


def test_releases_learn_the_roles_of_the_functions() -> None:
    facts = of_home()
    for which in ("Web", "Worker", "Migrator"):
        assert facts.output(f"{which}RoleArn") == {"Fn::GetAtt": [f"{which}Role", "Arn"]}
