"""Forms whose choices are limited to objects that the user's departments own or share."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm, ModelChoiceField
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.models import Collection, CollectionMember

from sites.access.capabilities import departments_with_capability, is_unrestricted
from sites.access.current_department import limit_to_current_department
from sites.access.querysets import manageable_by, viewable_by
from sites.models import Department
from sites.roles import Capability


def limit_choices(form: BaseForm, user: Any, capability: Capability | None = None) -> None:
    """Limit the fields whose choices are collections or members of collections to those that the user may view.

    With a capability, collections of departments in which the user does not have it are excluded. A form that is
    shown offers the choices of the current department, if there are any; a submitted form accepts the others too.
    """
    fields: dict[str, Any] = form.fields
    for field in fields.values():
        choices = field.queryset if isinstance(field, ModelChoiceField) else None
        if choices is None or not issubclass(choices.model, Collection | CollectionMember):
            continue
        allowed = viewable_by(choices, user)
        if capability and issubclass(choices.model, Collection):
            allowed = manageable_by(allowed, user, capability)
        current = limit_to_current_department(allowed, user)
        field.queryset = current if not form.is_bound and current.exists() else allowed


class DepartmentMediaForm(WagtailAdminModelForm):
    """Form of a snippet that belongs to a collection (`base_form_class` of its viewset)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is not None:
            limit_choices(self, self.for_user, Capability.SNIPPETS)


class OwnedSnippetForm(WagtailAdminModelForm):
    """Form of a shared snippet (`base_form_class` of its viewset).

    Users of a department choose an owner among the departments in which they have the capability SNIPPETS;
    superusers may choose the instance.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is None:
            return
        limit_choices(self, self.for_user)
        if is_unrestricted(self.for_user):
            self.fields["owner"].empty_label = _("the instance")
        else:
            self._limit_owner(departments_with_capability(self.for_user, Capability.SNIPPETS))

    def _limit_owner(self, departments: list[Department]) -> None:
        own_departments = Department.objects.filter(pk__in=[department.pk for department in departments])
        owner = self.fields["owner"]
        owner.queryset, owner.required, owner.empty_label = own_departments, True, None
        if len(departments) == 1:
            self.initial["owner"] = departments[0].pk
            owner.disabled = True
        if represented := self.fields.get("department"):
            # Only users of a department may declare that an organisation represents it.
            current_value = Department.objects.filter(pk=self.instance.department_id)
            represented.queryset = own_departments | current_value

    def clean(self) -> dict[str, Any]:
        super().clean()
        owner = self.cleaned_data.get("owner")
        if owner is not None and self.instance.locale_id is None:
            # Django validates the instance later, which is unique by translation key and locale.
            self.instance.locale = owner.source_locale
        return self.cleaned_data
