"""The view that imports a PO file, in place of wagtail-localize's."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from wagtail.admin.views.pages.utils import get_valid_next_url_from_request
from wagtail_localize.models import Translation
from wagtail_localize.views.edit_translation import user_can_edit_instance

from .po_files import import_messages, import_po, read_po_upload


@require_POST
def upload_po_file(request: HttpRequest, translation_id: int) -> HttpResponse:
    """Import a PO file, say how many of its entries were stored and why others were not, and redirect back.

    Raises Http404 for a translation without a target, and PermissionDenied if the user may not edit the target.
    """
    translation = get_object_or_404(Translation.objects.select_related("source"), pk=translation_id)
    try:
        target = translation.get_target_instance()
    except ObjectDoesNotExist:
        raise Http404 from None
    if not user_can_edit_instance(request.user, target):
        raise PermissionDenied
    file = request.FILES.get("file")
    try:
        po = read_po_upload(file, str(translation.uuid))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        result = import_po(translation, po, request.user)
        for is_success, text in import_messages(result, str(file and file.name)):
            level = messages.SUCCESS if is_success else messages.WARNING if result.fitted else messages.ERROR
            messages.add_message(request, level, text)
    return redirect(get_valid_next_url_from_request(request) or reverse("wagtailadmin_home"))
