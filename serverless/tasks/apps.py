from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register


class TasksConfig(AppConfig):
    name = "serverless.tasks"
    label = "tasks"
    verbose_name = "Background tasks"

    def ready(self) -> None:
        register(_check_queues, "tasks", deploy=True)


def _check_queues(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    from serverless.tasks.checks.queues import check_queues  # not in the cold start of every function

    return check_queues(app_configs, **kwargs)
