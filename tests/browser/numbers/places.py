"""What the tables and charts of a neighbourhood page must hold, by the id of the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tests.browser.numbers.prose import alike
from tests.browser.numbers.published import (
    ASB,
    Cell,
    Place,
    Published,
    Row,
    earlier,
    month,
    number,
    percent,
    shown,
    thousands,
    usual,
)

Table = Mapping[str, Sequence[str | None]]
"""Heading of a row to the texts of its cells, None for what is no figure; ``""`` has the heads."""
COLUMNS = {"crime": "crime_total", "asb": "antisocial_behaviour"}


def keyed(rows: Iterable[tuple[str, list[str | None]]]) -> dict[str, list[str | None]]:
    """Rows by their headings; those that share one, by their first cell too."""
    listed = list(rows)
    times = Counter(head for head, _cells in listed)
    return {head if times[head] == 1 else f"{head}: {cells[0]}": cells for head, cells in listed}


KEPT = "; not shown or not available: "
HEARD = {
    "Attendances at events": "attendances",
    "Monitoring forms returned": "forms",
    "Queries received": "received",
    "Answered within 72 hours": "answered_72h",
    "Share answered within 72 hours": "answered_72h_share",
    "Days to a reply (median)": "median_days_to_reply",
}


def table(release: Published, place: Place, name: str) -> Table | None:
    """The rows of one table; None for one that is not known."""
    if name.endswith("-figures") and name != "heard-figures":
        return _figures(release, place, name.removesuffix("-figures"))
    makers = {
        "types": types,
        "similar": _similar,
        "stops-objects": _objects,
        "stops-outcomes": _stop_outcomes,
        "activity": _activity,
        "heard-figures": _heard,
        "heard-groups": _groups,
    }
    return makers[name](release, place) if name in makers else None


def _figures(release: Published, place: Place, chart: str) -> Table | None:
    if chart == "outcomes":
        found = release.counts("outcomes", place, release.year, "outcome_group")
        named = release.labels("outcome_groups")
        return {named[code]: [thousands(found[code])] for code in named if code in found}
    name = chart.removesuffix("-long")
    if name not in COLUMNS:
        return None
    series = release.series(place, COLUMNS[name])
    return {month(m): [shown(cell)] for m, cell in series}


def by_type(release: Published, place: Place, name: str, months: list[str]) -> list[Cell]:
    """A crime type by month: 0 only where the neighbourhood's own force supplied the month."""
    counts = release.counts("crime", place, months, "month", lambda row: row["crime_type"] == name)
    found: list[Cell] = []
    for when in months:
        row = release.summary(place, when)
        coverage = row["coverage"] if row else ""
        value = counts.get(when, 0.0)
        if coverage == "submitted":
            found.append((value, None))
        elif coverage == "partial_suspected" and value:
            found.append((value, "u"))
        else:
            found.append((None, "x"))
    return found


def types(release: Published, place: Place) -> Table:
    """Latest month, usual month with its range, 12 months where any is whole, and the line."""
    span = [earlier(release.month, n) for n in range(12, -1, -1)]
    listed = [
        row["crime_type"]
        for row in release.table("codelists/crime_types")
        if row["first_month"]
        and row["first_month"] <= release.month
        and (not row["last_month"] or row["last_month"] >= release.month)
    ]
    held = release.counts("crime", place, span, "crime_type")
    names = [name for name in dict.fromkeys([*listed, *held]) if name != ASB]
    rows: dict[str, tuple[list[Cell], Cell]] = {}
    for name in names:
        cells = by_type(release, place, name, span)
        rows[name] = (cells, _year(cells[-12:]))
    total = dict(release.series(place, "crime_total"))
    newest = release.summary(place, release.month)
    rows["All crimes"] = (
        [total.get(m, (None, "x")) for m in span],
        release.cell(newest, "crime_total_12m"),
    )
    summed = any(year[0] is not None for _cells, year in rows.values())
    return {
        name: [
            shown(cells[-1]),
            _usual(cells[:-1]),
            *([shown((year[0], year[1] if year[0] is not None else "x"))] if summed else []),
            " ".join("–" if v is None else f"{v:g}" for v, _status in cells),
        ]
        for name, (cells, year) in rows.items()
    }


