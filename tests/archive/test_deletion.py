"""Deletion of a department leaves only the rows and files that docs/archive.md names."""

import datetime

import pytest
import time_machine
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.admin.models import EditingSession, FormState
from wagtail.log_actions import log
from wagtail.models import (
    CollectionViewRestriction,
    Comment,
    Page,
    PageSubscription,
    Workflow,
)

from cms.archive import retirement
from cms.archive.retirement import RetirementFiles
from cms.copies.media_copies import get_or_create_copy
from cms.delivery.models import PublicationState, PublishedDocument
from cms.delivery.publisher import process_refresh_requests
from cms.media.models import CustomDocument, CustomImage
from cms.pages.models import CopiedMedium, CopyOrigin, EventPage, ProfessionPage, StandardPage
from search.query.search_query import SearchQuery, parse_words
from sites.access.ownership import departments_owning
from sites.approval.workflows import ensure_workflows
from sites.lifecycle.suspension import suspend
from sites.models import Department, Invitation, Sharing
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import make_page
from tests.factories.sharing import copy, hold_together, invite, mirror, offer
from tests.factories.users import make_user

from .archives import export, retire, rows_of
from .fixture_data import NEXT_YEAR, furnish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]

# Rows that stay, or that are made by leaving, with the reason in docs/archive.md.
STAYS = {
    "delivery.PublishedDocument",  # tombstones
    "users.User",  # closed
    "wagtailusers.UserProfile",  # of the closed accounts
    "cms_sites.AuditLogEntry",  # until it expires
    "pages.CopyOrigin",  # of copies that others made
    "cms_search.CacheVersion",  # the instance's: says that promoted results have changed
}


@pytest.fixture
def drome(no_files):
    return make_department("drome", code="26")


@pytest.fixture
def allier(drome):
    department = make_department("allier", code="03")
    furnish(department)
    return department


def share_in_every_way(allier, drome):
    """One of each between both, in both directions; return the copy that Drôme made."""
    image = ImageFactory(collection=allier.collection, title="Atelier")
    offered = make_page(ProfessionPage, allier, title="Éducatrice", slug="educatrice", image=image, rome_code="K1207")
    copied = copy(offered, drome)
    copied.save_revision().publish()
    theirs = make_page(ProfessionPage, drome, title="Soudeuse", slug="soudeuse", rome_code="H2913")
    copy(theirs, allier).save_revision().publish()
    for owner, other in ((allier, drome), (drome, allier)):
        for step in (invite, offer, hold_together, mirror):
            step(make_page(StandardPage, owner, title=f"{step.__name__} {other.name}"), other)
    process_refresh_requests()
    return copied


def use_the_admin(department):
    """Leave what editors leave behind beside content: comments, open forms, invitations, history."""
    user = make_user("brouillonne", groups=[f"{department.slug}:editor"])
    page = make_page(StandardPage, department, title="En cours", slug="en-cours", publish=False)
    Comment.objects.create(page=page, user=user, text="À revoir", contentpath="title")
    PageSubscription.objects.create(page=page, user=user, comment_notifications=True)
    content_type = ContentType.objects.get_for_model(StandardPage, for_concrete_model=False)
    now = timezone.now()
    about = {"user": user, "content_type": content_type}
    other = make_user("instance", is_superuser=True)
    FormState.objects.create(**about, object_id=str(page.pk), data="title=Secret", last_updated_at=now)
    FormState.objects.create(
        user=other,
        content_type=content_type,
        object_id="",
        parent_object_id=str(page.pk),
        data="title=Secret",
        last_updated_at=now,
    )
    EditingSession.objects.create(**about, object_id=str(page.pk), last_seen_at=now)
    ensure_workflows(department)
    page.save_revision(user=user)
    Workflow.objects.filter(department_workflow__department=department).first().start(page, user)
    invitation = Invitation.objects.create(department=department, email="invitee@example.org", token_hash="0" * 64)
    invitation.groups.set([row.group for row in department.department_groups.all()[:1]])
    inside = department.collection.get_children().first()
    CollectionViewRestriction.objects.create(collection=inside, restriction_type="login")
    for instance in (department, inside, *Sharing.objects.all(), invitation.groups.first()):
        log(instance, "wagtail.edit", user=user)


def every_key():
    """The key of every row of every table, the indexes of the admin's search too."""
    return {
        (model._meta.label, pk)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label != "delivery.FeedCounter"
        for pk in model._default_manager.values_list("pk", flat=True)
    }


def about(label, instance):
    """Return the object from which a row was made: the image of a rendition, the indexed object of an index entry."""
    if label == "wagtailsearch.SQLiteFTSIndexEntry":
        instance = instance.index_entry
    return getattr(instance, "image", None) or getattr(instance, "content_object", None) or instance


def test_no_row_of_the_department_is_left(drome, tmp_path):
    before = every_key()
    allier = make_department("allier", code="03")
    furnish(allier)
    share_in_every_way(allier, drome)
    use_the_admin(allier)
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    left = []
    for label, pk in sorted(every_key() - before, key=str):
        instance = apps.get_model(label)._default_manager.get(pk=pk)
        if label not in STAYS and drome not in departments_owning(about(label, instance)):
            left.append((label, str(instance)))
    assert left == []
    assert set(PublishedDocument.objects.filter(department=None).values_list("is_withdrawn", flat=True)) == {True}


def test_copies_of_its_pages_are_unpublished(allier, drome, tmp_path):
    copied = share_in_every_way(allier, drome)
    other = make_page(EventPage, drome, title="À nous", slug="a-nous")
    process_refresh_requests()
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    origin = CopyOrigin.objects.get()
    assert (origin.content_key, origin.sharing) == (copied.translation_key, None)
    page = ProfessionPage.objects.get(pk=copied.pk)
    assert (page.live, page.image.collection) == (False, drome.collection)
    assert not CopiedMedium.objects.exists()
    documents = PublishedDocument.objects.public()
    assert documents.filter(content_id=other.translation_key).exists()
    assert not any('"allier"' in document.body for document in documents)


