"""Machine texts that nobody has checked do not become public by an older version, or by a stopped translation."""

import datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision
from wagtail.test.utils.form_data import rich_text, streamfield
from wagtail_localize.models import StringTranslation

from cms.delivery.models import PublishedDocument
from cms.translations.models import TranslatedRevision
from cms.translations.progress import revision_records
from cms.translations.progress.completeness import refuse_copies_of_unfinished_translations
from tests.factories.users import make_user
from tests.isolation.test_own_work import form_of_page

from .test_unchecked_texts import document

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafted(draft, translated, commits, client, publisher):
    """Return the translated page, whose draft has the texts of a machine."""
    draft()
    with commits():
        translated.translation.save_target(publish=False)
    client.force_login(publisher)
    return translated.translation.get_target_instance()


@pytest.fixture
def rewrite(translated, drafted, commits):
    """Return a function that has people write all texts, and publishes them."""

    def rewrite(prefix=""):
        for row in StringTranslation.objects.select_related("translation_of"):
            row.data = f"{prefix}{translated.texts[row.translation_of.data]}"
            row.translation_type = "manual"
            row.save()
        return translated.publish()

    return rewrite


def approve(page, publisher):
    """Have the latest version of a page approved in its workflow, which publishes it."""
    page = Page.objects.get(pk=page.pk).specific
    page.get_workflow().start(page, publisher)
    state = page.current_workflow_task_state
    reviewer = make_user("reviewer", groups=["allier:reviewer:en"])
    state.task.specific.on_action(state, reviewer, "approve")


def act(client, page, action, **data):
    return client.post(reverse("wagtailadmin_api:pages:action", args=[page.pk, action]), data, "application/json")


def restore(client, page, revision):
    act(client, page, "revert_to_page_revision", revision_id=revision.pk)
    return Page.objects.get(pk=page.pk).latest_revision


def public_titles(page):
    return set(
        PublishedDocument.objects.filter(content_id=page.translation_key, locale="en").values_list("title", flat=True)
    )


def post_form(client, page, version, **fields):
    """Publish a version of a page by the form of the page, as it is or with other values of some fields."""
    body = [("text", rich_text(block.value.source)) for block in version.body]
    values = {"title": version.title, "slug": version.slug, "summary": version.summary, "body": streamfield(body)}
    form = form_of_page(**values | fields, **{"action-publish": "x"})
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form)


def stop(client, translated):
    client.post(reverse("wagtail_localize:stop_translation", args=[translated.translation.pk]))
    translated.translation.refresh_from_db()
    assert not translated.translation.enabled


def test_a_restored_version_of_a_machine_does_not_become_public(client, drafted, rewrite, department):
    revision = drafted.latest_revision
    rewrite()
    restore(client, drafted, revision)
    refused = act(client, drafted, "publish")
    assert (refused.status_code, public_titles(drafted)) == (400, {"Food aid"})
    assert "traductions automatiques" in refused.content.decode()
    with pytest.raises(ValidationError, match="traductions automatiques"):
        refuse_copies_of_unfinished_translations([Page.objects.get(pk=drafted.pk).specific])


def test_a_department_may_allow_a_restored_version_and_readers_see_it(client, drafted, rewrite, department, commits):
    revision = drafted.latest_revision
    rewrite()
    department.publishes_machine_translations = True
    department.save()
    restore(client, drafted, revision)
    with commits():
        assert act(client, drafted, "publish").status_code == 200
    assert document(drafted)["translation"]["status"] == "machine"


def test_a_restored_version_does_not_become_public_by_a_schedule(client, drafted, rewrite, commits):
    revision = drafted.latest_revision
    rewrite()
    restored = restore(client, drafted, revision)
    due = timezone.now() - datetime.timedelta(minutes=1)
    Revision.objects.filter(pk__in=[revision.pk, restored.pk]).update(approved_go_live_at=due)
    with commits(), pytest.raises(CommandError, match="traductions automatiques"):
        call_command("publish_scheduled", verbosity=0, stdout=StringIO(), stderr=StringIO())
    assert public_titles(drafted) == {"Food aid"}


