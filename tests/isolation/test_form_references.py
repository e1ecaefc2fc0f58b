"""Tests that every form treats the id of a foreign object as that of a missing one, also if it has other errors.

The forms, their fields and their blocks are found in the page models and in the URL configuration.
"""

import pytest
from django.db import transaction
from django.forms import BaseForm, BaseFormSet, ModelChoiceField
from django.http import QueryDict
from django.urls import reverse
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.models import CollectionMember, Page, get_page_models

from cms.media.models import CustomImage, CustomRendition
from cms.pages.models import ContentPage, StandardPage
from sites.access.ownership import is_shared
from tests.factories.pages import make_page

from .arguments import MISSING, arguments_for
from .endpoints import endpoints
from .fixture_data import HIDDEN, MARK, make_actor
from .reference_forms import comparable, form_data, formset_data, has_reference, references_of
from .targets import ENDS_SESSION

pytestmark = pytest.mark.embedded

PAGE_MODELS = sorted(
    (model for model in get_page_models() if issubclass(model, ContentPage) and not model._meta.abstract),
    key=lambda model: model.__name__,
)
PAGE_MODELS = [model for model in PAGE_MODELS if model.__module__.startswith("cms.")]


@pytest.fixture
def client(client, fixture_data):
    client.force_login(make_actor("administrator"))
    return client


@pytest.fixture
def foreign(fixture_data):
    """Return a function that gives the key of an object of the other department; None for a shared model."""
    theirs, created = fixture_data.theirs, {}
    own = {
        "CustomImage": theirs.image, "CustomDocument": theirs.document, "Video": theirs.video,
        "Consent": theirs.consent, "Collection": theirs.department.collection, "Site": theirs.department.site,
        "Group": theirs.group, "User": theirs.user, "Department": theirs.department, "Page": theirs.draft,
        "Task": theirs.task, "GroupApprovalTask": theirs.task, "Workflow": theirs.workflow,
        "StandardPage": theirs.private, "EventPage": theirs.draft,
    }  # fmt: skip

    def key_of(model):
        if is_shared(model) or model._meta.label in ("wagtailcore.Locale", "contenttypes.ContentType"):
            return None
        if model.__name__ in own:
            return own[model.__name__].pk
        if issubclass(model, Page) and model not in created:
            created[model] = make_page(
                model, theirs.department, publish=False, title=f"{MARK} {HIDDEN}", slug=f"{MARK}-{len(created)}"
            )
        assert not issubclass(model, CollectionMember), f"{model.__name__} has no object in this test"
        # Other models are parts of the edited object.
        return created[model].pk if model in created else None

    return key_of


def missing(foreign):
    return lambda model: None if foreign(model) is None else MISSING


def own_page(fixture_data, model):
    if model is StandardPage:
        return fixture_data.ours.page
    if model.__name__ == "DepartmentHomePage":
        return fixture_data.ours.department.site.root_page.specific
    existing = model.objects.filter(path__startswith=fixture_data.ours.department.container.path).first()
    return existing or make_page(
        model, fixture_data.ours.department, publish=False, slug=f"own-{model.__name__.lower()}"
    )


def page_form(page):
    return page.get_edit_handler().get_form_class()(instance=page)


def post_form(client, url, form, key_of):
    """Post references in every field of the form and return the response with its comparable body."""
    data = form_data(form, key_of) | {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "title": ""}
    renditions = CustomRendition.objects.count()
    response = client.post(url, data)
    body = response.content.decode()
    assert CustomRendition.objects.count() == renditions, "a rendition was made"
    assert MARK not in body.lower().replace(url, ""), _around(body)
    return response, comparable(body)


def _around(body):
    position = body.lower().find(MARK)
    return body[max(position - 300, 0) : position + 100]


@pytest.mark.parametrize("model", PAGE_MODELS, ids=lambda model: model.__name__)
def test_page_form_with_errors_answers_as_for_missing_objects(client, fixture_data, foreign, model):
    page = own_page(fixture_data, model)
    form = page_form(page)
    urls = [reverse("wagtailadmin_pages:edit", args=[page.pk])]
    if model.__name__ != "DepartmentHomePage":
        parent = page.get_parent().pk
        urls.append(reverse("wagtailadmin_pages:add", args=["pages", model._meta.model_name, parent]))
    for url in urls:
        response, body = post_form(client, url, form, foreign)
        assert response.status_code == 200
        assert response.context["form"].errors["title"]
        other, expected = post_form(client, url, form, missing(foreign))
        assert response.context["form"].errors.as_json() == other.context["form"].errors.as_json()
        assert body == expected


def store_references(page, form, key_of):
    """Save a revision with references in every field, as an import does: without the form."""
    data = QueryDict(mutable=True)
    data.update({name: str(value) for name, value in form_data(form, key_of).items()})
    for name, field in form.fields.items():
        if hasattr(field, "block") or isinstance(field.widget, DraftailRichTextArea):
            setattr(page, name, field.widget.value_from_datadict(data, {}, name))
        elif isinstance(field, ModelChoiceField) and (key := key_of(field.queryset.model)) is not None:
            setattr(page, f"{name}_id", key)
    return page.save_revision(clean=False)


