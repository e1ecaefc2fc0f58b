"""Tests of approval workflows: created with the department, used by its members, changed by its administrator only."""

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Task, TaskState, Workflow, WorkflowPage, WorkflowState
from wagtail.users.models import UserProfile

from cms.pages.models import EventPage, StandardPage
from sites.access.ownership import departments_owning
from sites.access.querysets import viewable_by
from sites.approval.workflows import approving_groups, steps_of
from sites.models import DepartmentWorkflow
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

from .fixture_data import MARK
from .test_own_work import form_of_page

pytestmark = pytest.mark.embedded


def edit_url(workflow):
    return reverse("department_workflows:edit", args=[workflow.pk])


def form(workflow, *new, needed=True, **changed):
    """Return the form as a browser sends it: the existing steps, then new ones as (name, groups, position)."""
    steps = [
        (str(step.pk), step.name, [group.pk for group in step.groups.all()], number)
        for number, step in enumerate(steps_of(workflow), start=1)
    ]
    initial = len(steps)
    steps += [("", *step) for step in new]
    data = {"name": "Relecture", "steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": initial}
    if needed:
        data["is_needed"] = "on"
    for number, (pk, name, groups, position) in enumerate(steps):
        fields = {"task_ptr": pk, "name": name, "groups": groups, "ORDER": position}
        data |= {f"steps-{number}-{field}": value for field, value in fields.items()}
    return data | changed


def group(name):
    return Group.objects.get(name=name)


@pytest.mark.django_db
def test_a_department_is_made_with_approval_by_its_publishers_and_administrators():
    department = make_department("isere", locales=("fr", "it"))
    everywhere, italian = department.department_workflows.all()
    assert (everywhere.locale, italian.locale.language_code) == (None, "it")
    assert home_of(department, "fr").get_workflow() == everywhere.workflow
    assert home_of(department, "it").get_workflow() == italian.workflow
    ours = {"isere:administrator", "isere:publisher"}
    assert {each.name for each in steps_of(everywhere).get().groups.all()} == ours
    assert {each.name for each in steps_of(italian).get().groups.all()} == ours | {"isere:reviewer:it"}


@pytest.mark.django_db
def test_provisioning_again_keeps_the_administrators_changes():
    department = make_department("isere", code="38")
    workflow = department.department_workflows.get(locale=None)
    workflow.workflow.name = "Chez nous"
    workflow.workflow.save()
    workflow.workflow.deactivate()
    make_department("isere", code="38")
    workflow.workflow.refresh_from_db()
    assert (workflow.workflow.name, workflow.workflow.active) == ("Chez nous", False)
    assert department.department_workflows.count() == 2
    make_department("isere", code="38", locales=("fr", "en", "it"))
    assert department.department_workflows.count() == 3


def test_what_belongs_to_a_workflow_belongs_to_its_department(fixture_data):
    user = make_user("somebody", groups=["allier:editor"])
    theirs, ours = fixture_data.theirs, fixture_data.ours
    for each in (theirs.workflow, theirs.task, theirs.workflow_state, theirs.task_state):
        assert [department.slug for department in departments_owning(each)] == [MARK]
    for model, own in ((Workflow, ours.workflow), (Task, ours.task)):
        found = viewable_by(model.objects.all(), user)
        assert own.pk in found.values_list("pk", flat=True)
        assert not [each for each in found if MARK in each.name.lower()]
    assert list(viewable_by(WorkflowState.objects.all(), user)) == [ours.workflow_state]
    assert list(viewable_by(TaskState.objects.all(), user)) == [ours.task_state]
    assert {row.page_id for row in viewable_by(WorkflowPage.objects.all(), user)} == {
        ours.department.container_id, home_of(ours.department, "en").pk, home_of(ours.department, "it").pk,
    }  # fmt: skip


