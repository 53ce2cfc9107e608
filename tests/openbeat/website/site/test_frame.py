"""What surrounds every page, and the first one, as people meet them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.website.language import using
from openbeat.website.packs.facts import Edition
from openbeat.website.site import build, home, static
from openbeat.website.site.language_page import language_page
from openbeat.website.site.settings import SiteSettings
from openbeat.website.site.source import File, Site

Tables = Mapping[str, pl.DataFrame]
NOTICE = "Made up <here>."


@pytest.fixture
def site(rows: Any, lists: Tables, tmp_path: Path) -> Callable[..., Site]:
    """A website of one force with two neighbourhoods; given tables take the place of its own."""

    def made(changed: Tables | None = None, *languages: str, **values: Any) -> Site:
        return Site(
            edition=Edition("2025-06-r1", rows.MONTH, rows.AS_OF, "Northshire", NOTICE, {}),
            first_month=rows.MONTHS[0],
            tables={**rows.busy_tables(), **(changed or {})},
            contracts={},
            codelists=lists,
            shapes=None,
            folder=tmp_path,
            sizes={},
            settings=SiteSettings(languages=languages or ("en",)),
            **values,
        )

    return made


def supplied(month: str, coverage: str, force: str = "northshire") -> dict[str, str]:
    name = {"northshire": "Northshire Police", "btp": "British Transport Police"}[force]
    return {"month": month, "force_id": force, "force_name": name, "dataset": "street",
            "coverage": coverage}  # fmt: skip


def front(site: Site, language: str = "en") -> str:
    with using(language):
        return str(next(iter(home.pages(site))).content)


def test_the_first_page_is_whole_and_says_what_it_is(
    site: Callable[..., Site], read_page: Callable[[str], Any]
) -> None:
    text = front(site())
    page = read_page(text)
    assert page.faults == []
    assert "Every month, for each police neighbourhood" in page.text
    assert "Crime figures: June 2025" in page.text
    assert "up to 31 July 2025" in page.text
    assert "Northshire Police" in page.text


def test_a_place_is_found_without_scripts(site: Callable[..., Site]) -> None:
    text = front(site())
    assert 'href="find/a-z.html"' in text
    assert 'href="places/northshire/index.html">Northshire Police' in text
    assert re.search(r"<div data-finder hidden", text)


def test_a_force_shows_its_newest_month_and_that_the_release_s_month_is_missing(
    site: Callable[..., Site],
) -> None:
    coverage = pl.DataFrame(
        [
            supplied("2025-05", "submitted"),
            supplied("2025-06", "missing"),
            supplied("2025-06", "partial_suspected", "btp"),
        ]
    )
    force, other = home.forces_of(site({"coverage": coverage}))
    assert [(f["name"], f["places"], f["newest"], f["partial"]) for f in (*force, *other)] == [
        ("Northshire Police", 2, "2025-05", False),
        ("British Transport Police", 0, "2025-06", True),
    ]
    text = front(site({"coverage": coverage}))
    assert re.search(r"May 2025 <span class=\"tag late\">June 2025 is missing</span>", text)
    assert re.search(r"British Transport Police: June 2025 <span class=\"tag late\">looks", text)


def test_a_force_that_never_supplied_is_not_given_a_month(site: Callable[..., Site]) -> None:
    coverage = pl.DataFrame([supplied("2025-06", "missing"), supplied("2025-05", "empty")])
    assert "No month supplied" in front(site({"coverage": coverage}))


def test_without_logs_the_page_does_not_speak_of_answers(site: Callable[..., Site]) -> None:
    whole = site()
    crime_only = {n: t for n, t in whole.tables.items() if n in ("crime", "crime_summary",
                  "neighbourhoods", "coverage", "outcomes")}  # fmt: skip
    text = front(Site(**{**vars(whole), "tables": crime_only}))
    assert "No engagement log was handed in" in text
    assert "nothing handed in" in text
    assert "31 July 2025" not in text
    assert "What people ask" not in text


def test_the_notice_stands_first_and_is_escaped(site: Callable[..., Site]) -> None:
    text = front(site())
    assert "Made up &lt;here&gt;." in text
    assert text.index("Made up") < text.index("<main")


def test_a_page_asks_for_nothing_from_elsewhere_and_runs_nothing_inside_it(
    site: Callable[..., Site],
) -> None:
    text = front(site(base_url="https://data.example.org/releases"))
    assert "default-src 'none'" in text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
    assert re.findall(r"<script(?! src=\"assets/site\.js\" defer></script>)", text) == []
    assert re.findall(r"(?:src|<link rel=\"stylesheet\" href)=\"https?:", text) == []


def test_the_languages_lead_to_each_other(site: Callable[..., Site]) -> None:
    both = site(None, "en", "cy")
    english, welsh = front(both), front(both, "cy")
    assert '<html lang="en-GB">' in english
    assert '<html lang="cy">' in welsh
    assert '<a href="cy/index.html" lang="cy" hreflang="cy">Cymraeg</a>' in english
    assert '<a href="../index.html" lang="en" hreflang="en">English</a>' in welsh
    assert 'href="../assets/site.css"' in welsh
    assert "Dewch o hyd" in welsh
    assert "Mehefin 2025" in welsh
    assert "June 2025" not in welsh
    assert "hreflang" not in front(site())


def test_what_is_not_translated_is_listed(site: Callable[..., Site]) -> None:
    with using("cy"):
        pages = {file.path: str(file.content) for file in home.pages(site(None, "en", "cy"))}
    listed = pages["cy/about/language.html"]
    assert "Nid oes cyfieithydd proffesiynol" in listed
    assert "No cookies, and nothing is stored in your browser." in listed
    assert [file.path for file in home.pages(site())] == ["index.html"]


@pytest.mark.parametrize(("languages", "packs"), [(("en", "cy"), "English"),
                                                  (("cy", "en"), "Cymraeg")])  # fmt: skip
def test_it_is_said_which_language_packs_are_in(
    site: Callable[..., Site], languages: tuple[str, str], packs: str
) -> None:
    page = str(language_page(site(None, *languages)).content)
    assert f"The data files are in English, the meeting packs in {packs}." in page


def test_two_parts_that_write_the_same_file_are_an_error_that_names_both(
    site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(_site: Site) -> list[File]:
        return [File("places/northshire/compare.html", "one")]

    def other(_site: Site) -> list[File]:
        return [File("places/northshire/Compare.html", "other")]

    monkeypatch.setattr(build, "PAGES", (one,))
    monkeypatch.setattr(build, "DATA", (other,))
    with pytest.raises(ValueError, match=r"places/northshire/Compare\.html.*one.*other"):
        list(build.write_site(site(), tmp_path))


# ---- the style ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def style() -> str:
    files = {file.path: str(file.content) for file in static.data(None)}  # type: ignore[arg-type]
    return files["assets/site.css"]


def test_the_style_asks_for_nothing_and_every_colour_has_a_name(style: str) -> None:
    assert "@import" not in style
    assert "url(" not in style
    used = set(re.findall(r"var\((--[\w-]+)\)", style))
    assert used - set(re.findall(r"(--[\w-]+):", style)) == set()
    assert style.count("{") == style.count("}")


def _light(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(style: str, scheme: int) -> None:
    """WCAG 2.2, success criterion 1.4.3: 4.5 to 1."""
    roots = re.findall(r":root \{([^}]*)\}", style)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", roots[0] + (roots[1] if scheme else "")))
    pairs = [(text, back) for text in ("ink", "soft", "deep", "link", "visited", "warn", "good")
             for back in ("paper", "pale")]  # fmt: skip
    pairs += [("on-band", "band"), ("on-band", "under-band")]
    for text, back in pairs:
        high, low = sorted((_light(colours[text]), _light(colours[back])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{text} on {back}"


def test_the_same_release_gives_the_same_page(site: Callable[..., Site]) -> None:
    assert front(site()) == front(site())
    assert date(2025, 7, 31) == site().edition.as_of
