"""``docs/reference/stack-rules.md``, made of the rules."""

from pathlib import Path
from typing import Final

from serverless.stack.rules import RULES

__all__ = ["PAGE", "text"]

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "reference" / "stack-rules.md"
_INTRODUCTION: Final = """\
# Rules on the stacks

`make stack-check` judges the templates of every stage, and of both profiles with a domain and without: by cfn-lint, by
checkov, and by these rules of our own, which know what the layer rests on. They hold however a template's conditions
turn out. What is excepted, and why, is in `tests/serverless/stack/exceptions.toml`; templates that break each rule are
in `tests/serverless/stack/rules/`. `make stack-snapshots` writes this page and the reviewed templates anew.

| rule | what it says | what to do | rests on |
|---|---|---|---|
"""


def text() -> str:
    """Return what the page says."""
    lines = (f"| `{rule.id}` | {rule.sentence} | {rule.hint} | [AWS]({rule.source}) |\n" for rule in RULES)
    return _INTRODUCTION + "".join(lines)
