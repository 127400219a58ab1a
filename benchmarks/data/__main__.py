"""python -m benchmarks.data [NAME …]: run the parts named, or all of them, each in a process of its own."""

import subprocess
import sys

PARTS = ("connections",)


def main() -> int:
    failed = 0
    for name in sys.argv[1:] or PARTS:
        print(f"-- {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.data.{name}"], check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
