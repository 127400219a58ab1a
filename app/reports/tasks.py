"""Tasks of the reports: thin, taking ids, safe to run twice."""

from app.reports.models import Report
from serverless.tasks import task


@task
def render_report(report_id: str) -> str:
    """Render what was asked for; returns the state in which the report is left."""
    from app.reports.rendering import render  # ReportLab comes with it

    report = Report.objects.filter(pk=report_id).select_related("gallery__studio").first()
    return render(report) if report else "gone"
