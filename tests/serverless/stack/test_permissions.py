"""What each role can do and, above all, what it cannot."""

import copy
from itertools import product

import pytest

from serverless.stack.rules.view import View, text, views
from tests.serverless.stack.iam import may
from tests.serverless.stack.stacks import Stack, of_variants

HOMES = [stack for stack in of_variants() if stack.kind == "home"]
MEDIA, STATIC, LOGS = "${MediaBucket.Arn}", "${StaticBucket.Arn}", "${LogBucket.Arn}"
QUEUE, DEAD = "${QueueDefault.Arn}", "${DeadLettersDefault.Arn}"
HERE = "${AWS::Region}:${AWS::AccountId}"
LAMBDA = f"arn:${{AWS::Partition}}:lambda:{HERE}:function:loupe-production"
SES = f"arn:${{AWS::Partition}}:ses:{HERE}"
WEB, WORKER, MIGRATOR = "WebRole", "WorkerRole", "MigratorRole"
FUNCTIONS = (WEB, WORKER, MIGRATOR)
ROLES = (*FUNCTIONS, "InvocationRole", "SchedulerRole")
ORIGINAL, INCOMING = f"{MEDIA}/originals/studio/gallery/photo.jpg", f"{MEDIA}/incoming/studio/photo"
RENDITION = f"{MEDIA}/media/gallery/photo/hash/large.webp"
ANYTHING = "arn:${AWS::Partition}:any:::thing"

DIRECT = "${Database.DbiResourceId}"
PROXY = text({"Fn::Select": [6, {"Fn::Split": [":", {"Fn::GetAtt": ["Proxy", "DBProxyArn"]}]}]})
USERS = ("web", "worker", "migrator", "founder", "postgres")

type Attempt = tuple[str, str, str]
"""Role, action, resource."""

