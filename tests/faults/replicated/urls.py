from django.urls import path

from tests.faults.replicated import views

urlpatterns = [path("notes", views.notes)]
