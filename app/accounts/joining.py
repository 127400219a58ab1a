"""The page behind a mailed invitation."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from app.accounts.access import open_studio
from app.accounts.forms import JoinForm
from app.accounts.models import Invitation, User
from app.accounts.team import accept_invitation, find_invitation, join_with_password


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Join the studio: at once if signed in, else by signing in or by choosing a password.

    Opening it changes nothing: mail scanners open every link they see.
    """
    found = find_invitation(token).first()
    if found is None:
        return _spent(request)
    if isinstance(request.user, User):
        return _join_signed_in(request, found, request.user, token=token)
    if User.objects.filter(email=found.email, is_verified=True).exists():
        return _page(request, found, state="sign-in")
    return _join_new(request, found, token=token)


def _join_signed_in(request: HttpRequest, found: Invitation, user: User, *, token: str) -> HttpResponse:
    if user.email != found.email:
        return _page(request, found, state="other")
    if request.method != "POST":
        return _page(request, found, state="join")
    studio = accept_invitation(token, user=user)
    if studio is None:  # accepted or withdrawn this very moment
        return _spent(request)
    open_studio(request, studio.pk)
    return redirect("studio")


def _join_new(request: HttpRequest, found: Invitation, *, token: str) -> HttpResponse:
    form = JoinForm(request.POST or None, email=found.email)
    if request.method != "POST" or not form.is_valid():
        return _page(request, found, state="new", form=form)
    given = form.cleaned_data
    user = join_with_password(token, name=given["name"], password=given["password"])
    if user is None:
        return _spent(request)
    login(request, user)
    open_studio(request, found.studio_id)
    return redirect("studio")


def _page(request: HttpRequest, found: Invitation, *, state: str, form: JoinForm | None = None) -> HttpResponse:
    return render(request, "accounts/invitation.html", {"invitation": found, "state": state, "form": form})


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/invitation_spent.html", status=410)
