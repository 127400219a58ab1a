"""The adapters that the corpus runs against, each set up as its own documentation advises.

A module each, with ``load()``, which imports the adapter and returns what takes an event and returns an answer.
"""

from tests.conformance.losses import ASGI, Loss

__all__ = ["LOSSES", "NAMES"]

NAMES = ("serverless", "serverless-asgi", "apig-wsgi", "mangum", "serverless-wsgi", "zappa")

# mangum is forgiven what ASGI takes from ours, too.
LOSSES: dict[str, tuple[Loss, ...]] = {"serverless-asgi": ASGI, "mangum": ASGI}
