"""The wrapper that Django loads by the name of this module."""

import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from django.utils.functional import cached_property

from serverless.db import certificates
from serverless.db.failures import refused_login
from serverless.db.pinning import registry
from serverless.db.postgresql import health, rotation
from serverless.db.postgresql.statements import Cursor, Errors
from serverless.db.tokens import token

__all__ = ["DatabaseWrapper"]

# Seconds. Where OPTIONS say nothing: libpq waits for ever, and 15 minutes for what the kernel cannot deliver.
_DEFAULTS: Final = {"connect_timeout": 3, "tcp_user_timeout": 10_000}
# Seconds. Who waited so long for a connection in vain, and asks again within the same request and so short a time, is
# told the same at once: an error page that looks up its visitor would wait a second time.
_WAITED_S: Final = 0.5
_REFUSED_S: Final = 1.0
# libpq reads variables of the process: of two threads that connect, one would leave the other's behind.
_environment: Final = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, which is told when it met an outage, and asks the server as little as can be.

    ``OPTIONS["iam"]``: a token of IAM in the place of a password, and TLS that is verified in full.
    ``OPTIONS["password_variable"]``: the variable of a secret that SECRETS names, whose URL holds user and password.
    """

    worn = False
    """Whether the connection met an outage: it is closed as soon as no transaction is open on it."""
    health_check_done: bool
    health_check_enabled: bool
    _rested = False
    _poll: "select.poll | None" = None
    _refused: tuple[float, BaseException] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen = health.now()

    # --- connecting -------------------------------------------------------------------------------------------------
    def get_connection_params(self) -> dict[str, Any]:
        """Return what psycopg connects with. Raises ImproperlyConfigured, and MissingCredentials outside a function."""
        params: dict[str, Any] = _DEFAULTS | super().get_connection_params()
        params.pop("password_variable", None)
        if params.pop("iam", False):
            self._refuse_contradictions()
            host = params["host"]
            params |= certificates.verified(host, given=params.get("sslrootcert"))
            # Anew for each connection: it is good for 15 minutes, a function's environment lives for hours.
            params["password"] = token(host, port=int(params.get("port") or 5432), user=params["user"])
        return params

    def connect(self) -> None:
        """Connect, unless that was refused a moment ago: then say so again at once."""
        if self._refused is not None and time.monotonic() - self._refused[0] < _REFUSED_S:
            raise self._refused[1].with_traceback(None)
        self.worn, self._rested, self._refused = False, False, None
        began = time.monotonic()
        try:
            super().connect()
        except psycopg.OperationalError as refusal:
            if time.monotonic() - began > _WAITED_S:
                self.give_up(refusal)
            raise
        # A pool looks after its connections itself.
        self._poll = None if self.pool else health.listening(self.connection)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection; with what the secret says by now, where the login is refused."""
        with _zone(self.timezone_name):
            try:
                connection = super().get_new_connection(conn_params)
            except psycopg.OperationalError as refusal:
                if not refused_login(refusal) or not rotation.renewed(self.settings_dict):
                    raise
                login = {"user": self.settings_dict["USER"], "password": self.settings_dict["PASSWORD"]}
                connection = super().get_new_connection(conn_params | login)
        registry.opened(self, connection)
        return connection

    def give_up(self, refusal: BaseException) -> None:
        """Connect no more for a moment: whoever asks meanwhile is told what was waited for in vain."""
        self._refused = time.monotonic(), refusal

    def _refuse_contradictions(self) -> None:
        given, options = self.settings_dict, self.settings_dict["OPTIONS"]
        problems = {
            "PASSWORD beside iam: drop one of them.": given["PASSWORD"],
            "no USER: iam needs to know for whom the token is.": not given["USER"],
            "no HOST: iam needs to know for which server the token is.": not given["HOST"],
            "pool beside iam: a pool keeps the first token, which ends after 15 minutes.": options.get("pool"),
            "another sslmode than verify-full: whoever is handed the token could use it for 15 minutes.": (
                options.get("sslmode", "verify-full") != "verify-full"
            ),
        }
        for text, is_so in problems.items():
            if is_so:
                raise ImproperlyConfigured(f"DATABASES[{self.alias!r}] has {text}")

    # --- keeping ----------------------------------------------------------------------------------------------------
    def close_if_unusable_or_obsolete(self) -> None:
        """Do what Django does at the begin and the end of a request; and note how long it was since."""
        self._refused = None
        if self.worn and self.connection is not None:
            self.close()
        super().close_if_unusable_or_obsolete()
        now = health.now()
        self._rested = self._rested or health.is_long(self._seen, now)
        self._seen = now

    def close_if_health_check_failed(self) -> None:
        """Before each statement: close what is known to be broken, and find out about it at most once a request.

        A server that ends a connection says so, and the kernel has heard it: that is seen without a word. Only what was
        idle for long is asked, since a freeze may have lost such a message.
        """
        if self.connection is None:
            return
        if self.worn and not self.in_atomic_block:
            self.close()
            return
        if self.health_check_done or not self.health_check_enabled or self._poll is None:
            return
        self.health_check_done = True
        doubtful, self._rested = self._rested or health.has_word(self.connection, self._poll), False
        if doubtful and not self.is_usable():
            self.close()

    def is_usable(self) -> bool:
        """Whether the server answers, within a second or two: a network that forgot the connection never would."""
        return self.connection is not None and health.answers(self.connection)

    # --- statements -------------------------------------------------------------------------------------------------
    @cached_property
    def wrap_database_errors(self) -> Errors:
        return Errors(self)

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        return Cursor(cursor, self)


@contextmanager
def _zone(name: str | None) -> Iterator[None]:
    """Let libpq ask for the time zone in its first message, as a parameter of the connection.

    Set afterwards, as Django does for a server in another zone, it is one more round trip, and pins the session to one
    client of RDS Proxy. In `options`, the other way to send it along, RDS Proxy takes nothing.
    https://www.postgresql.org/docs/current/libpq-envars.html
    """
    with _environment:
        before = os.environ.get("PGTZ")
        if name:
            os.environ["PGTZ"] = name
        try:
            yield
        finally:
            if before is None:
                os.environ.pop("PGTZ", None)
            else:
                os.environ["PGTZ"] = before
