from serverless.coldstart.advice import costs
from serverless.coldstart.measure import ColdStart, Owner


def test_whose_a_module_is(start: ColdStart) -> None:
    names = ["shop.views", "pandas", "django.forms", "serverless.boot", "json", "_io"]
    assert [start.owner(name) for name in names] == [
        Owner.PROJECT, Owner.PACKAGE, Owner.DJANGO, Owner.SERVERLESS, Owner.PYTHON, Owner.PYTHON,
    ]  # fmt: skip


def test_what_the_project_brings_in_is_named_with_who_did_it(start: ColdStart) -> None:
    assert [(cost.name, cost.importer, cost.us) for cost in costs(start)][:7] == [
        ("pandas", "shop.views", 29_000),
        ("own code", "shop.models", 8_000),
        ("requests", "shop.tasks", 6_000),
        ("debug_toolbar", "INSTALLED_APPS", 4_000),
        ("rest_framework", "INSTALLED_APPS", 3_700),
        ("csp", "MIDDLEWARE", 2_000),
        ("statistics", "shop.urls", 900),
    ]


def test_each_comes_with_what_to_do(start: ColdStart) -> None:
    advice = {cost.name: cost.advice for cost in costs(start)}
    assert advice["pandas"].startswith("move the work into a task")
    assert "urllib3" in advice["requests"]
    assert advice["debug_toolbar"].startswith("for development")
    assert "drop the middleware" in advice["csp"]
    assert "leave the app out" in advice["rest_framework"]
    assert "inside the view" in advice["statistics"]
    assert "own statements" in advice["own code"]


def test_django_s_own_needs_are_nobody_s_fault(start: ColdStart) -> None:
    assert not {"json", "django"} & {cost.name for cost in costs(start)}
