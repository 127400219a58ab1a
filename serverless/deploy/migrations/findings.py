"""What is wrong with a migration."""

from dataclasses import dataclass

__all__ = ["Finding", "Problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one operation: a rule's name, what would happen, and what to do instead."""

    rule: str
    says: str
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem in its place. ``migration`` is ``galleries.0004_sections``; ``operation`` describes it, or is empty."""

    migration: str
    operation: str
    problem: Problem

    def __str__(self) -> str:
        place = f"{self.migration}: {self.operation}" if self.operation else self.migration
        return f"{place} [{self.problem.rule}]\n  {self.problem.says}\n  Instead: {self.problem.instead}"
