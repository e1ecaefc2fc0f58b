"""Machine texts that nobody has checked are not public, unless the department allows it; and the origin of texts."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import Page
from wagtail_localize.models import StringTranslation

from cms.delivery.models import PublishedDocument
from cms.translations import approval
from cms.translations.board.states import load_entries
from cms.translations.file_service.text_origins import origin_of
from cms.translations.machine.services import SERVICE_LABELS
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


def document(page):
    return json.loads(PublishedDocument.objects.get(content_id=page.translation_key, locale="en").body)


def origins():
    return sorted(origin_of(row, SERVICE_LABELS).value for row in StringTranslation.objects.all())


def board_state(department, english):
    (entry,) = load_entries(department, [english]).values()
    return entry.state


def test_they_are_not_published_and_the_reason_is_shown(draft, translated, department):
    draft()
    with pytest.raises(ValidationError, match="traductions automatiques"):
        translated.publish()
    assert not Page.objects.get(pk=translated.translation.get_target_instance().pk).live


def test_a_department_may_allow_it_and_readers_see_it(draft, translated, department, english, commits, client):
    draft()
    department.publishes_machine_translations = True
    department.save()
    page = translated.publish()
    assert document(page)["translation"]["status"] == "machine"
    assert board_state(department, english) == "machine"
    assert "by a machine" in client.get(f"/allier{document(page)['path']}").content.decode()
    department.publishes_machine_translations = False
    department.save()
    page.refresh_from_db()
    page.save()  # It is public already: other changes of it are still possible.
    with pytest.raises(ValidationError):
        translated.publish()


def test_an_outdated_machine_text_is_still_unchecked(draft, translated, department):
    draft()
    StringTranslation.objects.exclude(data="en Un repas chaud par jour.").update(translation_type="manual")
    translated.edit(summary="Un repas chaud par jour ouvré.")
    with pytest.raises(ValidationError, match="traductions automatiques"):
        translated.publish()
    department.publishes_machine_translations = True
    department.save()
    assert document(translated.publish())["translation"]["status"] == "machine"


def test_a_confirmed_text_is_checked_and_its_origin_stays(draft, translated, client, publisher):
    draft()
    client.force_login(publisher)
    editor = reverse("translation_editor", args=[translated.translation.pk])
    segments = client.get(editor).context["texts"]
    form = {f"confirmed-{text.key}": "1" for text in segments}
    form |= {f"text-{text.key}": text.target for text in segments}
    form |= {f"digest-{text.key}": text.digest for text in segments}
    first = segments[0]
    form[f"text-{first.key}"] = "Food aid"
    client.post(editor, form)
    assert set(StringTranslation.objects.values_list("translation_type", flat=True)) == {"manual"}
    assert origins() == ["human", *["machine"] * 4]
    assert "vérifié par une personne" in client.get(editor).content.decode()
    assert document(translated.publish())["translation"]["status"] == "translated"


def test_an_approved_text_is_checked(draft, translated, department, english, translator, commits):
    draft()
    with commits():
        approval.submit(translated.translation, translator)
    with commits():
        approval.approve(translated.translation, make_user("reviewer", groups=["allier:reviewer:en"]))
    page = translated.translation.get_target_instance()
    assert page.live
    assert document(page)["translation"]["status"] == "reviewed"
    assert board_state(department, english) == "published", "the board does not call it unchecked any more"
    assert origins() == ["machine"] * 5
    translated.edit(summary="Un repas chaud par jour, même le dimanche.")
    translated.write({"Un repas chaud par jour, même le dimanche.": "A hot meal a day, even on Sundays."})
    assert document(translated.publish())["translation"]["status"] == "translated"


def test_a_suggestion_that_is_inserted_unchanged_is_of_the_memory(translated, client, department, publisher):
    client.force_login(publisher)
    editor = reverse("translation_editor", args=[translated.translation.pk])
    first, second, *_others = client.get(editor).context["texts"]

    def save(text, typed, memory, digest=None):
        client.post(editor, {
            f"text-{text.key}": typed, f"digest-{text.key}": digest or text.digest, f"memory-{text.key}": memory,
        })  # fmt: skip
        return client.get(editor).context["texts"]

    save(first, "Food aid", "1")
    segments = save(second, "food-aid", "")
    assert [text.origin_note != "" for text in segments[:2]] == [True, False]
    assert origins() == ["human", "memory"]
    save(segments[0], "Food support", "")
    assert origins() == ["human", "human"]
