"""The archives look like police.uk's, in layout and in what their rows hold."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rows = list[list[str]]
MEMBER = re.compile(
    r"(\d{4}-(?:0[1-9]|1[0-2]))/\1-([a-z]+(?:-[a-z]+)*)-(street|outcomes|stop-and-search)\.csv"
)
HEADERS = {
    "street": "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,"
    "LSOA name,Crime type,Last outcome category,Context",
    "outcomes": "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,"
    "LSOA name,Outcome type",
    "stop-and-search": "Type,Date,Part of a policing operation,Policing operation,Latitude,"
    "Longitude,Gender,Age range,Self-defined ethnicity,Officer-defined ethnicity,Legislation,"
    "Object of search,Outcome,Outcome linked to object of search,"
    "Removal of more than just outer clothing",
}
FIRST, SECOND = "archives/2025-06.zip", "archives/2025-07.zip"
CLEAN = f"{SECOND}/2025-06/2025-06-northmere"
WELSH = f"{SECOND}/2025-06/2025-06-ynysfawr"
RAIL = f"{SECOND}/2025-06/2025-06-rail-and-tram"


def members(sample: Path, archive: str) -> list[str]:
    with zipfile.ZipFile(sample / archive) as opened:
        return opened.namelist()


def dicts(table: Rows) -> list[dict[str, str]]:
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


@pytest.mark.parametrize("archive", [FIRST, SECOND, "archives/2013-05.zip"])
def test_every_member_has_a_name_of_the_archive_and_its_exact_header(
    sample: Path,
    rows: Callable[[str], Rows],
    faults: list[dict[str, Any]],
    archive: str,
) -> None:
    malformed = {fault["file"] for fault in faults if fault["id"] == "reordered-header"}
    for name in members(sample, archive):
        matched = MEMBER.fullmatch(name)
        assert matched, name
        right = ",".join(rows(f"{archive}/{name}")[0]) == HEADERS[matched[3]]
        assert right == (f"{archive}/{name}" not in malformed), name


def test_the_two_archives_hold_a_year_each_a_month_apart(sample: Path) -> None:
    first = {name[:7] for name in members(sample, FIRST)}
    second = {name[:7] for name in members(sample, SECOND)}
    assert (min(first), max(first), len(first)) == ("2024-07", "2025-06", 12)
    assert (min(second), max(second), len(second)) == ("2024-08", "2025-07", 12)


def test_members_are_dated_alike_and_deflated_so_that_no_clock_shows(sample: Path) -> None:
    with zipfile.ZipFile(sample / SECOND) as opened:
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_DEFLATED}


def test_only_antisocial_behaviour_has_no_crime_id_and_no_outcome(
    rows: Callable[[str], Rows],
) -> None:
    table = dicts(rows(f"{CLEAN}-street.csv"))
    for row in table:
        asb = row["Crime type"] == "Anti-social behaviour"
        assert (row["Crime ID"] == "") == asb
        assert (row["Last outcome category"] == "") == asb
        assert asb or re.fullmatch("[0-9a-f]{64}", row["Crime ID"])
    share = sum(row["Crime ID"] == "" for row in table) / len(table)
    assert 0.1 < share < 0.25
    assert len({row["Crime type"] for row in table}) == 14
    repeated = Counter(tuple(row.values()) for row in table if row["Crime ID"] == "")
    assert max(repeated.values()) > 1, "equal ASB rows happen by themselves"


def test_rows_without_location_say_so_and_have_no_small_area(rows: Callable[[str], Rows]) -> None:
    table = dicts(rows(f"{CLEAN}-street.csv"))
    nowhere = [row for row in table if row["Location"] == "No Location"]
    assert 0 < len(nowhere) < 0.04 * len(table)
    for row in table:
        blank = row["Location"] == "No Location"
        for column in ("Longitude", "Latitude", "LSOA code", "LSOA name"):
            assert (row[column] == "") == blank
        assert blank or row["Location"].startswith("On or near ")
        assert blank or (
            re.fullmatch(r"-\d\.\d{6}", row["Longitude"])
            and re.fullmatch(r"5\d\.\d{6}", row["Latitude"])
        )


def test_the_nationwide_force_has_neither_ids_nor_asb_and_works_in_both_areas(
    rows: Callable[[str], Rows],
) -> None:
    table = dicts(rows(f"{RAIL}-street.csv"))
    assert len(table) > 40
    assert {row["Crime ID"] + row["Last outcome category"] for row in table} == {""}
    assert "Anti-social behaviour" not in {row["Crime type"] for row in table}
    assert {row["LSOA code"][:1] for row in table} == {"E", "W", ""}


def test_northmere_quotes_its_small_areas_and_ynysfawr_writes_welsh(
    sample: Path, rows: Callable[[str], Rows]
) -> None:
    with zipfile.ZipFile(sample / SECOND) as opened:
        text = opened.read("2025-06/2025-06-northmere-street.csv").decode()
    assert ',"Harrowby, Ling and Marsh 001A",' in text
    welsh = " ".join(row["Location"] for row in dicts(rows(f"{WELSH}-street.csv")))
    assert "ŷ" in welsh or "Ŵ" in welsh


def test_small_area_codes_are_of_2011_until_september_2024_and_of_2021_after(
    sample: Path, rows: Callable[[str], Rows]
) -> None:
    lines = (sample / "geography/lsoa11-lsoa21-lookup.csv").read_text(encoding="utf-8")
    lookup = [line.rsplit(",", 1) for line in lines.splitlines()[1:]]
    assert {change for _, change in lookup} == {"U", "S", "M", "X"}
    old = {code for line, _ in lookup for code in re.findall(r"[EW]01\d{6}", line)[:1]}
    new = {code for line, _ in lookup for code in re.findall(r"[EW]01\d{6}", line)[1:]}
    for month, held, other in (("2024-09", old, new), ("2025-06", new, old)):
        name = f"{SECOND}/{month}/{month}-ynysfawr-street.csv"
        codes = {row["LSOA code"] for row in dicts(rows(name))} - {""}
        assert codes <= held
        assert codes - other, "some codes are of that vintage alone"


def test_outcomes_are_of_crimes_listed_in_that_month_or_before(
    rows: Callable[[str], Rows],
) -> None:
    month_of: dict[str, str] = {}
    for month in ("2025-01", "2025-02", "2025-04", "2025-06", "2025-07"):
        for row in dicts(rows(f"{SECOND}/{month}/{month}-northmere-street.csv")):
            month_of.setdefault(row["Crime ID"], month)
    outcomes = dicts(rows(f"{CLEAN}-outcomes.csv"))
    months = Counter(month_of.get(row["Crime ID"], "elsewhere") for row in outcomes)
    assert months["2025-06"] > 100
    assert months["2025-01"] > 10
    assert months["2025-07"] == 0
    again = Counter(row["Crime ID"] for row in outcomes)
    assert max(again.values()) > 1, "a crime can have several outcomes in a month"


def test_a_later_archive_has_the_same_rows_with_other_outcomes(
    rows: Callable[[str], Rows],
) -> None:
    name = "2025-06/2025-06-ynysfawr-street.csv"
    before, after = rows(f"{FIRST}/{name}"), rows(f"{SECOND}/{name}")
    assert [row[:10] for row in before] == [row[:10] for row in after]
    changed = [then[10] for row, then in zip(after, before, strict=True) if row[10] != then[10]]
    assert len(changed) > 20
    assert set(changed) == {"Under investigation"}
    stops = "2025-06/2025-06-ynysfawr-stop-and-search.csv"
    assert rows(f"{FIRST}/{stops}") == rows(f"{SECOND}/{stops}")


def test_stops_are_timed_in_utc_with_latitude_first(rows: Callable[[str], Rows]) -> None:
    table = dicts(rows(f"{CLEAN}-stop-and-search.csv"))
    dates = [row["Date"] for row in table]
    assert dates == sorted(dates)
    assert all(re.fullmatch(r"2025-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", date) for date in dates)
    early = [date for date in dates if date < "2025-06-01"]
    assert len(early) >= 2
    assert all(date.startswith("2025-05-31T23:") for date in early)
    located = [row for row in table if row["Latitude"]]
    assert 0 < len(table) - len(located) < 0.2 * len(table)
    assert all(float(row["Latitude"]) > 49 > float(row["Longitude"]) for row in located)


@pytest.mark.parametrize(("month", "labels"), [("2011-06", 6), ("2012-06", 11), ("2013-05", 14)])
def test_the_legacy_archive_has_the_crime_types_of_its_time(
    sample: Path, rows: Callable[[str], Rows], month: str, labels: int
) -> None:
    name = f"archives/2013-05.zip/{month}/{month}-northmere-street.csv"
    assert len({row["Crime type"] for row in dicts(rows(name))}) == labels
    held = [name for name in members(sample, "archives/2013-05.zip") if name.startswith(month)]
    assert not any("stop-and-search" in name for name in held)
    assert any("outcomes" in name for name in held) == (month >= "2012-01")
