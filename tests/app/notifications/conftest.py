from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from app.notifications.actions import send_mail_later
from app.notifications.models import OutboxEmail


@pytest.fixture(autouse=True)
def templates_of_tests(settings: Settings) -> None:
    changed = deepcopy(settings.TEMPLATES)
    changed[0]["DIRS"] = [Path(__file__).parent / "templates"]
    settings.TEMPLATES = changed


@pytest.fixture
def email() -> OutboxEmail:
    return write()


def write(template: str = "notifications/email/reset_password", **changes: Any) -> OutboxEmail:
    given = {"to": "ada@example.test", "context": {"link": "https://loupe.test/x"}, "idempotency_key": "once"}
    return send_mail_later(template, **(given | changes))
