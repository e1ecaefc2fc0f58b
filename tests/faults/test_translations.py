"""Machine translation, with the translator of wagtail-localize's own tests, is interrupted at each point."""

from functools import partial

import pytest
from django.urls import reverse
from wagtail.models import Locale
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from cms.pages.models import StandardPage
from tests.factories.pages import make_page
from tests.factories.users import make_user

from .injection import interrupted
from .recovery import recover

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
def test_a_page_is_translated_completely_or_not_at_all(page, department, client, settings, kill):
    translator = "wagtail_localize.machine_translators.dummy.DummyTranslator"
    settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = {"CLASS": translator}
    original = make_page(StandardPage, department, title="Le grand singe", slug="singe", summary="Il vit en forêt.")
    source, _created = TranslationSource.get_or_create_from_instance(original)
    translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))
    translation.save_target()
    assert recover() == []
    client.force_login(make_user("own", groups=[f"{department.slug}:administrator"]))
    post = partial(client.post, reverse("wagtail_localize:machine_translate", args=[translation.pk]))

    def translate(number):
        StringTranslation.objects.all().delete()
        return post

    complete = source.stringsegment_set.count()
    assert complete > 1
    for injection, error in interrupted(translate, kill=kill):
        stored = StringTranslation.objects.count()
        assert stored in (0, complete), injection.happened
        assert error or stored == complete, "the person was not told"
        post()
        assert StringTranslation.objects.count() == complete
        assert recover() == []
