"""Addresses of the photographer's pages."""

from django.urls import path

from app.studio.views import galleries, links

urlpatterns = [
    path("studio/", galleries.dashboard, name="studio"),
    path("studio/galleries/", galleries.new_gallery, name="studio-gallery-new"),
    path("studio/galleries/<uuid:pk>/", galleries.gallery, name="studio-gallery"),
    path("studio/galleries/<uuid:pk>/links/", links.links, name="studio-links"),
    path("studio/links/<uuid:pk>/revoke/", links.revoke_link, name="studio-link-revoke"),
]
