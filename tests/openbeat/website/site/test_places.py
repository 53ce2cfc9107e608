"""The page of a neighbourhood and its files say what the published tables hold, and no more."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from openbeat.contract import load_contracts
from openbeat.engagement.settings import Contact
from openbeat.website.language import using
from openbeat.website.packs.facts import Edition
from openbeat.website.site import places
from openbeat.website.site.settings import SiteSettings
from openbeat.website.site.source import Site

Tables = Mapping[str, pl.DataFrame]
Made = dict[str, Any]
Make = Callable[..., Made]
CONTRACTS = load_contracts(Path(__file__).parents[4] / "expectations" / "contracts")
HOME = "places/northshire/NB01"
ATOM = "{http://www.w3.org/2005/Atom}"
LOGS = ("engagement_events", "you_said_we_did", "priorities", "activities")


def _whole(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """With every published column, as a release has it."""
    contract = CONTRACTS[table]
    names = [c.name for c in contract.columns if c.published]
    empty = pl.DataFrame(schema=contract.polars_schema()).select(names)
    return pl.concat([empty, frame], how="diagonal_relaxed").select(names)


@pytest.fixture
def make(rows: Any, lists: Tables) -> Make:
    """Every file of the places of these tables, by path."""

    def make(given: Tables, *, language: str = "en", base_url: str = "") -> Made:
        contact = Contact(name="Harbour team", email="harbour@northshire.example")
        site = Site(
            edition=Edition(
                "2025-06-r1", rows.MONTH, rows.AS_OF, "Northshire", "", {"northshire": contact}
            ),
            first_month=rows.MONTHS[0],
            tables={name: _whole(name, frame) for name, frame in given.items()},
            contracts={},
            codelists=lists,
            shapes=None,
            folder=Path("/nowhere"),
            sizes={},
            settings=SiteSettings(languages=("en",) if language == "en" else ("en", "cy")),
            base_url=base_url,
        )
        with using(language):
            return {file.path: file.content for file in places.pages(site)}

    return make


@pytest.fixture
def busy(rows: Any, people: Any) -> Callable[..., dict[str, pl.DataFrame]]:
    """Tables of two places, one of them with something of everything; given ones take over."""

    def busy(coverage: Mapping[str, str] | None = None, **changed: Any) -> dict[str, pl.DataFrame]:
        base: dict[str, pl.DataFrame] = rows.busy_tables() | people.heard_tables()
        base["neighbourhood_profile"] = rows.engagement("neighbourhood_profile", [rows.profile()])
        base |= rows.crime_tables(rows.PLACE, rows.OTHER, coverage=coverage)
        return base | {n: rows.engagement(n, given) for n, given in changed.items()}

    return busy


def figures(page: str, table: str) -> dict[str, str]:
    """Month to what its cell says, of the table of a chart."""
    body = re.search(rf'<table id="{table}".*?</table>', page, re.S)
    assert body, table
    cells = re.findall(r'<th scope="row">(.*?)</th><td[^>]*>(.*?)</td>', body[0])
    return dict(cells)


def sheet(made: Made, path: str = f"{HOME}.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made[path], newline="")))


def test_every_page_is_sound_and_leads_only_to_files_that_are_made(
    make: Make, busy: Callable[..., Any], read_page: Any
) -> None:
    made = make(busy())
    pages = [path for path in made if path.endswith(".html")]
    assert {f"{HOME}.html", f"{HOME}.embed.html", "places/northshire/NB02.html"} <= set(pages)
    for path in pages:
        page = read_page(made[path])
        assert page.faults == []
        assert not {"style", "iframe", "img"} & set(page.tags)
        beside = [link.split("#")[0] for link in page.links if "places/northshire/N" in link]
        assert {link.removeprefix("../../") for link in beside} <= set(made)


def test_a_page_has_both_dates_and_every_section_in_the_order_it_matters(
    make: Make, busy: Callable[..., Any], read_page: Any
) -> None:
    page = make(busy())[f"{HOME}.html"]
    text = read_page(page).text
    assert "June 2025" in text
    assert "31 July 2025" in text
    order = ("meeting", "asked", "done", "not-done", "open", "working-on", "crime", "asb",
             "outcomes", "heard", "place", "data")  # fmt: skip
    places_of = [page.index(f'id="{name}"') for name in order]
    assert places_of == sorted(places_of)
    for words in ("999", "101", "textphone 18000", "18001 101", "0800 555 111"):
        assert words in text
    assert "harbour@northshire.example" in text


def test_months_of_the_charts_are_those_of_the_published_table(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy()
    page = make(given)[f"{HOME}.html"]
    published = given["crime_summary"].filter(neighbourhood_id="NB01").sort("month")
    for column, table in (("crime_total", "crime"), ("antisocial_behaviour", "asb")):
        values = [str(value) for value in published[column].to_list()]
        assert list(figures(page, f"{table}-figures").values()) == values[::-1]


def test_a_missing_month_is_a_gap_that_says_why_and_a_partial_one_is_marked(
    make: Make, busy: Callable[..., Any]
) -> None:
    made = make(busy({"2025-03": "missing", "2025-05": "partial_suspected"}))
    page = made[f"{HOME}.html"]
    shown = figures(page, "crime-figures")
    assert shown["March 2025"] == "not available"
    assert shown["May 2025"].endswith("(partial)")
    assert "Not available: March 2025. Northshire Police supplied no file for this month." in page
    rows = {(r["measure"], r["category"], r["period"]): r for r in sheet(made)}
    gap = rows["crime", "total", "2025-03"]
    assert (gap["value"], gap["status"]) == ("", "x")
    assert "no file" in gap["note"]
    assert rows["crime", "total", "2025-05"]["status"] == "u"
    assert rows["crime", "burglary", "2025-03"]["value"] == ""
    assert rows["crime_12m", "total", "2025-06"]["value"] == ""


def test_what_was_done_not_done_and_is_open_stands_apart_with_result_and_reason(
    make: Make, busy: Callable[..., Any], rows: Any
) -> None:
    issues = [
        rows.issue("IS-1", asked="Light the steps", result="The steps are lit"),
        rows.issue("IS-2", asked="Speed bumps please", status="no_action", action=None,
                   action_type=None, result=None, reason_text="The council decides"),
        rows.open_issue("IS-3", asked="Noise at the quay", due_on=date(2025, 9, 1)),
        rows.open_issue("IS-4", asked="Silent one", status="no_feedback_yet"),
    ]  # fmt: skip
    page = make(busy(you_said_we_did=issues))[f"{HOME}.html"]
    parts = re.split(r'<h[23] id="(?:done|not-done|open|working-on)">', page)[1:]
    done, not_done, still_open, _ = parts
    assert "Light the steps" in done
    assert "The steps are lit" in done
    assert "Speed bumps please" in not_done
    assert "The council decides" in not_done
    assert "Silent one" in not_done
    assert "No feedback given yet" in not_done
    assert "Noise at the quay" in still_open
    assert "1 September 2025" in still_open


def test_a_place_with_very_many_long_issues_keeps_its_page_small_and_counts_the_rest(
    make: Make, busy: Callable[..., Any], rows: Any
) -> None:
    long = "Somebody wrote at length about what goes on at night. " * 40
    issues = [rows.issue(f"IS-{n}", asked=long, result=long, action=long) for n in range(200)]
    issues += [rows.open_issue(f"OP-{n}", asked=long) for n in range(200)]
    made = make(busy(you_said_we_did=issues))
    page = made[f"{HOME}.html"]
    assert len(page.encode()) < 60_000
    assert page.count(" more are in ") == 2
    assert "195 more are in" in page
    data = json.loads(made[f"{HOME}.json"])
    assert (len(data["answered"]), len(data["open"])) == (200, 200)


def test_without_logs_a_page_says_that_nothing_is_known_and_shows_the_crime(
    make: Make, rows: Any, read_page: Any
) -> None:
    made = make(rows.crime_tables(rows.PLACE))
    page = read_page(made[f"{HOME}.html"])
    assert page.faults == []
    assert "No number of people is published" in page.text
    assert "What people asked for here is not known" in page.text
    assert "No finished action" not in page.text
    assert f"{HOME}.ics" not in made
    assert 'id="crime"' in made[f"{HOME}.html"]


def test_a_place_without_any_crime_figure_is_not_said_to_have_none(make: Make, rows: Any) -> None:
    months = dict.fromkeys(rows.MONTHS, "missing")
    page = make(rows.crime_tables(rows.PLACE, coverage=months))[f"{HOME}.html"]
    assert 'id="crime"' not in page
    assert "That does not mean that there was no crime." in page
    assert ">0<" not in page


def test_a_new_area_says_since_when_and_what_it_came_from(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy()
    old: dict[str, Any] = {"neighbourhood_id": "NB00", "name": "Old Harbour", "valid_to": "2025-01"}
    old["area_km2"] = 4.5
    first = given["neighbourhoods"].filter(neighbourhood_id="NB01")
    new = first.with_columns(valid_from=pl.lit("2025-02"), predecessor_ids=pl.lit("NB00"))
    gone = first.with_columns(pl.lit(value).alias(name) for name, value in old.items())
    given["neighbourhoods"] = pl.concat([new, gone], how="diagonal")
    given["crime_summary"] = given["crime_summary"].filter(pl.col("month") >= "2025-02")
    made = make(given)
    page = made[f"{HOME}.html"]
    assert "This area changed." in page
    assert 'Half or more of <a href="../../places/northshire/NB00.html">Old Harbour</a>' in page
    assert "Months before that are not counted for it." in page
    assert figures(page, "crime-figures")["January 2025"] == "not available"
    assert "only since February 2025" in page


def test_a_count_that_is_kept_back_is_told_in_words_and_has_no_number_anywhere(
    make: Make, busy: Callable[..., Any]
) -> None:
    made = make(busy())
    kept = [row for row in sheet(made) if row["status"] == "c"]
    assert kept
    for row in kept:
        assert row["value"] == ""
        assert row["note"].startswith("Not shown: so few people")
    assert "not shown" in made[f"{HOME}.html"]
    assert "Not shown: so few people" in made[f"{HOME}.html"]


def test_the_csv_is_as_its_metadata_says(make: Make, busy: Callable[..., Any]) -> None:
    made = make(busy({"2025-03": "malformed"}))
    said = json.loads(made[f"{HOME}.csv-metadata.json"])
    assert said["url"] == "NB01.csv"
    columns = {column["name"]: column for column in said["tableSchema"]["columns"]}
    rows = sheet(made)
    assert list(rows[0]) == list(columns)
    keys = [tuple(row[name] for name in said["tableSchema"]["primaryKey"]) for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        for name, column in columns.items():
            assert row[name] or not column.get("required")
            kind = column["datatype"]
            if isinstance(kind, dict) and row[name]:
                assert re.fullmatch(kind["format"], row[name])
        if row["value"]:
            float(row["value"])
        else:
            assert row["status"]
    assert made[f"{HOME}.csv"].endswith("\r\n")
    for measure in {row["measure"] for row in rows}:
        assert measure in columns["measure"]["dc:description"]


def test_the_json_holds_the_facts_with_a_value_and_a_status_a_month(
    make: Make, busy: Callable[..., Any], rows: Any
) -> None:
    data = json.loads(make(busy())[f"{HOME}.json"])
    assert data["months"] == rows.MONTHS
    every = [data["series"]["crime_total"], *data["series"]["types"].values()]
    assert {len(series[part]) for series in every for part in ("values", "statuses")} == {24}
    assert "Anti-social behaviour" not in data["series"]["types"]
    now = data["twelve"]["antisocial_behaviour"]["now"]
    assert now["value"] == sum(data["series"]["antisocial_behaviour"]["values"][-12:])


def test_the_feed_has_answers_and_meetings_each_with_an_id_of_its_own_and_a_day(
    make: Make, busy: Callable[..., Any]
) -> None:
    made = make(busy(), base_url="https://data.northshire.example")
    feed = ElementTree.fromstring(made[f"{HOME}.atom"])
    entries = feed.findall(f"{ATOM}entry")
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in entries]
    assert any("Environment and lighting" in title for title in titles)
    assert any("Harbour neighbourhood meeting" in title for title in titles)
    ids = [part.findtext(f"{ATOM}id") for part in (feed, *entries)]
    assert len(set(ids)) == len(ids)
    for part in (feed, *entries):
        updated = datetime.fromisoformat(part.findtext(f"{ATOM}updated") or "")
        assert updated <= datetime(2025, 7, 31, tzinfo=UTC)
    links = [link.get("href") or "" for link in feed.iter(f"{ATOM}link")]
    assert links
    assert all(link.startswith("https://data.northshire.example/latest/site/") for link in links)
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Northshire"


def test_a_feed_without_an_address_has_no_links_and_ids_of_the_reserved_name(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy()
    feed = ElementTree.fromstring(make(given)[f"{HOME}.atom"])
    assert not list(feed.iter(f"{ATOM}link"))
    again = ElementTree.fromstring(make(given)[f"{HOME}.atom"])
    assert feed.findtext(f"{ATOM}id") == again.findtext(f"{ATOM}id")


def test_a_calendar_is_there_only_where_something_comes(
    make: Make, busy: Callable[..., Any]
) -> None:
    made = make(busy())
    assert b"BEGIN:VEVENT" in made[f"{HOME}.ics"]
    assert 'NB01.ics">' in made[f"{HOME}.html"]
    assert "places/northshire/NB02.ics" not in made
    assert ".ics" not in made["places/northshire/NB02.html"]


def test_each_chart_stands_by_itself_under_the_name_that_the_page_gives(
    make: Make, busy: Callable[..., Any]
) -> None:
    made = make(busy(), base_url="https://data.northshire.example")
    page, alone = made[f"{HOME}.html"], made[f"{HOME}.embed.html"]
    named = re.findall(r'href="NB01\.embed\.html#([a-z-]+)"', page)
    assert {"crime", "crime-long", "asb", "asb-long", "outcomes"} == set(named)
    for name in named:
        assert f'<section class="chart" id="{name}"' in alone
    assert "NB01.embed.html#crime&#34;" in page or 'NB01.embed.html#crime"' in page
    assert "script" not in alone
    assert "June 2025" in alone


def test_what_search_engines_read_is_json_that_nobody_can_break_out_of(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy()
    name = "</script><b>Quay & Co</b>"
    given["neighbourhoods"] = given["neighbourhoods"].with_columns(
        pl.when(pl.col("neighbourhood_id") == "NB01")
        .then(pl.lit(name))
        .otherwise("name")
        .alias("name")
    )
    page = make(given)[f"{HOME}.html"]
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    said = json.loads(found[0])
    assert said["spatialCoverage"]["name"] == name
    assert said["temporalCoverage"] == "2023-07/2025-06"
    assert "<b>Quay" not in page


def test_in_another_language_what_people_wrote_is_marked_as_english(
    make: Make, busy: Callable[..., Any]
) -> None:
    page = make(busy(), language="cy")[f"cy/{HOME}.html"]
    assert '<html lang="cy"' in page
    assert re.search(r'<span lang="en-GB">Can the quay steps be lit at night', page)


def test_the_same_tables_give_the_same_bytes(make: Make, busy: Callable[..., Any]) -> None:
    given = busy()
    shuffled = {name: frame.reverse() for name, frame in given.items() if name not in LOGS}
    assert make(given) == make(given)
    first, second = make(given), make(given | shuffled)
    assert first[f"{HOME}.csv"] == second[f"{HOME}.csv"]


def drawn(given: Mapping[str, pl.DataFrame], *runs: Mapping[str, Any]) -> pl.DataFrame:
    """The published neighbourhoods with other rows for NB01, each the first one with changes."""
    table = given["neighbourhoods"]
    first = table.filter(neighbourhood_id="NB01")
    changed = [
        first.with_columns(pl.lit(value).alias(name) for name, value in run.items()) for run in runs
    ]
    return pl.concat([table.filter(pl.col("neighbourhood_id") != "NB01"), *changed], how="diagonal")


def one_sum(made: Made, measure: str) -> dict[str, str]:
    return next(r for r in sheet(made) if (r["measure"], r["category"]) == (measure, "total"))


def inset(page: str) -> str:
    found = re.search(r'<div class="inset">(.*?)</div>', page, re.S)
    return re.sub(r"<.*?>", "", found[1]) if found else ""


def test_counts_of_a_year_leave_out_the_months_before_a_place_was_there(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy()
    area = pl.col("neighbourhood_id") == "NB01"
    for name in ("crime_summary", "outcomes"):
        then = pl.col("month") >= "2025-02"
        given[name] = given[name].filter(~area | then)
    made = make(given)
    for name in ("outcomes_12m", "stops_12m"):
        facts = json.loads(made[f"{HOME}.json"])[name]
        assert len(facts["reasons"]) >= 7
        assert "only since February 2025" in facts["reasons"]["2025-01"]
    facts = json.loads(made[f"{HOME}.json"])["outcomes_12m"]
    assert (facts["months"], facts["status"]) == (5, "u")
    assert one_sum(made, "outcomes_12m")["note"] == "5 of 12 months have figures"
    part = made[f"{HOME}.html"].split('<h2 id="came-of-it">')[1].split('<h2 id="stops">')[0]
    assert ">5</data> of the 12 months have figures." in part
    assert "July 2024 to January 2025, 7 months: There has been a neighbourhood" in part
    other = json.loads(made["places/northshire/NB02.json"])["outcomes_12m"]
    assert (other["months"], other["status"]) == (12, None)


def test_none_found_in_the_months_there_are_is_not_none_in_the_year(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy({"2025-03": "missing"})
    given["outcomes"] = given["outcomes"].clear()
    made = make(given)
    row = one_sum(made, "outcomes_12m")
    assert (row["value"], row["status"]) == ("", "x")
    facts = json.loads(made[f"{HOME}.json"])["outcomes_12m"]
    assert (facts["total"], facts["months"], facts["status"]) == (None, 11, "x")
    part = made[f"{HOME}.html"].split('<h2 id="came-of-it">')[1].split('<h2 id="stops">')[0]
    text = re.sub(r"<.*?>", "", part)
    assert "Of the 12 months from July 2024 to June 2025, 11 have figures: no outcome" in text
    assert "March 2025: Northshire Police supplied no file for this month." in text


def test_none_found_in_twelve_whole_months_is_none(make: Make, busy: Callable[..., Any]) -> None:
    given = busy()
    given["outcomes"] = given["outcomes"].clear()
    made = make(given)
    assert (one_sum(made, "outcomes_12m")["value"], one_sum(made, "outcomes_12m")["status"]) == (
        *("0", ""),
    )
    assert "No outcome was recorded for crimes here from July 2024" in made[f"{HOME}.html"]


def test_a_place_that_was_renamed_keeps_its_months_and_its_boundaries(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy()
    old = {"name": "Old Quay", "valid_from": "2023-07", "valid_to": "2025-01"}
    given["neighbourhoods"] = drawn(given, old, {"valid_from": "2025-02"})
    page = make(given)[f"{HOME}.html"]
    assert inset(page).strip() == "Before February 2025 it was called Old Quay."
    assert "July 2023 or earlier" in page.split('<h2 id="place">')[1]
    assert "older shape" not in page


def test_a_place_that_was_redrawn_says_so_wherever_months_of_both_shapes_meet(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy()
    old = {"area_km2": 9.5, "valid_from": "2023-07", "valid_to": "2025-01"}
    new = {"valid_from": "2025-02", "predecessor_ids": "NB01"}
    given["neighbourhoods"] = drawn(given, old, new)
    year = (pl.col("month") >= "2025-02") & (pl.col("neighbourhood_id") == "NB01")
    given["crime_summary"] = given["crime_summary"].with_columns(
        pl.when(year).then(pl.lit("u")).otherwise("crime_total_12m_status")
        .alias("crime_total_12m_status")
    )  # fmt: skip
    made = make(given)
    page = made[f"{HOME}.html"]
    assert inset(page).strip() == (
        "This area changed. It was redrawn in February 2025: months before that are of its older"
        " shape."
    )
    assert "not counted for it" not in page
    assert "not available" not in figures(page, "crime-figures").values()
    caveat = "The area was redrawn in February 2025: months before that are of its older shape."
    for part in ("crime", "crime-long", "asb", "asb-long", "outcomes"):
        assert caveat in page.split(f'<section class="chart" id="{part}"')[1].split("</section>")[0]
    assert caveat in page.split('id="types-caption"')[1].split("</caption>")[0]
    assert caveat in page.split('<dl class="summary">')[1].split("</dl>")[0]
    assert "February 2025" in page.split('<h2 id="place">')[1]
    assert one_sum(made, "antisocial_behaviour_12m")["status"] == "u"
    assert "(partial)" not in page


def test_where_a_place_ended_a_page_says_since_when_and_what_came_after_it(
    make: Make, busy: Callable[..., Any], read_page: Any
) -> None:
    given = busy()
    gone = {
        "neighbourhood_id": "NB00", "name": "Old Harbour", "valid_from": "2023-07",
        "valid_to": "2024-12", "successor_ids": "NB01", "area_km2": 2.0,
    }  # fmt: skip
    twin = {**gone, "neighbourhood_id": "nb01", "successor_ids": None}
    given["neighbourhoods"] = drawn(given, {}, gone, twin)
    made = make(given)
    page = read_page(made["places/northshire/NB00.html"])
    assert page.faults == []
    assert "no neighbourhood with the id NB00 since January 2025" in page.text
    assert "../../places/northshire/NB01.html" in page.links
    [named] = [path for path in made if re.fullmatch(r"places/northshire/nb01-\w+\.html", path)]
    assert "holds half or more of it" in made[named]
    assert f"{HOME}.html" in made
    assert "places/northshire/NB00.csv" not in made
    assert "cy/places/northshire/NB00.html" in make(given, language="cy")


def test_data_is_written_with_the_pages_of_the_first_language_alone(
    make: Make, busy: Callable[..., Any]
) -> None:
    given = busy()
    assert {f"{HOME}.csv", f"{HOME}.json", f"{HOME}.atom"} <= set(make(given))
    assert all(path.endswith(".html") for path in make(given, language="cy"))
