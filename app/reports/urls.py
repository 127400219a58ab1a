"""Addresses of the reports, all of them the studio's."""

from django.urls import path

from app.reports import views

urlpatterns = [
    path("studio/galleries/<uuid:pk>/contact-sheets/", views.contact_sheets, name="studio-contact-sheets"),
    path("studio/contact-sheets/<uuid:pk>/file/", views.download, name="studio-contact-sheet-file"),
]
