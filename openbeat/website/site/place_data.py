"""Beside each neighbourhood's page: its figures as CSV, all of it as JSON, calendar and feed.

Only writing them down belongs here; figures are in ``place_facts``, the feed in ``place_feed``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from openbeat.release.content import LICENCE_URL
from openbeat.release.csvw import CONTEXT
from openbeat.website import words
from openbeat.website.packs.calendar import calendar
from openbeat.website.site.place_feed import feed
from openbeat.website.site.source import File, Site

Facts = Mapping[str, Any]
Row = tuple[str, str, str, float | None, str | None, str | None]
COLUMNS: Final[Mapping[str, str]] = {
    "measure": (
        "What is counted: crime (category: a type of crime, or total, without anti-social"
        " behaviour), antisocial_behaviour (incidents), crime_12m and antisocial_behaviour_12m"
        " (sums of the 12 months up to the period), population (residents), rate_12m_per_1000 with"
        " rate_low and rate_high (crimes in 12 months for each 1,000 residents and its 95 %"
        " interval), outcomes_12m (category: group of outcomes), stops_12m (category: group of"
        " outcomes of a search), and by quarter attendances, forms, received, answered_72h,"
        " answered_72h_share (a share of 1) and median_days_to_reply (days)."
    ),
    "category": "Code within the measure, of the release's code lists; total for all.",
    "period": "A month (2025-06), the last of the 12 where the measure ends in _12m or is a rate;"
    " or a quarter (2025-Q2).",
    "value": "The number; empty where there is none, which is not 0.",
    "status": "Empty: known; x not available; z not applicable; c not shown to protect people;"
    " u low reliability (a partial month: at least so many); p provisional; r revised.",
    "note": "Why there is no number, or why it is unreliable, in words.",
}
"""Columns of the CSV of a place, in their order, to what they mean."""
_FORMATS: Final = {"period": "[0-9]{4}-((0[1-9]|1[0-2])|Q[1-4])", "status": "[xzcupr]"}
_KEY: Final = ("measure", "category", "period")
_RATES: Final = ("population", "rate_12m_per_1000", "rate_low", "rate_high")
_SPECIAL: Final = re.compile(r'[,"\r\n]')
_URL: Final = "place.csv"
_TITLE: Final = "title of the place"
_IN_PARTS: Final = ("months", "reasons")


def place_files(site: Site) -> Callable[[Facts], Iterator[File]]:
    """What gives a place's data: ``.csv .csv-metadata.json .json .atom`` and ``.ics``.

    Args:
        site: The release; what all places share is made once.

    Returns:
        Facts, as ``PlaceFacts`` gives them, to files.
    """
    codes = _codes(site)
    sidecar = json.dumps(_sidecar(site), ensure_ascii=False, separators=(",", ":"))

    def made(facts: Facts) -> Iterator[File]:
        files = facts["files"]
        yield File(files["csv"], csv_text(facts, codes))
        yield File(files["metadata"], _named(sidecar, facts))
        yield File(files["json"], json_text(facts))
        yield File(files["atom"], feed(site, facts))
        if files["ics"]:
            events = [*facts["coming_events"], *facts["called_off"]]
            yield File(files["ics"], calendar(events, facts["force_id"], site.edition.as_of))

    return made


def _codes(site: Site) -> dict[str, str]:
    """Type of crime as police.uk writes it to its code."""
    return dict(site.codelists["crime_types"].select("crime_type", "code").iter_rows())


def csv_text(facts: Facts, codes: Mapping[str, str]) -> str:
    """The figures of a place as CSV (RFC 4180): the columns of ``COLUMNS``, one a row.

    Args:
        facts: As ``PlaceFacts`` gives them.
        codes: Type of crime to its code.
    """
    lines = [",".join(COLUMNS)]
    for measure, category, period, value, status, note in _rows(facts, codes):
        number, state = ("", "x") if value is None else (words.plain(value), "")
        said = _quoted(note) if note else ""
        lines.append(f"{measure},{_quoted(category)},{period},{number},{status or state},{said}")
    return "\r\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def _rows(facts: Facts, codes: Mapping[str, str]) -> Iterator[Row]:
    series, month = facts["series"], facts["month"]
    yield from _months("crime", "total", series["crime_total"])
    for name, one in series["types"].items():
        yield from _months("crime", codes.get(name, name), one)
    yield from _months("antisocial_behaviour", "total", series["antisocial_behaviour"])
    for name, measure in (("crime_total", "crime"), ("antisocial_behaviour",) * 2):
        for year in (facts["twelve"][name][part] for part in ("now", "before")):
            note = None if year["value"] is not None else f"{year['months']} of 12 months are whole"
            yield f"{measure}_12m", "total", year["last"], year["value"], year["status"], note
    rate = facts["rate"] or {}
    for name in _RATES:
        yield name, "total", month, rate.get(name), rate.get(f"{name}_status", "x"), None
    yield from _over_year("outcomes_12m", facts["outcomes_12m"])
    yield from _over_year("stops_12m", facts["stops_12m"])
    yield from _heard(facts)


def _months(measure: str, category: str, series: Facts) -> Iterator[Row]:
    columns = (series[name] for name in ("months", "values", "statuses", "reasons"))
    for month, value, status, reason in zip(*columns, strict=True):
        yield measure, category, month, value, status, reason


def _over_year(measure: str, year: Facts) -> Iterator[Row]:
    months = year["months"]
    note = None if year["status"] is None else f"{months} of 12 months have figures"
    yield measure, "total", year["last"], year["total"], year["status"], note
    for group in year["groups"]:
        yield measure, group["outcome_group"], year["last"], group["count"], year["status"], note


def _heard(facts: Facts) -> Iterator[Row]:
    for quarter in facts["heard"]["quarters"]:
        for name in words.HEARD:
            value, status, why = (quarter[f"{name}{end}"] for end in ("", "_status", "_why"))
            yield name, "total", quarter["period"], value, status, why


def json_text(facts: Facts) -> str:
    """All facts of a place in one line of JSON; months stand once, not in every series."""
    series = facts["series"]
    slim = {
        "crime_total": _slim(series["crime_total"]),
        "antisocial_behaviour": _slim(series["antisocial_behaviour"]),
        "types": {name: _slim(one) for name, one in series["types"].items()},
    }
    whole = {**facts, "series": slim}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _slim(series: Facts) -> Facts:
    return {name: part for name, part in series.items() if name not in _IN_PARTS}


def _sidecar(site: Site) -> dict[str, Any]:
    """What the metadata of each CSV says, but for its name and title (CSV on the Web)."""
    return {
        "@context": CONTEXT,
        "url": _URL,
        "dc:title": _TITLE,
        "dc:license": {"@id": LICENCE_URL},
        "dc:publisher": site.edition.publisher,
        "schema:version": site.edition.release_id,
        "tableSchema": {
            "columns": [_column(name, text) for name, text in COLUMNS.items()],
            "primaryKey": list(_KEY),
        },
    }


def _column(name: str, text: str) -> dict[str, Any]:
    column: dict[str, Any] = {"name": name, "titles": name, "dc:description": text, "null": ""}
    if name in _KEY:
        column["required"] = True
    kind = "number" if name == "value" else "string"
    pattern = _FORMATS.get(name)
    return {**column, "datatype": {"base": kind, "format": pattern} if pattern else kind}


def _named(sidecar: str, facts: Facts) -> str:
    """The metadata with the name and the title of one CSV."""
    name = facts["files"]["csv"].rsplit("/", 1)[-1]
    title = f"{facts['neighbourhood_name']}, {facts['force_name']}: figures"
    quoted = json.dumps(title, ensure_ascii=False)
    return (
        sidecar.replace(json.dumps(_URL), json.dumps(name), 1).replace(
            json.dumps(_TITLE), quoted, 1
        )
        + "\n"
    )
