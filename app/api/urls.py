"""Addresses of the API and of the page on which its tokens are made."""

from django.urls import path, re_path

from app.api import views
from app.api.endpoints import ENDPOINTS, VERSION_ROOT
from app.api.problems import DOCUMENT_PATH, ROOT
from app.api.serving import serve_document, unknown, view_of

urlpatterns = [
    path("studio/tokens/", views.tokens, name="studio-tokens"),
    path("studio/tokens/<uuid:pk>/revoke/", views.revoke, name="studio-token-revoke"),
    path(DOCUMENT_PATH.removeprefix("/"), serve_document, name="api-document"),
    *[
        path(VERSION_ROOT.removeprefix("/") + endpoint.route, view_of(endpoint), name=f"api-{endpoint.name}")
        for endpoint in ENDPOINTS
    ],
    # Everything else under the root too speaks problem+json.
    re_path("^" + ROOT.removeprefix("/"), unknown),
]
