"""What the table of a measure's page must hold: what the measure comes to in each force."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from tests.browser.numbers.check import Known
from tests.browser.numbers.forces import DATASETS
from tests.browser.numbers.places import Table, by_type
from tests.browser.numbers.published import (
    ASB,
    Cell,
    Place,
    Published,
    percent,
    shown,
    thousands,
)
from tests.browser.numbers.texts import Texts

ALWAYS = ("charged_or_court", "out_of_court", "no_suspect", "evidential", "other_closed")


class Measure(NamedTuple):
    """Where a measure is published, and what is told of a force."""

    table: str
    column: str
    shown: str
    share: bool = False


MEASURES = {
    "crimes": Measure("crime_summary", "crime_total", "sum"),
    "antisocial-behaviour": Measure("crime_summary", "antisocial_behaviour", "sum"),
    "crimes-by-type": Measure("crime", "crime_type", "categories"),
    "rate": Measure("crime_summary", "rate_12m_per_1000", "spread"),
    "outcomes": Measure("outcomes", "outcome_group", "categories"),
    "stop-and-search": Measure("stops", "count", "sum"),
    "coverage": Measure("coverage", "coverage", "coverage"),
    "months-with-an-event": Measure("neighbourhood_profile", "months_with_event_12m", "spread"),
    "meetings": Measure("neighbourhood_profile", "meetings_12m", "sum"),
    "notice-of-events": Measure("neighbourhood_profile", "notice_days_median", "spread"),
    "issues-answered": Measure("neighbourhood_profile", "closure_rate", "spread", share=True),
    "days-to-feedback": Measure("neighbourhood_profile", "median_days_to_feedback", "spread"),
    "actions-overdue": Measure("neighbourhood_profile", "actions_overdue", "sum"),
    "priorities-current": Measure("neighbourhood_profile", "priorities_current", "yes"),
    "attendances": Measure("engagement_reach", "attendances", "force"),
    "forms": Measure("engagement_reach", "forms", "force"),
    "answered-within-72-hours": Measure(
        "feedback_summary", "answered_72h_share", "force", share=True
    ),
}
SINCE = (
    *("2011-09", "2012-01", "2013-05", "2014-12", "2016-02", "2019-06"),
    *("2019-07", "2022-06", "2022-07", "2022-11", "2025-02", "2025-09", "2025-12"),
)
"""Months in which something began or stopped, as police.uk's own pages tell of them."""


def known(release: Published, name: str) -> Known:
    """What the page of a measure must hold."""
    measure = MEASURES[name]
    return Known(
        datum=lambda _key: None,
        table=lambda table: by_force(release, measure) if table == "by-force" else None,
        texts=Texts(release, [{"": since} for since in SINCE]),
    )


def by_force(release: Published, measure: Measure) -> Table:
    """A row a force."""
    if measure.shown == "coverage":
        forces = {row["force_id"]: row["force_name"] for row in release.table("coverage")}
        states = release.labels("coverage_statuses")
        return {
            name: [
                states.get(release.supplied(dataset, force).get(release.month, ""), "not known")
                for dataset in DATASETS
            ]
            for force, name in forces.items()
        }
    forces = {force: release.force_name(force) for force, _place in release.today}
    if measure.shown == "categories":
        return _by_category(release, measure, forces)
    return {
        name: _told(release, measure, force, [key for key in release.today if key[0] == force])
        for force, name in forces.items()
    }


def _told(
    release: Published, measure: Measure, force: str, places: list[Place]
) -> list[str | None]:
    write = percent if measure.share else shown
    if measure.shown == "force":
        newest = max(
            (row["period"] for row in release.table(measure.table) if "-Q" in row["period"]),
            default="",
        )
        cells = [release.heard(*place, newest, measure.column) for place in places]
        whole = release.heard(force, "", newest, measure.column)
        return [thousands(_known(cells)), write(whole)]
    if measure.shown == "yes":
        said = [
            row[measure.column]
            for place in places
            for row in release.where(measure.table, force_id=place[0], neighbourhood_id=place[1])
        ]
        yes, no = said.count("yes"), said.count("no")
        told = thousands(yes) if yes + no else shown((None, "x"))
        return [thousands(len(places)), thousands(yes + no), told]
    cells = [_of(release, measure, place) for place in places]
    values = [value for value, _status in cells if value is not None]
    counts: list[str | None] = [thousands(len(places)), thousands(len(values))]
    if measure.shown == "sum":
        return [*counts, write(_sum(cells))]
    spread = (min(values), median(values), max(values)) if values else (None, None, None)
    return [*counts, *(write((value, None if values else "x")) for value in spread)]


def _known(cells: list[Cell]) -> float:
    return float(sum(value is not None for value, _status in cells))


def _of(release: Published, measure: Measure, place: Place) -> Cell:
    if measure.table == "crime_summary":
        return release.cell(release.summary(place, release.month), measure.column)
    if measure.table == "stops":
        return _sparse(release, "stops", place, lambda counts: sum(counts.values()))
    rows = release.where(measure.table, force_id=place[0], neighbourhood_id=place[1])
    return release.cell(rows[0] if rows else None, measure.column)


def _sparse(
    release: Published, table: str, place: Place, pick: Callable[[dict[str, float]], float]
) -> Cell:
    """A count of a sparse table: 0 only where the place's own force supplied the month."""
    by = "month" if table == "stops" else "outcome_group"
    value = pick(release.counts(table, place, [release.month], by))
    came = release.supplied(table, place[0]).get(release.month)
    if came == "submitted":
        return value, None
    return (value, "u") if came == "partial_suspected" and value else (None, "x")


def _sum(cells: list[Cell]) -> Cell:
    known = [value for value, _status in cells if value is not None]
    if not known:
        return None, "x"
    partial = len(known) < len(cells) or any(status == "u" for _value, status in cells)
    return sum(known), "u" if partial else None


def _by_category(release: Published, measure: Measure, forces: dict[str, str]) -> Table:
    columns: dict[str, dict[str, Cell]] = {}
    for code in _codes(release, measure):
        for force in forces:
            cells = [
                _category(release, measure, key, code) for key in release.today if key[0] == force
            ]
            columns.setdefault(code, {})[force] = _sum(cells)
    if measure.table == "outcomes":
        some = [c for c, cells in columns.items() if any(value for value, _s in cells.values())]
        columns = {c: cells for c, cells in columns.items() if c in some or c in ALWAYS}
        named = release.labels("outcome_groups")
    else:
        named = {code: code for code in columns}
    return {
        "": ["Force", *(named[code] for code in columns)],
        **{
            name: [shown(cells[force]) for cells in columns.values()]
            for force, name in forces.items()
        },
    }


def _codes(release: Published, measure: Measure) -> list[str]:
    if measure.table == "outcomes":
        return list(release.labels("outcome_groups"))
    return [
        row["crime_type"]
        for row in release.table("codelists/crime_types")
        if row["crime_type"] != ASB
        and row["first_month"]
        and row["first_month"] <= release.month
        and (not row["last_month"] or row["last_month"] >= release.month)
    ]


def _category(release: Published, measure: Measure, place: Place, code: str) -> Cell:
    if measure.table == "crime":
        return by_type(release, place, code, [release.month])[0]
    return _sparse(release, "outcomes", place, lambda counts: counts.get(code, 0.0))


__all__ = ["MEASURES", "by_force", "known"]
