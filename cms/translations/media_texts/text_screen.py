"""The screen on which the text of a medium is translated and approved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Locale

from cms.translations.board.cells import board_languages, locales_reviewed_by
from cms.translations.models import MediaText
from cms.translations.models.language_data.media_text import MAX_LENGTH
from sites.access.current_department import current_department
from sites.models import Department
from sites.validation.incoming_text import refuse_control_characters

from .shown_media import TEXT_FIELDS, shown_media, source_text
from .text_changes import find_text, seen_digest, store_text

APPROVE = "approve"


class MediaTextForm(forms.Form):
    """The translation of one text, and the digest of what its author has read."""

    text = forms.CharField(
        label=gettext_lazy("Translation"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        validators=[refuse_control_characters],
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean_text(self) -> str:
        # The medium has one line.
        return " ".join(self.cleaned_data["text"].split())


class MediaTextView(WagtailAdminTemplateMixin, TemplateView):
    """The text of an image or a document of the current department beside its translation.

    Raises Http404 for a medium that no published page of the department shows, and for languages that the user does not
    see on the board. Reviewers of the language, and publishers of the department, approve.
    """

    template_name = "translations/media_text.html"
    header_icon = "wagtail-localize-language"
    http_method_names = ["get", "head", "options", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        department = current_department(request)
        if department is None or kwargs["kind"] not in TEXT_FIELDS:
            raise Http404
        self.kind: str = kwargs["kind"]
        locales = [each for each in board_languages(request) if each.language_code == kwargs["language_code"]]
        item = shown_media(department)[self.kind].filter(pk=kwargs["item_id"]).first() if locales else None
        if item is None:
            raise Http404
        self.item: Any = item
        self.department: Department = department
        self.locale: Locale = locales[0]
        self.source_locale = department.source_locale
        reviewed = locales_reviewed_by(request.user, department)
        self.may_approve = reviewed is None or self.locale.pk in reviewed

    @cached_property
    def row(self) -> MediaText | None:
        return find_text(self.kind, self.item, self.locale)

    @cached_property
    def form(self) -> MediaTextForm:
        if self.request.method == "POST":
            return MediaTextForm(self.request.POST)
        return self._unbound_form()

    def _unbound_form(self) -> MediaTextForm:
        initial = {"text": self.row.text if self.row else "", "seen": seen_digest(self.kind, self.item, self.row)}
        form = MediaTextForm(initial=initial)
        form.fields["text"].widget.attrs["lang"] = self.locale.language_code
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_reviewed = APPROVE in request.POST
        if is_reviewed and not self.may_approve:
            raise PermissionDenied
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        values = self.form.cleaned_data
        try:
            with transaction.atomic():
                self._lock_language(is_reviewed=is_reviewed)
                store_text(
                    self.kind,
                    self.item,
                    self.locale,
                    values["text"],
                    request.user,
                    seen=values["seen"],
                    is_reviewed=is_reviewed,
                )
        except ObjectDoesNotExist:
            raise Http404 from None
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            # The next attempt is about what the screen shows now. The typed text stays in the form.
            data = request.POST.copy()
            data["seen"] = seen_digest(self.kind, self.item, self.row)
            self.form = MediaTextForm(data)
            return self.render_to_response(self.get_context_data())
        messages.success(request, _("The translation is public.") if is_reviewed else _("The translation is saved."))
        return redirect(self._board_url())

    def _lock_language(self, *, is_reviewed: bool) -> None:
        """Keep the language of the department until the text is stored. Raises Http404 or PermissionDenied without it.

        The removal of the language, which locks the department, or of a role in it may have come first.
        """
        departments = Department.objects.select_for_update(of=("self",), no_key=True)
        list(departments.filter(pk=self.department.pk).values_list("pk"))
        if not self.department.department_locales.filter(locale=self.locale).exists():
            raise Http404
        reviewed = locales_reviewed_by(self.request.user, self.department)
        if is_reviewed and reviewed is not None and self.locale.pk not in reviewed:
            raise PermissionDenied

    def _board_url(self) -> str:
        """The board with the filters from which the user has come."""
        filters = QueryDict(self.request.GET.get("filters", "")).urlencode()
        return reverse("media_board") + (f"?{filters}" if filters else "")

    def get_page_title(self) -> str:
        return _("Text of a medium")

    def get_page_subtitle(self) -> str:
        return f"{self.item.title} – {self.locale.get_display_name()}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        board = {"url": self._board_url(), "label": _("Translations of media and snippets")}
        return [*super().get_breadcrumbs_items(), board, {"url": "", "label": self.item.title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        source = source_text(self.kind, self.item)
        is_outdated = self.row is not None and self.row.source_text != source
        return super().get_context_data(**kwargs) | {
            "form": self.form,
            "item": self.item,
            "kind": self.kind,
            "row": self.row,
            "source": source,
            "source_locale": self.source_locale,
            "locale": self.locale,
            "former_source": self.row.source_text if self.row is not None and is_outdated else "",
            "may_approve": self.may_approve,
            "approve": APPROVE,
            "board_url": self._board_url(),
        }
