"""Our own rules over templates: what cfn-lint and checkov do not know about this layer.

In: a template as a dict, which of the three it is, and what it was made from. Out: findings, each naming a rule, a
resource, what is wrong and what to do. ``docs/reference/stack-rules.md`` lists the rules. May touch: nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

from serverless.stack.config import StackConfig
from serverless.stack.rules import access, edge, encryption, kept, limits, operations, queues, stateful
from serverless.stack.rules.rule import Finding, Rule
from serverless.stack.rules.view import Kind, views

__all__ = ["RULES", "Finding", "Kind", "Rule", "judge"]

RULES: Final[tuple[Rule, ...]] = (
    *queues.RULES,
    *encryption.RULES,
    *access.RULES,
    *stateful.RULES,
    *operations.RULES,
    *edge.RULES,
    *kept.RULES,
    *limits.RULES,
)


def judge(template: Mapping[str, Any], *, kind: Kind, config: StackConfig) -> tuple[Finding, ...]:
    """Return what the rules find in a template, however its conditions turn out. Sorted; empty when it holds."""
    found = {
        Finding(rule=rule.id, resource=name, detail=detail, hint=rule.hint)
        for view in views(template, kind=kind, config=config)
        for rule in RULES
        for name, detail in rule.check(view)
    }
    return tuple(sorted(found))
