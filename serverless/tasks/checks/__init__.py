"""What ``manage.py check`` says of tasks: from the settings, from the tasks, and with --deploy from SQS."""

from serverless.tasks.checks.settings import check_backend

__all__ = ["check_backend"]
