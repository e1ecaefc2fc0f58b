"""The fixture data: an own department whose users try everything, and another department with marked content."""

from types import SimpleNamespace

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from wagtail.contrib.redirects.models import Redirect
from wagtail.log_actions import log
from wagtail.models import (
    CollectionViewRestriction,
    Comment,
    Locale,
    PageViewRestriction,
    ReferenceIndex,
    UploadedFile,
)
from wagtail_localize.models import OverridableSegment, StringSegment, Translation, TranslationSource

from cms.pages.models import EventPage, StandardPage
from cms.translations.guests.link_changes import make_link
from cms.translations.models import (
    GlossaryTerm,
    GuestLink,
    GuestLinkUse,
    MachineLanguage,
    MediaText,
    TranslationAssignment,
)
from search.models import Promotion, SynonymGroup
from sites.approval.workflows import steps_of
from sites.members.membership import invite
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory
from tests.factories.pages import OrganisationFactory, PersonFactory, make_page
from tests.factories.sharing import hold_together
from tests.factories.users import make_user

from .rows import Rows

MARK = "zqsecret"
# Content of the other department that readers of its public site may not see.
HIDDEN = "zqhidden"
# The groups of the first (and of a third) department for each role. A role without groups has no department.
ROLES = {
    "administrator": ("allier:administrator",),
    "publisher": ("allier:publisher",),
    "editor": ("allier:editor",),
    "media_manager": ("allier:media_manager",),
    "translator": ("allier:translator:en",),
    "reviewer": ("allier:reviewer:en",),
    "reader": ("allier:reader",),
    # A user with every Wagtail permission who is not a superuser.
    "overgranted": ("allier:publisher",),
    "two_departments": ("allier:publisher", "creuse:administrator"),
    "no_department": (),
}


def make_actor(role):
    """Return a user of the first department with this role; None for an anonymous visitor."""
    if role == "anonymous":
        return None
    if role == "two_departments":
        make_department("creuse", locales=("fr",))
    user = make_user(f"allier-{role}", groups=ROLES.get(role, ()), is_superuser=role == "superuser")
    permissions = {
        "overgranted": Permission.objects.all(),
        "no_department": Permission.objects.filter(codename="access_admin"),
    }
    if role in permissions:
        group = Group.objects.create(name=f"{role} people")
        group.permissions.set(permissions[role])
        user.groups.add(group)
    return user


def link_to(document):
    return f'<a linktype="document" id="{document.pk}">document</a>'


