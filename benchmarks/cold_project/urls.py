"""The admin site, and the page that is asked for."""

from django.contrib import admin
from django.urls import path

from benchmarks.cold_project.views import page

urlpatterns = [path("admin/", admin.site.urls), path("", page, name="page")]
