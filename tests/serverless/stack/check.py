"""``make stack-check``: cfn-lint, checkov and our own rules over every template, as a table.

``--snapshots`` writes the reviewed templates and ``docs/reference/stack-rules.md`` anew instead.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tests.serverless.stack import reference, snapshots
from tests.serverless.stack.judges import Verdict, cfn_lint, checkov, exempted, exemptions, own_rules
from tests.serverless.stack.stacks import Stack, of_extremes, of_stages, of_variants

_JUDGES: Final[dict[str, Callable[[Sequence[Stack]], Iterable[Verdict]]]] = {
    "rules": own_rules,
    "cfn-lint": cfn_lint,
    "checkov": checkov,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make stack-check", description=__doc__)
    parser.add_argument("--snapshots", action="store_true", help="write the reviewed templates and the reference anew")
    if parser.parse_args(arguments).snapshots:
        reference.PAGE.write_text(reference.text(), "utf-8")
        print("\n".join(snapshots.write()) or "No template changed.")
        return 0
    return _judged([*of_variants(), *of_stages(), *of_extremes()])


def _judged(stacks: Sequence[Stack]) -> int:
    verdicts: list[Verdict] = []
    for name, judge in _JUDGES.items():
        began = time.monotonic()
        found = list(judge(stacks))
        print(
            f"{name:9} {len(stacks)} templates, {len(found):4} findings, {time.monotonic() - began:5.1f} s", flush=True
        )
        verdicts += found
    standing, idle = exempted(verdicts, by=exemptions())
    _tabulated(stacks, verdicts=verdicts, standing=standing)
    for finding, where in _gathered(standing).items():
        print(f"{finding} ({', '.join(where)})")
    for one in idle:
        print(f"{one.judge} {one.rule}: no template needs this exception any more ({', '.join(one.resources)}).")
    return 1 if standing or idle else 0


def _gathered(standing: Sequence[Verdict]) -> dict[str, list[str]]:
    """Return each finding with the stacks that it is in."""
    found: dict[str, list[str]] = {}
    for one in sorted(standing):
        found.setdefault(f"{one.judge} {one.rule}: {one.kind}/{one.resource}: {one.message}", []).append(one.stack)
    return found


def _tabulated(stacks: Sequence[Stack], *, verdicts: Sequence[Verdict], standing: Sequence[Verdict]) -> None:
    """Print a line a stack: its size, and what each judge found, less what is excepted."""
    all_of, left = (Counter((one.stack, one.judge) for one in some) for some in (verdicts, standing))
    print(f"\n{'template':38} {'resources':>9} {'bytes':>8}  " + "".join(f"{judge:>18}" for judge in _JUDGES))
    for stack in stacks:
        cells = (f"{left[stack.name, judge]} ({all_of[stack.name, judge]} found)" for judge in _JUDGES)
        size = f"{len(stack.template['Resources']):9} {len(stack.text):8,}"
        print(f"{stack.name:38} {size}  " + "".join(f"{cell:>18}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
