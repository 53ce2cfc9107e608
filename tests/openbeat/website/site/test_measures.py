"""Each measure has a page that says what it is, and files whose numbers are the release's."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.contract import load_contracts
from openbeat.website.language import using
from openbeat.website.packs.facts import Edition
from openbeat.website.site.measures import MEASURES, pages
from openbeat.website.site.measures_logs import LOGS
from openbeat.website.site.settings import SiteSettings
from openbeat.website.site.source import Site

CONTRACTS = load_contracts(Path(__file__).parents[4] / "expectations" / "contracts")
Made = dict[str, str]
Make = Callable[..., Made]


def published(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A table with every column of its contract."""
    contract = CONTRACTS[table]
    names = [c.name for c in contract.columns if c.published]
    empty = pl.DataFrame(schema=contract.polars_schema()).select(names)
    whole = empty.cast({pl.Int32: pl.Int64})
    return pl.concat([whole, frame], how="diagonal_relaxed").select(names)


@pytest.fixture
def make(rows: Any, people: Any, lists: Mapping[str, pl.DataFrame]) -> Make:
    """The files of measures, by path, of a force with two places and what a test adds."""

    def make(
        coverage: Mapping[str, str] | None = None,
        logs: bool = True,
        languages: tuple[Any, ...] = ("en",),
        **added: pl.DataFrame,
    ) -> Made:
        tables = rows.crime_tables(rows.PLACE, rows.OTHER, coverage=coverage)
        if logs:
            given = [rows.profile(month=rows.MONTH, as_of=rows.AS_OF)]
            tables["neighbourhood_profile"] = rows.engagement("neighbourhood_profile", given)
            tables |= people.heard_tables()
        whole = {name: published(name, frame) for name, frame in (tables | added).items()}
        site = Site(
            edition=Edition("2025-06-r1", rows.MONTH, rows.AS_OF, "Northshire", "", {}),
            first_month=rows.MONTHS[0],
            tables=whole,
            contracts=CONTRACTS,
            codelists=lists,
            shapes=None,
            folder=Path("/nowhere"),
            sizes={"tables/crime_summary.csv": 1234},
            settings=SiteSettings(languages=languages),
        )
        made: Made = {}
        for code in languages:
            with using(code):
                made |= {file.path: str(file.content) for file in pages(site)}
        return made

    return make


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def cells(page: str) -> list[list[str]]:
    """The table by force: of each row the plain text of its cells."""
    body = re.search(r'<table id="by-force".*?<tbody>(.*?)</tbody>', page, re.S)
    assert body is not None
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>.*?</tr>", body[1], re.S)
    ]


def test_every_measure_has_a_page_and_three_files_and_is_listed(
    make: Make, read_page: Callable[[str], Any]
) -> None:
    made = make()
    for measure in MEASURES:
        page = made[f"measures/{measure.id}.html"]
        assert read_page(page).faults == []
        for text in (measure.definition, f"{measure.table}.{measure.column}"):
            assert text.replace("'", "&#39;") in page
        for ending in ("csv", "json", "csv-metadata.json"):
            assert f"measures/{measure.id}.{ending}" in made
            assert f'href="../measures/{measure.id}.{ending}"' in page
        assert f'href="../measures/{measure.id}.html"' in made["measures/index.html"]
    assert read_page(made["measures/index.html"]).faults == []


def test_every_measure_stands_in_a_published_column() -> None:
    for measure in MEASURES:
        columns = {c.name: c for c in CONTRACTS[measure.table].columns}
        assert columns[measure.column].published, measure.id
        assert measure.datatype == columns[measure.column].type, measure.id
        assert not measure.category or columns[measure.category].published
        assert [b.since for b in measure.breaks] == sorted(b.since for b in measure.breaks)
    assert len({m.id for m in MEASURES}) == len(MEASURES)


