"""`python -m tests.faults.soak --tasks 100000 --kills 500 --seed 7`: tasks under random faults, round by round.

A round enqueues, breaks things meanwhile, lets everything be well again, drains, and is judged by the checker; it
depends on the seed and its number alone. Where a run is cut short, `--resume` goes on with the round it had come to.
Ends with 1 where a promise was broken.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.chaos import Chaos
from tests.faults.check import violations
from tests.faults.check_policies import has_expired
from tests.faults.record import Record
from tests.faults.record import kind as kind_of
from tests.faults.report import markdown
from tests.faults.rig import ROOT, End, Rig, Wanted

# Tasks of a round: its history fits in memory, and its rows in PostgreSQL's.
ROUND = 1000
# A round takes half a minute; one that hangs is a fault of its own.
_ROUND_S = 600.0
# Seconds for which a transaction waits for the faults before it.
_PACE_S = 0.3
_REPORT = ROOT / "docs" / "reference" / "soak.md"
_KEPT = ROOT / "build"


@dataclass(kw_only=True)
class Totals:
    """What a run has come to; written down after each round."""

    seed: int
    tasks: int
    kills: int
    rounds: int = 0
    done: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"soak-{self.seed}-{self.tasks}-{self.kills}.json"

    def save(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / self.name).write_text(json.dumps(vars(self)))

    def load(self, folder: Path) -> None:
        """Take up what a run with the same numbers has saved, if there was one."""
        if (folder / self.name).exists():
            kept = json.loads((folder / self.name).read_text())
            vars(self).update(kept | {"counts": Counter(kept["counts"])})


def transactions(dice: random.Random, *, tasks: int, name: str) -> Iterator[tuple[list[Wanted], End]]:
    """Yield what is enqueued together, and how its transaction ends, until so many tasks were asked for."""
    number = 0
    while number < tasks:
        size = min(dice.randint(1, 20), tasks - number)
        wanted = [_task(dice, f"{name}-{number + index}") for index in range(size)]
        yield wanted, dice.choices(("commit", "rollback", "savepoint"), weights=(18, 1, 1))[0]
        number += size


def _task(dice: random.Random, mark: str) -> Wanted:
    kwargs: dict[str, Any] = {"mark": mark}
    (kind,) = dice.choices(list(KINDS), weights=list(KINDS.values()))
    match kind:
        case "fail_first":
            kwargs["times"] = dice.randint(1, 3)
        case "ordered" | "limited" | "paced":
            kwargs["group"] = f"{kind} {mark.partition('-')[0]}-{dice.randrange(ORDERS)}"
        case "unique_drop" | "unique_replace":
            kwargs["key"] = f"{mark.partition('-')[0]}-{dice.randrange(ORDERS)}"
        case "flooded":
            kwargs["fails"] = dice.choices((0, 1, 2), weights=(8, 1, 1))[0]
        case "parent" | "atomic_parent":
            kwargs["children"] = dice.randint(1, 3)
        case "nap":
            kwargs["seconds"] = round(dice.uniform(0.0, 0.1), 3)
    if kind not in UNHURT and dice.random() < CRASHES:
        kwargs["crash"] = [
            dice.choice(("before effect", "after effect", "after report")),
            dice.choice(("kill", "abort")),
        ]
    return kind, kwargs


KINDS = {
    "effect": 50, "noop": 15, "effect_async": 10, "parent": 8, "fail_first": 6, "nap": 4, "observe": 3, "messy": 1,
    "fail_always": 1, "atomic_effect": 15, "atomic_parent": 4, "atomic_finish": 5, "ordered": 6, "chained": 2,
    "grouped": 2, "unique_drop": 5, "unique_replace": 7, "limited": 5, "paced": 3, "expiring": 3, "flooded": 5,
}  # fmt: skip
# Keys of each kind in a round.
ORDERS = 5
# Tasks that take no `crash`.
UNHURT = {"noop", "fail_first", "fail_always", "nap", "observe", "messy", "chained", "grouped"}
# The part of the tasks that take their own process down.
CRASHES = 0.003


async def play_round(rig: Rig, totals: Totals, *, tasks: int, kills: int) -> list[str]:
    """Play the next round and return what it broke."""
    dice = random.Random(f"{totals.seed} {totals.rounds}")  # noqa: S311 - the same seed makes the same faults
    async with rig.employ(more={"FAULTS_SCHEDULES": "yes"}):
        return await _play(rig, totals, dice, tasks=tasks, kills=kills)


async def _play(rig: Rig, totals: Totals, dice: random.Random, *, tasks: int, kills: int) -> list[str]:
    await rig.reset()
    chaos = Chaos(rig, dice)
    chaos.begin()
    breaking = asyncio.create_task(chaos.play(kills=kills))
    wanted = list(transactions(dice, tasks=tasks, name=str(totals.rounds)))
    enqueuing = asyncio.create_task(_enqueue(rig, wanted, chaos))
    while not (breaking.done() and enqueuing.done()):
        await rig.pump()
        await asyncio.sleep(0.01)
    await breaking
    await chaos.end()
    await enqueuing
    rig.clear("the round")
    await rig.enqueue(("effect", {"mark": "last"}))
    await rig.drain()
    record = rig.verdict()
    totals.counts.update(chaos.counts)
    totals.counts["tasks run again"] += len(record.of("began")) - len({line.mark for line in record.of("began")})
    totals.counts["dead, as they should be"] += sum(row["state"] == "dead" for row in record.rows)
    totals.counts["expired"] += sum(has_expired(row) for row in record.rows)
    totals.counts["scheduled"] += sum(kind_of(row) == "occurrence" for row in record.rows)
    totals.counts["dropped or replaced"] += _without_mark(record)
    totals.counts["follow-ups"] += sum("." in row["mark"] for row in record.rows)
    totals.counts["rolled back"] += len(record.of("rolled back"))
    totals.counts["crashes by tasks"] += len(record.of("crashes"))
    return [str(violation) for violation in violations(record)]


def _without_mark(record: Record) -> int:
    marks = {row["mark"] for row in record.rows}
    return sum(line.mark not in marks for line in record.of("committed") if line.more["kind"] != "flooded")


async def _enqueue(rig: Rig, wanted: list[tuple[list[Wanted], End]], chaos: Chaos) -> None:
    """Enqueue about as fast as things go wrong: a fault that meets nobody proves nothing."""
    for index, (tasks, end) in enumerate(wanted):
        with suppress(TimeoutError):
            await rig.until(partial(_caught_up, chaos, index / len(wanted)), seconds=_PACE_S)
        await rig.enqueue(*tasks, end=end)


def _caught_up(chaos: Chaos, done: float) -> bool:
    return chaos.progress >= done


async def soak(totals: Totals) -> None:
    rig = Rig()
    await rig.start()
    rounds = -(-totals.tasks // ROUND)
    try:
        while totals.rounds < rounds:
            began = time.monotonic()
            left = totals.tasks - totals.done
            kills = totals.kills * (totals.rounds + 1) // rounds - totals.kills * totals.rounds // rounds
            async with asyncio.timeout(_ROUND_S):
                broken = await play_round(rig, totals, tasks=min(ROUND, left), kills=kills)
            totals.done += min(ROUND, left)
            totals.rounds += 1
            totals.seconds += time.monotonic() - began
            totals.broken += broken
            totals.save(_KEPT)
            print(  # noqa: T201 - a command-line program
                f"round {totals.rounds}/{rounds}: {totals.done} tasks, {totals.counts['kill']} kills, "
                f"{totals.seconds:.0f} s, {len(totals.broken)} violations",
                *broken,
                sep="\n  ",
                flush=True,
            )
    finally:
        await rig.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None, help="a new one where none is given; printed in any case")
    parser.add_argument("--resume", action="store_true", help="go on where a run with the same numbers was cut short")
    parser.add_argument("--report", type=Path, default=_REPORT, help=f"the page to write, {_REPORT.relative_to(ROOT)}")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    totals = Totals(seed=seed, tasks=given.tasks, kills=given.kills)
    if given.resume:
        totals.load(_KEPT)
    print(f"seed {seed}", flush=True)  # noqa: T201 - a command-line program
    asyncio.run(soak(totals))
    given.report.write_text(markdown(totals))
    return 1 if totals.broken else 0


if __name__ == "__main__":
    sys.exit(main())
