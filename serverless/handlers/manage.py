"""Management commands, for whoever may invoke the function directly: ``{"manage": ["migrate", "--noinput"]}``."""

from typing import Any

from serverless import manage
from serverless.events.types import ManageEvent
from serverless.handlers.deadline import DEADLINE
from serverless.handlers.meter import METER


def handle(event: ManageEvent) -> dict[str, Any]:
    with METER.invocation():
        return dict(manage.run(event["manage"], deadline=DEADLINE))
