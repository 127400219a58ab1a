"""Addresses that the upload page talks to."""

from django.urls import path

from app.uploads.views import files, parts, progress

urlpatterns = [
    path("studio/galleries/<uuid:pk>/uploads/", files.sign, name="studio-uploads"),
    path("studio/galleries/<uuid:pk>/progress/", progress.progress, name="studio-progress"),
    path("studio/photos/<uuid:pk>/uploaded/", files.uploaded, name="studio-photo-uploaded"),
    path("studio/photos/<uuid:pk>/cancel/", files.cancel, name="studio-photo-cancel"),
    path("studio/photos/<uuid:pk>/parts/", parts.begin, name="studio-photo-parts"),
    path("studio/photos/<uuid:pk>/parts/sign/", parts.sign, name="studio-photo-part"),
    path("studio/photos/<uuid:pk>/parts/finish/", parts.finish, name="studio-photo-finish"),
]
