"""The platform's limits, as AWS documents them. Sizes in bytes, times in seconds."""

from typing import Final

# Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LAMBDA_REQUEST_BYTES: Final = 6 * 1024 * 1024
# 100 bytes above the request's 6 MiB: the figure in Lambda's own Function.ResponseSizeTooLarge message.
LAMBDA_RESPONSE_BYTES: Final = LAMBDA_REQUEST_BYTES + 100
LAMBDA_MAX_TIMEOUT: Final = 900
LAMBDA_MIN_MEMORY_MB: Final = 128
LAMBDA_MAX_MEMORY_MB: Final = 10_240
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
LAMBDA_INIT_TIMEOUT: Final = 10.0

# API Gateway, HTTP API: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
GATEWAY_TIMEOUT: Final = 30.0
GATEWAY_BODY_BYTES: Final = 10 * 1024 * 1024
GATEWAY_HEADER_BYTES: Final = 10_240  # request line and header values together

# CloudFront: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
# and RequestAndResponseBehaviorCustomOrigin.html#RequestCustomMaxRequestStringLength for what it answers (413).
CDN_REQUEST_BYTES: Final = 20_480  # request line, query and headers together
CDN_URL_BYTES: Final = 8_192

# SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
SQS_BATCH_MESSAGES: Final = 10  # a receive or delete call
SQS_LONG_POLL: Final = 20
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
SQS_VISIBILITY_FACTOR: Final = 6
