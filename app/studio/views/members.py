"""The studio's team, and the studios of a user."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from app.accounts import limits
from app.accounts.access import Right, StudioRequest, any_studio_required, open_studio, right_required, studio_required
from app.accounts.forms import InvitationForm
from app.accounts.models import Invitation, Membership
from app.accounts.team import LastOwner, NotInvited, change_role, invite, remove_member, roles_given_by


@require_http_methods(["GET", "HEAD", "POST"])
@studio_required
def members(request: StudioRequest) -> HttpResponse:
    """Who belongs to the studio and who is invited. A POST invites."""
    roles = roles_given_by(request.membership)
    if request.method != "POST":
        return _members(request, InvitationForm(roles=roles))
    if Right.MANAGE_MEMBERS not in request.rights:
        raise PermissionDenied("Your role in this studio does not include this. Ask one of its owners.")
    form = InvitationForm(request.POST, roles=roles)
    if not form.is_valid() or not _may_mail(request, form):
        return _members(request, form, status=422)
    try:
        invite(request.membership, email=form.cleaned_data["email"], role=form.cleaned_data["role"])
    except NotInvited as refusal:
        form.add_error("email", str(refusal))
        return _members(request, form, status=422)
    messages.success(request, f"An invitation is on its way to {form.cleaned_data['email']}.")
    return redirect("studio-members")


@require_POST
@right_required(Right.MANAGE_MEMBERS)
def set_role(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a member another role."""
    member, role = _member(request, pk), request.POST.get("role", "")
    if role not in Membership.Role.values:
        raise Http404("There is no such role.")
    try:
        change_role(request.membership, member, role=role)
    except LastOwner as refusal:
        messages.error(request, str(refusal))
    return redirect("studio-members")


@require_POST
@studio_required
def remove(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a member out of the studio, or leave it."""
    member = _member(request, pk)
    try:
        remove_member(request.membership, member)
    except LastOwner as refusal:
        messages.error(request, str(refusal))
        return redirect("studio-members")
    return redirect("landing" if member.pk == request.membership.pk else "studio-members")


@require_POST
@right_required(Right.MANAGE_MEMBERS)
def withdraw(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = get_object_or_404(Invitation, pk=pk, studio=request.studio)
    if invitation.role not in roles_given_by(request.membership):
        raise PermissionDenied("Your role in this studio does not include this. Ask one of its owners.")
    invitation.delete()
    return redirect("studio-members")


@require_POST
@any_studio_required
def switch(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Go on in another studio of this user."""
    if pk not in {membership.studio_id for membership in request.memberships}:
        raise Http404("This is none of your studios.")
    open_studio(request, pk)
    return redirect("studio")


def _member(request: StudioRequest, pk: uuid.UUID) -> Membership:
    return get_object_or_404(Membership, pk=pk, studio=request.studio)


def _may_mail(request: StudioRequest, form: InvitationForm) -> bool:
    if limits.take(limits.INVITATION, request, email=form.cleaned_data["email"]):
        return True
    form.add_error("email", "That was often enough for now. Wait an hour.")
    return False


def _members(request: StudioRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    roles = roles_given_by(request.membership)
    team = request.studio.memberships.select_related("user").order_by("created_at", "pk")
    manages = Right.MANAGE_MEMBERS in request.rights
    context = {
        "studio": request.studio,
        "form": form,
        "manages": manages,
        "roles": [(role.value, role.label) for role in Membership.Role if role in roles],
        "team": [{"member": m, "mine": m.pk == request.membership.pk, "editable": m.role in roles} for m in team],
        "invitations": request.studio.invitations.order_by("-created_at") if manages else [],
        "now": timezone.now(),
    }
    return render(request, "studio/members.html", context, status=status)
