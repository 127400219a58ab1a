"""What happens to a report when its task has used its last attempt, and to its file when it is deleted."""

from typing import Any

from django.tasks import TaskResult, TaskResultStatus

from app.galleries.models import Gallery
from app.galleries.tasks import delete_stored
from app.reports.actions import fail_report
from app.reports.models import Report, ReportQuerySet
from app.reports.tasks import render_report

GAVE_UP = "Something went wrong on our side, several times. Make it again."


def fail_report_of_dead_task(sender: object, task_result: "TaskResult[..., Any]", **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Mark the report failed, unless another run has finished it."""
    if task_result.status != TaskResultStatus.FAILED or task_result.task.module_path != render_report.module_path:
        return
    report_id = task_result.kwargs.get("report_id") or next(iter(task_result.args), None)
    if report_id:
        fail_report(report_id, reason=GAVE_UP)


def delete_files_of_gallery(sender: object, instance: Gallery, using: str, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Queue the deletion of the files of all its reports, by one task."""
    reports = Report.objects.using(using).filter(gallery=instance)
    if keys := list(reports.exclude(key="").values_list("key", flat=True)):
        delete_stored.enqueue(keys)


def delete_file_of_report(sender: object, instance: Report, origin: object, **kwargs: Any) -> None:  # noqa: ARG001  # signal
    """Queue the deletion of its file, unless it goes with its gallery."""
    if instance.key and isinstance(origin, Report | ReportQuerySet):
        delete_stored.enqueue([instance.key])
