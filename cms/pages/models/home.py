"""Page models of the structure of a site: home, sections and standard pages."""

from babel import Locale
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField

from cms.blocks import streams
from cms.blocks.text import RICH_TEXT_FEATURES
from cms.content_types.registry import listable_type_choices
from cms.fields import StreamField
from sites.lifecycle.deletion_protection import refuse_expiry_of_home, refuse_slug_change

from .base import ContentPage, synchronised, translated


class DepartmentHomePage(ContentPage):
    """The home page of a department in one locale. Provisioning creates one per locale under the container."""

    may_be_shared = False

    introduction = RichTextField(_("introduction"), blank=True, features=list(RICH_TEXT_FEATURES))
    highlights = StreamField(
        streams.ANY_PAGES, verbose_name=_("highlights"), blank=True, help_text=_("Pages to show first.")
    )
    body = StreamField(streams.BODY, verbose_name=_("content"), blank=True, **streams.BODY_LIMITS)

    is_creatable = False
    parent_page_types = ("cms_sites.DepartmentContainerPage",)
    content_panels = [
        *ContentPage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("highlights"),
        FieldPanel("body"),
    ]
    # The slug is the language code and is not translated.
    translatable_fields = [
        *(field for field in ContentPage.translatable_fields if field.field_name != "slug"),
        *translated("introduction", "highlights", "body"),
    ]

    class Meta:
        verbose_name = _("department home page")
        verbose_name_plural = _("department home pages")

    def clean(self) -> None:
        super().clean()
        refuse_slug_change(self)
        refuse_expiry_of_home(self)

    def get_admin_display_title(self) -> str:
        """Return the title with the language, since the homes of a department often have the same title."""
        language = Locale.parse(self.locale.language_code, sep="-").get_display_name(get_language() or "en")
        return f"{super().get_admin_display_title()} – {language}"


class SectionPage(ContentPage):
    """A page that lists all published documents of one type."""

    may_be_shared = False

    introduction = RichTextField(_("introduction"), blank=True, features=list(RICH_TEXT_FEATURES))
    lists = models.CharField(_("what it lists"), max_length=20, choices=listable_type_choices)

    parent_page_types = ("pages.DepartmentHomePage",)
    content_panels = [*ContentPage.content_panels, FieldPanel("lists"), FieldPanel("introduction")]
    translatable_fields = [
        *ContentPage.translatable_fields,
        *translated("introduction"),
        *synchronised("lists"),
    ]

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")


class StandardPage(ContentPage):
    """A standard page, for example the legal notice."""

    body = StreamField(streams.BODY, verbose_name=_("content"), blank=True, **streams.BODY_LIMITS)

    parent_page_types = ("pages.DepartmentHomePage", "pages.SectionPage", "pages.StandardPage")
    content_panels = [*ContentPage.content_panels, FieldPanel("body")]
    translatable_fields = [*ContentPage.translatable_fields, *translated("body")]

    class Meta:
        verbose_name = _("free page")
        verbose_name_plural = _("free pages")
