"""Tests that only safe links are stored and published, in every way of writing them."""

import nh3
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.test.utils.form_data import rich_text, streamfield
from wagtail_localize.models import SegmentOverride, StringTranslation

from cms.delivery.models import PublishedDocument
from cms.pages.models import CampaignPage, EventPage, ProfessionPage, StandardPage
from sites.validation.links import is_safe_link, safe_url, urls_in_html
from tests.factories.pages import OrganisationFactory, home_of, make_page

from .fixture_data import make_actor
from .test_own_work import form_of_page

pytestmark = pytest.mark.embedded

HARMLESS = (
    "https://example.org/", "HTTPS://example.org", "http://example.org:8080/a?b=c:d#e", "mailto:a@example.org",
    "tel:+33100000000", "/fr/", "#bas", "?page=2", "fr/agenda/", "/a:b/", "",
)  # fmt: skip
HARMFUL = (
    "javascript:alert(9)", " JavaScript:alert(9)", "java\nscript:alert(9)", "java\tscript:alert(9)",
    "\x01javascript:alert(9)", "javascript\x00:alert(9)", "data:text/html,x",
    "\x01vbscript:x", "vbscript:x", "blob:https://example.org/1", "file:///etc/passwd", "ftp://example.org/",
    "//evil.example/", "/\\evil.example/", "\\\\evil.example", "https:/evil", "https://", "http://[evil",
    "javascript :alert(9)", "a:b/c",
)  # fmt: skip
# Each is well-formed but for its host or port, and the sanitiser of published text removes it without a word.
IMPOSSIBLE = (
    "https://example.org:99999/", "https://example.org:port/", "https://exa mple.org/", "https://a%20b.org/",
    "https://%zz.org/", "https://a<b.org/", "https://a|b.org/", "https://1.2.3.999/", "https://xn--a.org/",
    "https://\u202ea.org/", "https://…/", "https://a..b/",
)  # fmt: skip
POSSIBLE = (
    "https://é.fr/", "https://a_b.example.org/", "https://example.org./", "https://192.0.2.1:8080/", "https://[::1]/",
    "https://localhost/", "https://xn--9ca.fr/", "https://user@example.org/",
)  # fmt: skip
STORED = "javascript:alert(9)"
LINK = f'<p>Voir <a href="{STORED}">ici</a></p>'


@pytest.mark.parametrize("value", HARMLESS)
def test_web_mail_telephone_and_internal_links_are_safe(value):
    assert is_safe_link(value)
    assert safe_url(value) == value


@pytest.mark.parametrize("value", HARMFUL)
def test_script_links_and_disguised_hosts_are_not_safe(value):
    assert not is_safe_link(value)
    assert safe_url(value) == ""


@pytest.mark.parametrize("value", IMPOSSIBLE)
def test_a_host_or_port_that_cannot_be_is_refused(value):
    assert not is_safe_link(value)


@pytest.mark.parametrize("value", POSSIBLE)
def test_an_unusual_host_is_published(value):
    assert is_safe_link(value)
    assert value in nh3.clean(f'<a href="{value}">a</a>')


def test_urls_are_extracted_from_html_as_in_a_browser():
    html = '<p><A HREF="java&#10;script:x">a</A><a href=&#106;avascript:y>b</a><img src="data:z"><embed url="u"/></p>'
    assert urls_in_html(html) == ["java\nscript:x", "javascript:y", "data:z", "u"]


@pytest.mark.parametrize("url", ["java&#10;script:x", "&#106;avascript:x", "//evil.example/", "data:text/html,x"])
@pytest.mark.parametrize("field", ["introduction", "body"])
def test_rich_text_with_a_harmful_link_is_refused_and_the_error_names_it(fixture_data, field, url):
    page = make_page(EventPage, fixture_data.ours.department, slug="essai")
    html = f'<p><a href="{url}">x</a></p>'
    setattr(page, field, html if field == "introduction" else [("text", html)])
    with pytest.raises(ValidationError) as refusal:
        page.full_clean()
    assert set(refusal.value.message_dict) == {field}
    assert urls_in_html(html)[0] in refusal.value.message_dict[field][0]


@pytest.mark.parametrize(
    "url",
    [
        "/documents/{token}/a.pdf",
        "https://allier.example.test/documents/{token}/a.pdf",
        "/%64ocuments/{token}/a.pdf",
        "/media/images/a/b.jpg",
        "/medi%61/images/a/b.jpg",
    ],
)
def test_the_url_of_a_file_is_refused_in_rich_text(fixture_data, url):
    page = make_page(EventPage, fixture_data.ours.department, slug="essai")
    page.introduction = f'<p><a href="{url.format(token="a" * 22)}">x</a></p>'
    with pytest.raises(ValidationError) as refusal:
        page.full_clean()
    assert set(refusal.value.message_dict) == {"introduction"}
    page.introduction = f'<p><a href="https://example.org{url.removeprefix("https://allier.example.test")}">x</a></p>'
    page.full_clean()


