"""Pages of every content type, and shared snippets.

`make_page(EventPage, parent)` publishes a page with the required fields of its type; keywords set other fields.
"""

import datetime

import factory
from django.apps import apps
from django.utils.module_loading import import_string

from cms.content_types.registry import document_type_of, document_types
from cms.pages import models
from cms.pages.models import Organisation, Person
from sites.models import Department

from .media import ConsentFactory, VideoFactory
from .recorded_models import RecordedModelFactory
from .recording import recorded


class OrganisationFactory(RecordedModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence("Organisation {}".format)
    kind = Organisation.Kind.ASSOCIATION


class PersonFactory(RecordedModelFactory):
    class Meta:
        model = Person

    name = factory.Sequence("Personne {}".format)
    role = "Directrice"


class PageFactory(factory.Factory):
    """A factory that builds a page in memory; `make_page` adds it to the tree."""

    class Meta:
        abstract = True

    title = factory.Sequence("Page {}".format)
    summary = "Un résumé."


class SectionPageFactory(PageFactory):
    class Meta:
        model = models.SectionPage

    lists = "event"


class StandardPageFactory(PageFactory):
    class Meta:
        model = models.StandardPage


class DepartmentHomePageFactory(PageFactory):
    class Meta:
        model = models.DepartmentHomePage


class CampaignPageFactory(PageFactory):
    class Meta:
        model = models.CampaignPage


class ProfessionPageFactory(PageFactory):
    class Meta:
        model = models.ProfessionPage

    missions = "<p>Accompagner les personnes.</p>"


class TestimonialPageFactory(PageFactory):
    class Meta:
        model = models.TestimonialPage

    person_name = "Camille"
    transcript = "<p>Bonjour.</p>"


class EventPageFactory(PageFactory):
    class Meta:
        model = models.EventPage

    start_date = datetime.date(2030, 3, 21)


class PartnershipPageFactory(PageFactory):
    class Meta:
        model = models.PartnershipPage

    kind = models.PartnershipPage.Kind.BILATERAL


FACTORIES = {
    apps.get_model(document_type.model): import_string(document_type.factory) for document_type in document_types()
}


def home_of(department: Department, language_code="fr"):
    """Return the department's home page in a locale."""
    home = department.site.root_page.specific
    return home.get_translations(inclusive=True).get(locale__language_code=language_code).specific


def make_section(department: Department, lists: str, language_code="fr"):
    """Return the department's section that lists a content type; create it if there is none."""
    home = home_of(department, language_code)
    section = models.SectionPage.objects.child_of(home).filter(lists=lists).first()
    return section or make_page(models.SectionPage, home, title=lists.title(), slug=lists, lists=lists)


def make_page(model, parent, *, publish=True, **fields):
    """Add a page below a page, or below the section or home page of a department, publish it and return it."""
    document_type = document_type_of(model)
    if isinstance(parent, Department):
        parent = make_section(parent, document_type.name) if document_type.is_listable else home_of(parent)
    page = _add_page(document_type.factory, parent, publish, _with_saved_media(model, fields))
    # treebeard also counts children in memory; recorded statements change only the database.
    parent.refresh_from_db(fields=["numchild"])
    return page


@recorded
def _add_page(factory_path, parent, publish, fields):
    page = import_string(factory_path).build(locale=parent.locale, live=False, **fields)
    parent.add_child(instance=page)
    if publish:
        page.save_revision().publish()
        page.refresh_from_db()
    return page


def _with_saved_media(model, fields):
    """Return the fields; for a testimonial add a saved consent and video, since a page cannot refer to unsaved rows."""
    if model is models.TestimonialPage:
        if "consent" not in fields:
            fields["consent"] = ConsentFactory()
        if "video" not in fields:
            fields["video"] = VideoFactory()
    return fields
