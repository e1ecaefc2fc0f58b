"""The fields of all models that hold personal data. docs/personal-data.md describes them.

A foreign key to an account is found by itself. Fields with texts are declared here; a test searches the models for
fields that look like personal data and are not declared.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Field, ForeignKey, Model

# Fields with data about a person, by the label of their model.
DECLARED_FIELDS: dict[str, tuple[str, ...]] = {
    "users.User": ("username", "first_name", "last_name", "email", "email_confirmed_at"),
    "wagtailusers.UserProfile": ("avatar",),
    "users.AccountSession": ("session_data", "client_address", "user_agent"),
    "cms_sites.Invitation": ("email",),
    "translations.GuestLink": ("guest_name", "guest_email"),
    "translations.SegmentComment": ("guest_name",),
    "cms_sites.AuditLogEntry": ("address",),
    "cms_mail.OutgoingMessage": ("recipient", "content"),
    "django_tasks_database.DBTaskResult": ("args_kwargs",),
    "cms_sites.Department": ("contact_email", "contact_phone", "contact_address"),
    "cms_sites.Sharing": ("contact_name", "contact_role", "contact_email", "contact_phone"),
    "cms_media.Consent": ("person_name", "proof"),
    "cms_media.CustomImage": ("credit",),
    "cms_media.Video": ("credit",),
    "pages.Person": ("name", "email"),
    "pages.TestimonialPage": ("person_name",),
    "pages.PartnershipPage": ("contact",),
}

# Declared texts in which a person is found by e-mail address, and by name.
ADDRESS_FIELDS = (
    ("cms_sites.Invitation", "email"),
    ("translations.GuestLink", "guest_email"),
    ("cms_mail.OutgoingMessage", "recipient"),
    ("cms_sites.Department", "contact_email"),
    ("cms_sites.Sharing", "contact_email"),
    ("pages.Person", "email"),
)
NAME_FIELDS = (
    ("cms_sites.Sharing", "contact_name"),
    ("translations.GuestLink", "guest_name"),
    ("translations.SegmentComment", "guest_name"),
    ("cms_media.Consent", "person_name"),
    ("pages.Person", "name"),
    ("pages.TestimonialPage", "person_name"),
)

# Values that no export contains: they give access, or are copies of whole pages.
EXCLUDED_FIELDS = frozenset(
    (
        "code_hash",
        "content",
        "credential_data",
        "credential_id",
        "encrypted_secret",
        "key",
        "key_hash",
        "password",
        "second_factor_key",
        "session_data",
        "session_key",
        "token",
        "token_hash",
    )
)


def account_references() -> Iterator[tuple[type[Model], Field]]:
    """Yield each foreign key of a model to accounts."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is get_user_model():
                yield model, field


def personal_fields() -> set[tuple[str, str]]:
    """Return the label of the model and the name of each field with personal data."""
    declared = {(label, name) for label, names in DECLARED_FIELDS.items() for name in names}
    return declared | {(model._meta.label, field.name) for model, field in account_references()}
