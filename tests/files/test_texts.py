"""The text of each small file is plain: each word once, separated as a reader sees it."""

import pytest

from search.indexing.file_texts import attachments, extraction
from search.indexing.file_texts.extraction_process import READERS

from .hidden_texts import HIDDEN_TEXTS
from .included_texts import INCLUDED_TEXTS
from .texts import TEXTS


@pytest.mark.parametrize("case", [*TEXTS, *HIDDEN_TEXTS, *INCLUDED_TEXTS], ids=lambda case: case.name)
def test_the_text_of_a_file_is_plain(case):
    assert extract(case) == case.text


def extract(case):
    from search.indexing.file_texts.extraction_process import extract_text

    return extract_text(case.name.rpartition(".")[2], case.content)


def test_the_separate_process_reads_office_files():
    from tests.search.indexing.file_texts.test_extraction import text_of

    for case in {case.name.rpartition(".")[2]: case for case in TEXTS}.values():
        assert text_of(case.name, case.content) == case.text


def test_each_format_is_read_and_has_a_case(settings):
    assert {case.name.rpartition(".")[2] for case in TEXTS} == set(READERS) == extraction.EXTENSIONS
    unread = set(settings.WAGTAILDOCS_EXTENSIONS) - extraction.EXTENSIONS
    assert unread == {"vtt", "zip"}
    assert len(attachments.MEDIA_TYPES) == len(READERS)
