"""The screen on which a reviewer makes and revokes guest links to a translation, and sees their uses."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.encryption import decrypt, encrypt
from cms.translations.approval import may_review
from cms.translations.models import GuestLink, GuestLinkUse

from .link_changes import make_link, revoke_link
from .link_forms import GuestLinkForm
from .valid_links import page_of

MAX_LINKS, MAX_USES = 50, 100
# The key of the session with the URL of a link that was just made, and the purpose of its encryption.
NEW_LINK = "new_guest_link"
SECONDS_TO_SHOW = 300


class GuestLinksView(WagtailAdminTemplateMixin, TemplateView):
    """The guest links of one translation.

    Access control has checked that the user may edit the page. Raises PermissionDenied unless the user reviews it.
    The URL of a new link is shown once, on the page after the form, so that a reload makes no second link. The session
    holds it encrypted until then: the database has only the hash of its token.
    """

    template_name = "translations/guest_links.html"
    page_title = gettext_lazy("Guest links")
    header_icon = "link"
    http_method_names = ["get", "head", "options", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        found = Translation.objects.select_related("source__locale", "target_locale").filter(enabled=True)
        self.translation: Translation = get_object_or_404(found, pk=kwargs["translation_id"])
        page = page_of(self.translation)
        if page is None:
            raise Http404
        self.target: Page = page

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not may_review(self.target, request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def form(self) -> GuestLinkForm:
        data = self.request.POST if "guest_name" in self.request.POST else None
        return GuestLinkForm(data, translation=self.translation)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "revoke" in request.POST:
            number = request.POST["revoke"]
            key = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
            link = get_object_or_404(GuestLink, pk=key, translation=self.translation)
            revoke_link(link, self.target, request.user)
            messages.success(request, _("The link of %(guest)s does not work any more.") % {"guest": link.guest_name})
            return redirect("translation_guests", self.translation.pk)
        if self.form.is_valid():
            values = self.form.cleaned_data
            try:
                link, url = make_link(
                    self.translation,
                    self.target,
                    request.user,
                    name=values["guest_name"],
                    email=values["guest_email"],
                    language=values["language"],
                    days=values["days"],
                )
            except ValidationError as error:
                self.form.add_error(None, error)
            else:
                request.session[NEW_LINK] = encrypt({"link": link.pk, "url": url}, NEW_LINK)
                return redirect("translation_guests", self.translation.pk)
        return self.render_to_response(self.get_context_data())

    def _new_link(self) -> dict[str, Any]:
        """Return the link that was just made for this translation and its URL, which the session forgets."""
        token = self.request.session.pop(NEW_LINK, "") if self.request.method == "GET" else ""
        if not token:
            return {}
        try:
            made = decrypt(token, NEW_LINK, max_age=SECONDS_TO_SHOW)
        except InvalidToken:  # The answer to the form was never opened.
            return {}
        link = GuestLink.objects.open().filter(pk=made["link"], translation=self.translation).first()
        return {"new_link": link, "new_address": made["url"]} if link is not None else {}

    def get_page_subtitle(self) -> str:
        return f"{self.target.get_admin_display_title()} – {self.translation.target_locale.get_display_name()}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        title = self.target.get_admin_display_title()
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("translation_board"), "label": _("Translations")},
            {"url": reverse("translation_editor", args=[self.translation.pk]), "label": title},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        links = GuestLink.objects.filter(translation=self.translation).select_related("created_by")
        uses = GuestLinkUse.objects.filter(link__translation=self.translation).select_related("link")
        shown = list(links.annotate(last_use=Max("uses__last_at"))[:MAX_LINKS])
        for link in shown:
            link.is_dead = not may_review(self.target, link.created_by)  # type: ignore[attr-defined]
        return super().get_context_data(**kwargs) | {
            "translation": self.translation,
            "form": self.form,
            "links": shown,
            "uses": uses[:MAX_USES],
            **self._new_link(),
        }
