"""The app's configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_delete, pre_delete
from django.tasks.signals import task_finished


class ReportsConfig(AppConfig):
    """Documents about galleries."""

    name = "app.reports"
    label = "reports"

    def ready(self) -> None:
        """Listen for tasks that gave up, so that nobody waits for a report that will not come, and for deletions."""
        from app.reports.signals import delete_file_of_report, delete_files_of_gallery, fail_report_of_dead_task

        task_finished.connect(fail_report_of_dead_task, dispatch_uid="app.reports.fail_report_of_dead_task")
        post_delete.connect(delete_file_of_report, sender="reports.Report", dispatch_uid="app.reports.delete_file")
        pre_delete.connect(
            delete_files_of_gallery, sender="galleries.Gallery", dispatch_uid="app.reports.delete_files_of_gallery"
        )
