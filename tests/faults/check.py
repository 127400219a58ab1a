"""The checker: from a history to the promises that it breaks (docs/how-to/faults.md names them)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from tests.faults import check_policies
from tests.faults.record import Record, Row, Violation, kind
from tests.faults.sqs import MAX_RECEIVES, Held

# serverless.tasks.work.worker: what a task gets that says nothing else.
ATTEMPTS: Final = 5
FINISHED: Final = frozenset({"done", "dead"})
# A worker that has just been started takes 60.
MEMORY_MB: Final = 128
# Tasks without a row in `effects`.
EFFECTLESS: Final = frozenset({"noop", "fail_always", "kill_always"})
# Tasks that end in death, whatever happens.
DOOMED: Final = frozenset({"fail_always", "kill_always"})
_UNTOUCHED: Final = {"language": "en-us", "zone": "America/Chicago", "autocommit": True, "lock_timeout": "0"}


def violations(record: Record) -> list[Violation]:
    """Return every broken promise, in the order of the promises."""
    return [violation for rule in _RULES for violation in rule(record)]


def _takes_effect(record: Record) -> Iterator[Violation]:
    """I1: every committed enqueue takes effect once the queue has drained."""
    for line in record.of("not drained"):
        waiting = [row["mark"] for row in record.rows if row["state"] not in FINISHED]
        yield Violation(promise="I1", mark="", why=f"{waiting} wait longer than {line.more['within']} s", lines=[line])
    rows = {row["mark"] for row in record.rows}
    for line in record.of("committed"):
        if line.mark not in rows and line.more.get("kind") not in check_policies.OTHER_ROWS:
            yield record.broken("I1", line.mark, "was committed and has no row")
    for row in record.rows:
        mark = row["mark"]
        if row["state"] not in FINISHED:
            yield record.broken("I1", mark, f"is {row['state']} though everything has drained")
        elif row["state"] == "done" and not _has_effect(record, row):
            yield record.broken("I1", mark, "is done without its effect")


def _at_most_once(record: Record) -> Iterator[Violation]:
    """I2: an atomic task's database effect happens at most once, and with its result."""
    for row in record.rows:
        if not kind(row).startswith("atomic"):
            continue
        runs = record.runs(row["mark"])
        if len(runs) > 1 or (row["state"] == "done" and runs != [row["return_value"]]):
            yield record.broken(
                "I2", row["mark"], f"took effect in runs {runs}, its result is of {row['return_value']}"
            )


def _rolled_back(record: Record) -> Iterator[Violation]:
    """I3: no task runs whose enqueue rolled back."""
    rows = {row["mark"] for row in record.rows}
    for line in record.of("rolled back"):
        if line.mark in rows or record.of("began", line.mark):
            yield record.broken("I3", line.mark, "was rolled back, and is there or has run")


def _in_order(record: Record) -> Iterator[Violation]:
    """I4: ordered groups keep the order of their commits: none begins before the one before it is finished."""
    groups: dict[str, list[str]] = defaultdict(list)
    ordered = {row["mark"]: row for row in record.rows if row["order_key"]}
    results = {mark: row["return_value"] for mark, row in ordered.items()}
    for line in record.of("committed"):
        if line.mark in ordered:
            groups[ordered[line.mark]["order_key"]].append(line.mark)
    for group, marks in groups.items():
        for earlier, later in pairwise(marks):
            ended = [line.at for line in record.of("ended", earlier) if line.more["run"] == results[earlier]]
            if any(line.at < min(ended, default=0.0) for line in record.of("began", later)):
                yield record.broken("I4", later, f"of {group} began before {earlier} ended")


def _dead_when_spent(record: Record) -> Iterator[Violation]:
    """I5: dead exactly when its own attempts are spent; the dead-letter queue holds only what no row explains."""
    lost = Counter(line.more["task"] for line in record.of("lost"))
    for row in record.rows:
        # What ended a worker the first time may have been another row of its batch; from then on it runs alone.
        own = len(record.of("raised", row["mark"])) + max(0, lost[str(row["id"])] - 1)
        if kind(row).startswith("atomic"):  # BEGIN and COMMIT, which may fail, are a part of it
            own += sum("django.db" in error["exception_class_path"] for error in row["errors"])
        if row["attempts"] > own:
            yield record.broken("I5", row["mark"], f"is charged {row['attempts']} attempts, {own} were its own")
        if (row["state"] == "dead") != (row["attempts"] >= ATTEMPTS or check_policies.has_expired(row)):
            yield record.broken("I5", row["mark"], f"is {row['state']} after {row['attempts']} attempts")
        if row["state"] == "done" and kind(row) in DOOMED:
            yield record.broken("I5", row["mark"], "cannot succeed, and is done")
    rows = {str(row["id"]): row["mark"] for row in record.rows}
    for body in record.dead:
        if (mark := rows.get(Held(body=body, visible_at=0).task)) is not None:
            yield record.broken("I5", mark, "has a row, and a message in the dead-letter queue")


