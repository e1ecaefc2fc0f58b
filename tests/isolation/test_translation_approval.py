"""Tests that translators submit translated pages, and the approvers of that language publish them."""

import pytest
from django.urls import reverse
from wagtail.models import Page, WorkflowState
from wagtail_localize.models import StringTranslation, Translation

from cms.pages.models import StandardPage
from tests.factories.users import make_user

pytestmark = pytest.mark.embedded

SUBMIT = "Soumettre à la relecture"


def url_of(translation):
    return reverse("translation_approval", args=[translation.pk])


def edit(page):
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def translate_title(ours, words):
    segment = ours.source.stringsegment_set.get(context__path="title")
    StringTranslation.objects.update_or_create(
        translation_of=segment.string, locale=ours.target.locale, context=segment.context, defaults={"data": words}
    )


def translate_all(ours, title):
    """Translate the title by these words, and every other text by itself: an incomplete page is not published."""
    for segment in ours.source.stringsegment_set.select_related("string", "context"):
        StringTranslation.objects.get_or_create(
            translation_of=segment.string,
            locale=ours.target.locale,
            context=segment.context,
            defaults={"data": segment.string.data},
        )
    translate_title(ours, title)


def message_levels(response):
    return [message.level_tag for message in response.context["messages"]]


def states(page):
    return WorkflowState.objects.filter(object_id=str(page.pk))


@pytest.fixture
def submitted(login_as, fixture_data):
    translate_all(fixture_data.ours, "Our translated page")
    response = login_as("translator:en").post(url_of(fixture_data.ours.translation), follow=True)
    assert message_levels(response) == ["success"]
    return response


def test_reviewer_of_the_language_publishes_a_submitted_translation(login_as, fixture_data, submitted, commits):
    page = StandardPage.objects.get(pk=fixture_data.ours.target.pk)
    assert submitted.redirect_chain == [(edit(page), 302)]
    assert "attend la relecture" in submitted.content.decode()
    assert SUBMIT not in submitted.content.decode()
    assert (page.live, page.title) == (False, "Our translated page")
    state = states(page).get()
    assert state.workflow == fixture_data.ours.department.department_workflows.get(locale=page.locale).workflow
    arguments = [page.pk, "approve", state.current_task_state.pk]
    approve = reverse("wagtailadmin_pages:workflow_action", args=arguments)

    client = login_as("reviewer:it")
    assert "Our translated page" not in client.get(reverse("wagtailadmin_home")).content.decode()
    client.post(approve, {"comment": ""})
    page.refresh_from_db()
    assert not page.live

    client = login_as("reviewer:en")
    assert "Our translated page" in client.get(reverse("wagtailadmin_home")).content.decode()
    with commits():
        client.post(approve, {"comment": ""})
    page.refresh_from_db()
    assert page.live


def test_second_submission_shows_a_message_and_starts_no_workflow(client, fixture_data, submitted):
    response = client.post(url_of(fixture_data.ours.translation), follow=True)
    assert message_levels(response) == ["warning"]
    assert states(fixture_data.ours.target).count() == 1


def test_rejected_translation_can_be_submitted_again(client, fixture_data, submitted):
    state = states(fixture_data.ours.target).get()
    first = state.current_task_state
    first.reject(user=make_user("somebody", groups=["allier:reviewer:en"]))
    translate_title(fixture_data.ours, "Our better page")
    assert SUBMIT in client.get(edit(fixture_data.ours.target)).content.decode()
    assert message_levels(client.post(url_of(fixture_data.ours.translation), follow=True)) == ["success"]
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_IN_PROGRESS
    assert state.current_task_state != first
    assert state.current_task_state.revision.as_object().title == "Our better page"


def test_live_page_does_not_change_before_approval(login_as, fixture_data, commits):
    ours = fixture_data.ours
    with commits():
        translate_all(ours, "Our page")
        ours.translation.save_target(publish=True)
    before = Page.objects.get(pk=ours.target.pk)
    assert before.live
    translate_title(ours, "Our newer page")
    assert message_levels(login_as("translator:en").post(url_of(ours.translation), follow=True)) == ["success"]
    page = Page.objects.get(pk=before.pk)
    assert (page.title, page.live_revision_id) == (before.title, before.live_revision_id)
    state = states(page).get()
    assert state.current_task_state.revision.as_object().title == "Our newer page"
    with commits():
        state.current_task_state.approve(user=make_user("somebody", groups=["allier:reviewer:en"]))
    page.refresh_from_db()
    assert page.title == "Our newer page"


@pytest.mark.embedded  # PostgreSQL refuses such a long title when the string is saved.
def test_invalid_translation_is_not_submitted(login_as, fixture_data):
    translate_title(fixture_data.ours, "x" * 300)
    response = login_as("translator:en").post(url_of(fixture_data.ours.translation), follow=True)
    assert message_levels(response) == ["error"]
    assert not states(fixture_data.ours.target).exists()
    assert (
        Page.objects.get(pk=fixture_data.ours.target.pk).latest_revision_id
        == fixture_data.ours.target.latest_revision_id
    )


@pytest.mark.parametrize(("role", "status"), [("translator:it", 403), ("reader", 403), ("zqsecret:translator:en", 404)])
def test_other_roles_cannot_submit(login_as, fixture_data, role, status):
    assert login_as(role).post(url_of(fixture_data.ours.translation)).status_code == status
    assert not states(fixture_data.ours.target).exists()


def test_stopped_locked_or_unmoderated_translation_is_not_submitted(login_as, fixture_data):
    ours = fixture_data.ours
    client = login_as("translator:en")
    assert client.get(url_of(ours.translation)).status_code == 405
    Translation.objects.filter(pk=ours.translation.pk).update(enabled=False)
    assert client.post(url_of(ours.translation)).status_code == 404
    Translation.objects.filter(pk=ours.translation.pk).update(enabled=True)
    Page.objects.filter(pk=ours.target.pk).update(locked=True, locked_by=ours.user)
    assert message_levels(client.post(url_of(ours.translation), follow=True)) == ["error"]
    Page.objects.filter(pk=ours.target.pk).update(locked=False, locked_by=None)
    for row in ours.department.department_workflows.all():
        row.workflow.deactivate()
    assert SUBMIT not in client.get(edit(ours.target)).content.decode()
    assert message_levels(client.post(url_of(ours.translation), follow=True)) == ["error"]
    assert not states(ours.target).exists()


@pytest.mark.parametrize(
    ("role", "publishes"), [("translator:en", False), ("editor", False), ("reviewer:en", True), ("publisher", True)]
)
def test_the_editor_offers_what_the_user_may_do(login_as, fixture_data, role, publishes):
    ours = fixture_data.ours
    body = login_as(role).get(edit(ours.target)).content.decode()
    stop = reverse("wagtail_localize:stop_translation", args=[ours.translation.pk])
    alias = reverse("wagtail_localize:convert_to_alias", args=[ours.target.pk])
    assert [url in body for url in (stop, alias)] == [publishes, publishes]
    assert (SUBMIT in body) is (url_of(ours.translation) in body) is not publishes
