"""Signing up, in and out, and passwords: Django's own views where it has them."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import FormView

from app.accounts import limits
from app.accounts.actions import confirm_address, sign_up
from app.accounts.forms import AddressForm, NewPasswordForm, PasswordChangeForm, SignInForm, SignUpForm
from app.accounts.links import confirmation_tokens
from app.accounts.models import User
from app.accounts.tasks import send_confirmation


class SignIn(auth.LoginView):
    """The sign-in page; whoever is signed in already goes on to their studio."""

    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the try before the password is looked at."""
        if not limits.take(limits.SIGN_IN, request, email=request.POST.get("username", "")):
            return too_many(request, limits.SIGN_IN)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in; a try that was right does not count."""
        limits.give_back(limits.SIGN_IN, self.request, email=form.cleaned_data["username"])
        return super().form_valid(form)


class SignOut(auth.LogoutView):
    """Ends the session (POST only) and goes back to the landing page."""

    next_page = "landing"


@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Stand in for the admin's own page, which neither counts tries nor asks for a proven address."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))
    if not request.user.is_staff:
        raise PermissionDenied("The admin is for the people who run Loupe.")
    return redirect("admin:index")


class SignUp(FormView):  # type: ignore[type-arg]  # generic in the stubs alone
    """A new studio. Its answer is the same for known and unknown addresses."""

    form_class = SignUpForm
    template_name = "accounts/sign_up.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Send on who has a studio."""
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """Sign up, and send to the mailbox."""
        given = form.cleaned_data
        if not limits.take(limits.MAIL, self.request, email=given["email"]):
            return too_many(self.request, limits.MAIL)
        sign_up(given["email"], password=given["password"], studio_name=given["studio_name"])
        return redirect("sign-up-sent")


class ConfirmationAgain(FormView):  # type: ignore[type-arg]  # generic in the stubs alone
    """Asks for the confirmation mail once more."""

    form_class = AddressForm
    template_name = "accounts/confirmation_again.html"

    def form_valid(self, form: AddressForm) -> HttpResponse:
        """Queue the mail, whoever it is for."""
        if not limits.take(limits.MAIL, self.request, email=form.cleaned_data["email"]):
            return too_many(self.request, limits.MAIL)
        send_confirmation.enqueue(form.cleaned_data["email"])
        return redirect("sign-up-sent")


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, pk: uuid.UUID, token: str) -> HttpResponse:
    """Prove an address with the mailed link. Opening it changes nothing: mail scanners open every link they see."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=pk, is_active=True).first()
        if user is None or not confirmation_tokens.check_token(user, token):
            return render(request, "accounts/confirmation_spent.html", status=410)
        if request.method != "POST":
            return render(request, "accounts/confirm.html")
        confirm_address(user)
    return redirect("address-confirmed")


class PasswordForgotten(auth.PasswordResetView):
    """Asks for the address that gets a reset link."""

    form_class = AddressForm
    template_name = "accounts/password_forgotten.html"
    success_url = reverse_lazy("password-sent")

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        """Queue the mail, whoever it is for."""
        if not limits.take(limits.MAIL, self.request, email=form.cleaned_data["email"]):
            return too_many(self.request, limits.MAIL)
        return super().form_valid(form)


class PasswordNew(auth.PasswordResetConfirmView):
    """Takes a new password from whoever has the mailed link."""

    form_class = NewPasswordForm
    template_name = "accounts/password_new.html"
    success_url = reverse_lazy("password-set")


class PasswordChange(auth.PasswordChangeView):
    """Takes a new password from whoever is signed in and knows the old one; their other sessions end."""

    form_class = PasswordChangeForm
    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("password-changed")


def too_many(request: HttpRequest, limit: limits.Limit) -> HttpResponse:
    """Say when to come back."""
    response = render(request, "accounts/too_many.html", {"minutes": limit.seconds // 60}, status=429)
    response["Retry-After"] = str(limit.seconds)
    return response
