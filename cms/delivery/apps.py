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
        from sites.access.references.published_pages import register_published_pages

        from . import signals
        from .models import Placement, PublishedDocument
        from .models.document import pages_with_public_document

        register_ownership(PublishedDocument, FieldLookup("department"))
        register_ownership(Placement, FieldLookup("department"))
        register_published_pages(pages_with_public_document)
        signals.connect()