def test_a_version_of_a_former_source_text_does_not_become_public(client, drafted, rewrite, translated):
    revision = drafted.latest_revision
    translated.edit(title="Aide aux repas")
    translated.texts["Aide aux repas"] = "Help with meals"
    translated.write({"Aide aux repas": "Help with meals"})
    rewrite()
    restored = restore(client, drafted, revision)
    assert restored.as_object().title == "en Aide alimentaire"
    assert (act(client, drafted, "publish").status_code, public_titles(drafted)) == (400, {"Help with meals"})


@pytest.mark.parametrize(
    ("name", "limit", "status"), [("MAX_REVISIONS", 30, 200), ("MAX_REVISIONS", 1, 400), ("MAX_CHARACTERS", 1, 400)]
)
def test_a_restored_version_that_people_have_confirmed_becomes_public(
    client, drafted, rewrite, translated, commits, monkeypatch, name, limit, status
):
    """Unless so many, or such long, versions came later that it is not read."""
    monkeypatch.setattr(revision_records, name, limit)
    StringTranslation.objects.update(translation_type="manual")
    confirmed = translated.publish().live_revision
    rewrite()
    restore(client, drafted, confirmed)
    with commits():
        assert act(client, drafted, "publish").status_code == status
    if status == 200:
        assert document(drafted)["translation"]["status"] == "translated"


def test_a_restored_version_that_a_reviewer_approves_becomes_public(client, drafted, rewrite, publisher, commits):
    revision = drafted.latest_revision
    rewrite()
    restore(client, drafted, revision)
    with commits():
        approve(drafted, publisher)
    assert document(drafted)["translation"]["status"] == "reviewed"


def test_a_stopped_translation_does_not_make_texts_of_a_machine_public(client, drafted, translated, commits):
    stop(client, translated)
    refused = post_form(client, drafted, drafted.latest_revision.as_object())
    assert "sa traduction est arrêtée" in refused.content.decode(), "the form keeps what was typed"
    assert public_titles(drafted) == set()
    assert act(client, drafted, "publish").status_code == 400
    post_form(client, drafted, drafted.latest_revision.as_object(), title="Food aid")
    assert public_titles(drafted) == set(), "the other texts are still those of the machine"
    with pytest.raises(ValidationError, match="traductions automatiques"):
        refuse_copies_of_unfinished_translations([Page.objects.get(pk=drafted.pk).specific])


def test_a_department_may_allow_them_and_readers_see_it(client, drafted, translated, department, commits):
    department.publishes_machine_translations = True
    department.save()
    stop(client, translated)
    with commits():
        post_form(client, drafted, drafted.latest_revision.as_object())
    assert document(drafted)["translation"]["status"] == "machine"


def test_people_publish_the_texts_that_they_write_instead(client, drafted, translated, commits):
    stop(client, translated)
    body = streamfield([("text", rich_text("<p>Open on Mondays.</p><p>Fermé en août.</p>"))])
    fields = {"title": "Food aid", "slug": "food-aid", "summary": "A hot meal a day.", "body": body}
    with commits():
        post_form(client, drafted, drafted.latest_revision.as_object(), **fields)
    assert document(drafted)["translation"]["status"] == "translated"
    assert not TranslatedRevision.objects.filter(pk=Page.objects.get(pk=drafted.pk).live_revision_id).exists()


def test_a_stopped_translation_that_a_reviewer_approves_becomes_public(client, drafted, translated, publisher, commits):
    stop(client, translated)
    Page.objects.get(pk=drafted.pk).specific.save_revision()
    with commits():
        approve(drafted, publisher)
    assert document(drafted)["translation"]["status"] == "reviewed"
    page = Page.objects.get(pk=drafted.pk).specific
    with commits():
        post_form(client, page, page, summary="A meal a day.")
    assert document(drafted)["translation"]["status"] == "translated", "the other texts are checked"


def test_a_version_of_a_machine_is_restored_by_the_form_of_a_stopped_translation(client, drafted, rewrite, translated):
    revision = drafted.latest_revision
    rewrite()
    stop(client, translated)
    post_form(client, drafted, revision.as_object(), revision=revision.pk)
    assert public_titles(drafted) == {"Food aid"}
    post_form(client, drafted, Page.objects.get(pk=drafted.pk).specific, title="Food")
    assert Page.objects.get(pk=drafted.pk).title == "Food"
