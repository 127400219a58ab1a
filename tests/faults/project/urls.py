from django.urls import path

from tests.faults.project import views

urlpatterns = [
    path("enqueue", views.enqueue),
    path("pause", views.pause),
    path("notes", views.notes),
    path("cached", views.cached),
]
