"""Contents that a department or the instance places first in the results for certain words."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.coreutils import get_content_languages

from cms.delivery.models import PublishedDocument
from search.linguistics.comparable_words import comparable_words
from sites.models import Department

MAX_WORDS_LENGTH = 200  # characters
MAX_POSITION = 999  # PostgreSQL's smallint ends at 32,767, SQLite has no such limit.


class Promotion(models.Model):
    """A content that comes first in the results for certain words, on a department's site or in instance searches.

    `content_id` is shared by all languages of the content. While the content is not public, or not on the department's
    site, the promotion has no effect.
    """

    department = models.ForeignKey(
        Department,
        verbose_name=gettext_lazy("department"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="promotions",
        help_text=gettext_lazy("The search of its site shows the content first."),
    )
    language = models.CharField(gettext_lazy("language"), max_length=20)
    words = models.CharField(
        gettext_lazy("words"),
        max_length=MAX_WORDS_LENGTH,
        help_text=gettext_lazy(
            "What readers search for. Accents, capitals, plurals, the order of the words and small words do not matter."
        ),
    )
    content_id = models.UUIDField(gettext_lazy("content"))
    position = models.PositiveSmallIntegerField(
        gettext_lazy("position"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_POSITION)],
        help_text=gettext_lazy("Of several contents for the same words, the one with position 1 comes first."),
    )

    # No object refers to a promotion, and `content_id` is not a foreign key.
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = gettext_lazy("promoted result")
        verbose_name_plural = gettext_lazy("promoted results")
        ordering = ("language", "words", "position", "pk")

    def __str__(self) -> str:
        return self.words

    def clean(self) -> None:
        """Raise ValidationError if all words are stop words, or if the content is not public or is promoted already."""
        if self.language not in get_content_languages():
            return  # The form reports this error.
        self.words = " ".join(self.words.split())
        words = comparable_words(self.words, self.language)
        errors = {}
        if self.words and not words:
            errors["words"] = _("Search looks at none of these words; add one that says what it is about.")
        if self.content_id is not None and not self._is_content_available():
            errors["content_id"] = (
                _("This content is not on the site of this department at present.")
                if self.department
                else _("This content is not public at present.")
            )
        elif words and self.content_id is not None and self._is_duplicate(words):
            errors["content_id"] = _("This content is promoted for these words already.")
        if errors:
            raise ValidationError(errors)

    def _is_content_available(self) -> bool:
        documents = PublishedDocument.objects.public().filter(content_id=self.content_id)
        return (documents.on_site_of(self.department) if self.department else documents).exists()

    def _is_duplicate(self, words: frozenset[str]) -> bool:
        others = Promotion.objects.filter(
            department=self.department, language=self.language, content_id=self.content_id
        ).exclude(pk=self.pk)
        return any(comparable_words(other, self.language) == words for other in others.values_list("words", flat=True))
