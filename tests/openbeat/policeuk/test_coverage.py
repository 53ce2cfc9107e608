"""Absence is not zero: what was submitted, what looks partial, what did not come."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from openbeat.months import month_range
from openbeat.policeuk.coverage import coverage, expected_forces, months_before
from openbeat.policeuk.forces import load_forces

FORCES = load_forces()
SCHEMA = {
    "month": pl.String,
    "force_id": pl.String,
    "dataset": pl.String,
    "state": pl.String,
    "rows": pl.Int64,
}


def ledger(*rows: tuple[str, str, str, str, int]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return frame.with_columns(pl.lit(0, pl.Int64).alias("quarantined"))


def series(first: str, *counts: int | str | None) -> list[tuple[str, str, str, str, int]]:
    """Street rows of one force from a month on; None is no file, a word is a state."""
    months = month_range(first, "2030-12")
    return [
        (month, "kent", "street", "read", count)
        if isinstance(count, int)
        else (month, "kent", "street", count, 0)
        for month, count in zip(months, counts, strict=False)
        if count is not None
    ]


def statuses(rows: Sequence[tuple[str, str, str, str, int]], last: str) -> list[str]:
    held = ledger(*rows)
    table = coverage(held, month_range(rows[0][0], last), ["kent"], FORCES)
    return table.filter(pl.col("dataset") == "street")["coverage"].to_list()


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert months_before("2025-02", 3) == ["2024-11", "2024-12", "2025-01"]
    assert months_before("2025-02", 1, including=True) == ["2025-01", "2025-02"]


@pytest.mark.parametrize(
    ("rows", "status"), [(50, "submitted"), (49, "partial_suspected"), (200, "submitted")]
)
def test_under_half_of_the_usual_looks_partial(rows: int, status: str) -> None:
    assert statuses(series("2024-01", *[100] * 12, rows), "2025-01")[-1] == status


@pytest.mark.parametrize(("refused", "status"), [(50, "submitted"), (51, "partial_suspected")])
def test_a_file_mostly_refused_is_partial_and_gives_no_zeros(refused: int, status: str) -> None:
    held = ledger(("2025-01", "kent", "street", "read", 100)).with_columns(
        pl.lit(refused, pl.Int64).alias("quarantined")
    )
    table = coverage(held, ["2025-01"], ["kent"], FORCES).filter(pl.col("dataset") == "street")
    assert table["coverage"].to_list() == [status]


def test_the_usual_is_the_median_not_the_mean() -> None:
    history = [100, 100, 100, 100, 100, 9000, 9000]
    assert statuses(series("2024-01", *history, 60), "2024-08")[-1] == "submitted"


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    assert (
        statuses(series("2024-01", *[100] * 3, *[200] * 3, 74), "2024-07")[-1]
        == "partial_suspected"
    )
    assert statuses(series("2024-01", *[100] * 3, *[200] * 3, 75), "2024-07")[-1] == "submitted"


@pytest.mark.parametrize(("before", "status"), [(5, "submitted"), (6, "partial_suspected")])
def test_six_submitted_months_are_needed_to_say_so(before: int, status: str) -> None:
    assert statuses(series("2024-01", *[100] * before, 1), f"2024-0{before + 1}")[-1] == status


@pytest.mark.parametrize(("gap", "status"), [(6, "partial_suspected"), (7, "submitted")])
def test_only_the_12_calendar_months_before_count(gap: int, status: str) -> None:
    rows = series("2024-01", *[100] * 6, *[None] * gap, 1)
    assert statuses(rows, rows[-1][0])[-1] == status


def test_a_partial_month_is_no_measure_for_later_ones() -> None:
    found = statuses(series("2023-01", *[100] * 12, *[40] * 8), "2024-08")
    # In the eighth month only five whole ones are left in the year before, so nothing is said.
    assert found[12:] == ["partial_suspected"] * 7 + ["submitted"]


@pytest.mark.parametrize("state", ["empty", "malformed"])
def test_an_empty_or_malformed_month_is_called_that_and_is_no_measure(state: str) -> None:
    found = statuses(series("2024-01", *[100] * 6, *[state] * 5, 60, 40), "2025-01")
    assert found[6:11] == [state] * 5
    assert found[11:] == ["submitted", "partial_suspected"]


def test_each_force_and_dataset_is_measured_by_its_own_months() -> None:
    # Each begins when the one before it, in any order of sorting, has half a year behind it.
    begin = {
        ("essex", "street"): "2023-01",
        ("kent", "stops"): "2023-07",
        ("kent", "street"): "2024-01",
    }
    rows = [
        (month, force, dataset, "read", 10 if first == "2024-01" else 1000)
        for (force, dataset), first in begin.items()
        for month in month_range(first, "2024-07")
    ]
    table = coverage(ledger(*rows), month_range("2023-01", "2024-07"), ["kent", "essex"], FORCES)
    assert set(table.filter(pl.col("rows").is_not_null())["coverage"]) == {"submitted"}


def test_an_expected_file_that_did_not_come_is_missing() -> None:
    rows = series("2025-01", 10, None, 10)
    assert statuses(rows, "2025-04") == ["submitted", "missing", "submitted", "missing"]


def test_every_force_month_and_dataset_has_a_row() -> None:
    held = ledger(
        ("2025-01", "kent", "street", "read", 10), ("2025-01", "kent", "stops", "read", 1)
    )
    table = coverage(held, ["2025-01", "2025-02"], ["kent", "essex"], FORCES)
    assert table.select("month", "force_id", "dataset", "coverage").rows() == [
        ("2025-01", "essex", "outcomes", "not_expected"),
        ("2025-01", "essex", "stops", "missing"),
        ("2025-01", "essex", "street", "missing"),
        ("2025-01", "kent", "outcomes", "not_expected"),
        ("2025-01", "kent", "stops", "submitted"),
        ("2025-01", "kent", "street", "submitted"),
        ("2025-02", "essex", "outcomes", "not_expected"),
        ("2025-02", "essex", "stops", "missing"),
        ("2025-02", "essex", "street", "missing"),
        ("2025-02", "kent", "outcomes", "not_expected"),
        ("2025-02", "kent", "stops", "missing"),
        ("2025-02", "kent", "street", "missing"),
    ]


def test_a_month_marked_partial_is_no_measure_for_later_ones() -> None:
    counts = [100] * 6 + [400] * 6 + [80]
    rows = series("2024-01", *counts)
    marked = [(month, "kent", "street") for month in month_range("2024-07", "2024-12")]
    months = month_range("2024-01", "2025-01")
    found = [
        coverage(ledger(*rows), months, ["kent"], FORCES, partial=partial)
        for partial in ((), marked)
    ]
    assert status_of(found[0], "kent", "street", "2025-01") == "partial_suspected"
    assert status_of(found[1], "kent", "street", "2025-01") == "submitted"
    assert status_of(found[1], "kent", "street", "2024-07") == "partial_suspected"
    assert status_of(found[1], "kent", "stops", "2024-07") == "not_expected"


def status_of(table: pl.DataFrame, force: str, dataset: str, month: str) -> str:
    row = table.filter(
        (pl.col("force_id") == force) & (pl.col("dataset") == dataset) & (pl.col("month") == month)
    )
    found: str = row["coverage"].item()
    return found


def test_what_a_force_is_known_not_to_supply_is_not_expected() -> None:
    every = [
        ("2025-01", force, dataset, "read", 10)
        for force in ("kent", "btp")
        for dataset in ("street", "outcomes", "stops")
    ]
    forces = ["kent", "btp", "northern-ireland", "ankh-morpork"]
    table = coverage(ledger(*every), ["2025-02"], forces, FORCES)
    expected = {
        "btp": {"street", "stops"},
        "northern-ireland": {"street"},
        "kent": {"street", "outcomes", "stops"},
        "ankh-morpork": {"street", "outcomes", "stops"},
    }
    for force, datasets in expected.items():
        for dataset in ("street", "outcomes", "stops"):
            status = "missing" if dataset in datasets else "not_expected"
            assert status_of(table, force, dataset, "2025-02") == status, (force, dataset)


def test_a_file_nobody_expected_is_submitted_all_the_same() -> None:
    held = ledger(
        ("2025-01", "btp", "outcomes", "read", 10), ("2025-01", "kent", "street", "read", 1)
    )
    table = coverage(held, ["2025-01", "2025-02"], [], FORCES)
    assert status_of(table, "btp", "outcomes", "2025-01") == "submitted"
    assert status_of(table, "kent", "street", "2025-01") == "submitted"
    assert status_of(table, "kent", "street", "2025-02") == "not_expected"


@pytest.mark.parametrize(
    ("dataset", "before", "first"),
    [
        ("street", "2010-11", "2010-12"),
        ("outcomes", "2011-12", "2012-01"),
        ("stops", "2014-11", "2014-12"),
    ],
)
def test_nothing_is_expected_before_police_uk_published_it(
    dataset: str, before: str, first: str
) -> None:
    held = ledger(("2020-01", "kent", dataset, "read", 10))
    table = coverage(held, [before, first], ["kent"], FORCES)
    assert status_of(table, "kent", dataset, before) == "not_expected"
    assert status_of(table, "kent", dataset, first) == "missing"


def test_a_force_that_only_has_neighbourhoods_has_rows_too() -> None:
    held = ledger(("2025-01", "kent", "street", "read", 10))
    table = coverage(held, ["2025-01"], ["kent"], FORCES, ["dorset"])
    assert status_of(table, "dorset", "street", "2025-01") == "not_expected"


def test_months_before_those_covered_are_a_measure_only() -> None:
    held = ledger(*series("2024-01", *[100] * 12, 10))
    table = coverage(held, ["2025-01"], ["kent"], FORCES)
    assert set(table["month"]) == {"2025-01"}
    assert status_of(table, "kent", "street", "2025-01") == "partial_suspected"


KNOWN = [f"force-{n:02d}" for n in range(45)]


def test_the_forces_expected_are_those_configured() -> None:
    assert expected_forces(["kent", "essex"], KNOWN, KNOWN) == ["essex", "kent"]
    assert expected_forces([], ["kent"], KNOWN) == []


def test_the_forces_expected_are_those_seen_in_an_archive_of_some() -> None:
    assert expected_forces(None, ["kent", "essex", "kent"], KNOWN) == ["essex", "kent"]
    assert expected_forces(None, KNOWN[:39] * 2, KNOWN) == KNOWN[:39]


def test_all_forces_are_expected_of_a_national_archive() -> None:
    assert expected_forces(None, KNOWN[:40], KNOWN) == KNOWN
    assert expected_forces(None, [*KNOWN[:40], "new"], KNOWN) == [*KNOWN, "new"]
