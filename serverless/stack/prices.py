"""What AWS asks for, in us-east-1; other regions cost up to a fifth more. Prices of nodes are in ``profiles``.

``free`` is what an account has every month, for ever, before it pays, all its stages together:
https://aws.amazon.com/free/
"""

from dataclasses import dataclass
from typing import Final

__all__ = [
    "ALARM",
    "API_REQUEST",
    "CDN_FUNCTION",
    "CDN_GB",
    "CDN_REQUEST",
    "DASHBOARD",
    "FIREWALL",
    "FIREWALL_REQUEST",
    "FIREWALL_RULE",
    "GET",
    "INVOCATION",
    "KEY",
    "LAMBDA_GB_S",
    "LOG_GB",
    "MAIL",
    "MESSAGE_REQUEST",
    "METRIC",
    "PUT",
    "SECRET",
    "STORED_GB",
    "SURPLUS",
    "TICK",
    "Price",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """``usd`` for each ``per`` of something in a month."""

    usd: float
    per: int = 1
    free: float = 0
    source: str

    def of(self, quantity: float) -> float:
        """Return the list price in USD."""
        return quantity / self.per * self.usd


_MILLION: Final = 1_000_000
_LAMBDA: Final = "https://aws.amazon.com/lambda/pricing/"
_CLOUDFRONT: Final = "https://aws.amazon.com/cloudfront/pricing/"
_CLOUDWATCH: Final = "https://aws.amazon.com/cloudwatch/pricing/"
_S3: Final = "https://aws.amazon.com/s3/pricing/"
_WAF: Final = "https://aws.amazon.com/waf/pricing/"

LAMBDA_GB_S: Final = Price(usd=0.0000133334, free=400_000, source=_LAMBDA)  # arm64
INVOCATION: Final = Price(usd=0.20, per=_MILLION, free=_MILLION, source=_LAMBDA)
API_REQUEST: Final = Price(usd=1.00, per=_MILLION, source="https://aws.amazon.com/api-gateway/pricing/")
MESSAGE_REQUEST: Final = Price(usd=0.40, per=_MILLION, free=_MILLION, source="https://aws.amazon.com/sqs/pricing/")
TICK: Final = Price(usd=1.00, per=_MILLION, free=14 * _MILLION, source="https://aws.amazon.com/eventbridge/pricing/")
CDN_GB: Final = Price(usd=0.085, free=1_000, source=_CLOUDFRONT)
CDN_REQUEST: Final = Price(usd=0.01, per=10_000, free=10 * _MILLION, source=_CLOUDFRONT)
CDN_FUNCTION: Final = Price(usd=0.10, per=_MILLION, free=2 * _MILLION, source=_CLOUDFRONT)
STORED_GB: Final = Price(usd=0.023, source=_S3)
PUT: Final = Price(usd=0.005, per=1_000, source=_S3)
GET: Final = Price(usd=0.0004, per=1_000, source=_S3)
FIREWALL: Final = Price(usd=5.00, source=_WAF)
FIREWALL_RULE: Final = Price(usd=1.00, source=_WAF)
FIREWALL_REQUEST: Final = Price(usd=0.60, per=_MILLION, source=_WAF)
ALARM: Final = Price(usd=0.10, free=10, source=_CLOUDWATCH)
METRIC: Final = Price(usd=0.30, free=10, source=_CLOUDWATCH)
DASHBOARD: Final = Price(usd=3.00, free=3, source=_CLOUDWATCH)
LOG_GB: Final = Price(usd=0.50, free=5, source=_CLOUDWATCH)
SECRET: Final = Price(usd=0.40, source="https://aws.amazon.com/secrets-manager/pricing/")
# A vCPU-hour beyond what a burstable class holds; RDS's are always unlimited.
SURPLUS: Final = Price(usd=0.075, source="https://aws.amazon.com/rds/postgresql/pricing/")
KEY: Final = Price(usd=1.00, source="https://aws.amazon.com/kms/pricing/")
MAIL: Final = Price(usd=0.10, per=1_000, source="https://aws.amazon.com/ses/pricing/")