def make_content(department, mark):
    """Create an object of every kind that a department can own; titles, slugs and file names begin with the mark."""
    name = mark.title()
    unseen = f"{name} {HIDDEN if mark == MARK else 'hidden'}"
    image = ImageFactory(title=f"{name} image", description=f"{name} description", collection=department.collection)
    document = DocumentFactory(title=f"{name} document", collection=department.collection)
    for each in (image, document):
        each.tags.add(f"{mark}-tag")
    within = department.collection.add_child(name=f"{unseen} collection")
    restriction = CollectionViewRestriction.objects.create(
        collection=within, restriction_type=CollectionViewRestriction.LOGIN
    )
    secret_image = ImageFactory(title=f"{unseen} image", collection=within)
    secret_document = DocumentFactory(title=f"{unseen} document", collection=within)
    consent = ConsentFactory(person_name=f"{name} person", collection=department.collection)
    video = VideoFactory(title=f"{name} video", collection=department.collection)
    user = make_user(f"{mark}-user", groups=[f"{department.slug}:publisher"])
    page = make_page(
        StandardPage, department, title=f"{name} page", slug=f"{mark}-page", image=image, owner=user,
        body=[("text", f'<p>{name} text <a href="https://example.org/">link</a> {link_to(document)}</p>')],
    )  # fmt: skip
    draft = make_page(EventPage, department, publish=False, title=f"{unseen} draft", slug=f"{mark}-draft", owner=user)
    draft.save_revision(user=user, log_action=True)
    private = make_page(StandardPage, department, title=f"{unseen} private page", slug=f"{mark}-private")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    private.save_revision(user=user).publish()
    Comment.objects.create(page=page, user=user, text=f"{unseen} comment", contentpath="title")
    log(instance=image, action="wagtail.edit", user=user)
    revision = page.save_revision(user=user, log_action=True)
    english = department.locales.get(language_code="en")
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=english)
    translation.save_target(publish=False)
    TranslationAssignment.objects.create(page=page, locale=english, assignee=user)
    MediaText.objects.create(
        image=image, locale=english, field="description", source_text=image.description, text=f"{unseen} text",
        author=user, updated_at=translation.created_at,
    )  # fmt: skip
    language = department.department_locales.get(locale=english)
    MachineLanguage.objects.create(language=language, service="libretranslate")
    uploads = {}
    for kind, media in (("uploaded_image", image), ("uploaded_document", document)):
        uploads[kind] = UploadedFile.objects.create(
            for_content_type=content_type_of(type(media)), file=media.file.name, uploaded_by_user=user
        )
    department_workflow = department.department_workflows.get(locale=None)
    workflow, task = department_workflow.workflow, steps_of(department_workflow).get()
    for each, kind in ((workflow, "workflow"), (task, "task")):
        each.name = f"{name} {kind}"
        each.save()
    workflow_state = workflow.start(draft, user)
    for each in (page, draft, image, video):
        ReferenceIndex.create_or_update_for_object(each)
    ended_guest_token = make_guest_token(translation, user)
    GuestLink.objects.filter(translation=translation).update(revoked_at=translation.created_at)
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
        guest_token=make_guest_token(translation, user),
        ended_guest_token=ended_guest_token,
        string_segment=StringSegment.objects.filter(source=source).first(),
        overridable_segment=OverridableSegment.objects.filter(source=source).first(),
        department_workflow=department_workflow,
        workflow=workflow,
        task=task,
        workflow_state=workflow_state,
        task_state=workflow_state.current_task_state,
        redirect=Redirect.add_redirect(f"/{mark}-old", page, site=department.site),
        private=private,
        secret_image=secret_image,
        secret_document=secret_document,
        restriction=restriction,
        host=department.site.hostname,
        # All departments use it, so its name is not secret.
        organisation=OrganisationFactory(owner=department),
        person=PersonFactory(owner=department),
        group=Group.objects.get(name=f"{department.slug}:publisher"),
        invitation=invite(department, f"{mark}@example.org", Group.objects.filter(name=f"{department.slug}:editor"))[0],
        promotion=Promotion.objects.create(
            department=department, language="fr", words=f"{unseen} words", content_id=page.translation_key
        ),
        term=GlossaryTerm.objects.create(
            department=department,
            source_locale=page.locale,
            target_locale=english,
            source=f"{unseen} term",
            target=f"{unseen} word",
        ),
        alias=page.create_alias(update_slug=f"{mark}-alias"),
        **uploads,
    )


def make_guest_token(translation, user):
    """Return the token of a new guest link."""
    link, url = make_link(
        translation, translation.get_target_instance(), user, name="Guest", email="", language="en", days=14
    )
    GuestLinkUse.objects.create(link=link, kind="opened", hour=link.created_at, last_at=link.created_at)
    return url.rstrip("/").rpartition("/")[2]


def make_fixture_data():
    """Create both departments with their content, and shared objects; `rows` protects all rows but the first's.

    The rows of the instance are created first, those of the other department second, and the own rows last. Every row
    that existed before the own department is therefore protected, in each table.
    """
    french, english, _italian = (
        Locale.objects.get_or_create(language_code=language_code)[0] for language_code in ("fr", "en", "it")
    )
    organisation, person = OrganisationFactory(), PersonFactory()
    synonyms = SynonymGroup.objects.create(language="fr", names="chimpanzé, cousin")
    rows = Rows()
    neighbour = make_department(MARK, locales=("fr", "en"))
    neighbour.name = "Neighbour"  # The list of departments is public.
    neighbour.save()
    theirs = make_content(neighbour, MARK)
    third = make_department("third")
    theirs.sharing = hold_together(theirs.page, third)
    rows.record_other_department()
    ours = make_content(make_department("allier", locales=("fr", "en", "it")), "ours")
    ours.sharing = hold_together(ours.page, third)
    return SimpleNamespace(
        ours=ours,
        theirs=theirs,
        organisation=organisation,
        person=person,
        synonyms=synonyms,
        french=french,
        english=english,
        rows=rows,
    )


def content_type_of(model):
    return ContentType.objects.get_for_model(model)
