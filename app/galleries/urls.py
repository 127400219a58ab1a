"""Addresses of the studio and of the client's pages."""

from django.urls import path

from app.galleries.views import client, studio, uploads

urlpatterns = [
    path("studio/", studio.dashboard, name="studio"),
    path("studio/galleries/", studio.new_gallery, name="studio-gallery-new"),
    path("studio/galleries/<uuid:pk>/", studio.gallery, name="studio-gallery"),
    path("studio/galleries/<uuid:pk>/links/", studio.new_link, name="studio-link-new"),
    path("studio/links/<uuid:pk>/revoke/", studio.revoke_link, name="studio-link-revoke"),
    path("studio/galleries/<uuid:pk>/uploads/", uploads.sign, name="studio-uploads"),
    path("studio/galleries/<uuid:pk>/progress/", uploads.progress, name="studio-progress"),
    path("studio/photos/<uuid:pk>/uploaded/", uploads.uploaded, name="studio-photo-uploaded"),
    path("s/<str:token>/", client.gallery, name="client-gallery"),
    path("s/<str:token>/<uuid:pk>/", client.photo, name="client-photo"),
]