def _year(cells: list[Cell]) -> Cell:
    whole = [value for value, status in cells if status is None and value is not None]
    return (sum(whole), None) if len(whole) == 12 else (None, "x")


def _usual(cells: list[Cell]) -> str:
    found = usual(cells)
    return "–" if found is None else "{} ({}–{})".format(*map(thousands, found))


def _similar(release: Published, place: Place) -> Table:
    return {name: [thousands(rate)] for name, rate in alike(release, place)}


def _objects(release: Published, place: Place) -> Table:
    found = release.counts("stops", place, release.year, "object_of_search")
    most = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:6]
    return {name or "": [thousands(value)] for name, value in most}


def _stop_outcomes(release: Published, place: Place) -> Table:
    found = release.counts("stops", place, release.year, "outcome_group")
    named = release.labels("stop_outcome_groups")
    return {named[code]: [thousands(value)] for code, value in found.items()}


def _activity(release: Published, place: Place) -> Table:
    months = [earlier(release.as_of[:7], n) for n in range(12)]
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in release.where("activities", force_id=place[0], neighbourhood_id=place[1]):
        if row["month"] in months:
            groups.setdefault((row["activity_type"], row["organisation"]), []).append(row)
    named, kinds = release.labels("activity_types"), release.labels("partner_types")
    found = {}
    for (code, organisation), rows in sorted(groups.items())[:6]:
        who = organisation or kinds.get(rows[0]["organisation_type"]) or "Not given"
        newest = [row for row in rows if row["month"] == months[0]]
        found[f"{named[code]} {who}"] = [_amount(newest), _amount(rows)]
    return found


def _amount(rows: list[Row]) -> str:
    parts = []
    for column, unit in (("hours", "hour"), ("number", "time")):
        known = [number(row[column]) or 0 for row in rows if row[column]]
        if known:
            total = sum(known)
            parts.append(f"{thousands(total)} {unit}{'' if total == 1 else 's'}")
    return ", ".join(parts) or "none logged"


def _heard(release: Published, place: Place) -> Table:
    return heard(release, place[0], place[1])


def heard(release: Published, force: str, place: str) -> Table:
    """Counts of people in the newest quarters."""
    return {
        label: [
            (percent if measure.endswith("share") else shown)(
                release.heard(force, place, q, measure)
            )
            for q in release.quarters(force)
        ]
        for label, measure in HEARD.items()
    }


def groups(release: Published, force: str, place: str) -> list[Row]:
    """Forms by group in the newest quarter in which the place has any."""
    rows = release.where("engagement_reach", force_id=force, neighbourhood_id=place)
    quarters = release.quarters(force)
    listed = [
        row
        for row in rows
        if row["period_type"] == "quarter"
        and row["category_level"] == "group"
        and row["period"] in quarters
    ]
    newest = max((row["period"] for row in listed), default="")
    return [row for row in listed if row["period"] == newest]


def _groups(release: Published, place: Place) -> Table:
    named, kinds = release.labels("reach_categories"), release.labels("reach_characteristics")
    found: dict[str, tuple[list[str], list[str]]] = {}
    for row in groups(release, *place):
        told, kept = found.setdefault(kinds[row["characteristic"]], ([], []))
        cell = release.cell(row, "forms")
        label = named[row["category"]]
        (kept if cell[0] is None else told).append(
            label if cell[0] is None else f"{label} {shown(cell)}"
        )
    return {
        name: [in_order("; ".join(told) + KEPT * bool(kept) + ", ".join(kept))]
        for name, (told, kept) in found.items()
    }


def in_order(cell: str) -> str:
    """Groups that are told, and those that are kept back, each in the order of the alphabet."""
    if KEPT.strip("; ") not in cell and "; " not in cell:
        return cell
    told, _mark, kept = cell.removeprefix("; ").partition(KEPT.removeprefix("; "))
    groups = sorted(filter(None, told.split("; ")))
    return "; ".join(groups) + " | " * bool(kept) + ", ".join(sorted(kept.split(", ")))
