"""Published counts: a zero only where it is known to be one, every number with its standing."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from openbeat.monthly.tables import crime_table, sparse_table
from openbeat.policeuk.vocabulary import crime_types_of

Make = Callable[..., pl.DataFrame]
Fits = Callable[[str, pl.DataFrame], None]
MONTH = "2025-06"
ASB = {"crime_type": "Anti-social behaviour"}


def numbers(table: pl.DataFrame, *where: pl.Expr) -> list[tuple[int | None, str | None]]:
    return table.filter(*where).select("count", "count_status").rows()


def zeros(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("count") == 0)


def test_zeros_are_written_for_a_forces_own_neighbourhoods_and_every_type(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, fits: Fits
) -> None:
    table = crime_table(
        counts("street", (MONTH, "kent", "kent", "A", 3)),
        covered((MONTH, "kent", "submitted")),
        served((MONTH, "kent", "A"), (MONTH, "kent", "B")),
        forces,
    )
    assert table.height == 2 * 14
    assert numbers(table, pl.col("count") != 0) == [(3, None)]
    assert zeros(table)["count_status"].null_count() == 27
    both = (
        table.group_by("neighbourhood_id").agg(pl.col("crime_type").sort()).sort("neighbourhood_id")
    )
    assert both["crime_type"].to_list() == [sorted(crime_types_of(MONTH))] * 2
    fits("crime", table)


@pytest.mark.parametrize(("month", "types"), [("2011-08", 6), ("2013-04", 11), ("2013-05", 14)])
def test_zeros_are_written_only_for_the_types_of_the_period(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, month: str, types: int
) -> None:
    table = crime_table(
        counts("street"),
        covered((month, "kent", "submitted")),
        served((month, "kent", "A")),
        forces,
    )
    assert set(table["crime_type"]) == set(crime_types_of(month))
    assert (zeros(table).height, table.height) == (types, types)


@pytest.mark.parametrize("status", ["missing", "malformed", "empty", "not_expected"])
def test_no_zero_is_written_for_a_month_that_was_not_submitted(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, status: str
) -> None:
    table = crime_table(
        counts("street", (MONTH, "btp", "kent", "A", 2)),
        covered((MONTH, "kent", status), (MONTH, "btp", "submitted")),
        served((MONTH, "kent", "A")),
        forces,
    )
    assert table.select("force_id", "area_force_id", "count").rows() == [("btp", "kent", 2)]


def test_a_submitted_month_of_one_dataset_or_month_says_nothing_of_another(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame
) -> None:
    coverage = pl.concat(
        [
            covered((MONTH, "kent", "submitted"), dataset="stops"),
            covered((MONTH, "kent", "missing"), ("2025-05", "kent", "submitted")),
        ]
    )
    places = served((MONTH, "kent", "A"), ("2025-05", "kent", "A"))
    table = crime_table(counts("street"), coverage, places, forces)
    assert set(table["month"]) == {"2025-05"}


def test_other_forces_crimes_are_counted_where_they_were_and_have_no_zeros(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, fits: Fits
) -> None:
    table = crime_table(
        counts(
            "street",
            (MONTH, "btp", "kent", "A", 5),
            (MONTH, "essex", "kent", "A", 1),
            (MONTH, "btp", "no_boundary", None, 4),
        ),
        covered(*((MONTH, force, "submitted") for force in ("kent", "btp", "essex"))),
        served((MONTH, "kent", "A"), (MONTH, "essex", "E")),
        forces,
    )
    assert table.filter(pl.col("force_id") == "btp").select(
        "force_name", "place", "area_force_id", "neighbourhood_name", "count"
    ).rows() == [
        ("British Transport Police", "neighbourhood", "kent", "Name of A", 5),
        ("British Transport Police", "no_boundary", None, None, 4),
    ]
    assert (
        table.filter(pl.col("force_id") == "essex").filter(pl.col("area_force_id") == "kent").height
        == 1
    )
    assert set(zeros(table).select("force_id", "area_force_id").rows()) == {
        ("kent", "kent"),
        ("essex", "essex"),
    }
    fits("crime", table)


def test_a_partial_months_numbers_are_doubtful_and_its_zeros_are_not_known(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, fits: Fits
) -> None:
    table = crime_table(
        counts(
            "street",
            (MONTH, "kent", "kent", "A", 3),
            (MONTH, "kent", "no_location", None, 2),
            (MONTH, "btp", "kent", "A", 1),
        ),
        covered((MONTH, "kent", "partial_suspected"), (MONTH, "btp", "submitted")),
        served((MONTH, "kent", "A")),
        forces,
    )
    own = table.filter(pl.col("force_id") == "kent")
    assert numbers(own, pl.col("count").is_not_null()) == [(3, "u"), (2, "u")]
    assert numbers(own, pl.col("count").is_null()) == [(None, "x")] * 13
    assert numbers(table, pl.col("force_id") == "btp") == [(1, None)]
    assert set(own["coverage"]) == {"partial_suspected"}
    fits("crime", table)


def test_a_type_of_another_period_or_unknown_keeps_its_count(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, fits: Fits
) -> None:
    table = crime_table(
        counts(
            "street",
            (MONTH, "kent", "kent", "A", 3, {"crime_type": "Violent crime"}),
            (MONTH, "kent", "kent", "A", 1, {"crime_type": "Unrecognised"}),
        ),
        covered((MONTH, "kent", "submitted")),
        served((MONTH, "kent", "A")),
        forces,
    )
    assert table.height == 16
    assert table.filter(pl.col("count") > 0).select("crime_type", "crime_type_code").rows() == [
        ("Unrecognised", "unrecognised"),
        ("Violent crime", "violent-crime-to-2013"),
    ]
    fits("crime", table)


def test_a_neighbourhood_has_its_name_of_the_month(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame
) -> None:
    places = served(("2025-05", "kent", "A"), (MONTH, "kent", "A"), (MONTH, "essex", "A"))
    places = places.with_columns(
        name=pl.format("{} {}", "force_id", "month")  # ids are unique only within a force
    )
    table = crime_table(
        counts("street", ("2025-05", "kent", "kent", "A", 1), (MONTH, "kent", "kent", "A", 1)),
        covered(("2025-05", "kent", "submitted"), (MONTH, "kent", "submitted")),
        places,
        forces,
    )
    assert table.filter(pl.col("count") > 0)["neighbourhood_name"].to_list() == [
        "kent 2025-05",
        "kent 2025-06",
    ]


def test_a_force_without_a_name_is_called_by_its_id(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame
) -> None:
    table = crime_table(
        counts("street", (MONTH, "ankh-morpork", "no_boundary", None, 1)),
        covered((MONTH, "ankh-morpork", "submitted")),
        served(),
        forces,
    )
    assert table["force_name"].to_list() == ["ankh-morpork"]


def test_without_boundaries_there_are_counts_and_no_zeros(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, fits: Fits
) -> None:
    rows = counts(
        "street",
        (MONTH, "kent", "no_boundary", None, 7),
        (MONTH, "kent", "no_location", None, 1, ASB),
    )
    table = crime_table(rows, covered((MONTH, "kent", "submitted")), served(), forces)
    assert table.select("place", "count").rows() == [("no_boundary", 7), ("no_location", 1)]
    fits("crime", table)


def test_the_order_is_the_keys_whatever_order_the_counts_came_in(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame
) -> None:
    rows = counts(
        "street",
        (MONTH, "kent", "kent", "B", 1),
        (MONTH, "kent", "kent", "A", 1),
        (MONTH, "btp", "kent", "A", 1),
        ("2025-05", "kent", "no_location", None, 1),
    )
    coverage = covered(*((m, f, "submitted") for m in ("2025-05", MONTH) for f in ("kent", "btp")))
    places = served((MONTH, "kent", "B"), (MONTH, "kent", "A"))
    one = crime_table(rows, coverage, places, forces)
    assert one.equals(crime_table(rows.reverse(), coverage.reverse(), places.reverse(), forces))
    key = ["month", "force_id", "place", "area_force_id", "neighbourhood_id", "crime_type"]
    assert one.equals(one.sort(key))


@pytest.mark.parametrize("dataset", ["outcomes", "stops"])
def test_outcomes_and_stops_have_no_zeros_and_the_same_standing(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, fits: Fits, dataset: str
) -> None:
    rows = counts(
        dataset,
        (MONTH, "kent", "kent", "A", 3),
        (MONTH, "essex", "kent", "A", 2),
        (MONTH, "essex", "outside_boundary", None, 1),
    )
    statuses = ((MONTH, "kent", "partial_suspected"), (MONTH, "essex", "submitted"))
    table = sparse_table(
        *(dataset, rows, covered(*statuses, dataset=dataset)),
        *(served((MONTH, "kent", "A"), (MONTH, "kent", "B")), forces),
    )
    assert table.select("force_id", "place", "count", "count_status").rows() == [
        ("essex", "neighbourhood", 2, None),
        ("essex", "outside_boundary", 1, None),
        ("kent", "neighbourhood", 3, "u"),
    ]
    fits(dataset, table)


def test_an_unknown_outcome_has_a_code_and_a_group(
    counts: Make, covered: Make, served: Make, forces: pl.DataFrame, fits: Fits
) -> None:
    unknown = {"outcome_type": "Unrecognised", "outcome_group": "unrecognised"}
    table = sparse_table(
        *("outcomes", counts("outcomes", (MONTH, "kent", "no_location", None, 1, unknown))),
        *(covered((MONTH, "kent", "submitted"), dataset="outcomes"), served(), forces),
    )
    assert table["outcome_type_code"].to_list() == ["unrecognised"]
    fits("outcomes", table)
