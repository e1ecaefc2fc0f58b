"""Django application of the published documents."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "cms.delivery"
    label = "delivery"
    verbose_name = _("published documents")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sites.access.ownership import FieldLookup, register_ownership

        from . import signals
        from .models import Placement, PublishedDocument

        register_ownership(PublishedDocument, FieldLookup("department"))
        register_ownership(Placement, FieldLookup("department"))
        signals.connect()
