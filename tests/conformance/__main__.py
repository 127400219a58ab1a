"""``python -m tests.conformance --adapter X [--category Y] [--shape Z]``: run the corpus against an adapter.

Without --adapter, list adapters and categories. Exits with 1 where an answer differs.
``--report`` runs every adapter and writes docs/reference/conformance.md.
"""

import argparse
import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from importlib import import_module

import django
from django.core import signals

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.conformance.project.settings"
django.setup(set_prefix=False)

from tests.conformance import report  # noqa: E402 - its cases name the project's views, which need settings
from tests.conformance.adapters import LOSSES, NAMES  # noqa: E402
from tests.conformance.cases import CATEGORIES, cases  # noqa: E402
from tests.conformance.compare import APART, Result, run  # noqa: E402
from tests.conformance.reference import gunicorn  # noqa: E402
from tests.conformance.shapes import SHAPES  # noqa: E402


def main() -> int:
    options = _options()
    if options.report:
        report.write()
        return 0
    if not options.adapter:
        print("adapters:", *NAMES, sep="\n  ")
        print("categories:", *CATEGORIES, sep="\n  ")
        return 0
    results = [result for result in _run(options.adapter, options.category) if options.shape in {None, result.shape}]
    if options.json:
        json.dump([asdict(result) for result in results], sys.stdout)
        return 0
    return _print(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--adapter", choices=NAMES)
    parser.add_argument("--category", choices=CATEGORIES)
    parser.add_argument("--shape", choices=[shape.name for shape in SHAPES])
    parser.add_argument("--json", action="store_true", help="print every result, as JSON")
    parser.add_argument("--report", action="store_true", help="run all adapters and write the documentation's table")
    return parser.parse_args()


def _run(name: str, category: str | None) -> list[Result]:
    adapter = import_module(f"tests.conformance.adapters.{name.replace('-', '_')}").load()
    fired: list[str] = []

    def started(**_: object) -> None:
        fired.append("request_started")

    def finished(**_: object) -> None:
        fired.append("request_finished")

    signals.request_started.connect(started)
    signals.request_finished.connect(finished)
    chosen = [case for case in cases() if category in {None, case.category, *APART.values()}]
    with gunicorn() as reference:
        results = list(run(adapter, reference, chosen, fired, LOSSES.get(name, ())))
    return [result for result in results if category in {None, result.category}]


def _print(results: list[Result]) -> int:
    for result in results:
        for field, theirs, ours in result.differences:
            print(
                f"{result.category} · {result.case} · {result.shape}: {field}\n  gunicorn {theirs}\n  adapter  {ours}"
            )
    passed = Counter(result.category for result in results if not result.differences)
    for category, total in Counter(result.category for result in results).items():
        print(f"{category}: {passed[category]} of {total}")
    print(f"{passed.total()} of {len(results)} equal gunicorn")
    return 1 if passed.total() < len(results) else 0


if __name__ == "__main__":
    sys.exit(main())
