"""Variables that settings read out of AWS Secrets Manager: there while Django is set up, gone before the first event.

The variable ``SECRETS`` is a comma list of names or ARNs. Each secret is a JSON object: its keys are variables, its
values are theirs. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from serverless.exceptions import ServerlessError
from serverless.signed import Unreachable, call

__all__ = ["SecretUnavailable", "digest", "fetch", "in_environment", "read"]

_WHAT_TO_DO = {
    "AccessDeniedException": "Allow the function's role secretsmanager:GetSecretValue, and kms:Decrypt on its key.",
    "DecryptionFailure": "Allow the function's role kms:Decrypt on the secret's key.",
    "InvalidRequestException": "It may be scheduled for deletion: restore it, or take its name out of the variable.",
    "ResourceNotFoundException": "Look at the name and the region; a secret needs a value, too.",
    "UnrecognizedClientException": "The function's credentials are not good in this region.",
}


class SecretUnavailable(ServerlessError):
    """A secret that SECRETS names cannot be read. The function does not start without it."""


@contextmanager
def in_environment() -> Iterator[Mapping[str, str]]:
    """Put the secrets, which it yields, into the environment for the length of the block; then it is as it was.

    Settings are read once, in here. What comes later (a child process, a page that prints its environment) finds none.
    Raises SecretUnavailable.
    """
    values = fetch()
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield values
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def fetch() -> dict[str, str]:
    """Return the variables of all secrets together; of two with one name, the secret named later has it.

    Raises SecretUnavailable, and MissingCredentials outside of a function.
    """
    names = [name.strip() for name in os.environ.get("SECRETS", "").split(",")]
    return {variable: value for name in names if name for variable, value in read(name).items()}


def digest(values: Mapping[str, str]) -> bytes:
    """Return what tells whether ``values`` have changed, without keeping them."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).digest()


def read(name: str, *, variable: str = "SECRETS") -> dict[str, str]:
    """Return the keys and values of one secret, which ``variable`` names. Raises what ``fetch`` does."""
    region = name.split(":")[3] if name.startswith("arn:") and name.count(":") >= 6 else ""
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue"}
    body = json.dumps({"SecretId": name}).encode()
    try:
        answer = call("POST", _endpoint(region), service="secretsmanager", headers=headers, body=body, region=region)
    except Unreachable as error:
        hint = "A function in a VPC needs a NAT gateway or an interface endpoint for Secrets Manager."
        raise SecretUnavailable(f"{variable}: {name} could not be read. {error} {hint}") from None
    # Never with the answer or what came of it in a message: it is the secret. Hence "from None", too.
    try:
        said = dict(json.loads(answer.body))
    except (ValueError, TypeError):
        said = {}
    if answer.status != 200:
        kind = str(said.get("__type", "")).rpartition("#")[2]
        hint = _WHAT_TO_DO.get(kind, "")
        raise SecretUnavailable(f"{variable}: {name} could not be read: {answer.status} {kind}. {hint}")
    return _variables(name, said.get("SecretString"), variable)


def _endpoint(region: str) -> str:
    given = os.environ.get("AWS_ENDPOINT_URL_SECRETS_MANAGER") or os.environ.get("AWS_ENDPOINT_URL")
    return f"{given or f'https://secretsmanager.{region or os.environ.get("AWS_REGION", "")}.amazonaws.com'}/"


def _variables(name: str, text: object, named_by: str) -> dict[str, str]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SecretUnavailable(f'{named_by}: {name} is not a JSON object: {{"SECRET_KEY": "…", "DATABASE_URL": "…"}}.')
    for variable, value in found.items():
        if not _fits(value):
            raise SecretUnavailable(
                f"{named_by}: {name} has a value for {variable!r} that is neither text nor a number."
            )
        if not variable or "=" in variable or not _fits(variable):
            raise SecretUnavailable(f"{named_by}: {name} has a key that no variable can have: {variable!r}.")
    return {variable: str(value) for variable, value in found.items()}


def _fits(value: object) -> bool:
    """Whether a variable can hold it. Settings would read True and None as words, so that neither does."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    try:
        return b"\0" not in os.fsencode(str(value))
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can write
        return False
