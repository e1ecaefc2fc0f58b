"""Wagtail hooks that limit lists, choosers, the admin API and menus to the user's departments."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, URLPattern, path, resolve, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from wagtail import hooks
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.components import Component
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.utils import BadRequestError
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.images.api.admin.serializers import AdminImageSerializer
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.images.api.v2.serializers import ImageDownloadUrlField
from wagtail.models import Locale, Page
from wagtail.permissions import policy_registry

from .access.capabilities import User, has_capability, is_unrestricted
from .access.current_department import current_department, listed_for
from .access.foreign_references import refuse_change_of_department
from .access.ownership import department_of_page
from .access.querysets import viewable_by
from .access.references.readable_titles import with_readable_titles
from .admin.access_control.page_counts import (
    DELETION,
    refuse_too_many,
    too_many_aliases_message,
    too_many_message,
)
from .admin.access_control.rules import REQUIRED_CAPABILITIES
from .admin.access_control.url_table import ACCESS_BY_URL_NAME, Access
from .admin.overrides.image_chooser import override_image_chooser
from .admin.overrides.tag_actions import AddLimitedTagsToDocuments, AddLimitedTagsToImages
from .admin.screens.collections import describe_members
from .admin.screens.department_settings import DepartmentSettingsView, current_department_settings
from .admin.screens.department_switch import switch_department
from .admin.screens.page_views import DepartmentPageViewSet, PublishUnlockedPages
from .admin.screens.rich_text_links import limit_rich_text
from .admin.screens.snippets import refuse_deleting_used_snippets
from .dashboard.layout import AFTER_DEPARTMENTS, panels_for
from .lifecycle.deletion_protection import refuse_deletion_of_required_page, refuse_move_of_required_page
from .lifecycle.language_fallbacks import LanguageFallbackView
from .lifecycle.language_views import RemoveLanguageView
from .lifecycle.suspension import SuspensionPanel, suspended_departments_of
from .members import admin_hooks as accounts_hooks  # noqa: F401 (registers the hooks of the member screens)
from .people.personal_names import substitute_for_name
from .roles import Capability
from .sharing.log_actions import register_actions
from .sharing.viewset import SharingViewSet, share_button
from .validation.malformed_requests import MalformedValue
from .validation.object_keys import is_beyond_keys

# Wagtail registers its endpoints in the same hook; the later registration wins.
AFTER_WAGTAIL = 100

# Actions of the admin's API for which Wagtail asks for no lock, as the form of the page does.
CHANGES_OF_TEXT = frozenset(("publish", "revert_to_page_revision", "convert_alias"))

override_image_chooser()

hooks.register("register_log_actions", register_actions)
hooks.register("register_page_header_buttons", share_button)


@hooks.register("register_icons")
def icons(names: list[str]) -> list[str]:
    return [*names, "cms_sites/icons/share.svg"]


@hooks.register("register_admin_viewset")
def sharing_screens() -> SharingViewSet:
    return SharingViewSet()


@hooks.register("get_avatar_url")
def hide_avatar(user: Any, size: int) -> str | None:
    """Return the general picture for a person whose name is hidden; None lets Wagtail show the person's own."""
    is_hidden = getattr(user, "pk", None) is not None and substitute_for_name(user)
    return versioned_static("wagtailadmin/images/default-user-avatar.png") if is_hidden else None


@hooks.register("register_admin_urls")
def department_urls() -> list[URLPattern]:
    return [
        path("department/switch/", switch_department, name="department_switch"),
        path("department/settings/", current_department_settings, name="current_department_settings"),
        path("department/<int:pk>/settings/", DepartmentSettingsView.as_view(), name="department_settings"),
        path("department/<int:pk>/languages/", LanguageFallbackView.as_view(), name="department_languages"),
        path(
            "department/<int:pk>/languages/<slug:language_code>/remove/",
            RemoveLanguageView.as_view(),
            name="department_language_remove",
        ),
    ]


@hooks.register("insert_global_admin_css")
def department_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', versioned_static("cms_sites/admin.css"))


@hooks.register("construct_homepage_panels", order=AFTER_DEPARTMENTS)
def show_suspended_departments(request: HttpRequest, panels: list[Component]) -> None:
    if departments := suspended_departments_of(request.user):
        panels.append(SuspensionPanel(departments))


