"""A task that is replaced while it runs gets the new arguments, and is done when the run with the old ones is."""

from serverless.handlers.main import handler
from serverless.tasks.produce import insert

vars(insert)["_REPLACE"] = insert._REPLACE.replace("again = task.state = 'running'", "again = false")

__all__ = ["handler"]
