"""Django application of images, documents, videos and consents (label `cms_media`)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "cms.media"
    label = "cms_media"
    verbose_name = _("media")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sites.access.ownership import CollectionLookup, register_ownership

        # Log entries are looked up by the registered models, so registering CollectionMember alone is not enough.
        for snippet in ("Consent", "Video"):
            register_ownership(self.get_model(snippet), CollectionLookup())

        from django.db.models.signals import post_save

        from sites.admin.screens.collections import collection_moved, collection_moves
        from sites.models import Department

        from .models.consent import store_time_zones, store_time_zones_of_department
        from .uploads import file_deletion, pending_uploads, stored_files  # noqa: F401 (registers the check)
        from .uploads.overrides.avatar_form import limit_avatars
        from .uploads.storage_quota import refuse_moved_collection

        limit_avatars()
        file_deletion.connect_signals()
        pending_uploads.connect_signals()
        collection_moves.connect(refuse_moved_collection, dispatch_uid="cms_media.refuse_moved_collection")
        collection_moved.connect(store_time_zones, dispatch_uid="cms_media.store_time_zones")
        post_save.connect(store_time_zones_of_department, sender=Department, dispatch_uid="cms_media.store_time_zones")