def test_origins_of_deleted_copies_are_deleted(allier, drome, tmp_path):
    copied = share_in_every_way(allier, drome)
    ours = CopyOrigin.objects.exclude(content_key=copied.translation_key).get()
    for page in ProfessionPage.objects.filter(translation_key__in=[copied.translation_key, ours.content_key]):
        page.delete()
    assert CopyOrigin.objects.count() == 2
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    assert not CopyOrigin.objects.exists()


def test_reused_id_is_not_matched_with_a_deleted_medium(allier, drome, tmp_path):
    document = CustomDocument.objects.get(title="Programme")
    get_or_create_copy(document, drome)
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    another = DocumentFactory(pk=document.pk, collection=make_department("isere").collection, title="Autre")
    assert get_or_create_copy(another, drome).title == "Autre"


def test_documents_are_removed_from_the_search_index(allier, drome, tmp_path, search_index):
    theirs = make_page(EventPage, drome, title="Salon de Valence", slug="salon-valence")
    process_refresh_requests()

    def answers():
        hits = search_index().search(SearchQuery(words=parse_words("salon"))).hits
        return {hit.content_id for hit in hits}

    ours = {str(page.translation_key) for page in EventPage.objects.filter(title="Salon")}
    assert answers() == {*ours, str(theirs.translation_key)}
    retire("03", "--grace-days", 0, "--archive-folder", tmp_path)
    assert answers() == {str(theirs.translation_key)}
    assert not search_index().search(SearchQuery(filters={"department": ("allier",)})).hits


def test_sharings_are_archived_with_their_log(allier, drome, tmp_path):
    share_in_every_way(allier, drome)
    path = export(allier, tmp_path / "allier")
    rows = rows_of(path, "sharings.ndjson")
    assert {(row["kind"], row["state"], row["taken_as"]) for row in rows} == {
        ("co_holding", "proposed", ""),
        ("offer", "proposed", ""),
        ("co_holding", "accepted", ""),
        ("offer", "accepted", "mirror"),
        ("offer", "accepted", "copy"),
    }
    history = [row for row in rows_of(path, "log.ndjson") if row["type"] == "cms_sites.sharing"]
    assert {"sharing.propose", "sharing.mirror", "sharing.copy"} <= {row["action"] for row in history}


def test_stale_collection_paths_are_not_used(tmp_path):
    """Collections are in the order of their names: a new department's can take the place that another's had."""
    zone = make_department("zone", code="26")
    loaded = Department.objects.select_related("container", "collection").get(pk=zone.pk)
    Department.objects.filter(pk=zone.pk).update(suspended_at=timezone.now(), retires_on=timezone.localdate())
    loaded.refresh_from_db(fields=["suspended_at", "retires_on"])
    own = ImageFactory(collection=zone.collection)
    other = ImageFactory(collection=make_department("ain", code="01").collection)
    assert loaded.collection.path == other.collection.path
    retirement.retire_department(loaded, RetirementFiles(tmp_path, "26"))
    assert list(CustomImage.objects.all()) == [other]
    assert not own.file.storage.exists(own.file.name)
    assert other.file.storage.exists(other.file.name)


def publish_as_planned(allier):
    with time_machine.travel(NEXT_YEAR + datetime.timedelta(minutes=1)):
        call_command("publish_scheduled", accept_clock=True)


def expire(slug):
    pages = Page.objects.filter(slug=slug)
    pages.update(expire_at=timezone.now() - datetime.timedelta(minutes=1))
    for page_id in pages.values_list("pk", flat=True):
        due = {"next_change_at": timezone.now()}
        PublicationState.objects.update_or_create(page_id=page_id, defaults=due)


def withdraw_as_planned(allier):
    expire("salon")
    call_command("publish_scheduled", accept_clock=True)


def withdraw_a_private_page(allier):
    """It has no document and gets no revision: only the log tells."""
    expire("interne")
    call_command("publish_scheduled", accept_clock=True)


def publish_without_a_trace(allier):
    Page.objects.filter(slug="interne").update(last_published_at=timezone.now())


def change_an_image(allier):
    image = CustomImage.objects.get(title="Portrait")
    image.description = "Une autre"
    image.save()
    process_refresh_requests()


SINCE_THE_ARCHIVE = {
    "a publication that was due": (publish_as_planned, "pages.ndjson"),
    "a withdrawal that was due": (withdraw_as_planned, "documents.ndjson"),
    "a withdrawal of what has no document": (withdraw_a_private_page, "log.ndjson"),
    "a date of publication": (publish_without_a_trace, "pages.ndjson"),
    "a document that was made again": (change_an_image, "documents.ndjson"),
}


@pytest.mark.parametrize("case", SINCE_THE_ARCHIVE)
def test_deletion_is_refused_if_content_changed_after_the_archive(allier, tmp_path, case):
    happen, named = SINCE_THE_ARCHIVE[case]
    suspend(allier, timezone.localdate())
    call_command("export_department", "03", output=tmp_path / "03.zip", verbosity=0)
    happen(allier)
    with pytest.raises(CommandError, match=named):
        retire("03", "--archive-folder", tmp_path, "--accept-clock")
    assert Department.objects.filter(code="03").exists()
    (tmp_path / "03.zip").unlink()
    with time_machine.travel(NEXT_YEAR + datetime.timedelta(days=1)):
        retire("03", "--archive-folder", tmp_path, "--accept-clock")
    assert not Department.objects.filter(code="03").exists()
