"""Forms that offer only what the user's departments own or share."""

from __future__ import annotations

from typing import Any

from django.forms import ModelChoiceField
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.models import Collection, CollectionMember

from ..guard import in_focus, visible


def narrow_choices(fields: dict[str, Any], user: Any) -> None:
    """Narrow the fields whose choices stand in a collection, or are collections.

    They offer what the user may see and, of that, what the request is narrowed to.
    """
    for field in fields.values():
        choices = field.queryset if isinstance(field, ModelChoiceField) else None
        if choices is not None and issubclass(choices.model, Collection | CollectionMember):
            field.queryset = in_focus(visible(choices, user), user)


class DepartmentMediaForm(WagtailAdminModelForm):
    """Form of a snippet that stands in a collection (its `base_form_class`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is not None:
            narrow_choices(self.fields, self.for_user)
