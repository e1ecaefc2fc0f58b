"""URLs of files below MEDIA_URL, and of documents."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import path, register_converter
from wagtail.documents.views.serve import authenticate_with_password

from .signed_numbers import SignedNumberConverter
from .views import document_file, media_file

register_converter(SignedNumberConverter, "signed_number")

urlpatterns = [
    path(urlsplit(settings.MEDIA_URL).path.lstrip("/") + "<path:name>", media_file, name="media_file"),
    # Wagtail's URL names: its document model reverses them.
    path("documents/<int:document_id>/<path:filename>", document_file, name="wagtaildocs_serve"),
    path(
        # The form at the address of a document leads here; a restriction cannot be found by counting.
        "documents/authenticate_with_password/<signed_number:restriction_id>/",
        authenticate_with_password,
        name="wagtaildocs_authenticate_with_password",
    ),
]
