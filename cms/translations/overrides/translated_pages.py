"""Writing a translated page: in one transaction, and without a change of the public page before its publication.

Replaces: `TranslationSource.create_or_update_translation`. For a public page the replacement saves a revision, as
    Wagtail's page editor does; for everything else it calls the original. And `sync_view_restrictions`: the replacement
    leaves view restrictions alone, which hold for all languages (`sites.access.references.private_pages`).
Why no hook serves: wagtail-localize saves the row of the page, which readers see at once if it is live, and publishes
    after its own transaction, before the row of TranslationLog from which the record of the revision is made. It
    deletes the restriction of a translation if the original has none of its own.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_overrides.py.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.coreutils import find_available_slug
from wagtail.models import Locale, Page
from wagtail_localize.models import StringTranslation, Translation, TranslationLog, TranslationSource

from cms.translations.models import PlannedRelease
from cms.translations.progress.completeness import refuse_unchecked_snippet
from cms.translations.progress.revision_records import record_of_source_texts
from cms.translations.progress.updates import public_state_changed

_create_or_update_translation: Any = TranslationSource.create_or_update_translation


def write_translated_pages_in_one_transaction() -> None:
    """Replace wagtail-localize's method. Called once, when the applications are ready."""
    TranslationSource.create_or_update_translation = create_or_update_translation
    TranslationSource.sync_view_restrictions = _keep_view_restrictions


def create_or_update_translation(
    source: TranslationSource,
    locale: Locale,
    user: Any = None,
    publish: bool = True,
    copy_parent_pages: bool = False,
    fallback: bool = False,
) -> tuple[Any, bool]:
    """Write the page or snippet in a language, with a revision and its record, and publish it after the commit.

    Takes, returns and raises what the original does. A ValidationError leaves its messages at the translated texts.
    """
    error = None
    refuse_unchecked_snippet(source, locale)
    with transaction.atomic():
        public = Page.objects.filter(translation_key=source.object_id, locale=locale, live=True).first()
        try:
            if (
                public is not None
                and public.alias_of_id is not None
                and PlannedRelease.objects.of_source(source).exists()
            ):
                _convert_alias(source, locale, public, user)
            if public is not None and public.alias_of_id is None:
                return _save_revision(source, locale, user, publish=publish, fallback=fallback), False
            result: tuple[Any, bool] = _create_or_update_translation(
                source, locale, user, publish, copy_parent_pages, fallback
            )
            if public is not None:
                _take_over_public_alias(result[0])
            return result
        except ValidationError as refusal:  # The page is as before; the messages at the texts are kept.
            error = refusal
    raise error


def _save_revision(source: TranslationSource, locale: Locale, user: Any, *, publish: bool, fallback: bool) -> Page:
    """Save a revision of a public page with the present translations. Its row changes when that is published."""
    page: Page = source.get_ephemeral_translated_instance(locale, fallback=fallback)
    page.slug = find_available_slug(page.get_parent(), slugify(page.slug), ignore_page_id=page.pk)
    try:
        with transaction.atomic():
            revision = page.save_revision(user=user, log_action=True)
    except ValidationError as error:
        _store_errors(source, locale, error)
        raise
    TranslationLog.objects.create(source=source, locale=locale, revision=revision)
    if publish:
        transaction.on_commit(partial(revision.publish, user=user))
    return page


def _keep_view_restrictions(source: TranslationSource, original: Any, translation: Any) -> None:
    """Change no view restriction. One of any language holds for all; the original deletes that of a translation."""


def _store_errors(source: TranslationSource, locale: Locale, error: ValidationError) -> None:
    """Store the messages at the translations of the fields that they concern."""
    for field_name, messages in error.error_dict.items():
        texts = StringTranslation.objects.filter(
            context__object_id=source.object_id,
            context__path=field_name,
            locale=locale,
            translation_of__in=source.stringsegment_set.values("string"),
        )
        for text in texts:
            text.set_field_error(messages)


def _convert_alias(source: TranslationSource, locale: Locale, alias: Page, user: Any) -> None:
    """Convert a public alias to a page with the texts of the public original. The source has the texts of a draft."""
    page = alias.specific
    ConvertAliasPageAction(page, user=user).execute(skip_permission_checks=True)
    alias.alias_of_id = None
    translation = Translation.objects.filter(source=source, target_locale=locale).first()
    if translation is not None:
        record = record_of_source_texts(page)
        record.revision_id, record.translation = page.live_revision_id, translation
        record.save()


def _take_over_public_alias(page: Page) -> None:
    """Say that readers see the new revision: the original has saved it to the row of the page, which is live."""
    Page.objects.filter(pk=page.pk).update(live_revision=page.latest_revision_id)
    public_state_changed.send(sender=TranslationSource, page_ids=[page.pk])
