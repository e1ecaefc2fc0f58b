"""E-mails of guest links: the link to the guest, and a decision to the account that made the link."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail.users.models import UserProfile

from cms.translations.models import GuestLink
from cms.translations.models.guest_link import GuestUse
from sites.access.ownership import department_of_page
from sites.mail.audience import about, register_audience


def send_link(link: GuestLink, page: Page, address: str) -> None:
    """Send the address of a link to its guest, in the language of the link."""
    department = department_of_page(page)
    with translation.override(link.language):
        context = {
            "link": link,
            "title": _one_line(page.get_admin_display_title()),
            "language": link.translation.target_locale.get_display_name(),
            "department": department.name if department is not None else "",
            "address": address,
        }
        subject = _("Please review a translation: %(title)s") % context
        text = render_to_string("translations/guest_link_mail.txt", context)
    with about(link):
        send_mail(_one_line(subject), text, None, [link.guest_email])


def send_decision(link: GuestLink, page: Page, kind: GuestUse) -> None:
    """Send the decision of a guest to the account that made the link."""
    user = link.created_by
    if not user.email:
        return
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        values = {"guest": link.guest_name, "title": _one_line(page.get_admin_display_title())}
        if kind == GuestUse.APPROVED:
            subject = _("%(guest)s (guest) has approved “%(title)s”") % values
        else:
            subject = _("%(guest)s (guest) has sent “%(title)s” back") % values
        editor = urljoin(settings.WAGTAILADMIN_BASE_URL, reverse("translation_editor", args=[link.translation_id]))
        text = _("The guest has used the link that you made. Texts and comments:")
        with about(page):
            send_mail(_one_line(subject), f"{subject}\n\n{text}\n{editor}\n", None, [user.email])


def register_guest_mail() -> None:
    """Register who receives links; called when the applications are ready."""
    register_audience(GuestLink, _may_receive_link)


def _may_receive_link(link: GuestLink, address: str) -> bool:
    """Return True if the link is for this address and has not been revoked meanwhile."""
    return link.guest_email == address and GuestLink.objects.open().filter(pk=link.pk).exists()


def _one_line(text: str) -> str:
    return " ".join(text.split())
