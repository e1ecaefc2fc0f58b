"""Records changes of the login requirements of a department, whatever code makes them."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save, pre_save

from sites.models import Department

from .recording import Action, record

REQUIREMENTS = ("requires_second_factor", "requires_single_sign_on")


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    pre_save.connect(_remember_requirements, sender=Department, dispatch_uid="audit_log.pre_save_department")
    post_save.connect(_record_requirements, sender=Department, dispatch_uid="audit_log.post_save_department")


def _remember_requirements(sender: Any, instance: Department, raw: bool = False, **kwargs: Any) -> None:
    fields = kwargs.get("update_fields")
    is_saved = fields is None or bool(set(REQUIREMENTS) & set(fields))
    before = None
    if is_saved and not raw and not instance._state.adding:
        before = Department._base_manager.filter(pk=instance.pk).values(*REQUIREMENTS).first()
    instance.__dict__["_requirements_before"] = before


def _record_requirements(sender: Any, instance: Department, **kwargs: Any) -> None:
    before = instance.__dict__.pop("_requirements_before", None) or {}
    changed: dict[str, Any] = {}
    for name, value in before.items():
        if value != getattr(instance, name):
            changed[name] = "1" if getattr(instance, name) else "0"
    if changed:
        record(Action.LOGIN_RULES_CHANGED, department=instance, **changed)
