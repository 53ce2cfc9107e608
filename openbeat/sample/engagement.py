"""The made-up engagement logs, written for a whole country, and the settings that name them.

How much is recorded at which scale, which organisation keeps what, and the order in which tables
are drawn belong here; each table is made in a module of its own.

At the small scale two forces and a council keep their logs in their own ways, with every known
fault. At the others there is one CSV a table and no fault is planted, and a neighbourhood has fewer
records the more there are, so that a sample stays quick to make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from openbeat.sample import (
    engagement_events,
    engagement_faults,
    engagement_feedback,
    engagement_files,
    engagement_issues,
    engagement_work,
    months,
)
from openbeat.sample.country import Country, ScaleName
from openbeat.sample.engagement_cases_said import CASES, WORKBOOK_CASES
from openbeat.sample.engagement_columns import COLUMNS
from openbeat.sample.engagement_draw import LAST_MONTH, LAST_PLANNED, written
from openbeat.sample.engagement_layouts import COUNCIL, COUNCIL_CONSTANTS, SHEETS
from openbeat.sample.engagement_places import grid, hoods
from openbeat.sample.engagement_words import MARKER
from openbeat.sample.faults import Log
from openbeat.sample.shapes import Shape

__all__ = ["LARGE_YEAR", "MARKER", "Rates", "logs", "write"]

STREAM = 21
QUIET = ("NH07", "2025-02")  # no event from that month on
COUNCIL_PREFIX = "council-"
RETENTION = 84  # months, of feedback
Progress = Callable[[str, int, int], None]


class Rates(NamedTuple):
    """How much is recorded in a neighbourhood and month, on average.

    Attributes:
        months: Of which months: the last so many of the crime's, or all.
        each: Months from one regular meeting to the next.
        events: Other events.
        raised: Issues raised at an event.
        issues: Other issues.
        feedback: Messages.
        activities: Share of the rows that a full log of activities would have.
        forms: Share of the well attended events at which forms were handed out.
        plan: Rows of the plan.
        plans: Share of the priorities that have a problem-solving plan.
    """

    months: int | None
    each: int
    events: float
    raised: float
    issues: float
    feedback: float
    activities: float
    forms: float
    plan: float
    plans: float


RATES: Mapping[ScaleName, Rates] = {
    "small": Rates(None, 2, 0.8, 1.2, 0.4, 6, 1, 0.6, 0.6, 0.4),
    "force": Rates(None, 3, 0.4, 0.9, 0.3, 2, 0.4, 0.5, 0.2, 0.2),
    "national": Rates(12, 4, 0.1, 0.7, 0.05, 0.5, 0.15, 0.3, 0.05, 0.05),
}
# about 20,000 events, 50,000 issues and 200,000 messages of the force scale's 250 neighbourhoods
LARGE_YEAR = Rates(12, 1, 4.6, 2.2, 4, 62, 1, 0.1, 1, 0.5)


def logs(
    country: Country, releases: Mapping[str, Sequence[Shape]], rates: Rates
) -> dict[str, pl.DataFrame]:
    """Draw all tables for all forces, without a fault.

    Args:
        country: The country.
        releases: Release month -> shapes, as ``shapes.releases`` gives them.
        rates: How much.

    Returns:
        By table the records of all forces, in our own layout, all text.
    """
    places = hoods(country, releases)
    past = [*country.months, LAST_MONTH][-1 - (rates.months or len(country.months)) :]
    done = grid(places, past)
    ahead = grid(places, [*past, *months.ending(LAST_PLANNED, 2)])
    chance = [country.rng(STREAM, number) for number in range(10)]
    events = _but_quiet(
        engagement_events.events(ahead, places, rates.each, rates.events, chance[0]), country
    )
    held = events.filter(pl.col("status") == "held")
    priorities = engagement_work.priorities(places, chance[1])
    issues = engagement_issues.issues(held, done, places, (rates.raised, rates.issues), chance[2])
    issues = engagement_work.serves(issues, priorities)
    forces = places.select("force", "force_id", "force_name").unique(maintain_order=True)
    made = {
        "engagement_events": events,
        "participation": engagement_events.participation(events, rates.forms, chance[3]),
        "issues": issues,
        "actions": engagement_issues.actions(issues, chance[4]),
        "activities": engagement_work.activities(done, priorities, rates.activities, chance[5]),
        "problem_plans": engagement_work.problem_plans(priorities, rates.plans, chance[6]),
        "feedback": engagement_feedback.feedback(done, places, rates.feedback, chance[7]),
        "priorities": priorities,
        "engagement_plan": engagement_events.plan(ahead, events, rates.plan, chance[8]),
        "consultations": engagement_feedback.consultations(forces),
        "impact_assessments": engagement_feedback.impact_assessments(places, chance[9]),
        "survey_indicators": engagement_feedback.survey_indicators(forces, chance[9]),
    }
    return {table: written(frame, COLUMNS[table]) for table, frame in made.items()}


def _but_quiet(events: pl.DataFrame, country: Country) -> pl.DataFrame:
    """Leave one neighbourhood of the small sample without events, its log of them ending early."""
    hood, since = QUIET
    here = (pl.col("force_id") == "northmere") & (pl.col("neighbourhood_id") == hood)
    quiet = here & (pl.col("month") >= since) & pl.lit(country.scale_name == "small")
    return events.filter(~quiet)


def write(
    country: Country,
    releases: Mapping[str, Sequence[Shape]],
    folder: Path,
    about: str,
    progress: Progress | None,
) -> str:
    """Write the logs of a country, and what is wrong with them.

    Args:
        country: The country.
        releases: Release month -> shapes.
        folder: Where to, the ``logs`` of the sample.
        about: What is said of the sample in the list of faults.
        progress: Told what is being written, how many parts are done, and of how many.

    Returns:
        The part of the settings that names the sources.
    """
    made = logs(country, releases, RATES[country.scale_name])
    if progress is not None:
        progress("logs", 1, 2)
    folder.mkdir(parents=True, exist_ok=True)
    log = Log()
    if country.scale_name == "small":
        sources = _write_small(made, folder, log)
    else:
        own = [force for force in country.forces if not force.nationwide]
        name = own[0].slug if len(own) == 1 else "forces"
        for table, frame in made.items():
            engagement_files.write_csv(frame, folder / name / f"{table}.csv")
        sources = [_source(name, table, f"path: logs/{name}/{table}.csv") for table in made]
    log.write(folder, about)
    if progress is not None:
        progress("logs", 2, 2)
    return "".join(f"    - {source}\n" for source in sources)


def _write_small(made: Mapping[str, pl.DataFrame], folder: Path, log: Log) -> list[str]:
    northmere, ynysfawr = (
        {t: _of(f, s) for t, f in made.items()} for s in ("northmere", "ynysfawr")
    )
    council = northmere["activities"].filter(pl.col("organisation_type") == "council")
    northmere["activities"] = northmere["activities"].filter(
        pl.col("organisation_type") != "council"
    )
    sources = _write_northmere(northmere, folder / "northmere", log)
    sources += _write_council(northmere["engagement_events"], council, folder / "council", log)
    return sources + _write_ynysfawr(ynysfawr, folder / "ynysfawr", log)


def _of(frame: pl.DataFrame, slug: str) -> pl.DataFrame:
    """One force's records."""
    whose = "force_id" if "force_id" in frame.columns else "event_id"
    return frame.filter(pl.col(whose).str.starts_with(slug))


