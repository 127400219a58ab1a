"""``python -m benchmarks [NAME …]``: run the named benchmarks, or all of them."""

import argparse
import subprocess
import sys

NAMES = {
    "cold_start": "a fresh process to its first response: plain Django, Zappa, ours; Loupe packaged and not",
    "startup": "from `make run` to the first page, once set up",
    "http": "what our HTTP adapter and others add to Django's own work",
    "renditions": "the image engine beside the same Pillow work in a bare loop",
    "gallery_page": "a client's page of 800 and 2,000 photographs: bytes, queries, CPU, time until usable in Chromium",
    "contact_sheet": "a PDF of 2,000 photos beside ReportLab drawing the same in one go",
    "signing": "signed cookies and URLs beside botocore's signer",
    "unlock": "a link's PIN or password, against the limit and Django's default hasher",
    "tasks": "a task's cost beside Celery and other backends of Django's Tasks, and on a large table",
    "data": "database connections and caches beside plain Django: a warm request, round trips",
    "deploy": "Loupe's package against its limits, and packaging again beside stock Zappa",
    "developing": "100 real photographs from queued to ready, through the whole local cloud",
}


def main() -> int:
    known = "\n".join(f"  {name:14} {text}" for name, text in NAMES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"Measure.\n\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*NAMES, []], help="which ones; all if none")
    failed = 0
    for name in parser.parse_args().names or NAMES:
        print(f"== {name}: {NAMES[name]}", flush=True)
        # A process each: one benchmark's imports and memory are not another's.
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        print(flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
