"""The end of a workflow: the page is published, or waits for the release to which it belongs.

Wagtail imports this module with its models (`WAGTAIL_FINISH_WORKFLOW_ACTION`), so that it imports models in functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wagtail.models import Page, WorkflowState


def publish_or_hold(workflow_state: WorkflowState, user: Any = None) -> None:
    """Publish the page of a workflow that is approved, unless a release is planned.

    Raises ValidationError for a translation that could not be released: it is not approved.
    """
    from wagtail.models import Page
    from wagtail.workflows import publish_workflow_state

    from .release_plans import release_of

    page = workflow_state.content_object
    release = release_of(page) if isinstance(page, Page) else None
    if release is None:
        publish_workflow_state(workflow_state, user=user)
    elif release.page_id != page.pk:
        _refuse_unfinished(page)


def _refuse_unfinished(page: Page) -> None:
    from django.core.exceptions import ValidationError
    from wagtail_localize.models import Translation

    from cms.translations.progress.completeness import texts_to_do
    from cms.translations.progress.segments import segments_of
    from sites.access.ownership import department_of_page

    translations = Translation.objects.filter(source__object=page.translation_key, target_locale=page.locale_id)
    for translation in translations.filter(enabled=True).select_related("source"):
        reason = texts_to_do(segments_of(translation), department_of_page(page), is_reviewed=True)
        if reason:
            raise ValidationError(reason)