def _write_northmere(made: Mapping[str, pl.DataFrame], folder: Path, log: Log) -> list[str]:
    """Our own layout, one CSV a table; most faults are here."""
    sources = []
    for table, frame in made.items():
        file = f"logs/northmere/{table}.csv"
        planted = None
        if table in engagement_faults.IDS:
            planted = engagement_faults.planted(CASES, table, "northmere", COLUMNS[table])
            engagement_faults.note(log, planted, file, frame.height + 2)
        whole = frame if planted is None else pl.concat([frame, planted.frame])
        engagement_files.write_csv(whole, folder / f"{table}.csv")
        if table == "activities":
            _plant_ragged(folder / f"{table}.csv", file, whole.height + 2, log)
        more = [f"retention_months: {RETENTION}"] if table == "feedback" else []
        sources.append(_source("northmere", table, f"path: {file}", *more))
    what = f"no event in {QUIET[0]} from {QUIET[1]} on (G14)"
    log.add("quiet-neighbourhood", "logs/northmere/engagement_events.csv", what, rule="g14_meeting")
    return sources


def _plant_ragged(path: Path, file: str, line: int, log: Log) -> None:
    record = "northmere-V999999"
    engagement_files.append_line(path, f"{record},2025-05,northmere,NH01,foot_patrol")
    log.add(
        "ragged-line",
        file,
        "five fields instead of eleven",
        line=line,
        record=record,
        expected="quarantined",
        reason="force_id_present",
    )


