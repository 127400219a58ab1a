"""What a package weighs, beside the one before it and beside what Lambda takes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from serverless.deploy.package.exceptions import TooLarge

__all__ = ["FILE_NAME", "UNPACKED_LIMIT", "SizeReport", "check", "compare", "read"]

FILE_NAME: Final = "report.json"
# "Unzipped size must be smaller", and layers count, too. The 50 MB for a zip are those of a direct upload; S3 has none.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#function-configuration-deployment-and-execution
UNPACKED_LIMIT: Final = 250 * 1024 * 1024
_MB: Final = 1e6
_NAMED: Final = 10
# Less than this is no news.
_WORTH_NAMING: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeReport:
    """Figures of one package, in bytes; to keep with a release, for the next one to be compared with."""

    zipped: int
    unpacked: int
    parts: Mapping[str, int]
    """By distribution, and by the project's own folders, bytecode with its sources."""
    init_cpu_ms: float | None = None
    """Median CPU of starts on the packaging machine; None where none was measured."""

    def dumps(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def parse(cls, values: Any) -> "SizeReport | None":
        """Return what ``asdict`` gave; None for what is no report that this version understands."""
        try:
            return cls(**{field.name: values[field.name] for field in fields(cls)})
        except (KeyError, TypeError):
            return None


def read(file: Path) -> SizeReport | None:
    """Return the report in ``file``, or None if there is none that this version understands."""
    try:
        return SizeReport.parse(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError):
        return None


def check(report: SizeReport) -> None:
    """Raise TooLarge, with the heaviest parts, where Lambda would refuse the package."""
    if report.unpacked < UNPACKED_LIMIT:
        return
    listed = "\n".join(f"  {line}" for line in _heaviest(report, before=None))
    raise TooLarge(
        f"The package is {report.unpacked / _MB:.1f} MB unpacked, and Lambda takes {UNPACKED_LIMIT / _MB:.1f} MB "
        f"({UNPACKED_LIMIT // 1024**2} MiB). Take something out, by requirements.in or by remove in "
        f"[tool.serverless.package]. The heaviest:\n{listed}"
    )


def compare(report: SizeReport, before: SizeReport | None) -> Iterator[str]:
    """Yield lines for a person: figures, the heaviest parts, and what has changed since ``before``."""
    yield f"zipped    {_figure(report.zipped, before.zipped if before else None)}"
    yield f"unpacked  {_figure(report.unpacked, before.unpacked if before else None)} of {UNPACKED_LIMIT / _MB:.0f} MB"
    if report.init_cpu_ms is not None:
        line = f"a start   {report.init_cpu_ms:.0f} ms of CPU on this machine"
        if before is not None and before.init_cpu_ms:
            line += f" ({report.init_cpu_ms - before.init_cpu_ms:+.0f} ms)"
        yield line
    yield "the heaviest:"
    yield from (f"  {line}" for line in _heaviest(report, before))
    if before is not None:
        yield from _changes(report, before)


def _figure(size: int, before: int | None) -> str:
    return f"{size / _MB:6.1f} MB" + ("" if before is None else f" ({(size - before) / _MB:+.1f} MB)")


def _heaviest(report: SizeReport, before: SizeReport | None) -> Iterator[str]:
    for name, size in sorted(report.parts.items(), key=lambda item: -item[1])[:_NAMED]:
        yield f"{_figure(size, before.parts.get(name) if before else None)}  {name}"


def _changes(report: SizeReport, before: SizeReport) -> Iterator[str]:
    for name in sorted(report.parts.keys() | before.parts.keys()):
        now, then = report.parts.get(name), before.parts.get(name)
        if now is None:
            yield f"  gone: {name}"
        elif then is None:
            yield f"  new: {name}, {now / _MB:.1f} MB"
        elif abs(now - then) >= _WORTH_NAMING:
            yield f"  changed: {name}, {(now - then) / _MB:+.1f} MB"
