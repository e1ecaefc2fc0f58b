"""Two departments: one whose people try everything, one that is full of marks which nobody of the first may see."""

from types import SimpleNamespace

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import GroupApprovalTask, ReferenceIndex, Workflow, WorkflowPage, WorkflowTask
from wagtail_localize.models import OverridableSegment, StringSegment, Translation, TranslationSource

from cms.pages.models import EventPage, StandardPage
from sites.team import invite
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory
from tests.factories.pages import OrganisationFactory, PersonFactory, make_page
from tests.factories.users import make_user

MARK = "zqsecret"
ROLES = {
    "editor": "allier:editor",
    "publisher": "allier:publisher",
    "translator": "allier:translator:en",
    # A role that somebody gave every permission of Wagtail's, though not the rank of superuser.
    "overgranted": "allier:publisher",
}


def make_actor(role):
    """An account of the first department in that role."""
    user = make_user(f"allier-{role}", groups=[ROLES[role]])
    if role == "overgranted":
        group = Group.objects.create(name="everything")
        group.permissions.set(Permission.objects.all())
        user.groups.add(group)
    return user


def make_content(department, mark):
    """Something of every kind that a department may own; titles, slugs and file names start with the mark."""
    name = mark.title()
    image = ImageFactory(title=f"{name} image", description=f"{name} description", collection=department.collection)
    document = DocumentFactory(title=f"{name} document", collection=department.collection)
    for each in (image, document):
        each.tags.add(f"{mark}-tag")
    consent = ConsentFactory(person_name=f"{name} person", collection=department.collection)
    video = VideoFactory(title=f"{name} video", collection=department.collection)
    user = make_user(f"{mark}-user", groups=[f"{department.slug}:publisher"])
    page = make_page(
        StandardPage, department, title=f"{name} page", slug=f"{mark}-page", image=image, owner=user,
        body=[("text", f'<p>{name} text <a href="https://example.org/">link</a></p>')],
    )  # fmt: skip
    draft = make_page(EventPage, department, publish=False, title=f"{name} draft", slug=f"{mark}-draft", owner=user)
    draft.save_revision(user=user, log_action=True)
    revision = page.save_revision(user=user, log_action=True)
    english = department.locales.get(language_code="en")
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=english)
    translation.save_target(publish=False)
    workflow = Workflow.objects.create(name=f"{name} workflow")
    task = GroupApprovalTask.objects.create(name=f"{name} task")
    task.groups.set(Group.objects.filter(name=f"{department.slug}:publisher"))
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=workflow, page_id=department.container_id)
    workflow_state = workflow.start(draft, user)
    for each in (page, draft, image, video):
        ReferenceIndex.create_or_update_for_object(each)
    return SimpleNamespace(
        department=department,
        image=image,
        document=document,
        consent=consent,
        video=video,
        user=user,
        page=page,
        draft=draft,
        revision=revision,
        source=source,
        translation=translation,
        target=translation.get_target_instance(),
        string_segment=StringSegment.objects.filter(source=source).first(),
        overridable_segment=OverridableSegment.objects.filter(source=source).first(),
        workflow=workflow,
        task=task,
        workflow_state=workflow_state,
        task_state=workflow_state.current_task_state,
        redirect=Redirect.add_redirect(f"/{mark}-old", page, site=department.site),
        group=Group.objects.get(name=f"{department.slug}:publisher"),
        invitation=invite(department, f"{mark}@example.org", Group.objects.filter(name=f"{department.slug}:editor"))[0],
    )


def make_world():
    """Both departments with their content, and what the instance shares."""
    ours = make_content(make_department("allier", locales=("fr", "en", "it")), "ours")
    theirs = make_content(make_department(MARK, locales=("fr", "en")), MARK)
    return SimpleNamespace(ours=ours, theirs=theirs, organisation=OrganisationFactory(), person=PersonFactory())


def content_type_of(model):
    return ContentType.objects.get_for_model(model)
