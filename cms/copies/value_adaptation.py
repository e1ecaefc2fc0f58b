"""Adaptation of field values for a copy, so that no value refers to a row of the origin's department.

Files are copied. Links to pages become links to their public URLs. Shared organisations and people stay references.
Consents, files with a consent, private files and pages that are not public are omitted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from django.apps import apps
from django.conf import settings
from django.db.models import Field, ForeignKey, Model
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.blocks.field_block import ChooserBlock
from wagtail.documents import get_document_model
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model
from wagtail.models import Page

from sites.access.foreign_references import keys_of_other_departments
from sites.access.references.private_pages import is_private
from sites.models import Department

from .media_copies import get_or_create_copy, is_copyable

OMITTED = object()


class ValueAdapter:
    """An adapter of field values for one department.

    `notes` describes each omitted part. With `copies_files=False` it writes nothing.
    """

    def __init__(self, department: Department, *, copies_files: bool = True) -> None:
        self.department = department
        self.notes: list[str] = []
        self._copies_files = copies_files
        self._shared = {apps.get_model(label) for label in settings.SHARED_SNIPPETS}

    def adapt(self, field: Field, value: Any) -> Any:
        """Return the JSON value of a field for the department of the copy; None for an omitted reference."""
        if value in (None, ""):
            return value
        if isinstance(field, StreamField):
            adapted = self._adapt_block(field.stream_block, value)
            return [] if adapted is OMITTED else adapted
        if isinstance(field, RichTextField):
            return self._adapt_rich_text(value)
        if isinstance(field, ForeignKey):
            adapted = self._adapt_reference(field.related_model, value)
            return None if adapted is OMITTED else adapted
        return value

    def _adapt_block(self, block: blocks.Block, value: Any) -> Any:
        """Return the raw value of a block, or OMITTED if a required part is omitted."""
        if value in (None, ""):
            return value
        match block:
            case blocks.StreamBlock():
                children = [
                    {**child, "value": self._adapt_block(block.child_blocks[child["type"]], child["value"])}
                    for child in value
                    if child["type"] in block.child_blocks
                ]
                return [child for child in children if child["value"] is not OMITTED]
            case blocks.ListBlock():
                items = [
                    {**item, "value": self._adapt_block(block.child_block, item["value"])} for item in _items(value)
                ]
                return [item for item in items if item["value"] is not OMITTED]
            case blocks.StructBlock():
                return self._adapt_struct(block, value)
            case blocks.RichTextBlock():
                return self._adapt_rich_text(value)
            case ChooserBlock():
                return self._adapt_reference(block.model_class, value)
        return value

    def _adapt_struct(self, block: blocks.StructBlock, value: dict[str, Any]) -> Any:
        adapted = {
            name: self._adapt_block(child, value[name]) for name, child in block.child_blocks.items() if name in value
        }
        if any(part is OMITTED and block.child_blocks[name].required for name, part in adapted.items()):
            return OMITTED
        return {name: None if part is OMITTED else part for name, part in adapted.items()}

    def _adapt_reference(self, model: type[Model], pk: Any) -> Any:
        """Return the primary key of a row to which the copy may refer, or OMITTED; copy the row if it is a medium."""
        if model in self._shared:
            return pk
        target = model._default_manager.filter(pk=pk).first()
        if target is None:
            return OMITTED
        if isinstance(target, Page):
            if not keys_of_other_departments(Page, [str(pk)], self.department):
                return pk
        elif is_copyable(target):
            return get_or_create_copy(target, self.department).pk if self._copies_files else pk
        # The note names only the kind, because the name may be personal data or the title of an unpublished page.
        self.notes.append(_("%(kind)s left out: it belongs to its owner alone") % {"kind": model._meta.verbose_name})
        return OMITTED

    def _adapt_rich_text(self, source: str) -> str:
        if "linktype=" not in source and "<embed" not in source:
            return source
        soup = BeautifulSoup(source, "html.parser")
        for link in soup.find_all("a", attrs={"linktype": True}):
            self._adapt_link(link)
        for embed in soup.find_all("embed", attrs={"embedtype": "image"}):
            self._replace_id(embed, get_image_model(), embed.decompose)
        return str(soup)

    def _adapt_link(self, link: Any) -> None:
        if link["linktype"] == "document":
            self._replace_id(link, get_document_model(), link.unwrap)
        elif link["linktype"] == "page":
            page = Page.objects.filter(pk=link.get("id") or 0).first()
            if page is not None and not keys_of_other_departments(Page, [str(page.pk)], self.department):
                return
            is_public = page is not None and page.live and not is_private(page)
            url = page.specific.full_url if page is not None and is_public else ""
            if url:
                link.attrs = {"href": url}
            else:
                link.unwrap()

    def _replace_id(self, tag: Any, model: type[Model], omit: Callable[[], Any]) -> None:
        """Set the `id` of a link or an embed to that of the copied medium; call `omit` if there is none."""
        key = self._adapt_reference(model, tag.get("id") or 0)
        if key is OMITTED:
            omit()
        else:
            tag["id"] = str(key)


def _items(value: list[Any]) -> list[dict[str, Any]]:
    """Return the items of a list block as dicts with `value`. Old versions of Wagtail stored bare values."""
    return [item if isinstance(item, dict) and "value" in item else {"type": "item", "value": item} for item in value]
