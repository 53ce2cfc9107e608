"""The website of the whole sample in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Finished

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[2]
TEMPLATE = re.compile(r'<body[^>]* data-template="([^"]+)"')
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
NEEDED = "OPENBEAT_NEEDS_CHROMIUM"


@dataclass(frozen=True)
class Pages:
    """The pages of a website.

    Attributes:
        root: Its folder.
        store: The store of releases that it is in.
    """

    root: Path
    store: Path

    @property
    def all(self) -> list[Path]:
        """Every page, sorted."""
        return sorted(self.root.rglob("*.html"))

    @cache  # noqa: B019 - lives as long as the session
    def of_templates(self) -> dict[str, Path]:
        """Template to its first page, and in Welsh ``cy:<template>`` to its first one there."""
        found: dict[str, Path] = {}
        for page in self.all:
            welsh = "cy:" if page.relative_to(self.root).parts[0] == "cy" else ""
            if match := TEMPLATE.search(page.read_text("utf-8")):
                found.setdefault(f"{welsh}{match[1]}", page)
        return found


@pytest.fixture(scope="session")
def pages(whole: Finished) -> Pages:
    """The website of the newest release of the whole sample."""
    return Pages(whole.latest / "site", whole.releases)


@pytest.fixture(scope="module")
def chromium(pages: Pages) -> Iterator[Browser]:
    """A browser; the tests skip where there is none, unless it is said to be needed.

    The website is made before it starts, and it ends with its module: while it is open an event
    loop runs in this thread, and Dagster would start one of its own.
    """
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        if os.environ.get(NEEDED):
            pytest.fail("Chromium is not installed, and is needed here")
        pytest.skip("Chromium is not installed here; .ci/run installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


Opened = Callable[..., "Page"]


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opened]:
    """Opens a page from its folder and holds it to asking nobody and saying nothing wrong.

    Takes the page and what the browser context is to be (``viewport``, ``color_scheme``, ...).
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(path: Path, fragment: str = "", **options: Any) -> Page:
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(("file:", "data:"))
            else wrong.append(f"asks {asked.url}"),
        )  # fmt: skip
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
