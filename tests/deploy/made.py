"""What the stacks of a stage leave behind, as far as a release needs it, under the stacks' own names."""

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from serverless import aws
from serverless.stack import names
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeOutput, HomeOutput, HomeParameter, ReleasesOutput

SITE = "https://tiny.example"
ORIGIN_SECRET = "only-for-tests"


def make_stage(config: StackConfig, *, url: str, administrator: tuple[str, str]) -> None:
    """Make buckets, roles, queue and secret, and three stacks whose outputs name them."""
    region, prefix = config.region, config.prefix
    buckets = {name: f"{prefix}-{name}" for name in ("releases", "media", "static", "logs")}
    s3 = _client("s3", region)
    for name in buckets.values():
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    roles = {which: _role(f"{prefix}-{which}") for which in names.FUNCTIONS}
    queue = _client("sqs", region).create_queue(QueueName=f"{prefix}-default")["QueueUrl"]
    secrets = _client("secretsmanager", region)
    secret = secrets.create_secret(
        Name=f"{prefix}-app",
        SecretString=json.dumps(
            {"SECRET_KEY": "s" * 50, "ORIGIN_SECRETS": f"{ORIGIN_SECRET},next", "MEDIA_PRIVATE_KEY": _private_key()}
        ),
    )["ARN"]
    admin = secrets.create_secret(
        Name=f"{prefix}-admin", SecretString=json.dumps(dict(zip(("username", "password"), administrator, strict=True)))
    )["ARN"]
    _stack(names.releases_stack(prefix), region, {ReleasesOutput.BUCKET: buckets["releases"]})
    home = {
        HomeOutput.API_DOMAIN: f"abc123.execute-api.{region}.amazonaws.com",
        HomeOutput.MEDIA_BUCKET: buckets["media"],
        HomeOutput.STATIC_BUCKET: buckets["static"],
        HomeOutput.LOG_BUCKET: buckets["logs"],
        HomeOutput.WEB_ROLE: roles["web"],
        HomeOutput.WORKER_ROLE: roles["worker"],
        HomeOutput.MIGRATOR_ROLE: roles["migrator"],
        HomeOutput.SUBNETS: "subnet-1,subnet-2",
        HomeOutput.SECURITY_GROUP: "sg-1",
        HomeOutput.FUNCTION_IPV6: "yes",
        HomeOutput.DATABASE_HOST: "db.internal",
        HomeOutput.DATABASE_DIRECT_HOST: "db.internal",
        HomeOutput.DATABASE_PORT: "5432",
        HomeOutput.DATABASE_NAME: "tiny",
        HomeOutput.DATABASE_ADMIN_SECRET: admin,
        HomeOutput.CACHE_URL: "rediss://cache.internal:6379/0",
        HomeOutput.TASK_QUEUES: f"default={queue}",
        HomeOutput.APP_SECRET: secret,
        HomeOutput.ALARM_TOPIC: f"arn:aws:sns:{region}:123456789012:{prefix}-alarms",
        HomeOutput.MAIL_FROM_DOMAIN: "tiny.example",
    }
    _stack(names.home_stack(prefix), region, home, parameter=HomeParameter.FUNCTIONS_LIVE)
    edge = {output: f"{output.lower()}" for output in EdgeOutput}
    edge |= {EdgeOutput.SITE_URL: SITE, EdgeOutput.DISTRIBUTION_ID: _distribution()}
    _stack(names.edge_stack(prefix), names.EDGE_REGION, edge)
    assert url in queue
    _client("lambda", region).list_functions()
    _client("sts", region).get_caller_identity()


def _client(service: str, region: str) -> Any:
    """moto loads a service at its first call, which may take seconds: nothing is asked twice meanwhile."""
    return aws.client(service, region=region, read_timeout_s=60, attempts=1)


def _distribution() -> str:
    """The id of a distribution, of which a release asks that it forget."""
    config = {
        "CallerReference": "tests",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [{"Id": "api", "DomainName": "api.example", "CustomOriginConfig": {
            "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "api", "ViewerProtocolPolicy": "https-only"},
    }  # fmt: skip
    made = _client("cloudfront", names.EDGE_REGION).create_distribution(DistributionConfig=config)
    return str(made["Distribution"]["Id"])


def _private_key() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    )


def _role(name: str) -> str:
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    arn: str = _client("iam", "us-east-1").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))[
        "Role"
    ]["Arn"]
    return arn


def _stack(name: str, region: str, outputs: dict[Any, str], *, parameter: str = "") -> None:
    template: dict[str, Any] = {
        "Resources": {"Nothing": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {str(key): {"Value": value} for key, value in outputs.items()},
    }
    if parameter:
        template["Parameters"] = {parameter: {"Type": "String", "Default": "no"}}
    _client("cloudformation", region).create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Tags=[{"Key": "project", "Value": "tiny"}, {"Key": "stage", "Value": "test"}],
    )
