"""Videos, video platforms and consents."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from cms.media.video_hosting import embed_url, validate_video_page_url
from tests.factories.media import ConsentFactory, ImageFactory, VideoFactory
from tests.factories.media_files import webm

UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"


@pytest.mark.parametrize(
    ("page_url", "player"),
    [
        ("https://peertube.example.org/w/4ZqdGDrvTqHbXWzBbGuFRy", "https://peertube.example.org/videos/embed/4ZqdGDrvTqHbXWzBbGuFRy"),
        (f"https://tube.example.org/videos/watch/{UUID}?start=5s", f"https://tube.example.org/videos/embed/{UUID}"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?t=3", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
        ("https://vimeo.com/ondemand/film/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
        ("HTTPS://Vimeo.com/76979871/8272103F6E", "https://player.vimeo.com/video/76979871?dnt=1&h=8272103F6E"),
        ("https://WWW.YouTube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://www.dailymotion.com/fr/video/x8abcd", "https://www.dailymotion.com/embed/video/x8abcd"),
        ("https://www.dailymotion.com/video/x8abc12", "https://www.dailymotion.com/embed/video/x8abc12"),
        ("https://dai.ly/x8abc12", "https://www.dailymotion.com/embed/video/x8abc12"),
        ("https://dailymotion.com/video/x8abc12_un-titre", "https://www.dailymotion.com/embed/video/x8abc12"),
        ("https://geo.dailymotion.com/player.html?video=x8abc12", "https://www.dailymotion.com/embed/video/x8abc12"),
        ("https://touch.dailymotion.com/video/x8abc12", "https://www.dailymotion.com/embed/video/x8abc12"),
        ("https://m.vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
        *(
            (f"https://{page}", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ")
            for page in (
                "www.youtube.com/live/dQw4w9WgXcQ?feature=share",
                "youtube.com/shorts/dQw4w9WgXcQ",
                "youtu.be/dQw4w9WgXcQ?si=abcdef&t=3",
                "m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ&t=3s",
                "www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
            )
        ),
        *(
            (f"https://{page}", "https://player.vimeo.com/video/76979871?dnt=1&h=8272103f6e")
            for page in (
                "vimeo.com/76979871/8272103f6e",
                "vimeo.com/76979871/8272103f6e?share=copy",
                "player.vimeo.com/video/76979871?h=8272103f6e&badge=0",
            )
        ),
    ],
)  # fmt: skip
def test_the_player_of_a_supported_platform(page_url, player):
    validate_video_page_url(page_url)
    assert embed_url(page_url) == player


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/film.mp4",
        "https://www.youtube.com/",
        "https://www.youtube.com/playlist?list=PL1",
        "https://www.youtube.com/embed/videoseries?list=PL1",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQxx",
        "https://vimeo.com/76979871x",
        "http://peertube.example.org/w/4ZqdGDrvTqHbXWzBbGuFRy",
        "https://peertube.example.org/w/p/4ZqdGDrvTqHbXWzBbGuFRy",
        "javascript:alert(1)",
    ],
)
def test_urls_of_other_platforms_are_rejected(url):
    with pytest.raises(ValidationError, match="PeerTube"):
        validate_video_page_url(url)


@pytest.mark.django_db
class TestVideo:
    def test_a_video_has_either_a_file_or_a_url(self):
        video = VideoFactory(page_url="")
        with pytest.raises(ValidationError) as error:
            video.full_clean()
        assert set(error.value.message_dict) == {"file", "page_url"}

        video.file = ContentFile(webm(), name="video.webm")
        video.full_clean()

        video.page_url = "https://vimeo.com/76979871"
        with pytest.raises(ValidationError):
            video.full_clean()

    def test_captions_are_needed_in_the_spoken_language(self):
        assert VideoFactory(captions=["fr", "en"]).has_captions_in_spoken_language
        assert not VideoFactory(captions=["en"]).has_captions_in_spoken_language
        assert not VideoFactory(captions=[]).has_captions_in_spoken_language


@pytest.mark.django_db
class TestConsent:
    def test_a_consent_is_valid_from_its_start_to_its_last_day(self):
        consent = ConsentFactory(starts_on=datetime.date(2025, 1, 1), expires_on=datetime.date(2025, 12, 31))
        assert not consent.is_valid_on(datetime.date(2024, 12, 31))
        assert consent.is_valid_on(datetime.date(2025, 1, 1))
        assert consent.is_valid_on(datetime.date(2025, 12, 31))
        assert not consent.is_valid_on(datetime.date(2026, 1, 1))
        assert consent.ends_at.isoformat() == "2026-01-01T00:00:00+01:00"

    def test_a_consent_is_invalid_from_the_day_of_its_withdrawal(self):
        consent = ConsentFactory(withdrawn_on=datetime.date(2025, 6, 1))
        assert consent.is_valid_on(datetime.date(2025, 5, 31))
        assert not consent.is_valid_on(datetime.date(2025, 6, 1))
        assert consent.ends_at.isoformat() == "2025-06-01T00:00:00+02:00"

    def test_a_consent_may_not_end_before_it_starts(self):
        consent = ConsentFactory.build(
            starts_on=datetime.date(2025, 2, 1), expires_on=datetime.date(2025, 1, 1), collection=None
        )
        with pytest.raises(ValidationError) as error:
            consent.clean()
        assert set(error.value.message_dict) == {"expires_on"}

    def test_the_proof_is_in_the_private_storage(self, settings):
        consent = ConsentFactory()
        assert consent.proof.storage is storages["private"]
        assert str(settings.MEDIA_ROOT) not in consent.proof.path

    def test_an_image_with_an_expired_consent_may_not_be_shown(self):
        assert ImageFactory().may_be_shown
        assert ImageFactory(consent=ConsentFactory()).may_be_shown
        assert not ImageFactory(consent=ConsentFactory(expires_on=datetime.date(2021, 1, 1))).may_be_shown

    def test_an_image_needs_a_text_alternative(self):
        image = ImageFactory.build(description="", collection=None)
        with pytest.raises(ValidationError) as error:
            image.full_clean()
        assert "description" in error.value.message_dict
