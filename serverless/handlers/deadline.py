"""The one timer of this process, for requests and for tasks: signals have a single handler."""

from typing import Final

from serverless.deadline import Deadline

__all__ = ["DEADLINE"]

DEADLINE: Final = Deadline()
