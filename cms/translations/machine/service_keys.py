"""The keys of departments for translation services: stored encrypted, and read only to send a request."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from cms.encryption import InvalidToken, decrypt, encrypt, is_current
from cms.translations.models import MachineKey
from sites.models import Department

from .bounded_requests import KEY, MachineServiceError
from .services import MachineService


def _purpose(department_id: int, service: str) -> str:
    """Return the purpose of an encrypted key. The key of another row cannot be read with it."""
    return f"machine translation {service} {department_id}"


def store_key(department: Department, service: MachineService, key: str) -> None:
    """Store the key of a department for a service, in place of a former one; "" deletes it."""
    if not key:
        MachineKey.objects.filter(department=department, service=service.name).delete()
        return
    MachineKey.objects.update_or_create(
        department=department,
        service=service.name,
        defaults={"encrypted_key": encrypt(key, _purpose(department.pk, service.name))},
    )


def key_for(department_id: int, service: MachineService) -> str:
    """Return the key of the department, else that of the instance, else "". Raises MachineServiceError."""
    row = MachineKey.objects.filter(department=department_id, service=service.name).first()
    if row is not None:
        try:
            return str(decrypt(row.encrypted_key, _purpose(department_id, service.name)))
        except InvalidToken:
            raise MachineServiceError(KEY) from None
    key = instance_key(service)
    if service.needs_key and not key:
        raise MachineServiceError(KEY)
    return key


def instance_key(service: MachineService) -> str:
    """Return the key of the instance, which departments without their own use; "" without one."""
    return str(settings.MACHINE_TRANSLATION["keys"][service.name])


def encrypt_keys_again() -> tuple[int, int]:
    """Encrypt all keys with the present SECRET_KEY; return the number of those, and of the ones that are unreadable."""
    encrypted = unreadable = 0
    for pk in MachineKey.objects.values_list("pk", flat=True):
        with transaction.atomic():
            row = MachineKey.objects.select_for_update().filter(pk=pk).first()
            purpose = _purpose(row.department_id, row.service) if row is not None else ""
            if row is None or is_current(row.encrypted_key, purpose):
                continue
            try:
                key = decrypt(row.encrypted_key, purpose)
            except InvalidToken:
                unreadable += 1
                continue
            # `update` leaves the date at which somebody stored it.
            MachineKey.objects.filter(pk=pk).update(encrypted_key=encrypt(key, purpose))
            encrypted += 1
    return encrypted, unreadable
