"""Tests that the editor explains a refused publication.

The test commits, so it has a file of its own: the fixture data of other modules must not be in the database.
"""

import pytest
from django.urls import reverse
from django.utils.translation import gettext, override
from wagtail.models import Locale
from wagtail_localize.models import (
    Translation,
    TranslationSource,
)

from cms.pages.models import TestimonialPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user


@pytest.mark.django_db(transaction=True)
def test_a_refused_publication_says_that_the_draft_is_saved(client):
    department = make_department("drome")
    page = make_page(TestimonialPage, department)
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))
    translation.save_target(publish=False)
    TestimonialPage.objects.filter(pk=page.pk).update(consent=None)
    source.update_from_db()
    target = translation.get_target_instance()
    client.force_login(make_user("admin", is_superuser=True))
    response = client.post(reverse("wagtailadmin_pages:edit", args=[target.pk]), {"action": "publish"}, follow=True)
    message = " ".join(str(message) for message in response.context["messages"])
    target.refresh_from_db()
    assert not target.live
    with override("fr"):
        words = gettext("Saved as a draft, but not published: %(reasons)s").partition("%")[0]
    assert message.startswith(words)
