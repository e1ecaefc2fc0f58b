"""Scripts in every text of the database, and the parts of responses that would run one of them.

The texts are written without validation, since validation must not be what keeps a response harmless: archives,
translations and older versions store texts too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup
from django.apps import apps
from django.db import models
from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

RUN = "zqrun"
# Leaves quotes, tags, comments and elements of raw text, whatever context the text is written into.
LONG = (
    f"zq\" onclick={RUN}() x=' onclick={RUN}() '\"></script></style></title></textarea></template>-->"
    f"<img src=x onerror={RUN}()>"
)
MEDIUM = f"zq\"'><b onclick={RUN}()>"
SHORT = "\"'<zq>"
RICH = (
    f"<p>zqrich</p><script>{RUN}()</script><img src=x onerror={RUN}()><svg onload={RUN}()></svg>"
    f'<p onclick="{RUN}()">zqrich <a href="javascript:{RUN}()">a</a> <a href="java&#10;script:{RUN}()">b</a></p>'
    f'<iframe srcdoc="<script>{RUN}()</script>"></iframe><style>@import "{RUN}"</style>'
)
URL = f"https://example.org/zq\" onclick={RUN}() x=' onclick={RUN}() '><img src=x onerror={RUN}()>"

MODULES = (
    *("pages", "cms_media", "cms_sites", "cms_search", "users", "auth", "taggit"),
    *("wagtailcore", "wagtailredirects", "wagtail_localize"),
)
# Fields that hold no text of a person: keys, paths, codes, dates and serialized data.
TECHNICAL = {
    *("code", "notation", "group", "release", "language", "search_key", "language_code", "index", "scheme"),
    *("hash", "file_hash", "token_hash", "key_hash", "password", "prefix", "filter_spec", "focal_point_key"),
    *("action", "object_id", "to_object_id", "contentpath", "content_path", "model_path", "position", "codename"),
    *("path", "field_path", "url_path", "old_path", "hostname", "content_json", "schema_version", "tool_name"),
    *("template", "template_format", "data_json", "attrs", "primary_colour", "accent_colour", "field_error"),
    *("salary_currency", "price_currency", "rome_code", "isco_code", "deadline", "updated_on", "origin_date"),
    *("redirect_page_route_path", "page_url"),
}
# Their texts name a role in code, or are those of the framework.
TECHNICAL_FIELDS = {
    "auth.Permission.name",
    "cms_media.CustomDocument.token",
    "cms_media.Consent.time_zone",
    "cms_media.PublicFile.name",
    "cms_search.IndexCursor.mark",
    "cms_search.IndexCursor.next_mark",
    "cms_sites.AuditLogEntry.department_code",
    "cms_sites.DepartmentGroup.role",
    "users.AccountSession.session_data",
    "users.AuthenticatorApp.encrypted_secret",
    "users.Passkey.credential_data",
    "users.Passkey.credential_id",
    "users.Passkey.host",
    "users.RecoveryCode.code_hash",
    "users.SingleSignOnIdentity.issuer",
    "users.SingleSignOnIdentity.subject",
    "users.User.second_factor_key",
    "wagtailcore.APIToken.name",
}


def text_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Yield (model, field) of every stored text that people write; fields of parents once, at the parent."""
    for model in apps.get_models():
        if model._meta.app_label not in MODULES or model._meta.proxy:
            continue
        for field in model._meta.local_concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField | StreamField)
            is_key = isinstance(field, models.SlugField) or field.primary_key or field.choices
            name = f"{model._meta.label}.{field.name}"
            if is_text and not is_key and field.name not in TECHNICAL and name not in TECHNICAL_FIELDS:
                yield model, field


def inject() -> set[str]:
    """Write a script into every text of every row; return the names of the fields without a row."""
    empty = set()
    for model, field in text_fields():
        rows = model._base_manager.order_by("pk")
        if not rows.exists():
            empty.add(f"{model._meta.label}.{field.name}")
        for number, row in enumerate(rows):
            value = _payload_of(field, row, number)
            model._base_manager.filter(pk=row.pk).update(**{field.name: value})
    return empty


