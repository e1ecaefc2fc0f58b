"""Django application of the reader."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReaderConfig(AppConfig):
    name = "cms.reader"
    label = "reader"
    verbose_name = _("public sites")

    def ready(self) -> None:
        from . import checks  # noqa: F401 (registers the checks)