@pytest.mark.parametrize("url", ["#bas", "?page=2", "fr/agenda/", "../agenda/"])
def test_a_link_that_depends_on_the_url_of_its_page_is_refused(fixture_data, url):
    page = make_page(EventPage, fixture_data.ours.department, slug="essai")
    page.introduction = f'<p><a href="{url}">x</a></p>'
    with pytest.raises(ValidationError) as refusal:
        page.full_clean()
    assert set(refusal.value.message_dict) == {"introduction"}


URLS = (
    (EventPage, "registration_url", "ftp://example.org/"),
    (EventPage, "online_url", STORED),
    (ProfessionPage, "apply_url", "ftp://example.org/"),
    (ProfessionPage, "body", [("call_to_action", {"label": "Postuler", "url": STORED})]),
    (CampaignPage, "vacancies", [("vacancy", {"title": "Poste", "url": STORED})]),
    (CampaignPage, "employer_offer", [("item", {"title": "Offre", "text": LINK})]),
)


@pytest.mark.parametrize(("model", "field", "value"), URLS)
def test_url_fields_and_blocks_accept_web_urls_only(fixture_data, model, field, value):
    page = make_page(model, fixture_data.ours.department, slug="essai")
    setattr(page, field, value)
    with pytest.raises(ValidationError) as refusal:
        page.full_clean()
    assert field in refusal.value.message_dict


def test_an_organisations_website_is_a_web_page(fixture_data):
    organisation = OrganisationFactory(website="ftp://example.org/")
    with pytest.raises(ValidationError) as refusal:
        organisation.full_clean()
    assert set(refusal.value.message_dict) == {"website"}
    organisation.website = "https://example.org/"
    organisation.full_clean()


def test_the_editors_form_shows_the_error_at_the_block(client, fixture_data):
    client.force_login(make_actor("publisher"))
    form_url = reverse(
        "wagtailadmin_pages:add", args=["pages", "standardpage", home_of(fixture_data.ours.department).pk]
    )
    for link, status in ((STORED, 200), ("ftp://example.org/", 200), ("https://example.org/", 302)):
        body = streamfield([("call_to_action", {"label": "Aller", "url": link})])
        response = client.post(form_url, form_of_page(body=body, **{"action-publish": "x"}))
        assert response.status_code == status, link
    # The rich text editor removes such a link itself.
    body = streamfield([("text", rich_text(LINK))])
    response = client.post(form_url, form_of_page(slug="autre", body=body, **{"action-publish": "x"}))
    assert response.status_code == 302
    assert "javascript" not in str(StandardPage.objects.get(slug="autre").body)


def test_harmful_links_stored_without_validation_are_not_published(fixture_data, commits):
    with commits():
        page = make_page(EventPage, fixture_data.ours.department, slug="essai")
        EventPage.objects.filter(pk=page.pk).update(registration_url=STORED, online_url=STORED)
        page.refresh_from_db()
        page.introduction = LINK
        page.body = [("call_to_action", {"label": "Aller", "url": STORED}), ("text", LINK)]
        page.save(clean=False)
    document = PublishedDocument.objects.get(page_id=page.pk)
    assert "ici" in document.body
    assert "javascript" not in document.body


@pytest.fixture
def partial_translations(fixture_data):
    """Let our department publish a translation of which some texts are missing."""
    department = fixture_data.ours.department
    department.publishes_partial_translations = True
    department.save()


@pytest.mark.usefixtures("partial_translations")
def test_harmful_override_stored_without_validation_is_not_published(client, fixture_data, commits):
    ours = fixture_data.ours
    client.force_login(make_actor("publisher"))
    override = SegmentOverride.objects.create(
        locale=ours.translation.target_locale, context=ours.overridable_segment.context, data_json=f'"{STORED}"'
    )
    edit = reverse("wagtailadmin_pages:edit", args=[ours.target.pk])
    with commits():
        client.post(edit, {"action": "publish"})
    ours.target.refresh_from_db()
    assert not ours.target.live
    override.data_json = '"https://example.org/en"'
    override.save()
    with commits():
        client.post(edit, {"action": "publish"})
    ours.target.refresh_from_db()
    assert ours.target.live
    assert "https://example.org/en" in str(ours.target.specific.body)


@pytest.mark.parametrize(
    "harmful", [LINK, '<a id="a2">x</a>', "<script>alert(9)</script>", '<a id="a1" href="/">x</a>']
)
@pytest.mark.usefixtures("partial_translations")
def test_translated_string_cannot_add_a_link(client, fixture_data, commits, harmful):
    ours = fixture_data.ours
    StringTranslation.objects.create(
        translation_of=ours.string_segment.string,
        context=ours.string_segment.context,
        locale=ours.translation.target_locale,
        data=harmful,
        translation_type="manual",
    )
    client.force_login(make_actor("publisher"))
    with commits():
        client.post(reverse("wagtailadmin_pages:edit", args=[ours.target.pk]), {"action": "publish"})
    document = PublishedDocument.objects.get(page_id=ours.target.pk)
    assert "javascript" not in document.body
    assert "alert" not in document.body
