"""What the local cloud runs: `[tool.serverless]` of pyproject.toml, with the command line on top.

A project that says nothing gets the defaults below. Example:

    [tool.serverless]
    settings = "mysite.settings"
    setup = [["migrate", "--noinput"], ["collectstatic", "--noinput"], ["loaddata", "demo"]]
    after = [["warm_caches"]]
    queues = ["default", "mail"]
    signed = ["media", "originals", "reports"]
    pages = ["/", "/blog/*"]
    front_door = "rest-api"
    web = { memory_mb = 512, concurrency = 8 }
    worker = { timeout_s = 300, batch_size = 100, batching_window_s = 2, maximum_concurrency = 4, concurrency = 4 }
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from serverless import kept
from serverless.emulator import limits
from serverless.emulator.exceptions import ConfigInvalid

type Command = tuple[str, ...]

DEFAULT_SETUP: Final[tuple[Command, ...]] = (
    ("migrate", "--noinput", "--verbosity", "0"),
    ("collectstatic", "--noinput", "--verbosity", "0"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig:
    """One Lambda function. `concurrency` is how many execution environments this machine may run for it."""

    name: str
    handler: str
    memory_mb: int
    timeout_s: float
    concurrency: int
    version: str = "$LATEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceConfig:
    """The event source mapping of each queue, with what CreateEventSourceMapping takes for SQS.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
    """

    enabled: bool
    batch_size: int
    batching_window_s: int
    maximum_concurrency: int | None
    report_batch_item_failures: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorConfig:
    """Everything that the composition root needs to know."""

    root: Path  # the project: what the zip would hold
    host: str
    port: int
    state_dir: Path
    settings: str
    setup: tuple[Command, ...]  # before it serves
    after: tuple[Command, ...]  # once it serves
    queues: tuple[str, ...]
    signed: tuple[str, ...]  # first segments of the paths that the CDN serves to signed cookies and URLs only
    pages: tuple[str, ...]  # paths whose answers the CDN may keep, as long as they say
    front_door: str  # one of FRONT_DOORS
    maintenance: str  # while the site is shut, what opens it; else empty
    event_source: EventSourceConfig
    tick_interval_s: float
    shards: tuple[str, ...]  # databases beside the first, in the same server
    web: FunctionConfig
    worker: FunctionConfig


# What gateway.GATEWAYS has; the gateways run functions, whose settings stand here.
FRONT_DOORS: Final = ("http-api", "rest-api", "alb", "alb-multi-value", "function-url")

_DEFAULTS: Final[Mapping[str, Any]] = {
    "host": "127.0.0.1",
    "port": 8000,
    "state_dir": ".local",
    "settings": "settings.local",
    "handler": "serverless.handlers.main.handler",
    "setup": DEFAULT_SETUP,
    "after": (),
    "queues": ("default",),
    "signed": ("media", "originals", "reports"),
    "pages": (),
    "front_door": FRONT_DOORS[0],
    "maintenance": "",
    "tick_interval_s": 60,
    "shards": (),
    "web": {},
    "worker": {},
    "package": {},  # what a release keeps; serverless.deploy reads it
    "stack": {},  # what stages run on; serverless.stack reads it
}
_SEGMENT: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]+")
_ALIAS: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")  # of DATABASES
# Style sheets are for everyone, and what nobody has looked at yet is for no one.
_NEVER_SIGNED: Final = frozenset({"static", "incoming"})
# Eight: more than the six connections that a browser opens to one host, so that a page alone is never throttled.
_WEB: Final[Mapping[str, Any]] = {"memory_mb": 1024, "timeout_s": 30, "concurrency": 8}
_WORKER: Final[Mapping[str, Any]] = {
    "memory_mb": 1024,
    "timeout_s": 120,
    "concurrency": 2,
    "event_source_enabled": True,
    "batch_size": 10,
    "batching_window_s": 0,
    "maximum_concurrency": None,  # what the worker's concurrency is, so that it is never throttled
    "report_batch_item_failures": True,
}


def load(root: Path, overrides: Mapping[str, Any]) -> EmulatorConfig:
    """The configuration of the project at `root`; overrides that are not None win. Raises ConfigInvalid."""
    given = {key: value for key, value in overrides.items() if value is not None}
    table = _merge("[tool.serverless]", _DEFAULTS, _read(root / "pyproject.toml") | given)
    web = _merge("[tool.serverless] web", _WEB, _typed(table, "web", dict))
    worker = _merge("[tool.serverless] worker", _WORKER, _typed(table, "worker", dict))
    handler = _typed(table, "handler", str)
    signed = _signed(table["signed"])
    return EmulatorConfig(
        root=root,
        host=_typed(table, "host", str),
        port=_bounded(table, "port", 1, 65_535),
        state_dir=(root / _typed(table, "state_dir", str)).resolve(),
        settings=_typed(table, "settings", str),
        setup=_commands(table, "setup"),
        after=_commands(table, "after"),
        queues=_queues(table["queues"]),
        signed=signed,
        pages=_pages(table["pages"], signed=signed),
        front_door=_chosen(table, "front_door", FRONT_DOORS),
        maintenance=_maintenance(table),
        event_source=_event_source(worker),
        tick_interval_s=_bounded(table, "tick_interval_s", 1, 3600),
        shards=_shards(table["shards"]),
        web=_function("web", handler, web),
        worker=_function("worker", handler, worker),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise ConfigInvalid(f"{path} cannot be read ({problem}).") from problem
    table = document.get("tool", {}).get("serverless", {})
    return _typed({"[tool.serverless]": table}, "[tool.serverless]", dict)


def _merge(where: str, defaults: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(table.keys() - defaults.keys()):
        raise ConfigInvalid(f"{where} has no key {', '.join(unknown)}; it knows {', '.join(sorted(defaults))}.")
    return {**defaults, **table}


def _function(name: str, handler: str, table: Mapping[str, Any]) -> FunctionConfig:
    return FunctionConfig(
        name=name,
        handler=handler,
        memory_mb=_bounded(table, "memory_mb", limits.LAMBDA_MIN_MEMORY_MB, limits.LAMBDA_MAX_MEMORY_MB),
        timeout_s=_bounded(table, "timeout_s", 1, limits.LAMBDA_MAX_TIMEOUT),
        concurrency=_bounded(table, "concurrency", 1, 1000),
    )


def _event_source(worker: Mapping[str, Any]) -> EventSourceConfig:
    batch_size = _bounded(worker, "batch_size", 1, limits.ESM_MAX_BATCH)
    window = _bounded(worker, "batching_window_s", 0, limits.ESM_MAX_WINDOW)
    if batch_size > limits.ESM_MAX_BATCH_AT_ONCE and not window:
        raise ConfigInvalid(
            f"a batch_size over {limits.ESM_MAX_BATCH_AT_ONCE} ({batch_size}) needs a batching_window_s of at least 1."
        )
    return EventSourceConfig(
        enabled=_flag(worker, "event_source_enabled"),
        batch_size=batch_size,
        batching_window_s=window,
        maximum_concurrency=_maximum_concurrency(worker),
        report_batch_item_failures=_flag(worker, "report_batch_item_failures"),
    )


def _maximum_concurrency(worker: Mapping[str, Any]) -> int | None:
    value = worker["maximum_concurrency"]
    if value == "off":
        return None
    low, high = limits.ESM_MIN_MAXIMUM_CONCURRENCY, limits.ESM_MAX_MAXIMUM_CONCURRENCY
    if value is None:
        return max(low, _bounded(worker, "concurrency", 1, high))
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ConfigInvalid(f'maximum_concurrency must be from {low} to {high}, or "off", not {value!r}.')
    return value


def _queues(value: object) -> tuple[str, ...]:
    names = _words(value, "queues")
    for name in names:
        if name.endswith(".fifo"):
            raise ConfigInvalid(f"{name} is a FIFO queue, and only standard queues are polled: choose another name.")
    return names


def _flag(table: Mapping[str, Any], key: str) -> bool:
    value = table[key]
    if not isinstance(value, bool):
        raise ConfigInvalid(f"{key} must be true or false, not {value!r}.")
    return value


def _typed[T](table: Mapping[str, Any], key: str, kind: type[T]) -> T:
    value = table[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ConfigInvalid(f"{key} must be a {kind.__name__}, not {value!r}.")
    return value


def _bounded(table: Mapping[str, Any], key: str, low: int, high: int) -> int:
    value = _typed(table, key, int)
    if not low <= value <= high:
        raise ConfigInvalid(f"{key} must be from {low} to {high}, not {value}.")
    return value


def _words(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(word, str) for word in value):
        raise ConfigInvalid(f"{key} must be a list of words, not {value!r}.")
    return tuple(value)


def _chosen(table: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    if (value := table[key]) not in choices:
        raise ConfigInvalid(f"{key} must be one of {', '.join(choices)}, not {value!r}.")
    return str(value)


def _signed(value: object) -> tuple[str, ...]:
    names = _words(value, "signed") if value else ()
    for name in names:
        if name in _NEVER_SIGNED or not _SEGMENT.fullmatch(name):
            raise ConfigInvalid(f"signed names first segments of paths, such as media; {name!r} cannot be one.")
    return names


def _shards(value: object) -> tuple[str, ...]:
    names = _words(value, "shards") if value else ()
    for name in names:
        if name == "default" or names.count(name) > 1 or not _ALIAS.fullmatch(name):
            raise ConfigInvalid(f"shards are lower-case names beside default, each once; {name!r} cannot be one.")
    return names


def _pages(value: object, *, signed: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return kept.check(value, signed=signed)
    except ValueError as problem:
        raise ConfigInvalid(f"pages: {problem}") from problem


def _maintenance(table: Mapping[str, Any]) -> str:
    secret = _typed(table, "maintenance", str)
    if secret and not _SECRET.fullmatch(secret):
        raise ConfigInvalid(f"maintenance is a secret of letters, digits, - and _, not {secret!r}.")
    return secret


def _commands(table: Mapping[str, Any], key: str) -> tuple[Command, ...]:
    value = table[key]
    if not isinstance(value, list | tuple):
        raise ConfigInvalid(f'{key} must be a list of commands such as ["migrate", "--noinput"], not {value!r}.')
    return tuple(_words(command, f"each command of {key}") for command in value)
