"""Machine texts that nobody has checked stay unpublished after the original has lost the texts that they translate."""

import json

import pytest
from wagtail.models import Page
from wagtail_localize.models import StringTranslation, Translation

from .test_restored_texts import act, approve, drafted, public_titles, restore, stop
from .test_unchecked_texts import document

__all__ = ["drafted"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def of_one_machine_text(drafted, translated, commits):
    """Return the page, whose draft has one text of a machine, at the end of its only paragraph block."""
    StringTranslation.objects.exclude(data="en Fermé en août.").update(translation_type="manual")
    with commits():
        translated.translation.save_target(publish=False)
    return Page.objects.get(pk=drafted.pk)


@pytest.fixture(params=["block", "paragraph"])
def shortened_original(request, of_one_machine_text, translated):
    """Remove the block of the original that has the text, or the text from its block."""
    if request.param == "block":
        translated.edit(body=[("text", "<p>Autre bloc.</p>")])
        translated.write({"Autre bloc.": "Other block."})
    else:
        body = list(translated.page.body.raw_data)
        body[0]["value"] = "<p>Ouvert le lundi.</p>"
        translated.edit(body=body)
    translated.translation = Translation.objects.get(pk=translated.translation.pk)


@pytest.mark.usefixtures("shortened_original")
def test_a_restored_version_does_not_publish_them(client, of_one_machine_text, translated, commits):
    with commits():
        translated.translation.save_target(publish=True)
    restore(client, of_one_machine_text, of_one_machine_text.latest_revision)
    with commits():
        refused = act(client, of_one_machine_text, "publish")
    assert refused.status_code == 400
    assert "traductions automatiques" in refused.content.decode()
    assert "Fermé" not in str(document(of_one_machine_text))


@pytest.mark.usefixtures("shortened_original")
def test_a_stopped_translation_does_not_publish_them(
    client, of_one_machine_text, translated, department, publisher, commits
):
    stop(client, translated)
    page = Page.objects.get(pk=of_one_machine_text.pk).specific.get_latest_revision_as_object()
    page.title = "Food aid by hand"
    page.save_revision()
    with commits():
        assert act(client, page, "publish").status_code == 400
    assert public_titles(page) == set()
    with commits():
        approve(page, publisher)
    assert document(page)["translation"]["status"] == "reviewed"
    StringTranslation.objects.get(data="en Fermé en août.", translation_type="manual")


@pytest.mark.usefixtures("shortened_original")
def test_a_department_may_allow_them_and_readers_see_it(client, of_one_machine_text, translated, department, commits):
    department.publishes_machine_translations = True
    department.save()
    stop(client, translated)
    Page.objects.get(pk=of_one_machine_text.pk).specific.get_latest_revision_as_object().save_revision()
    with commits():
        assert act(client, of_one_machine_text, "publish").status_code == 200
    assert document(of_one_machine_text)["translation"]["status"] == "machine"


@pytest.mark.parametrize(("text", "status"), [("en Fermé en août.", 400), ("Closed in August.", 200)])
def test_a_text_of_a_person_whose_original_is_gone_is_published(
    client, of_one_machine_text, translated, commits, text, status
):
    """Also beside one of a machine, until somebody has written that anew."""
    body = list(translated.page.body.raw_data)
    body[0]["value"] = "<p>Fermé en août.</p>"
    translated.edit(body=body)
    stop(client, translated)
    page = Page.objects.get(pk=of_one_machine_text.pk).specific.get_latest_revision_as_object()
    page.body = json.dumps([dict(page.body.raw_data[0]) | {"value": f"<p>en Ouvert le lundi.</p><p>{text}</p>"}])
    page.save_revision()
    with commits():
        assert act(client, page, "publish").status_code == status
