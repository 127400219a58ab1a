"""What AWS says when it does not do what it is asked, as sentences that name the next command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from serverless import aws
from serverless.deploy.exceptions import DeployError

__all__ = [
    "AwsBusy",
    "AwsDenied",
    "AwsRefused",
    "AwsUnreachable",
    "CredentialsInvalid",
    "Interrupted",
    "explained",
]


class AwsRefused(DeployError):
    """AWS answered with an error; ``code`` is its name for it."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class CredentialsInvalid(AwsRefused):
    """There are no credentials, or AWS does not take them."""


class AwsDenied(AwsRefused):
    """The credentials are good, but not for this call."""


class AwsBusy(AwsRefused):
    """AWS takes no more calls for now."""


class AwsUnreachable(AwsRefused):
    """No answer came."""


class Interrupted(DeployError):
    """Ctrl-C; the message says what state things are in."""


_SEE: Final = "Then try again; `aws sts get-caller-identity` shows as whom."
# By the exceptions of botocore and the codes of the services, which do not agree on spelling.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
_MISSING: Final = {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoAuthTokenError"}
_EXPIRED: Final = {
    *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRetrievalError", "SSOTokenLoadError"),
    *("UnauthorizedSSOTokenError", "LoginRefreshRequired", "LoginTokenLoadError"),
}
_UNKNOWN: Final = {
    *("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure", "OptInRequired"),
    "SignatureDoesNotMatch",
}
_DENIED: Final = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"}
_BUSY: Final = {
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException"),
    *("RequestThrottled", "SlowDown"),
}
_UNREACHABLE: Final = {
    *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError", "SSLError"),
    *("ProxyConnectionError", "HTTPClientError", "ConnectionError", "ResponseStreamingError", "InvalidRegionError"),
    "ResponseParserError",
    *("InternalFailure", "InternalError", "InternalServerError", "ServiceUnavailable", "RequestTimeout", "503", "500"),
}


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Raise what AWS refuses in this block as one of the above. ``doing``: "Reading the stack shop-dev-home"."""
    try:
        yield
    except aws.FAILURES as problem:
        raise _explain(problem, doing=doing) from problem


def _explain(problem: Exception, *, doing: str) -> AwsRefused:
    code = aws.failure_code(problem)
    if said := _about_credentials(problem, code, doing):
        return CredentialsInvalid(said, code=code)
    if code in _DENIED:
        return AwsDenied(
            f"{doing}: these credentials may not ({_message(problem)}). "
            "Use others (AWS_PROFILE), or have the permission added: docs/how-to/stack.md.",
            code=code,
        )
    if code in _BUSY:
        return AwsBusy(
            f"{doing}: AWS takes no more calls for now ({code}). Run the same command in a minute.", code=code
        )
    if code in _UNREACHABLE:
        return AwsUnreachable(
            f"{doing}: no answer from AWS ({_message(problem)}). Is this machine online, and is the region in "
            "[tool.serverless.stack] one of AWS's (`aws ec2 describe-regions`)? Then run the same command again.",
            code=code,
        )
    return AwsRefused(f"{doing}: AWS answers {code}: {_message(problem)}", code=code)


def _about_credentials(problem: Exception, code: str, doing: str) -> str:
    """Say what is wrong with the credentials; nothing where they are not the problem."""
    if code in _MISSING:
        return f"There are no AWS credentials. Run `aws configure` or `aws sso login`, or set AWS_PROFILE. {_SEE}"
    if code == "ProfileNotFound":
        return f"{problem}. AWS_PROFILE names none of those that `aws configure list-profiles` shows."
    if code in _EXPIRED:
        return f"{doing}: the AWS credentials have expired. Renew them (`aws sso login`). {_SEE}"
    if code in _UNKNOWN:
        return f"{doing}: AWS does not know these credentials ({code}). Correct them (`aws configure`). {_SEE}"
    return ""


def _message(problem: Exception) -> str:
    """Return what AWS wrote, without botocore's words around it."""
    answer = getattr(problem, "response", None)
    said = answer.get("Error", {}).get("Message") if isinstance(answer, dict) else None
    return (str(said or problem).splitlines() or [""])[0]
