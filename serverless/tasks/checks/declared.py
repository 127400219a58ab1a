"""What can be seen in the tasks themselves: those in a module ``tasks`` of an installed app."""

from collections.abc import Iterator
from importlib import import_module

from django.apps import apps
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.tasks.backends.base import BaseTaskBackend
from django.utils.module_loading import import_string, module_has_submodule

from serverless.tasks.definition import Task
from serverless.tasks.work.timing import RESERVE

# What only rows can keep.
_NEEDS_ROWS = ("unique", "ordered_by", "concurrency", "rate", "expires_after")


def check_tasks(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    """Check the tasks of a backend with rows."""
    function = backend.options.get("FUNCTION_TIMEOUT")
    for task in _tasks(backend):
        if not _is_found(task):
            yield Error(
                f"{task.module_path} is not the task of that name: enqueue() would refuse it.",
                hint="Give the task the name of its function, as @task does.",
                id="tasks.E030",
            )
        if function and task.timeout is not None and task.timeout > function - RESERVE:
            yield checks.Warning(
                f"{task.module_path} has a timeout of {task.timeout:g} s, but the function ends after {function} s: "
                f"the task is stopped {RESERVE:g} s before that.",
                hint="Shorten the timeout, raise the function's (15 minutes at most), or split the task.",
                id="tasks.W031",
            )


def check_ignored_options(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    """Check the tasks of a backend without rows."""
    for task in _tasks(backend):
        if ignored := [name for name in _NEEDS_ROWS if getattr(task, name) is not None]:
            yield checks.Warning(
                f"TASKS[{backend.alias!r}] has no rows to keep {', '.join(ignored)} of {task.module_path} in.",
                hint="Where it matters, use serverless.tasks.backend.SQSBackend; otherwise silence tasks.W032.",
                id="tasks.W032",
            )


def _tasks(backend: BaseTaskBackend) -> Iterator[Task[..., object]]:
    for config in apps.get_app_configs():
        if config.module is None or not module_has_submodule(config.module, "tasks"):
            continue
        for value in vars(import_module(f"{config.name}.tasks")).values():
            if isinstance(value, Task) and value.backend == backend.alias:
                yield value


def _is_found(task: Task[..., object]) -> bool:
    try:
        found = import_string(task.module_path)
    except ImportError:
        return False
    return isinstance(found, Task) and found.func is task.func