def _write_council(
    events: pl.DataFrame, activities: pl.DataFrame, folder: Path, log: Log
) -> list[str]:
    """A partner: its own activities, and events of which two are in the force's log too."""
    meetings = events.filter(
        (pl.col("status") == "held") & pl.col("method").is_in(["public_meeting", "school_visit"])
    )
    chosen = pl.concat(
        [meetings.tail(2), events.filter(pl.col("method") == "school_visit").head(4)]
    )
    twice = meetings.tail(2).height
    rows = chosen.with_row_index(offset=1).with_columns(
        event_id=pl.format(COUNCIL_PREFIX + "{}", pl.col("index").cast(pl.String).str.zfill(4)),
        title=pl.when(pl.col("index") <= twice)
        .then("title")
        .otherwise(pl.col("title") + " with the council's road safety team"),
        attendance_total=pl.col("attendance_total").fill_null("30"),
        reviewer_role=pl.lit("Head of communications"),
    )
    engagement_files.write_list(
        engagement_files.theirs(rows, COUNCIL, COUNCIL_PREFIX), COUNCIL, folder / "events.csv"
    )
    told = engagement_files.mapping("engagement_events", COUNCIL, COUNCIL_PREFIX, COUNCIL_CONSTANTS)
    engagement_files.write_mapping(told, folder / "mappings/events.yaml")
    for record in meetings.tail(2)["event_id"]:
        log.add(
            "duplicate-event",
            "logs/northmere/engagement_events.csv",
            "the council's log has this event too (G11): both are shown, one is counted",
            line=2 + events["event_id"].to_list().index(record),
            record=record,
            rule="g11_duplicate",
            expected="published",
        )
    engagement_files.write_csv(activities, folder / "activities.csv")
    place = ["path: logs/council/events.csv", "mapping: logs/council/mappings/events.yaml"]
    place += [f"header_line: {len(COUNCIL.lines) + 1}", 'separator: ";"', "encoding: cp1252"]
    return [
        _source("council", "engagement_events", *place, "delivery: additions"),
        _source("council", "activities", "path: logs/council/activities.csv"),
    ]


def _write_ynysfawr(made: Mapping[str, pl.DataFrame], folder: Path, log: Log) -> list[str]:
    """One workbook with a sheet a table and a mapping each; the survey as Parquet."""
    sources, sheets = [], []
    for table, sheet in SHEETS.items():
        planted = None
        frame = made[table]
        if any(case.table == table for case in WORKBOOK_CASES):
            planted = engagement_faults.planted(WORKBOOK_CASES, table, "ynysfawr", COLUMNS[table])
            first = len(sheet.lines) + frame.height + 2
            file = f"logs/ynysfawr/engagement.xlsx/{sheet.name}"
            engagement_faults.note(log, planted, file, first)
            frame = pl.concat([frame, planted.frame])
        sheets.append((sheet, engagement_files.theirs(frame, sheet, "ynysfawr-")))
        constants = {"force_id": "ynysfawr"} if table != "participation" else {}
        told = engagement_files.mapping(table, sheet, "ynysfawr-", constants)
        engagement_files.write_mapping(told, folder / f"mappings/{table}.yaml")
        place = ["path: logs/ynysfawr/engagement.xlsx", f"sheet: {sheet.name}"]
        place += [f"header_line: {len(sheet.lines) + 1}"] if sheet.lines else []
        place += [f"mapping: logs/ynysfawr/mappings/{table}.yaml"]
        sources.append(_source("ynysfawr", table, *place))
    engagement_files.write_workbook(sheets, folder / "engagement.xlsx")
    engagement_files.write_survey(made["survey_indicators"], folder / "survey.parquet")
    return [
        *sources,
        _source("ynysfawr", "survey_indicators", "path: logs/ynysfawr/survey.parquet"),
    ]


def _source(whose: str, table: str, *about: str) -> str:
    """One source as a line of the settings."""
    name = f"{whose}-{table.replace('_', '-')}"
    return f"{{name: {name}, table: {table}, {', '.join(about)}}}"
