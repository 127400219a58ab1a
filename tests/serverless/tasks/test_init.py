"""The public face: what may be imported before apps are loaded."""

import pytest

import serverless.tasks
from tests.serverless.tasks.run import run_python


@pytest.mark.django_db
def test_neither_the_face_nor_the_backend_loads_models() -> None:
    done = run_python(
        "import sys\nimport serverless.tasks\n"
        "from django.tasks import task_backends\nprint(type(task_backends['default']).__name__)"
    )
    assert (done.stdout, done.stderr) == ("SQSBackend\n", "")


def test_all_that_is_named_exists() -> None:
    assert all(hasattr(serverless.tasks, name) for name in serverless.tasks.__all__)
