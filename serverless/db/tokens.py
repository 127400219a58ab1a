"""What a user of the database shows in the place of a password."""

import os

from serverless.credentials import Credentials
from serverless.db import certificates
from serverless.sigv4 import rds_token

__all__ = ["token"]


def token(host: str, *, port: int, user: str) -> str:
    """Mint a token that is good for 15 minutes to connect with; no request is made. Raises MissingCredentials."""
    region = certificates.region(host) or os.environ.get("AWS_REGION", "")
    return rds_token(host, port=port, user=user, region=region, credentials=Credentials.from_environ())
