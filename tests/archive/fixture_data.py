"""Fixture data: a department with one row of each kind that an archive holds."""

import datetime

from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    GroupApprovalTask,
    Locale,
    PageViewRestriction,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from cms.delivery.publisher import process_refresh_requests
from cms.pages.models import EventPage, StandardPage, TestimonialPage
from cms.translations.glossary.term_matching import TermTranslation
from cms.translations.glossary.term_storage import add_terms
from cms.translations.memory.pair_storage import TextPair, store_pairs
from cms.translations.memory.signatures import Scope
from cms.translations.models import MediaText, TranslationAssignment
from search.models import Promotion
from sites.access.ownership import department_of_page
from sites.models import DepartmentGroup
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory
from tests.factories.pages import OrganisationFactory, make_page
from tests.factories.recording import recorded
from tests.factories.users import make_user

NEXT_YEAR = timezone.now().replace(microsecond=0) + datetime.timedelta(days=365)


def furnish(department):
    """Create one row of each archived kind for a department."""
    _furnish(department)
    # Recorded statements change only the database, and treebeard also counts children in memory.
    department.refresh_from_db()


@recorded
def _furnish(department):
    owner = make_user("auteure", groups=[f"{department.slug}:editor"])
    collection = department.collection.add_child(name="Portraits")
    consent = ConsentFactory(collection=collection)
    image = ImageFactory(
        collection=collection,
        consent=consent,
        title="Portrait",
        focal_point_x=11,
        focal_point_y=12,
        focal_point_width=13,
        focal_point_height=14,
        uploaded_by_user=owner,
    )
    image.tags.add("équipe", "2026")
    document = DocumentFactory(collection=department.collection, title="Programme")
    video = VideoFactory(collection=collection, title="Entretien", consent=consent, poster=image)
    organisation = OrganisationFactory(name="Partenaire", logo=image, owner=department)
    event = make_page(EventPage, department, title="Salon", slug="salon", image=image, owner=owner, summary="Le salon.")
    event.introduction = (
        f'<p><a linktype="document" id="{document.pk}">Programme</a> <a linktype="page" id="{event.pk}">ici</a></p>'
    )
    event.save_revision().publish()
    testimonial = make_page(TestimonialPage, department, title="Camille", slug="camille", consent=consent, video=video)
    testimonial.employer = organisation
    testimonial.save_revision().publish()
    draft = make_page(StandardPage, department, title="Brouillon", slug="brouillon", publish=False, owner=owner)
    draft.body = [("text", f'<p><a linktype="page" id="{event.pk}">Salon</a></p>'), ("organisation", organisation)]
    draft.go_live_at = NEXT_YEAR
    draft.save_revision(user=owner, approved_go_live_at=NEXT_YEAR)
    StandardPage.objects.filter(pk=draft.pk).update(go_live_at=NEXT_YEAR)
    changed = make_page(StandardPage, department, title="En ligne", slug="en-ligne")
    changed.title = "En ligne, corrigé"
    changed.save_revision(user=owner)
    private = make_page(StandardPage, department, title="Interne", slug="interne")
    restriction = PageViewRestriction.objects.create(page=private, restriction_type="groups")
    restriction.groups.set([DepartmentGroup.objects.get(department=department, role="editor").group])
    Redirect.objects.create(old_path="/ancien", site=department.site, redirect_page=event)
    Promotion.objects.create(
        department=department, language="fr", words="rencontre", content_id=event.translation_key, position=2
    )
    workflow = Workflow.objects.create(name="Relecture")
    task = GroupApprovalTask.objects.create(name="Accord")
    task.groups.set([DepartmentGroup.objects.get(department=department, role="publisher").group])
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=workflow, page_id=draft.pk)
    translate(event)
    process_refresh_requests()


def translate(event):
    english = Locale.objects.get(language_code="en")
    source, _created = TranslationSource.update_or_create_from_instance(event)
    translation = Translation.objects.create(source=source, target_locale=english)
    for segment in source.stringsegment_set.select_related("string", "context"):
        if segment.context.path in {"title", "slug"}:
            StringTranslation.objects.create(
                translation_of=segment.string, context=segment.context, locale=english, data="fair"
            )
    translation.save_target(publish=False)
    MediaText.objects.create(
        image=event.image, locale=english, field="description", source_text="Une rue", text="A street",
        public_text="A road", author=event.owner, updated_at=NEXT_YEAR,
    )  # fmt: skip
    TranslationAssignment.objects.create(page=event, locale=english, due_on=NEXT_YEAR.date())
    scope = Scope(department_of_page(event).pk, source.locale_id, english.pk)
    store_pairs(scope, [TextPair("Salon de l’emploi", "Job fair")], "human", event.translation_key)
    add_terms(scope, [TermTranslation("salon", "fair", "Not: saloon")], "imported")
    store_pairs(scope, [TextPair("Bonjour à tous", "Hello everybody", NEXT_YEAR)], "imported")
