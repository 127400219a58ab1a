"""What can go wrong between an event and its answer."""

from serverless.exceptions import ServerlessError

__all__ = ["DeadlineExceeded", "MalformedEvent", "ResponseTooLarge"]


class MalformedEvent(ServerlessError):
    """An event has the outline of an HTTP request but holds what no event source sends. It is answered with 400."""


class ResponseTooLarge(ServerlessError):
    """A response is larger than its event source carries. It is answered with 413."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The body is over Lambda's limit: it has {size:,} bytes and may have more.")


class DeadlineExceeded(KeyboardInterrupt):
    """The request ran until shortly before the end of its time. It is answered with 503.

    A KeyboardInterrupt, because that is what Python has for being interrupted by a signal: Django and ``except
    Exception`` let it pass, asyncio hands it on, and psycopg cancels the statement it waits for and keeps the
    connection usable, so that an open transaction is rolled back.
    """

    unfinished = False
    """Whether code of the request still runs, on a thread that no signal reaches."""
