"""The summary: totals without anti-social behaviour, and rates only where they mean something."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
import pytest

from openbeat.monthly.summary import crime_summary
from openbeat.months import month_range

Make = Callable[..., pl.DataFrame]
Fits = Callable[[str, pl.DataFrame], None]
MONTH = "2025-06"
YEAR = month_range("2024-07", MONTH)
ASB = {"crime_type": "Anti-social behaviour"}
VALUES = ("crime_total", "antisocial_behaviour", "by_other_forces")


def people(number: int | None, months: Sequence[str] = (MONTH,)) -> pl.DataFrame:
    return pl.DataFrame(
        [(month, "kent", "A", number, 2021) for month in months],
        schema={
            "month": pl.String,
            "force_id": pl.String,
            "neighbourhood_id": pl.String,
            "population": pl.Int64,
            "population_year": pl.Int64,
        },
        orient="row",
    )


@pytest.fixture
def one_month(counts: Make, covered: Make, served: Make) -> Callable[..., dict[str, object]]:
    """The summary row of neighbourhood A in one month."""

    def make(*rows: tuple[object, ...], **statuses: str) -> dict[str, object]:
        table = crime_summary(
            counts("street", *((MONTH, *row) for row in rows)),
            covered(*((MONTH, force, status) for force, status in statuses.items())),
            served((MONTH, "kent", "A"), (MONTH, "essex", "E")),
            [MONTH],
            people(1000),
        )
        assert table.height == 2
        return table.filter(pl.col("neighbourhood_id") == "A").row(0, named=True)

    return make


OneMonth = Callable[..., dict[str, object]]


def test_the_total_is_every_forces_crime_and_no_anti_social_behaviour(one_month: OneMonth) -> None:
    row = one_month(
        ("kent", "kent", "A", 5),
        ("kent", "kent", "A", 2, {"crime_type": "Robbery"}),
        ("kent", "kent", "A", 40, ASB),
        ("essex", "kent", "A", 3),
        ("essex", "kent", "A", 4, ASB),
        ("btp", "kent", "A", 1),
        ("kent", "essex", "E", 100),
        ("kent", "outside_boundary", None, 200),
        ("kent", "no_location", None, 300),
        kent="submitted",
        essex="submitted",
        btp="submitted",
    )
    assert [row[value] for value in VALUES] == [11, 44, 4]
    assert [row[f"{value}_status"] for value in VALUES] == [None, None, None]
    assert (row["name"], row["coverage"]) == ("Name of A", "submitted")


def test_nothing_in_a_submitted_month_is_zero(one_month: OneMonth) -> None:
    row = one_month(kent="submitted", essex="submitted", btp="submitted")
    assert [row[value] for value in VALUES] == [0, 0, 0]


@pytest.mark.parametrize("status", ["missing", "malformed", "empty", "not_expected"])
def test_without_the_forces_own_file_the_total_is_not_known(
    one_month: OneMonth, status: str
) -> None:
    row = one_month(("essex", "kent", "A", 3), kent=status, essex="submitted", btp="submitted")
    assert [(row[v], row[f"{v}_status"]) for v in VALUES] == [(None, "x"), (None, "x"), (3, None)]


def test_a_partial_month_is_doubtful_and_its_zero_is_not_known(one_month: OneMonth) -> None:
    row = one_month(
        ("kent", "kent", "A", 3), kent="partial_suspected", essex="submitted", btp="submitted"
    )
    assert [(row[v], row[f"{v}_status"]) for v in VALUES] == [(3, "u"), (None, "x"), (0, None)]


@pytest.mark.parametrize(
    "roaming",
    [
        {},
        *({"btp": s} for s in ("missing", "partial_suspected", "malformed", "empty")),
        *({"btp": "submitted", "rail": s} for s in ("missing", "partial_suspected", "empty")),
        {"btp": "not_expected"},
        {"btp": "not_expected", "rail": "malformed"},
    ],
)
def test_what_others_did_is_doubtful_where_no_roaming_force_or_not_all_are_whole(
    one_month: OneMonth, roaming: dict[str, str]
) -> None:
    statuses = {"kent": "submitted", "essex": "submitted", **roaming}
    none = one_month(("kent", "kent", "A", 3), **statuses)
    some = one_month(("essex", "kent", "A", 2), **statuses)
    columns = ("by_other_forces", "by_other_forces_status")
    assert [none[c] for c in columns] == [None, "x"]
    assert [some[c] for c in columns] == [2, "u"]
    assert none["crime_total"] == 3


def test_a_roaming_force_of_which_nothing_is_expected_makes_no_doubt(one_month: OneMonth) -> None:
    row = one_month(kent="submitted", essex="submitted", btp="submitted", rail="not_expected")
    assert (row["by_other_forces"], row["by_other_forces_status"]) == (0, None)


Year = Callable[..., dict[str, object]]


@pytest.fixture
def year(counts: Make, covered: Make, served: Make, fits: Fits) -> Year:
    """The row of the last of months in which A had so many crimes, None being no file."""

    def make(
        *monthly: int | str | None,
        population: int | None = 1000,
        shapes: Sequence[str] | None = None,
        held: Sequence[str] | None = None,
    ) -> dict[str, object]:
        months = month_range("2020-01", MONTH)[-len(monthly) :]
        rows: list[tuple[object, ...]] = []
        statuses = []
        for month, number in zip(months, monthly, strict=True):
            counted = number if isinstance(number, int) else 5 * (number == "partial_suspected")
            rows.append((month, "kent", "kent", "A", 1000, ASB))
            rows += [(month, "kent", "kent", "A", counted)] if counted else []
            status = "submitted" if isinstance(number, int) else number or "missing"
            statuses.append((month, "kent", status))
        drawn = zip(months, shapes or ["s"] * len(months), strict=True)
        table = crime_summary(
            counts("street", *rows),
            covered(*statuses),
            served(*((m, "kent", "A", s) for m, s in drawn if held is None or m in held)),
            [MONTH],
            people(population),
        )
        fits("crime_summary", table)
        return table.row(0, named=True)

    return make


TWELVE = ("crime_total_12m", "crime_total_12m_status", "months_12m")
RATE = ("rate_12m_per_1000", "rate_low", "rate_high")


def test_twelve_usable_months_are_summed_and_none_before_them(year: Year) -> None:
    row = year(*range(1, 13))
    assert [row[c] for c in TWELVE] == [78, None, 12]
    assert [year(5000, *range(1, 13))[c] for c in TWELVE] == [78, None, 12]


@pytest.mark.parametrize("gap", [None, "partial_suspected", "empty", "malformed", "not_expected"])
def test_one_month_that_is_not_usable_leaves_no_sum_and_no_rate(
    year: Year, gap: str | None
) -> None:
    row = year(*[10] * 6, gap, *[10] * 5)
    assert [row[c] for c in TWELVE] == [None, "x", 11]
    assert [(row[c], row[f"{c}_status"]) for c in RATE] == [(None, "x")] * 3
    assert row["crime_total"] == 10


def test_a_gap_is_forgotten_after_a_year(year: Year) -> None:
    assert [year(None, *[10] * 12)[c] for c in TWELVE] == [120, None, 12]
    assert year(None, *[10] * 11)["months_12m"] == 11


def test_a_month_in_which_the_neighbourhood_was_not_there_is_a_gap(year: Year) -> None:
    row = year(*[10] * 13, held=[m for m in YEAR if m != "2024-12"])
    assert [row[c] for c in TWELVE] == [None, "x", 11]


def test_fewer_than_twelve_months_give_no_sum(year: Year) -> None:
    assert [year(*[10] * 11)[c] for c in TWELVE] == [None, "x", 11]


def test_a_neighbourhood_redrawn_within_the_year_has_a_doubtful_sum_and_rate(year: Year) -> None:
    row = year(*[10] * 12, shapes=["old"] + ["new"] * 11)
    assert [row[c] for c in TWELVE] == [120, "u", 12]
    assert [row[f"{c}_status"] for c in RATE] == ["u"] * 3
    assert row["rate_12m_per_1000"] == 120.0
    assert year(*[10] * 13, shapes=["old"] + ["new"] * 12)["crime_total_12m_status"] is None


def test_the_rate_is_a_years_crimes_by_thousand_residents_with_its_exact_interval(
    year: Year,
) -> None:
    row = year(*[10] * 10, 0, 0, population=2000)
    assert [row[c] for c in RATE] == [50.0, 40.682, 60.813]  # 81.364 to 121.627, by 2
    assert [row[f"{c}_status"] for c in RATE] == [None] * 3
    assert (row["population"], row["population_status"], row["population_year"]) == (
        2000,
        None,
        2021,
    )


def test_no_crime_at_all_is_a_rate_of_zero_with_an_upper_end(year: Year) -> None:
    assert [year(*[0] * 12, population=1000)[c] for c in RATE] == [0.0, 0.0, 3.689]


@pytest.mark.parametrize(
    ("population", "rate"), [(500, 240.0), (499, None), (0, None), (None, None)]
)
def test_there_is_a_rate_only_where_500_or_more_live(
    year: Year, population: int | None, rate: float | None
) -> None:
    row = year(*[10] * 12, population=population)
    assert row["rate_12m_per_1000"] == rate
    assert row["rate_12m_per_1000_status"] == (None if rate else "x")
    assert row["crime_total_12m"] == 120
    assert row["population_status"] == ("x" if population is None else None)


def test_the_months_before_the_window_are_summed_and_not_shown(
    counts: Make, covered: Make, served: Make
) -> None:
    table = crime_summary(
        counts("street", *((m, "kent", "kent", "A", 1) for m in YEAR)),
        covered(*((m, "kent", "submitted") for m in YEAR)),
        served(*((m, "kent", "A") for m in YEAR)),
        YEAR[-2:],
        people(1000, YEAR),
    )
    assert table.select("month", "months_12m", "crime_total_12m").rows() == [
        ("2025-05", 11, None),
        ("2025-06", 12, 12),
    ]


def test_neighbourhoods_of_one_id_in_two_forces_are_two(
    counts: Make, covered: Make, served: Make
) -> None:
    table = crime_summary(
        counts(
            "street", *((m, f, f, "A", n) for m in YEAR for f, n in (("kent", 1), ("essex", 2)))
        ),
        covered(*((m, f, "submitted") for m in YEAR for f in ("kent", "essex"))),
        served(*((m, f, "A") for m in YEAR for f in ("kent", "essex"))),
        [MONTH],
        people(1000),
    )
    assert table.select("area_force_id", "crime_total_12m", "population").rows() == [
        ("essex", 24, None),
        ("kent", 12, 1000),
    ]


def test_without_neighbourhoods_the_summary_is_empty_and_fits_its_contract(
    counts: Make, covered: Make, served: Make, fits: Fits
) -> None:
    table = crime_summary(
        counts("street", (MONTH, "kent", "no_boundary", None, 5)),
        covered((MONTH, "kent", "submitted")),
        *(served(), [MONTH], people(1000)),
    )
    assert table.is_empty()
    fits("crime_summary", table)
