"""The rows that a user may view: those of the user's departments and shared ones."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from wagtail.models import Collection, Locale, Page, Site, Workflow

from cms.media.models import CustomImage
from cms.pages.models import Organisation
from cms.users.models import User
from sites.access.capabilities import departments_of
from sites.access.querysets import viewable_by
from sites.models import DepartmentGroup, DepartmentWorkflow
from sites.roles import ROLES_BY_KEY
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory
from tests.factories.pages import OrganisationFactory
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

MODELS = (CustomImage, Collection, Group, Locale, Organisation, Page, Site, User)


def test_group_belongs_to_its_department_by_row_not_by_name():
    allier, _isere = make_department("allier"), make_department("isere")
    Group.objects.filter(name="allier:editor").update(name="isere:editors")
    assert departments_of(make_user("a", groups=["isere:editors"])) == [allier]
    assert {row.role for row in DepartmentGroup.objects.all()} == set(ROLES_BY_KEY)


def test_member_of_two_departments_views_both_and_no_third():
    departments = [make_department(slug) for slug in ("allier", "isere", "loire")]
    images = [ImageFactory(collection=department.collection) for department in departments]
    user = make_user("a", groups=["allier:editor", "allier:publisher", "isere:translator:en"])
    assert departments_of(user) == departments[:2]
    assert set(viewable_by(CustomImage.objects.all(), user)) == set(images[:2])
    assert set(viewable_by(Site.objects.all(), user)) == {department.site for department in departments[:2]}


def test_anonymous_users_view_nothing_and_superusers_everything():
    department = make_department("allier")
    ImageFactory(collection=department.collection)
    OrganisationFactory()
    former = make_user("former", groups=["allier:editor"])
    former.is_active = False
    for model in MODELS:
        assert not viewable_by(model.objects.all(), AnonymousUser())
        assert not viewable_by(model.objects.all(), make_user(f"other-{model.__name__}"))
        assert not viewable_by(model.objects.all(), former)
    administrator = make_user("admin", is_superuser=True)
    for model in MODELS:
        assert viewable_by(model.objects.all(), administrator).count() == model.objects.count()


def test_shared_rows_are_viewable_and_other_instance_rows_are_not():
    make_department("allier")
    user = make_user("a", groups=["allier:editor"])
    organisation = OrganisationFactory()
    Workflow.objects.create(name="instance")
    ImageFactory()  # In the root collection.
    assert list(viewable_by(Organisation.objects.all(), user)) == [organisation]
    own = DepartmentWorkflow.objects.filter(department__slug="allier").values("workflow")
    assert set(viewable_by(Workflow.objects.all(), user)) == set(Workflow.objects.filter(pk__in=own))
    assert not viewable_by(CustomImage.objects.all(), user)
