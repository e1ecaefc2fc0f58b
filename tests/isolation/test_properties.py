"""Property tests: no combination of roles and permissions allows more than the table of roles."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Page

from cms.media.models import CustomDocument, CustomImage
from cms.pages.models import StandardPage
from cms.users.models import User
from cms.users.sessions.session_store import SessionStore
from sites.access.capabilities import departments_of, has_capability
from sites.access.querysets import is_viewable_by, viewable_by
from sites.lifecycle import audit
from sites.middleware import DepartmentAccessMiddleware
from sites.models import Department, DepartmentGroup
from sites.roles import ROLES, ROLES_BY_KEY, Capability
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

SLUGS = ("allier", "isere", "loire")
LOCALES = ("fr", "en")
POSTS = [
    (slug, role.key, locale)
    for slug in SLUGS
    for role in ROLES
    for locale in (LOCALES[1:] if role.for_each_locale else ("",))
]
GLOBAL = ["users.change_user", "auth.change_group", "wagtailcore.change_site", "wagtailcore.change_workflow"]
GLOBAL += ["wagtail_localize.submit_translation", "cms_media.change_consent", "wagtailimages.add_image"]
VERBS = ("add", "change", "publish")
# Every example rolls its changes back; all examples share the fixtures.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@dataclass(frozen=True)
class Person:
    """The roles of a user, their Wagtail permissions, and page permissions granted by mistake."""

    posts: frozenset[tuple[str, str, str]]
    permissions: frozenset[str]
    mistakes: frozenset[tuple[str, str]]  # department, verb

    def is_of(self, slug: str) -> bool:
        return any(post[0] == slug for post in self.posts)

    def verbs(self, slug: str, locale: str) -> set[str]:
        """Return the actions that the table of roles allows on a page of a department in a language."""
        roles = [(ROLES_BY_KEY[role], language) for department, role, language in self.posts if department == slug]
        return {verb for role, language in roles if language in ("", locale) for verb in role.page_permissions}

    def has(self, capability: Capability, slug: str) -> bool:
        return any(
            department == slug and capability in ROLES_BY_KEY[role].capabilities
            for department, role, _locale in self.posts
        )


PEOPLE = st.builds(
    Person,
    posts=st.frozensets(st.sampled_from(POSTS), max_size=4),
    permissions=st.frozensets(st.sampled_from(GLOBAL)),
    mistakes=st.frozensets(
        st.tuples(st.sampled_from(SLUGS), st.sampled_from(["add", "change", "publish"])), max_size=2
    ),
)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def fixture_data(db, commits):
    """Three departments, each with a page in both languages, an image and a document."""
    found = {}
    with commits():
        for slug in SLUGS:
            department = make_department(slug, locales=LOCALES)
            pages = {locale: make_page(StandardPage, home_of(department, locale), slug="page") for locale in LOCALES}
            image = ImageFactory(collection=department.collection)
            document = DocumentFactory(collection=department.collection)
            found[slug] = SimpleNamespace(department=department, pages=pages, image=image, document=document)
    return found


def make_person(person: Person, fixture_data) -> User:
    user = make_user("somebody", groups=[":".join(filter(None, post)) for post in person.posts])
    for label in person.permissions:
        app_label, codename = label.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))
    for slug, verb in person.mistakes:
        group, _created = Group.objects.get_or_create(name="by mistake")
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=f"{verb}_page")
        GroupPagePermission.objects.create(group=group, page=fixture_data[slug].pages["fr"], permission=permission)
        user.groups.add(group)
    return User.objects.get(pk=user.pk)


def guarded(user: User, page: Page) -> HttpResponse | None:
    """Return the response of access control to a request for the page's editor, or None if it passes."""
    request = RequestFactory().get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    request.user, request.session = user, SessionStore()
    request.resolver_match = match = resolve(request.path)
    return DepartmentAccessMiddleware(lambda _request: HttpResponse()).process_view(
        request, match.func, (), match.kwargs
    )


