"""Of every file each row is accepted, quarantined or a repeat; a bad file stops no other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.policeuk.intake import FILES, QUARANTINE, Intake
from openbeat.policeuk.members import HEADERS, parse_member

Take = Callable[..., Intake]
MakeMember = Callable[..., bytes]
ASB = {"crime_type": "Anti-social behaviour", "crime_id": "", "last_outcome_category": ""}
A, B = {"crime_id": "a" * 64}, {"crime_id": "b" * 64}
CHARGED = {"last_outcome_category": "Charged"}
EAST_NORTH = {"longitude": "east", "latitude": "north"}
PERHAPS = {"part_of_a_policing_operation": "perhaps"}


def kinds(intake: Intake) -> list[tuple[int, str, str]]:
    return intake.quarantine.select("line", "kind", "rule").rows()


def test_a_row_with_its_id_and_every_field_equal_to_an_earlier_one_is_a_repeat(
    take: Take, member: MakeMember
) -> None:
    intake = take("street", {"kent": member("street", {}, B, {}, {})})
    assert intake.accepted["line"].to_list() == [2, 3]
    assert kinds(intake) == [(4, "repeat", "repeat"), (5, "repeat", "repeat")]


@pytest.mark.parametrize(
    "change",
    [
        {"crime_type": "Robbery"},
        {"last_outcome_category": "Suspect charged"},
        {"last_outcome_category": ""},
        {"location": "On or near Low Street"},
        {"longitude": "0.521001"},
        {"longitude": "0.5210000"},
        {"lsoa_name": ""},
        {"falls_within": "Essex Police"},
        {"context": "x"},
    ],
)
def test_a_row_with_the_same_id_that_differs_anywhere_is_kept(
    take: Take, member: MakeMember, change: dict[str, str]
) -> None:
    intake = take("street", {"kent": member("street", {}, change)})
    assert intake.accepted["line"].to_list() == [2, 3]
    assert intake.quarantine.is_empty()


def test_rows_without_an_id_are_never_taken_for_repeats(take: Take, member: MakeMember) -> None:
    no_id = {"crime_id": ""}
    intake = take("street", {"kent": member("street", ASB, ASB, ASB, no_id, no_id)})
    assert intake.accepted.height == 5
    assert intake.quarantine.is_empty()


@pytest.mark.parametrize("dataset", ["outcomes", "stops"])
def test_equal_outcomes_and_equal_stops_are_all_kept(
    take: Take, member: MakeMember, dataset: str
) -> None:
    intake = take(dataset, {"kent": member(dataset, {}, {}, {})})
    assert (intake.accepted.height, intake.quarantine.height) == (3, 0)


def test_the_same_row_in_two_forces_files_is_two_rows(take: Take, member: MakeMember) -> None:
    intake = take("street", {"kent": member("street", {}), "essex": member("street", {})})
    assert intake.accepted.select("force_id", "line").rows() == [("essex", 2), ("kent", 2)]


def test_a_refused_row_that_is_repeated_is_refused_twice(take: Take, member: MakeMember) -> None:
    wrong = {"latitude": "0.521", "longitude": "51.273"}
    intake = take("street", {"kent": member("street", wrong, wrong)})
    assert kinds(intake) == [(2, "quarantined", "s8_longitude"), (3, "quarantined", "s8_longitude")]


def test_ids_that_northern_ireland_uses_again_lose_no_row_over_two_months(
    take: Take, member: MakeMember
) -> None:
    keys = []
    for month in ("2025-06", "2025-07"):
        rows = [{"month": month, "crime_id": str(n)} for n in range(5)]
        intake = take("street", {"northern-ireland": member("street", *rows)}, month=month)
        assert intake.accepted.height == 5
        keys += intake.accepted["crime_key"].to_list()
    assert len(set(keys)) == 10


@pytest.mark.parametrize(
    ("dataset", "change", "rule", "column", "value"),
    [
        ("street", {"month": "2025-05"}, "s1_month", "Month", "2025-05"),
        ("street", {"month": ""}, "month_present", "Month", None),
        ("street", {"crime_type": ""}, "crime_type_present", "Crime type", None),
        ("street", ASB | A, "s3_asb_without_id", "Crime ID", "a" * 64),
        ("street", ASB | CHARGED, "s3_asb_without_outcome", "Last outcome category", "Charged"),
        ("street", {"longitude": "east"}, "readable_numbers", "Longitude", "east"),
        ("street", EAST_NORTH, "readable_numbers", "Longitude, Latitude", "east, north"),
        ("street", {"longitude": ""}, "s7_longitude", "Longitude", None),
        ("street", {"latitude": "12.5"}, "s8_latitude", "Latitude", "12.5"),
        ("outcomes", {"crime_id": ""}, "o3_id", "Crime ID", None),
        ("stops", {"date": "yesterday"}, "t1_date", "Date", "yesterday"),
        ("stops", PERHAPS, "t7_boolean", "Part of a policing operation", "perhaps"),
    ],
)
def test_a_refused_row_is_told_in_the_words_of_its_file(
    *,
    take: Take,
    member: MakeMember,
    dataset: str,
    change: dict[str, str],
    rule: str,
    column: str,
    value: str | None,
) -> None:
    intake = take(dataset, {"kent": member(dataset, {}, change)})
    (row,) = intake.quarantine.rows(named=True)
    assert (row["rule"], row["column"], row["value"]) == (rule, column, value)
    assert rule in row["rules"].split("; ")
    assert (row["line"], row["kind"], row["force_id"]) == (3, "quarantined", "kent")
    stem = dataset.replace("stops", "stop-and-search")
    assert row["file"] == f"2025-06/2025-06-kent-{stem}.csv"
    assert (row["month"], row["dataset"]) == ("2025-06", dataset)


def test_every_broken_rule_of_a_row_is_listed(take: Take, member: MakeMember) -> None:
    wrong = {"month": "2025-05", "longitude": "51.273", "latitude": "0.521"}
    intake = take("street", {"kent": member("street", wrong)})
    assert intake.quarantine["rules"].to_list() == ["s1_month; s8_longitude; s8_latitude"]


def test_the_raw_row_can_be_made_again_from_quarantine(take: Take, member: MakeMember) -> None:
    awkward = {"month": "2025-05", "location": 'On or near "Heol Tŷ", 1', "lsoa_name": "A, B"}
    data = member("street", awkward)
    raw = json.loads(take("street", {"kent": data}).quarantine["raw"][0])
    frame = parse_member(data, "street", "m").frame
    assert [raw[column] for column in HEADERS["street"]] == list(frame.drop("line").row(0))


def test_a_ragged_row_is_quarantined_as_it_stands(take: Take, member: MakeMember) -> None:
    data = (
        member("street", {})
        + b"id,2025-06,too,short\r\n"
        + member("street", B).split(b"\r\n", 1)[1]
    )
    intake = take("street", {"kent": data})
    assert intake.accepted["line"].to_list() == [2, 4]
    (row,) = intake.quarantine.rows(named=True)
    assert (row["line"], row["rule"], row["raw"]) == (3, "ragged_row", "id,2025-06,too,short")
    assert row["file"] == "2025-06/2025-06-kent-street.csv"


def test_one_bad_file_is_malformed_and_stops_no_other(take: Take, member: MakeMember) -> None:
    files = {
        "essex": member("street", {}).replace(b"Crime ID", b"CrimeID"),
        "kent": member("street", {}),
        "surrey": member("street"),
        "sussex": member("street", {"location": "On or near Café"}).decode().encode("latin-1"),
    }
    intake = take("street", files)
    states = dict(intake.files.select("force_id", "state").rows())
    assert states == {
        "essex": "malformed",
        "kent": "read",
        "surrey": "empty",
        "sussex": "malformed",
    }
    problems = dict(intake.files.select("force_id", "problem").rows())
    assert "the header is not police.uk's: missing Crime ID" in problems["essex"]
    assert "not UTF-8 text" in problems["sussex"]
    assert problems["kent"] is problems["surrey"] is None
    assert dict(intake.files.select("force_id", "rows").rows()) == {
        "essex": 0,
        "kent": 1,
        "surrey": 0,
        "sussex": 0,
    }
    assert intake.accepted["force_id"].to_list() == ["kent"]


def test_a_file_whose_rows_are_all_refused_is_not_empty(take: Take, member: MakeMember) -> None:
    for data in (member("street") + b"ragged\r\n", member("street", {"month": ""})):
        (file,) = take("street", {"kent": data}).files.rows(named=True)
        assert (file["state"], file["rows"]) == ("read", 1)


def test_a_file_is_named_with_its_archive_and_hash(take: Take, member: MakeMember) -> None:
    data = member("street", {})
    (file,) = take("street", {"kent": data}).files.rows(named=True)
    assert (file["archive"], file["archive_as_of"]) == ("2025-07.zip", "2025-07")
    assert file["member_sha256"] == parse_member(data, "street", "m").sha256


@pytest.mark.parametrize("dataset", ["street", "outcomes", "stops"])
def test_a_month_without_files_has_tables_without_rows(take: Take, dataset: str) -> None:
    intake = take(dataset, {})
    assert intake.accepted.is_empty()
    assert intake.quarantine.schema == QUARANTINE
    assert intake.files.schema == FILES


def test_the_order_of_the_files_makes_no_difference(take: Take, member: MakeMember) -> None:
    files = {"kent": member("street", {}, B, {}), "essex": member("street", {"month": "x"}, B)}
    one, other = take("street", files), take("street", dict(reversed(files.items())))
    assert one.accepted.equals(other.accepted)
    assert one.quarantine.equals(other.quarantine)


CHANGES: Mapping[str, list[dict[str, str]]] = {
    "street": [{}, B, ASB, {"crime_type": "New"}, {"month": ""}, EAST_NORTH, {"latitude": "0"}],
    "outcomes": [{}, B, {"crime_id": ""}, {"outcome_type": "New"}, {"longitude": ""}],
    "stops": [{}, {"date": ""}, {"outcome": ""}, PERHAPS],
}
CHOICE = st.one_of(st.integers(0, 6), st.just("short"))


@settings(max_examples=40, deadline=None)
@given(
    dataset=st.sampled_from(sorted(CHANGES)),
    chosen=st.dictionaries(
        st.sampled_from(["kent", "btp", "northern-ireland"]),
        st.lists(CHOICE, max_size=9),
        max_size=3,
    ),
)
def test_rows_are_accepted_plus_quarantined_plus_repeats(
    take: Take, member: MakeMember, dataset: str, chosen: dict[str, list[int | str]]
) -> None:
    files = {}
    for force, rows in chosen.items():
        lines = [member(dataset).decode().strip()]
        for row in rows:
            possible = CHANGES[dataset]
            change = possible[row % len(possible)] if isinstance(row, int) else {}
            line = member(dataset, change).decode().splitlines()[1]
            lines.append(line if isinstance(row, int) else line.rsplit(",", 3)[0])
        files[force] = "\r\n".join([*lines, ""]).encode()
    intake = take(dataset, files)
    seen = Counter(intake.accepted["force_id"]) + Counter(intake.quarantine["force_id"])
    assert seen == Counter({force: len(rows) for force, rows in chosen.items()})
    assert dict(intake.files.select("force_id", "rows").rows()) == {
        force: len(rows) for force, rows in chosen.items()
    }
    key = ["force_id", "line"]
    where = pl.concat([intake.accepted.select(key), intake.quarantine.select(key)])
    assert where.is_unique().all()
    repeats = intake.quarantine.filter(pl.col("kind") == "repeat")
    assert repeats.is_empty() or dataset == "street"
    for force, rows in chosen.items() if dataset == "street" else ():
        with_id = Counter(row for row in rows if row in (0, 1, 3))
        found = repeats.filter(pl.col("force_id") == force).height
        assert found == sum(with_id.values()) - len(with_id)
