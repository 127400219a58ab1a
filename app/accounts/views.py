"""Signing in and out, by Django's own views."""

from django.contrib.auth.views import LoginView, LogoutView

from app.accounts.forms import SignInForm


class SignIn(LoginView):
    """The sign-in page; whoever is signed in already goes on to their studio."""

    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Ends the session (POST only) and goes back to the landing page."""

    next_page = "landing"