@pytest.mark.embedded
@given(person=PEOPLE)
@settings(PATIENT, max_examples=80)
def test_access_and_capabilities_equal_the_roles_table(fixture_data, person):
    with undone():
        user = make_person(person, fixture_data)
        own = [slug for slug in SLUGS if person.is_of(slug)]
        assert sorted(department.slug for department in departments_of(user)) == own
        for model, name in ((CustomImage, "image"), (CustomDocument, "document")):
            assert set(viewable_by(model.objects.all(), user)) == {getattr(fixture_data[slug], name) for slug in own}
        paths = tuple(fixture_data[slug].department.container.path for slug in own)
        expected = {page.pk for page in Page.objects.all() if page.path.startswith(paths)}
        assert set(viewable_by(Page.objects.all(), user).values_list("pk", flat=True)) == expected
        for slug in SLUGS:
            for capability in Capability:
                assert has_capability(user, capability, fixture_data[slug].department) is person.has(
                    capability, slug
                ), (capability, slug)
        for capability in Capability:
            assert has_capability(user, capability) is any(person.has(capability, slug) for slug in SLUGS)


@pytest.mark.embedded
@given(person=PEOPLE)
@settings(PATIENT, max_examples=80)
def test_page_permissions_equal_the_roles_table_and_excess_grants_are_refused(fixture_data, person):
    with undone():
        user = make_person(person, fixture_data)
        for slug in SLUGS:
            for locale, page in fixture_data[slug].pages.items():
                assert is_viewable_by(Page, page.pk, user) is person.is_of(slug)
                assert (guarded(user, page) is None) is person.is_of(slug)
                if locale == "fr" and any(mistake[0] == slug for mistake in person.mistakes):
                    continue
                verbs, permissions = person.verbs(slug, locale), page.permissions_for_user(user)
                assert permissions.can_edit() is bool(verbs & {"change"}), verbs
                assert permissions.can_publish() is ("publish" in verbs)
                assert permissions.can_add_subpage() is ("add" in verbs)
                assert permissions.can_lock() is ("lock" in verbs)


MOVES = st.lists(
    st.tuples(st.sampled_from(["move", "copy", "alias"]), st.sampled_from(SLUGS), st.sampled_from(SLUGS)), max_size=4
)


@given(steps=MOVES)
@settings(PATIENT, max_examples=30)
def test_no_sequence_of_moves_and_copies_changes_the_department_of_a_page(fixture_data, client, steps):
    with undone():
        client.force_login(make_user("both", groups=[f"{slug}:publisher" for slug in SLUGS]))
        key = {slug: fixture_data[slug].pages["fr"].translation_key for slug in SLUGS}
        before = {slug: own_pages(fixture_data[slug].department).count() for slug in SLUGS}
        made = dict.fromkeys(SLUGS, 0)
        for number, (action, slug, to) in enumerate(steps):
            page, target = fixture_data[slug].pages["fr"], home_of(fixture_data[to].department, "en")
            if action == "move":
                client.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, target.pk]))
            else:
                form = {"new_title": slug, "new_slug": f"n-{number}", "new_parent_page": target.pk}
                form |= {"alias": "on"} if action == "alias" else {}
                client.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), form)
                made[slug] += slug == to
        for slug in SLUGS:
            pages = own_pages(fixture_data[slug].department)
            assert pages.filter(translation_key=key[slug]).exists(), "the page is still there"
            assert pages.count() == before[slug] + made[slug], "and nobody else's came"


def own_pages(department):
    return Page.objects.filter(path__startswith=department.container.path)


PROVISIONS = st.lists(
    st.tuples(st.sets(st.sampled_from(["en", "it", "fi"])), st.sampled_from(["Isère", "Isère (38)"])),
    min_size=1,
    max_size=4,
)


@pytest.mark.embedded
@given(steps=PROVISIONS)
@settings(PATIENT, max_examples=12)
def test_provisioning_passes_the_audit_and_is_idempotent(db, steps):
    with undone():
        for locales, contact in steps:
            department = make_department("isere", code="38", locales=("fr", *sorted(locales)), contact_address=contact)
            assert audit.audit_department(department) == []
        before = state()
        make_department("isere", code="38", locales=("fr", *sorted(steps[-1][0])), contact_address=steps[-1][1])
        assert state() == before


def state():
    models = (Department, DepartmentGroup, Group, GroupPagePermission, GroupCollectionPermission, Page)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
