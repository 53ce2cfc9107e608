"""Finding a place by keyboard alone, from the first page of the sample's website to the place."""

from __future__ import annotations

from tests.browser.conftest import Opened, Pages
from tests.browser.numbers.published import Published

MOST_STOPS = 25


def test_the_keyboard_leads_from_the_first_page_to_a_place_and_past_its_header(
    opened: Opened, pages: Pages
) -> None:
    name = next(row["name"] for row in Published(pages.root.parent).today.values())
    page = opened(pages.root / "index.html")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "combobox":
            break
    page.keyboard.type(name[:6])
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
        ".innerText"
    )
    assert name in chosen
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == name
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
