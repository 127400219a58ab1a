"""Cases of the rules on sizes, outputs and names."""

from serverless.stack.outputs import OPTIONAL, HomeOutput, HomeParameter, ReleasesOutput
from tests.serverless.stack.rules.support import Case, Template, made


def _section(section: str, *names: str) -> Template:
    return {section: {name: {"Value": "x"} for name in names}}


def _many(section: str, count: int) -> Template:
    body = {"Type": "AWS::SQS::Queue", "Properties": {}}
    return {section: {f"N{number}": body for number in range(count)}}


CASES = [
    Case(
        rule="template-size",
        breaks=[("edge", {"Description": "x" * 51_200})],
        holds=[{"Description": "x" * (51_200 - len('{"Description":""}'))}],
        kind="edge",
    ),
    Case(
        rule="template-size",
        breaks=[("home", {"Description": "x" * 1_000_000})],
        holds=[{"Description": "x" * 51_200}],
    ),
    Case(
        rule="template-counts",
        breaks=[
            ("Resources", _many("Resources", 501)),
            ("Parameters", _many("Parameters", 201)),
            ("Outputs", _many("Outputs", 201)),
        ],
        holds=[_many("Resources", 500), _many("Parameters", 200), _many("Outputs", 200)],
    ),
    Case(
        rule="outputs-complete",
        breaks=[("ReleaseBucket", {}), ("More", _section("Outputs", *ReleasesOutput, "More"))],
        holds=[
            _section("Outputs", *ReleasesOutput),
            {"Conditions": {"Some": {}}, "Outputs": {"ReleaseBucket": {"Condition": "Some", "Value": "x"}}},
        ],
        kind="releases",
    ),
    Case(
        rule="outputs-complete",
        breaks=[("ApiDomain", _section("Outputs", "MediaBucket"))],
        holds=[_section("Outputs", *HomeOutput), _section("Outputs", *(set(HomeOutput) - OPTIONAL))],
    ),
    Case(
        rule="parameters-complete",
        breaks=[
            ("FunctionsLive", _section("Parameters", "DistributionArn")),
            ("More", _section("Parameters", *HomeParameter, "More")),
        ],
        holds=[_section("Parameters", *HomeParameter)],
    ),
    Case(rule="parameters-complete", breaks=[("More", _section("Parameters", "More"))], holds=[{}], kind="releases"),
    Case(
        rule="no-account",
        breaks=[
            ("Role", made(Role=("AWS::IAM::Role", {"RoleArn": "arn:aws:iam::123456789012:role/x"}))),
            ("Bucket", {"Outputs": {"Bucket": {"Value": "media-123456789012"}}}),
        ],
        holds=[
            made(
                Role=("AWS::IAM::Role", {"Arn": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:x"}, "Id": "1234567890123"})
            )
        ],
    ),
    Case(
        rule="names-of-the-stage",
        breaks=[
            ("Queue", made(Queue=("AWS::SQS::Queue", {"QueueName": "default"}))),
            ("Logs", made(Logs=("AWS::Logs::LogGroup", {"LogGroupName": {"Fn::Sub": "/api/${Api}"}}))),
            ("Keys", made(Keys=("AWS::CloudFront::KeyGroup", {"KeyGroupConfig": {"Name": "media"}}))),
        ],
        holds=[
            made(
                Queue=("AWS::SQS::Queue", {"QueueName": "shop-production-default"}),
                Logs=("AWS::Logs::LogGroup", {"LogGroupName": {"Fn::Sub": "/api/${AWS::StackName}"}}),
                Keys=("AWS::CloudFront::KeyGroup", {"KeyGroupConfig": {"Name": "shop-production-media"}}),
                Topic=("AWS::SNS::Topic", {}),
            )
        ],
    ),
]