@pytest.mark.parametrize("model", PAGE_MODELS, ids=lambda model: model.__name__)
def test_stored_and_restored_references_show_nothing_of_foreign_objects(client, fixture_data, foreign, model):
    page = own_page(fixture_data, model)
    first = page.save_revision(clean=False)
    revision = store_references(page, page_form(page), foreign)
    page.save_revision(clean=False)
    renditions = CustomRendition.objects.filter(image=foreign(CustomImage))
    before = renditions.count()
    for name, arguments in (
        ("edit", []),
        ("revisions_revert", [revision.pk]),
        ("revisions_compare", [first.pk, revision.pk]),
        ("revisions_view", [revision.pk]),
        ("view_draft", []),
    ):
        response = client.get(reverse(f"wagtailadmin_pages:{name}", args=[page.pk, *arguments]))
        assert response.status_code == 200, name
        body = response.content.decode()
        assert MARK not in body.lower(), f"{name}: {_around(body)}"
        assert renditions.count() == before, name


def test_the_page_forms_contain_each_kind_of_reference():
    found = {
        path.rpartition(".")[2]
        for model in PAGE_MODELS
        for field in page_form(model()).fields.values()
        if hasattr(field, "block")
        for path in references_of(field.block)
    }
    assert found >= {"CustomImage", "CustomDocument", "Page", "ProfessionPage", "link", "document-link"}


# --- All other forms of the admin ---------------------------------------------------------------------------

# The user may choose the department with which a page is shared; all departments are public.
OFFERS_OTHER_DEPARTMENTS = {"sharing:propose"}


# Page forms: above. The bulk actions: the matrix, which also compares foreign and missing objects.
EXAMINED_ELSEWHERE = {
    "wagtailadmin_pages:edit",
    "wagtailadmin_pages:add",
    "wagtail_bulk_action",
    *ENDS_SESSION,
}


def forms_of(response):
    """Return the forms and formsets with references that were rendered in a response."""
    found = {}
    for context in response.context or ():
        for layer in getattr(context, "dicts", [context]):
            for value in layer.values() if hasattr(layer, "values") else ():
                is_form = isinstance(value, BaseForm) and has_reference(value)
                if is_form or (isinstance(value, BaseFormSet) and has_reference(value.empty_form)):
                    found.setdefault(id(value), value)
    return list(found.values())


def is_examined(name):
    """Return False for lists that change without the rest of their page; the page has the same forms."""
    return not name.endswith("_results") and name not in EXAMINED_ELSEWHERE


def url_of_form(name, url, form):
    """Return the URL to which the form of a screen is sent: a chooser creates objects at another one."""
    is_creation = name.endswith(":choose") and form.prefix
    return reverse(f"{name.partition(':')[0]}:create") if is_creation else url


def data_of(form, key_of):
    return formset_data(form, key_of) if isinstance(form, BaseFormSet) else form_data(form, key_of)


def admin_urls(fixture_data):
    for endpoint in endpoints():
        if endpoint.surface == "admin" and endpoint.is_named and is_examined(endpoint.name):
            arguments = arguments_for(endpoint, fixture_data.ours, fixture_data)
            yield endpoint.name, reverse(endpoint.name, kwargs=arguments)


def test_every_form_of_the_admin_answers_as_for_missing_objects(client, fixture_data, foreign, every_context):
    client.raise_request_exception = False
    examined, failures = {}, []
    for name, url in admin_urls(fixture_data):
        response = client.get(url)
        if response.streaming:
            b"".join(response)
        if response.status_code != 200 or name in OFFERS_OTHER_DEPARTMENTS:
            continue
        for form in forms_of(response):
            target = url_of_form(name, url, form)
            answers = []
            for key_of in (foreign, missing(foreign)):
                renditions = CustomRendition.objects.count()
                with transaction.atomic():
                    answer = client.post(target, data_of(form, key_of))
                    made = CustomRendition.objects.count() - renditions
                    transaction.set_rollback(True)
                body = "" if answer.streaming else answer.content.decode()
                if MARK in body.lower() or made or answer.status_code >= 500:
                    failures.append(f"{name}: {answer.status_code} {made} {_around(body)}")
                answers.append((answer.status_code, comparable(body)))
            examined[name] = examined.get(name, 0) + 1
            if answers[0] != answers[1]:
                failures.append(f"{name} {type(form).__name__}: {_difference(*answers)}")
    assert not failures, "\n".join(failures)
    assert {name.partition(":")[0] for name in examined} >= {
        "wagtailimages", "wagtaildocs", "wagtailsnippets_cms_media_video", "wagtailsnippets_pages_organisation",
        "promotions", "wagtailimages_chooser", "wagtailsnippetchoosers_pages_person",
    }  # fmt: skip


def _difference(one, other):
    if one[0] != other[0]:
        return f"{one[0]} instead of {other[0]}"
    lines = [pair for pair in zip(one[1].splitlines(), other[1].splitlines(), strict=False) if pair[0] != pair[1]]
    return str(lines[:2])[:600]
