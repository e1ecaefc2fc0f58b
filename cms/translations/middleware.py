"""Middleware that validates requests of wagtail-localize's screen of a translation before its views fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from wagtail_localize.models import OverridableSegment

from sites.admin.access_control.admin_request import form_data
from sites.validation.incoming_text import refuse_control_characters

from .text_limits import refuse_link_of_translation, refuse_long_link


class TranslationRequestMiddleware:
    """Rejects a link or object that is to replace one of the original: a missing value, a control character, harm.

    It runs after access control. The response is JSON.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        check = CHECKS.get((request.method, match.view_name)) if match else None
        if check is None or not request.user.is_authenticated:
            return None
        try:
            check(request, **kwargs)
        except ValidationError as error:
            return JsonResponse({"value": error.messages}, status=400)
        return None


def _required_value(request: HttpRequest) -> str:
    """Return the field `value`; raise ValidationError if it is missing or has a control character."""
    value = form_data(request).get("value")
    if value is None:
        raise ValidationError(_("The field “value” is missing."))
    refuse_control_characters(str(value))
    return str(value)


def _check_override(request: HttpRequest, overridable_segment_id: int, **arguments: Any) -> None:
    value = _required_value(request)
    refuse_long_link(value)
    segment = OverridableSegment.objects.filter(pk=overridable_segment_id).first()
    if segment is not None and isinstance(segment.data, str):
        refuse_link_of_translation(value)
    elif segment is not None and not value.isdecimal():
        raise ValidationError(_("“%(value)s” is not the number of an object.") % {"value": value})


CHECKS: dict[tuple[str | None, str], Callable[..., None]] = {
    ("PUT", "wagtail_localize:edit_override"): _check_override,
}
