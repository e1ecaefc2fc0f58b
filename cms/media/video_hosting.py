"""Supported video platforms: validation of page URLs, and URLs of players.

PeerTube has no central list of hosts, so its URLs are recognised by their path; URLs of the other platforms by
patterns of their hosts. Nothing is fetched.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

PEERTUBE = re.compile(
    r"^https://(?P<host>[^/]+)/(?:w/(?!p/)|videos/(?:watch|embed)/)(?P<id>[0-9a-zA-Z]{22}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[?#;/].*)?$",
    re.IGNORECASE | re.ASCII,
)
END = r"(?=[/?#&]|$)"
YOUTUBE = re.compile(
    r"^https?://(?:(?:www\.|m\.|music\.)?youtube(?:-nocookie)?\.com/(?:watch/?\?(?:[^#]*&)?v=|shorts/|live/|embed/|e/|v/)|youtu\.be/)"
    rf"(?P<id>(?!videoseries)[\w-]{{11}}){END}",
    re.IGNORECASE | re.ASCII,
)
# The second number of an unlisted video is a part of its URL, without which its player shows an error.
VIMEO = re.compile(
    r"^https?://(?:www\.|player\.|m\.)?vimeo\.com/(?:(?:video|channels/[\w-]+|ondemand/[\w-]+|groups/[\w-]+/videos|album/\d+/video|showcase/\d+/video|manage/videos)/)?"
    rf"(?P<id>\d+)(?:/(?P<hash>[0-9a-f]{{8,}}))?{END}",
    re.IGNORECASE | re.ASCII,
)
VIMEO_HASH = re.compile(r"[?&]h=(?P<hash>[0-9a-f]{8,})(?=[&#]|$)", re.IGNORECASE | re.ASCII)
DAILYMOTION = re.compile(
    r"^https?://(?:(?:www\.|touch\.|m\.)?dailymotion\.com/(?:embed/|[a-z]{2}/)?video/|geo\.dailymotion\.com/player(?:/\w+)?\.html\?(?:[^#]*&)?video=|dai\.ly/)(?P<id>[0-9a-zA-Z]+)(?=[_/?#&]|$)",
    re.IGNORECASE | re.ASCII,
)

# Players that set no cookie before the visitor starts the video, where the platform has such a player.
PLAYERS = (
    (YOUTUBE, "https://www.youtube-nocookie.com/embed/{id}"),
    (VIMEO, "https://player.vimeo.com/video/{id}?dnt=1"),
    (DAILYMOTION, "https://www.dailymotion.com/embed/video/{id}"),
    (PEERTUBE, "https://{host}/videos/embed/{id}"),
)


def embed_url(page_url: str) -> str:
    """Return the URL of the player for a video's page, or "" if the platform is not supported."""
    for pattern, player in PLAYERS:
        if match := pattern.match(page_url.strip()):
            url = player.format(**match.groupdict())
            return f"{url}&h={secret}" if pattern is VIMEO and (secret := _vimeo_hash(match)) else url
    return ""


def validate_video_page_url(url: str) -> None:
    """Raise ValidationError for a URL that is not the page of one video on a supported platform."""
    if not embed_url(url):
        raise ValidationError(
            _("“%(url)s” is not the page of one video on PeerTube, YouTube, Vimeo or Dailymotion."),
            params={"url": url},
        )


def _vimeo_hash(match: re.Match[str]) -> str:
    """Return the hash of an unlisted video: in the path of its page, in a parameter of its player."""
    parameter = VIMEO_HASH.search(match.string)
    return match["hash"] or (parameter["hash"] if parameter else "")
