"""The languages into which a content may be sent: those of its department, not those of the instance."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from wagtail.models import Locale, Page
from wagtail_localize.views.submit_translations import SubmitTranslationForm

from sites.access.ownership import department_of_page


def target_locales(instance: Model) -> QuerySet[Locale]:
    """Return the languages that a page or a shared snippet may have; all of them for what the instance owns."""
    department = department_of_page(instance) if isinstance(instance, Page) else getattr(instance, "owner", None)
    return Locale.objects.all() if department is None else department.locales.all()


def narrow_submission() -> None:
    """Make wagtail-localize's form offer these languages only; called once, when the applications are ready.

    Its view builds the form itself and asks no hook. In any other language there is no home, and the page would take a
    copy of its department's container along.
    """
    build = SubmitTranslationForm.__init__

    def __init__(form: SubmitTranslationForm, instance: Model, *args: Any, **kwargs: Any) -> None:
        build(form, instance, *args, **kwargs)
        locales = form.fields["locales"]
        locales.queryset = locales.queryset.filter(pk__in=target_locales(instance).values("pk"))

    SubmitTranslationForm.__init__ = __init__
