"""``settings.SERVERLESS``: what this package reads of the project's settings, checked and typed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Final, Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

__all__ = [
    "Conf", "HealthConf", "HttpConf", "ManageConf", "MetricsConf", "PinningConf", "ReplicasConf", "ShardsConf", "conf",
]  # fmt: skip


# Characters. Nobody counts how often a monitor's secret was guessed at.
_SHORTEST_SECRET: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConf:
    """The keys of ``settings.SERVERLESS["HTTP"]``."""

    interface: Literal["wsgi", "asgi"] = "wsgi"
    """How Django is called: ``asgi`` is for projects whose views await, and costs every other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthConf:
    """The keys of ``settings.SERVERLESS["HEALTH"]``; docs/how-to/monitor.md."""

    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Secrets of whoever may ask ``/healthz/deep``: the current one, then the next. Empty: there is no such page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsConf:
    """The keys of ``settings.SERVERLESS["METRICS"]``."""

    share: float = 1.0
    """Of all invocations, how many have metrics in their line: 1 each, 0.1 every tenth by chance, 0 none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageConf:
    """The keys of ``settings.SERVERLESS["MANAGE"]``."""

    commands: tuple[str, ...] = (
        "check", "clearsessions", "createcachetable", "createsuperuser", "db", "health", "migrate", "shards",
        "showmigrations", "smoke", "tasks",
    )  # fmt: skip
    """What a direct invocation may run: what releases need, and what takes a person no shell. None of these deletes or
    shows what it was not asked for, as ``flush``, ``dumpdata`` and ``shell`` do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinningConf:
    """The keys of ``settings.SERVERLESS["PINNING"]``."""

    sample: int = 0
    """One in so many invocations is watched for what pins a connection to RDS Proxy; 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicasConf:
    """The keys of ``settings.SERVERLESS["REPLICAS"]``; docs/how-to/replicas.md. All times in seconds."""

    of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Aliases of DATABASES: each primary's replicas. Empty: none, and nothing is asked or set."""
    models: frozenset[str] = frozenset()
    """``app_label.model`` in lower case: what may be read from a replica. Never what lets people in."""
    seconds: int = 10
    """For how long whoever wrote reads from the primary: longer than a read can be behind."""
    max_lag: float = 3.0
    """A replica that is behind by more is not read."""
    sample_seconds: float = 5.0
    """How often each process looks how far behind a replica is."""
    rest_seconds: float = 15.0
    """How long a replica that was away is left in peace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardsConf:
    """The keys of ``settings.SERVERLESS["SHARDS"]``; docs/how-to/shards.md."""

    aliases: tuple[str, ...] = ()
    """Aliases of DATABASES among which keys are spread, in the order in which they are shown. Empty: no shards."""
    key: str = ""
    """``app_label.Model`` of the rows by which everything is spread: the tenant. The directory has them all."""
    models: frozenset[str] = frozenset()
    """``app_label`` or ``app_label.model`` in lower case: whose rows lie on their key's shard."""
    local: frozenset[str] = frozenset({"tasks"})
    """The same of what lies in whichever database the transaction that writes it works in."""
    directory: str = "serverless.db.shards.directory.KeyDirectory"
    """Dotted path of a class that answers which key is where."""
    seconds: float = 5.0
    """For how long an execution environment may go by an answer; a move waits for that long, twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conf:
    """The keys of ``settings.SERVERLESS``, in lower case. Each has a default; none is required."""

    origin_secrets: tuple[str, ...] = ()
    """Secrets that CloudFront may send in ``x-origin-secret``: the current one, then the next. Empty: no lock."""
    http: HttpConf = field(default_factory=HttpConf)
    manage: ManageConf = field(default_factory=ManageConf)
    health: HealthConf = field(default_factory=HealthConf)
    metrics: MetricsConf = field(default_factory=MetricsConf)
    pinning: PinningConf = field(default_factory=PinningConf)
    replicas: ReplicasConf = field(default_factory=ReplicasConf)
    shards: ShardsConf = field(default_factory=ShardsConf)
    site_url: str = ""
    """The public origin, ``https://loupe.example``: what signed cookies and URLs are good for."""
    media_key_pair_id: str = ""
    """CloudFront's id of the public key whose private half is ``media_private_key``."""
    media_private_key: str = field(default="", repr=False)
    """ECDSA P-256 or RSA-2048, in PEM form: signs cookies and URLs for private files."""


@cache
def conf() -> Conf:
    """Read ``settings.SERVERLESS`` once. Raises ImproperlyConfigured that names an unknown key or a wrong type."""
    given = _known(Conf, getattr(settings, "SERVERLESS", {}), "SERVERLESS")
    secrets = given.get("origin_secrets", ())
    if not isinstance(secrets, list | tuple) or not all(isinstance(secret, str) and secret for secret in secrets):
        raise ImproperlyConfigured('SERVERLESS["ORIGIN_SECRETS"] is a list of non-empty strings: current, next.')
    http = HttpConf(**_known(HttpConf, given.get("http", {}), 'SERVERLESS["HTTP"]'))
    if http.interface not in {"wsgi", "asgi"}:
        raise ImproperlyConfigured('SERVERLESS["HTTP"]["INTERFACE"] is "wsgi" or "asgi".')
    parts = {
        "http": http,
        "manage": _manage(given.get("manage", {})),
        "health": _health(given.get("health", {})),
        "metrics": _metrics(given.get("metrics", {})),
        "pinning": _pinning(given.get("pinning", {})),
        "replicas": _replicas(given.get("replicas", {})),
        "shards": _shards(given.get("shards", {})),
    }
    for key in given.keys() - parts.keys() - {"origin_secrets"}:
        if not isinstance(given[key], str):
            raise ImproperlyConfigured(f'SERVERLESS["{key.upper()}"] is a string.')
    return Conf(**given | {"origin_secrets": tuple(secrets)} | parts)


