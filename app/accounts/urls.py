"""Addresses for signing up and in, and for passwords. No cache keeps any of them."""

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path
from django.views.decorators.cache import cache_control
from django.views.generic import TemplateView

from app.accounts import joining, views

_private = cache_control(private=True, no_store=True)


def _said(route: str, *, name: str, template: str) -> URLPattern:
    """A page with one message."""
    return path(route, _private(TemplateView.as_view(template_name=f"accounts/{template}.html")), name=name)


urlpatterns = [
    path("sign-in/", _private(views.SignIn.as_view()), name="sign-in"),
    path("admin/login/", _private(views.admin_sign_in)),
    path("sign-out/", _private(views.SignOut.as_view()), name="sign-out"),
    path("sign-up/", _private(views.SignUp.as_view()), name="sign-up"),
    _said("sign-up/sent/", name="sign-up-sent", template="sign_up_sent"),
    path("confirm/again/", _private(views.ConfirmationAgain.as_view()), name="confirmation-again"),
    _said("confirm/done/", name="address-confirmed", template="confirmed"),
    path("confirm/<uuid:pk>/<str:token>/", _private(views.confirm), name="confirm-address"),
    path("invitations/<str:token>/", _private(joining.invitation), name="invitation"),
    path("password/forgotten/", _private(views.PasswordForgotten.as_view()), name="password-forgotten"),
    _said("password/forgotten/sent/", name="password-sent", template="password_sent"),
    path("password/new/<str:uidb64>/<str:token>/", _private(views.PasswordNew.as_view()), name="password-new"),
    _said("password/new/done/", name="password-set", template="password_set"),
    path("password/", _private(views.PasswordChange.as_view()), name="password-change"),
    path(
        "password/changed/",
        _private(login_required(TemplateView.as_view(template_name="accounts/password_changed.html"))),
        name="password-changed",
    ),
]
