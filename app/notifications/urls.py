"""Addresses of the mails caught on this machine."""

from django.urls import path

from app.notifications import views

urlpatterns = [
    path("_local/mail/", views.caught, name="caught-mail"),
    path("_local/mail/<uuid:pk>/", views.caught_email, name="caught-email"),
    path("_local/mail/<uuid:pk>/html/", views.caught_html, name="caught-email-html"),
]
