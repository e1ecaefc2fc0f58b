"""Form data that refers to objects at every position of a form where a reference is possible."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model
from django.forms import BaseForm, BaseFormSet, ModelChoiceField
from wagtail import blocks
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.blocks.field_block import ChooserBlock
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.test.utils.form_data import rich_text

# Returns the key of an object of the model, or None if the position stays empty.
KeyOf = Callable[[type[Model]], Any]
FormData = dict[str, Any]

# Elements of rich text that refer to an object, by the feature that permits them.
ELEMENTS: dict[str, tuple[Callable[[], type[Model]], str]] = {
    "link": (lambda: Page, '<p><a linktype="page" id="{}">a page</a></p>'),
    "document-link": (get_document_model, '<p><a linktype="document" id="{}">a file</a></p>'),
    "image": (get_image_model, '<embed embedtype="image" id="{}" format="fullwidth" alt="x"/>'),
}


def block_data(block: blocks.Block, prefix: str, key_of: KeyOf) -> FormData:
    """Return form data of a block: a stream has each of its kinds of block, a list has one item, texts are empty.

    Empty texts are errors in the same blocks, since many are required.
    """
    match block:
        case blocks.StreamBlock():
            data = {f"{prefix}-count": len(block.child_blocks)}
            for index, (name, child) in enumerate(block.child_blocks.items()):
                data |= _item(prefix, index) | {f"{prefix}-{index}-type": name}
                data |= block_data(child, f"{prefix}-{index}-value", key_of)
            return data
        case blocks.ListBlock():
            item = _item(prefix, 0) | block_data(block.child_block, f"{prefix}-0-value", key_of)
            return {f"{prefix}-count": 1} | item
        case blocks.StructBlock():
            data = {}
            for name, child in block.child_blocks.items():
                data |= block_data(child, f"{prefix}-{name}", key_of)
            return data
        case ChooserBlock():
            return {prefix: key_of(block.model_class)}
        case blocks.RichTextBlock():
            return {prefix: _rich_text(block.features, key_of)}
        case blocks.ChoiceBlock():
            return {prefix: block.get_default() or ""}
        case blocks.DateBlock():
            return {prefix: "2030-03-21"}
    return {prefix: ""}


def references_of(block: blocks.Block) -> Iterator[str]:
    """Yield a name for each position of a block at which a reference is possible."""
    match block:
        case blocks.StreamBlock() | blocks.StructBlock():
            for name, child in block.child_blocks.items():
                yield from (f"{name}.{path}" for path in references_of(child))
        case blocks.ListBlock():
            yield from references_of(block.child_block)
        case ChooserBlock():
            yield block.model_class.__name__
        case blocks.RichTextBlock():
            yield from (feature for feature in ELEMENTS if feature in block.features)


def form_data(form: BaseForm, key_of: KeyOf) -> FormData:
    """Return data for a form: references in all fields, and empty texts as additional errors."""
    data: FormData = {}
    for name, field in form.fields.items():
        html_name = form.add_prefix(name)
        if hasattr(field, "block"):
            data |= block_data(field.block, html_name, key_of)
        elif isinstance(field, ModelChoiceField) and field.queryset is not None:
            key = key_of(field.queryset.model)
            data[html_name] = form[name].value() if key is None else key
        elif isinstance(field.widget, DraftailRichTextArea):
            data[html_name] = _rich_text(field.widget.features, key_of)
        elif hasattr(field, "choices"):
            data[html_name] = form[name].value()
        else:
            data[html_name] = ""
    for name, formset in getattr(form, "formsets", {}).items():
        # Wagtail leaves comments out of the form when it is displayed again.
        data |= {} if name == "comments" else formset_data(formset, key_of)
    return {name: value for name, value in data.items() if value is not None}


def formset_data(formset: BaseFormSet, key_of: KeyOf) -> FormData:
    """Return data for a formset with one new form."""
    prefix = formset.prefix
    empty = form_data(formset.empty_form, key_of)
    data = {name.replace("__prefix__", "0"): value for name, value in empty.items()}
    return data | {f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-INITIAL_FORMS": 0, f"{prefix}-0-DELETE": ""}


def has_reference(form: BaseForm) -> bool:
    """Return True if a form has a field that may refer to an object."""
    fields = form.fields.values()
    return any(
        isinstance(field, ModelChoiceField) or hasattr(field, "block") or isinstance(field.widget, DraftailRichTextArea)
        for field in fields
    )


def comparable(body: str) -> str:
    """Return a response without what differs from one response to the next: numbers, block keys and tokens."""
    body = re.sub(r'(csrfmiddlewaretoken\\?" value=\\?"|CSRF_TOKEN": ")\w+', "", body)
    body = re.sub(r"(key(?:\\|&quot;|\")*: (?:\\|&quot;|\")*)\w+", r"\1", body)
    body = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}", "#", body)
    return re.sub(r"\d+", "#", body)


def _item(prefix: str, index: int) -> FormData:
    return {f"{prefix}-{index}-deleted": "", f"{prefix}-{index}-order": index, f"{prefix}-{index}-id": ""}


def _rich_text(features: list[str] | None, key_of: KeyOf) -> str:
    allowed = list(ELEMENTS) if features is None else features
    html = ""
    for feature, (model, element) in ELEMENTS.items():
        if feature in allowed and (key := key_of(model())) is not None:
            html += element.format(key)
    return str(rich_text(html, features=allowed))
