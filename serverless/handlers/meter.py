"""The one meter of this process, for requests and for tasks: whichever comes first is the cold start."""

from typing import Final

from serverless.meter import Meter

__all__ = ["METER"]

METER: Final = Meter()
