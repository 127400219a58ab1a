"""Who brought in what, at what cost, and what can be done about it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from serverless.coldstart.imports import Import
from serverless.coldstart.measure import ColdStart, Owner

__all__ = ["Cost", "costs"]

_SETTINGS_APPS, _SETTINGS_MIDDLEWARE = "INSTALLED_APPS", "MIDDLEWARE"
_DEVELOPMENT = frozenset({"debug_toolbar", "django_browser_reload", "django_extensions", "silk", "django_watchfiles"})
# What is seldom needed to answer a request, by what is better instead.
_BETTER = {
    "boto3": "serverless.storage presigns and serverless.tasks enqueues without it; import the rest inside a task.",
    "botocore": "serverless.storage presigns and serverless.tasks enqueues without it; import the rest inside a task.",
    "cryptography": "import it inside the function that signs: most pages do not.",
    "numpy": "move the work into a task and import it there.",
    "pandas": "move the work into a task and import it there.",
    "PIL": "move the work into a task and import it there.",
    "reportlab": "move the work into a task and import it there.",
    "requests": "import it inside the function that calls out; urllib3 or http.client alone cost a third.",
    "stripe": "import it inside the views that take money.",
}
_OWN = "own code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the module ``importer`` of the project, or a setting, pays for ``name``, a package or its own code."""

    name: str
    importer: str
    us: int
    advice: str = ""


def costs(start: ColdStart) -> list[Cost]:
    """Return what this project's own modules and settings bring in, the costliest first."""
    found: dict[tuple[str, str], int] = {}
    for importer, name, us in _edges(start):
        found[importer, name] = found.get((importer, name), 0) + us
    every = [Cost(name=name, importer=importer, us=us) for (importer, name), us in found.items()]
    return sorted((replace(cost, advice=_advice(cost)) for cost in every), key=lambda cost: -cost.us)


def _edges(start: ColdStart) -> Iterator[tuple[str, str, int]]:
    """Yield importer, what it brought in, and its microseconds without those of the project's modules below."""
    pending: list[tuple[Import, str | None]] = [(start.root, None)]
    while pending:
        module, importer = pending.pop()
        owner = start.owner(module.name)
        if owner is Owner.PROJECT:
            yield module.name, _OWN, module.own_us
            pending += [(child, module.name) for child in module.children]
            continue
        importer = importer or _setting(start, module.name)
        if importer is None or owner in {Owner.DJANGO, Owner.SERVERLESS}:  # what everything here is made with
            pending += [(child, None) for child in module.children]
            continue
        below = list(_project_below(start, module))
        yield importer, module.name.partition(".")[0], module.total_us - sum(child.total_us for child in below)
        pending += [(child, None) for child in below]


def _project_below(start: ColdStart, module: Import) -> Iterator[Import]:
    for child in module.children:
        if start.owner(child.name) is Owner.PROJECT:
            yield child
        else:
            yield from _project_below(start, child)


def _setting(start: ColdStart, name: str) -> str | None:
    """Return the setting that names a package's module, where no module of the project imported it."""
    if start.owner(name) is not Owner.PACKAGE:
        return None
    top = name.partition(".")[0]
    if any(entry.partition(".")[0] == top for entry in start.middleware):
        return _SETTINGS_MIDDLEWARE
    return _SETTINGS_APPS if any(entry.partition(".")[0] == top for entry in start.apps) else "settings"


def _advice(cost: Cost) -> str:
    if cost.name in _DEVELOPMENT:
        return "for development: leave it out of production's settings."
    if cost.name == _OWN:
        return "the module's own statements: make at first use what is built at import (functools.cache)."
    if cost.name in _BETTER:
        return _BETTER[cost.name]
    if cost.importer == _SETTINGS_MIDDLEWARE:
        return "every request goes through it: drop the middleware if most pages can do without."
    if cost.importer == _SETTINGS_APPS:
        return "leave the app out if no page, model or task of the function needs it."
    if cost.importer == "settings":
        return "a backend that settings name: look for one that imports less."
    last = cost.importer.rpartition(".")[2]
    if last in {"tasks", "jobs"}:
        return "import it inside the task: pages that enqueue load this module, too."
    if last in {"views", "urls", "api", "forms", "admin"}:
        return "import it inside the view that needs it: other pages do not."
    return "import it inside the function that needs it, if few requests call that."
