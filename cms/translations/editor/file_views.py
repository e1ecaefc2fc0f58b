"""The views that hand out a translation as a file for other programs, and import such a file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView
from wagtail.admin.utils import get_latest_str
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail_localize.models import Translation

from cms.translations.exchange.incoming_files import MEGABYTE
from cms.translations.file_service.import_report import Outcome, TranslationReport, UnitReport
from cms.translations.file_service.incoming_merge import MergeOptions, import_file
from cms.translations.file_service.outgoing_files import FORMATS, exchange_file, file_name

CONTENT_TYPES = {"xlf": "application/xliff+xml", "po": "text/x-gettext-translation"}
REASONS_SHOWN = 200


@require_GET
def export_translation(request: HttpRequest, translation_id: int, file_format: str) -> HttpResponse:
    """Return a translation as a file in one of `FORMATS`. Raises Http404 for another format, or a stopped translation.

    Access control has checked that the user may edit the translated page or snippet.
    """
    if file_format not in FORMATS:
        raise Http404
    translation = _translation(translation_id)
    suffix, write = FORMATS[file_format]
    response = HttpResponse(write(exchange_file(translation)), content_type=CONTENT_TYPES[suffix])
    name = file_name(translation, suffix)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# The numbers of texts by outcome.
OUTCOMES = {
    Outcome.ACCEPTED: ngettext_lazy("%(number)d new or confirmed", "%(number)d new or confirmed", "number"),
    Outcome.CHANGED: ngettext_lazy("%(number)d changed", "%(number)d changed", "number"),
    Outcome.UNCHANGED: ngettext_lazy("%(number)d unchanged", "%(number)d unchanged", "number"),
    Outcome.REFUSED: ngettext_lazy("%(number)d refused", "%(number)d refused", "number"),
}


class ImportTranslation(WagtailAdminTemplateMixin, TemplateView):
    """The screen that imports a file into one translation, and reports the outcome of each text with the reason.

    Access control has checked that the user may edit the translated page or snippet, and that nobody has locked it.
    """

    template_name = "translations/import.html"
    header_icon = "upload"
    http_method_names = ["get", "head", "options", "post"]
    report: TranslationReport | None = None
    error = ""

    @cached_property
    def translation(self) -> Translation:
        return _translation(self.kwargs["translation_id"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        file = request.FILES.get("file")
        try:
            if file is None:
                raise ValidationError(_("Choose a file."))
            _refuse_large(file)
            options = MergeOptions(
                only=self.translation, user=request.user, overwrite=bool(request.POST.get("overwrite"))
            )
            (self.report,) = import_file(file, str(file.name), options)
        except ValidationError as error:
            self.error = " ".join(error.messages)
        return self.render_to_response(self.get_context_data())

    def get_page_title(self) -> str:
        return _("Import a file")

    def get_page_subtitle(self) -> str:
        title = get_latest_str(self.translation.get_target_instance())
        return f"{title} – {self.translation.target_locale.get_display_name()}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        board = {"url": reverse("translation_board"), "label": _("Translations")}
        editor = {
            "url": reverse("translation_editor", args=[self.translation.pk]),
            "label": get_latest_str(self.translation.get_target_instance()),
        }
        return [*super().get_breadcrumbs_items(), board, editor, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "translation": self.translation,
            "error": self.error,
            "report": self.report,
            "counts": self._counts(),
            "refused": self._refused()[:REASONS_SHOWN],
            "is_shortened": len(self._refused()) > REASONS_SHOWN,
        }

    def _counts(self) -> list[str]:
        report = self.report
        return [text % {"number": report.number(outcome)} for outcome, text in OUTCOMES.items()] if report else []

    def _refused(self) -> list[UnitReport]:
        units = self.report.units if self.report is not None else ()
        return [unit for unit in units if unit.outcome is Outcome.REFUSED]


def _refuse_large(file: UploadedFile) -> None:
    """Raise ValidationError for a file that is larger than one translation needs."""
    limit = settings.TRANSLATION_UPLOAD_MAX_BYTES
    if (file.size or 0) > limit:
        values = {"name": file.name, "size": limit // MEGABYTE}
        raise ValidationError(_("“%(name)s” is larger than %(size)s MB: export fewer pages at once.") % values)


def _translation(key: int) -> Translation:
    """Return an enabled translation; raise Http404 for another one."""
    related = ("source__locale", "source__specific_content_type", "target_locale")
    found: Translation = get_object_or_404(Translation.objects.select_related(*related), pk=key, enabled=True)
    return found
