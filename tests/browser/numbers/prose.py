"""What each ``<data value data-of>`` of a sentence must be, by its key."""

from __future__ import annotations

import math
from statistics import median, pstdev

from tests.browser.numbers.published import Cell, Place, Published, Row, number, usual

LEAST_POPULATION, NEAREST, LEAST, FACTOR = 500, 10, 5, 2.0
DONE = ("action_taken", "referred_partner")


def answered_on(row: Row) -> str:
    """The day of an issue's answer; empty for what is open."""
    if row["closed"] != "yes":
        return ""
    return row["fed_back_on"] or row["completed_on"] or row["decided_on"] or row["raised_on"]


def issues(release: Published, place: Place) -> tuple[list[Row], list[Row]]:
    """Those answered within the 12 months of engagement, and those that are open."""
    rows = release.where("you_said_we_did", force_id=place[0], neighbourhood_id=place[1])
    answered = [row for row in rows if answered_on(row) >= release.since]
    return answered, [row for row in rows if row["closed"] != "yes"]


def issue_groups(release: Published, place: Place) -> dict[str, list[Row]]:
    """Issues by the section they stand in."""
    answered, still_open = issues(release, place)
    silent = [row for row in still_open if row["status"] == "no_feedback_yet"]
    return {
        "done": [row for row in answered if row["status"] in DONE],
        "not-done": [*silent, *(row for row in answered if row["status"] not in DONE)],
        "open": [row for row in still_open if row["status"] != "no_feedback_yet"],
    }


def standing(release: Published, place: Place) -> list[Row]:
    """The priorities that are not closed."""
    rows = release.where("priorities", force_id=place[0], neighbourhood_id=place[1])
    return [row for row in rows if not row["closed_on"]]


def alike(release: Published, place: Place) -> list[tuple[str, float]]:
    """The neighbourhoods most like one, with their rates, by name; none under five."""
    rows = release.where("crime_summary", month=release.month)
    rated = {}
    for row in rows:
        key = (row["area_force_id"], row["neighbourhood_id"])
        rate, status = release.cell(row, "rate_12m_per_1000")
        people = number(row["population"]) or 0
        area = number(release.today[key]["area_km2"]) if key in release.today else None
        if rate is not None and status is None and people >= LEAST_POPULATION and area:
            rated[key] = (math.log(people), math.log(people / area), rate)
    if place not in rated or len(rated) <= LEAST:
        return []
    spread = [pstdev(values) or 1 for values in list(zip(*rated.values(), strict=True))[:2]]
    x, y, _rate = rated[place]

    def distance(key: Place) -> float:
        return math.hypot((rated[key][0] - x) / spread[0], (rated[key][1] - y) / spread[1])

    nearest = sorted((key for key in rated if key != place), key=distance)[:NEAREST]
    like = [
        (release.today[key]["name"], rated[key][2])
        for key in nearest
        if max(abs(rated[key][0] - x), abs(rated[key][1] - y)) <= math.log(FACTOR)
    ]
    return sorted(like) if len(like) >= LEAST else []


def of_place(release: Published, place: Place, key: str) -> Cell | None:
    """The number that a key of a neighbourhood's page stands for; None for a key not known."""
    source, _, done = key.partition("#")
    source, _, when = source.partition("@")
    table, _, column = source.partition(".")
    if table == "crime_summary":
        return _summary(release, place, column, when, done)
    if table == "neighbourhood_profile" and column == "priorities":
        return float(len(standing(release, place))), None
    if table == "neighbourhood_profile":
        rows = release.where(table, force_id=place[0], neighbourhood_id=place[1])
        return release.cell(rows[0] if rows else None, column)
    if table == "neighbourhoods":
        return release.cell(release.today[place], column)
    if table in ("outcomes", "stops"):
        first, _, last = when.partition("..")
        months = [m for m in release.year if first <= m <= last]
        return sum(release.counts(table, place, months, "month").values()), None
    if table == "coverage":
        cells = release.supplied(done, place[0])
        return float(
            sum(
                cells.get(m) in ("submitted", "partial_suspected")
                and release.summary(place, m) is not None
                for m in release.year
            )
        ), None
    if table in ("engagement_reach", "feedback_summary"):
        return release.heard(*place, when, column)
    return _records(release, place, f"{source}#{done}")


