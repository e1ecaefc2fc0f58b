"""URLs of files below MEDIA_URL, and of documents."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import path, register_converter

from .private_collections.collection_passwords import authenticate_with_password
from .private_collections.signed_numbers import SignedNumberConverter
from .views import document_file, media_file

register_converter(SignedNumberConverter, "signed_number")

urlpatterns = [
    path(urlsplit(settings.MEDIA_URL).path.lstrip("/") + "<path:name>", media_file, name="media_file"),
    # Wagtail's URL names: its templates and its password form reverse them.
    path(
        # The form at the URL of a document leads here; a restriction cannot be found by counting.
        "documents/authenticate_with_password/<signed_number:restriction_id>/",
        authenticate_with_password,
        name="wagtaildocs_authenticate_with_password",
    ),
    path("documents/<slug:address_part>/<path:filename>", document_file, name="wagtaildocs_serve"),
]
