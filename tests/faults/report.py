"""The page about the last soak."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.soak import Totals

_HEAD = """# The last soak

Written by `make soak`; [faults.md](../how-to/faults.md) says what it proves. The seed makes the same tasks and the same
plan of faults again, though not to the microsecond:
`python -m tests.faults.soak --tasks {tasks} --kills {kills} --seed {seed}`.

| | |
|---|---:|
| seed | {seed} |
| tasks asked for | {done} |
| processes killed with `kill -9` | {killed} |
| promises broken | {broken} |
| seconds | {seconds:.0f} |
| tasks a second, faults included | {rate:.0f} |
"""


def markdown(totals: "Totals") -> str:
    head = _HEAD.format(
        seed=totals.seed, tasks=totals.tasks, kills=totals.kills, done=totals.done, killed=totals.counts["kill"],
        broken=len(totals.broken), seconds=totals.seconds, rate=totals.done / max(totals.seconds, 0.001),
    )  # fmt: skip
    counts = "".join(f"| {name} | {count} |\n" for name, count in sorted(totals.counts.items()) if name != "kill")
    broken = "".join(f"\n```\n{text}\n```\n" for text in totals.broken)
    return f"{head}\n| what else happened | times |\n|---|---:|\n{counts}{broken}"
