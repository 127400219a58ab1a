from dataclasses import replace
from pathlib import Path

import pytest

from serverless.deploy.package.exceptions import TooLarge
from serverless.deploy.package.size import UNPACKED_LIMIT, SizeReport, check, compare, read

REPORT = SizeReport(
    zipped=30_000_000,
    unpacked=90_000_000,
    parts={"pillow": 20_000_000, "django": 10_000_000, "gone": 5},
    init_cpu_ms=300,
)


def test_the_limit_holds_to_the_byte_and_the_heaviest_are_named() -> None:
    check(replace(REPORT, unpacked=UNPACKED_LIMIT - 1))
    with pytest.raises(TooLarge, match=r"(?s)262\.1 MB \(250 MiB\).*heaviest:\n +20\.0 MB  pillow\n +10\.0 MB  django"):
        check(replace(REPORT, unpacked=UNPACKED_LIMIT))


def test_a_report_is_compared_with_the_one_before() -> None:
    parts = {"pillow": 21_000_000, "django": 10_000_000, "new": 7}
    now = SizeReport(zipped=31_500_000, unpacked=91_000_000, parts=parts, init_cpu_ms=340)
    assert list(compare(now, REPORT)) == [
        "zipped      31.5 MB (+1.5 MB)",
        "unpacked    91.0 MB (+1.0 MB) of 262 MB",
        "a start   340 ms of CPU on this machine (+40 ms)",
        "the heaviest:",
        "    21.0 MB (+1.0 MB)  pillow",
        "    10.0 MB (+0.0 MB)  django",
        "     0.0 MB  new",
        "  gone: gone",
        "  new: new, 0.0 MB",
        "  changed: pillow, +1.0 MB",
    ]
    assert "(" not in next(compare(now, None))


def test_a_report_is_kept(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(REPORT.dumps())
    assert read(tmp_path / "report.json") == REPORT


@pytest.mark.parametrize("text", ["", "[]", '{"zipped": 1}', "null"])
def test_a_report_of_another_kind_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    assert read(tmp_path / "report.json") is None
    assert read(tmp_path / "nothing.json") is None
