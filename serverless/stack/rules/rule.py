"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from serverless.stack.rules.view import View

__all__ = ["Check", "Finding", "Rule"]

type Check = Callable[[View], Iterable[tuple[str, str]]]
"""Yields the logical id of each resource (or output, or parameter) that breaks the rule, and what it has instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    sentence: str
    hint: str
    """What to do about it."""
    source: str
    """The AWS page that it rests on."""
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    rule: str
    resource: str
    detail: str
    hint: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.resource}: {self.detail} {self.hint}"
