"""Views that serve files. Each request asks the database who may read the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.views import redirect_to_login
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found
from wagtail.documents.models import document_served
from wagtail.models import CollectionViewRestriction
from wagtail.permissions import policy_registry
from wagtail.users.models import UserProfile

from sites.access.admin_host import admin_host_url, is_public_host

from .file_responses import file_response
from .file_visibility import Audience, audience_of, is_shown, is_shown_rendition
from .models import Consent, CustomDocument, CustomImage, CustomRendition, Video, VideoCaption
from .private_collections.collection_passwords import accepts, password_form


@dataclass(frozen=True)
class MediaFolder:
    """A folder of the storage: the field whose files it contains, and the model whose visibility the files share.

    `shown` returns the condition that a file is public. Without it, the files are for members only.
    """

    stored_by: type[Model]
    field: str
    owner: type[Model]
    lookup: str  # from the owner to the name of the file
    shown: Callable[[str], Q] | None = None

    @property
    def storage(self) -> Storage:
        storage: Storage = self.stored_by._meta.get_field(self.field).storage  # type: ignore[union-attr]
        return storage

    def owners_of(self, name: str) -> QuerySet:
        return self.owner._default_manager.filter(**{self.lookup: name})


# `media_file` serves no other folder: documents have a separate view, and unfinished uploads have no URL.
FOLDERS = {
    "original_images": MediaFolder(CustomImage, "file", CustomImage, "file"),
    "images": MediaFolder(CustomRendition, "file", CustomImage, "renditions__file", is_shown_rendition),
    "videos": MediaFolder(Video, "file", Video, "file", is_shown),
    "captions": MediaFolder(VideoCaption, "file", Video, "captions__file", is_shown),
    "avatar_images": MediaFolder(UserProfile, "avatar", get_user_model(), "wagtail_userprofile__avatar"),
}


@require_safe
@transaction.non_atomic_requests
def media_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve the stored file `name`, or 404 if the request may not read it. One query for a public file."""
    folder = FOLDERS.get(name.partition("/")[0])
    if folder is None or "\x00" in name:  # PostgreSQL refuses NUL.
        return _not_found(request)
    readers = audience_of(folder.owners_of(name), request, folder.shown and folder.shown(name))
    if readers is None:
        return _not_found(request)
    try:
        return file_response(request, folder.storage, name, is_public=readers is Audience.EVERYBODY)
    except Http404:
        return _not_found(request)


@require_safe
@transaction.non_atomic_requests
def document_file(request: HttpRequest, address_part: str, filename: str) -> HttpResponseBase:
    """Serve a document. This view replaces Wagtail's: members of the department need no password of the collection.

    An anonymous reader of a private document gets the password form or the login page, as in Wagtail's view.
    """
    documents = CustomDocument.objects.filter(token=address_part)
    document = documents.select_related("collection").first()
    if document is None or document.filename != filename:
        return _not_found(request)
    readers = audience_of(documents, request, is_shown(document.file.name))
    if readers is None:
        login = _login_response(request, document)
        return _not_found(request) if login is None else _on_admin_host(request, login)
    try:
        response = file_response(
            request,
            document.file.storage,
            document.file.name,
            is_public=readers is Audience.EVERYBODY,
            content_type=document.content_type,
            filename=filename,
            as_attachment=document.content_disposition != "inline",
        )
    except Http404:
        return _not_found(request)
    document_served.send(sender=CustomDocument, instance=document, request=request)
    return response


@require_safe
@cache_control(private=True, no_store=True)
def consent_proof(request: HttpRequest, pk: int) -> FileResponse:
    """Serve the proof of a consent as a download; raise Http404 for users who may not change the consent."""
    consent = get_object_or_404(Consent, pk=pk)
    if not policy_registry.get_by_type(Consent).user_has_permission_for_instance(request.user, "change", consent):
        raise Http404
    return FileResponse(consent.proof.open(), as_attachment=True)


def _login_response(request: HttpRequest, document: CustomDocument) -> HttpResponse | None:
    """Return the password form or the redirect to the login that admits the reader, or None if neither would."""
    restrictions = document.collection.get_view_restrictions()
    refusing = [restriction for restriction in restrictions if not accepts(restriction, request)]
    unmet = {restriction.restriction_type for restriction in refusing}
    if unmet == {CollectionViewRestriction.PASSWORD}:
        return password_form(refusing[0], request)
    if unmet and not request.user.is_authenticated:
        response = redirect_to_login(request.get_full_path())
        response["Cache-Control"] = "no-store"
        return response
    return None


def _on_admin_host(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response; on a public host a redirect, since admission is kept in a session of the admin's host."""
    if not is_public_host(request):
        return response
    redirect = HttpResponseRedirect(admin_host_url(request))
    redirect["Cache-Control"] = "no-store"
    return redirect


def _not_found(request: HttpRequest) -> HttpResponse:
    """Return the same uncached 404 for a file that does not exist and for one that the reader may not see."""
    response = page_not_found(request, Http404())
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Cookie"])
    return response
