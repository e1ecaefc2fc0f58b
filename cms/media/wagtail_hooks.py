"""Screens of the admin for videos and consents."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from cms.media.models import Consent, Video
from cms.media.views import consent_proof
from sites.admin.policies import DepartmentPermissionPolicy
from sites.admin.snippets import DepartmentSnippetViewSet

for snippet in (Consent, Video):
    register_permission_policy(snippet, DepartmentPermissionPolicy(snippet))

COLLECTION_COLUMN = Column("collection", label=_("collection"), sort_key="collection__name")


class VideoViewSet(DepartmentSnippetViewSet):
    model = Video
    icon = "media"
    list_display = ("title", "language", "duration", COLLECTION_COLUMN)


class ConsentViewSet(DepartmentSnippetViewSet):
    model = Consent
    icon = "circle-check"
    list_display = (
        "person_name",
        Column("get_scope_display", label=_("scope"), sort_key="scope"),
        "starts_on",
        "expires_on",
        "withdrawn_on",
        COLLECTION_COLUMN,
    )
    panels = (
        FieldPanel("person_name"),
        FieldRowPanel([FieldPanel("scope"), FieldPanel("scope_note")]),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("expires_on")]),
        FieldPanel("proof"),
        FieldPanel("withdrawn_on"),
        FieldPanel("collection"),
    )


class MediaViewSetGroup(SnippetViewSetGroup):
    """Videos and the consents that media depend on."""

    items = (VideoViewSet, ConsentViewSet)
    menu_label = _("Videos and consents")
    menu_icon = "media"


register_snippet(MediaViewSetGroup)


@hooks.register("register_admin_urls")
def proof_urls() -> list[URLPattern]:
    return [path("consents/<int:pk>/proof/", consent_proof, name="consent_proof")]
