"""The screen on which the empty texts of one translation are drafted by machine: cost, progress, errors, end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.utils import get_latest_str
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail_localize.models import Translation

from cms.translations.exchange.inline_codes import plain_text
from cms.translations.file_service.current_texts import current_texts, distinct_texts, key_of
from cms.translations.machine.daily_use import characters_per_draft, daily_use
from cms.translations.models import MachineDraft
from sites.models import Department

from .draft_errors import MESSAGES, draft_note, error_message
from .draft_permissions import department_of, refusal, service_for
from .draft_requests import cancel_draft, request_draft
from .draft_texts import REASONS, characters_of, texts_to_draft

# Query parameter with which the script of the screen asks for the state of the draft alone.
PART = "part"
REASONS_SHOWN = 200


@dataclass(frozen=True)
class RefusedText:
    """A text whose machine translation was refused, with the reason."""

    source: str
    reason: str


class MachineDraftView(WagtailAdminTemplateMixin, TemplateView):
    """The screen of the draft of one translation.

    Access control has checked that the user may edit the translated page or snippet, and that it is not locked.
    Raises Http404 for a stopped translation, and if the department has chosen no service for the language.
    """

    template_name = "translations/machine_draft.html"
    page_title = gettext_lazy("Machine draft")
    header_icon = "wagtail-localize-language"
    http_method_names = ["get", "head", "options", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        related = ("source__locale", "source__specific_content_type", "target_locale")
        found = Translation.objects.select_related(*related).filter(enabled=True)
        self.translation: Translation = get_object_or_404(found, pk=kwargs["translation_id"])
        department = department_of(self.translation)
        service = service_for(department, self.translation.target_locale_id) if department is not None else None
        if department is None or service is None:
            raise Http404
        self.department: Department = department
        self.service = service

    @cached_property
    def draft(self) -> MachineDraft | None:
        return MachineDraft.objects.filter(translation=self.translation).first()

    def get_template_names(self) -> list[str]:
        return ["translations/machine_draft_state.html"] if PART in self.request.GET else [self.template_name]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("action") == "cancel":
            if cancel_draft(self.translation):
                messages.success(request, _("The machine draft has been ended. The texts that it has written stay."))
        else:
            try:
                request_draft(self.translation, request.user)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
        return redirect("translation_machine_draft", self.translation.pk)

    def get_page_subtitle(self) -> str:
        return f"{self._title} – {self.translation.target_locale.get_display_name()}"

    @property
    def _title(self) -> str:
        return str(get_latest_str(self.translation.get_target_instance()))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("translation_board"), "label": _("Translations")},
            {"url": reverse("translation_editor", args=[self.translation.pk]), "label": self._title},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {
            "translation": self.translation,
            "service": self.service,
            "draft": self.draft,
            "note": draft_note(self.draft) if self.draft is not None else "",
            "error": error_message(self.draft) if self.draft is not None else "",
        }
        return context if PART in self.request.GET else context | self._cost()

    def _cost(self) -> dict[str, Any]:
        texts = texts_to_draft(self.translation)
        characters, use = characters_of(texts), daily_use(self.department)
        code = refusal(self.translation, self.request.user)
        return {
            "texts": len(texts),
            "characters": characters,
            "use": use,
            "limit": characters_per_draft(),
            "is_too_long": characters > characters_per_draft(),
            "refusal": MESSAGES[code] if code else "",
            "refused": self._refused_texts(),
        }

    def _refused_texts(self) -> list[RefusedText]:
        """Return the texts that the last draft could not write, in the order of the original."""
        refused = self.draft.refused if self.draft is not None else {}
        if not refused:
            return []
        texts = distinct_texts(current_texts(self.translation))
        found = [
            RefusedText(plain_text(text.unit.source), str(REASONS.get(refused[key_of(text)], "")))
            for text in texts
            if key_of(text) in refused
        ]
        return found[:REASONS_SHOWN]