CAN: list[Attempt] = [
    (WEB, "sqs:SendMessage", QUEUE),
    (WEB, "s3:PutObject", INCOMING),
    (WEB, "s3:GetObject", ORIGINAL),
    (WEB, "secretsmanager:GetSecretValue", "${AppSecret}"),
    (WORKER, "sqs:ReceiveMessage", QUEUE),
    (WORKER, "sqs:DeleteMessage", QUEUE),
    (WORKER, "sqs:ChangeMessageVisibility", QUEUE),
    (WORKER, "sqs:SendMessage", QUEUE),
    (WORKER, "s3:GetObject", INCOMING),
    (WORKER, "s3:GetObject", ORIGINAL),
    (WORKER, "s3:PutObject", RENDITION),
    (WORKER, "s3:PutObject", ORIGINAL),
    (WORKER, "s3:DeleteObject", INCOMING),
    (MIGRATOR, "secretsmanager:GetSecretValue", "${Database.MasterUserSecret.SecretArn}"),
    ("InvocationRole", "lambda:InvokeFunction", f"{LAMBDA}:live"),
    ("SchedulerRole", "lambda:InvokeFunction", f"{LAMBDA}-worker:live"),
]
CANNOT: list[Attempt] = [
    # A page that is taken over neither takes work from the worker nor loses it.
    *product([WEB, MIGRATOR], ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"], [QUEUE]),
    *product(FUNCTIONS, ["sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes"], [QUEUE, DEAD]),
    # Nothing unseen is published: uploads go into quarantine, and only the worker takes them out.
    *product(
        [WEB], ["s3:PutObject"], [ORIGINAL, RENDITION, f"{MEDIA}/incoming", f"{STATIC}/static/a.js", f"{LOGS}/s3/a"]
    ),
    *product([WORKER], ["s3:PutObject"], [INCOMING, f"{STATIC}/static/a.js", f"{MEDIA}/other/a"]),
    # A page deletes no file, and nobody one that is kept for a restore.
    *product([WEB, MIGRATOR], ["s3:DeleteObject"], [ORIGINAL, RENDITION, INCOMING]),
    *product(ROLES, ["s3:DeleteObjectVersion", "s3:GetObjectVersion"], [ORIGINAL, RENDITION, INCOMING]),
    *product(ROLES, ["s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"], [MEDIA, STATIC, LOGS]),
    # The migrator has the database, and no photograph.
    *product([MIGRATOR], ["s3:GetObject", "s3:PutObject"], [ORIGINAL, RENDITION, INCOMING]),
    *product([WEB, WORKER], ["secretsmanager:GetSecretValue"], ["${Database.MasterUserSecret.SecretArn}"]),
    *product(ROLES, ["secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"], ["${AppSecret}"]),
    *product(["InvocationRole", "SchedulerRole"], ["secretsmanager:GetSecretValue"], ["${AppSecret}"]),
    # Mail comes from the worker.
    *product([WEB, MIGRATOR], ["ses:SendEmail", "ses:SendRawEmail"], [f"{SES}:identity/loupe.example"]),
    (WORKER, "ses:SendEmail", f"{SES}:identity/other.example"),
    # Nobody calls another function, nor a version past the alias; nobody becomes somebody else.
    *product(FUNCTIONS, ["lambda:InvokeFunction"], [LAMBDA, f"{LAMBDA}:live", f"{LAMBDA}-migrator:live"]),
    *product(["InvocationRole", "SchedulerRole"], ["lambda:InvokeFunction"], [LAMBDA, f"{LAMBDA}-migrator:live"]),
    ("InvocationRole", "lambda:InvokeFunction", f"{LAMBDA}-worker:live"),
    ("SchedulerRole", "lambda:InvokeFunction", f"{LAMBDA}:live"),
    ("InvocationRole", "lambda:InvokeFunction", f"{LAMBDA}:7"),
    *product(ROLES, ["sts:AssumeRole", "iam:PassRole", "iam:PutRolePolicy", "lambda:UpdateFunctionCode"], [ANYTHING]),
    *product(ROLES, ["kms:Decrypt", "ec2:RunInstances", "ec2:AuthorizeSecurityGroupIngress"], [ANYTHING]),
]


def _views(stack: Stack) -> list[View]:
    return list(views(stack.template, kind=stack.kind, config=stack.config))


@pytest.mark.parametrize("home", HOMES, ids=[home.name for home in HOMES])
def test_roles_can_do_their_work(home: Stack) -> None:
    for view in _views(home):
        assert [attempt for attempt in CAN if not may(view, *attempt)] == []


@pytest.mark.parametrize("home", HOMES, ids=[home.name for home in HOMES])
def test_roles_can_do_nothing_else(home: Stack) -> None:
    for view in _views(home):
        assert [attempt for attempt in CANNOT if may(view, *attempt)] == []


def _users(view: View, role: str) -> list[tuple[str, str]]:
    """Return the databases, and the users of each, that the role may connect as."""
    arn = f"arn:${{AWS::Partition}}:rds-db:{HERE}:dbuser:"
    return [
        (database, user)
        for database, user in product((PROXY, DIRECT), USERS)
        if may(view, role, "rds-db:connect", f"{arn}{database}/{user}")
    ]


@pytest.mark.parametrize("home", HOMES, ids=[home.name for home in HOMES])
def test_each_function_is_one_user_of_the_database_and_the_migrator_the_first_as_well(home: Stack) -> None:
    through = PROXY if home.config.profile == "standard" else DIRECT
    for view in _views(home):
        assert _users(view, WEB) == [(through, "web")]
        assert _users(view, WORKER) == [(through, "worker")]
        assert _users(view, MIGRATOR) == [(DIRECT, "migrator"), (DIRECT, "founder")]


@pytest.mark.parametrize("home", HOMES, ids=[home.name for home in HOMES])
def test_the_proxy_is_no_user_that_no_function_is(home: Stack) -> None:
    there = home.config.profile == "standard"
    for view in _views(home):
        assert _users(view, "ProxyRole") == [(DIRECT, "web"), (DIRECT, "worker")] * there


@pytest.mark.parametrize("home", HOMES, ids=[home.name for home in HOMES])
def test_network_interfaces_are_lambdas_and_not_the_codes(home: Stack) -> None:
    own = {WEB: LAMBDA, WORKER: f"{LAMBDA}-worker", MIGRATOR: f"{LAMBDA}-migrator"}
    for view, (role, function) in product(_views(home), own.items()):
        assert may(view, role, "ec2:CreateNetworkInterface", "*")
        assert not may(view, role, "ec2:CreateNetworkInterface", "*", lambda__SourceFunctionArn=function)


@pytest.mark.parametrize("home", HOMES, ids=[home.name for home in HOMES])
def test_mail_is_sent_from_the_stages_own_domain(home: Stack) -> None:
    sends = bool(home.config.domain)
    for view in _views(home):
        for action, identity in product(("ses:SendEmail", "ses:SendRawEmail"), ("loupe.example", "you@example.com")):
            # In the sandbox SES asks for the recipient's identity, too.
            resource = f"{SES}:identity/{identity}"
            assert may(view, WORKER, action, resource, ses__FromAddress="no-reply@loupe.example") is sends
            for other in ("you@example.com", "you@mail.loupe.example", "you@notloupe.example"):
                assert not may(view, WORKER, action, resource, ses__FromAddress=other)
        assert may(view, WORKER, "ses:SendEmail", f"{SES}:configuration-set/loupe-production") is sends
        assert not may(view, WORKER, "ses:SendEmail", f"{SES}:configuration-set/another")


def test_a_role_that_may_more_is_noticed() -> None:
    (home, *_) = HOMES
    broken = copy.deepcopy(dict(home.template))
    document = broken["Resources"][WEB]["Properties"]["Policies"][0]["PolicyDocument"]
    document["Statement"].append({"Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Sub": f"{MEDIA}/*"}})
    (view, *_) = views(broken, kind="home", config=home.config)
    assert [attempt for attempt in CANNOT if may(view, *attempt)] == [
        (WEB, "s3:PutObject", key) for key in (ORIGINAL, RENDITION)
    ] + [(WEB, "s3:PutObject", f"{MEDIA}/incoming")]
