"""A cold start that needs no measuring."""

import pytest

from serverless.coldstart.imports import Import
from serverless.coldstart.measure import ColdStart


def module(name: str, own_us: int, *children: Import) -> Import:
    total = own_us + sum(child.total_us for child in children)
    return Import(name=name, own_us=own_us, total_us=total, children=children)


@pytest.fixture
def start() -> ColdStart:
    """A shop that imports pandas in its views, requests in its tasks, and has a slow module and a tool too many."""
    site = "/venv/lib/python3.13/site-packages"
    root = module(
        "serverless.handlers.main",
        1_000,
        module("django", 10_000, module("json", 500)),
        module("debug_toolbar", 4_000),
        module("csp.middleware", 2_000),
        module("rest_framework", 3_000, module("django.forms", 700)),
        module(
            "shop.urls",
            100,
            module("shop.views", 200, module("pandas", 9_000, module("numpy", 20_000)), module("shop.models", 8_000)),
            module("shop.tasks", 50, module("requests", 6_000)),
            module("statistics", 900),
        ),
    )
    packages = ("debug_toolbar", "csp", "rest_framework", "pandas", "numpy", "requests", "django")
    return ColdStart(
        root=root,
        files={name: f"{site}/{name}/__init__.py" for name in packages}
        | {f"shop.{name}": f"/project/shop/{name}.py" for name in ("urls", "views", "models", "tasks")}
        | {"json": "/usr/lib/python3.13/json/__init__.py", "statistics": "/usr/lib/python3.13/statistics.py"},
        apps=("django.contrib.auth", "debug_toolbar", "rest_framework", "shop"),
        middleware=("csp.middleware.CSPMiddleware",),
    )
