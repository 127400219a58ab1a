"""As whom AWS is called: what Lambda gives a function of its role, in variables or, with SnapStart, at a local address.

A snapshot outlives credentials, so SnapStart's functions have no access key in their environment:
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-credentials
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from serverless.exceptions import ServerlessError

__all__ = ["Credentials", "MissingCredentials"]

# What is signed with them may be used for as long as this: botocore fetches new ones as early.
_BEFORE_THE_END = timedelta(minutes=15)
_TIMEOUT_S = 2.0


class MissingCredentials(ServerlessError):
    """AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set: Lambda sets both from the function's role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environ(cls) -> Self:
        """Read the credentials that Lambda puts into the environment, or where it says. Raises MissingCredentials."""
        if "AWS_ACCESS_KEY_ID" not in os.environ and (url := os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")):
            return cls._from_container(url)
        try:
            return cls(
                access_key=os.environ["AWS_ACCESS_KEY_ID"],
                secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
                token=os.environ.get("AWS_SESSION_TOKEN"),
            )
        except KeyError as error:
            raise MissingCredentials(f"{error.args[0]} is not set. {MissingCredentials.__doc__}") from None

    @classmethod
    def _from_container(cls, url: str) -> Self:
        kept, until = _kept.get(url, (None, datetime.min.replace(tzinfo=UTC)))
        if not isinstance(kept, cls) or datetime.now(UTC) >= until:
            found = _fetch(url)
            try:
                kept = cls(access_key=found["AccessKeyId"], secret_key=found["SecretAccessKey"], token=found["Token"])
                until = datetime.fromisoformat(found["Expiration"]).astimezone(UTC) - _BEFORE_THE_END
            except (KeyError, TypeError, ValueError):
                raise MissingCredentials(f"{_CONTAINER} with something that is no set of credentials.") from None
            _kept[url] = kept, until
        return kept


_CONTAINER = "The address in AWS_CONTAINER_CREDENTIALS_FULL_URI, which Lambda sets under SnapStart, answered"
_kept: dict[str, tuple[Credentials, datetime]] = {}


def forget() -> None:
    """Ask for new credentials at the next signature: a snapshot may be older than those it holds."""
    _kept.clear()


def _fetch(url: str) -> dict[str, str]:
    # Here, not above: only functions with SnapStart ask, and they import it before the snapshot is taken.
    import http.client
    import json
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_S)
    try:
        token = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        connection.request("GET", url.partition(parts.netloc)[2] or "/", headers={"Authorization": token})
        response = connection.getresponse()
        answer = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise MissingCredentials(f"{_CONTAINER} nothing: {type(error).__name__}.") from None
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise MissingCredentials(f"{_CONTAINER} {response.status}.")
    try:
        return dict(json.loads(answer))
    except ValueError:
        raise MissingCredentials(f"{_CONTAINER} with no JSON.") from None
