"""The scenarios of `make bench-publication`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from wagtail.models import CollectionViewRestriction, Locale

from cms.delivery.models import RefreshRequest
from cms.pages.models import EventPage, ProfessionPage, StandardPage
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory
from tests.factories.pages import OrganisationFactory, make_page
from tests.migrated_database import copy_migrated_file

from .publication import LOCALES, Measure, measured


def run(options: argparse.Namespace) -> Iterator[str]:
    if connection.vendor == "sqlite":
        copy_migrated_file(Path(connection.settings_dict["NAME"]))
    else:
        call_command("migrate", verbosity=0)
    with transaction.atomic():
        department = make_department("allier", locales=LOCALES)
        organisation: Any = OrganisationFactory()
        profession = make_page(ProfessionPage, department)
        for code in LOCALES[1:]:
            copy = profession.copy_for_translation(Locale.objects.get(language_code=code), copy_parents=True)
            copy.save_revision().publish()
        image = ImageFactory(collection=department.collection)
        for _ in range(options.referrers):
            make_page(
                EventPage,
                department,
                image=image,
                professions=[("page", profession)],
                partners=[("partner", {"organisation": organisation})],
            )
    yield from _report("fixture", finish())

    profession = ProfessionPage.objects.get(pk=profession.pk)
    profession.title = "Autre nom"
    with measured() as request, transaction.atomic():
        profession.save_revision().publish()
    yield from _report(f"publish a page, {len(LOCALES)} locales, {options.referrers} referrers: request", request)
    yield from _report("  background", finish(), options.referrers)

    organisation.name = "Autre"
    with measured() as request, transaction.atomic():
        organisation.save()
    yield from _report(f"rename an organisation that {options.referrers} pages show: request", request)
    yield from _report("  background", finish(), options.referrers)

    with measured() as measure:
        call_command("rebuild_documents", verbosity=0)
    from wagtail.models import Page

    yield from _report("rebuild unchanged documents", measure, Page.objects.count())

    with transaction.atomic():
        collection = department.collection.add_child(name="Interne")
        for _ in range(options.images):
            ImageFactory(collection=collection)
    finish()
    with measured() as request, transaction.atomic():
        CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    yield from _report(f"make a collection of {options.images} unused images private: request", request)
    yield from _report("  background", finish())

    with transaction.atomic():
        section = make_page(StandardPage, department, slug="a")
        parent = make_page(StandardPage, section, slug="b")
        for number in range(options.descendants):
            make_page(StandardPage, parent, slug=f"p{number}")
    finish()
    section = StandardPage.objects.get(pk=section.pk)
    section.slug = "nouveau"
    with measured() as request, transaction.atomic():
        section.save_revision().publish()
    yield from _report(f"change a slug above {options.descendants} pages: request", request)
    yield from _report("  background", finish(), options.descendants)


def finish() -> Measure:
    """Do what the requests left to the background."""
    from cms.delivery.publisher import process_refresh_requests

    with measured() as measure:
        process_refresh_requests()
    assert not RefreshRequest.objects.exists()
    return measure


def _report(subject: str, measure: Measure, pages: int = 0) -> Iterator[str]:
    line = f"{subject}: {measure.queries:,} queries, {measure.cpu * 1000:,.0f} ms CPU"
    if pages:
        line += f" ({measure.queries / pages:.1f} queries and {measure.cpu / pages * 1000:.1f} ms a page, "
        line += f"{pages / measure.cpu:.0f} pages a second)"
    yield line
