"""docs/reference/conformance.md: who passes what."""

import json
import subprocess
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.conformance.adapters import NAMES
from tests.conformance.cases import CATEGORIES, cases, digest

__all__ = ["PATH", "results", "stamp", "write"]

PATH = Path(__file__).parents[2] / "docs" / "reference" / "conformance.md"

_INTRODUCTION = """\
# Conformance

{count} requests, each as every event shape that can carry it, answered by an adapter and compared field by field with
gunicorn {gunicorn}, which serves the same Django {django} project on a loopback socket: what the view saw (method,
paths, query, parameters, forms, files, cookies, headers, host, scheme, body) and what the client gets (status, reason,
headers, cookies, body). What an event cannot carry is known beforehand ([events.md](events.md)), and nothing else is
forgiven. A fault that touches every request counts in one row only.

`make conformance` writes this page. Each row is reproduced, with every difference, by

    python -m tests.conformance --adapter mangum --category "path: escaped again"

A cell says how many comparisons are equal, of how many; `all` where every one is. An adapter that raises is compared in
fewer rows.
"""
_NOTES = """\
## How the others are set up

As their own documentation advises for binary answers: apig-wsgi with `binary_support=True`, Zappa with `binary_support`
and its handler's own settings module, mangum with `lifespan="off"`, serverless-wsgi as it comes. REST APIs declare the
binary media type `*/*`. No `strip path` or base path option is set, since `serverless` takes both from the event.
"""


def stamp() -> str:
    """Return the line that ties the page to the corpus."""
    return f"<!-- corpus {digest()}, {len(cases())} cases -->"


def results(adapter: str) -> list[dict[str, Any]]:
    """Run the corpus against ``adapter`` in a process of its own: each one sets Django up its own way."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.conformance", "--adapter", adapter, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        # Zappa prints before its answers.
        found: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.index("[{") :])
    except ValueError:
        raise RuntimeError(f"The corpus did not run against {adapter}:\n{done.stderr}{done.stdout}") from None
    return found


def write() -> None:
    found = {name: results(name) for name in NAMES}
    lines = [
        stamp(),
        _INTRODUCTION.format(count=len(cases()), gunicorn=version("gunicorn"), django=version("django")),
        _table(found),
        _NOTES,
        "## What differs\n",
        *(_faults(name, found[name]) for name in NAMES if name in _PACKAGES),
    ]
    PATH.write_text("\n".join(lines).rstrip() + "\n")


_PACKAGES = {"apig-wsgi": "apig-wsgi", "mangum": "mangum", "serverless-wsgi": "serverless-wsgi", "zappa": "zappa"}


def _table(found: dict[str, list[dict[str, Any]]]) -> str:
    heads = [f"{name} {version(_PACKAGES[name])}" if name in _PACKAGES else name for name in NAMES]
    rows = [["", *heads], ["---"] * (len(heads) + 1)]
    rows += [[category, *(_cell(found[name], {category}) for name in NAMES)] for category in CATEGORIES]
    rows.append(["**all**", *(_cell(found[name], set(CATEGORIES)) for name in NAMES)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _cell(found: list[dict[str, Any]], categories: set[str]) -> str:
    chosen = [result for result in found if result["category"] in categories]
    passed = sum(not result["differences"] for result in chosen)
    return "all" if passed == len(chosen) else f"{passed} of {len(chosen)}"


def _faults(name: str, found: list[dict[str, Any]]) -> str:
    """Return, for each category in which ``name`` differs, the fields that do, and the first case."""
    lines = [f"### {name}\n"]
    for category in CATEGORIES:
        failed = [result for result in found if result["category"] == category and result["differences"]]
        if failed:
            fields = Counter(field for result in failed for field, _, _ in result["differences"])
            named = ", ".join(f"{field} ({count})" for field, count in fields.most_common(4))
            first = failed[0]
            lines.append(f"- {category}: {named}; first `{first['case']}` as {first['shape']}")
    return "\n".join(lines) + "\n"
