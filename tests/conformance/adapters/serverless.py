"""Ours: the entry point that Lambda is configured with."""

from tests.conformance.compare import Adapter


def load() -> Adapter:
    from serverless.events import kind
    from serverless.handlers.http import HANDLERS

    def respond(event: dict[str, object]) -> dict[str, object]:
        return dict(HANDLERS[kind(event)](event))

    return respond
