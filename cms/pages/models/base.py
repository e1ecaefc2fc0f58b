"""Base class of page models: summary, image, URL, preview and the rules of publication."""

from __future__ import annotations

import datetime
from contextlib import nullcontext
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import classproperty
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.images import get_image_model_string
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.content_types.registry import document_type_of
from cms.pages.overrides.tree_changes import TREE_FIELDS, refresh_tree_position
from cms.translations.progress import completeness
from sites.access.foreign_references import refuse_foreign_references_of_page
from sites.access.page_permissions import DepartmentPagePermissions
from sites.access.references.private_pages import restrictions_of
from sites.access.references.referable_objects import omit_foreign_objects
from sites.models import Department
from sites.validation.incoming_text import LIMIT, MAX_CHARACTERS
from sites.validation.links import refuse_harmful_links

from .copy_origin import CopyOrigin

CONTENT_DEPTH = 2  # Number of components of `url_path` before a content's own path: container and home.


def translated(*names: str) -> list[TranslatableField]:
    """Return declarations of translated fields. In a StreamField only the texts are translated."""
    return [TranslatableField(name) for name in names]


def synchronised(*names: str) -> list[SynchronizedField]:
    """Return declarations of fields whose value translations copy from the original and cannot change."""
    return [SynchronizedField(name, overridable=False) for name in names]


def content_path(url_path: str, language_code: str) -> str:
    """Return the path on the department's site for a Wagtail `url_path` (`/container/home/…/`)."""
    components = url_path.strip("/").split("/")[CONTENT_DEPTH:]
    return "/" + "/".join([language_code, *components]) + "/"


class ContentPage(Page):
    """The base of all page models. A live page has one published document in its locale."""

    # True if other departments may show the page; `sites.sharing` reads it.
    may_be_shared: ClassVar[bool] = True
    # True if `clean` checks `publication_errors`; None if it checks them for live pages. The form sets it, because a
    # draft of a live page has live=True.
    enforces_publication_rules: bool | None = None
    # Parent of a page that is not in the tree yet; the form sets it.
    intended_parent: Page | None = None

    summary = models.TextField(
        _("summary"),
        max_length=400,
        blank=True,
        help_text=_("Two sentences for lists, search results and partners' sites."),
    )
    image = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    image_alt = models.CharField(
        _("text alternative here"),
        max_length=255,
        blank=True,
        help_text=_("Leave empty to use the image's own. Translators give it in their language."),
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("image"), FieldPanel("image_alt")], heading=_("Image")),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary")]
    translatable_fields: ClassVar[list] = [
        *translated("title", "slug", "seo_title", "search_description", "summary", "image_alt"),
        *synchronised("show_in_menus", "image"),
    ]

    class Meta:
        abstract = True

    @classproperty
    def document_type(cls) -> str:
        """Name of the content type in published documents and in the API."""
        return document_type_of(cls).name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the page with its current tree position and URL, after concurrent changes of the tree are complete."""
        fields = kwargs.get("update_fields")
        with nullcontext() if connection.in_atomic_block else transaction.atomic():
            if self.pk and (fields is None or "url_path" in fields or "slug" in fields):
                refresh_tree_position(self)
            super().save(*args, **kwargs)

    def full_clean(self, exclude: Any = None, *args: Any, **kwargs: Any) -> None:
        """Validate the page without its tree position, which another page may have taken since it was loaded."""
        super().full_clean({*(exclude or ()), *TREE_FIELDS} if self.pk else exclude, *args, **kwargs)

    def clean(self) -> None:
        super().clean()
        refuse_harmful_links(self)
        refuse_foreign_references_of_page(self, self.intended_parent)
        is_enforced = self.live if self.enforces_publication_rules is None else self.enforces_publication_rules
        if is_enforced:
            errors = completeness.publication_errors(self) | self.publication_errors() | self._copy_errors()
            errors |= self._size_errors()
            if errors:
                raise ValidationError(errors)

    def publication_errors(self) -> dict[str, Any]:
        """Return the errors that prevent publication, by field name; {} if there are none."""
        return {}

    def _size_errors(self) -> dict[str, Any]:
        """Return an error for a page whose document would be too large: a list answer of the API holds up to 100."""
        if len(self.to_json()) <= MAX_CHARACTERS:
            return {}
        message = _("The page has more than %(number)s characters: divide it into several pages.")
        return {"title": ValidationError(message, code=LIMIT, params={"number": MAX_CHARACTERS})}

    def _copy_errors(self) -> dict[str, Any]:
        copy = CopyOrigin.objects.filter(content_key=self.translation_key).select_related("sharing").first()
        if copy is None or copy.is_in_force:
            return {}
        return {"title": _("The origin of this copy was withdrawn: the copy cannot be published.")}

    def set_local_defaults(self, department: Department) -> None:
        """Set the values of a new page that its form proposes and that differ between departments."""

    @property
    def consent_ends_at(self) -> datetime.datetime | None:
        """End of the consent that the whole page depends on, or None."""
        return None

    @property
    def publication_dependencies(self) -> list[models.Model]:
        """The objects on which `may_be_public` depends, including those that keep the page from being public."""
        return []

    @property
    def may_be_public(self) -> bool:
        """True if the live page may be public today. The publisher checks it in addition to `live`."""
        return True

    def permissions_for_user(self, user: Any) -> DepartmentPagePermissions:
        return DepartmentPagePermissions(user, self)

    def get_view_restrictions(self) -> models.QuerySet[PageViewRestriction]:
        """Return the restrictions of the page and its ancestors, else those of its other languages.

        Each makes the page private. The screen of privacy shows the page's own to be changed, and a link to any other.
        """
        own = super().get_view_restrictions()
        return own if own.exists() else restrictions_of(self)

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str, str] | None:
        """Return site id, root URL and path of the page on its department's site, or None outside every site.

        Wagtail's method reverses the URL pattern of its page view, which the reader replaces.
        """
        for site_root in Site.get_site_root_paths():
            if self.url_path.startswith(site_root.root_path):
                return site_root.site_id, site_root.root_url, content_path(self.url_path, site_root.language_code)
        return None

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Return the preview by the function in PREVIEW_RENDERER, since pages may not import the reader."""
        omit_foreign_objects(self)
        return import_string(settings.PREVIEW_RENDERER)(request, self)
