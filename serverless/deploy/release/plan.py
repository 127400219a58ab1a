"""What a release will do, before it does anything."""

from collections.abc import Iterator

from serverless.deploy.release.context import Release
from serverless.deploy.release.environment import FunctionConfig
from serverless.stack import names

__all__ = ["lines"]


def lines(release: Release) -> Iterator[str]:
    """Yield what will happen, a line each."""
    stage, previous = release.stage, release.previous
    yield f"Release {release.id} of {stage.config.project} to {stage.config.stage} ({stage.config.region})"
    yield f"  by {release.who}"
    if release.dirty:
        yield "  with changes that no commit has: nobody will find this code again"
    if previous is not None:
        yield f"  serving now: {previous.id}, since {previous.served or previous.when}, by {previous.who}"
    elif release.before:
        yield "  serving now: versions that no record names, " + _versions(release)
    else:
        yield "  serving now: nothing; this is the first release"
    for which in names.FUNCTIONS:
        yield f"  {_function(release.configurations[which])}"
        yield from (f"    {change}" for change in _changes(release, which))


def _versions(release: Release) -> str:
    return ", ".join(f"{which} {version}" for which, version in release.before.items())


def _function(config: FunctionConfig) -> str:
    bound = f", at most {config.concurrency} at once" if config.concurrency else ""
    return f"{config.name}: {config.memory_mb} MB, {config.timeout_s} s{bound}, {config.architecture}, {config.runtime}"


def _changes(release: Release, which: names.Function) -> Iterator[str]:
    """In what the configuration differs from that of the release that serves; the release's own name always does."""
    if release.previous is None or which not in release.previous.configurations:
        return
    before, after = release.previous.configurations[which], release.configurations[which].asked()
    for key in ("Role", "Handler", "Runtime", "Timeout", "MemorySize"):
        if before.get(key) != after[key]:
            yield f"{key}: {before.get(key)} -> {after[key]}"
    old, new = before.get("Environment", {}).get("Variables", {}), after["Environment"]["Variables"]
    for name in sorted((old.keys() | new.keys()) - {"RELEASE"}):
        if old.get(name) != new.get(name):
            yield f"{name}: {'new' if name not in old else 'gone' if name not in new else 'changed'}"