def _payload_of(field: models.Field, row: Any, number: int) -> Any:
    if isinstance(field, StreamField):
        stream = getattr(row, field.name)
        return json.dumps(_injected(field.stream_block, list(stream.raw_data)))
    if isinstance(field, RichTextField):
        return RICH
    if isinstance(field, models.URLField):
        return URL
    # Names that are unique start with a number.
    return payload(field.max_length, f"{number} " if field.unique or field.name == "name" else "")


def payload(max_length: int | None, start: str = "") -> str:
    """Return the longest script that fits."""
    limit = max_length or 10_000
    return start + next((text for text in (LONG, MEDIUM) if len(text) + len(start) <= limit), SHORT)


def _injected(block: blocks.Block, value: Any) -> Any:
    """Return the raw value of a block with a script in each of its texts."""
    match block:
        case blocks.StreamBlock():
            return [{**child, "value": _injected(block.child_blocks[child["type"]], child["value"])} for child in value]
        case blocks.ListBlock():
            return [
                {**item, "value": _injected(block.child_block, item["value"])}
                if isinstance(item, dict) and item.get("type") == "item"
                else _injected(block.child_block, item)
                for item in value
            ]
        case blocks.StructBlock():
            return {
                name: _injected(block.child_blocks[name], part) if name in block.child_blocks else part
                for name, part in value.items()
            }
        case blocks.RichTextBlock():
            return RICH
        case blocks.URLBlock():
            return URL
        case blocks.CharBlock() | blocks.TextBlock() | blocks.EmailBlock() if not hasattr(block.field, "choices"):
            is_date = bool(value) and str(value)[:4].isdigit()
            return value if is_date else payload(getattr(block.field, "max_length", None))
    return value


def dangers(html: str) -> list[str]:
    """Return what would run in HTML: scripts, event attributes and URLs of an injected text.

    Scripts and templates of Wagtail are harmless unless the text is in them. Data for Wagtail's editor is JSON in
    attributes and `script` elements: HTML in it is examined too.
    """
    found = []
    for element in BeautifulSoup(html, "lxml").find_all(True):
        if element.name == "zq" or (element.name == "img" and element.get("src") == "x"):
            found.append(str(element)[:200])
        if element.name in ("script", "style"):
            text = element.string or ""
            if element.get("type", "") in ("application/json", "application/ld+json"):
                found += _dangers_of_data(text)
            elif RUN in text:
                found.append(text[max(0, text.index(RUN) - 150) : text.index(RUN) + 50])
        for name, value in element.attrs.items():
            value = " ".join(value) if isinstance(value, list) else value
            if RUN not in value:
                continue
            url = "".join(value.split()).lower()
            if name.startswith("on") or name in ("srcdoc", "style") or url.startswith(("javascript:", "data:")):
                found.append(f"<{element.name} {name}={value[:200]}>")
            elif value.lstrip().startswith(("{", "[")):
                found += _dangers_of_data(value)
    return found


def dangers_of_data(data: Any) -> list[str]:
    """Return what would run in the HTML of JSON data: in texts that start with a tag, or that come from rich text."""
    match data:
        case dict():
            return [danger for part in data.values() for danger in dangers_of_data(part)]
        case list():
            return [danger for part in data for danger in dangers_of_data(part)]
        case str() if data.lstrip().startswith("<") or "zqrich" in data:
            return dangers(data)
    return []


def _dangers_of_data(text: str) -> list[str]:
    try:
        return dangers_of_data(json.loads(text))
    except json.JSONDecodeError:
        return []


def republish() -> None:
    """Make revisions and documents of all pages from their present rows."""
    for page in Page.objects.filter(depth__gt=1, alias_of=None).specific():
        page.save_revision(clean=False)