def _summary(release: Published, place: Place, column: str, when: str, done: str) -> Cell | None:
    if done.startswith("similar"):
        rates = [rate for _name, rate in alike(release, place)]
        middle = round(median(rates), 3)
        return {
            "similar_places": (float(len(rates)), None),
            "similar_lowest": (min(rates), None),
            "similar_median": (middle, None),
            "similar_highest": (max(rates), None),
        }[done]
    if done == "gaps":
        first, _, last = when.partition("..")
        cells = [c for m, c in release.series(place, column) if first <= m <= last]
        return float(sum(value is None or status is not None for value, status in cells)), None
    if done in ("lowest", "highest", "usual_months"):
        series = dict(release.series(place, column))
        before = [series[m] for m in release.months[-13:-1]]
        known = sum(value is not None and status is None for value, status in before)
        found = usual(before)
        return {
            "lowest": (found[1] if found else None, None),
            "highest": (found[2] if found else None, None),
            "usual_months": (float(known), None),
        }[done]
    if done:
        return None
    return release.cell(release.summary(place, when or release.month), column)


def _records(release: Published, place: Place, key: str) -> Cell | None:
    answered, still_open = issues(release, place)
    if key.startswith("you_said_we_did.status#"):
        status = key.partition("#")[2]
        return float(sum(row["status"] == status for row in answered)), None
    if key == "you_said_we_did.theme#most_raised":
        raised = [
            row["theme"]
            for row in (*answered, *still_open)
            if row["raised_on"] >= release.since
            and row["status"] != "duplicate"
            and row["theme"] != "other"
        ]
        return float(max(raised.count(theme) for theme in raised)), None
    if key == "you_said_we_did.closed#open":
        return float(sum(row["status"] != "no_feedback_yet" for row in still_open)), None
    if key == "priorities.current#no":
        return float(sum(row["current"] != "yes" for row in standing(release, place))), None
    return None


def of_force(release: Published, force: str, key: str) -> Cell | None:
    """The number that a key of a force's page stands for; None for a key not known."""
    source, _, whose = key.partition("#")
    source, _, when = source.partition("@")
    table, _, column = source.partition(".")
    if whose != force:
        return None
    if table == "neighbourhoods":
        return float(sum(key[0] == force for key in release.today)), None
    if table == "coverage":
        cells = release.supplied(when, force)
        return float(sum(cells.get(m) == "submitted" for m in release.year)), None
    if table == "engagement_reach":
        rows = [
            row
            for row in release.where(table, force_id=force, period=when, neighbourhood_id="")
            if row["category_level"] == "total" and row["period_type"] == "year"
        ]
        return release.cell(rows[0], column) if rows else None
    series = dict(area_series(release, force, column))
    if when == "usual":
        found = usual(series[m] for m in release.months[-13:-1])
        return (found[0] if found else None), None
    if when == "usual_months":
        return float(sum(series[m][1] is None for m in release.months[-13:-1])), None
    if when == "12m_months":
        return float(sum(series[m][1] is None for m in release.year if m in series)), None
    if when == "12m":
        whole = [
            value
            for m in release.year
            for value, status in [series.get(m, (None, "x"))]
            if status is None
        ]
        return (sum(v or 0 for v in whole) if len(whole) == 12 else None), None
    return series[when]


def area_series(release: Published, force: str, column: str) -> list[tuple[str, Cell]]:
    """Each month with the sum over a force's own neighbourhoods, whoever reported."""
    found: list[tuple[str, Cell]] = []
    for when in release.months:
        rows = release.where("crime_summary", month=when, area_force_id=force)
        coverage = rows[0]["coverage"] if rows else "missing"
        total = sum(number(row[column]) or 0 for row in rows)
        if coverage == "submitted":
            found.append((when, (total, None)))
        elif coverage == "partial_suspected" and total:
            found.append((when, (total, "u")))
        else:
            found.append((when, (None, "x")))
    return found
