"""What the tables and charts of a force's page must hold, by the id of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from statistics import median

from tests.browser.numbers import places, prose
from tests.browser.numbers.check import Known
from tests.browser.numbers.places import Table, keyed
from tests.browser.numbers.published import (
    ASB,
    Cell,
    Published,
    Row,
    day,
    month,
    number,
    percent,
    short,
    shown,
    usual,
)
from tests.browser.numbers.texts import Texts

SERIES = ("crime_total", "antisocial_behaviour")
LEAST_FOR_SHARE = 50
WHERE = {
    "own": "In its own neighbourhoods",
    "other_force": "In neighbourhoods of other forces",
    "outside_boundary": "Outside the boundaries of every neighbourhood",
    "no_boundary": "In no neighbourhood: this release holds no boundaries of the force",
    "no_location": "Without a location",
}
DATASETS = {
    "street": "Crime and anti-social behaviour",
    "outcomes": "Outcomes of crimes",
    "stops": "Stop and search",
}


def known(release: Published, force: str, *, compare: bool) -> Known:
    """What the page of a force, or of its neighbourhoods side by side, must hold."""
    makers = _side_by_side(release, force) if compare else _tables(release, force)
    rows = [
        row
        for table in ("engagement_events", "you_said_we_did", "neighbourhoods")
        for row in release.where(table, force_id=force)
    ]
    labels = [
        label for name in ("themes", "target_groups") for label in release.labels(name).values()
    ]
    gaps = {
        name: [code not in ("submitted", "not_expected") for code in _cells(release, name, force)]
        for name in DATASETS
    }
    return Known(
        datum=lambda key: prose.of_force(release, force, key),
        table=lambda name: makers[name]() if name in makers else None,
        texts=Texts(release, rows, [*labels, *_names(release), *_phrases(release, force)]),
        series=lambda name: prose.area_series(release, force, name) if name in SERIES else None,
        rows={
            label: cells[1]
            for label, cells in _groups(release, force, "outcomes").items()
            if label != "Together"
        },
        coverage=_picture(gaps),
    )


def _picture(gaps: dict[str, list[bool]]) -> str:
    """How a picture of coverage ends: the datasets that came whole, and of the others the gaps."""
    whole = sum(not any(bad) for bad in gaps.values())
    told = "; ".join(f"{DATASETS[name]} {sum(bad)}" for name, bad in gaps.items() if any(bad))
    missing = f" Months missing, partial or not readable: {told}." if told else ""
    return f"Every month supplied in full: {whole} of {len(gaps)}.{missing}"


def _names(release: Published) -> list[str]:
    return [row["name"] for row in release.table("neighbourhoods")]


def _phrases(release: Published, force: str) -> list[str]:
    """How many months a sum is of, and from how many outcomes on a share is given."""
    found = [f"where there are {LEAST_FOR_SHARE} or more"]
    return found + [_year_of(release, force, dataset) for dataset in DATASETS]


def _year_of(release: Published, force: str, dataset: str) -> str:
    held = release.supplied(dataset, force)
    count = sum(held.get(m) == "submitted" for m in release.year)
    if count == 12:
        return f"12 months to {month(release.month)}"
    return f"{count} month{'' if count == 1 else 's'} supplied of the 12 to {month(release.month)}"


def _cells(release: Published, dataset: str, force: str) -> list[str]:
    supplied = release.supplied(dataset, force)
    return [supplied.get(m, "not_expected") for m in release.months]


def _tables(release: Published, force: str) -> dict[str, Callable[[], Table]]:
    named = {
        "reporters-table": partial(_reporters, release, force),
        "reported-table": partial(_reported, release, force),
        "elsewhere-table": partial(_elsewhere, release, force),
        "outcomes-table": partial(_groups, release, force, "outcomes"),
        "stops-table": partial(_groups, release, force, "stops"),
        "heard-quarters": partial(places.heard, release, force, ""),
        "heard-groups": partial(_forms, release, force),
        "events": partial(_events, release, force),
        "supplied-table": partial(_supplied, release, force),
    }
    return named | {f"{name}-months": partial(_months, release, force, name) for name in SERIES}


def _months(release: Published, force: str, name: str) -> Table:
    """Figure by month; the words beside it are checked as text."""
    return {month(m): [shown(cell)] for m, cell in prose.area_series(release, force, name)}


def _sums(
    release: Published, force: str, rows: Iterable[Row], dataset: str = "street"
) -> list[str]:
    """What a force reported: the newest month, and the months of the year that it supplied."""
    held = release.supplied(dataset, force)
    newest, year = 0.0, 0.0
    for row in rows:
        count = number(row["count"]) or 0
        newest += count if row["month"] == release.month else 0
        whole = row["month"] in release.year and row["coverage"] == "submitted"
        year += count if whole else 0
    now = held.get(release.month)
    status = None if now == "submitted" else "u" if now == "partial_suspected" and newest else "x"
    some = any(held.get(m) == "submitted" for m in release.year)
    return [
        shown((None if status == "x" else newest, status)),
        shown((year, None) if some else (None, "x")),
    ]


def _recent(release: Published, name: str, **where: str) -> list[Row]:
    return [row for row in release.where(name, **where) if row["month"] in release.year]


def _counted(release: Published, rows: list[Row]) -> bool:
    return any(
        (number(row["count"]) or 0) > 0
        and (row["month"] == release.month or row["coverage"] == "submitted")
        for row in rows
    )


def _reporters(release: Published, force: str) -> Table:
    rows = [
        row
        for row in _recent(release, "crime", place="neighbourhood", area_force_id=force)
        if row["crime_type"] != ASB
    ]
    by_force: dict[str, list[Row]] = {}
    for row in rows:
        by_force.setdefault(row["force_id"], []).append(row)
    return {
        release.force_name(who): _sums(release, who, some)
        for who, some in by_force.items()
        if _counted(release, some)
    }


def _reported(release: Published, force: str) -> Table:
    rows = _recent(release, "crime", force_id=force)
    own = any(key[0] == force for key in release.today)
    found = {}
    for where, label in WHERE.items():
        if where == ("no_boundary" if own else "own"):
            continue
        here = [row for row in rows if _where(row) == where]
        crimes = [row for row in here if row["crime_type"] != ASB]
        others = [row for row in here if row["crime_type"] == ASB]
        found[label] = [*_sums(release, force, crimes), *_sums(release, force, others)]
    return found


def _where(row: Row) -> str:
    if row["place"] != "neighbourhood":
        return row["place"]
    return "own" if row["area_force_id"] == row["force_id"] else "other_force"


def _elsewhere(release: Published, force: str) -> Table:
    found: dict[str, list[Row]] = {}
    for row in _recent(release, "crime", force_id=force):
        if _where(row) == "other_force" and row["crime_type"] != ASB:
            found.setdefault(row["area_force_id"], []).append(row)
    return {
        release.force_name(area): _sums(release, force, rows)
        for area, rows in found.items()
        if _counted(release, rows)
    }


def _groups(release: Published, force: str, table: str) -> Table:
    listed = release.labels("outcome_groups" if table == "outcomes" else "stop_outcome_groups")
    rows = _recent(release, table, force_id=force)
    found = {}
    for code, label in listed.items():
        of = [row for row in rows if row["outcome_group"] == code]
        if _counted(release, of):
            found[label] = _sums(release, force, of, table)
    return {**found, "Together": _sums(release, force, rows, table)}


def _supplied(release: Published, force: str) -> Table:
    """The newest month, and how many came whole; gaps are checked as text."""
    found = {}
    for name, label in DATASETS.items():
        cells = _cells(release, name, force)
        came = [
            m
            for m, c in zip(release.months, cells, strict=True)
            if c in ("submitted", "partial_suspected")
        ]
        expected = len(cells) - cells.count("not_expected")
        whole = f"{cells.count('submitted')} of {expected}" if expected else "not expected"
        found[label] = [month(came[-1]) if came else "none", whole]
    return found


def _forms(release: Published, force: str) -> Table:
    named, kinds = release.labels("reach_categories"), release.labels("reach_characteristics")
    found = []
    for row in places.groups(release, force, ""):
        label, share = named[row["category"]], release.cell(row, "share")
        cells = [label, shown(release.cell(row, "forms")), percent(share)]
        found.append((kinds[row["characteristic"]], cells))
    return keyed(found)


def _events(release: Published, force: str) -> Table:
    """Events of the whole force: when, and how many attendances were counted."""
    years = (release.as_of[:4], str(int(release.as_of[:4]) - 1))
    methods, groups = release.labels("engagement_methods"), release.labels("target_groups")
    found: list[tuple[str, list[str | None]]] = []
    for row in release.where("engagement_events", force_id=force, neighbourhood_id=""):
        dated = row["event_date"] >= release.since and row["status"] == "held"
        if not (dated if row["event_date"] else row["year"] in years):
            continue
        title = row["title"] or methods.get(row["method"]) or "Event"
        asked = ", ".join(groups.get(c.strip(), c.strip()) for c in row["target_groups"].split(";"))
        when = day(row["event_date"]) if row["event_date"] else row["year"]
        cell = release.cell(row, "attendances")
        recorded = cell[0] is not None or row["participants_recorded"] == "yes"
        key = " ".join(f"{title} {asked}".split())
        found.append((key, [when, None, shown(cell) if recorded else "not recorded"]))
    return keyed(found)


def _side_by_side(release: Published, force: str) -> dict[str, Callable[[], Table]]:
    return {
        "crime-table": partial(_table, release, force, _crime),
        "engagement-table": partial(_table, release, force, _engagement),
        "heard-table": partial(_table, release, force, _heard),
        "supplied-table": partial(_supplied, release, force),
    }


Maker = Callable[[Published, str, str], list[tuple[str, Cell]]]


def _table(release: Published, force: str, make: Maker) -> Table:
    found = []
    columns: dict[int, list[tuple[str, Cell]]] = {}
    for (who, identity), row in release.today.items():
        if who == force:
            cells = make(release, force, identity)
            found.append((row["name"], [_write(kind, cell) for kind, cell in cells]))
            for n, pair in enumerate(cells):
                columns.setdefault(n, []).append(pair)
    if make is _heard:
        whole = [_write(kind, cell) for kind, cell in _heard(release, force, "")]
        return keyed([*found, ("The whole force", whole)])
    return keyed([*found, ("All together", _all_together(release, force, make, columns))])


def _all_together(
    release: Published, force: str, make: Maker, columns: dict[int, list[tuple[str, Cell]]]
) -> list[str]:
    """Sums of what may be added up; of crimes those of the force's own series."""
    texts = []
    for cells in columns.values():
        if cells[0][0] == "count":
            values = [cell[0] for _kind, cell in cells]
            some = None in values
            texts.append(shown((None, "x") if some else (sum(v or 0 for v in values), None)))
        else:
            texts.append("")
    if make is _crime:
        area = []
        for column in SERIES:
            of = partial(prose.of_force, release, force)
            for when in (release.month, "usual", "12m"):
                area.append(shown(of(f"crime_summary.{column}@{when}#{force}") or (None, "x")))
        texts[:6] = area
    return texts


