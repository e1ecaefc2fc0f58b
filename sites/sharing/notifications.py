"""Tells a department's publishers by e-mail what another department proposes to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django_tasks import task

from sites.access.capabilities import users_with_capability
from sites.models import Sharing
from sites.roles import Capability

from .shared_content import shared_contents


@task()
def notify_publishers(sharing_id: int) -> int:
    """Write to all who may answer a proposal; return to how many. What was answered or withdrawn meanwhile: 0.

    Nothing is said of a page that has become private since.
    """
    sharing = (
        Sharing.objects.select_related("owner", "department")
        .filter(pk=sharing_id, state=Sharing.State.PROPOSED)
        .first()
    )
    content = shared_contents([sharing]).get(sharing.content_key) if sharing else None
    if sharing is None or content is None or content.is_private:
        return 0
    messages = [
        _message(sharing, content.title, user)
        for user in users_with_capability(Capability.SHARING, sharing.department).exclude(email="")
    ]
    return get_connection().send_messages(messages) or 0 if messages else 0


def _message(sharing: Sharing, title: str, user: Any) -> EmailMessage:
    address = urljoin(settings.WAGTAILADMIN_BASE_URL, reverse("sharing:detail", args=[sharing.pk]))
    with translation.override(_language_of(user)):
        is_invitation = sharing.kind == Sharing.Kind.CO_HOLDING
        subject = (
            _("%(owner)s invites you to hold an event or other content together")
            if is_invitation
            else _("%(owner)s offers you content for your site")
        )
        body = render_to_string(
            "cms_sites/sharing/proposal.txt",
            {"sharing": sharing, "title": title, "address": address, "is_invitation": is_invitation},
        )
        # A line break in a name would end the header.
        return EmailMessage(" ".join((subject % {"owner": sharing.owner.name}).split()), body, to=[user.email])


def _language_of(user: Any) -> str:
    profile = getattr(user, "wagtail_userprofile", None)
    return (profile.preferred_language if profile else "") or settings.LANGUAGE_CODE
