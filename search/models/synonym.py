"""Synonyms that instance administrators add to the files of `search/linguistics/vocabulary/`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.coreutils import get_content_languages

from search.linguistics.synonyms import name_terms, split_names, synonym_groups_in_file

MAX_NAME_LENGTH = 100  # characters
MAX_NAMES = 20
MAX_NAMES_LENGTH = 1000


class SynonymGroup(models.Model):
    """A group of names in one language: a search for one of them finds the others."""

    language = models.CharField(gettext_lazy("language"), max_length=20)
    names = models.CharField(
        gettext_lazy("names"),
        max_length=MAX_NAMES_LENGTH,
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
        """Normalise the names; raise ValidationError for a group without effect or with too many names."""
        if self.language not in get_content_languages():
            return  # The form reports this error.
        names = split_names(self.names)
        self.names = ", ".join(names)
        if error := self._error(names):
            raise ValidationError({"names": error})

    def _error(self, names: list[str]) -> str:
        names_by_terms: dict[tuple[str, ...], str] = {}
        for name in names:
            terms = name_terms(name, self.language)
            if len(name) > MAX_NAME_LENGTH:
                return _("“%(name)s…” is too long: a name has at most %(most)d characters.") % {
                    "name": name[:30],
                    "most": MAX_NAME_LENGTH,
                }
            if not terms:
                return _("“%(name)s” has no word that search looks at, only words such as “the” or “of”.") % {
                    "name": name
                }
            if terms in names_by_terms:
                return _("“%(name)s” and “%(other)s” are the same for search already.") % {
                    "name": names_by_terms[terms],
                    "other": name,
                }
            names_by_terms[terms] = name
        if len(names) < 2:
            return _("Give two names or more, separated by commas.")
        if len(names) > MAX_NAMES:
            return _("Give at most %(most)d names.") % {"most": MAX_NAMES}
        return self._duplicate_error(set(names_by_terms))

    def _duplicate_error(self, terms: set[tuple[str, ...]]) -> str:
        """Return an error if one group contains all these names already; "" otherwise."""
        others = SynonymGroup.objects.filter(language=self.language).exclude(pk=self.pk)
        groups: list[Any] = [split_names(names) for names in others.values_list("names", flat=True)]
        for group in [*groups, *synonym_groups_in_file(self.language)]:
            if terms <= {name_terms(name, self.language) for name in group}:
                return _("These names are synonyms already: %(names)s") % {"names": ", ".join(group)}
        return ""
