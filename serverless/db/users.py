"""Who connects: three users, each with what its function needs, and how long each may hold things up."""

from dataclasses import dataclass
from typing import Final

__all__ = ["IAM_ROLE", "User", "Users", "users"]

# Who is a member of it logs in with a token of IAM, and with nothing else.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
IAM_ROLE: Final = "rds_iam"
# Lambda's longest timeout: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LONGEST_S: Final = 900
_API_S: Final = 30  # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """``settings`` are what ALTER ROLE sets: names and values as PostgreSQL writes them."""

    name: str
    settings: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """``web`` and ``worker`` read and write rows, ``migrator`` owns the tables."""

    web: User
    worker: User
    migrator: User

    @property
    def all(self) -> tuple[User, User, User]:
        return self.web, self.worker, self.migrator


def users(*, prefix: str = "", worker_timeout: int | None = None) -> Users:
    """Return the users of one database. ``worker_timeout`` is that of the worker function, in seconds.

    The proxy keeps a connection's settings only where they come with the user: a SET would pin it to one client.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html
    """
    worker = worker_timeout or LONGEST_S
    return Users(
        web=_user(
            f"{prefix}web",
            # A page that waits longer is answered with 503 at 29 s: ten seconds less leave time to say so, or to ask
            # something else.
            statement=_API_S - 10,
            # Above the migrator's, so that a visitor outwaits a migration that waits for a lock itself.
            lock=5,
            # An environment that was frozen or killed in mid-transaction keeps its locks no longer than its function.
            idle=_API_S,
        ),
        # A task may compute for most of its function's time in an atomic block.
        worker=_user(f"{prefix}worker", statement=worker, lock=min(30, worker), idle=worker),
        migrator=_user(
            f"{prefix}migrator",
            # Before Lambda's end, so that the error names the statement.
            statement=LONGEST_S - 60,
            # Everybody else queues up behind a lock that it waits for: better to fail, and to be run again.
            lock=4,
            idle=300,
        ),
    )


def _user(name: str, *, statement: int, lock: int, idle: int) -> User:
    return User(
        name=name,
        settings={
            "statement_timeout": f"{statement}s",
            "lock_timeout": f"{lock}s",
            "idle_in_transaction_session_timeout": f"{idle}s",
            # What Django would set on every connection otherwise, for a round trip and a pin.
            "TimeZone": "UTC",
        },
    )
