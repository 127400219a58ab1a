"""The task of every participant that takes Django's own: it does nothing with one number."""

from django.tasks import task


@task()
def noop(number: int) -> None:
    pass
