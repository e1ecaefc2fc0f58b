"""Restores a department from its archive: all of it in one transaction, or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from tqdm import tqdm
from wagtail.models import Page, Site

from cms.archive.archive_file import MAXIMUM_TOTAL, ArchiveReader, Refused, Row
from cms.delivery.publisher import process_refresh_requests
from cms.media.models import CustomImage
from sites.lifecycle.deletion_protection import retirement
from sites.lifecycle.provisioning import create_department
from sites.models import Department

from .localize_state import restore_translations
from .media_files import restore_media
from .own_copies import restore_copies
from .page_tree import PageRestorer
from .permissions_and_workflows import (
    restore_accounts,
    restore_promotions,
    restore_redirects,
    restore_sharings,
    restore_workflows,
)
from .published_documents import differing_documents, restore_documents
from .restore_context import Restoration
from .shared_snippets import restore_snippets

SETTINGS = "department.json"
DETAILS = ("contact_email", "contact_phone", "contact_address", "primary_colour", "accent_colour")


@dataclass(frozen=True)
class Imported:
    """What an import has made: `accounts` are new and have no password; `notes` and `differing` are for people."""

    department: Department
    accounts: list[Any]
    notes: list[str]
    differing: list[str]


def import_department(
    path: Path,
    *,
    hostname: str = "",
    port: int | None = None,
    trust: bool = False,
    maximum_total: int = MAXIMUM_TOTAL,
    progress: Any = None,
) -> Imported:
    """Restore a department; `hostname` and `port` take the place of the site's own.

    What an archive says of content shared with other departments is believed when this instance wrote it, or with
    `trust`.

    Raises Refused, and leaves nothing, for an archive that was changed, that does not fit this instance (code, slug,
    address or a language) or that refers to anything outside itself.
    """
    with ArchiveReader(path, maximum_total) as reader:
        manifest = reader.verify()
        settings = _settings(reader)
        settings["hostname"] = hostname or settings["hostname"]
        settings["port"] = port or settings["port"]
        with tqdm(total=_total(manifest), unit="row", file=progress, disable=progress is None) as bar:
            restoration = Restoration(reader, bar, is_trusted=trust or reader.is_ours)
            try:
                with transaction.atomic():
                    accounts = _restore(restoration, settings)
            except BaseException:
                restoration.remove_saved_files()
                raise
        process_refresh_requests(retry_failed=True)
        same_address = not hostname and port is None
        differing = differing_documents(restoration) if same_address else []
        return Imported(restoration.department, accounts, restoration.notes, differing)


def _restore(restoration: Restoration, settings: Row) -> list[Any]:
    try:
        restoration.read_outside()
        _refuse_what_is_taken(settings)
        logo = settings.pop("logo", None)
        restoration.enter(create_department(**settings))
        accounts = restore_accounts(restoration)
        restore_media(restoration)
        if logo is not None:
            restoration.department.logo_id = restoration.visit(CustomImage, logo)
            restoration.department.save(update_fields=["logo"])
        restore_snippets(restoration)
        pages = PageRestorer(restoration)
        # A home comes back as it was, even offline; `check_departments` tells it.
        with retirement(restoration.department):
            pages.make()
        restore_sharings(restoration)
        pages.restore_revisions()
        restore_translations(restoration)
        pages.complete()
        restore_copies(restoration)
        pages.restore_restrictions()
        restore_redirects(restoration)
        restore_promotions(restoration)
        restore_workflows(restoration)
        pages.refuse_what_may_not_be_saved()
        restore_documents(restoration)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Refused(_("The archive cannot be read: %(error)r") % {"error": error}) from error
    return accounts


def _settings(reader: ArchiveReader) -> Row:
    if not reader.has(SETTINGS):
        raise Refused(_("The archive has no %(name)s.") % {"name": SETTINGS})
    with reader.open(SETTINGS) as content:
        try:
            found = json.load(content)
        except ValueError as error:
            raise Refused(_("“%(name)s” cannot be read.") % {"name": SETTINGS}) from error
    texts = ("code", "name", "slug", "hostname", "source", *DETAILS)
    wanted = dict.fromkeys(texts, str) | {"port": int, "locales": list}
    for name, kind in wanted.items():
        if not isinstance(found, dict) or not isinstance(found.get(name), kind):
            raise Refused(_("“%(name)s” does not say %(what)s.") % {"name": SETTINGS, "what": name})
    return {name: found[name] for name in wanted} | {"logo": found.get("logo")}


def _refuse_what_is_taken(settings: Row) -> None:
    taken = {
        "code": Department.objects.filter(code=settings["code"]),
        "slug": Department.objects.filter(slug=settings["slug"]),
        "hostname": Site.objects.filter(hostname=settings["hostname"], port=settings["port"]),
    }
    for name, rows in taken.items():
        if rows.exists():
            raise Refused(
                _("%(name)s “%(value)s” is taken on this instance.") % {"name": name, "value": settings[name]}
            )
    if Page.objects.filter(depth=2, slug=settings["slug"]).exists():
        raise Refused(
            _("%(name)s “%(value)s” is taken on this instance.") % {"name": "slug", "value": settings["slug"]}
        )


def _total(manifest: Row) -> int:
    counts = manifest.get("counts")
    return sum(number for number in counts.values() if isinstance(number, int)) if isinstance(counts, dict) else 0
