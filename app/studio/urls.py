"""Addresses of the photographer's pages."""

from django.urls import path

from app.studio.views import arranging, files, galleries, links, members

urlpatterns = [
    path("studio/", galleries.dashboard, name="studio"),
    path("studio/galleries/", galleries.new_gallery, name="studio-gallery-new"),
    path("studio/galleries/<uuid:pk>/", galleries.gallery, name="studio-gallery"),
    path("studio/galleries/<uuid:pk>/settings/", galleries.settings, name="studio-gallery-settings"),
    path("studio/galleries/<uuid:pk>/delete/", galleries.delete_gallery, name="studio-gallery-delete"),
    path("studio/galleries/<uuid:pk>/arrange/", arranging.arrange, name="studio-arrange"),
    path("studio/galleries/<uuid:pk>/sort/", arranging.sort, name="studio-sort"),
    path("studio/galleries/<uuid:pk>/sections/", arranging.new_section, name="studio-section-new"),
    path("studio/sections/<uuid:pk>/", arranging.change_section, name="studio-section"),
    path("studio/members/", members.members, name="studio-members"),
    path("studio/members/<uuid:pk>/role/", members.set_role, name="studio-member-role"),
    path("studio/members/<uuid:pk>/remove/", members.remove, name="studio-member-remove"),
    path("studio/invitations/<uuid:pk>/withdraw/", members.withdraw, name="studio-invitation-withdraw"),
    path("studio/<uuid:pk>/open/", members.switch, name="studio-open"),
    path("studio/galleries/<uuid:pk>/links/", links.links, name="studio-links"),
    path("studio/links/<uuid:pk>/revoke/", links.revoke_link, name="studio-link-revoke"),
    path("studio/links/<uuid:pk>/lock/", links.lock_link, name="studio-link-lock"),
    path("studio/links/<uuid:pk>/forgive/", links.forgive_link, name="studio-link-forgive"),
    path("studio/files/", files.renew, name="studio-files"),
]
