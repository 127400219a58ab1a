"""Addresses of the client's pages."""

from django.urls import path

from app.sharing import views

urlpatterns = [
    path("s/<str:token>/", views.gallery, name="client-gallery"),
    path("s/<str:token>/<uuid:pk>/", views.photo, name="client-photo"),
]
