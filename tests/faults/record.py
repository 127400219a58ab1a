"""What a scenario leaves for the checker."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.faults.history import Line

type Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Record:
    """The history, and how the database and the queues stand at its end. ``rows`` have their task's ``mark``."""

    lines: Sequence[Line]
    rows: Sequence[Row]
    effects: Sequence[Row]
    groups: Sequence[Row]
    schedules: Sequence[Row]
    skipped: int  # microseconds by which every row was moved back, schedules by the whole minutes in it
    dead: Sequence[str]  # bodies in the dead-letter queue
    connections: Sequence[Row]  # name of the process, count
    memory_mb: int  # of the largest process, at its largest

    def of(self, what: str, mark: str | None = None) -> list[Line]:
        return [line for line in (self.lines if mark is None else self.about(mark)) if line.what == what]

    def about(self, mark: str) -> list[Line]:
        return self._by_mark.get(mark, [])

    def broken(self, promise: str, mark: str, why: str) -> "Violation":
        return Violation(promise=promise, mark=mark, why=why, lines=self.about(mark))

    def runs(self, mark: str) -> list[str]:
        """The runs whose effect is in the database."""
        return self._runs.get(mark, [])

    @cached_property
    def _by_mark(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            found[line.mark].append(line)
        return found

    @cached_property
    def _runs(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for effect in self.effects:
            found[effect["mark"]].append(effect["run"])
        return found


def kind(row: Row) -> str:
    """The name of a row's task."""
    return str(row["path"]).rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A promise that was not kept, for which task, why, and the history that shows it."""

    promise: str
    mark: str
    why: str
    lines: Sequence[Line] = ()

    def __str__(self) -> str:
        shown = "".join(f"\n    {line}" for line in self.lines)
        return f"{self.promise} {self.mark or '-'}: {self.why}{shown}"
