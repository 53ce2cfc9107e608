"""Figures that must agree do, and a difference of one anywhere is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl
import pytest

from openbeat.contract import Contract, broken_counts, check_schema
from openbeat.monthly.reconcile import reconcile
from openbeat.monthly.summary import crime_summary
from openbeat.monthly.tables import crime_table, sparse_table

Make = Callable[..., pl.DataFrame]
MONTH = "2025-06"
ASB = {"crime_type": "Anti-social behaviour"}
PLACES = {
    "neighbourhood": "located",
    "outside_boundary": "outside_boundary",
    "no_boundary": "no_boundary",
    "no_location": "no_location",
}


@dataclass(frozen=True)
class Release:
    """The published tables of one month."""

    tables: dict[str, pl.DataFrame]
    coverage: pl.DataFrame
    summary: pl.DataFrame

    def disagreeing(self) -> set[tuple[str, str, int]]:
        """What does not agree, by force, with published minus source."""
        table = reconcile(self.tables, self.coverage, self.summary)
        off = table.filter(pl.col("published") != pl.col("source"))
        gap = off.select("force_id", "what", pl.col("published") - pl.col("source"))
        return set(gap.rows())

    def with_table(self, name: str, table: pl.DataFrame) -> Release:
        return replace(self, tables={**self.tables, name: table})


@pytest.fixture
def release(counts: Make, covered: Make, served: Make, forces: pl.DataFrame) -> Release:
    places = served((MONTH, "kent", "A"), (MONTH, "kent", "B"), (MONTH, "essex", "E"))
    street = counts(
        "street",
        (MONTH, "kent", "kent", "A", 7),
        (MONTH, "kent", "kent", "A", 20, ASB),
        (MONTH, "kent", "kent", "B", 2),
        (MONTH, "kent", "essex", "E", 1),
        (MONTH, "kent", "outside_boundary", None, 3),
        (MONTH, "kent", "no_location", None, 4),
        (MONTH, "btp", "kent", "A", 5),
        (MONTH, "btp", "no_boundary", None, 6),
        (MONTH, "essex", "essex", "E", 9),
    )
    other = {
        name: counts(
            name,
            (MONTH, "kent", "kent", "A", 3),
            (MONTH, "kent", "no_location", None, 2),
            (MONTH, "essex", "kent", "B", 1),
        )
        for name in ("outcomes", "stops")
    }
    statuses = [
        (MONTH, "kent", "submitted"),
        (MONTH, "essex", "partial_suspected"),
        (MONTH, "btp", "submitted"),
        (MONTH, "dorset", "missing"),
    ]
    every = {"street": street, **other}
    coverage = pl.concat([ledger(every[d], covered(*statuses, dataset=d)) for d in every])
    tables = {
        "street": crime_table(street, coverage, places, forces),
        **{name: sparse_table(name, other[name], coverage, places, forces) for name in other},
    }
    people = pl.DataFrame(
        schema={
            **dict.fromkeys(("month", "force_id", "neighbourhood_id"), pl.String),
            **dict.fromkeys(("population", "population_year"), pl.Int64),
        }
    )
    return Release(tables, coverage, crime_summary(street, coverage, places, [MONTH], people))


def ledger(counts: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    """Coverage with the numbers that the counts come to, one row refused and one repeated."""
    sums = counts.group_by("force_id").agg(
        pl.col("count").sum().alias("counted"),
        *(
            pl.col("count").filter(pl.col("place") == place).sum().alias(column)
            for place, column in PLACES.items()
        ),
    )
    numbers = ["counted", *PLACES.values()]
    there = pl.col("coverage") != "missing"
    return coverage.join(sums, on="force_id", how="left").with_columns(
        *(pl.when(there).then(pl.col(c).fill_null(0)).alias(c) for c in numbers),
        pl.when(there).then(1).cast(pl.Int64).alias("quarantined"),
        pl.when(there).then(1).cast(pl.Int64).alias("repeats"),
        pl.when(there).then(pl.col("counted").fill_null(0) + 2).alias("rows"),
    )


def test_tables_made_from_the_same_counts_agree(
    release: Release, contracts: Mapping[str, Contract]
) -> None:
    assert release.disagreeing() == set()
    table = reconcile(release.tables, release.coverage, release.summary)
    check_schema(table, contracts["reconciliation"])
    compared = set(table["what"])
    assert compared == {
        *(f"{d}: {p}" for d in release.tables for p in (*PLACES, "all places", "rows of the file")),
        *(
            f"crime_summary: {c}"
            for c in ("crime_total", "antisocial_behaviour", "by_other_forces")
        ),
    }
    assert table.filter(pl.col("source") > 0).height > 20


@pytest.mark.parametrize("dataset", ["street", "outcomes", "stops"])
@pytest.mark.parametrize("by", [1, -1])
def test_a_count_that_is_off_by_one_is_found(release: Release, dataset: str, by: int) -> None:
    table = release.tables[dataset].with_row_index("n")
    known = table.filter(pl.col("count").is_not_null() & (pl.col("force_id") == "kent"))
    for n in known.unique(["place", "count"], maintain_order=True)["n"]:
        place = table["place"][n]
        changed = table.with_columns(
            pl.when(pl.col("n") == n).then(pl.col("count") + by).otherwise("count").alias("count")
        ).drop("n")
        found = release.with_table(dataset, changed).disagreeing()
        assert {
            ("kent", f"{dataset}: {place}", by),
            ("kent", f"{dataset}: all places", by),
        } <= found


@pytest.mark.parametrize("dataset", ["street", "outcomes", "stops"])
def test_a_row_that_is_lost_or_doubled_is_found(release: Release, dataset: str) -> None:
    table = release.tables[dataset].sort(pl.col("count").fill_null(0), descending=True)
    lost = release.with_table(dataset, table.slice(1)).disagreeing()
    doubled = release.with_table(dataset, pl.concat([table, table.head(1)])).disagreeing()
    force = table["force_id"][0]
    assert (force, f"{dataset}: all places", -table["count"][0]) in lost
    assert (force, f"{dataset}: all places", table["count"][0]) in doubled


@pytest.mark.parametrize("dataset", ["street", "outcomes", "stops"])
def test_a_whole_table_that_is_lost_is_found(release: Release, dataset: str) -> None:
    found = release.with_table(dataset, release.tables[dataset].clear()).disagreeing()
    assert ("kent", f"{dataset}: all places") in {key[:2] for key in found}


def test_a_count_in_the_wrong_place_is_found_though_the_sum_is_right(release: Release) -> None:
    moved = release.tables["street"].with_columns(
        pl.when(pl.col("place") == "outside_boundary")
        .then(pl.lit("no_location"))
        .otherwise("place")
        .alias("place")
    )
    assert release.with_table("street", moved).disagreeing() == {
        ("kent", "street: outside_boundary", -3),
        ("kent", "street: no_location", 3),
    }


def test_a_count_of_a_force_or_month_without_a_file_is_found(release: Release) -> None:
    table = release.tables["street"]
    stray = table.head(1).with_columns(force_id=pl.lit("dorset"), count=pl.lit(1, pl.Int64))
    found = release.with_table("street", pl.concat([table, stray])).disagreeing()
    assert ("dorset", "street: all places", 1) in found


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ("rows", "street: rows of the file"),
        ("counted", "street: all places"),
        ("quarantined", "street: rows of the file"),
        ("repeats", "street: rows of the file"),
        ("located", "street: neighbourhood"),
        ("outside_boundary", "street: outside_boundary"),
        ("no_boundary", "street: no_boundary"),
        ("no_location", "street: no_location"),
    ],
)
def test_a_number_of_coverage_that_is_off_by_one_is_found(
    release: Release, column: str, what: str
) -> None:
    here = (pl.col("dataset") == "street") & (pl.col("force_id") == "kent")
    changed = release.coverage.with_columns(
        pl.when(here).then(pl.col(column) + 1).otherwise(column).alias(column)
    )
    found = replace(release, coverage=changed).disagreeing()
    assert ("kent", what) in {key[:2] for key in found}
    assert {key[0] for key in found} == {"kent"}


@pytest.mark.parametrize("column", ["crime_total", "antisocial_behaviour", "by_other_forces"])
def test_a_total_of_the_summary_that_is_off_by_one_is_found(release: Release, column: str) -> None:
    here = pl.col("neighbourhood_id") == "A"
    changed = release.summary.with_columns(
        pl.when(here).then(pl.col(column) + 1).otherwise(column).alias(column)
    )
    found = replace(release, summary=changed).disagreeing()
    assert found == {("kent", f"crime_summary: {column}", 1)}


def test_a_neighbourhood_that_the_summary_has_lost_is_found(release: Release) -> None:
    lost = release.summary.filter(pl.col("neighbourhood_id") != "B")
    assert ("kent", "crime_summary: crime_total", -2) in replace(
        release, summary=lost
    ).disagreeing()


def test_a_difference_blocks_the_release(
    release: Release, contracts: Mapping[str, Contract]
) -> None:
    contract = contracts["reconciliation"]
    off = release.with_table("stops", release.tables["stops"].slice(1))
    for one, broken in ((release, 0), (off, 2)):
        table = reconcile(one.tables, one.coverage, one.summary)
        found = broken_counts(table, contract, {}).filter(pl.col("rule") == "x1_agrees")
        assert found.select("severity", "broken").rows() == [("critical", broken)]
