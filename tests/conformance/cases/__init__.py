"""The requests, a module a theme; each yields cases."""

import hashlib
from itertools import chain

from tests.conformance.case import Case
from tests.conformance.cases import answers, bodies, cookies, headers, mounts, paths, queries

__all__ = ["CATEGORIES", "cases", "digest"]


def cases() -> tuple[Case, ...]:
    """Return every case, in order; no two of a category have one name."""
    modules = (paths, queries, headers, cookies, bodies, answers, mounts)
    return tuple(chain.from_iterable(module.cases() for module in modules))


def digest() -> str:
    """Return what changes when a case does."""
    return hashlib.sha256("\n".join(map(repr, cases())).encode()).hexdigest()[:12]


# The last one is counted over all cases: see compare.APART.
CATEGORIES: tuple[str, ...] = (*dict.fromkeys(case.category for case in cases()), "request signals")
