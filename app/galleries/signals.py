"""What happens to a photo when its task has used its last attempt."""

from typing import Any

from django.tasks import TaskResult, TaskResultStatus

from app.galleries.actions import fail_photo
from app.galleries.tasks import develop_photo

GAVE_UP = "Something went wrong on our side, several times. Add this file again to retry."


def fail_photo_of_dead_task(sender: object, task_result: "TaskResult[..., Any]", **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Mark the photo failed, unless another run has finished it."""
    if task_result.status != TaskResultStatus.FAILED or task_result.task.module_path != develop_photo.module_path:
        return
    photo_id = task_result.kwargs.get("photo_id") or next(iter(task_result.args), None)
    if photo_id:
        fail_photo(photo_id, reason=GAVE_UP)
