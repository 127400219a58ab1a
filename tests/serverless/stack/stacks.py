"""The templates that are judged: Loupe's stages, and its production in both profiles with a domain and without."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from serverless.stack import edge, home, names, releases
from serverless.stack.config import Profile, StackConfig, load
from serverless.stack.rules import Kind

__all__ = ["ROOT", "Stack", "of_extremes", "of_stages", "of_variants", "stacks_of", "written"]

ROOT: Final = Path(__file__).resolve().parents[3]
_PYPROJECT: Final = ROOT / "pyproject.toml"
_PROFILES: Final[tuple[Profile, ...]] = ("standard", "frugal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    name: str
    """``home-standard``, ``edge-frugal-without-domain``, ``home-dev``."""
    kind: Kind
    config: StackConfig
    template: Mapping[str, Any]

    @property
    def region(self) -> str:
        return names.EDGE_REGION if self.kind == "edge" else self.config.region

    @property
    def text(self) -> str:
        """Of the template, a line a fact and in one order."""
        return json.dumps(self.template, indent=1, sort_keys=True) + "\n"


def of_variants() -> list[Stack]:
    """Return the stacks of production in either profile, with a domain and without: ``home-standard`` first.

    And once with replicas of the database, in the profile that is likelier to have them.
    """
    production = load(_PYPROJECT, stage="production")
    found: list[Stack] = []
    for profile in _PROFILES:
        config = replace(production, profile=profile)
        if profile == "frugal":  # a database without a proxy bounds both
            config = replace(config, web_concurrency=20, worker_concurrency=6)
        alone = replace(config, domain="", hosted_zone_id="", mail_domain="")
        found += stacks_of(replace(config, hosted_zone_id="Z0123456789ABCDEFGHIJ"), label=profile)
        found += stacks_of(alone, label=f"{profile}-without-domain")
    found += stacks_of(
        replace(production, hosted_zone_id="Z0123456789ABCDEFGHIJ", replicas=2), label="standard-with-replicas"
    )
    return found


def of_stages() -> list[Stack]:
    """Return the stacks of every stage in ``pyproject.toml``."""
    stages = ("dev", "staging", "production")
    return [stack for stage in stages for stack in stacks_of(load(_PYPROJECT, stage=stage), label=stage)]


def of_extremes() -> list[Stack]:
    """Return the stacks of a stage with the longest names, three queues, mail from elsewhere and nobody to tell."""
    config = StackConfig(
        project="a-project-of-20-char",
        stage="stageof12chr",
        region="eu-central-1",
        domain="a-rather-long-name.of-a-studio.photography",
        mail_domain="mail.a-rather-long-name.of-a-studio.photography",
        queues=tuple(f"queue-of-a-long-name-{letter}" for letter in "abc"),
        signed=(),
    )
    return stacks_of(config, label="extreme")


def stacks_of(config: StackConfig, *, label: str) -> list[Stack]:
    made: Mapping[Kind, Any] = {"releases": releases, "home": home, "edge": edge}
    return [
        Stack(name=f"{kind}-{label}", kind=kind, config=config, template=room.template(config).to_dict())
        for kind, room in made.items()
    ]


def written(stacks: Sequence[Stack], folder: Path) -> dict[Path, Stack]:
    """Write each template once, however many stacks it is the same for; return the files with the first of those."""
    first = {stack.text: stack for stack in reversed(stacks)}
    files = {folder / f"{stack.name}.json": stack for stack in first.values()}
    for file, stack in files.items():
        file.write_text(stack.text, "utf-8")
    return files
