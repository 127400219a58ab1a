from django.apps import AppConfig
from django.core.checks import register


class TasksConfig(AppConfig):
    name = "serverless.tasks"
    label = "tasks"
    verbose_name = "Background tasks"

    def ready(self) -> None:
        from serverless.tasks.checks.queues import check_queues

        register(check_queues, "tasks", deploy=True)