def _write(kind: str, cell: Cell) -> str:
    if kind.startswith("text:"):
        return kind[5:]
    return percent(cell) if kind == "share" else shown(cell)


def _crime(release: Published, force: str, identity: str) -> list[tuple[str, Cell]]:
    place = (force, identity)
    cells: list[tuple[str, Cell]] = []
    for column in SERIES:
        series = dict(release.series(place, column))
        found = usual(series[m] for m in release.months[-13:-1])
        whole = [
            value
            for m in release.year
            for value, status in [series.get(m, (None, "x"))]
            if status is None
        ]
        total: Cell = (sum(v or 0 for v in whole), None) if len(whole) == 12 else (None, "x")
        if column == "crime_total":
            total = release.cell(release.summary(place, release.month), "crime_total_12m")
        middle: Cell = (median([found[0]]), None) if found else (None, "x")
        cells += [("count", series[release.month]), ("number", middle), ("count", total)]
    held = release.supplied("outcomes", force)
    stood = all(release.summary(place, m) for m in release.year)
    if not stood or any(held.get(m) != "submitted" for m in release.year):
        return [*cells, *[("count", (None, "x"))] * 2, ("share", (None, "x"))]
    counts = release.counts("outcomes", place, release.year, "outcome_group")
    every, charged = sum(counts.values()), counts.get("charged_or_court", 0.0)
    share: Cell = (charged / every, None) if every >= LEAST_FOR_SHARE else (None, "x")
    return [*cells, ("count", (every, None)), ("count", (charged, None)), ("share", share)]


