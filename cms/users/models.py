"""The account model, our own from the first migration so that it can grow."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Someone who logs in: an editor, a translator, an administrator.

    The e-mail address is unique because invitations and password resets are sent to it.
    """

    email = models.EmailField(_("email address"), unique=True)

    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.get_full_name() or self.username
