"""The events as AWS documents them; only the keys in use here.

HTTP API, payload 2.0: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
Function URL, the same payload: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
REST API: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
Load balancer: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
SQS: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from typing import Literal, NotRequired, TypedDict

__all__ = [
    "AlbEvent",
    "AlbResponse",
    "HttpV1Event",
    "HttpV1Response",
    "HttpV2Context",
    "HttpV2Event",
    "HttpV2Response",
    "SqsAttribute",
    "SqsEvent",
    "SqsMessage",
    "SqsRecord",
    "TickEvent",
]


class _Http(TypedDict):
    method: str
    path: str
    protocol: str
    sourceIp: str
    userAgent: str


class HttpV2Context(TypedDict):
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
    """Repeated headers arrive joined with commas, cookies apart.

    ``rawPath`` is percent-decoded behind an HTTP API, and as sent behind a function URL.
    """

    version: Literal["2.0"]
    routeKey: str
    rawPath: str
    rawQueryString: str
    headers: dict[str, str]
    requestContext: HttpV2Context
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


class _Identity(TypedDict):
    sourceIp: str
    userAgent: str


class _HttpV1Context(TypedDict):
    accountId: str
    apiId: str
    domainName: str
    httpMethod: str
    identity: _Identity
    path: str
    protocol: str
    requestId: str
    requestTimeEpoch: int
    stage: str


class HttpV1Event(TypedDict):
    """``path`` is as sent, without the stage; the query arrives decoded; header names in any case."""

    resource: str
    path: str
    httpMethod: str
    headers: dict[str, str] | None
    multiValueHeaders: dict[str, list[str]] | None
    queryStringParameters: dict[str, str] | None
    multiValueQueryStringParameters: dict[str, list[str]] | None
    pathParameters: dict[str, str] | None
    stageVariables: dict[str, str] | None
    requestContext: _HttpV1Context
    body: str | None
    isBase64Encoded: bool


class HttpV1Response(TypedDict):
    """What a REST API turns into an HTTP response: every header as a list."""

    statusCode: int
    multiValueHeaders: dict[str, list[str]]
    body: str
    isBase64Encoded: bool


class _TargetGroup(TypedDict):
    targetGroupArn: str


class _AlbContext(TypedDict):
    elb: _TargetGroup


class AlbEvent(TypedDict):
    """``path`` and query are as sent. A target group with multi-value headers sends the lists, another one the rest."""

    requestContext: _AlbContext
    httpMethod: str
    path: str
    headers: NotRequired[dict[str, str] | None]
    multiValueHeaders: NotRequired[dict[str, list[str]] | None]
    queryStringParameters: NotRequired[dict[str, str] | None]
    multiValueQueryStringParameters: NotRequired[dict[str, list[str]] | None]
    body: str
    isBase64Encoded: bool


class AlbResponse(TypedDict):
    """Headers in the form in which the event brought them. ``statusDescription`` is status and reason."""

    statusCode: int
    statusDescription: str
    headers: NotRequired[dict[str, str]]
    multiValueHeaders: NotRequired[dict[str, list[str]]]
    body: str
    isBase64Encoded: bool


class SqsAttribute(TypedDict):
    dataType: str
    stringValue: NotRequired[str]
    binaryValue: NotRequired[str]  # Base64
    # Not in use at SQS, and yet always there.
    stringListValues: list[str]
    binaryListValues: list[str]


class SqsMessage(TypedDict):
    messageId: str
    receiptHandle: str
    body: str
    attributes: dict[str, str]
    messageAttributes: dict[str, SqsAttribute]
    md5OfBody: str
    md5OfMessageAttributes: NotRequired[str]


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


class ManageEvent(TypedDict):
    """Of a direct invocation alone: the words after ``manage.py``, as whoever invokes wrote them."""

    manage: object
