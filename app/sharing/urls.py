"""Addresses of the client's pages."""

from django.urls import path

from app.sharing import entrance, live, opens, views

urlpatterns = [
    path("s/<str:token>/", views.gallery, name="client-gallery"),
    path("s/<str:token>/unlock/", entrance.unlock, name="client-unlock"),
    path("s/<str:token>/renew/", entrance.renew, name="client-renew"),
    path("s/<str:token>/opened/", opens.opened, name="client-opened"),
    path("s/<str:token>/details/", live.details, name="client-details"),
    path("s/<str:token>/progress/", live.progress, name="client-progress"),
    path("s/<str:token>/<uuid:pk>/", views.photo, name="client-photo"),
]
