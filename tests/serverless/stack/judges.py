"""cfn-lint, checkov and our own rules over templates, less what ``exceptions.toml`` excepts with a reason."""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from serverless.stack.rules import judge
from tests.serverless.stack.stacks import ROOT, Stack, written

__all__ = ["CHECKOV", "Exempt", "Verdict", "cfn_lint", "checkov", "exempted", "exemptions", "own_rules"]

# It insists on an older boto3 than ours: an environment of its own, which `make stack-check` makes.
CHECKOV: Final = ROOT / ".cache" / "checkov" / "bin" / "checkov"
_CFN_LINT: Final = Path(sys.executable).with_name("cfn-lint")
_EXEMPTIONS: Final = Path(__file__).with_name("exceptions.toml")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Verdict:
    """Something that a judge does not like."""

    judge: str
    rule: str
    stack: str
    """``home-standard``."""
    kind: str
    profile: str
    resource: str
    """The logical id; empty for the whole template."""
    message: str

    def __str__(self) -> str:
        return f"{self.judge} {self.rule} {self.stack}/{self.resource}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempt:
    """A rule that resources (``home/LogBucket``; patterns of ``fnmatch``) may break, and why."""

    judge: str
    rule: str
    resources: tuple[str, ...]
    reason: str
    profile: str = ""
    """Empty: in both."""

    def covers(self, verdict: Verdict) -> bool:
        named = any(fnmatch(f"{verdict.kind}/{verdict.resource}", pattern) for pattern in self.resources)
        here = self.profile in {"", verdict.profile}
        return here and named and (self.judge, self.rule) == (verdict.judge, verdict.rule)


def exemptions() -> list[Exempt]:
    table = tomllib.loads(_EXEMPTIONS.read_text("utf-8"))
    return [
        Exempt(judge=judge, rule=rule, **one | {"resources": tuple(one["resources"])})
        for judge, rules in table.items()
        for rule, exempts in rules.items()
        for one in exempts
    ]


def exempted(verdicts: Sequence[Verdict], *, by: Sequence[Exempt]) -> tuple[list[Verdict], list[Exempt]]:
    """Return the verdicts that nothing excepts, and the exceptions that nothing needs."""
    standing = [verdict for verdict in verdicts if not any(one.covers(verdict) for one in by)]
    idle = [one for one in by if not any(one.covers(verdict) for verdict in verdicts)]
    return standing, idle


def own_rules(stacks: Sequence[Stack]) -> Iterator[Verdict]:
    for stack in stacks:
        for one in judge(stack.template, kind=stack.kind, config=stack.config):
            message = f"{one.detail} {one.hint}"
            yield _verdict("rules", stack, rule=one.rule, resource=one.resource, message=message)


def cfn_lint(stacks: Sequence[Stack]) -> Iterator[Verdict]:
    by_region: dict[str, list[Stack]] = defaultdict(list)
    for stack in stacks:
        by_region[stack.region].append(stack)
    for region, there in by_region.items():
        with tempfile.TemporaryDirectory() as folder:
            files = written(there, Path(folder))
            command = [str(_CFN_LINT), "--format", "json", "--regions", region, "--", *map(str, files)]
            matches = _answered(command)
        for match in matches:
            path = [str(part) for part in match["Location"]["Path"] or []]
            yield _verdict(
                "cfn-lint",
                files[Path(match["Filename"])],
                rule=match["Rule"]["Id"],
                resource=path[1] if len(path) > 1 else "",
                message=f"{match['Message']} ({'/'.join(path[2:])})",
            )


def checkov(stacks: Sequence[Stack]) -> Iterator[Verdict]:
    """Raises FileNotFoundError where ``make stack-check`` has not installed it."""
    with tempfile.TemporaryDirectory() as folder:
        files = written(stacks, Path(folder))
        options = ("--framework", "cloudformation", "--output", "json", "--compact", "--quiet", "--skip-download")
        report = _answered([str(CHECKOV), "--directory", folder, *options])
    results = report["results"]
    if broken := results.get("parsing_errors"):
        raise ValueError(f"checkov cannot read {', '.join(broken)}.")
    for failed in results["failed_checks"]:
        yield _verdict(
            "checkov",
            files[Path(failed["file_abs_path"])],
            rule=failed["check_id"],
            resource=failed["resource"].split(".")[-1],
            message=failed["check_name"],
        )


def _verdict(judge: str, stack: Stack, **of: str) -> Verdict:
    return Verdict(judge=judge, stack=stack.name, kind=stack.kind, profile=stack.config.profile, **of)


def _answered(command: list[str]) -> Any:
    """Return the JSON that a judge prints. They exit with a code of their own when they find something."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        said = f"{done.stdout[-500:]}{done.stderr[-2000:]}"
        raise RuntimeError(f"{command[0]} failed ({done.returncode}): {said}") from None
