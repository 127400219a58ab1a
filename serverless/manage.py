"""Management commands inside a function: for whoever may invoke it, since nothing else reaches its database.

In: the words after ``manage.py``. Out: what the command printed, and its exit code. Only commands of the allow-list
``SERVERLESS["MANAGE"]["COMMANDS"]`` run, in this process; never Python that an event brings along.
"""

import logging
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import TextIOBase
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast

from serverless import context, log, runtime
from serverless.conf import conf
from serverless.connections import abandon
from serverless.deadline import Deadline, DeadlineExceeded
from serverless.exceptions import ServerlessError
from serverless.release import running

if TYPE_CHECKING:
    from django.core.management.base import BaseCommand

__all__ = ["Answer", "run"]

logger = logging.getLogger(__name__)

# Lambda takes back 6 MB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and no character is
# more than six bytes of JSON.
MOST_CHARACTERS: Final = 1_000_000
# Kept back of the function's time to cancel the statement, roll back and answer; of short times, half.
RESERVE_S: Final = 5.0

FAILED: Final = 1
USAGE: Final = 2
OUT_OF_TIME: Final = 124  # as timeout(1) has it


class Answer(TypedDict):
    """``exit``: 0, the command's own code, 1 for an error, 2 for words that make no command, 124 for no time left."""

    exit: int
    output: str
    release: str
    version: str


def run(argv: object, *, deadline: Deadline | None = None) -> Answer:
    """Run ``manage.py`` with these words and return what came of it; raises nothing but what ends the process.

    ``deadline`` interrupts the command before the function's end.
    """
    tail, started = _Tail(), time.perf_counter()
    code, name = USAGE, ""
    try:
        words = _words(argv)
        name = words[0]
        code = _within(deadline, tail, words)
    except _Refused as refused:
        tail.write(f"{refused}\n")
    finally:
        abandon()
    seconds = round(time.perf_counter() - started, 3)
    # Neither the words nor the output: either may hold what is nobody's business.
    logger.info("command ran", extra={"command": name, "exit": code, "seconds": seconds})
    return _answer(code, tail)


class _Refused(ServerlessError):
    """These words are not run; the message says what would be."""


class _Tail(TextIOBase):
    """Keeps the last of what is written: the end says how a command went."""

    def __init__(self) -> None:
        self._parts: deque[str] = deque()
        self._kept = self._dropped = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        self._parts.append(text[-MOST_CHARACTERS:])
        self._kept += len(self._parts[-1])
        self._dropped += len(text) - len(self._parts[-1])
        while self._kept > MOST_CHARACTERS:
            over, first = self._kept - MOST_CHARACTERS, self._parts.popleft()
            if len(first) > over:
                self._parts.appendleft(first[over:])
            self._kept -= min(len(first), over)
            self._dropped += min(len(first), over)
        return len(text)

    def text(self) -> str:
        said = "".join(self._parts).encode(errors="backslashreplace").decode()
        return f"[{self._dropped} characters before this are left out]\n{said}" if self._dropped else said


def _words(argv: object) -> list[str]:
    if not (isinstance(argv, list) and argv and all(isinstance(word, str) for word in argv)):
        raise _Refused('An event for a command is {"manage": ["migrate", "--noinput"]}: the words after manage.py.')
    allowed = conf().manage.commands
    if argv[0] not in allowed:
        raise _Refused(
            f"{argv[0]!r} is not run here. Commands that are: {', '.join(allowed)}; "
            'SERVERLESS["MANAGE"]["COMMANDS"] lists them.'
        )
    return cast("list[str]", argv)


def _within(deadline: Deadline | None, tail: _Tail, words: Sequence[str]) -> int:
    """Run the command with its output in ``tail``, until shortly before the function's end; return its exit code."""
    invocation = context.current()
    with redirect_stdout(tail), redirect_stderr(tail):
        if deadline is None or invocation is None:
            return _run(words)
        left = context.remaining() or 0.0
        ends_at = time.monotonic() + max(left - RESERVE_S, left / 2)
        last_words = partial(_last_words, invocation.request_id, tail, words[0])
        try:
            return deadline.call(_run, words, ends_at=ends_at, last_words=last_words)
        except DeadlineExceeded:
            logger.error("command stopped", extra={"command": words[0]})
            sys.stderr.write(
                f"{words[0]} was stopped shortly before the function's end. What its open transaction did is rolled "
                "back, what was committed before it stays (for migrations, showmigrations tells). Run it again to go "
                "on, with less to do in one transaction; 900 s is the longest timeout that Lambda has.\n"
            )
            return OUT_OF_TIME


def _run(words: Sequence[str]) -> int:
    from django.core.management.base import CommandError, SystemCheckError

    traced = "--traceback" in words
    try:
        command, args, options = _parsed(words)
        command.execute(*args, **options)
    except _Refused:
        raise
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else FAILED if end.code else 0
    except CommandError as error:
        if traced:
            traceback.print_exc()
        sys.stderr.write(f"{error}\n" if isinstance(error, SystemCheckError) else f"{type(error).__name__}: {error}\n")
        return error.returncode
    except Exception as error:
        logger.exception("command failed", extra={"command": words[0]})
        whole = traceback.format_exc() if traced else f"{type(error).__name__}: {error}\nThe log has the traceback.\n"
        sys.stderr.write(log.without_rows(whole))
        return FAILED
    return 0


def _parsed(words: Sequence[str]) -> "tuple[BaseCommand, tuple[Any, ...], dict[str, Any]]":
    """Return the command with its arguments and options, as ``manage.py`` reads them."""
    from django.core.management import get_commands, load_command_class
    from django.core.management.base import BaseCommand, CommandError

    name, *rest = words
    try:
        app = get_commands()[name]
    except KeyError:
        raise _Refused(f"No installed app has a command {name!r}; SERVERLESS allows it.") from None
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    try:
        options = vars(command.create_parser("manage.py", name).parse_args(rest))
    except CommandError as error:
        raise _Refused(f"{error} (manage.py {name} --help)") from None
    if options["settings"] or options["pythonpath"]:
        raise _Refused("--settings and --pythonpath are the function's own, and stay as they are.")
    return command, options.pop("args", ()), options


def _last_words(request_id: str, tail: _Tail, name: str) -> None:
    """Answer in the place of a main thread that does not come back, and end with it."""
    frames = sys._current_frames()  # noqa: SLF001 - documented, underscore and all
    stack = "".join(traceback.format_stack(frames[threading.main_thread().ident or 0]))
    logger.error("command stopped, nothing else stopped it", extra={"command": name, "stack": stack})
    tail.write(f"\n{name} did not stop at the function's end; the environment ended with it, and its connections.\n")
    runtime.answer_and_end(request_id, _answer(OUT_OF_TIME, tail))


def _answer(code: int, tail: _Tail) -> Answer:
    here = running()
    return Answer(exit=code, output=tail.text(), release=here["release"], version=here["version"])
