"""Admin screens of copies: take a copy, and choose which changes of the origin to merge."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from sites.models import Sharing
from sites.sharing.transitions import ANSWERABLE_STATES
from sites.sharing.views import BREADCRUMBS, ICON, SharingLink, sharing_departments, sharing_or_404

from .copying import existing_copy, merge, omitted_content, origin_changes, published_origin, state_token, take_copy
from .field_values import display_text


class CopyView(WagtailAdminTemplateMixin, TemplateView):
    """Base of the screens about an offer to one of the user's departments; answers 404 for any other sharing."""

    header_icon = ICON

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.sharing = sharing_or_404(request.user, kwargs["pk"])
        if self.sharing.department not in sharing_departments(request.user) or self.sharing.kind != Sharing.Kind.OFFER:
            raise Http404
        self.origin = published_origin(self.sharing)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        url = reverse("sharing:detail", args=[self.sharing.pk])
        title = self.origin.title if self.origin else _("Offer")
        return [*BREADCRUMBS, {"url": url, "label": title}, {"url": "", "label": self.get_page_title()}]


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class TakeCopyView(CopyView):
    """A screen that explains the copy and lists its omitted parts; POST takes the copy."""

    template_name = "copies/take.html"
    page_title = gettext_lazy("Take as an own copy")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.origin is None or self.sharing.state not in ANSWERABLE_STATES:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            page = take_copy(self.sharing, request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("sharing:detail", self.sharing.pk)
        messages.success(request, _("This is your copy, a draft. Publish it when it suits you."))
        return redirect("wagtailadmin_pages:edit", page.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assert self.origin is not None  # noqa: S101 (dispatch has checked it)
        return super().get_context_data(**kwargs) | {
            "sharing": self.sharing,
            "origin": self.origin,
            "omitted_content": omitted_content(self.sharing, self.origin),
        }


class ChangesView(CopyView):
    """A form that lists the origin's changes since the last merge, with a choice per field."""

    template_name = "copies/changes.html"
    page_title = gettext_lazy("Changes at the origin")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        existing = existing_copy(self.sharing)
        if existing is None or not self.sharing.is_copied:
            raise Http404
        self.copy, self.page = existing
        if not self.page.permissions_for_user(request.user).can_edit():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def changes(self) -> list[Any]:
        return origin_changes(self.copy, self.origin, self.page) if self.origin else []

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.page.permissions_for_user(request.user).page_locked():
            raise PermissionDenied
        taken = {
            change.field.name for change in self.changes if request.POST.get(f"choice-{change.field.name}") == "take"
        }
        try:
            notes = merge(self.copy, self.sharing.department, taken, request.POST.get("state", ""), request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("copies:changes", self.sharing.pk)
        for note in notes:
            messages.warning(request, note)
        if not taken:
            messages.success(request, _("Everything was kept as it is here."))
            return redirect("sharing:detail", self.sharing.pk)
        done = ngettext(
            "%(count)d field was taken over, as a draft.", "%(count)d fields were taken over, as a draft.", len(taken)
        )
        messages.success(request, done % {"count": len(taken)})
        return redirect("wagtailadmin_pages:edit", self.page.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "sharing": self.sharing,
            "page": self.page,
            "origin": self.origin,
            "state": state_token(self.origin, self.page) if self.origin else "",
            "changes": [
                {
                    "name": change.field.name,
                    "label": capfirst(str(change.field.verbose_name)),
                    "base": display_text(change.field, change.base),
                    "origin": display_text(change.field, change.origin),
                    "copy": display_text(change.field, change.copy),
                    "is_changed_in_copy": change.is_changed_in_copy,
                }
                for change in self.changes
            ],
        }


def copy_links(request: HttpRequest, sharing: Sharing, *, is_receiver: bool) -> list[SharingLink]:
    """Return the links about copies on the screen of a sharing (hook `register_sharing_links`)."""
    if not is_receiver or sharing.kind != Sharing.Kind.OFFER:
        return []
    origin = published_origin(sharing)
    if sharing.state in ANSWERABLE_STATES:
        take = SharingLink(_("Take as an own copy"), reverse("copies:take", args=[sharing.pk]))
        return [take] if origin is not None else []
    existing = existing_copy(sharing) if sharing.is_copied else None
    if existing is None:
        return []
    copy, page = existing
    links = [SharingLink(_("Edit your copy"), reverse("wagtailadmin_pages:edit", args=[page.pk]))]
    if origin is not None and (count := len(origin_changes(copy, origin, page))):
        label = ngettext("%(count)d field changed at the origin", "%(count)d fields changed at the origin", count)
        url = reverse("copies:changes", args=[sharing.pk])
        links.append(SharingLink(label % {"count": count}, url, is_primary=True))
    return links


def urls() -> list[URLPattern]:
    """Return the URL patterns of the namespace `copies`."""
    return [
        path("<int:pk>/take/", TakeCopyView.as_view(), name="take"),
        path("<int:pk>/changes/", ChangesView.as_view(), name="changes"),
    ]
