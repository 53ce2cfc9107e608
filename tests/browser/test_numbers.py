"""Every number on the pages is one of the release's files, and no other number is on them."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from lxml import html

from tests.browser.conftest import Pages
from tests.browser.numbers import check, forces, measures, places, prose
from tests.browser.numbers.published import Place, Published
from tests.browser.numbers.texts import Texts

SEED, PLACES, MEASURES, ALTERED = 20250731, 20, 6, 12
FIGURES = {
    "the value of a number in a sentence": r'<data value="(\d)',
    "a number in a sentence": r"<data [^>]*>(\d)",
    "a cell": r'<td class="n"[^>]*>(\d)',
    "the exact value of a cell": r' data-v="(\d)',
    "a chart": r'<svg class="plot (?:bars|line|rows)(?:(?!</svg></svg>).)*?<text[^>]*>(\d)',
    "what is said of a chart": r'class="plot[^"]*" role="img" aria-label="[^"]*?(\d)[^"]*"',
    "how much more there is": r"<p>(\d)\d* more (?:is|are) in",
}
"""Where a page holds figures: each pattern finds the first digit of one."""
_RECORDS = ("engagement_events", "you_said_we_did", "priorities", "neighbourhood_profile")


@pytest.fixture(scope="module")
def release(pages: Pages) -> Published:
    return Published(pages.root.parent)


def _drawn(paths: list[Path], count: int) -> list[Path]:
    return sorted(random.Random(SEED).sample(paths, min(count, len(paths))))


def _place_of(release: Published, page: Path) -> Place:
    main = html.fromstring(page.read_text("utf-8")).find(".//main")
    label = main.xpath(".//dt[.='Id of the neighbourhood']/following-sibling::dd")[0]
    place = (page.parent.name, check.said(label))
    assert check.said(main.find(".//h1")) == release.today[place]["name"]
    return place


def _known_of_place(release: Published, place: Place) -> check.Known:
    force, identity = place
    rows = [
        row
        for table in _RECORDS
        for row in release.where(table, force_id=force, neighbourhood_id=identity)
    ]
    rows += release.where("neighbourhoods", force_id=force)
    newest = release.summary(place, release.month)
    years = [{"year": newest["population_year"]}] if newest else []
    labels = [v for name in ("themes", "reach_categories") for v in release.labels(name).values()]
    groups = {name: len(found) for name, found in prose.issue_groups(release, place).items()}
    outcomes = places.table(release, place, "outcomes-figures") or {}

    def series(section: str) -> list[tuple[str, tuple[float | None, str | None]]] | None:
        column = places.COLUMNS.get(section.removesuffix("-long"))
        return release.series(place, column) if column else None

    def usual(section: str) -> tuple[float, float] | None:
        column = places.COLUMNS.get(section.removesuffix("-long"))
        if not column or not section.endswith("-long"):
            return None
        low = prose.of_place(release, place, f"crime_summary.{column}@{release.month}#lowest")
        high = prose.of_place(release, place, f"crime_summary.{column}@{release.month}#highest")
        return (low[0], high[0]) if low and high and low[0] is not None else None

    return check.Known(
        datum=lambda key: prose.of_place(release, place, key),
        table=lambda name: places.table(release, place, name),
        texts=Texts(release, [*rows, *years], labels),
        series=series,
        usual=usual,
        rows={label: cells[0] for label, cells in outcomes.items()},
        more={**groups, "working-on": len(prose.standing(release, place))},
    )


def _known(release: Published, pages: Pages, page: Path) -> check.Known:
    folder = page.relative_to(pages.root).parts[0]
    if folder == "measures":
        return measures.known(release, page.stem)
    if page.stem in ("index", "compare"):
        return forces.known(release, page.parent.name, compare=page.stem == "compare")
    return _known_of_place(release, _place_of(release, page))


def _chosen(pages: Pages) -> list[Path]:
    """Neighbourhoods drawn at random, the pages of all forces of the sample, a few measures."""
    every = sorted((pages.root / "places").glob("*/*.html"))
    special = [page for page in every if page.stem in ("index", "compare")]
    # Embeds, and pages of places that ended, have no data of their own.
    usual = [p for p in every if p not in special and p.with_suffix(".csv").is_file()]
    measured = sorted((pages.root / "measures").glob("*.html"))
    return [
        *_drawn(usual, PLACES),
        *special,
        *_drawn([page for page in measured if page.stem != "index"], MEASURES),
    ]


def test_every_number_is_the_releases_and_none_is_left_over(
    release: Published, pages: Pages
) -> None:
    chosen = _chosen(pages)
    assert len(chosen) > PLACES
    found = {
        str(page.relative_to(pages.root)): wrong
        for page in chosen
        if (wrong := check.faults(page, page.read_text("utf-8"), _known(release, pages, page)))
    }
    assert found == {}


def test_pages_in_welsh_have_the_same_figures(pages: Pages) -> None:
    welsh = [
        page
        for page in _chosen(pages)
        if (pages.root / "cy" / page.relative_to(pages.root)).is_file()
    ]
    assert welsh, "the sample's website has no Welsh pages"
    for page in welsh:
        other = pages.root / "cy" / page.relative_to(pages.root)
        assert check.same_figures(page.read_text("utf-8"), other.read_text("utf-8")) == [], page


@pytest.mark.parametrize("folder", ["places/northmere/NH02", "places/northmere/index",
                                    "places/northmere/compare", "measures/crimes"])  # fmt: skip
def test_a_figure_altered_by_one_digit_is_found(
    release: Published, pages: Pages, folder: str
) -> None:
    page = pages.root / f"{folder}.html"
    markup, known = page.read_text("utf-8"), _known(release, pages, page)
    assert check.faults(page, markup, known) == []
    unseen, altered = [], 0
    for kind, pattern in FIGURES.items():
        spots = [match.start(1) for match in re.finditer(pattern, markup, re.S)]
        for at in random.Random(SEED).sample(spots, min(ALTERED, len(spots))):
            other = f"{markup[:at]}{(int(markup[at]) + 1) % 10}{markup[at + 1 :]}"
            altered += 1
            if not check.faults(page, other, known):
                unseen.append(f"{kind}: {markup[at - 60 : at + 20]}")
    assert unseen == []
    assert altered > 5


def test_a_number_from_nowhere_is_found(release: Published, pages: Pages) -> None:
    page = pages.root / "places/northmere/NH02.html"
    markup, known = page.read_text("utf-8"), _known(release, pages, page)
    for text in (
        "<p>7 of them were closed.</p>",
        "<p>Up by 12%.</p>",
        "<li>3 crimes in May 2031</li>",
    ):
        other = markup.replace("</main>", f"{text}</main>")
        assert len(check.faults(page, other, known)) > 0, text