def test_submission_notifies_only_approvers_of_the_department(login_as, fixture_data, commits):
    make_user("approver", groups=["allier:publisher"])
    make_user("root", is_superuser=True)
    mail.outbox.clear()
    page = make_page(StandardPage, fixture_data.ours.department, publish=False, slug="a-relire")
    client = login_as("editor")
    data = form_of_page(title="À relire", slug="a-relire", **{"action-submit": "x"})
    with commits():
        response = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    assert response.status_code == 302
    state = WorkflowState.objects.get(object_id=str(page.pk))
    assert state.workflow == fixture_data.ours.workflow
    recipients = {address for message in mail.outbox for address in message.to}
    assert recipients == {"approver@example.org", "ours-user@example.org"}


@pytest.mark.parametrize(
    ("changed", "named"), [("", "Approvazione – Allier"), ("Comité éditorial", "Comité éditorial")]
)
def test_a_mail_names_a_step_in_the_language_of_its_reader(login_as, fixture_data, commits, changed, named):
    approver = make_user("approver", groups=["allier:publisher"])
    profile = UserProfile.get_for_user(approver)
    profile.preferred_language = "it"
    profile.save()
    steps = Task.objects.filter(workflow_tasks__workflow=fixture_data.ours.workflow)
    steps.update(name=changed or "Relecture – Allier")
    mail.outbox.clear()
    page = make_page(StandardPage, fixture_data.ours.department, publish=False, slug="a-relire")
    data = form_of_page(title="À relire", slug="a-relire", **{"action-submit": "x"})
    with commits():
        login_as("editor").post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    (message,) = (message for message in mail.outbox if message.to == [approver.email])
    assert named in message.subject
    assert named in message.body


def test_a_publisher_approves_and_sends_back(login_as, fixture_data):
    client = login_as("publisher")
    draft, state = fixture_data.ours.draft, fixture_data.ours.workflow_state
    arguments = [draft.pk, "reject", state.current_task_state.pk]
    assert client.get(reverse("wagtailadmin_pages:workflow_action", args=arguments)).status_code == 200
    client.post(reverse("wagtailadmin_pages:workflow_action", args=arguments), {"comment": "Trop long"})
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES

    state.resume(user=fixture_data.ours.user)
    arguments = [draft.pk, "approve", state.current_task_state.pk]
    preview = reverse("wagtailadmin_pages:workflow_preview", args=[draft.pk, state.current_task_state.task_id])
    assert client.get(preview).status_code == 200
    client.post(reverse("wagtailadmin_pages:workflow_action", args=arguments), {"comment": ""})
    draft.refresh_from_db()
    assert draft.live


def test_an_editor_does_not_approve(login_as, fixture_data):
    arguments = [fixture_data.ours.draft.pk, "approve", fixture_data.ours.task_state.pk]
    login_as("editor").post(reverse("wagtailadmin_pages:workflow_action", args=arguments), {"comment": ""})
    fixture_data.ours.draft.refresh_from_db()
    assert not fixture_data.ours.draft.live


def test_a_reviewer_approves_translations_into_the_own_language_only(login_as, fixture_data):
    target = fixture_data.ours.target
    # Nobody has translated the page completely.
    type(fixture_data.ours.department).objects.update(publishes_partial_translations=True)
    state = target.get_workflow().start(target, fixture_data.ours.user)
    arguments = [target.pk, "approve", state.current_task_state.pk]
    login_as("reviewer:it").post(reverse("wagtailadmin_pages:workflow_action", args=arguments), {"comment": ""})
    target.refresh_from_db()
    assert not target.live
    login_as("reviewer:en").post(reverse("wagtailadmin_pages:workflow_action", args=arguments), {"comment": ""})
    target.refresh_from_db()
    assert target.live


