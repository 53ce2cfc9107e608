"""Faults in single rows: what they are, as tables, and how they are put into a file.

Each is a row of a table: an id, the values put in the row, and what that means. Faults of whole
files are in ``file_faults``. The rules named are those of the conformed tables (S street,
O outcomes, T stops).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from openbeat.sample import words
from openbeat.sample.faults import Cells, Log, Member

FIRST, EVERY = 5, 11  # of the rows that would do, these are taken: not beside one another
ASB_COPIES = 40

LOCATED_CRIME = pl.col("Crime ID").is_not_null() & pl.col("Longitude").is_not_null()
LOCATED_ASB = (pl.col("Crime type") == words.ASB) & pl.col("Longitude").is_not_null()
UNLOCATED = pl.col("Longitude").is_null()


class RowFault(NamedTuple):
    """Values for one row, and what is wrong or right with them."""

    id: str
    cells: Cells
    what: str


ZERO: Cells = {"Longitude": "0.000000", "Latitude": "0.000000"}
OUTSIDE: Cells = {"Longitude": "-77.036900", "Latitude": "38.907200"}
FAR: Cells = {
    "Longitude": "1.104200",
    "Latitude": "54.900300",
    "Location": "On or near Lighthouse Walk",
    "LSOA code": None,
    "LSOA name": None,
}
COORDINATES = (
    RowFault("zero-coordinates", ZERO, "both coordinates are 0: no location (S7)"),
    RowFault("latitude-missing", {"Latitude": None}, "one coordinate is missing (S7)"),
    RowFault("longitude-missing", {"Longitude": None}, "one coordinate is missing (S7)"),
    RowFault("coordinate-not-a-number", {"Longitude": "-2.4O1233"}, "a letter O for a 0 (S7)"),
    RowFault("coordinate-outside-box", OUTSIDE, "on another continent (S8)"),
)


def _last(label: str) -> Cells:
    return {"Last outcome category": label}


CRIMES = (
    *COORDINATES,
    RowFault("far-outside-force", FAR, "in no force's area, over 100 km away (S11)"),
    RowFault("unknown-crime-type", {"Crime type": "Drone nuisance"}, "a label nobody knows"),
    RowFault("unknown-last-outcome", _last("Referred to the drone panel"), "a label nobody knows"),
    RowFault("month-not-folder", {"Month": "2025-02"}, "Month is not the file's (S1)"),
    RowFault("month-malformed", {"Month": "2025-3"}, "Month is not YYYY-MM (S1)"),
    RowFault("crime-without-id", {"Crime ID": None}, "a crime without Crime ID (S4)"),
    RowFault("crime-id-malformed", {"Crime ID": "not-a-hash"}, "not 64 hex digits (S4)"),
    RowFault("context-filled", {"Context": "Under review"}, "Context is not empty (S13)"),
    RowFault("location-odd", {"Location": "Opposite the old mill"}, "not `On or near` (S15)"),
    RowFault("bare-location", {"Location": "On or near "}, "a street without name; right"),
    RowFault("lsoa-missing", {"LSOA code": None, "LSOA name": None}, "located, no LSOA (S9)"),
    RowFault("lsoa-malformed", {"LSOA code": "E0100001"}, "one digit short (S10)"),
    RowFault("lsoa-unknown", {"LSOA code": "E01099999"}, "in neither vintage's list (S10)"),
    RowFault("falls-within-other", {"Falls within": "Ynysfawr Police"}, "another force (S12)"),
    RowFault(
        "penalty-notice", _last("Offender given penalty notice"), "the archive's spelling; right"
    ),
    RowFault(
        "a-penalty-notice", _last("Offender given a penalty notice"), "the API's spelling; right"
    ),
    RowFault(
        "further-action",
        _last("Further action is not in the public interest"),
        "the newcomer; right",
    ),
    RowFault(
        "further-investigation",
        _last("Further investigation is not in the public interest"),
        "the older label beside it; right",
    ),
)
INCIDENTS = (
    RowFault("asb-with-crime-id", {"Crime ID": "ab" * 32}, "an ASB row with a Crime ID (S3)"),
    RowFault("asb-with-outcome", _last("Local resolution"), "an ASB row with an outcome (S3)"),
)
NOWHERE = (
    RowFault("lsoa-without-coordinates", {"LSOA code": "E01000001"}, "LSOA, no coordinates (S9)"),
)


def _outcome(label: str) -> Cells:
    return {"Outcome type": label}


OUTCOMES = (
    RowFault("unknown-outcome-type", _outcome("Referred to the drone panel"), "nobody knows it"),
    RowFault("outcome-without-id", {"Crime ID": None}, "Crime ID is empty (O3)"),
    RowFault("month-not-folder", {"Month": "2025-02"}, "Month is not the file's (O1)"),
    RowFault("court-after-2019", _outcome("Offender sent to prison"), "court result (O8)"),
    RowFault("penalty-notice", _outcome("Offender given penalty notice"), "archive's; right"),
    RowFault("a-penalty-notice", _outcome("Offender given a penalty notice"), "API's; right"),
    *COORDINATES,
)


def _ethnicity(label: str) -> Cells:
    return {"Self-defined ethnicity": label}


LINKED, STRIPPED = "Outcome linked to object of search", "Removal of more than just outer clothing"
STOPS = (
    *COORDINATES,
    RowFault("unknown-object", {"Object of search": "Drone parts"}, "a label nobody knows"),
    RowFault("unknown-stop-type", {"Type": "Drone search"}, "a label nobody knows"),
    RowFault("unknown-legislation", {"Legislation": "Drones Act 2031"}, "nobody knows it"),
    RowFault("unknown-stop-outcome", {"Outcome": "Drone seized"}, "a label nobody knows"),
    RowFault("bad-boolean", {LINKED: "Maybe"}, "neither true nor false (T7)"),
    RowFault("boolean-digits", {LINKED: "1", STRIPPED: "0"}, "1 and 0; right"),
    RowFault("boolean-case", {LINKED: "TRUE", STRIPPED: "false"}, "other case; right"),
    RowFault("date-malformed", {"Date": "12/03/2025 14:05"}, "not ISO 8601 (T1)"),
    RowFault("date-without-offset", {"Date": "2025-03-12T14:05:00"}, "no offset (T1)"),
    RowFault(
        "date-other-month", {"Date": "2025-01-12T14:05:00+00:00"}, "another month, not BST (T2)"
    ),
    RowFault(
        "coordinates-swapped", {"Latitude": "-2.701234", "Longitude": "52.901234"}, "swapped (S8)"
    ),
    RowFault(
        "vehicle-search-with-person",
        {"Type": "Vehicle search", "Gender": "Male", "Age range": "18-24"},
        "a person's fields on a vehicle search (T8)",
    ),
    RowFault("stop-outcome-empty", {"Outcome": None}, "not recorded, which is not NFA"),
    RowFault("stop-outcome-false", {"Outcome": "False"}, "the legacy literal"),
    RowFault(
        "ethnicity-legacy-chinese",
        _ethnicity("Chinese or other ethnic group - Chinese (O1)"),
        "legacy O1, which is not today's O1 Arab",
    ),
    RowFault("ethnicity-roma", _ethnicity("White - Roma"), "a newer category"),
)


def street(member: Member, log: Log) -> None:
    """Plant every row fault of a street file; repeats and conflicts at its end."""
    crimes = member.pool(LOCATED_CRIME)
    incidents = member.pool(LOCATED_ASB)
    nowhere = member.pool(UNLOCATED)
    _in_rows(member, log, crimes, CRIMES)
    _in_rows(member, log, incidents, INCIDENTS)
    _in_rows(member, log, nowhere, NOWHERE, every=1, first=0)
    clean = crimes[FIRST + 1 :: EVERY]  # beside the rows that were changed
    line = member.append(clean[0:3], {})
    _lines(log, member, "exact-repeat", line, 3, "with Crime ID, equal to an earlier row (S5)")
    spot = member.frame.row(clean[9], named=True)
    place = {name: spot[name] for name in words.STREET[4:9]}
    line = member.append(clean[3:5], place)
    _lines(log, member, "id-conflict-place", line, 2, "a Crime ID again, at another place (S5)")
    line = member.append(clean[5:6], {**_last("Status update unavailable")})
    _lines(log, member, "id-conflict-outcome", line, 1, "a Crime ID again, another outcome (S5)")
    line = member.append(clean[6:7], {"Crime type": "Robbery"})
    _lines(log, member, "id-conflict-type", line, 1, "a Crime ID again, another type (S5)")
    line = member.append([incidents[1]] * ASB_COPIES, {})
    what = f"equal ASB rows at one map point, beside the one in line {incidents[1] + 2}; all real"
    log.add("asb-duplicates", member.path, what, count=ASB_COPIES)
    _contaminate(member, log, clean[7:9])


def outcomes(member: Member, log: Log) -> None:
    """Plant every row fault of an outcomes file."""
    rows = member.pool(pl.col("Longitude").is_not_null())
    _in_rows(member, log, rows, OUTCOMES)
    line = member.append(rows[1:3], {})
    _lines(log, member, "exact-duplicate-outcome", line, 2, "equal to an earlier row; kept (O6)")
    later = member.book.street(member.force, "2025-04", member.as_of).filter(LOCATED_CRIME)
    line = member.append(rows[3:4], {"Crime ID": later["Crime ID"][20]})
    _lines(log, member, "outcome-before-crime", line, 1, "its crime is of 2025-04 (O5)")


def stops(member: Member, log: Log) -> None:
    """Plant every row fault of a stop and search file."""
    rows = member.pool(pl.col("Longitude").is_not_null())
    _in_rows(member, log, rows, STOPS, every=3)
    line = member.append(rows[6:8], {})
    _lines(log, member, "identical-stop", line, 2, "equal to an earlier row; kept (T9)")


def sparse_street(member: Member, log: Log) -> None:
    """Plant the few row faults of the large scales."""
    chosen = ("zero-coordinates", "coordinate-outside-box", "unknown-crime-type")
    few = [fault for fault in CRIMES if fault.id in chosen]
    _in_rows(member, log, member.pool(LOCATED_CRIME), few)


def _in_rows(
    member: Member,
    log: Log,
    rows: list[int],
    faults: Sequence[RowFault],
    *,
    every: int = EVERY,
    first: int = FIRST,
) -> None:
    for row, fault in zip(rows[first::every][: len(faults)], faults, strict=True):
        line = member.change(row, fault.cells)
        log.add(fault.id, member.path, fault.what, line=line)


def _lines(log: Log, member: Member, fault_id: str, line: int, count: int, what: str) -> None:
    for at in range(line, line + count):
        log.add(fault_id, member.path, what, line=at)


def _contaminate(member: Member, log: Log, rows: list[int]) -> None:
    """Put crimes of this force at a spot of the other, under IDs of their own."""
    places = member.book.country.places
    spot = places.points.row(int(places.first_point[1]) + 7, named=True)
    cells = {name: spot[name] for name in ("Longitude", "Latitude", "Location")}
    piece = places.fragments.row(spot["fragment"], named=True)
    cells |= {"LSOA code": piece["LSOA21CD"], "LSOA name": piece["LSOA21NM"]}
    line = member.frame.height + 2
    for turn, row in enumerate(rows):
        member.append([row], {**cells, "Crime ID": f"c0{turn}" + "7" * 61})
    what = "a crime of northmere inside ynysfawr's area (S11)"
    _lines(log, member, "in-other-force", line, len(rows), what)
