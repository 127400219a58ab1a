"""Cases of the rules on queues."""

from dataclasses import replace
from typing import Any

from tests.serverless.stack.rules.support import CONFIG, Case, Template, made

QUEUE, MAPPING = "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping"
SOUND_MAPPING: dict[str, Any] = {
    "EventSourceArn": {"Fn::GetAtt": ["Tasks", "Arn"]},
    "FunctionName": {"Fn::Sub": "arn:${AWS::Partition}:lambda:function:shop-production-worker:live"},
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "MaximumBatchingWindowInSeconds": 5,
    "ScalingConfig": {"MaximumConcurrency": 20},
}
SOUND_QUEUE: dict[str, Any] = {
    "VisibilityTimeout": 725,
    "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 50},
}


def _stack(
    *, mapping: dict[str, Any] | None = None, queue: dict[str, Any] | None = None, dead: int = 1209600
) -> Template:
    return made(
        Tasks=(QUEUE, {**SOUND_QUEUE, **(queue or {})}),
        Dead=(QUEUE, {"MessageRetentionPeriod": dead}),
        Mapping=(MAPPING, {**SOUND_MAPPING, **(mapping or {})}),
    )


SOUND = _stack()
CASES = [
    Case(
        rule="sqs-partial-batch",
        breaks=[("Mapping", _stack(mapping={"FunctionResponseTypes": []}))],
        holds=[SOUND],
    ),
    Case(
        rule="sqs-visibility",
        breaks=[
            ("Tasks", _stack(queue={"VisibilityTimeout": 724})),
            ("Tasks", _stack(mapping={"MaximumBatchingWindowInSeconds": 6})),
        ],
        holds=[SOUND],
    ),
    Case(
        rule="sqs-redrive",
        breaks=[
            ("Tasks", _stack(queue={"RedrivePolicy": SOUND_QUEUE["RedrivePolicy"] | {"maxReceiveCount": 49}})),
            ("Tasks", made(Tasks=(QUEUE, {}))),
            ("Tasks", made(Tasks=(QUEUE, {"RedrivePolicy": {"Ref": "Elsewhere"}}))),
        ],
        holds=[SOUND],
    ),
    Case(
        rule="sqs-dead-letter-retention",
        breaks=[("Dead", _stack(dead=345_600)), ("Dead", _stack(queue={"MessageRetentionPeriod": 1209600}))],
        holds=[SOUND],
    ),
    Case(
        rule="sqs-maximum-concurrency",
        breaks=[
            ("Mapping", _stack(mapping={"ScalingConfig": {"MaximumConcurrency": 1}})),
            ("Mapping", _stack(mapping={"ScalingConfig": {}})),
            ("Mapping", _stack(mapping={"ScalingConfig": {"MaximumConcurrency": 21}})),
        ],
        holds=[SOUND],
    ),
    Case(
        rule="mapping-alias",
        breaks=[
            ("Mapping", _stack(mapping={"FunctionName": "shop-production-worker"})),
            (
                "Mapping",
                _stack(mapping={"FunctionName": {"Fn::Join": [":", ["function", "shop-production-worker", "7"]]}}),
            ),
        ],
        holds=[SOUND],
    ),
    Case(
        rule="reserved-concurrency",
        breaks=[("web_concurrency", {})],
        holds=[],
        config=replace(CONFIG, web_concurrency=880),
    ),
    Case(
        rule="reserved-concurrency",
        breaks=[],
        holds=[{}],
        config=replace(CONFIG, web_concurrency=879),
    ),
]
