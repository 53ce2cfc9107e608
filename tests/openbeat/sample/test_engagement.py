"""The engagement logs of the sample: whole, believable, written in several ways, and repeatable."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

from openbeat import codelists
from openbeat.contract import Contract, load_contract
from openbeat.engagement.connectors import read_rows
from openbeat.engagement.history import text_sha256
from openbeat.engagement.mapping import load_mapping, to_canonical
from openbeat.engagement.personal_data import found
from openbeat.engagement.settings import EngagementSource
from openbeat.engagement.tables import TABLES
from openbeat.sample import country, shapes
from openbeat.sample.engagement import LARGE_YEAR, MARKER, RATES, logs
from openbeat.sample.engagement_places import hoods
from openbeat.sample.faults import Log
from openbeat.settings import load_settings

AS_OF = "2025-07-31"
Logs = dict[str, pl.DataFrame]
Made = tuple[country.Country, dict[str, list[shapes.Shape]]]


def contract(table: str) -> Contract:
    folder = Path(__file__).parents[3] / "expectations/contracts"
    return load_contract(folder / f"conformed_{table}.yaml")


@pytest.fixture(scope="module")
def made() -> Made:
    built = country.build("small", 20250601, None)
    return built, shapes.releases(built, Log())


@pytest.fixture(scope="module")
def sound(made: Made) -> Logs:
    """The tables before any fault is planted."""
    return logs(*made, RATES["small"])


@pytest.fixture(scope="module")
def sources(sample: Path) -> dict[str, EngagementSource]:
    """The sources that the sample's settings name."""
    settings = load_settings(sample / "openbeat.yaml")
    return {source.name: source for source in settings.engagement.sources}


def delivered(source: EngagementSource) -> pl.DataFrame:
    mapping = (
        None if source.mapping is None else load_mapping(source.mapping, contract(source.table))
    )
    return to_canonical(read_rows(source), mapping, contract(source.table))


def test_every_table_is_delivered_for_both_forces(sources: dict[str, EngagementSource]) -> None:
    for force in ("northmere", "ynysfawr"):
        own = {source.table for name, source in sources.items() if name.startswith(force)}
        assert own == set(TABLES)


def test_the_sources_show_every_kind_of_file_and_one_table_from_two_organisations(
    sources: dict[str, EngagementSource],
) -> None:
    paths = [source.path for source in sources.values() if source.path is not None]
    assert {path.suffix for path in paths} == {".csv", ".xlsx", ".parquet"}
    assert sum(s.table == "engagement_events" for s in sources.values()) == 3
    assert any(source.retention_months for source in sources.values())
    assert any(source.delivery == "additions" for source in sources.values())


def test_the_settings_cover_july_and_say_how_to_answer_back(sample: Path) -> None:
    settings = load_settings(sample / "openbeat.yaml")
    assert str(settings.as_of) == AS_OF
    assert set(settings.engagement.contacts) == {"northmere", "ynysfawr"}
    assert all(contact.url and contact.email for contact in settings.engagement.contacts.values())


def test_every_neighbourhood_has_meetings_issues_feedback_priorities_and_activities(
    made: Made, sound: Logs
) -> None:
    key = ["force_id", "neighbourhood_id"]
    today = hoods(*made).filter(pl.col("until") >= "2025-07").select(key)
    assert today.height == 26
    for table in ("engagement_events", "issues", "feedback", "priorities", "activities"):
        assert today.join(sound[table], on=key, how="anti").is_empty(), table
    planned = sound["engagement_events"].filter(pl.col("start_at") > AS_OF)
    left = today.join(planned, on=key, how="anti")["neighbourhood_id"].to_list()
    assert left == ["NH07"]  # the one that is quiet on purpose


def test_records_lie_in_the_months_and_neighbourhoods_of_their_time(
    made: Made, sound: Logs
) -> None:
    valid = hoods(*made).select("force_id", "neighbourhood_id", "since", "until")
    for table, day in (
        ("engagement_events", "start_at"),
        ("issues", "raised_on"),
        ("feedback", "received_at"),
        ("activities", "month"),
        ("priorities", "issue_date"),
        ("engagement_plan", "planned_month"),
    ):
        rows = sound[table].join(valid, on=["force_id", "neighbourhood_id"], how="left")
        month = pl.col(day).str.head(7)
        assert rows.filter(~month.is_between("since", "until")).is_empty(), table
        first, last = rows.select(low=month.min(), high=month.max()).row(0)
        assert first >= "2024-07", table
        assert last <= "2025-09", table


