"""A file of one translation is refused before it is parsed if it has far more units than the content has texts."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError

from cms.translations.exchange import po, xml_files
from cms.translations.exchange.incoming_translations import read_translations
from cms.translations.file_service import incoming_merge
from cms.translations.file_service.incoming_merge import MergeOptions, import_file
from cms.translations.file_service.outgoing_files import FORMATS, exchange_file

pytestmark = pytest.mark.embedded

TEXTS = 5  # of the page of the fixture


def surplus_entries(number):
    return "".join(f'msgctxt "c"\nmsgid "t{each}"\nmsgstr "x"\n\n' for each in range(number))


def obsolete_entries(number):
    return "".join(f'#~ msgid "t{each}"\n#~ msgstr "x"\n\n' for each in range(number))


@pytest.mark.django_db
@pytest.mark.parametrize("entries", [surplus_entries, obsolete_entries])
def test_a_po_file_with_far_more_entries_than_texts_is_not_parsed(translated, monkeypatch, entries):
    monkeypatch.setattr(incoming_merge, "SURPLUS_UNITS", 10)
    _suffix, write = FORMATS["po"]
    exported = write(exchange_file(translated.translation)).decode()
    options = MergeOptions(only=translated.translation)
    few = BytesIO((exported + "\n" + entries(4 * TEXTS)).encode())
    assert import_file(few, "page.po", options)

    monkeypatch.setattr(po, "pofile", lambda *args, **kwargs: pytest.fail("polib has parsed the file"))
    many = BytesIO((exported + "\n" + entries(4 * TEXTS + 11)).encode())
    with pytest.raises(ValidationError, match="far more texts than the content"):
        import_file(many, "page.po", options)


@pytest.mark.django_db
def test_an_xliff_file_with_far_more_elements_than_texts_is_not_parsed(translated, monkeypatch):
    monkeypatch.setattr(incoming_merge, "SURPLUS_UNITS", 10)
    _suffix, write = next(each for name, each in FORMATS.items() if each[0] == "xlf")
    exported = write(exchange_file(translated.translation)).decode()
    options = MergeOptions(only=translated.translation)
    assert import_file(BytesIO(exported.encode()), "page.xlf", options)

    monkeypatch.setattr(xml_files.etree, "fromstring", lambda *args: pytest.fail("lxml has parsed the file"))
    many = exported + "<x/>" * (4 * TEXTS + 11) * xml_files.TAGS_OF_A_UNIT
    with pytest.raises(ValidationError, match="too many elements"):
        import_file(BytesIO(many.encode()), "page.xlf", options)


def test_files_of_many_translations_have_the_limit_of_the_settings(settings):
    settings.TRANSLATION_FILE_MAX_UNITS = 3
    with pytest.raises(ValidationError):
        read_translations(BytesIO(surplus_entries(4).encode()), "pages.po")
