"""The page of a force and its neighbourhoods side by side say what the published tables hold."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pytest

from openbeat.contract import load_contracts
from openbeat.engagement.settings import Contact
from openbeat.months import months_to
from openbeat.website.language import using
from openbeat.website.packs.facts import Edition
from openbeat.website.site.forces import pages
from openbeat.website.site.settings import SiteSettings
from openbeat.website.site.source import Site

Tables = Mapping[str, pl.DataFrame]
Made = dict[str, Any]
CONTRACTS = load_contracts(Path(__file__).parents[4] / "expectations" / "contracts")
ASB = "Anti-social behaviour"
HOME = "places/northshire"
RAIL = {"force_id": "btp", "force_name": "British Transport Police"}


@pytest.fixture
def tables(rows: Any, people: Any) -> Callable[..., dict[str, pl.DataFrame]]:
    """Tables of a force with two places and logs, and of a rail force; given ones take over."""

    def tables(
        coverage: Mapping[str, str] | None = None, *, logs: bool = True, **changed: pl.DataFrame
    ) -> dict[str, pl.DataFrame]:
        base = rows.crime_tables(rows.PLACE, rows.OTHER, coverage=coverage)
        if logs:
            profiles = [rows.profile(), rows.profile(**rows.OTHER, meetings_12m=2)]
            base |= {k: v for k, v in rows.busy_tables().items() if k not in base}
            base["neighbourhood_profile"] = rows.engagement("neighbourhood_profile", profiles)
            base |= people.heard_tables()
        rail = [
            {**RAIL, "month": month, "dataset": "street", "coverage": "submitted"}
            for month in rows.MONTHS
        ]
        base["coverage"] = pl.concat([base["coverage"], pl.DataFrame(rail)], how="diagonal")
        return {**base, **changed}

    return tables


def as_published(tables: Tables) -> dict[str, pl.DataFrame]:
    """The tables with every published column, counts with what their force supplied."""
    said = tables["coverage"].select("force_id", "month", "dataset", "coverage")
    found = dict(tables)
    for name, dataset in (("crime", "street"), ("outcomes", "outcomes"), ("stops", "stops")):
        if name in found:
            of = said.filter(pl.col("dataset") == dataset).drop("dataset")
            found[name] = found[name].join(of, on=("force_id", "month"), how="left")
    return {name: _whole(name, frame) for name, frame in found.items()}


def _whole(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    contract = CONTRACTS[table]
    names = [c.name for c in contract.columns if c.published]
    empty = pl.DataFrame(schema=contract.polars_schema()).select(names)
    return pl.concat([empty, frame], how="diagonal_relaxed").select(names)


@pytest.fixture
def make(rows: Any, lists: Tables) -> Callable[..., Made]:
    """The files of these tables, by path."""

    def make(given: Tables, *languages: Any) -> Made:
        contact = Contact(name="Harbour team", email="harbour@northshire.example")
        site = Site(
            edition=Edition(
                "2025-06-r1", rows.MONTH, rows.AS_OF, "Northshire", "", {"northshire": contact}
            ),
            first_month=rows.MONTHS[0],
            tables=as_published(given),
            contracts={},
            codelists=lists,
            shapes=None,
            folder=Path("/nowhere"),
            sizes={"workbook/northshire.xlsx": 45_600, "workbook/btp.ods": 1},
            settings=SiteSettings(languages=languages or ("en",)),
        )
        made: Made = {}
        for code in languages or ("en",):
            with using(code):
                for file in pages(site):
                    assert file.path not in made
                    made[file.path] = file.content
        return made

    return make


def as_csv(frame: pl.DataFrame) -> list[dict[str, str]]:
    """A published table as anybody reads it: with the csv module."""
    return list(csv.DictReader(io.StringIO(frame.write_csv())))


def sheet(made: Made, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made[path])))


def cells(page: str, table: str) -> Iterator[list[str]]:
    """The rows of a table: of each cell the text, or the number it stands for."""
    body = re.search(rf'<table id="{table}".*?</table>', page, re.S)
    assert body, table
    for row in re.findall(r"<tr.*?</tr>", body[0], re.S):
        found = re.findall(r"<t[hd]([^>]*)>(.*?)</t[hd]>", row, re.S)
        exact = [re.search(r'data-v="([^"]*)"', attributes) for attributes, _ in found]
        texts = [re.sub(r"<[^>]*>|\s+", " ", text).strip() for _, text in found]
        yield [e[1] if e else t for e, t in zip(exact, texts, strict=True)]


def table(page: str, ident: str) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in cells(page, ident) if row}


def test_the_figures_of_each_neighbourhood_are_those_of_the_published_files(
    make: Callable[..., Made], tables: Callable[..., Any], rows: Any
) -> None:
    given = tables()
    # Outcomes of a year: enough for a share in one place, too few in the other.
    year = months_to(rows.MONTH, 12)
    outcome = {"force_id": "northshire", "place": "neighbourhood", "area_force_id": "northshire"}
    given["outcomes"] = pl.DataFrame(
        [
            {**outcome, "neighbourhood_id": n, "month": m, "outcome_group": g, "count": c}
            for n, scale in (("NB01", 3), ("NB02", 1))
            for m in (year[0], year[7])
            for g, c in (("charged_or_court", 4 * scale), ("no_suspect", 11 * scale))
        ]
    )
    # More each month: a median that took the newest month in, or missed the oldest, would differ.
    rising = pl.col("month").rank("dense").cast(pl.Int64) * 10 + pl.col("crime_total")
    given["crime_summary"] = given["crime_summary"].with_columns(crime_total=rising)
    made = make(given)
    got = {row["neighbourhood_id"]: row for row in sheet(made, f"{HOME}/compare.csv")}
    summary, outcomes = as_csv(given["crime_summary"]), as_csv(given["outcomes"])
    for place in ("NB01", "NB02"):
        mine = {r["month"]: r for r in summary if r["neighbourhood_id"] == place}
        for name in ("crime_total", "antisocial_behaviour"):
            series = {month: int(row[name]) for month, row in mine.items()}
            assert int(got[place][name]) == series[rows.MONTH]
            usual = median(series[m] for m in months_to(rows.MONTH)[:-1])
            assert float(got[place][f"{name}_usual"]) == usual
        assert int(got[place]["antisocial_behaviour_12m"]) == sum(
            int(mine[m]["antisocial_behaviour"]) for m in year
        )
        assert got[place]["crime_total_12m"] == mine[rows.MONTH]["crime_total_12m"]
        there = [r for r in outcomes if r["neighbourhood_id"] == place]
        charged = [r for r in there if r["outcome_group"] == "charged_or_court"]
        assert int(got[place]["outcomes_12m"]) == sum(int(r["count"]) for r in there)
        assert int(got[place]["outcomes_charged_12m"]) == sum(int(r["count"]) for r in charged)
    assert float(got["NB01"]["outcomes_charged_share_12m"]) == round(24 / 90, 4)
    assert got["NB02"]["outcomes_charged_share_12m"] == ""
    assert got["NB02"]["outcomes_charged_share_12m_status"] == "x"

    shown = table(made[f"{HOME}/compare.html"], "crime-table")
    first = got["NB01"]
    assert [float(v) for v in shown["Harbour and Old Town"][:6]] == [
        float(first[f"{name}{end}"])
        for name in ("crime_total", "antisocial_behaviour")
        for end in ("", "_usual", "_12m")
    ]
    assert shown["Harbour and Old Town"][6:] == ["90", "24", str(round(24 / 90, 4))]
    newest = [r for r in summary if r["month"] == rows.MONTH]
    assert int(shown["All together"][0]) == sum(int(r["crime_total"]) for r in newest)


@pytest.mark.parametrize("names", [("wharf", "Ŵyn"), ("Ŵyn", "wharf")])
def test_rows_stand_in_the_order_of_names_and_nothing_ranks_them(
    make: Callable[..., Made], tables: Callable[..., Any], names: tuple[str, str]
) -> None:
    given = tables()
    renamed = dict(zip(("Harbour and Old Town", "Whitmoor"), names, strict=True))
    given["neighbourhoods"] = given["neighbourhoods"].with_columns(pl.col("name").replace(renamed))
    made = make(given)
    for path in (f"{HOME}/compare.html", f"{HOME}/index.html"):
        assert made[path].index("wharf") < made[path].index("Ŵyn")
    words = re.findall(r"\w+", made[f"{HOME}/compare.html"].lower())
    assert not {"rank", "ranked", "worst", "best", "league"} & set(words)


def test_the_force_page_adds_its_neighbourhoods_up_with_anti_social_behaviour_apart(
    make: Callable[..., Made], tables: Callable[..., Any], rows: Any
) -> None:
    given = tables()
    page = make(given)[f"{HOME}/index.html"]
    crime = [r for r in as_csv(given["crime"]) if r["month"] in months_to(rows.MONTH, 12)]

    def total(asb: bool, month: str | None = None, force: str | None = None) -> int:
        return sum(
            int(r["count"])
            for r in crime
            if (r["crime_type"] == ASB) is asb
            and r["month"] in (month or r["month"])
            and r["force_id"] == (force or r["force_id"])
        )

    lede = re.search(r'<p class="lede">(.*?)</p>', page, re.S)
    assert lede
    values = re.findall(r'<data value="([^"]+)" data-of="([^"]+)"', lede[1])
    assert values[0] == (
        str(total(False, rows.MONTH)),
        f"crime_summary.crime_total@{rows.MONTH}#northshire",
    )
    months = table(page, "crime_total-months")
    assert months["June 2025"][0].replace(",", "") == str(total(False, rows.MONTH))
    asb = table(page, "antisocial_behaviour-months")
    assert asb["June 2025"][0].replace(",", "") == str(total(True, rows.MONTH))
    reported = table(page, "reported-table")["In its own neighbourhoods"]
    mine = "northshire"
    assert [int(v.replace(",", "")) for v in reported] == [
        total(False, rows.MONTH, mine),
        total(False, None, mine),
        total(True, rows.MONTH, mine),
        total(True, None, mine),
    ]
    reporters = table(page, "reporters-table")
    assert reporters["British Transport Police"][0] == str(total(False, rows.MONTH, "btp"))


@pytest.mark.parametrize(
    ("said", "shown"),
    [("missing", "not available"), ("malformed", "not available"), ("empty", "not available")],
)
def test_a_month_that_did_not_come_is_a_gap_with_its_reason_and_never_a_zero(
    make: Callable[..., Made], tables: Callable[..., Any], rows: Any, said: str, shown: str
) -> None:
    made = make(tables({rows.MONTH: said}))
    page = made[f"{HOME}/index.html"]
    assert "No figures of crime are available for its neighbourhoods for June 2025" in page
    row = table(page, "crime_total-months")["June 2025"]
    assert row[0] == shown
    assert "Northshire Police" in row[1]
    assert table(page, "reported-table")["Without a location"][0] == shown
    side = sheet(made, f"{HOME}/compare.csv")[0]
    assert (side["crime_total"], side["crime_total_status"]) == ("", "x")
    assert (side["antisocial_behaviour_12m"], side["outcomes_12m"]) == ("", "")
    months = {
        (r["month"], r["measure"], r["category"]): r for r in sheet(made, f"{HOME}/index.csv")
    }
    for key in (("crime_total", "all"), ("reported_crime", "own"), ("outcomes", "no_suspect")):
        row_of = months[(rows.MONTH, *key)]
        assert (row_of["value"], row_of["value_status"], row_of["coverage"]) == ("", "x", said)


def test_a_partial_month_is_at_least_and_is_in_no_sum(
    make: Callable[..., Made], tables: Callable[..., Any], rows: Any
) -> None:
    given = tables({rows.MONTH: "partial_suspected"})
    page = make(given)[f"{HOME}/index.html"]
    assert "read it as “at least”" in page
    assert ">11</data> of them were supplied whole" in page
    assert "11 months supplied of the 12 to June 2025" in page
    own = table(page, "reported-table")["In its own neighbourhoods"]
    assert sum(
        int(r["count"])
        for r in as_csv(given["crime"])
        if r["month"] in months_to(rows.MONTH, 12)[:-1]
        and r["crime_type"] != ASB
        and r["force_id"] == "northshire"
    ) == int(own[1].replace(",", ""))


def test_a_force_without_neighbourhoods_has_a_page_that_says_where_its_crimes_are_counted(
    make: Callable[..., Made], tables: Callable[..., Any]
) -> None:
    made = make(tables())
    page = made["places/btp/index.html"]
    assert "this release holds no neighbourhoods of it" in page
    assert table(page, "elsewhere-table")["Northshire Police"] == ["4", "4"]
    assert "places/btp/compare.html" not in made
    assert "compare" not in page
    assert "is not expected to supply these figures" in page


def test_counts_of_people_are_shown_as_published_and_never_added_up(
    make: Callable[..., Made], tables: Callable[..., Any], rows: Any
) -> None:
    made = make(tables())
    page = made[f"{HOME}/compare.html"]
    heard = table(page, "heard-table")
    assert heard["Harbour and Old Town"] == ["87", "54", "18", "not shown", "not shown"]
    assert heard["Whitmoor"] == ["none logged"] * 5
    assert heard["The whole force"] == ["410", "240", "300", "240", "0.8"]
    assert "“Not shown”: so few people that they could be recognised" in page
    assert "All together" not in heard
    side = {r["neighbourhood_id"]: r for r in sheet(made, f"{HOME}/compare.csv")}
    assert (side["NB01"]["answered_72h"], side["NB01"]["answered_72h_status"]) == ("", "c")
    assert (side["NB02"]["forms"], side["NB02"]["forms_status"]) == ("", "z")
    together = table(page, "engagement-table")
    assert together["All together"][0] == "6"
    assert together["Harbour and Old Town"][:3] == ["4", "2025-06-12", "2025-09-11"]


def test_without_logs_the_pages_say_so_and_show_no_empty_table(
    make: Callable[..., Made], tables: Callable[..., Any], read_page: Callable[[str], Any]
) -> None:
    made = make(tables(logs=False))
    side, page = made[f"{HOME}/compare.html"], made[f"{HOME}/index.html"]
    assert "holds no records of meetings, issues, answers and priorities of this force" in side
    assert "That does not mean that nothing was done" in page
    assert "engagement-table" not in side
    assert read_page(side).faults == []
    row = sheet(made, f"{HOME}/compare.csv")[0]
    assert (row["meetings_12m"], row["meetings_12m_status"]) == ("", "x")
    assert row["priorities_current"] == "not_known"


def test_a_sensitive_community_stands_with_its_year_alone(
    make: Callable[..., Made], tables: Callable[..., Any], rows: Any
) -> None:
    none = ("neighbourhood_id", "event_date", "title", "venue", "start_at", "end_at", "findings")
    event = rows.event("EV-S", target_groups="gypsy_roma_traveller", **dict.fromkeys(none))
    told = rows.engagement("engagement_events", [event])
    page = make(tables(engagement_events=told))[f"{HOME}/index.html"]
    shown = table(page, "events")
    assert list(shown) == ["When", "2025"]


@pytest.mark.parametrize("name", ["index", "compare"])
def test_beside_each_page_lie_the_same_figures_for_machines(
    make: Callable[..., Made], tables: Callable[..., Any], name: str
) -> None:
    made = make(tables(), "en", "cy")
    text = made[f"{HOME}/{name}.csv"]
    assert text.count("\r\n") == text.count("\n")
    read = sheet(made, f"{HOME}/{name}.csv")
    said = json.loads(made[f"{HOME}/{name}.csv-metadata.json"])
    columns = {c["name"]: c for c in said["tableSchema"]["columns"]}
    assert list(read[0]) == list(columns)
    keys = [tuple(row[k] for k in said["tableSchema"]["primaryKey"]) for row in read]
    assert len(set(keys)) == len(keys)
    twin = json.loads(made[f"{HOME}/{name}.json"])["rows"]
    assert len(twin) == len(read)
    for row, same in zip(read, twin, strict=True):
        for column, told in columns.items():
            value = same[column]
            if value is None:
                assert row[column] == ""
                assert not told.get("required")
            elif told["datatype"] in ("integer", "number"):
                assert float(row[column]) == value
            else:
                assert row[column] == value
    assert f"cy/{HOME}/{name}.html" in made
    assert f"cy/{HOME}/{name}.csv" not in made


def test_pages_are_valid_and_lead_on(
    make: Callable[..., Made], tables: Callable[..., Any], read_page: Callable[[str], Any]
) -> None:
    made = make(tables())
    for path in (f"{HOME}/index.html", f"{HOME}/compare.html", "places/btp/index.html"):
        page = read_page(made[path])
        assert page.faults == []
        assert all(
            link.startswith(("../", "#", "mailto:", "https://", "NB0")) for link in page.links
        ), page.links
    links = read_page(made[f"{HOME}/index.html"]).links
    assert "../../places/northshire/NB01.html" in links
    assert "../../places/northshire/compare.html" in links
    assert "../../../workbook/northshire.xlsx" in links
    assert "../../../../2025-06-r1.packs/northshire/index.html" in links
    assert "mailto:harbour@northshire.example" in links
    assert "46 kB" in made[f"{HOME}/index.html"]


def test_the_duties_of_a_force_stand_in_words_above_the_figures(
    make: Callable[..., Made], tables: Callable[..., Any], read_page: Callable[[str], Any]
) -> None:
    text = read_page(make(tables())[f"{HOME}/compare.html"]).text
    assert text.index("section 34") < text.index("All together")
    assert "section 149" in text
    assert "31 July 2025" in text


def test_every_chart_of_a_force_says_what_to_bear_in_mind_and_leads_to_its_figures(
    make: Callable[..., Made], tables: Callable[..., Any]
) -> None:
    page = make(tables())[f"{HOME}/index.html"]
    crime, asb, outcomes = (
        page[page.index(f'id="{name}"') :].partition("</section>")[0]
        for name in ("crime_total", "antisocial_behaviour", "outcomes-chart")
    )
    assert "without anti-social behaviour" in crime
    assert "They are not crimes" in asb
    assert "cannot be divided by the crimes of the same months" in outcomes
    for chart in (crime, asb, outcomes):
        assert '<p class="caveat">' in chart
        assert 'href="../../places/northshire/index.csv"' in chart
