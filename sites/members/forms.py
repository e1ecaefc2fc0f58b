"""Forms to invite members, to change their roles and to accept an invitation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sites.models import Department, Invitation

from .addresses import (
    account_with_address,
    free_username,
    has_proven_address,
    is_closed,
    is_placeholder,
    release_address,
    strip_closed_account,
)
from .membership import members_of, roles_of

User = get_user_model()


class RolesField(forms.ModelMultipleChoiceField):
    """A choice of the roles of one department; groups of other departments are invalid."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, department: Department, **kwargs: Any) -> None:
        roles = roles_of(department)
        queryset = Group.objects.filter(pk__in=[row.group_id for row in roles])
        super().__init__(queryset, label=_("Roles"), **kwargs)
        # Ordered and named as in the table of roles, not by the names of the groups.
        self.choices = [(row.group_id, row.title) for row in roles]


class InviteForm(forms.Form):
    """An e-mail address and the roles that it is offered."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.department = department
        self.fields["groups"] = RolesField(department)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        # Only members of this department are checked: the form must not reveal accounts of other departments.
        # A closed account can be invited again, which opens it.
        if members_of(self.department).filter(email__iexact=email, is_active=True).exists():
            raise ValidationError(_("This person is in the department already: change the roles there."))
        return email


class RolesForm(forms.Form):
    """The roles of a member in the department."""

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"] = RolesField(department)


class RemoveForm(forms.Form):
    """The confirmation to remove a member, optionally with the account."""

    close_account = forms.BooleanField(
        label=_("Close the account as well"),
        # The same for everybody: a department does not learn whether a person has roles in another one.
        help_text=_("Nobody can log in with it any more. An account that another department uses stays open."),
        required=False,
    )


class NewAccountForm(BaseUserCreationForm):
    """Creates the account of an invited person; its e-mail address, also the name at login, is that of the invitation.

    The invitation proves that the person reads e-mail at the address. So the form claims the account of an author of
    imported content and opens a closed account again, without anything that gave access to it before; and it takes the
    address from another account that has never confirmed it. If a confirmed account has the address, the form answers
    with the same general error as for any other obstacle.
    """

    class Meta:
        model = User
        fields = ("first_name", "last_name")

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        self.email = invitation.email
        self.holder = account_with_address(self.email)
        claimed = self.holder if self.holder and (is_placeholder(self.holder) or is_closed(self.holder)) else None
        super().__init__(*args, instance=claimed, **kwargs)
        self.initial = {}  # The form must not show whether there is an account, nor its names.
        self.instance.email = self.email
        for name in ("first_name", "last_name"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.holder and has_proven_address(self.holder):
            raise self._refusal()
        return cleaned

    def save(self, commit: bool = True) -> Any:
        try:
            with transaction.atomic():
                if self.holder and self.holder is not self.instance:
                    release_address(self.holder)
                elif self.holder and is_closed(self.holder):
                    strip_closed_account(self.holder)
                account: Any = self.instance
                account.username = free_username(self.email, keep=account)
                account.is_active, account.email_confirmed_at = True, timezone.now()
                return super().save(commit)
        except IntegrityError:  # Another request created the account meanwhile.
            raise self._refusal() from None

    def _refusal(self) -> ValidationError:
        return ValidationError(_("The account could not be created. If you already have one, log in with it."))
