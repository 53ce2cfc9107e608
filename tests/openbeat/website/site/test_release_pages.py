"""The page of a release: what is new, changed, missing, broken, and where every file is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.website.site import coverage_facts, release_pages
from tests.openbeat.website.site import releases

Read = Callable[[str], Any]


def _pages(site: Any) -> dict[str, str]:
    return {file.path: str(file.content) for file in release_pages.pages(site)}


def _text(markup: str) -> str:
    words = re.sub(r"<script.*?</script>|<[^>]+>", "", markup, flags=re.S)
    return " ".join(words.split())


def test_pages_have_no_faults(tmp_path: Path, read_page: Read) -> None:
    for path, markup in _pages(releases.site(tmp_path)).items():
        assert read_page(markup).faults == [], path


def test_the_newest_month_is_summed_over_places_with_a_figure_and_the_others_are_named(
    tmp_path: Path,
) -> None:
    page = _pages(releases.site(tmp_path))["release/index.html"]
    assert '<data value="1234" data-of="crime_summary.crime_total@2025-06">1,234</data>' in page
    text = _text(page)
    assert "in the 2 neighbourhoods that have a figure. 1 more has none, and that is not 0." in text
    assert "Anti-social behaviour is counted apart: 42 incidents." in text
    assert "of low reliability" in text
    assert "Of 2 forces that supply crimes to police.uk, 2 supplied that month whole." in text


def test_a_month_without_any_figure_is_no_month_without_crime(tmp_path: Path) -> None:
    none = releases.crime_summary().with_columns(
        pl.lit(None, pl.Int64).alias("crime_total"), pl.lit("x").alias("crime_total_status")
    )
    page = _pages(releases.site(tmp_path, tables={"crime_summary": none}))["release/index.html"]
    assert "crime_summary.crime_total" not in page
    assert "0 crimes" not in page


def test_without_logs_the_page_says_that_none_were_supplied(tmp_path: Path) -> None:
    text = _text(_pages(releases.site(tmp_path))["release/index.html"])
    assert "No engagement log was supplied for this release" in text
    assert "events were held" not in text


def test_events_and_answers_are_those_of_the_month_that_engagement_runs_to(tmp_path: Path) -> None:
    day = date(2025, 7, 3)
    events = pl.DataFrame(
        {
            # The last was never marked as held: it is not to come.
            "status": ["held", "held", "cancelled", "planned", "planned"],
            "event_date": [day, date(2025, 6, 3), day, date(2025, 8, 1), date(2025, 7, 31)],
        }
    )
    issues = pl.DataFrame(
        {
            "raised_on": [day, day, date(2025, 1, 1)],
            "fed_back_on": [None, None, day],
            "closed": ["no", "no", "yes"],
        }
    )
    logs = {"engagement_events": events, "you_said_we_did": issues}
    text = _text(_pages(releases.site(tmp_path, tables=logs))["release/index.html"])
    assert "From the engagement logs, July 2025 (up to 31 July 2025):" in text
    assert "1 event was held; 1 is planned" in text
    assert "2 issues were raised by the public" in text
    assert "1 answer was fed back; 2 issues have no final answer yet" in text


def test_revisions_are_counted_by_kind_and_reason_corrections_first(tmp_path: Path) -> None:
    late = {"table": "crime", "kind": "late_supply", "reason": "the file came"}
    wrong = {"table": "outcomes", "kind": "correction", "reason": "a label was wrong"}
    revised = releases.revisions(late, late, {**late, "table": "crime_summary"}, wrong)
    page = _pages(releases.site(tmp_path, revised=revised))["release/index.html"]
    text = _text(page)
    assert "Since 2025-06-r1, 4 figures were revised." in text
    assert text.index("Corrections: 1") < text.index("Late supply: 3")
    assert "Tables: crime, crime_summary." in text
    assert "the file came. (3)" in text
    assert "Nothing that 2025-06-r1 said was revised." not in text


def test_without_revisions_the_changelog_speaks_and_its_lists_are_shown(tmp_path: Path) -> None:
    text = _text(_pages(releases.site(tmp_path))["release/index.html"])
    assert "Nothing that 2025-06-r1 said was revised." in text
    assert "New months: 2025-06." in text
    assert "crime: a column was added." in text


def test_quality_says_who_missed_what_and_adds_a_rule_up_over_its_months(tmp_path: Path) -> None:
    page = _pages(releases.site(tmp_path))["release/index.html"]
    text = _text(page)
    assert "1 of 2 forces meet every threshold." in text
    assert "Northmere Constabulary: 1/14 of 6 expected files came whole." in text
    assert "1 rule that only warns was not kept everywhere." in text
    assert '7 <span class="small nw">of 300</span>' in page
    assert "at least 95\u00a0%" in page


def test_refused_rows_are_told_by_force_with_their_rule_and_unreadable_files_by_name(
    tmp_path: Path,
) -> None:
    page = _pages(releases.site(tmp_path))["release/index.html"]
    table = page[page.index('<table id="refused"') : page.index("</table>", page.index("refused"))]
    assert "Northmere Constabulary" in table
    assert "British Transport Police" not in table
    assert "Latitudes are possible. (1)" in table
    assert "<code>2025-05/x.csv</code>: line 5: not UTF-8 text." in page
    assert "Mend:" not in page


def test_every_file_is_linked_with_its_size_and_those_written_later_without(tmp_path: Path) -> None:
    page = _pages(releases.site(tmp_path))["release/index.html"]
    for path, size in [
        ("tables/crime_summary.parquet", "2.3 MB"),
        ("tables/crime_summary.csv.gz", "3 kB"),
        ("tables/crime_summary/crime_summary-northmere.csv", "2 kB"),
        ("REVISIONS.csv", "100 bytes"),
    ]:
        assert re.search(rf'href="../../{path}">[^<]+</a> <span class="small">{size}<', page), path
    assert 'href="../../../2025-06-r2.zip"' in page
    assert re.search(r'href="../../SHA256SUMS">SHA256SUMS</a>: ', page)
    # Not there: no link.
    assert 'tables/crime_summary.csv"' not in page
    assert "DISCLOSURE.md" not in page


def test_the_record_for_search_engines_is_json_and_cannot_end_its_element(tmp_path: Path) -> None:
    edition = releases.site(tmp_path).edition
    hostile = edition.__class__("2025-06-r2", "2025-06", edition.as_of, "</script><b>", "", {})
    site = releases.site(tmp_path, edition=hostile, base_url="https://data.example.org")
    page = _pages(site)["release/index.html"]
    block = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    record = json.loads(block[0])
    assert record["@type"] == "Dataset"
    assert record["publisher"]["name"] == "</script><b>"
    assert "https://data.example.org/2025-06-r2/tables/coverage.csv" in [
        entry["contentUrl"] for entry in record["distribution"]
    ]


def test_the_feed_and_the_calendar_are_beside_the_release(tmp_path: Path) -> None:
    page = _pages(releases.site(tmp_path))["release/index.html"]
    assert '<link rel="alternate" type="application/atom+xml" href="../../../feed.atom"' in page
    assert 'href="../../../calendar.html"' in page
    assert 'href="../../../releases.json"' in page


def test_coverage_shows_each_force_as_a_picture_and_in_words(tmp_path: Path) -> None:
    page = _pages(releases.site(tmp_path))["release/coverage.html"]
    assert page.count('role="img"') == 2
    text = _text(page)
    assert "5 of 6 files that were expected came whole. Of the others: 1 missing." in text
    assert "Northmere Constabulary23missing: May 2025" in text
    assert "British Transport Police00Not expected of this force." in text
    assert "partial: June 2025" in text


def test_every_state_of_coverage_has_a_name_and_a_meaning() -> None:
    codes = releases.CODELISTS["coverage_statuses"]["coverage"].to_list()
    assert [*coverage_facts.state_names()] == [*coverage_facts.STATES] == codes


def test_every_kind_of_revision_of_the_changelog_has_a_name() -> None:
    from openbeat.release.changelog import KIND_WORDS
    from openbeat.website.site.release_facts import revision_kinds

    assert [*revision_kinds()] == [*KIND_WORDS]