def test_workflow_cancellation_is_limited_to_own_pages(login_as, fixture_data):
    client = login_as("publisher")
    name = "wagtailadmin_pages:confirm_workflow_cancellation"
    assert "ours workflow" in client.get(reverse(name, args=[fixture_data.ours.draft.pk])).content.decode().lower()
    assert client.get(reverse(name, args=[fixture_data.theirs.draft.pk])).status_code == 404


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_a_task_of_another_department_is_not_acted_on_through_an_own_page(login_as, fixture_data, action):
    arguments = [fixture_data.ours.draft.pk, action, fixture_data.theirs.task_state.pk]
    response = login_as("publisher").post(reverse("wagtailadmin_pages:workflow_action", args=arguments))
    assert response.status_code in (302, 403, 404)
    fixture_data.theirs.task_state.refresh_from_db()
    assert fixture_data.theirs.task_state.status == TaskState.STATUS_IN_PROGRESS


def test_the_list_names_the_own_workflows_only(login_as, fixture_data, read):
    body = read(login_as("administrator").get(reverse("department_workflows:index")))
    assert "ours workflow" in body
    assert "ours task" in body
    assert MARK not in body


def test_an_administrator_adds_orders_and_removes_steps(login_as, fixture_data):
    client, workflow = login_as("administrator"), fixture_data.ours.department_workflow
    assert client.get(edit_url(workflow)).status_code == 200
    data = form(workflow, ("Première lecture", [group("allier:editor").pk], 0))
    response = client.post(edit_url(workflow), data)
    assert response.status_code == 302, (response.context["form"].errors, response.context["formset"].errors)
    workflow.workflow.refresh_from_db()
    assert workflow.workflow.name == "Relecture"
    assert [step.name for step in steps_of(workflow)] == ["Première lecture", "Ours task"]

    data = form(workflow, **{"steps-0-DELETE": "on"})
    assert client.post(edit_url(workflow), data).status_code == 302
    assert [step.name for step in steps_of(workflow)] == ["Ours task"]
    # No page has passed this step.
    assert not GroupApprovalTask.objects.filter(name="Première lecture").exists()


def test_a_step_at_which_pages_wait_is_not_removed(login_as, fixture_data):
    client, workflow = login_as("administrator"), fixture_data.ours.department_workflow
    data = form(workflow, ("Autre", [group("allier:editor").pk], 9), **{"steps-0-DELETE": "on"})
    response = client.post(edit_url(workflow), data)
    assert "Ours task" in str(response.context["formset"].non_form_errors())
    fixture_data.ours.workflow_state.cancel()
    assert client.post(edit_url(workflow), data).status_code == 302
    # The history of the step remains.
    fixture_data.ours.task.refresh_from_db()
    assert not fixture_data.ours.task.active


def test_an_administrator_switches_approval_off_and_on(login_as, fixture_data):
    client, workflow = login_as("administrator"), fixture_data.ours.department_workflow
    assert client.post(edit_url(workflow), form(workflow, needed=False)).status_code == 302
    page = make_page(StandardPage, fixture_data.ours.department)
    assert page.get_workflow() is None
    fixture_data.ours.workflow_state.refresh_from_db()
    assert fixture_data.ours.workflow_state.status == WorkflowState.STATUS_CANCELLED
    fixture_data.theirs.workflow_state.refresh_from_db()
    assert fixture_data.theirs.workflow_state.status == WorkflowState.STATUS_IN_PROGRESS

    assert client.post(edit_url(workflow), form(workflow)).status_code == 302
    assert StandardPage.objects.get(pk=page.pk).get_workflow() == workflow.workflow


def test_translations_use_the_general_workflow_if_their_own_is_off(login_as, fixture_data):
    english = DepartmentWorkflow.objects.get(department=fixture_data.ours.department, locale__language_code="en")
    assert login_as("administrator").post(edit_url(english), form(english, needed=False)).status_code == 302
    page = StandardPage.objects.get(pk=fixture_data.ours.target.pk)
    assert page.get_workflow() == fixture_data.ours.workflow


