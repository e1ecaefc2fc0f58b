"""No attempt is counted inside a transaction: one that waits for Redis would keep its locks."""

import pytest
from django.db import connection
from django.urls import reverse
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import EventPage
from cms.settings.default_rate_limits import DEFAULT_RATE_LIMITS
from cms.translations.guests.link_tokens import new_token
from sites.models import Invitation, Sharing
from sites.rate_limits import limiter
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import PASSWORD, make_user
from tests.isolation.people import keys, url_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


@pytest.fixture
def calls(monkeypatch, rate_limits):
    """Return the list of (rule, is in a transaction) of every call of the store of counts."""
    found, current = [], [""]
    rate, run = limiter._rate, limiter.AttemptStore.run

    def named(rule):
        current[0] = rule
        return rate(rule)

    def recorded(store, action):
        found.append((current[0], connection.in_atomic_block))
        return run(store, action)

    monkeypatch.setattr(limiter, "_rate", named)
    monkeypatch.setattr(limiter.AttemptStore, "run", recorded)
    return found


def test_every_rule_is_counted_outside_a_transaction(client, calls, settings):
    # The second attempts are beyond the limits of one target.
    few = ("collection_password.collection", "email_change.mailbox", "invitation.address")
    settings.RATE_LIMITS = settings.RATE_LIMITS | dict.fromkeys(few, "1/hour")
    allier, isere = make_department("allier", code="03"), make_department("isere", code="38")
    page = make_page(EventPage, allier, title="Festival", slug="festival")
    make_user("chef", groups=["allier:administrator", "allier:publisher", "allier:translator", "isere:administrator"])
    member = make_user("member", groups=["allier:editor"])
    login = reverse("wagtailadmin_login")
    client.post(login, {"username": "chef", "password": "wrong"})
    client.post(reverse("wagtailadmin_password_reset"), {"email": "chef@example.org"})
    for _attempt in range(2):
        client.post(reverse("wagtaildocs_authenticate_with_password", args=[1]), {"password": "x"})
    client.get(reverse("invitation_link", args=["token"]))
    settings.OIDC = {"issuer": "http://127.0.0.1:9", "client_id": "cms", "client_secret": "secret", "scope": "openid"}
    client.get(reverse("single_sign_on_return"))
    for path in ("/api/v1/search/", "/api/v1/search/suggest/", "/allier/search/"):
        client.get(path, {"q": "aide"})
    client.get("/allier/sitemap.xml")
    client.get(reverse("guest_review", args=[new_token()]))
    client.get("/api/v1/departments/", headers={"authorization": "Bearer wrong"})

    assert client.post(login, {"username": "chef", "password": PASSWORD}).status_code == 302
    client.post(login, {"username": "chef", "password": "wrong"})
    assert client.post(url_of("invite"), {"email": "a@example.org", "groups": keys("allier:editor")}).status_code == 302
    pending = Invitation.objects.get()
    assert client.post(url_of("resend", pending.pk)).status_code == 302
    proposal = {"kind": "offer", "departments": [isere.pk]}
    assert client.post(reverse("sharing:propose", args=[page.pk]), proposal).status_code == 302
    client.post(url_of("edit", member.pk), {"groups": keys("allier:publisher")})
    client.post(reverse("wagtailredirects:process_import"))
    source, _created = TranslationSource.update_or_create_from_instance(page)
    english = allier.locales.get(language_code="en")
    translation = Translation.objects.create(source=source, target_locale=english)
    translation.save_target(publish=False)
    client.post(
        reverse("translation_guests", args=[translation.pk]), {"guest_name": "x", "guest_email": "x@example.org"}
    )
    change = {"email_change-email": "new@example.org", "email_change-current_password": PASSWORD}
    for _attempt in range(2):
        client.post(reverse("wagtailadmin_account"), change)
    for name in ("account_security_verify", "account_security_confirm", "account_security_app"):
        client.post(reverse(name), {"code": "000000", "password": PASSWORD, "secret": "x", "name": "x"})
    for path, parameters in (
        ("wagtailadmin_explore_root", {"q": "aide"}),
        ("wagtailimages:index", {"export": "csv"}),
        ("wagtailadmin_block_preview", {}),
        ("wagtailimages:add", {}),
    ):
        client.get(reverse(path), parameters)
    client.force_login(make_user("receiver", groups=["isere:publisher"]))
    client.post(reverse("sharing:detail", args=[Sharing.objects.get().pk]), {"action": "mirror"})
    assert {rule for rule, is_in_transaction in calls if is_in_transaction} == set()
    assert {rule for rule, _is_in_transaction in calls} == set(DEFAULT_RATE_LIMITS)
