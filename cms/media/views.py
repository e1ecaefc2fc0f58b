"""Files that are not for everybody."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.permissions import policy_registry

from cms.media.models import Consent


@require_safe
@cache_control(private=True, no_store=True)
def consent_proof(request: HttpRequest, pk: int) -> FileResponse:
    """Answer the proof of a consent as a download; for anyone who may not change the consent it is not there."""
    consent = get_object_or_404(Consent, pk=pk)
    if not policy_registry.get_by_type(Consent).user_has_permission(request.user, "change"):
        raise Http404
    return FileResponse(consent.proof.open(), as_attachment=True)
