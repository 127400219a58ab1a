"""IAM's evaluation, as far as our roles use it: explicit denials first, then whether anything allows.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from serverless.stack.rules.policies import Statement, by_role, statements
from serverless.stack.rules.view import View, listed, text

__all__ = ["may", "service_may"]

_OPERATORS = frozenset({"ArnEquals", "ArnLike", "Bool", "StringEquals", "StringLike"})


def may(view: View, role: str, action: str, resource: str, **context: str) -> bool:
    """Return whether the role (its logical id) may do ``action`` to ``resource``.

    ``resource`` is an ARN with ``${Name.Arn}`` for what AWS fills in. ``context``: condition keys, ``:`` as ``__``.
    """
    return _allowed(by_role(view, role), action, resource, context)


def service_may(view: View, service: str, action: str, resource: str, **context: str) -> bool:
    """Return whether the policies of buckets, queues and topics let an AWS service do ``action`` to ``resource``."""
    named = {"*", f"Service:{service}"}
    meant = [one for one in statements(view, "resource") if named & set(one.principals)]
    return _allowed(meant, action, resource, context)


def _allowed(policy: Sequence[Statement], action: str, resource: str, context: Mapping[str, str]) -> bool:
    known = {key.replace("__", ":").lower(): value for key, value in context.items()}
    meant = [one for one in policy if _matches(one, action, resource, known)]
    return any(one.allows for one in meant) and all(one.allows for one in meant)


def _matches(statement: Statement, action: str, resource: str, context: Mapping[str, str]) -> bool:
    named = any(_like(pattern.lower(), action.lower()) for pattern in statement.actions)
    reached = any(_like(pattern, resource) for pattern in statement.resources)
    return named and reached and all(_holds(*test, context) for test in statement.conditions.items())


def _holds(operator: str, wanted: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    if operator not in _OPERATORS:
        raise NotImplementedError(f"{operator} is not among what our roles use: teach it to this evaluation.")
    return all(
        key in context and any(_like(text(pattern), context[key]) for pattern in listed(patterns))
        for key, patterns in wanted.items()
    )


def _like(pattern: str, value: str) -> bool:
    """Whether a value fits a pattern of ``*`` and ``?``, which reach across ``/`` and ``:``."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None
