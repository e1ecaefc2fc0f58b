"""Supported video platforms: validation of page URLs, and URLs of players.

PeerTube has no central list of hosts, so its URLs are recognised by their path; URLs of the other platforms by
Wagtail's oEmbed providers (https://oembed.com). Nothing is fetched.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.embeds import oembed_providers
from wagtail.embeds.finders.oembed import OEmbedFinder

PEERTUBE = re.compile(
    r"^https://(?P<host>[^/]+)/(?:w/(?!p/)|videos/(?:watch|embed)/)(?P<id>[0-9a-zA-Z]{22}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[?#].*)?$"
)
YOUTUBE = re.compile(
    r"^https?://(?:(?:www\.|m\.)?youtube\.com/(?:watch\?(?:.*&)?v=|shorts/|embed/)|youtu\.be/)(?P<id>[\w-]{11})"
)
VIMEO = re.compile(r"^https?://(?:www\.|player\.)?vimeo\.com/(?:video/)?(?P<id>\d+)")
DAILYMOTION = re.compile(r"^https?://www\.dailymotion\.com/(?:embed/)?video/(?P<id>\w+)")

# Players that set no cookie before the visitor starts the video, where the platform has such a player.
PLAYERS = (
    (YOUTUBE, "https://www.youtube-nocookie.com/embed/{id}"),
    (VIMEO, "https://player.vimeo.com/video/{id}?dnt=1"),
    (DAILYMOTION, "https://www.dailymotion.com/embed/video/{id}"),
    (PEERTUBE, "https://{host}/videos/embed/{id}"),
)
OEMBED_PROVIDERS = [oembed_providers.youtube, oembed_providers.vimeo, oembed_providers.dailymotion]


def embed_url(page_url: str) -> str:
    """Return the URL of the player for a video's page, or "" if the platform is not supported."""
    for pattern, player in PLAYERS:
        if match := pattern.match(page_url):
            return player.format(**match.groupdict())
    return ""


def validate_video_page_url(url: str) -> None:
    """Raise ValidationError for a URL that is not the page of one video on a supported platform."""
    is_known = PEERTUBE.match(url) or OEmbedFinder(providers=OEMBED_PROVIDERS).accept(url)
    if not (is_known and embed_url(url)):
        raise ValidationError(
            _("“%(url)s” is not the page of one video on PeerTube, YouTube, Vimeo or Dailymotion."),
            params={"url": url},
        )
