"""Addresses of videos on other platforms: which ones are taken, and what plays them.

PeerTube has no central list of hosts, so its addresses are known by their path; the others are known to
Wagtail's oEmbed providers (https://oembed.com). Nothing is fetched: an address is judged by its form.
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

# Players that set no cookie before the visitor presses play, where the platform has one.
PLAYERS = (
    (YOUTUBE, "https://www.youtube-nocookie.com/embed/{id}"),
    (VIMEO, "https://player.vimeo.com/video/{id}?dnt=1"),
    (DAILYMOTION, "https://www.dailymotion.com/embed/video/{id}"),
    (PEERTUBE, "https://{host}/videos/embed/{id}"),
)
OEMBED_PROVIDERS = [oembed_providers.youtube, oembed_providers.vimeo, oembed_providers.dailymotion]


def embed_url(page_url: str) -> str:
    """Return the address of the player for a video's page; "" when the platform is not known."""
    for pattern, player in PLAYERS:
        if match := pattern.match(page_url):
            return player.format(**match.groupdict())
    return ""


def validate_video_page_url(url: str) -> None:
    """Refuse an address that is neither PeerTube's nor a known oEmbed provider's video."""
    is_known = PEERTUBE.match(url) or OEmbedFinder(providers=OEMBED_PROVIDERS).accept(url)
    if not (is_known and embed_url(url)):
        raise ValidationError(
            _("“%(url)s” is not the page of one video on PeerTube, YouTube, Vimeo or Dailymotion."),
            params={"url": url},
        )
