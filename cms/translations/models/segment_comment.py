"""Comments of translators, reviewers and guests on one text of a translation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import String, Translation, TranslationContext

from .guest_link import MAX_NAME_LENGTH, GuestLink

MAX_COMMENT_LENGTH = 2_000
# The number of comments of one translation that are open, and of those marked as done that are kept.
MAX_OPEN_COMMENTS = 200
# The number of them that one guest link may add: its guest cannot keep others from commenting.
MAX_OPEN_COMMENTS_OF_LINK = 50
MAX_DONE_COMMENTS = 100


class SegmentComment(models.Model):
    """A comment on the translation of one text. It is open until somebody marks it as done.

    The text is named by its context (`context`) and its original (`string`), as wagtail-localize does: the segments of
    a source are made again when it changes.

    The comment of a guest has a name instead of an author. `guest_link` is empty when the link is deleted.
    """

    translation = models.ForeignKey(
        Translation, verbose_name=_("translation"), on_delete=models.CASCADE, related_name="segment_comments"
    )
    context = models.ForeignKey(TranslationContext, verbose_name=_("place"), on_delete=models.CASCADE, related_name="+")
    string = models.ForeignKey(String, verbose_name=_("original"), on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    guest_link = models.ForeignKey(
        GuestLink, verbose_name=_("guest link"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    guest_name = models.CharField(_("name of the guest"), max_length=MAX_NAME_LENGTH, blank=True)
    text = models.TextField(_("comment"), max_length=MAX_COMMENT_LENGTH)
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("done at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("marked as done by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ("created_at", "pk")
        verbose_name = _("comment on a translation")
        verbose_name_plural = _("comments on translations")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(author__isnull=False, guest_name="")
                | (models.Q(author=None) & ~models.Q(guest_name="")),
                name="comment_of_account_or_guest",
            ),
        )

    def __str__(self) -> str:
        return f"comment {self.pk} on translation {self.translation_id}"
