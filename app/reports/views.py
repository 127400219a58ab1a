"""The studio's page of contact sheets, and the way to a file."""

import uuid

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from app.accounts.access import StudioRequest, studio_required
from app.galleries.models import Gallery
from app.reports.actions import request_contact_sheet
from app.reports.exceptions import ReportRefused
from app.reports.forms import ContactSheetForm
from app.reports.models import Report
from serverless.storage import presign_download

# The page is for fetching what was just made; older ones stay in the bucket and in the admin.
_MOST_SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
@studio_required
def contact_sheets(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """List the gallery's contact sheets; a POST asks for one and comes back here."""
    gallery = get_object_or_404(Gallery.objects.of(request.studio), pk=pk)
    if request.method != "POST":
        return _contact_sheets(request, gallery, ContactSheetForm())
    form = ContactSheetForm(request.POST)
    if not form.is_valid():
        return _contact_sheets(request, gallery, form, status=422)
    try:
        report = request_contact_sheet(gallery, options=form.options)
    except ReportRefused as refusal:
        form.add_error(None, str(refusal))
        return _contact_sheets(request, gallery, form, status=422)
    return redirect(f"{request.path}#sheet-{report.pk}")


@require_safe
@studio_required
def download(request: StudioRequest, pk: uuid.UUID) -> HttpResponseRedirect:
    """Send the browser to the file, by an address that works for a minute."""
    ready = Report.objects.of(request.studio).filter(state=Report.State.READY).select_related("gallery")
    report = get_object_or_404(ready, pk=pk)
    return HttpResponseRedirect(presign_download(report.key, filename=report.filename, expires_in=60))


def _contact_sheets(
    request: StudioRequest, gallery: Gallery, form: ContactSheetForm, *, status: int = 200
) -> HttpResponse:
    reports = list(Report.objects.filter(gallery=gallery).newest_first()[:_MOST_SHOWN])
    context = {
        "studio": request.studio,
        "gallery": gallery,
        "reports": reports,
        "waiting": any(report.state == Report.State.QUEUED for report in reports),
        "form": form,
    }
    return render(request, "reports/contact_sheets.html", context, status=status)
