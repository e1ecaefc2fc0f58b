"""The Django application of outgoing e-mail, with the label `cms_mail`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "sites.mail"
    label = "cms_mail"
    verbose_name = _("outgoing e-mail")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .overrides.workflow_notifiers import replace_notifiers

        replace_notifiers()
