"""No page of the reader violates its Content-Security-Policy or fails in a script."""

import pytest

pytestmark = pytest.mark.browser


def test_the_recorder_notices_a_violation(page, violations, addresses):
    assert violations(addresses["home"]) == []
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


def test_no_page_of_the_reader_violates_its_policy(page, addresses, violations):
    assert [entry for url in addresses.values() for entry in violations(url)] == []
    page.goto(addresses["search"])
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first.type("exem")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.policyViolations") == []
