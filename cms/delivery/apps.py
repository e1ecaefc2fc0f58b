"""Django application of the published documents."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "cms.delivery"
    label = "delivery"
    verbose_name = _("published documents")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sites.access.ownership import Through, register

        from . import signals
        from .models import Placement, PublishedDocument

        register(PublishedDocument, Through("department"))
        register(Placement, Through("department"))
        signals.connect()
