"""What the stacks of a stage tell releases."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from serverless.deploy.stacks import state as states
from serverless.deploy.stacks.exceptions import StackMissing, StackUnfinished
from serverless.deploy.stacks.parts import PARTS, Part, ref
from serverless.deploy.stacks.state import State
from serverless.stack.config import StackConfig
from serverless.stack.outputs import OPTIONAL, EdgeOutput, HomeOutput, ReleasesOutput

__all__ = ["Outputs", "from_states", "outputs", "read", "ready"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Every output of the three stacks; one that a stage does not have is empty."""

    releases: Mapping[ReleasesOutput, str]
    home: Mapping[HomeOutput, str]
    edge: Mapping[EdgeOutput, str]

    def as_dict(self) -> dict[str, dict[str, str]]:
        """Return them for JSON, by stack."""
        parts: dict[str, Mapping[Any, str]] = {"releases": self.releases, "home": self.home, "edge": self.edge}
        return {part: {str(key): value for key, value in found.items()} for part, found in parts.items()}


def outputs(config: StackConfig) -> Outputs:
    """Read the outputs of a stage. Raises StackMissing or StackUnfinished with the next command, and AwsRefused."""
    return from_states({part: ready(config, part) for part in PARTS}, config)


def from_states(found: Mapping[Part, State], config: StackConfig) -> Outputs:
    """Return what three stacks tell. Raises StackUnfinished where one does not tell all."""
    return Outputs(
        releases=read(found["releases"], ReleasesOutput, config),
        home=read(found["home"], HomeOutput, config),
        edge=read(found["edge"], EdgeOutput, config),
    )


def ready(config: StackConfig, part: Part) -> State:
    """Return how a stack stands. Raises StackMissing or StackUnfinished with the next command, and AwsRefused."""
    where = ref(config, part)
    state = states.find(where)
    if state is None:
        raise StackMissing(
            f"There is no stack {where.name} in {where.region}. Make the stacks of {config.stage} first: "
            f"{states.command(config, 'deploy')}."
        )
    states.require_ready(state, config)
    return state


def read[Key: StrEnum](state: State, keys: type[Key], config: StackConfig) -> dict[Key, str]:
    """Return the outputs of one stack. Raises StackUnfinished where it has not all of them."""
    if lacking := [key for key in keys if key not in state.outputs and key not in OPTIONAL]:
        raise StackUnfinished(
            f"The stack {state.ref.name} does not tell its {', '.join(lacking)}: it was made from an older template. "
            f"Bring it up to date: {states.command(config, 'deploy')}."
        )
    return {key: state.outputs.get(key, "") for key in keys}