def _first_after_a_fault(record: Record) -> Iterator[Violation]:
    """I6: the first invocation after a fault clears succeeds."""
    for index, cleared in enumerate(record.lines):
        if cleared.what != "cleared":
            continue
        seen: set[str] = set()
        for line in record.lines[index + 1 :]:
            if line.what == "answered" and (name := line.more["function"]) not in seen:
                seen.add(name)
                if not line.more["ok"]:
                    yield Violation(
                        promise="I6",
                        mark="",
                        why=f"the first invocation of {name} after {cleared.more['fault']} failed",
                        lines=[cleared, line],
                    )


def _no_false_success(record: Record) -> Iterator[Violation]:
    """I7: no success status for work that was not committed."""
    for line in record.of("acked"):
        if not line.more["settled"]:
            why = f"was answered as a success while {line.more['state']}, due, and with no other message"
            yield record.broken("I7", line.mark, why)
    for row in record.rows:
        if (runs := record.runs(row["mark"])) and row["state"] == "done" and row["return_value"] not in runs:
            why = f"reports run {row['return_value']}, in the database are {runs}"
            yield record.broken("I7", row["mark"], why)


def _nothing_crosses(record: Record) -> Iterator[Violation]:
    """I8: no state crosses tenant, user or invocation."""
    for line in record.of("observed"):
        crossed = {name: value for name, value in line.more.items() if _UNTOUCHED[name] != value}
        if crossed:
            yield record.broken("I8", line.mark, f"sees what another left: {crossed}")


def _bounded(record: Record) -> Iterator[Violation]:
    """I9: connections, receives and memory stay bounded."""
    for line in record.of("overlapped"):
        mark = next((row["mark"] for row in record.rows if str(row["id"]) == line.more["task"]), "")
        yield record.broken("I9", mark, "was delivered again while its invocation ran")
    for line in record.of("received"):
        if line.more["count"] > MAX_RECEIVES:
            yield Violation(promise="I9", mark="", why="a message was received too often", lines=[line])
    for row in record.connections:
        if row["count"] > 1:
            yield Violation(promise="I9", mark="", why=f"{row['name']} holds {row['count']} connections")
    if record.memory_mb > MEMORY_MB:
        yield Violation(promise="I9", mark="", why=f"a process took {record.memory_mb} MB")


def _follow_ups(record: Record) -> Iterator[Violation]:
    """I10: a retried or redelivered task still sends its follow-ups (once, where it is atomic)."""
    marks = Counter(row["mark"] for row in record.rows)
    for row in record.rows:
        if row["state"] != "done" or "children" not in row["kwargs"]:
            continue
        for number in range(row["kwargs"]["children"]):
            child = f"{row['mark']}.{number}"
            if not marks[child] or (kind(row).startswith("atomic") and marks[child] > 1):
                yield record.broken("I10", row["mark"], f"is done, and {child} was enqueued {marks[child]} times")


def _flows(record: Record) -> Iterator[Violation]:
    """I10 as well: what follows in a chain or ends a group is enqueued once, and not before its time."""
    marks = Counter(row["mark"] for row in record.rows)
    done = Counter(row["group_id"] for row in record.rows if row["state"] == "done")
    ends = [(row["mark"], row["chain"], row["state"] == "done") for row in record.rows if row["chain"]]
    ends += [(f"group {group['id']}", group["then"], done[group["id"]] == group["size"]) for group in record.groups]
    for mark, calls, ended in ends:
        follower = calls[0]["kwargs"]["mark"]
        if marks[follower] != int(ended):
            yield record.broken(
                "I10", mark, f"has {'' if ended else 'not '}ended, {follower} is there {marks[follower]} times"
            )


_RULES: tuple[Callable[[Record], Iterator[Violation]], ...] = (
    _takes_effect, _at_most_once, _rolled_back, _in_order, _dead_when_spent,
    _first_after_a_fault, _no_false_success, _nothing_crosses, _bounded, _follow_ups, _flows,
    *check_policies.RULES,
)  # fmt: skip


def _has_effect(record: Record, row: Row) -> bool:
    return bool(record.of("ended", row["mark"]) if kind(row) in EFFECTLESS else record.runs(row["mark"]))
