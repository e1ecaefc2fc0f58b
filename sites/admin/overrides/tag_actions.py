"""Adding tags to selected images and documents, with the limits of their forms and a fixed number of queries.

Replaces: the bulk actions `add_tags` of `wagtail.images` and `wagtail.documents`, registered again under their names:
    the field of their form divides a text of any length, and each tag of each object takes several queries.
Why no hook serves: `before_bulk_action` runs when the form has been accepted, and cannot show an error in it.
Written for: Wagtail 8.0, django-taggit 6.1.
Upstream issue: none found.
Test that fails when upstream changes: tests/media/test_tags.py.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from taggit.models import TaggedItem
from wagtail.admin import messages
from wagtail.admin.forms.tags import TagField
from wagtail.documents.views.bulk_actions import AddTagsBulkAction as AddTagsToDocuments
from wagtail.images.views.bulk_actions import AddTagsBulkAction as AddTagsToImages

from sites.validation.overrides.tag_fields import MAX_TAGS, too_many_tags


class AddedTagsForm(forms.Form):
    """The tags to add, with the field of the forms of images and documents."""

    tags = TagField(label=gettext_lazy("Tags"))


class _LimitedTags:
    form_class = AddedTagsForm

    def prepare_action(self, objects: list[Any], objects_without_access: Any) -> HttpResponse | None:
        """Return to the list with an error if an object would have too many tags; None to continue."""
        added = self.cleaned_form.cleaned_data["tags"]  # type: ignore[attr-defined]
        others = _tagged_items(objects).exclude(tag__name__in=added).order_by().values("object_id")
        if others.annotate(number=Count("pk")).filter(number__gt=MAX_TAGS - len(added)).exists():
            messages.error(self.request, " ".join(too_many_tags().messages))  # type: ignore[attr-defined]
            return redirect(self.next_url)  # type: ignore[attr-defined]
        return None

    def get_execution_context(self) -> dict[str, Any]:
        return {"tags": self.cleaned_form.cleaned_data["tags"]}  # type: ignore[attr-defined]

    @classmethod
    def add_tags(cls, objects: list[Any], tags: list[str]) -> tuple[int, int]:
        """Add the tags to all objects; return the numbers of objects and of those below them, as Wagtail does."""
        first, *others = objects
        first.tags.add(*tags)
        keys = list(first.tags.filter(name__in=tags).values_list("pk", flat=True))
        content_type = ContentType.objects.get_for_model(first)
        present = set(_tagged_items(others).filter(tag__in=keys).values_list("object_id", "tag_id"))
        TaggedItem.objects.bulk_create(
            TaggedItem(content_type=content_type, object_id=each.pk, tag_id=key)
            for each in others
            for key in keys
            if (each.pk, key) not in present
        )
        return len(objects), 0


class AddLimitedTagsToImages(_LimitedTags, AddTagsToImages):
    """Wagtail's action on images, with the limits."""

    @classmethod
    def execute_action(cls, images: list[Any], tags: Any = None, **kwargs: Any) -> tuple[int, int]:
        return cls.add_tags(images, tags) if images and tags else (0, 0)


class AddLimitedTagsToDocuments(_LimitedTags, AddTagsToDocuments):
    """Wagtail's action on documents, with the limits."""

    @classmethod
    def execute_action(cls, objects: list[Any], tags: Any = None, **kwargs: Any) -> tuple[int, int]:
        return cls.add_tags(objects, tags) if objects and tags else (0, 0)


def _tagged_items(objects: list[Any]) -> Any:
    """Return the rows that connect objects of one model with tags."""
    content_types = {ContentType.objects.get_for_model(each) for each in objects[:1]}
    return TaggedItem.objects.filter(content_type__in=content_types, object_id__in=[each.pk for each in objects])
