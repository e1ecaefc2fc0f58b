"""The parts of Wagtail that `sites.admin.overrides.image_chooser` relies on."""

import pytest
from django.urls import resolve, reverse
from wagtail.images.views.chooser import ImageChooserViewSet, ImageChooseView, viewset

from sites.admin.overrides.image_chooser import DepartmentImageChooseView

pytestmark = pytest.mark.embedded


def test_the_viewset_of_the_image_chooser_names_the_class_of_its_view():
    assert ImageChooserViewSet.choose_view_class is ImageChooseView
    assert isinstance(viewset, ImageChooserViewSet)


def test_the_admin_opens_the_image_chooser_of_departments():
    view = resolve(reverse("wagtailimages_chooser:choose")).func
    assert issubclass(view.view_class, DepartmentImageChooseView)


@pytest.mark.django_db
def test_wagtail_gives_its_template_popular_tags(admin_client):
    context = admin_client.get(reverse("wagtailimages_chooser:choose")).context
    assert "popular_tags" in context
