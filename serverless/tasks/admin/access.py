"""Which database the pages show: the one that the router names for the rows."""

from django.db import router

from serverless.tasks.models import TaskRow


def database() -> str:
    return router.db_for_write(TaskRow)