def test_nothing_was_held_raised_received_or_told_after_the_last_day(sound: Logs) -> None:
    events, issues = sound["engagement_events"], sound["issues"]
    assert set(events.filter(pl.col("start_at") > f"{AS_OF}T23")["status"]) == {"planned"}
    assert "planned" not in set(events.filter(pl.col("start_at") < AS_OF)["status"])
    assert issues["raised_on"].max() <= AS_OF  # type: ignore[operator]
    assert issues["fed_back_on"].max() <= AS_OF  # type: ignore[operator]
    assert sound["actions"]["completed_on"].max() <= AS_OF  # type: ignore[operator]
    assert sound["feedback"]["meaningful_reply_at"].max() <= f"{AS_OF}T23:59:59"  # type: ignore[operator]


def test_an_issue_that_is_closed_has_its_action_with_a_result_or_its_reason(sound: Logs) -> None:
    done = sound["actions"].filter(pl.col("completed_on").is_not_null())
    assert done.filter(pl.col("result").is_null() | (pl.col("result") == "")).is_empty()
    issues = sound["issues"]
    acted = issues.filter(pl.col("status").is_in(["action_taken", "referred_partner"]))
    assert acted.join(done, on="issue_id", how="anti").is_empty()
    refused = issues.filter(pl.col("status") == "no_action")
    assert refused["reason_no_action_text"].str.len_chars().min() >= 20  # type: ignore[operator]
    repeats = issues.filter(pl.col("status") == "duplicate")
    live = issues.filter(pl.col("status") != "duplicate")
    assert repeats.height > 0
    assert repeats.join(live, left_on="duplicate_of", right_on="issue_id", how="anti").is_empty()


def test_links_between_tables_lead_somewhere(sound: Logs) -> None:
    for table, column, to in (
        ("issues", "event_id", "engagement_events"),
        ("issues", "priority_id", "priorities"),
        ("actions", "issue_id", "issues"),
        ("participation", "event_id", "engagement_events"),
        ("engagement_plan", "event_id", "engagement_events"),
        ("activities", "priority_id", "priorities"),
        ("problem_plans", "priority_id", "priorities"),
    ):
        linked = sound[table].filter(pl.col(column).is_not_null())
        assert linked.height > 0, (table, column)
        assert linked.join(sound[to], on=column, how="anti").is_empty(), (table, column)


def test_who_writes_is_known_of_most_messages_of_one_force_and_of_none_of_the_other(
    sources: dict[str, EngagementSource], sound: Logs
) -> None:
    keys = sound["feedback"]["contributor_ref"]
    assert 0.02 < keys.null_count() / len(keys) < 0.1
    often = keys.drop_nulls().value_counts().filter(pl.col("count") > 3)
    assert often.height > 10  # people who write again and again
    assert delivered(sources["northmere-feedback"])["contributor_ref"].count() > 500
    assert delivered(sources["ynysfawr-feedback"])["contributor_ref"].count() == 0


