"""Serializers of documents for download and of videos."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from cms.media.content_hashes import content_hash
from cms.media.models import CustomDocument, Video
from cms.media.video_hosting import embed_url
from sites.validation.links import safe_url

from ..context import SerializerContext
from .images import image_data


def file_data(document: CustomDocument | None, context: SerializerContext) -> dict[str, Any] | None:
    """Return a File (docs/document.md); None without a document, or if the file is private."""
    if document is None:
        return None
    context.uses(document)
    if context.is_private_collection(document.collection_id):
        return None
    return {
        "title": context.media_text(document, document.title),
        "url": context.file_url(document.file, document.url),
        "size": document.get_file_size(),
        "media_type": document.content_type,
        "hash": content_hash(document),
        "kind": document.kind,
        "language": document.language,
    }


def video_data(video: Video | None, context: SerializerContext) -> dict[str, Any] | None:
    """Return the `video` of a testimonial (docs/document.md).

    Return None without a video, if the video is private, or if its consent is not valid.
    """
    if video is None:
        return None
    context.uses(video)
    if video.consent is not None:
        context.uses(video.consent)
    if not video.may_be_shown or context.is_private_collection(video.collection_id):
        return None
    languages = dict(settings.WAGTAIL_CONTENT_LANGUAGES)
    return {
        "file_url": context.file_url(video.file) if video.file else "",
        "page_url": safe_url(video.page_url),
        "embed_url": embed_url(video.page_url),
        "language": video.language,
        "duration": video.duration,
        "poster": image_data(video.poster, context),
        "captions": [
            {
                "language": captions.language,
                "label": str(languages.get(captions.language, captions.language)),
                "url": context.file_url(captions.file),
            }
            for captions in sorted(video.captions.all(), key=lambda captions: captions.language)
        ],
    }
