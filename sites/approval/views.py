"""Screens of the approval workflows of a department, where it switches approval on or off and edits the steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseModelFormSet, modelformset_factory
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.models import GroupApprovalTask

from sites.access.current_department import limit_to_current_department
from sites.access.permission_policies import DepartmentPermissionPolicy
from sites.models import DepartmentWorkflow
from sites.roles import Capability

from .workflows import approving_groups, has_waiting_pages, set_active, set_steps, steps_of

POLICY = DepartmentPermissionPolicy(DepartmentWorkflow, Capability.WORKFLOWS)
MAX_STEPS = 5


def scope_label(workflow: DepartmentWorkflow) -> str:
    """Return the name of the pages to which the workflow applies."""
    if workflow.locale is None:
        return str(_("all pages"))
    return str(_("translations: %(language)s") % {"language": workflow.locale.get_display_name()})


def step_names(workflow: DepartmentWorkflow) -> str:
    """Return the names of the steps in their order, from prefetched rows."""
    rows = sorted(workflow.workflow.workflow_tasks.all(), key=lambda row: row.sort_order)
    return " → ".join(row.task.name for row in rows)


class StepForm(forms.ModelForm):
    """A form for one step: its name and the groups of which one member approves."""

    class Meta:
        model = GroupApprovalTask
        fields = ("name", "groups")
        labels = {"name": _("Name of the step"), "groups": _("One person of these groups approves")}
        help_texts = {"groups": ""}
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, workflow: DepartmentWorkflow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: Any = self.fields["groups"]
        groups.queryset = approving_groups(workflow).select_related("department_group__locale")
        groups.label_from_instance = lambda group: group.department_group.title


class BaseStepFormSet(BaseModelFormSet):
    """The steps of a workflow; a step at which pages wait cannot be removed."""

    deletion_widget = forms.CheckboxInput

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("Position")
        form.fields["DELETE"].label = _("Remove this step")

    def clean(self) -> None:
        if any(form.instance.pk is None for form in self.initial_forms):
            raise ValidationError(_("The steps have changed meanwhile: open this page again."))
        kept = {form.instance.pk for form in self.initial_forms if form not in self.deleted_forms}
        for step in self.get_queryset():
            if step.pk not in kept and has_waiting_pages(step):
                raise ValidationError(
                    _("Pages are waiting at the step “%(step)s”: approve or send them back before you remove it."),
                    params={"step": step.name},
                )

    def kept_forms(self) -> list[Any]:
        """Return the forms of the steps that remain, in their order; the formset must be valid."""
        return [form for form in self.ordered_forms if form.has_changed() or form.instance.pk]


StepFormSet: Any = modelformset_factory(
    GroupApprovalTask,
    form=StepForm,
    formset=BaseStepFormSet,
    can_order=True,
    can_delete=True,
    extra=1,
    max_num=MAX_STEPS,
    validate_max=True,
)


class ApprovalForm(forms.ModelForm):
    """A form for the name of a workflow and the checkbox that makes approval necessary."""

    name = forms.CharField(label=_("Name"), max_length=255)
    is_needed = forms.BooleanField(label=_("Pages need approval before publication"), required=False)

    class Meta:
        model = DepartmentWorkflow
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        workflow = self.instance.workflow
        self.initial.update(name=workflow.name, is_needed=workflow.active)
        self.fields["is_needed"].help_text = (
            _("Otherwise the approval of all pages applies. Pages that wait go back to their authors.")
            if self.instance.locale_id
            else _("Otherwise whoever may publish does so alone. Pages that wait go back to their authors.")
        )


class WorkflowIndexView(generic.IndexView):
    """The workflows of the current department."""

    model = DepartmentWorkflow
    permission_policy = POLICY
    page_title = _("Approval")
    header_icon = "tasks"
    index_url_name = "department_workflows:index"
    edit_url_name = "department_workflows:edit"
    default_ordering = ("department__name", "locale__language_code")
    columns = [
        TitleColumn("workflow.name", label=_("Name"), url_name="department_workflows:edit"),
        Column("pages", label=_("For"), accessor=scope_label),
        Column("steps", label=_("Steps"), accessor=step_names),
        StatusTagColumn(
            "active",
            label=_("Status"),
            accessor=lambda row: _("needed") if row.workflow.active else _("not needed"),
            primary=lambda row: row.workflow.active,
        ),
    ]

    def get_base_queryset(self) -> Any:
        rows = limit_to_current_department(
            POLICY.instances_user_has_any_permission_for(self.request.user, ["change"]), self.request.user
        )
        return rows.select_related("workflow", "department", "locale").prefetch_related(
            "workflow__workflow_tasks__task"
        )

    def get_add_url(self) -> None:
        """Return None: provisioning creates one workflow for each locale, and users add none."""


class WorkflowEditView(generic.EditView):
    """The form of a workflow and the formset of its steps; Wagtail's own editor of workflows is for superusers."""

    model = DepartmentWorkflow
    form_class = ApprovalForm
    permission_policy = POLICY
    template_name = "cms_sites/workflow_edit.html"
    header_icon = "tasks"
    index_url_name = "department_workflows:index"
    edit_url_name = "department_workflows:edit"
    success_message = _("“%(object)s” has been saved.")

    def get_queryset(self) -> Any:
        rows = limit_to_current_department(
            POLICY.instances_user_has_any_permission_for(self.request.user, ["change"]), self.request.user
        )
        return rows.select_related("workflow", "department", "locale")

    @cached_property
    def formset(self) -> Any:
        return StepFormSet(
            self.request.POST or None,
            queryset=steps_of(self.object),
            prefix="steps",
            form_kwargs={"workflow": self.object},
        )

    @property
    def can_delete(self) -> bool:
        return False

    def is_valid(self, form: Any) -> bool:
        is_valid = super().is_valid(form) and self.formset.is_valid()
        if is_valid and form.cleaned_data["is_needed"] and not self.formset.kept_forms():
            form.add_error("is_needed", _("Approval needs at least one step."))
            is_valid = False
        if not is_valid:
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.get_error_message()
        return is_valid

    def save_instance(self) -> DepartmentWorkflow:
        workflow: DepartmentWorkflow = self.object
        workflow.workflow.name = self.form.cleaned_data["name"]
        workflow.workflow.save(update_fields=["name"])
        steps = []
        for form in self.formset.kept_forms():
            form.save()
            steps.append(form.instance)
        set_steps(workflow, steps)
        set_active(workflow, is_active=self.form.cleaned_data["is_needed"], user=self.request.user)
        return workflow

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"formset": self.formset, "pages": scope_label(self.object)}


app_name = "department_workflows"
urlpatterns = [
    path("", WorkflowIndexView.as_view(), name="index"),
    path("<int:pk>/", WorkflowEditView.as_view(), name="edit"),
]
