"""``python -m tests.packaged [TREE] [PYTEST ARGUMENT …]``: run the tests against a packaged tree, not this checkout.

Beside a copy of the tree stand the tests and what only they need; nothing else of the checkout is on the path. A
``sitecustomize`` installs the bundle in every process, so that whatever the tests import comes out of it, and what the
rehearsal has compiled. The tools (pytest, moto, the services) are the virtual environment's.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from serverless.emulator.services import start_services

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "build" / "package-check" / "tree"
# What is left out: tests of what only a checkout is for, and those that look at the checkout itself.
_TESTS = ("tests/app", "tests/serverless", "tests/settings", "tests/test_migrations.py", "tests/test_web_function.py")
_NOT = (
    "tests/serverless/coldstart",
    "tests/serverless/deploy",
    "tests/serverless/emulator",
    "tests/serverless/management",
    "tests/serverless/stack",
)
_BESIDE = ("tests", "benchmarks", "serverless/deploy", "serverless/emulator", "pyproject.toml", "docs")
# Services whose description the tests read, to hold ours against boto3, and the package need not keep.
_REFERENCES = ("rds", "secretsmanager", "sesv2", "sqs")
_SITE = """
from serverless import bundle
assert bundle.install()
from serverless import prepared
assert prepared.install()
import django
assert django.__file__.startswith({root!r}), django.__file__
"""


def main() -> int:
    arguments = sys.argv[1:]
    tree = Path(arguments.pop(0)) if arguments and not arguments[0].startswith("-") else TREE
    if not all((tree / name).exists() for name in ("modules.bundle", "packages.bundle", "prepared.bundle")):
        sys.stderr.write(f"{tree} is no packaged tree: run `make package-check`.\n")
        return 2
    beside = tree.with_name("check")
    _assemble(tree.resolve(), beside.resolve())
    left_out = [option for name in _NOT for option in ("--ignore", name)]
    command = [sys.executable, "-m", "pytest", *_TESTS, *left_out, *arguments]
    environ = {
        "PYTHONPATH": str(beside.resolve()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DATA_PATH": str((beside / "references").resolve()),
    }
    return asyncio.run(_beside_services(command, beside, environ))


async def _beside_services(command: list[str], folder: Path, environ: dict[str, str]) -> int:
    """Run ``command`` while services of this checkout run: moto needs all of botocore."""
    state = Path(tempfile.mkdtemp(prefix="packaged-"))
    os.chmod(state, 0o755)  # noqa: S103 - PostgreSQL runs as another user when this is root
    services = await start_services(state, buckets=[], queues={}, origins=["http://testserver"])
    try:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=os.environ | services.environ | environ
        )
        return await process.wait()
    finally:
        await services.stop()
        shutil.rmtree(state)


def _assemble(tree: Path, beside: Path) -> None:
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(tree, beside, copy_function=os.link)
    for name in _BESIDE:
        source, target = ROOT / name, beside / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            target.unlink(missing_ok=True)
            shutil.copyfile(source, target)
    # Sources of static files, which the package leaves to the CDN and tests read.
    for source in ROOT.glob("app/*/static"):
        shutil.copytree(source, beside / source.relative_to(ROOT), dirs_exist_ok=True)
    if (ROOT / ".cache").exists():  # sample photographs
        (beside / ".cache").symlink_to((ROOT / ".cache").resolve())
    botocore = find_spec("botocore")
    assert botocore is not None
    assert botocore.origin is not None
    (beside / "references").mkdir()
    for service in _REFERENCES:
        (beside / "references" / service).symlink_to(Path(botocore.origin).with_name("data") / service)
    (beside / "sitecustomize.py").write_text(_SITE.format(root=str(beside)))


if __name__ == "__main__":
    sys.exit(main())
