"""The app secret of a stage: which variables it has, setting them, comparing stages, rotating.

No value is ever printed or logged. Functions read the secret when their environment starts: a release makes all new.
"""

import hashlib
import json
import secrets as random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from serverless import aws
from serverless.deploy import stacks
from serverless.deploy.exceptions import DeployError
from serverless.deploy.failures import explained
from serverless.stack.config import StackConfig
from serverless.stack.outputs import HomeOutput

__all__ = ["Difference", "Held", "SecretRefused", "differences", "put", "read", "remove", "rotate_key"]

# https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
_MOST_BYTES: Final = 65_536
_BYTES: Final = 64
_KEY: Final = "SECRET_KEY"
_EARLIER_KEYS: Final = "SECRET_KEY_FALLBACKS"
# Sessions and links signed with an older one end; Django tries each for every signature that it does not know.
_KEPT_KEYS: Final = 2
# Without them no function starts, or nobody sees a photograph.
_NEEDED: Final = frozenset({_KEY, "ORIGIN_SECRETS", "MEDIA_PRIVATE_KEY"})


class SecretRefused(DeployError):
    """What was to be done with the app secret would break the stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a secret holds. ``changed``: when a value was last written, in UTC."""

    values: Mapping[str, str]
    changed: datetime

    def __repr__(self) -> str:
        return f"Held({sorted(self.values)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    name: str
    how: Literal["same", "differs", "only here", "only there"]


def read(config: StackConfig) -> Held:
    """Return what the stage's secret holds. Raises StackMissing, AwsRefused, SecretRefused."""
    arn, client = _where(config)
    with explained(f"Reading the app secret of {config.stage}"):
        answer = client.get_secret_value(SecretId=arn)
    try:
        values = json.loads(answer["SecretString"])
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise SecretRefused(f"The app secret of {config.stage} is no JSON object of texts; correct it in the console.")
    return Held(values=values, changed=answer["CreatedDate"].astimezone(UTC))


def put(config: StackConfig, changes: Mapping[str, str], *, without: str = "") -> None:
    """Set some variables, take ``without`` out and leave the others, all at once. Raises as ``read`` does."""
    values = {**read(config).values, **changes}
    values.pop(without, None)
    for name, value in changes.items():
        if not name.isidentifier() or name != name.upper():
            raise SecretRefused(f"{name!r} is no name of a variable, such as EMAIL_URL.")
        if not value or "\0" in value:
            raise SecretRefused(f"The value for {name} is empty or holds a zero byte; nothing was changed.")
    _write(config, values)


def remove(config: StackConfig, name: str) -> None:
    """Take one variable out. Raises SecretRefused for one that no function starts without."""
    values = dict(read(config).values)
    if name in _NEEDED:
        raise SecretRefused(f"No function starts without {name}: set or rotate it instead.")
    if values.pop(name, None) is None:
        raise SecretRefused(f"There is no {name} in the app secret of {config.stage}; it has {', '.join(values)}.")
    _write(config, values)


def differences(here: Held, there: Held) -> Iterator[Difference]:
    """Yield how each variable of two stages compares, by digests."""
    for name in sorted(here.values.keys() | there.values.keys()):
        if name not in there.values:
            yield Difference(name=name, how="only here")
        elif name not in here.values:
            yield Difference(name=name, how="only there")
        else:
            same = _digest(here.values[name]) == _digest(there.values[name])
            yield Difference(name=name, how="same" if same else "differs")


def rotate_key(config: StackConfig) -> None:
    """Make a new SECRET_KEY; what was signed with the one before stays good, as one of SECRET_KEY_FALLBACKS."""
    values = read(config).values
    earlier = [key for key in values.get(_EARLIER_KEYS, "").split(",") if key]
    put(
        config,
        {
            _KEY: random.token_urlsafe(_BYTES),
            _EARLIER_KEYS: ",".join([values[_KEY], *earlier][:_KEPT_KEYS]),
        },
    )


def _write(config: StackConfig, values: Mapping[str, str]) -> None:
    text = json.dumps(values)
    if len(text.encode()) > _MOST_BYTES:
        raise SecretRefused(f"Secrets Manager takes {_MOST_BYTES:,} bytes, and this would be {len(text.encode()):,}.")
    arn, client = _where(config)
    with explained(f"Writing the app secret of {config.stage}"):
        client.put_secret_value(SecretId=arn, SecretString=text)


def _where(config: StackConfig) -> tuple[str, Any]:
    arn = stacks.outputs(config).home[HomeOutput.APP_SECRET]
    return arn, aws.client("secretsmanager", region=config.region)


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()
