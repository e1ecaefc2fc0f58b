"""The screen on which a department downloads and imports its translation memory and its glossary."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Locale

from cms.translations.exchange.incoming_files import MEGABYTE
from cms.translations.models import GlossaryTerm, MemoryPair
from sites.access.capabilities import has_capability
from sites.access.current_department import current_department
from sites.models import Department
from sites.roles import Capability

from .language_resources import ResourceReport, read_glossary, read_memory, write_glossary, write_memory

# On the screen; the commands have no such limits. Each pair of a memory has many rows of an index.
MAX_PAIRS_IMPORTED = 2_000
MAX_PAIRS_DOWNLOADED = 10_000
MAX_CONCEPTS_IMPORTED = 5_000
MEMORY, GLOSSARY = "tmx", "tbx"
REASONS_SHOWN = 200


@dataclass(frozen=True)
class LanguageResources:
    """The number of pairs and terms of one language."""

    locale: Locale
    pairs: int
    terms: int


class LanguageResourcesView(WagtailAdminTemplateMixin, TemplateView):
    """Memory and glossary of the current department. Raises Http404 for users who do not manage its translations."""

    template_name = "translations/language_resources.html"
    header_icon = "openquote"
    http_method_names = ["get", "head", "options", "post"]
    report: ResourceReport | None = None
    error = ""

    @cached_property
    def department(self) -> Department:
        return _managed_department(self.request)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        _managed_department(request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                self.report = self._import()
        except ValidationError as error:
            self.error = " ".join(error.messages)
        return self.render_to_response(self.get_context_data())

    def _import(self) -> ResourceReport:
        file = self.request.FILES.get("file")
        if file is None:
            raise ValidationError(_("Choose a file."))
        limit, name = settings.TRANSLATION_UPLOAD_MAX_BYTES, str(file.name)
        if (file.size or 0) > limit:
            message = _("“%(name)s” is larger than %(size)s MB: divide it, or let the operator import it by command.")
            raise ValidationError(message % {"name": name, "size": limit // MEGABYTE})
        suffix = PurePath(name).suffix.lower().removeprefix(".")
        if suffix == MEMORY:
            return read_memory(self.department, file, name, MAX_PAIRS_IMPORTED)
        if suffix == GLOSSARY:
            return read_glossary(self.department, file, name, MAX_CONCEPTS_IMPORTED)
        raise ValidationError(_("“%(name)s” is neither a TMX nor a TBX file.") % {"name": name})

    def get_page_title(self) -> str:
        return _("Memory and glossary files")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        glossary = {"url": reverse("glossary:index"), "label": _("Glossary")}
        return [*super().get_breadcrumbs_items(), glossary, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refused = self.report.refused if self.report is not None else ()
        return super().get_context_data(**kwargs) | {
            "languages": self._languages(),
            "error": self.error,
            "report": self.report,
            "refused": refused[:REASONS_SHOWN],
            "max_downloaded": MAX_PAIRS_DOWNLOADED,
            "max_imported": MAX_PAIRS_IMPORTED,
        }

    def _languages(self) -> list[LanguageResources]:
        rows = self.department.department_locales.filter(is_source=False).select_related("locale")
        return [
            LanguageResources(
                row.locale,
                MemoryPair.objects.filter(department=self.department, target_locale=row.locale).count(),
                GlossaryTerm.objects.filter(department=self.department, target_locale=row.locale).count(),
            )
            for row in rows
        ]


@require_GET
def download_resource(request: HttpRequest, language_code: str, file_format: str) -> HttpResponse:
    """Return the memory ("tmx") or the glossary ("tbx") of the current department into a language.

    Raises Http404 for users who do not manage its translations, another language and another format.
    """
    department = _managed_department(request)
    rows = department.department_locales.filter(is_source=False).select_related("locale")
    target = get_object_or_404(rows, locale__language_code=language_code).locale
    if file_format == MEMORY:
        data = write_memory(department, target, MAX_PAIRS_DOWNLOADED)
    elif file_format == GLOSSARY:
        data = write_glossary(department, target)
    else:
        raise Http404
    response = HttpResponse(data, content_type="application/xml")
    name = f"{department.slug}.{language_code}.{file_format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _managed_department(request: HttpRequest) -> Department:
    department = current_department(request)
    if department is None or not has_capability(request.user, Capability.TRANSLATION, department):
        raise Http404
    return department