@pytest.mark.parametrize("name", [f"{MARK}:publisher", "allier:reader", "allier:translator:en", "allier:reviewer:en"])
def test_other_groups_do_not_approve(login_as, fixture_data, name):
    workflow = fixture_data.ours.department_workflow
    response = login_as("administrator").post(edit_url(workflow), form(workflow, ("X", [group(name).pk], 2)))
    assert "groups" in response.context["formset"].errors[1]
    assert MARK not in response.content.decode().lower()
    assert steps_of(workflow).count() == 1


def test_approval_needs_a_step_and_a_step_needs_a_group(login_as, fixture_data):
    client, workflow = login_as("administrator"), fixture_data.ours.department_workflow
    fixture_data.ours.workflow_state.cancel()
    response = client.post(edit_url(workflow), form(workflow, **{"steps-0-DELETE": "on"}))
    assert "is_needed" in response.context["form"].errors
    response = client.post(edit_url(workflow), form(workflow, ("X", [], 2)))
    assert "groups" in response.context["formset"].errors[1]


def test_a_step_of_another_department_is_not_taken_over(login_as, fixture_data):
    workflow = fixture_data.ours.department_workflow
    data = form(workflow, **{"steps-0-task_ptr": fixture_data.theirs.task.pk, "steps-0-name": "Pris"})
    response = login_as("administrator").post(edit_url(workflow), data)
    assert response.context["formset"].non_form_errors()
    assert MARK not in response.content.decode().lower()
    fixture_data.theirs.task.refresh_from_db()
    assert fixture_data.theirs.task.name == f"{MARK.title()} task"
    assert [step.pk for step in steps_of(workflow)] == [fixture_data.ours.task.pk]
    assert [step.pk for step in steps_of(fixture_data.theirs.department_workflow)] == [fixture_data.theirs.task.pk]


def test_workflow_of_another_department_answers_404(login_as, fixture_data):
    client, workflow = login_as("administrator"), fixture_data.theirs.department_workflow
    assert client.get(edit_url(workflow)).status_code == 404
    assert client.post(edit_url(workflow), form(workflow)).status_code == 404
    assert client.get(reverse("wagtailadmin_workflows:edit", args=[workflow.workflow_id])).status_code == 404


@pytest.mark.parametrize("role", ["publisher", "editor", "media_manager", "reader", "translator:en", "reviewer:en"])
def test_other_roles_are_refused(login_as, fixture_data, role):
    client, workflow = login_as(role), fixture_data.ours.department_workflow
    assert client.get(reverse("department_workflows:index")).status_code == 404
    assert client.post(edit_url(workflow), form(workflow, needed=False)).status_code == 404
    assert Workflow.objects.get(pk=workflow.workflow_id).active


def test_a_superuser_sees_all_and_keeps_wagtails_screens(login_as, fixture_data, read):
    client = login_as()
    assert MARK in read(client.get(reverse("department_workflows:index")))
    assert (
        client.post(
            edit_url(fixture_data.theirs.department_workflow), form(fixture_data.theirs.department_workflow)
        ).status_code
        == 302
    )
    assert client.get(reverse("wagtailadmin_workflows:index")).status_code == 200


def test_a_group_that_may_approve_is_of_the_department_itself(fixture_data):
    english = DepartmentWorkflow.objects.get(department=fixture_data.ours.department, locale__language_code="en")
    names = set(approving_groups(english).values_list("name", flat=True))
    assert names == {"allier:administrator", "allier:publisher", "allier:editor", "allier:reviewer:en"}


def test_query_count_of_the_list_does_not_grow_with_languages(login_as, fixture_data, django_assert_max_num_queries):
    client = login_as("administrator")
    counts = []
    for locales in (("fr", "en", "it"), ("fr", "en", "it", "fi", "de", "es", "nl", "pt")):
        department = fixture_data.ours.department
        make_department("allier", code=department.code, locales=locales)
        with django_assert_max_num_queries(60) as queries:
            client.get(reverse("department_workflows:index"))
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def test_events_use_the_approval_workflow(fixture_data):
    event = make_page(EventPage, fixture_data.ours.department, publish=False)
    assert event.get_workflow() == fixture_data.ours.workflow
