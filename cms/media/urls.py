"""URLs of files below MEDIA_URL, and of documents."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import path
from wagtail.documents.views.serve import authenticate_with_password

from .views import document_file, media_file

urlpatterns = [
    path(urlsplit(settings.MEDIA_URL).path.lstrip("/") + "<path:name>", media_file, name="media_file"),
    # Wagtail's URL names: its document model reverses them.
    path("documents/<int:document_id>/<path:filename>", document_file, name="wagtaildocs_serve"),
    path(
        "documents/authenticate_with_password/<int:restriction_id>/",
        authenticate_with_password,
        name="wagtaildocs_authenticate_with_password",
    ),
]
