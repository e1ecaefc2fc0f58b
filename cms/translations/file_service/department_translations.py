"""The translations that a department owns: those of its pages and of its snippets."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from wagtail.models import get_translatable_models
from wagtail_localize.models import Translation

from sites.access.ownership import ownership_lookup_of
from sites.models import Department


def translations_of(department: Department) -> QuerySet[Translation]:
    """Return the translations of the contents of a department, stopped ones included."""
    owned = Q(pk__in=[])
    for model in get_translatable_models():
        lookup = ownership_lookup_of(model)
        if lookup is not None:
            rows = model._default_manager.filter(lookup.condition(model, [department])).order_by()
            owned |= Q(source__object__in=rows.values("translation_key"))
    translations: QuerySet[Translation] = Translation.objects.filter(owned)
    return translations