def _pinning(given: object) -> PinningConf:
    pinning = PinningConf(**_known(PinningConf, given, 'SERVERLESS["PINNING"]'))
    if type(pinning.sample) is not int or pinning.sample < 0:
        raise ImproperlyConfigured('SERVERLESS["PINNING"]["SAMPLE"] is a whole number: one in so many, or 0.')
    return pinning


def _manage(given: object) -> ManageConf:
    keys = _known(ManageConf, given, 'SERVERLESS["MANAGE"]')
    if "commands" not in keys:
        return ManageConf()
    commands = keys["commands"]
    if not isinstance(commands, list | tuple) or not all(isinstance(name, str) and name for name in commands):
        raise ImproperlyConfigured('SERVERLESS["MANAGE"]["COMMANDS"] is a list of names of management commands.')
    return ManageConf(commands=tuple(commands))


def _health(given: object) -> HealthConf:
    secrets = _known(HealthConf, given, 'SERVERLESS["HEALTH"]').get("secrets", ())
    if not _are_names(secrets) or any(len(secret) < _SHORTEST_SECRET for secret in secrets):
        raise ImproperlyConfigured(
            f'SERVERLESS["HEALTH"]["SECRETS"] is a list of strings of {_SHORTEST_SECRET} characters or more.'
        )
    return HealthConf(secrets=tuple(secrets))


def _metrics(given: object) -> MetricsConf:
    share = _known(MetricsConf, given, 'SERVERLESS["METRICS"]').get("share", 1.0)
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
        raise ImproperlyConfigured('SERVERLESS["METRICS"]["SHARE"] is a number from 0 to 1.')
    return MetricsConf(share=share)


def _replicas(given: object) -> ReplicasConf:
    keys = _known(ReplicasConf, given, 'SERVERLESS["REPLICAS"]')
    of, models = keys.get("of", {}), keys.get("models", ())
    if not isinstance(of, Mapping) or not all(_are_names(copies) and copies for copies in of.values()):
        raise ImproperlyConfigured('SERVERLESS["REPLICAS"]["OF"] is {alias of a primary: [aliases of its replicas]}.')
    if not _are_names(models):
        raise ImproperlyConfigured('SERVERLESS["REPLICAS"]["MODELS"] is a list of models: "app_label.Model".')
    for key in keys.keys() - {"of", "models"}:
        kinds, words = ((int,), "a whole number") if key == "seconds" else ((int, float), "a number")
        # NaN is below nothing.
        if not isinstance(keys[key], kinds) or isinstance(keys[key], bool) or not 0 < keys[key] < math.inf:
            raise ImproperlyConfigured(f'SERVERLESS["REPLICAS"]["{key.upper()}"] is {words} of seconds above 0.')
    found = ReplicasConf(
        **keys
        | {
            "of": {primary: tuple(copies) for primary, copies in of.items()},
            "models": frozenset(label.lower() for label in models),
        }
    )
    # A replica that stops right after a look is read until the next one. The cookie counts whole seconds.
    if found.seconds <= found.max_lag + found.sample_seconds:
        raise ImproperlyConfigured(
            'SERVERLESS["REPLICAS"]["SECONDS"] is more than MAX_LAG + SAMPLE_SECONDS '
            f"({found.max_lag} + {found.sample_seconds}): who wrote would read what was there before."
        )
    return found


def _are_names(given: object) -> bool:
    return isinstance(given, list | tuple) and all(isinstance(name, str) and name for name in given)


def _shards(given: object) -> ShardsConf:
    keys = _known(ShardsConf, given, 'SERVERLESS["SHARDS"]')
    for key in keys.keys() & {"aliases", "models", "local"}:
        names = keys[key]
        if not _are_names(names):
            raise ImproperlyConfigured(f'SERVERLESS["SHARDS"]["{key.upper()}"] is a list of names.')
        keys[key] = tuple(names) if key == "aliases" else frozenset(name.lower() for name in names)
    for key in keys.keys() & {"key", "directory"}:
        if not isinstance(keys[key], str) or "." not in keys[key]:
            raise ImproperlyConfigured(f'SERVERLESS["SHARDS"]["{key.upper()}"] is a dotted name.')
    seconds = keys.get("seconds", 1)
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds < math.inf:
        raise ImproperlyConfigured('SERVERLESS["SHARDS"]["SECONDS"] is a number of seconds, 0 or more.')
    if keys.get("aliases") and not keys.get("key"):
        raise ImproperlyConfigured('SERVERLESS["SHARDS"]["KEY"] names the model by which rows are spread.')
    return ShardsConf(**keys)


def _known(of: type, given: object, name: str) -> dict[str, Any]:
    """Return ``given`` by the field names of the dataclass ``of``. Raises ImproperlyConfigured for any other key."""
    if not isinstance(given, Mapping):
        raise ImproperlyConfigured(f"{name} is a dictionary.")
    known = {field.name.upper(): field.name for field in fields(of)}
    if unknown := sorted(str(key) for key in set(given) - set(known)):
        raise ImproperlyConfigured(
            f"{name} has unknown keys: {', '.join(unknown)}. Known keys: {', '.join(sorted(known))}."
        )
    return {known[key]: value for key, value in given.items()}


def _forget(*, setting: str, **_: object) -> None:
    if setting == "SERVERLESS":
        conf.cache_clear()


setting_changed.connect(_forget)
