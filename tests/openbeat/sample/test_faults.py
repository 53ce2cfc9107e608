"""What was planted is where FAULTS.json says, and is what it says."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rows = list[list[str]]
# id of the fault -> column -> its value in the line named; rows only
CELLS: dict[str, dict[str, str]] = {
    "zero-coordinates": {"Longitude": "0.000000", "Latitude": "0.000000"},
    "latitude-missing": {"Latitude": ""},
    "longitude-missing": {"Longitude": ""},
    "coordinate-not-a-number": {"Longitude": "-2.4O1233"},
    "coordinate-outside-box": {"Latitude": "38.907200"},
    "far-outside-force": {"Latitude": "54.900300"},
    "unknown-crime-type": {"Crime type": "Drone nuisance"},
    "unknown-last-outcome": {"Last outcome category": "Referred to the drone panel"},
    "month-not-folder": {"Month": "2025-02"},
    "month-malformed": {"Month": "2025-3"},
    "crime-without-id": {"Crime ID": ""},
    "crime-id-malformed": {"Crime ID": "not-a-hash"},
    "context-filled": {"Context": "Under review"},
    "location-odd": {"Location": "Opposite the old mill"},
    "bare-location": {"Location": "On or near "},
    "lsoa-missing": {"LSOA code": ""},
    "lsoa-malformed": {"LSOA code": "E0100001"},
    "lsoa-unknown": {"LSOA code": "E01099999"},
    "falls-within-other": {"Falls within": "Ynysfawr Police"},
    "asb-with-crime-id": {"Crime type": "Anti-social behaviour", "Crime ID": "ab" * 32},
    "asb-with-outcome": {
        "Crime type": "Anti-social behaviour",
        "Last outcome category": "Local resolution",
    },
    "lsoa-without-coordinates": {"Longitude": "", "LSOA code": "E01000001"},
    "further-action": {"Last outcome category": "Further action is not in the public interest"},
    "further-investigation": {
        "Last outcome category": "Further investigation is not in the public interest"
    },
    "unknown-outcome-type": {"Outcome type": "Referred to the drone panel"},
    "outcome-without-id": {"Crime ID": ""},
    "court-after-2019": {"Outcome type": "Offender sent to prison"},
    "unknown-object": {"Object of search": "Drone parts"},
    "unknown-stop-type": {"Type": "Drone search"},
    "unknown-legislation": {"Legislation": "Drones Act 2031"},
    "unknown-stop-outcome": {"Outcome": "Drone seized"},
    "bad-boolean": {"Outcome linked to object of search": "Maybe"},
    "boolean-digits": {"Outcome linked to object of search": "1"},
    "boolean-case": {"Outcome linked to object of search": "TRUE"},
    "date-malformed": {"Date": "12/03/2025 14:05"},
    "date-without-offset": {"Date": "2025-03-12T14:05:00"},
    "date-other-month": {"Date": "2025-01-12T14:05:00+00:00"},
    "coordinates-swapped": {"Latitude": "-2.701234"},
    "vehicle-search-with-person": {"Type": "Vehicle search", "Gender": "Male"},
    "stop-outcome-empty": {"Outcome": ""},
    "stop-outcome-false": {"Outcome": "False"},
    "ethnicity-legacy-chinese": {
        "Self-defined ethnicity": "Chinese or other ethnic group - Chinese (O1)"
    },
    "ethnicity-roma": {"Self-defined ethnicity": "White - Roma"},
    "in-other-force": {"Reported by": "Northmere Constabulary"},
    "relisted-id": {"Month": "2025-04"},
    "wrong-encoding": {"Policing operation": "Ymgyrch Môr"},
}
SPELLINGS = {
    "penalty-notice": "Offender given penalty notice",
    "a-penalty-notice": "Offender given a penalty notice",
}
NEWER = "archives/2025-07.zip"
STREET = f"{NEWER}/2025-03/2025-03-northmere-street.csv"


def named(faults: list[dict[str, Any]], fault_id: str) -> list[dict[str, Any]]:
    return [fault for fault in faults if fault["id"] == fault_id]


@pytest.mark.parametrize("fault_id", sorted(CELLS))
def test_a_planted_row_is_in_the_line_named(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]], fault_id: str
) -> None:
    found = named(faults, fault_id)
    assert {fault["file"].split("/")[1] for fault in found} == {"2025-06.zip", "2025-07.zip"}
    for fault in found:
        table = rows(fault["file"])
        row = dict(zip(table[0], table[fault["line"] - 1], strict=True))
        assert {column: row[column] for column in CELLS[fault_id]} == CELLS[fault_id]


@pytest.mark.parametrize("fault_id", sorted(SPELLINGS))
def test_both_spellings_of_the_penalty_notice_are_there(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]], fault_id: str
) -> None:
    found = named(faults, fault_id)
    assert len(found) == 4
    assert all(SPELLINGS[fault_id] in rows(f["file"])[f["line"] - 1] for f in found)


def test_only_the_planted_rows_repeat_an_earlier_one_with_its_crime_id(
    sample: Path, rows: Callable[[str], Rows], faults: list[dict[str, Any]]
) -> None:
    planted = Counter(fault["file"] for fault in named(faults, "exact-repeat"))
    assert planted[STREET] == 3
    for archive in ("2013-05", "2025-06", "2025-07"):
        with zipfile.ZipFile(sample / f"archives/{archive}.zip") as opened:
            names = [name for name in opened.namelist() if name.endswith("street.csv")]
        for name in names:
            path = f"archives/{archive}.zip/{name}"
            counts = Counter(tuple(row) for row in rows(path)[1:] if row[0])
            repeats = sum(count - 1 for count in counts.values())
            assert repeats == planted[path], path
    lines = [fault["line"] for fault in named(faults, "exact-repeat") if fault["file"] == STREET]
    table = rows(STREET)
    assert all(table[line - 1] in table[: line - 1] for line in lines)


@pytest.mark.parametrize(
    ("fault_id", "column"),
    [("id-conflict-place", 4), ("id-conflict-outcome", 10), ("id-conflict-type", 9)],
)
def test_a_conflict_has_an_earlier_rows_id_and_differs_where_it_says(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]], fault_id: str, column: int
) -> None:
    table = rows(STREET)
    for fault in named(faults, fault_id):
        row = table[fault["line"] - 1]
        earlier = [other for other in table[: fault["line"] - 1] if other[0] == row[0]]
        assert len(earlier) == 1
        assert earlier[0][column] != row[column]


def test_the_file_has_the_equal_asb_rows_that_are_counted(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]]
) -> None:
    fault = next(f for f in named(faults, "asb-duplicates") if f["file"] == STREET)
    counts = Counter(tuple(row) for row in rows(STREET) if row[9] == "Anti-social behaviour")
    assert max(counts.values()) >= fault["count"] + 1 == 41


def test_relisted_ids_are_those_of_the_month_before(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]]
) -> None:
    march = {row[0]: row for row in rows(STREET)}
    for fault in named(faults, "relisted-id"):
        if fault["file"].startswith(NEWER):
            row = rows(fault["file"])[fault["line"] - 1]
            assert march[row[0]][4:10] == row[4:10]


def test_recycled_ids_are_other_crimes_and_only_in_the_month_scoped_force(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]]
) -> None:
    def shared(force: str) -> tuple[int, int]:
        before, now = (
            {row[0]: row for row in rows(f"{NEWER}/{m}/{m}-{force}-street.csv")[1:] if row[0]}
            for m in ("2025-06", "2025-07")
        )
        both = before.keys() & now.keys()
        return len(both), sum(before[name][4:10] != now[name][4:10] for name in both)

    again, different = shared("ynysfawr")
    assert again > 100
    assert different > 0.7 * again
    assert shared("northmere") == (0, 0)
    fault = next(f for f in named(faults, "recycled-ids") if f["file"].startswith(NEWER))
    march = {row[0] for row in rows(f"{NEWER}/2025-03/2025-03-ynysfawr-street.csv") if row[0]}
    assert sum(row[0] in march for row in rows(fault["file"])[1:]) == fault["count"]


def test_missing_files_are_missing_and_only_they(
    sample: Path, faults: list[dict[str, Any]]
) -> None:
    gone = {
        fault["file"]
        for fault in faults
        if fault["id"] in ("missing-file", "only-nationwide", "stops-removed")
    }
    assert len(gone) == 9
    for archive in ("2025-06", "2025-07"):
        with zipfile.ZipFile(sample / f"archives/{archive}.zip") as opened:
            held = {f"archives/{archive}.zip/{name}" for name in opened.namelist()}
        lost = {path for path in gone if path.split("/")[1] == f"{archive}.zip"}
        assert not held & lost
        assert len(held) + len(lost) == 12 * 7
    nationwide = [path for path in gone if "/2024-07/" in path]
    assert len(nationwide) == 6


@pytest.mark.parametrize(
    ("fault_id", "expected"),
    [
        ("header-only", 0),
        ("partial-month", None),
        ("crlf", None),
        ("dates-only", None),
        ("no-coordinates", None),
        ("no-legislation", None),
        ("wrong-encoding", None),
        ("reordered-header", None),
    ],
)
def test_a_fault_of_a_whole_file_counts_its_rows(
    rows: Callable[[str], Rows],
    faults: list[dict[str, Any]],
    fault_id: str,
    expected: int | None,
) -> None:
    found = named(faults, fault_id)
    assert found
    for fault in found:
        assert len(rows(fault["file"])) - 1 == fault["count"]
        assert expected is None or fault["count"] == expected


def raw(sample: Path, path: str) -> bytes:
    archive, _, member = path.partition(".zip/")
    with zipfile.ZipFile(sample / f"{archive}.zip") as opened:
        return opened.read(member)


def test_crlf_files_have_no_bare_line_feed_and_others_no_carriage_return(
    sample: Path, faults: list[dict[str, Any]]
) -> None:
    for fault in named(faults, "crlf"):
        content = raw(sample, fault["file"])
        assert content.count(b"\r\n") == content.count(b"\n") == fault["count"] + 1
    assert b"\r" not in raw(sample, STREET)


def test_the_wrongly_encoded_file_is_not_utf_8(sample: Path, faults: list[dict[str, Any]]) -> None:
    for fault in named(faults, "wrong-encoding"):
        with pytest.raises(UnicodeDecodeError):
            raw(sample, fault["file"]).decode()


def test_the_partial_month_is_under_half_of_the_months_before(
    rows: Callable[[str], Rows],
) -> None:
    april, may = (
        len(rows(f"{NEWER}/{month}/{month}-northmere-street.csv"))
        for month in ("2025-04", "2025-05")
    )
    assert may < 0.4 * april


def test_the_newer_archive_mends_some_files_and_loses_some_rows(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]]
) -> None:
    only_older = {
        fault["file"].partition(".zip/")[2]
        for fault in named(faults, "reordered-header")
        if "2025-06.zip" in fault["file"]
    } - {
        fault["file"].partition(".zip/")[2]
        for fault in named(faults, "reordered-header")
        if "2025-07.zip" in fault["file"]
    }
    assert len(only_older) == 3
    dropped = named(faults, "dropped-outcome-ids")[0]
    name = dropped["file"].partition(".zip/")[2]
    before = {row[0] for row in rows(f"archives/2025-06.zip/{name}")}
    after = {row[0] for row in rows(dropped["file"])}
    assert len(before - after) == dropped["count"] == 10
    assert not after - before
    again = named(faults, "resupplied")[0]
    name = again["file"].partition(".zip/")[2]
    difference = len(rows(again["file"])) - len(rows(f"archives/2025-06.zip/{name}"))
    assert difference == again["count"] == 25


def test_revised_outcomes_are_counted_for_most_months(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]]
) -> None:
    found = named(faults, "revised-outcomes")
    assert len({fault["file"].split("/")[2] for fault in found}) >= 9
    for fault in found:
        name = fault["file"].partition(".zip/")[2]
        pairs = zip(rows(f"archives/2025-06.zip/{name}"), rows(fault["file"]), strict=True)
        assert sum(then[10] != now[10] for then, now in pairs) == fault["count"]


def test_some_rows_of_one_file_have_codes_of_the_older_vintage(
    rows: Callable[[str], Rows], faults: list[dict[str, Any]], sample: Path
) -> None:
    lines = (sample / "geography/lsoa11-lsoa21-lookup.csv").read_text(encoding="utf-8")
    new = {line.split(",E01")[-1][:6] for line in lines.splitlines()[1:] if ",E01" in line}
    for fault in named(faults, "mixed-lsoa-vintage"):
        codes = [row[7] for row in rows(fault["file"])[1:] if row[7].startswith("E01")]
        assert sum(code[3:] not in new for code in codes) == fault["count"] == 15


def test_what_was_planted_is_written_for_people_too(
    sample: Path, faults: list[dict[str, Any]]
) -> None:
    text = (sample / "archives/FAULTS.md").read_text(encoding="utf-8")
    assert text.count("\n- `") == len(faults)
    assert all(f"`{fault['id']}` {fault['file']}" in text for fault in faults)
