"""A page, and the address that tells whether it serves."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "tiny.html")


urlpatterns = [path("", page), path("", include("serverless.health"))]
