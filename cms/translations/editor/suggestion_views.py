"""The view that shows the suggestions of the translation memory for one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.utils import get_latest_str
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.translations.exchange.inline_codes import plain_text
from cms.translations.file_service.current_texts import CurrentText, current_texts
from cms.translations.memory.signatures import Scope
from cms.translations.memory.suggestions import Suggestion, WantedText, find_suggestions
from cms.translations.progress.changed_texts import difference
from sites.access.ownership import departments_owning
from sites.validation.object_keys import is_beyond_keys

from .typed_texts import has_tags, text_to_type

# Parameter of the script of the editor, which shows the suggestions without the rest of the page.
PART = "part"


@dataclass(frozen=True)
class ShownSuggestion:
    """A suggestion as the editor shows it: the text as people type it, and the difference of the source texts."""

    suggestion: Suggestion
    text: str
    difference: SafeString


class TextSuggestions(WagtailAdminTemplateMixin, TemplateView):
    """The suggestions for one text of a translation, as a page, or as a part of the editor.

    Access control has checked that the user may edit the translated page or snippet. Raises Http404 for a stopped
    translation, and for a text that it does not have.
    """

    template_name = "translations/suggestions.html"
    header_icon = "wagtail-localize-language"
    http_method_names = ["get", "head", "options"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        related = ("source__locale", "source__specific_content_type", "target_locale")
        found = Translation.objects.select_related(*related).filter(pk=kwargs["translation_id"], enabled=True)
        self.translation: Translation = get_object_or_404(found)
        text_key = (kwargs["context_id"], kwargs["string_id"])
        texts = [] if any(map(is_beyond_keys, text_key)) else current_texts(self.translation, text_key=text_key)
        if not texts:
            raise Http404
        self.text: CurrentText = texts[0]

    @cached_property
    def target(self) -> Any:
        return self.translation.get_target_instance()

    def get_template_names(self) -> list[str]:
        return ["translations/suggestion_list.html"] if PART in self.request.GET else [self.template_name]

    def get_page_title(self) -> str:
        return _("Suggestions")

    def get_page_subtitle(self) -> str:
        return f"{get_latest_str(self.target)} – {self.translation.target_locale.get_display_name()}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        board = {"url": reverse("translation_board"), "label": _("Translations")}
        editor = {
            "url": reverse("translation_editor", args=[self.translation.pk]),
            "label": get_latest_str(self.target),
        }
        return [*super().get_breadcrumbs_items(), board, editor, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_page = isinstance(self.target, Page)
        return super().get_context_data(**kwargs) | {
            "translation": self.translation,
            "source": text_to_type(self.text.unit.source, is_html=has_tags(self.text.unit)),
            "source_locale": self.translation.source.locale,
            "target_locale": self.translation.target_locale,
            "suggestions": self._suggestions(),
            "may_write": not is_page or not self.target.permissions_for_user(self.request.user).page_locked(),
        }

    def _suggestions(self) -> list[ShownSuggestion]:
        department = departments_owning(self.target).first()
        if department is None:
            return []
        unit = self.text.unit
        scope = Scope(department.pk, self.translation.source.locale_id, self.translation.target_locale_id)
        (found,) = find_suggestions([WantedText(unit.source, unit.target)], scope)
        return [
            ShownSuggestion(
                suggestion=each,
                text=text_to_type(each.target, is_html=has_tags(unit)),
                difference=difference(plain_text(each.source), plain_text(unit.source)),
            )
            for each in found
        ]
