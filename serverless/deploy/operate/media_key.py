"""A new key for private files, in three steps that each leave every photograph to be seen.

CloudFront changes no key, but takes two, each in a place of its own. A function signs with one of them, and names it.
Where the rotation stands is read off the app secret and the edge:

    signs with A, CloudFront takes A         -> B is made, and CloudFront takes it too
    signs with A, CloudFront takes A and B   -> functions get B and its id, both at once: release
    signs with B, CloudFront takes A and B   -> when the last signature of A has ended, CloudFront forgets it
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from serverless.deploy import stacks
from serverless.deploy.operate import secrets
from serverless.deploy.operate.secrets import Held, SecretRefused
from serverless.deploy.release import Record
from serverless.deploy.stacks.outputs import ready
from serverless.deploy.stacks.secret import new_private_key, public_half
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeOutput, EdgeParameter, HomeOutput

__all__ = ["LONGEST", "rotate_media_key"]

_KEY: Final = "MEDIA_PRIVATE_KEY"
# In the secret it comes before the id that releases know, so that no environment has one key and the id of the other.
_ID: Final = "MEDIA_KEY_PAIR_ID"
_NEXT: Final = "MEDIA_PRIVATE_KEY_NEXT"
_PLACES: Final[Mapping[EdgeParameter, EdgeOutput]] = {
    EdgeParameter.MEDIA_PUBLIC_KEY: EdgeOutput.MEDIA_KEY_PAIR_ID,
    EdgeParameter.MEDIA_PUBLIC_KEY_SECOND: EdgeOutput.MEDIA_KEY_PAIR_ID_SECOND,
}
# What ``serverless.storage`` signs for at most, and a day for the release.
LONGEST: Final = timedelta(days=8)


def rotate_media_key(
    config: StackConfig,
    *,
    serving: Record | None,
    now: datetime,
    log: Callable[[str], None],
    leaked: bool = False,
    pause_s: float = 5.0,
) -> str:
    """Take the next step; return what to do after it. ``leaked``: what the earlier key has signed ends with it.

    Raises SecretRefused where the step before is not finished, and what ``stacks`` raises.
    """
    held, told = secrets.read(config), stacks.outputs(config)
    values, taken, arn = held.values, _taken(config), told.home[HomeOutput.APP_SECRET]
    own = _place_of(public_half(values.get(_KEY, ""), arn), taken)
    if own is None:
        raise SecretRefused(f"CloudFront does not know the {_KEY} of the functions: put the right one back first.")
    (other,) = _PLACES.keys() - {own}
    if not taken[other]:
        coming = values.get(_NEXT) or new_private_key()
        secrets.put(config, {_NEXT: coming})
        stacks.set_parameters(config, "edge", {other: public_half(coming, arn)}, log=log, pause_s=pause_s)
        return "CloudFront takes signatures of a second key. In ten minutes, once more has functions sign with it."
    if _NEXT in values:
        if _place_of(public_half(values[_NEXT], arn), taken) is not other:
            raise SecretRefused(f"CloudFront does not know {_NEXT}: remove it, then rotate again.")
        secrets.put(config, {_KEY: values[_NEXT], _ID: told.edge[_PLACES[other]]}, without=_NEXT)
        return f"Functions sign with the second key from their next start on: zappa update {config.stage}"
    _require_ended(config, held, serving=serving, now=now, leaked=leaked)
    stacks.set_parameters(config, "edge", {other: ""}, log=log, pause_s=pause_s)
    return "CloudFront has forgotten the earlier key. Done."


def _taken(config: StackConfig) -> dict[EdgeParameter, str]:
    """Return the public key in each place; empty where there is none."""
    parameters = ready(config, "edge").parameters
    return {place: parameters.get(place, "").strip() for place in _PLACES}


def _place_of(public_key: str, taken: Mapping[EdgeParameter, str]) -> EdgeParameter | None:
    return next((place for place, pem in taken.items() if pem.split() == public_key.split()), None)


def _require_ended(config: StackConfig, held: Held, *, serving: Record | None, now: datetime, leaked: bool) -> None:
    """Raise SecretRefused while anything may still be signed with the earlier key, or opened by its signature."""
    if serving is None or datetime.fromisoformat(serving.when) < held.changed:
        raise SecretRefused(f"No release has taken up the second key yet: zappa update {config.stage}")
    end = held.changed + LONGEST
    if now < end and not leaked:
        raise SecretRefused(
            f"Signatures of the earlier key are good until {end:%Y-%m-%d %H:%M} UTC: rotate again then. If that key "
            "has leaked, --leaked ends them now."
        )
