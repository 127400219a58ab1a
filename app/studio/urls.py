"""Addresses of the photographer's pages."""

from django.urls import path

from app.studio.views import files, galleries, links

urlpatterns = [
    path("studio/", galleries.dashboard, name="studio"),
    path("studio/galleries/", galleries.new_gallery, name="studio-gallery-new"),
    path("studio/galleries/<uuid:pk>/", galleries.gallery, name="studio-gallery"),
    path("studio/galleries/<uuid:pk>/links/", links.links, name="studio-links"),
    path("studio/links/<uuid:pk>/revoke/", links.revoke_link, name="studio-link-revoke"),
    path("studio/links/<uuid:pk>/lock/", links.lock_link, name="studio-link-lock"),
    path("studio/links/<uuid:pk>/forgive/", links.forgive_link, name="studio-link-forgive"),
    path("studio/files/", files.renew, name="studio-files"),
]
