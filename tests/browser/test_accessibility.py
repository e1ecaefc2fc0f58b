"""Every kind of page of the reader passes axe-core, fits narrow screens, and needs neither a mouse nor scripts.

WCAG 2.2, levels A and AA, as far as a machine can tell; RGAA 4.1 rests on the same criteria.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
# WCAG 1.4.10: 1280 pixels at 400 % zoom.
NARROW = {"width": 320, "height": 640}
SCREENS = {"desktop": {"width": 1280, "height": 800}, "phone": NARROW}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, urls, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    axe = Axe()
    violations = []
    for name, url in urls.items():
        page.goto(url)
        for screen, size in SCREENS.items():
            page.set_viewport_size(size)
            results = axe.run(page, options=RULES)
            assert results.response["passes"], "axe has looked at nothing"
            if results.violations_count:
                violations.append(f"{name}, {screen}, {scheme}: {results.generate_report()}")

    assert not violations, "\n".join(violations)


def test_pages_fit_a_narrow_screen(page, urls):
    page.set_viewport_size(NARROW)
    wide = []
    for name, url in urls.items():
        page.goto(url)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)

    assert wide == []


def test_the_skip_link_is_first_and_leads_to_the_content(page, urls):
    for url in urls.values():
        page.goto(url)
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()


def test_pages_work_without_scripts(new_context, urls):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(urls["home"])
    page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Événements").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Événements")
    page.get_by_role("main").get_by_role("link", name="Raconte-moi ton métier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Raconte-moi ton métier")
    expect(page.locator(".session")).to_have_count(2)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tell me about your work")
    page.goto(urls["testimonial"])
    expect(page.locator("video")).to_be_visible()
