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
HTTP_API_TIMEOUT: Final = 30.0
HTTP_API_BODY_BYTES: Final = 10 * 1024 * 1024
HTTP_API_HEADER_BYTES: Final = 10_240  # request line and header values together; in answers the values

# API Gateway, REST API:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
REST_API_TIMEOUT: Final = 29.0
REST_API_BODY_BYTES: Final = 10 * 1024 * 1024
REST_API_HEADER_BYTES: Final = 10_240  # header values together, in both directions

# Application Load Balancer: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
ALB_BODY_BYTES: Final = 1024 * 1024
ALB_ANSWER_BYTES: Final = 1024 * 1024  # what the function returns, as JSON
# https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#http-header-limits
ALB_LINE_BYTES: Final = 16 * 1024
ALB_HEADER_BYTES: Final = 16 * 1024  # a single one
ALB_HEADERS_BYTES: Final = 64 * 1024  # with the request line
ALB_ANSWER_HEADERS_BYTES: Final = 32 * 1024
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
ALB_IDLE_TIMEOUT: Final = 60.0

# CloudFront: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
# and RequestAndResponseBehaviorCustomOrigin.html#RequestCustomMaxRequestStringLength for what it answers (413).
CDN_REQUEST_BYTES: Final = 20_480  # request line, query and headers together
CDN_URL_BYTES: Final = 8_192

# SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
SQS_BATCH_MESSAGES: Final = 10  # a receive or delete call
SQS_LONG_POLL: Final = 20

# Event source mappings of SQS: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
ESM_MAX_BATCH: Final = 10_000
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html: a batch of more needs a window.
ESM_MAX_BATCH_AT_ONCE: Final = 10
ESM_MAX_WINDOW: Final = 300
ESM_MIN_MAXIMUM_CONCURRENCY: Final = 2
ESM_MAX_MAXIMUM_CONCURRENCY: Final = 1000
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
SQS_VISIBILITY_FACTOR: Final = 6
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: batches in progress at once.
ESM_START: Final = 5
ESM_MORE_A_MINUTE: Final = 300
# https://repost.aws/knowledge-center/lambda-sqs-scaling
ESM_MOST: Final = 1250
