"""Rendering of stored JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class StoredJSON(str):
    """JSON text that is sent unchanged."""

    __slots__ = ()


def answered(body: str, language: str, requested: str = "") -> str:
    """Return the text of a stored document with what the answer says of its language (docs/document.md).

    The members are added to the end of the text, which is not parsed. `requested` is the language that was asked for,
    "" without one.
    """
    members = {
        "language": language,
        "requested_language": requested or None,
        "fallback_from": requested if requested not in ("", language) else None,
    }
    return f"{body.rstrip().removesuffix('}')},{json.dumps(members, separators=(',', ':'))[1:]}"


class StoredJSONRenderer(JSONRenderer):
    """DRF's JSON renderer, except that it sends a StoredJSON unchanged."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if isinstance(data, StoredJSON):
            return data.encode()
        return super().render(data, accepted_media_type, renderer_context)
