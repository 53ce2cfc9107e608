"""The search box in a real browser, on pages opened from a folder.

Needs Chromium (``/usr/bin/chromium``, or the one OPENBEAT_CHROMIUM names) and Playwright; without
them it is left out, unless OPENBEAT_NEEDS_CHROMIUM=1 says that it must not be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openbeat.website.language import using
from openbeat.website.site import find, lookups, static
from openbeat.website.site.source import place_path
from tests.openbeat.website.site import finding

CHROMIUM = os.environ.get("OPENBEAT_CHROMIUM", "/usr/bin/chromium")
POSTCODES = [
    ("SY9 1AA", 52.55, -2.45),  # St Mary's & Harbour
    ("SY9 1AB", 52.63, -2.435),  # in the smaller of two
    ("SY9 1AD", 51.0, -1.0),  # in none
    ("SY9 1AE", 99.999999, 0.0),
    ("S10 2AA", 53.38, -1.5),  # none of its outward code is in one
    ("EH1 1AA", 55.95, -3.19),
]
HARBOUR = "St Mary's & Harbour Northmere Constabulary"


def _missing(why: str) -> None:
    if os.environ.get("OPENBEAT_NEEDS_CHROMIUM") == "1":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A website of finding a place, and bare pages of the places."""
    root = tmp_path_factory.mktemp("site")
    postcodes = finding.postcode_file(root / "ONSPD.csv", POSTCODES)
    site = finding.site(root, postcodes=postcodes, languages=("en", "cy"))
    files = [*lookups.data(site), *static.data(site)]
    for language in site.settings.languages:
        with using(language):
            files += find.pages(site)
    for file in files:
        path = root / "site" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        content = file.content
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for prefix in ("", "cy/"):
        for force, _, stem in site.places.select("force_id", "neighbourhood_id", "stem").rows():
            page = root / "site" / prefix / place_path(force, stem)
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("<!DOCTYPE html><title>place</title>")
    return root / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not Path(CHROMIUM).is_file():
        _missing(f"there is no Chromium at {CHROMIUM}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("Playwright is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Finder:
    """The search page in a browser, and what it asked for and complained of."""

    def __init__(self, browser: Any, folder: Path, language: str = "", **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.folder = folder
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto((folder / language / "find/index.html").as_uri())

    def type(self, text: str) -> list[str]:
        """What is offered once it is typed, and answered beneath."""
        self.page.fill("#finder", "")
        self.page.locator("[role=status]:empty").wait_for(state="attached")
        self.page.fill("#finder", text)
        self.page.locator("[role=status]:not(:empty)").wait_for()
        return [" ".join(t.split()) for t in self.page.locator("[role=option]").all_text_contents()]

    @property
    def said(self) -> str:
        return str(self.page.text_content("[role=status]"))

    @property
    def here(self) -> str:
        return str(self.page.url).removeprefix(self.folder.as_uri() + "/")


@pytest.fixture
def finder(browser: Any, folder: Path) -> Iterator[Finder]:
    found = Finder(browser, folder)
    yield found
    found.context.close()
    assert found.complaints == []
    outside = [url for url in found.asked if not url.startswith(folder.as_uri())]
    assert outside == []


NAMES: dict[str, list[str]] = {
    "harb": [HARBOUR],
    "saint marys and h": [HARBOUR],
    "St. Mary’s": [HARBOUR],
    "wyn": ["Ŵyn Fawr Heddlu Ynysfawr"],
    "town": ["Town Centre Heddlu Ynysfawr", "Town Centre Northmere Constabulary"],
    "ynys town": ["Town Centre Heddlu Ynysfawr"],
    "northmere": ["Northmere Constabulary"],
    "own": [],
    "<b>": [],
}


def test_a_name_is_found_however_it_is_written(finder: Finder) -> None:
    assert {typed: finder.type(typed) for typed in NAMES} == NAMES
    assert "“<b>”" in finder.said


def test_the_keyboard_alone_leads_to_a_page(finder: Finder) -> None:
    finder.type("town")
    page, box = finder.page, finder.page.locator("#finder")
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowUp")
    active = box.get_attribute("aria-activedescendant")
    assert page.text_content(f"#{active}") == "Town Centre Northmere Constabulary"
    assert page.get_attribute(f"#{active}", "aria-selected") == "true"
    page.keyboard.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/places/**")
    assert finder.here == "places/ynysfawr/Y2.html"


def test_a_click_leads_to_a_page(finder: Finder) -> None:
    finder.type("wyn")
    finder.page.click("[role=option]")
    page = finder.page
    page.wait_for_url("**/places/**")
    assert finder.here == "places/ynysfawr/Y1.html"


def test_the_button_opens_the_only_match_and_lets_choose_among_several(finder: Finder) -> None:
    finder.type("town")
    finder.page.click("form button")
    assert finder.here == "find/index.html"
    finder.type("wyn")
    finder.page.click("form button")
    finder.page.wait_for_url("**/places/**")
    assert finder.here == "places/ynysfawr/Y1.html"


ANSWERS = {
    "ZE9 9ZZ": "is in Scotland",
    "EH1 1AA": "is in Scotland",
    "TD15 1AA": "No postcode in use begins with TD15",
    "BT1 1AA": "is in Northern Ireland",
    "GY1 1AA": "Channel Islands",
    "XX1 1AA": "No postcode in use begins with XX1",
    "S10 9ZZ": "lies in none of the neighbourhoods",
    "sy9-1ad": "lies in none of the neighbourhoods",
    "SY9 1AE": "has no position on the map",
    "SY9 9ZZ": "is not a postcode in use",
    "SY9 1AB": "SY9 1AB is in Town Centre, Heddlu Ynysfawr.",
    "sy91aa": "SY9 1AA is in St Mary's & Harbour, Northmere Constabulary.",
}


def test_a_postcode_is_answered_and_only_its_first_half_is_asked_for(finder: Finder) -> None:
    for typed, said in ANSWERS.items():
        offered = finder.type(typed)
        assert said in finder.said
        assert len(offered) == typed.lower().replace(" ", "").startswith(("sy91ab", "sy91aa"))
    asked = [Path(url).stem for url in finder.asked if "postcodes" in url]
    assert asked == ["index", "SY9"]
    finder.page.keyboard.press("Enter")
    finder.page.wait_for_url("**/places/**")
    assert finder.here.startswith("places/northmere/N-1-")


POSITIONS = [
    (52.55, -2.45, 20, ["St Mary's & Harbour"], "to within 20 metres"),
    (52.63, -2.435, 4, ["Town Centre"], "to within 10 metres"),
    (52.61, -2.32, 4, ["Ŵyn Fawr"], "to within 10 metres"),
    (52.55, -2.4005, 30, ["St Mary's & Harbour", "Town Centre"], "close to the border"),
    (52.55, -2.41, 3000, ["St Mary's & Harbour"], "to within 3 km"),
    (52.55, -2.21, 20, [], "in none of the neighbourhoods"),
    (40.7, 74.0, 20, [], "in none of the neighbourhoods"),
]


def test_a_position_is_answered_in_the_browser(browser: Any, folder: Path) -> None:
    finder = Finder(browser, folder, permissions=["geolocation"])
    for latitude, longitude, accuracy, places, said in POSITIONS:
        where = {"latitude": latitude, "longitude": longitude, "accuracy": accuracy}
        finder.context.set_geolocation(where)
        finder.page.reload()
        finder.page.click("[data-locate]")
        finder.page.locator("[role=status]", has_text=said).wait_for()
        assert finder.page.locator("[data-links] a").all_text_contents() == places
    assert finder.complaints == []
    finder.context.close()


def test_a_position_that_is_refused_is_said(browser: Any, folder: Path) -> None:
    finder = Finder(browser, folder, permissions=[])
    finder.page.click("[data-locate]")
    finder.page.locator("[role=status]", has_text="not shared").wait_for()
    finder.context.close()


def test_a_page_of_another_language_leads_to_pages_of_it(browser: Any, folder: Path) -> None:
    finder = Finder(browser, folder, "cy")
    finder.type("wyn")
    finder.page.click("[role=option]")
    finder.page.wait_for_url("**/places/**")
    assert finder.here == "cy/places/ynysfawr/Y1.html"
    finder.context.close()


def test_without_script_the_box_is_away_and_every_place_is_a_few_links_off(
    browser: Any, folder: Path
) -> None:
    finder = Finder(browser, folder, java_script_enabled=False)
    assert not finder.page.locator("[data-finder]").is_visible()
    finder.page.click("main a[href$='a-z.html']")
    finder.page.click("main a:has-text('Ŵyn Fawr')")
    assert finder.here == "places/ynysfawr/Y1.html"
    finder.context.close()