def _engagement(release: Published, force: str, identity: str) -> list[tuple[str, Cell]]:
    rows = release.where("neighbourhood_profile", force_id=force, neighbourhood_id=identity)
    row = rows[0] if rows else None
    names = ("issues_raised_12m", "issues_due", "issues_closed", "no_feedback_yet")
    last = [
        ("number", "median_days_to_feedback"),
        ("count", "actions_overdue"),
        ("count", "priorities"),
    ]
    meetings = release.cell(row, "meetings_12m")
    none = "none published" if meetings[1] != "x" else "not available"
    days = [(row or {}).get(name, "") for name in ("last_meeting_on", "next_meeting_on")]
    current = (row or {}).get("priorities_current", "")
    return [
        ("count", meetings),
        *(
            (f"text:{int(d[8:])} {short(d[:7])}" if d else f"text:{none}", (None, None))
            for d in days
        ),
        *(("count", release.cell(row, name)) for name in names),
        *((kind, release.cell(row, name)) for kind, name in last),
        (f"text:{current if current in ('yes', 'no') else 'not available'}", (None, None)),
    ]


def _heard(release: Published, force: str, identity: str) -> list[tuple[str, Cell]]:
    period = release.quarters(force)[-1]
    names = ("attendances", "forms", "received", "answered_72h")
    cells = [("people", release.heard(force, identity, period, name)) for name in names]
    return [*cells, ("share", release.heard(force, identity, period, "answered_72h_share"))]
