"""What a stage would become: the plan of each stack, before anything changes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from serverless.deploy.stacks import plan, secret, sources
from serverless.deploy.stacks import state as states
from serverless.deploy.stacks.changes import Source, discard, propose
from serverless.deploy.stacks.exceptions import StackRefused
from serverless.deploy.stacks.parts import PARTS, Part, Template, Templates, ref
from serverless.deploy.stacks.plan import Plan, Verb
from serverless.deploy.stacks.state import State
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeParameter, HomeOutput, HomeParameter

__all__ = [
    "Proposal",
    "cut_off",
    "drop",
    "elsewhere",
    "first_round",
    "forbid_loss",
    "proposal",
    "propose_all",
    "survey",
]

# What functions are told the address of, or go out by, and what becomes of it that they learn at the next release only.
_WAYS: Final[Mapping[str, frozenset[Verb]]] = {
    "AWS::RDS::DBProxy": frozenset({"added", "replaced", "removed"}),
    "AWS::RDS::DBInstance": frozenset({"replaced", "removed"}),
    "AWS::EC2::EgressOnlyInternetGateway": frozenset({"replaced", "removed"}),
}

type Survey = Mapping[Part, State | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    source: Source
    state: State | None
    plan: Plan
    change_set: str
    """Empty for a stack that is not there, and where there is nothing to do."""


def survey(config: StackConfig) -> dict[Part, State | None]:
    """Return how each stack of the stage stands. Raises StackRefused or StackUnfinished where it cannot be changed."""
    found = {part: states.find(ref(config, part)) for part in PARTS}
    for state in found.values():
        if state is not None:
            states.require_ready(state, config)
            states.require_ours(state, config)
    return found


def elsewhere(config: StackConfig, found: Survey) -> str:
    """Say what is odd where an edge is there without a home: the stage may be in another region. Else say nothing."""
    edge, home = found["edge"], ref(config, "home")
    if edge is None or found["home"] is not None:
        return ""
    return (
        f"{edge.ref.name} serves from {edge.parameters.get(EdgeParameter.API_DOMAIN, 'elsewhere')}, and there is no "
        f"{home.name} in {home.region}. If the stage is in another region, name that one in pyproject.toml. If that "
        f"region is lost, and everything is to be made anew in {home.region}: --replace {home.name}."
    )


def first_round(found: Survey) -> tuple[Part, ...]:
    """Return the stacks that can be planned now: all of them, unless home has to wait for a bucket for its template."""
    return ("releases",) if found["releases"] is None and found["home"] is not None else PARTS


def propose_all(config: StackConfig, templates: Templates, found: Survey, *, parts: Iterable[Part]) -> list[Proposal]:
    """Return a proposal for each of ``parts``; there is nothing to ``drop`` of those where this raises."""
    made: list[Proposal] = []
    try:
        made.extend(
            proposal(config, part, templates[part], found, parameters=known(config, part, found)) for part in parts
        )
    except BaseException:
        drop(made)
        raise
    return made


def proposal(
    config: StackConfig, part: Part, template: Template, found: Survey, *, parameters: Mapping[str, str]
) -> Proposal:
    """Return what would become of one stack."""
    state = found[part]
    where = state.ref if state else ref(config, part)
    source = sources.source(config, where, template, parameters=parameters, releases=found["releases"])
    if state is None:
        new = plan.to_make(source.ref, template, parameters=parameters)
        return Proposal(source=source, state=None, plan=new, change_set="")
    update, change_set = propose(source, state)
    return Proposal(source=source, state=state, plan=update, change_set=change_set)


def known(config: StackConfig, part: Part, found: Survey) -> dict[str, str]:
    """Return the parameters that the other stacks tell by now."""
    if part == "home":
        return sources.for_home(found["edge"])
    home = found["home"]
    if part == "releases":
        return {}
    if home is None:  # the key is made with the secret: this is for the plan, which then lists what needs a key
        return {EdgeParameter.MEDIA_PUBLIC_KEY: "not made yet"}
    arn = home.outputs.get(HomeOutput.APP_SECRET, "")
    edge = found["edge"]
    held = secret.read(arn, region=config.region, edge_exists=edge is not None) if arn else None
    return sources.for_edge(config, home, edge, held)


def forbid_loss(plans: Iterable[Plan], *, named: Collection[str]) -> None:
    """Raise StackRefused where data would go that is not named as meant."""
    if losses := [change for each in plans for change in plan.refusals(each, named=named)]:
        said = "; ".join(
            f"{change.name} ({change.kind}) would be {'perhaps ' if change.perhaps else ''}{change.verb}"
            for change in losses
        )
        named_zones = any(change.kind == "AWS::EC2::Subnet" for change in losses)
        zones = " Or AWS lists its zones in another order: name those of the subnets (zones)." if named_zones else ""
        flags = " ".join(f"--replace {change.name}" for change in losses)
        raise StackRefused(
            f"Nothing was changed, because it holds data: {said}. Take back what asks for it (a name, an engine, a "
            f"subnet, an encryption key), or make a copy of the data and run the same command with {flags}.{zones}"
        )


def cut_off(config: StackConfig, found: Survey, plans: Iterable[Plan]) -> str:
    """Say what functions that serve would lose until the next release, unless visitors see the maintenance page."""
    home, edge = found["home"], found["edge"]
    if home is None or home.parameters.get(HomeParameter.FUNCTIONS_LIVE) != "yes":
        return ""
    if edge is not None and edge.parameters.get(EdgeParameter.MAINTENANCE) == "yes":
        return ""
    changes = [change for each in plans if each.ref.part == "home" for change in each.changes]
    ways = [change for change in changes if change.verb in _WAYS.get(change.kind, ())]
    if not ways:
        return ""
    said = ", ".join(f"{change.name} ({change.kind}) {change.verb}" for change in ways)
    return (
        f"It takes from the functions that serve the way to their database, or to AWS: {said}. They learn the new one "
        f"with the next release, and until then no page works. Put up the maintenance page first: `python -m "
        f"serverless.deploy maintenance on {config.stage}`; then this command, `zappa update {config.stage}`, and "
        f"`maintenance off {config.stage}`. No release from before can be gone back to."
    )


def drop(proposals: Iterable[Proposal]) -> None:
    """Remove change sets that nobody will execute."""
    for each in proposals:
        discard(each.source.ref, each.change_set)
