"""Every template in a browser: accessibility, narrow, large, dark, printed, still, no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.checks import CHECKS, DESK, OUTSIDE, looked_at, violations
from tests.browser.conftest import ROOT, Pages
from tests.conftest import Finished

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TEMPLATES = ROOT / "openbeat/website/templates"
PARTS = {
    "base.html",
    "parts.html",
    "place_parts.html",
    "force_parts.html",
    "force_engagement.html",
    "finder.html",
}
"""Templates that are no page: others extend, include or import them."""
NAMES = sorted(path.name for path in (TEMPLATES / "site").glob("*.html") if path.name not in PARTS)
WELSH = ("home.html", "find.html", "place.html", "force.html", "measure.html")
BESIDE = ("pack", "packs of a force", "packs", "calendar", "tasking", "board")
Looked = Callable[[Path, tuple[str, ...]], dict[str, list[str]]]


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def looked(tab: Page) -> Looked:
    """Opens each page once, whatever is asked of it."""
    kept: dict[Path, dict[str, list[str]]] = {}

    def look(path: Path, names: tuple[str, ...]) -> dict[str, list[str]]:
        if path not in kept:
            kept[path] = looked_at(tab, path, names)
        return kept[path]

    return look


def _page_of(pages: Pages, template: str) -> Path:
    made = pages.of_templates()
    assert template in made, f"no page is made from {template}"
    return made[template]


@pytest.mark.parametrize("check", [*CHECKS, "asks nobody and says nothing wrong"])
@pytest.mark.parametrize("template", NAMES)
def test_a_page_made_from(looked: Looked, pages: Pages, template: str, check: str) -> None:
    assert looked(_page_of(pages, template), ())[check] == []


@pytest.mark.parametrize("template", WELSH)
def test_a_page_in_welsh(tab: Page, pages: Pages, template: str) -> None:
    tab.set_viewport_size(DESK)
    tab.goto(_page_of(pages, f"cy:{template}").as_uri())
    assert violations(tab) == []


@pytest.fixture(scope="module")
def beside(pages: Pages, whole: Finished) -> dict[str, Path]:
    """Pages that are no part of the website."""
    packs = sorted(pages.store.glob("*.packs"))[-1]
    inside = sorted((whole.out / "internal").glob("*.html"))
    return {
        "pack": next(p for p in sorted(packs.glob("*/*.html")) if p.name != "index.html"),
        "packs of a force": next(packs.glob("*/index.html")),
        "packs": packs / "index.html",
        "calendar": pages.store / "calendar.html",
        "tasking": next(p for p in inside if p.name.startswith("tasking")),
        "board": next(p for p in inside if p.name.startswith("board")),
    }


@pytest.mark.parametrize("name", BESIDE)
def test_a_page_beside_the_website(looked: Looked, beside: dict[str, Path], name: str) -> None:
    found = looked(beside[name], OUTSIDE)
    assert {check: wrong for check, wrong in found.items() if wrong} == {}


@pytest.fixture(scope="module")
def without_script(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, viewport=DESK)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("template", NAMES)
def test_the_same_is_on_the_page_without_script(
    without_script: Page, pages: Pages, template: str
) -> None:
    without_script.goto(_page_of(pages, template).as_uri())
    assert without_script.locator("h1").count() == 1
    assert without_script.locator("main").inner_text().strip()
    # Whatever needs script is shown by script: no dead button or field is left without it.
    fields = without_script.locator("main button, main input").all()
    assert [field for field in fields if field.is_visible()] == []
