"""No page of the reader violates its Content-Security-Policy or fails in a script."""

import pytest

pytestmark = pytest.mark.browser


def test_the_recorder_notices_a_violation(page, violations, urls):
    assert violations(urls["home"]) == []
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.hasRun = true";
        document.body.append(script);
        const image = document.createElement("img");
        image.src = "https://elsewhere.example/x.png";
        document.body.append(image);
    }""")
    page.wait_for_function("window.policyViolations.length >= 2")
    assert not page.evaluate("window.hasRun === true")


@pytest.mark.parametrize(("locale", "offers"), [("fr-FR", []), ("en-GB", ["en"]), ("fi-FI", [])])
def test_the_visitors_language_is_offered_on_a_page_in_another_one(browser, urls, locale, offers):
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(urls["event"])
    shown = page.locator(".language-offer:visible")
    assert [each.get_attribute("lang") for each in shown.all()] == offers
    if offers:
        shown.get_by_role("link", name="This page exists in English.").click()
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator(".language-offer:visible").count() == 0
    context.close()


def test_no_page_of_the_reader_violates_its_policy(page, urls, violations):
    assert [entry for url in urls.values() for entry in violations(url)] == []
    page.goto(urls["search"])
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first.type("exem")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.policyViolations") == []
