"""``stack deploy``: releases, home, edge, and home again, which may open its buckets once the distribution is there.

1. As whom and where; how each stack stands: anything half made ends it here.
2. The plan of every stack, shown; whatever would lose data unasked ends it here. The question.
3. Releases, whose bucket takes home's template.
4. Home; its secret is completed, the pages that CloudFront shows by itself are uploaded.
5. Edge, in us-east-1. Home again.
6. What is left to do by hand.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from serverless.db import certificates
from serverless.deploy.failures import Interrupted
from serverless.deploy.stacks import dns, plan, secret, sources
from serverless.deploy.stacks import state as states
from serverless.deploy.stacks.apply import create, execute, protect
from serverless.deploy.stacks.changes import discard
from serverless.deploy.stacks.exceptions import StackRefused
from serverless.deploy.stacks.identity import identify
from serverless.deploy.stacks.outputs import Outputs, from_states, read
from serverless.deploy.stacks.pages import put_error_pages
from serverless.deploy.stacks.parts import PARTS, Part, Templates, ref
from serverless.deploy.stacks.proposals import (
    Proposal,
    cut_off,
    drop,
    elsewhere,
    first_round,
    forbid_loss,
    proposal,
    propose_all,
    survey,
)
from serverless.deploy.stacks.state import State
from serverless.deploy.stacks.watch import Event, Terminal
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeOutput, HomeOutput, HomeParameter

__all__ = ["deploy", "diff"]

_UNPROVEN: Final = (
    "Nothing was changed. In {region} no release could connect to its database: the certificates that databases are "
    "proven by there are not in serverless/db/roots. Fetch them, and commit the files that are new:\n"
    "  curl -O https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem\n"
    "  python -m serverless.deploy.roots global-bundle.pem"
)


@dataclass(slots=True)
class _Rollout:
    config: StackConfig
    templates: Templates
    terminal: Terminal
    named: Collection[str]
    """Logical ids of what may be replaced or removed although it holds data."""
    found: dict[Part, State | None]
    proposals: dict[Part, Proposal] = field(default_factory=dict)
    begun: bool = False


def diff(config: StackConfig, templates: Templates, *, terminal: Terminal) -> bool:
    """Log what ``deploy`` would do, and do nothing; whether there is anything."""
    _introduce(config, terminal)
    found = survey(config)
    if odd := elsewhere(config, found):
        terminal.log(odd)
    made = propose_all(config, templates, found, parts=first_round(found))
    drop(made)
    for each in made:
        terminal.log(plan.text(each.plan))
    if said := cut_off(config, found, [each.plan for each in made]):
        terminal.log(said)
    return any(each.plan.pending for each in made)


def deploy(
    config: StackConfig,
    templates: Templates,
    *,
    terminal: Terminal,
    replace: Collection[str] = (),
    assume_yes: bool = False,
) -> Outputs:
    """Make the stacks of a stage what their templates say. Raises DeployError with the next command."""
    _introduce(config, terminal)
    rollout = _Rollout(config, templates, terminal, replace, survey(config))
    try:
        _forbid_move(rollout)
        first = first_round(rollout.found)
        _agree(rollout, first, assume_yes=assume_yes)
        _apply(rollout, "releases")
        if first != PARTS:
            _agree(rollout, PARTS[1:], assume_yes=assume_yes)
        _apply(rollout, "home")
        _apply_edge(rollout)
        _open_buckets(rollout)
    except KeyboardInterrupt:
        how = (
            "between two stacks: each is as it was, or as it is to be"
            if rollout.begun
            else "before anything was changed"
        )
        raise Interrupted(f"Stopped {how}. Go on with {states.command(config, 'deploy')}.") from None
    finally:
        drop(rollout.proposals.values())
    return _hand_over(rollout)


def _introduce(config: StackConfig, terminal: Terminal) -> None:
    if not certificates.knows(config.region):
        raise StackRefused(_UNPROVEN.format(region=config.region))
    who = identify(config.region)
    terminal.log(f"Account {who.account} as {who.arn}: {config.prefix} ({config.profile}) in {config.region}")


def _forbid_move(rollout: _Rollout) -> None:
    odd = elsewhere(rollout.config, rollout.found)
    if odd and ref(rollout.config, "home").name not in rollout.named:
        raise StackRefused(f"Nothing was changed. {odd}")


def _agree(rollout: _Rollout, parts: tuple[Part, ...], *, assume_yes: bool) -> None:
    """Show what would be done, and return only where it may be."""
    made = propose_all(rollout.config, rollout.templates, rollout.found, parts=parts)
    rollout.proposals |= dict(zip(parts, made, strict=True))
    for each in made:
        rollout.terminal.log(plan.text(each.plan))
    forbid_loss((each.plan for each in made), named=rollout.named)
    if said := cut_off(rollout.config, rollout.found, [each.plan for each in made]):
        raise StackRefused(f"Nothing was changed. {said}")
    pending = any(each.plan.pending for each in made)
    if pending and not assume_yes and not rollout.terminal.ask("Do this?"):
        raise StackRefused("Nothing was changed.")


def _apply(rollout: _Rollout, part: Part) -> None:
    """Carry out the proposal of a stack, and keep how it stands then."""
    config, terminal, chosen = rollout.config, rollout.terminal, rollout.proposals.pop(part)
    state, rollout.begun = chosen.state, True
    if state is None:
        source = sources.source(
            config,
            chosen.source.ref,
            rollout.templates[part],
            parameters=chosen.source.parameters,
            releases=rollout.found["releases"],
        )
        terminal.log(f"{source.ref.name}: making it")
        state = create(source, config, terminal=terminal, heard=_listener(rollout, part))
    elif chosen.change_set:
        terminal.log(f"{state.ref.name}: updating it")
        state = execute(chosen.change_set, state, config, terminal=terminal, heard=_listener(rollout, part))
    protect(state, protected=config.protected, terminal=terminal)
    rollout.found[part] = state


def _listener(rollout: _Rollout, part: Part) -> dns.Heard:
    by_hand = part == "edge" and rollout.config.domain and not rollout.config.hosted_zone_id
    return dns.certificate_watcher(rollout.terminal.log) if by_hand else _deaf


def _deaf(_: Event) -> None: ...


def _apply_edge(rollout: _Rollout) -> None:
    """Complete the secret, then bring edge to what home has become, which may be more than was planned before."""
    config, home, edge = rollout.config, rollout.found["home"], rollout.found["edge"]
    assert home is not None  # noqa: S101 - it was just made
    told = read(home, HomeOutput, config)
    put_error_pages(told[HomeOutput.STATIC_BUCKET], region=config.region)
    arn = told[HomeOutput.APP_SECRET]
    held, added = secret.complete(arn, region=config.region, edge_exists=edge is not None)
    if added:
        rollout.terminal.log(f"The app secret has got {', '.join(added)}")
    parameters = sources.for_edge(config, home, edge, held)
    if rollout.proposals["edge"].source.parameters != parameters:
        _propose_again(rollout, "edge", parameters)
    _apply(rollout, "edge")


def _open_buckets(rollout: _Rollout) -> None:
    """Tell home the distribution, unless it knows."""
    home = rollout.found["home"]
    parameters = sources.for_home(rollout.found["edge"])
    if home is not None and parameters.items() - home.parameters.items():
        _propose_again(rollout, "home", parameters)
        _apply(rollout, "home")


def _propose_again(rollout: _Rollout, part: Part, parameters: dict[str, str]) -> None:
    old = rollout.proposals.pop(part, None)
    if old is not None:
        discard(old.source.ref, old.change_set)
    new = proposal(rollout.config, part, rollout.templates[part], rollout.found, parameters=parameters)
    rollout.proposals[part] = new
    if new.state is not None:
        rollout.terminal.log(plan.text(new.plan))
    forbid_loss([new.plan], named=rollout.named)


def _hand_over(rollout: _Rollout) -> Outputs:
    """Say what is left to do by hand."""
    config, log = rollout.config, rollout.terminal.log
    found = {part: state for part, state in rollout.found.items() if state is not None}
    told = from_states(found, config)
    if config.domain and not config.hosted_zone_id:
        target = dns.Record(name=config.domain, kind="CNAME", value=told.edge[EdgeOutput.DISTRIBUTION_DOMAIN])
        log(
            "Point the domain at CloudFront (as ALIAS where the zone's own name cannot be a CNAME):\n"
            + dns.text([target])
        )
    by_hand = not any(
        entry["Type"].startswith("AWS::Route53::") for entry in rollout.templates["home"]["Resources"].values()
    )
    if by_hand and (records := dns.mail_records(config.sends_from, region=config.region)):
        log("For mail from the domain, make these records as well:\n" + dns.text(records))
    log(f"The stacks are ready for {told.edge[EdgeOutput.SITE_URL]}")
    if found["home"].parameters.get(HomeParameter.FUNCTIONS_LIVE) != "yes":
        log(f"Next, the first release: `zappa deploy {config.stage}`")
    return told
