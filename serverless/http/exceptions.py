"""What can go wrong between an event and its answer."""

from serverless.exceptions import ServerlessError

__all__ = ["MalformedEvent", "ResponseTooLarge"]


class MalformedEvent(ServerlessError):
    """An event has the outline of an HTTP request but holds what no event source sends. It is answered with 400."""


class ResponseTooLarge(ServerlessError):
    """A response is larger than its event source carries. It is answered with 413."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The body is over Lambda's limit: it has {size:,} bytes and may have more.")
