"""Addresses that the upload page talks to."""

from django.urls import path

from app.uploads import views

urlpatterns = [
    path("studio/galleries/<uuid:pk>/uploads/", views.sign, name="studio-uploads"),
    path("studio/galleries/<uuid:pk>/progress/", views.progress, name="studio-progress"),
    path("studio/photos/<uuid:pk>/uploaded/", views.uploaded, name="studio-photo-uploaded"),
]
