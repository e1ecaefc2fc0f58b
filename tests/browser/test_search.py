"""Searching with a browser: completion by keyboard, and the same page without scripts."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_completion_works_with_the_keyboard(page, urls):
    page.goto(urls["home"])
    box = page.get_by_role("combobox")
    box.press_sequentially("racont")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Raconte-moi")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    box.press("Escape")
    expect(option).to_be_hidden()
    box.press("ArrowDown")
    expect(option).to_be_visible()
    box.press("Escape")
    expect(option).to_be_hidden()
    box.press_sequentially("e")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    page.wait_for_url("**/search/?*")
    expect(page.locator(".search-hits h3").first).to_contain_text("Raconte-moi")


def test_completions_that_come_late_do_not_open_over_something_else(page, urls):
    page.goto(urls["home"])
    held = []
    page.route("**/search/suggest/**", lambda route: held.append(route))
    box = page.get_by_role("combobox")
    with page.expect_request("**/search/suggest/**"):
        box.press_sequentially("racont")
    box.blur()
    for route in held:
        route.fulfill(json={"results": [{"text": "Raconte-moi", "kind": "title", "id": None, "locale": "fr"}]})
    expect(box).to_have_attribute("aria-expanded", "false")
    page.wait_for_timeout(200)
    expect(page.get_by_role("option")).to_have_count(0)


def test_completions_are_of_the_site_unless_all_are_searched(page, urls):
    page.goto(urls["search"])
    box = page.get_by_role("combobox")
    for is_everywhere in (False, True):
        page.get_by_role("checkbox", name="Chercher dans tous les départements").set_checked(is_everywhere)
        box.fill("")
        with page.expect_request("**/search/suggest/**") as request:
            box.press_sequentially("racont")
        assert ("department=allier" in request.value.url) is not is_everywhere
        box.press("Escape")  # What is offered lies over the box to tick.


def test_searching_needs_no_scripts(new_context, urls):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(urls["home"])
    page.get_by_role("searchbox").fill("raconte")
    page.get_by_role("button", name="Rechercher").click()
    expect(page.locator(".search-hits h3").first).to_contain_text("Raconte-moi")
    page.get_by_role("checkbox", name="Chercher dans tous les départements").check()
    page.get_by_role("button", name="Rechercher").click()
    expect(page.get_by_role("checkbox", name="Chercher dans tous les départements")).to_be_checked()