def test_forms_have_what_makes_disclosure_control_hard(sound: Logs) -> None:
    forms = sound["participation"].with_columns(pl.col("count").cast(pl.Int64))
    assert set(forms["characteristic"]) == set(codelists.codes("characteristics"))
    place = ["force_id", "neighbourhood_id", "quarter"]
    month = pl.col("start_at").str.slice(5, 2).cast(pl.Int64)
    quarter = pl.col("start_at").str.head(4) + "-" + ((month + 2) // 3).cast(pl.String)
    events = sound["engagement_events"].with_columns(quarter=quarter)
    came = events["attendance_total"].cast(pl.Int64)
    assert came.min() < 5 < 200 < came.max()  # type: ignore[operator]
    counts = (
        forms.join(events.select("event_id", *place), on="event_id")
        .filter(~pl.col("category").is_in(["prefer_not_to_say", "not_collected"]))
        .group_by(*place, "characteristic", "category")
        .agg(pl.col("count").sum())
    )
    tables = counts.group_by(*place, "characteristic").agg(
        pl.len().alias("answers"),
        (pl.col("count") < 5).sum().alias("few"),
        pl.col("count").sum().alias("said"),
    )
    # One small number, which the sum gives away unless another is kept back with it.
    assert tables.filter((pl.col("few") == 1) & (pl.col("answers") > 2)).height > 20
    # Everybody says the same, so that whoever was there is known to be it.
    alike = tables.filter((pl.col("answers") == 1) & (pl.col("said") >= 10))
    assert {"gender_identity"} <= set(alike["characteristic"])
    assert alike.filter(pl.col("characteristic") != "gender_identity").height > 0


def test_names_of_places_are_filled_in_everywhere(sound: Logs) -> None:
    for table, frame in sound.items():
        text = frame.select(pl.concat_str(pl.all(), ignore_nulls=True)).to_series()
        assert not text.str.contains(r"[{}]").any(), table


def test_what_people_ask_is_said_in_many_ways(sound: Logs) -> None:
    issues = sound["issues"]
    assert issues["summary_public"].n_unique() > 0.8 * issues.height
    assert issues["theme"].n_unique() == 13


def test_reviews_cover_the_texts_as_they_are(sound: Logs) -> None:
    for table in ("engagement_events", "issues", "actions", "priorities", "consultations"):
        rows = sound[table].filter(pl.col("reviewed_sha256").is_not_null())
        expected = text_sha256(rows, TABLES[table].texts)
        assert rows.height > 0
        assert rows["reviewed_sha256"].to_list() == expected.to_list(), table


def test_public_texts_hold_nothing_that_looks_like_personal_data(sound: Logs) -> None:
    for name, table in TABLES.items():
        if table.texts:
            seen = sound[name].select(found(table.texts)).to_series().drop_nulls()
            assert seen.is_empty(), (name, seen.unique().to_list())


def test_the_marker_stands_in_restricted_texts_and_nowhere_else(
    sources: dict[str, EngagementSource],
) -> None:
    """So that a test may look for it in whatever a run writes."""
    marked: set[tuple[str, str]] = set()
    for source in sources.values():
        frame, table = delivered(source), contract(source.table)
        for column in table.columns:
            if not column.derived and frame[column.name].str.contains(MARKER).any():
                assert column.restricted, (source.name, column.name)
                marked.add((source.table, column.name))
    assert marked >= {
        ("engagement_events", "venue_address"),
        ("engagement_events", "notes"),
        ("issues", "text"),
        ("actions", "notes"),
        ("actions", "evidence_ref"),
        ("engagement_plan", "location"),
        ("feedback", "free_text"),
        ("feedback", "quote"),
        ("feedback", "complaint_ref"),
        ("impact_assessments", "trigger"),
        ("problem_plans", "problem"),
    }


@pytest.mark.parametrize(
    "table", ["engagement_events", "issues", "actions", "activities", "feedback", "priorities"]
)
def test_the_workbook_read_by_its_mapping_is_the_log_in_our_layout(
    sources: dict[str, EngagementSource], sound: Logs, table: str, tmp_path: Path
) -> None:
    source = sources[f"ynysfawr-{table.replace('_', '-')}"]
    read = delivered(source)
    own = sound[table].filter(pl.col("force_id") == "ynysfawr")
    assert source.mapping is not None
    told = [name for name in load_mapping(source.mapping, contract(table)).columns if name in own]
    path = tmp_path / "log.csv"
    own.write_csv(path)
    typed = delivered(source.model_copy(update={"path": path, "mapping": None, "header_line": 1}))
    assert read.height >= own.height
    for name in told:
        left, right = read[name].head(own.height), typed[name]
        if name == "hours":  # kept in whole minutes
            left, right = (side.cast(pl.Float64).round(1) for side in (left, right))
        if name.endswith("_at"):  # kept without seconds
            left, right = left.str.head(16), right.str.head(16)
        assert left.to_list() == right.to_list(), name


def test_the_workbook_holds_no_clock(sample: Path) -> None:
    content = (sample / "logs/ynysfawr/engagement.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = opened.read("docProps/core.xml").decode()
    assert core.count("1980-01-01T00:00:00Z") == 2


def test_a_large_force_has_a_year_worth_measuring() -> None:
    built = country.build("force", 1, 2)
    drawn = logs(built, shapes.releases(built, Log()), LARGE_YEAR._replace(months=2))
    assert drawn["feedback"].height > 250 * 3 * 55
    assert drawn["issues"].height > 250 * 3 * 10


def test_the_scales_beside_small_have_one_csv_a_table(tmp_path: Path) -> None:
    from openbeat.sample import generate

    settings = load_settings(generate(tmp_path, "force", months=1))
    paths = {source.path for source in settings.engagement.sources}
    assert paths == {tmp_path / f"logs/northmere/{table}.csv" for table in TABLES}
    assert all(path is not None and path.is_file() for path in paths)
