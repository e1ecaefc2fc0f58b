"""Names of the same thing that instance administrators add to the files of `search/linguistics/vocabulary/`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.coreutils import get_content_languages

from search.linguistics.synonyms import name_terms, split_names, synonym_groups_in_file

LONGEST_NAME = 100  # characters
MOST_NAMES = 20
CHARACTERS = 1000


class SynonymGroup(models.Model):
    """Names in one language of which a search for one finds the others."""

    language = models.CharField(gettext_lazy("language"), max_length=20)
    names = models.CharField(
        gettext_lazy("names"),
        max_length=CHARACTERS,
        help_text=gettext_lazy("Two or more, separated by commas: ASE, aide sociale à l’enfance"),
    )
    changed_at = models.DateTimeField(gettext_lazy("last change"), auto_now=True)

    class Meta:
        verbose_name = gettext_lazy("group of synonyms")
        verbose_name_plural = gettext_lazy("synonyms")
        ordering = ("language", "names")

    def __str__(self) -> str:
        return self.names

    def clean(self) -> None:
        """Write the names in one way; raise ValidationError for a group that would do nothing, or too much."""
        if self.language not in get_content_languages():
            return  # The form has said so.
        names = split_names(self.names)
        self.names = ", ".join(names)
        if error := self._error(names):
            raise ValidationError({"names": error})

    def _error(self, names: list[str]) -> str:
        terms: dict[tuple[str, ...], str] = {}
        for name in names:
            cut_name = name_terms(name, self.language)
            if len(name) > LONGEST_NAME:
                return _("“%(name)s…” is too long: a name has at most %(most)d characters.") % {
                    "name": name[:30],
                    "most": LONGEST_NAME,
                }
            if not cut_name:
                return _("“%(name)s” has no word that search looks at, only words such as “the” or “of”.") % {
                    "name": name
                }
            if cut_name in terms:
                return _("“%(name)s” and “%(other)s” are the same for search already.") % {
                    "name": terms[cut_name],
                    "other": name,
                }
            terms[cut_name] = name
        if len(names) < 2:
            return _("Give two names or more, separated by commas.")
        if len(names) > MOST_NAMES:
            return _("Give at most %(most)d names.") % {"most": MOST_NAMES}
        return self._known(set(terms))

    def _known(self, terms: set[tuple[str, ...]]) -> str:
        """Say where all these names stand together already; "" when nowhere."""
        others = SynonymGroup.objects.filter(language=self.language).exclude(pk=self.pk)
        groups: list[Any] = [split_names(names) for names in others.values_list("names", flat=True)]
        for group in [*groups, *synonym_groups_in_file(self.language)]:
            if terms <= {name_terms(name, self.language) for name in group}:
                return _("These names are synonyms already: %(names)s") % {"names": ", ".join(group)}
        return ""
