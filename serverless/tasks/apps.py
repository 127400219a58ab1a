from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "serverless.tasks"
    label = "tasks"
    verbose_name = "Background tasks"
