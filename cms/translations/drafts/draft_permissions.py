"""The service that a department has chosen for a language, and the permission to have a translation drafted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation

from cms.translations.machine.services import MachineService, offered_service, offered_services
from cms.translations.models import MachineLanguage
from sites.access.ownership import departments_owning
from sites.access.permission_policies import instances_with_permission
from sites.models import Department

from .draft_errors import LOCKED, NOT_ALLOWED


def department_of(translation: Translation) -> Department | None:
    """Return the department of a translation; None if its content is gone, or belongs to none."""
    try:
        return departments_owning(translation.get_target_instance()).first()
    except ObjectDoesNotExist:
        return None


def service_for(department: Department, locale_id: int) -> MachineService | None:
    """Return the service that a department has chosen for a language, if the instance still offers it. One query."""
    chosen = MachineLanguage.objects.filter(language__department=department, language__locale=locale_id)
    name = chosen.values_list("service", flat=True).first()
    return offered_service(name) if name else None


def has_services(department: Department, locales: Iterable[Locale]) -> bool:
    """Return True if a department has chosen a service for one of these languages. At most one query."""
    names = [service.name for service in offered_services()]
    if not names:
        return False
    chosen = MachineLanguage.objects.filter(language__department=department, service__in=names)
    return chosen.filter(language__locale__in=[locale.pk for locale in locales]).exists()


def refusal(translation: Translation, user: Any) -> str:
    """Return why a user may not have a translation drafted now, as a code of MESSAGES; "" if the user may.

    A user who may write a translation in the editor may have its empty texts drafted.
    """
    try:
        target = translation.get_target_instance()
    except ObjectDoesNotExist:
        return NOT_ALLOWED
    if not translation.enabled or user is None or not user.is_active:
        return NOT_ALLOWED
    if isinstance(target, Page):
        permissions = target.permissions_for_user(user)
        if target.alias_of_id is not None or not permissions.can_edit():
            return NOT_ALLOWED
        return LOCKED if permissions.page_locked() else ""
    may_change = instances_with_permission(type(target), user, "change").filter(pk=target.pk).exists()
    return "" if may_change else NOT_ALLOWED
