"""Imports store texts in batches, and leave behind what saving each of them would."""

import datetime
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from cms.pages.models import StandardPage
from cms.translations.file_service.import_report import Outcome
from cms.translations.file_service.incoming_merge import MergeOptions, import_file
from cms.translations.models import OutdatedTranslation, TranslationProgress
from tests.factories.pages import make_page
from tests.factories.users import make_user

FEW, MANY = 10, 500
# Batches of hundreds of rows, which are smaller on SQLite.
MARGIN = 30


def make_translation(department, texts):
    body = [("text", "".join(f"<p>Texte numéro {number} de {texts}.</p>" for number in range(texts)))]
    slug = f"page-{texts}"
    page = make_page(StandardPage, department, title=f"Aide {texts}", slug=slug, summary="Résumé", body=body)
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(
        source=source, target_locale=department.locales.get(language_code="en")
    )  # fmt: skip
    translation.save_target(publish=False)
    return translation


def file_of(translation, word):
    po = translation.export_po()
    for entry in po:
        entry.msgstr = f"{word} {entry.msgid}"
    return str(po).encode()


@pytest.mark.django_db
@pytest.mark.usefixtures("commits")
def test_the_number_of_queries_does_not_depend_on_the_number_of_texts(client, department):
    """Of new texts, of changed ones, and of outdated ones that fit."""
    client.force_login(make_user("translator", groups=["allier:translator:en"]))
    costs = {}
    for texts in (FEW, MANY):
        translation = make_translation(department, texts)
        url = reverse("translation_import", args=[translation.pk])
        costs[texts] = []
        for word, outcome in (("New", Outcome.ACCEPTED), ("Changed", Outcome.CHANGED), ("Changed", Outcome.ACCEPTED)):
            file = SimpleUploadedFile("a.po", file_of(translation, word))
            with CaptureQueriesContext(connection) as captured:
                response = client.post(url, {"file": file, "overwrite": "on"})
            costs[texts].append(len(captured))
            assert {unit.outcome for unit in response.context["report"].units} == {outcome}
            rows = StringTranslation.objects.filter(context__object_id=translation.source.object_id)
            assert rows.filter(data__startswith=word).count() == rows.count() == texts + 3
            assert not OutdatedTranslation.objects.exists()
            OutdatedTranslation.objects.bulk_create(
                OutdatedTranslation(string_translation=row, former_source="x", since=timezone.now())
                for row in (rows if word == "Changed" else ())
            )
        OutdatedTranslation.objects.all().delete()
    assert all(many <= few + MARGIN for few, many in zip(costs[FEW], costs[MANY], strict=True))


@pytest.mark.django_db
def test_an_import_leaves_what_saving_each_text_leaves(department, commits):
    """The author and the time of each text, the title of the draft, errors of tags, and the counts of the progress."""
    author = make_user("author")
    with commits():
        translation = make_translation(department, 3)
        texts = file_of(translation, "New")
    with commits():
        import_file(BytesIO(texts), "a.po", MergeOptions(user=author))
    rows = StringTranslation.objects.filter(locale=translation.target_locale)
    assert set(rows.values_list("last_translated_by", "tool_name", "translation_type", "has_error")) == {
        (author.pk, "PO File", "manual", False)
    }
    target = Page.objects.get(pk=translation.get_target_instance().pk)
    assert target.draft_title == "New Aide 3"
    progress = TranslationProgress.objects.get(translation=translation)
    assert (progress.segments, progress.translated) == (6, 6)
    past = timezone.now() - datetime.timedelta(days=2)
    rows.update(updated_at=past, has_error=True, field_error="x")
    with commits():
        import_file(BytesIO(file_of(translation, "Changed")), "a.po", MergeOptions(overwrite=True))
    assert not rows.exclude(updated_at__gt=past, has_error=False, field_error="", last_translated_by=None).exists()
    assert Page.objects.get(pk=target.pk).draft_title == "Changed Aide 3"


@pytest.mark.django_db
def test_a_file_is_refused_that_waited_while_the_page_was_submitted(department, commits):
    """Access control looks at the page before the request waits for the editor or for a guest who approves."""
    user = make_user("translator", groups=["allier:translator:en"])
    with commits():
        translation = make_translation(department, FEW)
        file = file_of(translation, "New")
        page = Page.objects.get(pk=translation.get_target_instance().pk)
        page.locked, page.locked_by = True, make_user("reviewer", groups=["allier:reviewer:en"])
        page.save()
    with pytest.raises(ValidationError):
        import_file(BytesIO(file), "a.po", MergeOptions(only=translation, user=user))
    assert not StringTranslation.objects.exists()
