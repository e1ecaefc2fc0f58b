"""Texts that a person types into the editor of a translation."""

from django.urls import reverse

from cms.translations.editor.editor_segments import editor_segments
from cms.translations.editor.saving import DIGEST, TEXT


def type_translation(client, translation, segment, text):
    """Save a text, a StringSegment of the source, in the background; return the response with JSON."""
    key = f"{segment.context_id}-{segment.string_id}"
    shown = next(each for each in editor_segments(translation) if each.key == key)
    data = {TEXT + key: text, DIGEST + key: shown.digest}
    return client.post(
        reverse("translation_editor", args=[translation.pk]), data, headers={"accept": "application/json"}
    )


def errors_of(response):
    """Return the reasons why texts were refused; [] if all were saved."""
    assert response.status_code == 200
    return list(response.json()["errors"].values())
