"""The events as AWS documents them; only the keys in use here.

HTTP API, payload 2.0: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
SQS: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from typing import Literal, NotRequired, TypedDict

__all__ = ["HttpV2Event", "HttpV2Response", "SqsEvent", "SqsMessage", "TickEvent"]


class _Http(TypedDict):
    method: str
    path: str
    protocol: str
    sourceIp: str
    userAgent: str


class _HttpV2Context(TypedDict):
    accountId: str
    apiId: str
    domainName: str
    domainPrefix: str
    http: _Http
    requestId: str
    routeKey: str
    stage: str
    time: str
    timeEpoch: int


class HttpV2Event(TypedDict):
    """``rawPath`` arrives percent-decoded; repeated headers arrive joined with commas; cookies arrive apart."""

    version: Literal["2.0"]
    routeKey: str
    rawPath: str
    rawQueryString: str
    headers: dict[str, str]
    requestContext: _HttpV2Context
    isBase64Encoded: bool
    cookies: NotRequired[list[str]]
    queryStringParameters: NotRequired[dict[str, str]]
    body: NotRequired[str]


class HttpV2Response(TypedDict):
    """What API Gateway turns into an HTTP response. ``cookies`` become one Set-Cookie header each."""

    statusCode: int
    headers: dict[str, str]
    cookies: list[str]
    body: str
    isBase64Encoded: bool


class SqsMessage(TypedDict):
    messageId: str
    receiptHandle: str
    body: str
    attributes: dict[str, str]
    messageAttributes: dict[str, dict[str, str]]
    md5OfBody: str


class SqsRecord(SqsMessage):
    eventSource: Literal["aws:sqs"]
    eventSourceARN: str
    awsRegion: str


class SqsEvent(TypedDict):
    Records: list[SqsRecord]


# The schedule's own input: EventBridge Scheduler passes on whatever JSON the stack gives it.
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
TickEvent = TypedDict(
    "TickEvent", {"source": Literal["serverless.scheduler"], "detail-type": Literal["tick"], "time": str}
)