def test_the_files_hold_one_row_a_neighbourhood_with_the_published_value(
    make: Make, rows: Any
) -> None:
    made = make()
    summary = rows.crime_tables(rows.PLACE, rows.OTHER)["crime_summary"]
    newest = summary.filter(pl.col("month") == rows.MONTH)
    want = dict(newest.select("neighbourhood_id", "crime_total").iter_rows())
    found = table(made["measures/crimes.csv"])
    assert {row["neighbourhood_id"]: int(row["crime_total"]) for row in found} == want
    assert {row["month"] for row in found} == {rows.MONTH}
    as_json = json.loads(made["measures/crimes.json"])
    assert [[str(v or "") for v in row] for row in as_json["rows"]] == [
        list(row.values()) for row in found
    ]
    assert as_json["columns"] == list(found[0])
    assert "\r\n" in made["measures/crimes.csv"]


def test_what_is_said_of_a_force_is_the_sum_of_its_neighbourhoods(make: Make) -> None:
    made = make()
    total = sum(int(row["crime_total"]) for row in table(made["measures/crimes.csv"]))
    assert cells(made["measures/crimes.html"]) == [["Northshire Police", "2", "2", str(total)]]


def test_crimes_by_type_add_up_to_the_crimes_and_leave_anti_social_behaviour_out(
    make: Make,
) -> None:
    made = make()
    by_place: dict[str, int] = {}
    for row in table(made["measures/crimes-by-type.csv"]):
        assert row["crime_type"] != "Anti-social behaviour"
        by_place[row["neighbourhood_id"]] = by_place.get(row["neighbourhood_id"], 0) + int(
            row["count"]
        )
    want = {
        r["neighbourhood_id"]: int(r["crime_total"]) for r in table(made["measures/crimes.csv"])
    }
    assert by_place == want


def test_a_month_that_was_not_supplied_is_no_0(make: Make, rows: Any) -> None:
    made = make(coverage={rows.MONTH: "missing"})
    for name, column in (
        ("crimes", "crime_total"),
        ("antisocial-behaviour", "antisocial_behaviour"),
        ("crimes-by-type", "count"),
        ("outcomes", "count"),
    ):
        found = table(made[f"measures/{name}.csv"])
        assert {(row[column], row[f"{column}_status"]) for row in found} == {("", "x")}, name
        assert "That does not mean that there were none." in made[f"measures/{name}.html"]
    assert "Expected, and no file" in made["measures/coverage.html"]


def test_a_partial_month_is_marked_wherever_it_is_shown(make: Make, rows: Any) -> None:
    made = make(coverage={rows.MONTH: "partial_suspected"})
    found = table(made["measures/crimes.csv"])
    assert {row["crime_total_status"] for row in found} == {"u"}
    assert cells(made["measures/crimes.html"])[0][3].endswith("(partial)")
    outcomes = table(made["measures/outcomes.csv"])
    assert {row["count_status"] for row in outcomes if row["count"]} == {"u"}
    assert {row["count_status"] for row in outcomes if not row["count"]} == {"x"}


def test_outcomes_are_0_only_where_the_force_supplied_them(make: Make, rows: Any) -> None:
    found = table(make()["measures/outcomes.csv"])
    quiet = [row for row in found if row["neighbourhood_id"] == rows.OTHER["neighbourhood_id"]]
    assert {(row["count"], row["count_status"]) for row in quiet} == {("0", "")}
    busy = {row["outcome_group"]: row["count"] for row in found if row not in quiet}
    assert (busy["no_suspect"], busy["open_or_unknown"]) == ("31", "0")


def test_counts_of_people_are_taken_as_published_and_never_added_up(make: Make) -> None:
    made = make()
    found = {row["neighbourhood_id"]: row for row in table(made["measures/attendances.csv"])}
    assert {row["period"] for row in found.values()} == {"2025-Q2"}
    assert (found["NB01"]["attendances"], found["NB01"]["attendances_status"]) == ("87", "")
    assert (found["NB02"]["attendances"], found["NB02"]["attendances_status"]) == ("", "z")
    # The force's own figure, not the sum of the two neighbourhoods.
    assert cells(made["measures/attendances.html"]) == [["Northshire Police", "1", "410"]]
    kept = {r["neighbourhood_id"]: r for r in table(made["measures/answered-within-72-hours.csv"])}
    assert kept["NB01"]["answered_72h_share_status"] == "c"
    assert cells(made["measures/answered-within-72-hours.html"]) == [
        ["Northshire Police", "0", "80%"]
    ]


