"""Everything before the first event, so that no visitor waits for an import.

Lambda gives the init phase 10 s at full CPU speed before the first invocation
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). A failure here is raised: awslambdaric
reports it as an init error and Lambda starts a fresh environment at the next event.
"""

import gc

import django
from django.template import engines
from django.urls import get_resolver

__all__ = ["start"]


def start() -> None:
    """Set Django up: settings, models, URLconf with every view it names, template engines."""
    # Nothing that an import makes is garbage. Collecting it costs 7-10% of a cold start, and freezing it keeps later
    # collections from walking it again.
    gc.disable()
    try:
        django.setup(set_prefix=False)
        # url_patterns is resolved on first use; reading it imports every views module now.
        _load(get_resolver())
        engines.all()
    finally:
        gc.freeze()
        gc.enable()


def _load(resolver: object) -> None:
    for pattern in getattr(resolver, "url_patterns", ()):
        _load(pattern)