@hooks.register("construct_explorer_page_queryset")
def limit_explorer(parent_page: Page, pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    return listed_for(pages, request)


@hooks.register("construct_page_chooser_queryset")
def limit_page_chooser(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    return with_readable_titles(listed_for(pages, request), request.user)


@hooks.register("construct_image_chooser_queryset")
@hooks.register("construct_document_chooser_queryset")
def limit_choosers(queryset: QuerySet, request: HttpRequest) -> QuerySet:
    return listed_for(queryset, request)


hooks.register("register_rich_text_features", limit_rich_text, order=AFTER_WAGTAIL)
hooks.register("before_delete_snippet", refuse_deleting_used_snippets)
# Instead of Wagtail's actions, which have the same names.
hooks.register("register_bulk_action", AddLimitedTagsToImages, order=AFTER_WAGTAIL)
hooks.register("register_bulk_action", AddLimitedTagsToDocuments, order=AFTER_WAGTAIL)
hooks.register("register_bulk_action", PublishUnlockedPages, order=AFTER_WAGTAIL)


@hooks.register("before_bulk_action")
def limit_bulk_action(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponseRedirect | None:
    return refuse_too_many(request, objects, action_type)


@hooks.register("before_delete_page")
def limit_deletion(request: HttpRequest, page: Page) -> HttpResponseRedirect | None:
    return refuse_too_many(request, [page], DELETION)


@hooks.register("before_copy_page")
@hooks.register("before_unpublish_page")
def limit_subtree(request: HttpRequest, page: Page) -> HttpResponseRedirect | None:
    return refuse_too_many(request, [page])


@hooks.register("before_copy_page")
def keep_copy_in_department(request: HttpRequest, page: Page) -> None:
    """Refuse to copy a page to another department: Wagtail copies without the page's own validation."""
    destination = request.POST.get("new_parent_page", "")
    if destination.isdecimal() and (parent := Page.objects.filter(pk=destination).first()):
        refuse_change_of_department(page, parent)


class DepartmentAPIMixin:
    # Wagtail sets no authentication for images and documents; the default of the REST framework here is anonymous.
    authentication_classes = (SessionAuthentication,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise MalformedValue for numbers beyond those of the database: SQLite answers with an error of integrity."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        for name, value in request.query_params.items():
            if is_beyond_keys(value):
                raise MalformedValue(name, str(value))

    def get_queryset(self) -> QuerySet:
        queryset = super().get_queryset()  # type: ignore[misc]
        request = self.request  # type: ignore[attr-defined]
        is_list = self.action == "listing_view"  # type: ignore[attr-defined]
        return listed_for(queryset, request) if is_list else viewable_by(queryset, request.user)


class DepartmentPagesAPIViewSet(DepartmentAPIMixin, PagesAdminAPIViewSet):
    def handle_exception(self, exc: Exception) -> HttpResponseBase:
        if isinstance(exc, ProtectedError):
            raise exc  # The middleware answers refused actions as in every admin view.
        return super().handle_exception(exc)

    def action_view(self, request: Request, pk: int, action_name: str) -> HttpResponseBase:
        """Answer 404 for what the body may not name, as for what is missing: Wagtail answers 403.

        These are pages that the user may not view, and languages that the department of the page does not have. Raises
        BadRequestError for an action on too many pages, and for too many aliases, and PermissionDenied for one that
        would change a page which is locked for the user.
        """
        if action := self.actions.get(action_name):
            body = action.serializer(data=request.data)
            values = body.validated_data if body.is_valid() else {}
            for name, value in values.items():
                if name.endswith("page_id") and value is not None:
                    get_object_or_404(viewable_by(Page.objects.all(), request.user), pk=value)
            if "locale" in values:
                department = department_of_page(get_object_or_404(Page, pk=pk))
                get_object_or_404(department.locales if department else Locale, language_code=values["locale"])
            page = get_object_or_404(self.get_queryset(), pk=pk)
            if action_name in CHANGES_OF_TEXT and page.permissions_for_user(request.user).page_locked():
                raise PermissionDenied
            reason = too_many_message(values, page, action_name)
            if action_name == "create_alias" and not reason:
                reason = too_many_aliases_message(page, with_pages_below=bool(values.get("recursive")))
            if reason:
                raise BadRequestError(reason)
        response: HttpResponseBase = super().action_view(request, pk, action_name)
        return response

    def get_queryset(self) -> QuerySet:
        """Load for all pages of a list what its serializer would query for each: language, schedule, workflow."""
        pages: Any = super().get_queryset()
        if self.action == "listing_view":
            pages = pages.prefetch_related("locale").annotate_approved_schedule().prefetch_workflow_states()
        return pages

    def get_base_queryset(self) -> QuerySet[Page]:
        pages: QuerySet[Page] = policy_registry.get_by_type(Page).accessible_instances(self.request.user)
        return pages


class FileAddressField(ImageDownloadUrlField):
    """The URL of the file of an image; None if its row names none, which would make the whole list fail."""

    def to_representation(self, image: Any) -> str | None:
        return image.file.url if image.file else None


class DepartmentImageSerializer(AdminImageSerializer):
    """Wagtail's serializer, which shows images without a file too."""

    download_url = FileAddressField(read_only=True)


class DepartmentImagesAPIViewSet(DepartmentAPIMixin, ImagesAdminAPIViewSet):
    base_serializer_class = DepartmentImageSerializer


class DepartmentDocumentsAPIViewSet(DepartmentAPIMixin, DocumentsAdminAPIViewSet):
    pass


@hooks.register("construct_admin_api", order=AFTER_WAGTAIL)
def replace_admin_api_endpoints(router: WagtailAPIRouter) -> None:
    router.register_endpoint("pages", DepartmentPagesAPIViewSet)
    router.register_endpoint("images", DepartmentImagesAPIViewSet)
    router.register_endpoint("documents", DepartmentDocumentsAPIViewSet)


@hooks.register("before_delete_page")
def refuse_deleting_required_pages(request: HttpRequest, page: Page) -> None:
    """Refuse before the confirmation page is shown; the signals of `deletion_protection` refuse all other deletions."""
    refuse_deletion_of_required_page(page)


@hooks.register("before_move_page")
def refuse_moving_required_pages(request: HttpRequest, page: Page, destination: Page) -> None:
    refuse_move_of_required_page(page, destination)


@hooks.register("construct_homepage_panels")
def department_panels(request: HttpRequest, panels: list[Component]) -> None:
    """Replace Wagtail's panels, which query all workflow tasks of the instance and ignore departments."""
    panels[:] = panels_for(request)


@hooks.register("register_admin_viewset", order=AFTER_WAGTAIL)
def department_pages() -> DepartmentPageViewSet:
    return DepartmentPageViewSet()


hooks.register("describe_collection_contents", describe_members)


class CapabilityMenuItem(MenuItem):
    """A menu entry that requires a capability. `for_superusers` also shows it to superusers."""

    def __init__(self, *args: Any, capability: Capability, for_superusers: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.capability, self.for_superusers = capability, for_superusers

    def is_shown(self, request: HttpRequest) -> bool:
        is_for_user = self.for_superusers or not is_unrestricted(request.user)
        return is_for_user and has_capability(request.user, self.capability, current_department(request))


@hooks.register("register_settings_menu_item")
def settings_menu_item() -> MenuItem:
    url = reverse("current_department_settings")
    return CapabilityMenuItem(
        _("Department"), url, capability=Capability.SETTINGS, name="department-settings", icon_name="cog", order=50
    )


@hooks.register("register_settings_menu_item")
def approval_menu_item() -> MenuItem:
    url = reverse("department_workflows:index")
    return CapabilityMenuItem(
        _("Approval"), url, capability=Capability.WORKFLOWS, name="approval", icon_name="tasks", order=110
    )


@hooks.register("register_settings_menu_item")
def redirects_menu_item() -> MenuItem:
    url = reverse("department_redirects:index")
    return CapabilityMenuItem(
        _("Redirects"),
        url,
        capability=Capability.REDIRECTS,
        for_superusers=False,
        name="department-redirects",
        icon_name="redirect",
        order=800,
    )


@hooks.register("register_reports_menu_item")
def audit_log_menu_item() -> MenuItem:
    url = reverse("department_reports:audit_log")
    return CapabilityMenuItem(
        _("Audit log"), url, capability=Capability.AUDIT, name="audit-log", icon_name="history", order=1010
    )


class HistoryMenuItem(CapabilityMenuItem):
    """The history entry for users who read reports but edit no pages; Wagtail shows its own entry to page editors."""

    def is_shown(self, request: HttpRequest) -> bool:
        has_pages = policy_registry.get_by_type(Page).explorable_root_instance(request.user) is not None
        return super().is_shown(request) and not has_pages


@hooks.register("register_reports_menu_item")
def history_menu_item() -> MenuItem:
    url = reverse("department_reports:site_history")
    return HistoryMenuItem(
        _("Site history"),
        url,
        capability=Capability.REPORTS,
        name="department-history",
        icon_name="history",
        order=1000,
    )


@hooks.register("construct_help_menu")
def hide_wagtail_news(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Show the news about Wagtail to superusers only."""
    if not is_unrestricted(request.user):
        menu_items[:] = [item for item in menu_items if not item.name.startswith("whats-new-in-wagtail")]


@hooks.register("construct_main_menu")
@hooks.register("construct_settings_menu")
@hooks.register("construct_reports_menu")
def hide_refused_menu_items(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Remove menu entries whose URL access control refuses to the user."""
    if not is_unrestricted(request.user):
        menu_items[:] = [item for item in menu_items if not _is_refused(item.url, request.user)]


def _is_refused(url: str, user: User) -> bool:
    try:
        access = ACCESS_BY_URL_NAME.get(resolve(url).view_name)
    except Resolver404:
        return False  # A submenu, or a URL outside the admin.
    return access is Access.SUPERUSER or (
        access in REQUIRED_CAPABILITIES and not has_capability(user, REQUIRED_CAPABILITIES[access])
    )