def test_shares_and_medians_of_places_are_given_as_a_range_not_as_a_rank(make: Make) -> None:
    made = make()
    assert cells(made["measures/issues-answered.html"]) == [
        ["Northshire Police", "2", "1", "75%", "75%", "75%"]
    ]
    assert cells(made["measures/priorities-current.html"]) == [["Northshire Police", "2", "1", "1"]]
    for path, text in made.items():
        if path.endswith(".html"):
            assert not re.search(r"\b(best|worst|ranked|top 10|recorded crime)\b", text), path


def test_a_place_without_a_profile_is_unknown(make: Make) -> None:
    made = make()
    found = {r["neighbourhood_id"]: r for r in table(made["measures/actions-overdue.csv"])}
    assert (found["NB01"]["actions_overdue"], found["NB01"]["actions_overdue_status"]) == ("1", "")
    assert (found["NB02"]["actions_overdue"], found["NB02"]["actions_overdue_status"]) == ("", "x")
    # What is known of one place of two is not the sum of both.
    assert cells(made["measures/actions-overdue.html"]) == [
        ["Northshire Police", "2", "1", "1 (partial)"]
    ]
    current = {r["neighbourhood_id"]: r for r in table(made["measures/priorities-current.csv"])}
    assert current["NB02"]["priorities_current"] == "not_known"


def test_without_logs_the_pages_say_so_and_the_files_are_empty(make: Make) -> None:
    made = make(logs=False)
    for measure in LOGS:
        assert "no force has delivered a log of this kind" in made[f"measures/{measure.id}.html"]
        assert table(made[f"measures/{measure.id}.csv"]) == []
        assert json.loads(made[f"measures/{measure.id}.json"])["rows"] == []
    for path, text in made.items():
        if path.endswith(".html"):
            assert "Of meetings, answers and activity nothing was handed in." in text, path
            assert "Meetings, answers and activity: up to" not in text
    assert made["measures/index.html"].count("Not in this release.") == len(LOGS) + 1  # and stops


def test_a_sidecar_describes_the_columns_of_its_file(make: Make) -> None:
    made = make()
    for measure in MEASURES:
        told = json.loads(made[f"measures/{measure.id}.csv-metadata.json"])
        names = [column["name"] for column in told["tableSchema"]["columns"]]
        header = made[f"measures/{measure.id}.csv"].split("\r\n")[0].split(",")
        assert names == header, measure.id
        found = table(made[f"measures/{measure.id}.csv"])
        keys = [tuple(row[k] for k in told["tableSchema"]["primaryKey"]) for row in found]
        assert len(set(keys)) == len(keys), measure.id


def test_files_are_written_once_whatever_the_languages(make: Make) -> None:
    made = make(languages=("en", "cy"))
    assert "cy/measures/crimes.html" in made
    assert "cy/measures/crimes.csv" not in made
    assert 'href="../../measures/crimes.csv"' in made["cy/measures/crimes.html"]
    assert 'href="../../../tables/crime_summary.csv"' in made["cy/measures/crimes.html"]


def test_both_dates_stand_on_every_page(make: Make) -> None:
    for path, text in make().items():
        if path.endswith(".html"):
            assert "June 2025" in text
            assert "31 July 2025" in text


def test_the_same_release_gives_the_same_bytes(make: Make) -> None:
    assert make() == make()


def test_a_day_is_written_as_iso_in_the_files(make: Make) -> None:
    row = table(make()["measures/meetings.csv"])[0]
    assert date.fromisoformat(row["as_of"]) == date(2025, 7, 31)
