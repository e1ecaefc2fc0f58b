"""Forms that offer only what the user's departments own or share."""

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


def narrow_choices(form: BaseForm, user: Any, capability: Capability | None = None) -> None:
    """Narrow the fields whose choices stand in a collection, or are collections, to what the user may see.

    A form that is shown offers, of that, what is in focus, if anything is; a form that is sent is not held to it. With
    a capability, a collection is offered only in departments where the user has it.
    """
    fields: dict[str, Any] = form.fields
    for field in fields.values():
        choices = field.queryset if isinstance(field, ModelChoiceField) else None
        if choices is None or not issubclass(choices.model, Collection | CollectionMember):
            continue
        allowed = viewable_by(choices, user)
        if capability and issubclass(choices.model, Collection):
            allowed = manageable_by(allowed, user, capability)
        focused = limit_to_current_department(allowed, user)
        field.queryset = focused if not form.is_bound and focused.exists() else allowed


class DepartmentMediaForm(WagtailAdminModelForm):
    """Form of a snippet that stands in a collection (`base_form_class` of its viewset)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is not None:
            narrow_choices(self, self.for_user, Capability.SNIPPETS)


class OwnedSnippetForm(WagtailAdminModelForm):
    """Form of a shared snippet (`base_form_class` of its viewset), owned by a department of the user."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is None:
            return
        narrow_choices(self, self.for_user)
        if is_unrestricted(self.for_user):
            self.fields["owner"].empty_label = _("the instance")
        else:
            self._keep_to_own_departments(departments_with_capability(self.for_user, Capability.SNIPPETS))

    def _keep_to_own_departments(self, departments: list[Department]) -> None:
        own_departments = Department.objects.filter(pk__in=[department.pk for department in departments])
        owner = self.fields["owner"]
        owner.queryset, owner.required, owner.empty_label = own_departments, True, None
        if len(departments) == 1:
            self.initial["owner"] = departments[0].pk
            owner.disabled = True
        if stands_for := self.fields.get("department"):
            # Nobody says that an organisation stands for a department but its own people.
            as_it_is = Department.objects.filter(pk=self.instance.department_id)
            stands_for.queryset = own_departments | as_it_is

    def clean(self) -> dict[str, Any]:
        super().clean()
        owner = self.cleaned_data.get("owner")
        if owner is not None and self.instance.locale_id is None:
            # Before Django validates the instance, which is unique by translation key and locale.
            self.instance.locale = owner.source_locale
        return self.cleaned_data
