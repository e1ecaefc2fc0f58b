"""Second factors of accounts, recovery codes, and identities at the OpenID provider."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Credential(models.Model):
    """A way in which an account proves who is using it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="%(class)ss"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("pk",)


class AuthenticatorApp(Credential):
    """A secret that an app shares with the server, from which both compute one-time codes (TOTP, RFC 6238)."""

    name = models.CharField(_("name"), max_length=100)
    encrypted_secret = models.TextField(editable=False)
    # The time step of the code that was accepted last: a code is accepted once.
    last_step = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta(Credential.Meta):
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")

    def __str__(self) -> str:
        return self.name


class Passkey(Credential):
    """A public key whose private part a device holds (Web Authentication), valid on one host."""

    name = models.CharField(_("name"), max_length=100)
    host = models.CharField(_("host name"), max_length=255)
    credential_id = models.BinaryField(unique=True, max_length=1023, editable=False)
    # Attested credential data, as the standard encodes them.
    credential_data = models.BinaryField(editable=False)
    sign_count = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta(Credential.Meta):
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def __str__(self) -> str:
        return self.name


class RecoveryCode(Credential):
    """A random code of 120 bits that replaces a second factor once; only its hash is stored."""

    code_hash = models.CharField(max_length=64, editable=False)

    class Meta(Credential.Meta):
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")

    def __str__(self) -> str:
        return str(self.pk)


class SingleSignOnIdentity(Credential):
    """The subject at an OpenID provider who may log in to the account."""

    issuer = models.CharField(_("provider"), max_length=255)
    subject = models.CharField(_("subject"), max_length=255)

    class Meta(Credential.Meta):
        verbose_name = _("single sign-on identity")
        verbose_name_plural = _("single sign-on identities")
        constraints = (
            models.UniqueConstraint(fields=("issuer", "subject"), name="one_account_per_identity"),
            models.UniqueConstraint(fields=("user", "issuer"), name="one_identity_per_provider"),
        )

    def __str__(self) -> str:
        return f"{self.subject} ({self.issuer})"
