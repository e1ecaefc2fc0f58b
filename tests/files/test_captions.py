"""Captions are stored as WebVTT, or refused with cue, line and reason in the language of the editor."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import translation

from cms.media.models import VideoCaption
from tests.factories.media import VideoFactory

from .captions import CAPTIONS


@pytest.fixture
def video(db):
    return VideoFactory(captions=[])


@pytest.mark.parametrize("case", [case for case in CAPTIONS if not case.refusal], ids=lambda case: case.name)
def test_captions_that_browsers_play_are_stored_as_webvtt(case, video):
    captions = VideoCaption(video=video, language="fr", file=ContentFile(case.content, name=case.name))
    captions.full_clean()
    captions.save()
    assert captions.file.name.endswith(".vtt")
    with captions.file.open() as stored:
        content = stored.read()
    assert content == (case.stored or case.content)
    assert captions.file_size == len(content)


@pytest.mark.parametrize("case", [case for case in CAPTIONS if case.refusal], ids=lambda case: case.name)
def test_other_captions_are_refused_with_the_place_in_french(case):
    captions = VideoCaption(language="fr", file=ContentFile(case.content, name=case.name))
    with (
        translation.override("fr"),
        pytest.raises(ValidationError, match=case.refusal),
    ):
        captions.clean_fields(exclude=["video"])
