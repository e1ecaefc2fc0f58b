"""Django application of the copies (label `copies`). Its models belong to the application `pages`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CopiesConfig(AppConfig):
    name = "cms.copies"
    label = "copies"
    verbose_name = _("copies")

    def ready(self) -> None:
        from . import withdrawal  # noqa: F401 (connects the signal handlers)
