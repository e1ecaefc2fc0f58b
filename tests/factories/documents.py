"""Departments and published documents without pages, for tests of the code that reads documents."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

import factory
from django.utils.text import slugify
from factory.django import DjangoModelFactory
from wagtail.models import Collection, Locale, Page, Site

from cms.delivery.documents.document_data import card_of, list_values
from cms.delivery.documents.past_documents import over_at
from cms.delivery.models import FeedCounter, Placement, PublishedDocument
from sites.models import Department, DepartmentContainerPage, DepartmentLocale

from .bodies import document_body

CODES = [f"{number:02}" for number in range(1, 96) if number != 20]
PLURALS = {"profession": "metiers", "testimonial": "temoignages", "event": "evenements"}


class DepartmentFactory(DjangoModelFactory[Department]):
    """A department with its site, container, collection and languages, but no home pages.

    `locales` are language codes, the source first: `DepartmentFactory(slug="isere", locales=["fr", "it"])`.
    """

    class Meta:
        model = Department
        skip_postgeneration_save = True

    code = factory.Sequence(lambda number: CODES[number % len(CODES)])
    name = factory.LazyAttribute(lambda department: f"Département {department.code}")
    slug = factory.LazyAttribute(lambda department: slugify(department.name))
    contact_email = factory.LazyAttribute(lambda department: f"contact@{department.slug}.example")
    contact_phone = "+33 4 70 00 00 00"
    contact_address = "1 place de l'Exemple\n03000 Moulins"

    @factory.lazy_attribute
    def container(self) -> Page:
        locale, _created = Locale.objects.get_or_create(language_code="fr")
        root = Page.get_first_root_node()
        container = DepartmentContainerPage(title=self.name, slug=self.slug, locale=locale)
        return root.add_child(instance=container)

    @factory.lazy_attribute
    def site(self) -> Site:
        hostname = f"{self.slug}.example.test"
        return Site.objects.create(hostname=hostname, site_name=self.name, root_page=self.container)

    @factory.lazy_attribute
    def collection(self) -> Collection:
        return Collection.get_first_root_node().add_child(name=self.name)

    @factory.post_generation
    def locales(department: Any, create: bool, codes: list[str] | None, **kwargs: Any) -> None:
        for number, code in enumerate(codes or ["fr"] if create else []):
            locale, _created = Locale.objects.get_or_create(language_code=code)
            DepartmentLocale.objects.create(department=department, locale=locale, is_source=number == 0)


class DocumentFactory(DjangoModelFactory[PublishedDocument]):
    """A public document as the publisher writes it: body, ETag, card, and a placement on its owner's site.

    `also_on` are co-holding departments; `facts` replace keys of the body's `content`. A translation
    is a second document with the same `content_id`, another `locale` and `is_original=False`.
    """

    class Meta:
        model = PublishedDocument
        exclude = ("facts", "data")

    class Params:
        withdrawn = factory.Trait(is_withdrawn=True, body="", etag="", card="", list_values={}, over_at=None)

    facts: dict[str, Any] = {}
    also_on: Sequence[Department] = ()
    department = factory.SubFactory(DepartmentFactory)
    content_id = factory.LazyFunction(uuid.uuid4)
    locale = "fr"
    type = "event"
    is_original = True
    is_withdrawn = False
    sequence = factory.Sequence(lambda number: number + 1)
    page_id = factory.SelfAttribute("sequence")
    title = factory.Sequence(lambda number: f"Raconte-moi ton métier, n° {number}")
    path = factory.LazyAttribute(
        lambda document: f"/{document.locale}/{PLURALS.get(document.type, document.type)}/{slugify(document.title)}/"
    )
    tree_path = factory.LazyAttribute(
        lambda document: f"{document.department.container.path}0001{document.sequence:04}"
    )
    data = factory.LazyAttribute(document_body)
    body = factory.LazyAttribute(lambda document: json.dumps(document.data, ensure_ascii=False, separators=(",", ":")))
    etag = factory.LazyAttribute(lambda document: hashlib.sha256(document.body.encode()).hexdigest())
    card = factory.LazyAttribute(lambda document: json.dumps(card_of(document.data), ensure_ascii=False))
    list_values = factory.LazyAttribute(lambda document: list_values(document.data))
    over_at = factory.LazyAttribute(lambda document: over_at(document.data, document.department.time_zone))

    @classmethod
    def _create(cls, model_class: Any, *args: Any, also_on: Sequence[Department], **values: Any) -> PublishedDocument:
        document = super()._create(model_class, *args, **values)
        if not FeedCounter.objects.filter(pk=1).update(last=document.sequence):
            FeedCounter.objects.create(pk=1, last=document.sequence)
        if not document.is_withdrawn:
            for department in (document.department, *also_on):
                Placement.objects.create(
                    document=document,
                    department=department,
                    path=document.path,
                    is_canonical=department == document.department,
                )
        return document
