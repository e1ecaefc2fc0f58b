"""E-mails to the publishers of a department about proposals of other departments."""

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

from sites.access.capabilities import has_capability, users_with_capability
from sites.mail.audience import about, active_account, register_audience
from sites.models import Sharing
from sites.roles import Capability

from .shared_content import shared_contents


@task()
def notify_publishers(sharing_id: int) -> int:
    """Put an e-mail to every user who may answer the proposal into the outbox; return the number of e-mails.

    Return 0 if the proposal was answered or withdrawn meanwhile, or if the content is private, withdrawn or deleted.
    """
    sharing = (
        Sharing.objects.select_related("owner", "department")
        .filter(pk=sharing_id, state=Sharing.State.PROPOSED)
        .first()
    )
    content = shared_contents([sharing]).get(sharing.content_key) if sharing else None
    if sharing is None or content is None or not content.is_shown_to_receiver(sharing):
        return 0
    messages = [
        _message(sharing, content.title, user)
        for user in users_with_capability(Capability.SHARING, sharing.department).exclude(email="")
    ]
    with about(sharing):
        return get_connection().send_messages(messages) or 0 if messages else 0


def register_sharing_mail() -> None:
    """Register who receives proposals; called when the applications are ready."""
    register_audience(Sharing, _may_receive_proposal)


def _may_receive_proposal(sharing: Sharing, address: str) -> bool:
    """Return True if the proposal waits for an answer, which the account with this address may give."""
    user = active_account(address)
    content = shared_contents([sharing]).get(sharing.content_key)
    is_shown = content is not None and content.is_shown_to_receiver(sharing)
    is_waiting = sharing.state == Sharing.State.PROPOSED and is_shown
    return is_waiting and user is not None and has_capability(user, Capability.SHARING, sharing.department)


def _message(sharing: Sharing, title: str, user: Any) -> EmailMessage:
    url = urljoin(settings.WAGTAILADMIN_BASE_URL, reverse("sharing:detail", args=[sharing.pk]))
    with translation.override(_language_of(user)):
        is_invitation = sharing.kind == Sharing.Kind.CO_HOLDING
        subject = (
            _("%(owner)s invites you to hold an event or other content together")
            if is_invitation
            else _("%(owner)s offers you content for your site")
        )
        body = render_to_string(
            "cms_sites/sharing/proposal.txt",
            {"sharing": sharing, "title": title, "address": url, "is_invitation": is_invitation},
        )
        # A line break in a name would break the header of the e-mail.
        return EmailMessage(" ".join((subject % {"owner": sharing.owner.name}).split()), body, to=[user.email])


def _language_of(user: Any) -> str:
    profile = getattr(user, "wagtail_userprofile", None)
    return (profile.preferred_language if profile else "") or settings.LANGUAGE_CODE
