"""Whether there is more or less than before: 12 months against 12, and a month against its range.

Only comparing a place with its own past belongs here; places beside each other are in ``similar``.

**The test.** Two Poisson counts over equal times with the same rate: given their sum n, the first
is Binomial(n, 1/2), and its exact tail probabilities are the test (Przyborowski and Wilenski 1940,
Biometrika 31, 313-323). Crimes cluster (one series of burglaries is many crimes, seasons and
operations come and go), so counts vary more than Poisson's and that test calls a change too
readily. Both counts are therefore divided by the dispersion of the place's own months, Pearson's
chi-squared over its degrees of freedom, 1 at least (McCullagh and Nelder 1989, Generalized Linear
Models, 2nd ed., 4.5 and 6.2.3; dividing counts by a design effect: Rao and Scott 1992, Biometrics
48, 577-585), the tails being continued to numbers that are not whole by the incomplete beta
function. The level is 99 %, since thousands of places are compared at once: of those in which
nothing changed, about one in a hundred is still called more or fewer. What lasts longer than a
month in its clustering is not caught by this, and no cause is told by any of it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from openbeat.months import earlier

MORE: Final = "more"
FEWER: Final = "fewer"
SAME: Final = "same"
ABOVE: Final = "above"
BELOW: Final = "below"
WITHIN: Final = "within"
LEVEL: Final = 0.99
_YEAR: Final = 12
_LEAST_FREEDOM: Final = 6  # months beyond the years' means; fewer tell nothing of dispersion
_FIGURES: Final = 9  # significant ones, of what is worked out; the last digits mean nothing
_KEY: Final = ("force_id", "neighbourhood_id")
_PLACE: Final = (pl.col("area_force_id").alias("force_id"), pl.col("neighbourhood_id"))


def against_usual(latest: float, lowest: float, highest: float) -> str:
    """A month against the least and most of the months before it.

    Of n earlier months and one more, all alike, the last lies outside their range in 2 of n + 1
    cases (2 of 13 for a year): that a month is above or below says no more than that.

    Args:
        latest: The count of the month.
        lowest: The least of the earlier months.
        highest: The most of them.

    Returns:
        ``above``, ``below`` or ``within``.
    """
    if latest > highest:
        return ABOVE
    return BELOW if latest < lowest else WITHIN


def years(crime_summary: pl.DataFrame, month: str) -> pl.DataFrame:
    """The 12 months up to one against the 12 before them, for every neighbourhood of the month.

    Sums are those of the published table, so they are there only where all 12 months are whole.

    Args:
        crime_summary: The published table: ``month, area_force_id, neighbourhood_id, crime_total,
            crime_total_status, crime_total_12m, crime_total_12m_status, months_12m``.
        month: The newest month, ``YYYY-MM``.

    Returns:
        ``force_id, neighbourhood_id``, ``now`` and ``before`` (crimes, null unless whole),
        ``months`` (of the newest 12 that are whole), ``month_before`` (the month that ``before``
        runs to), ``redrawn`` (whether the area changed within the two years), ``dispersion`` (of
        the months, 1 or more, to nine significant figures), ``change`` (``more``, ``fewer``,
        ``same``: no more than chance could bring; null where the two cannot be compared). Sorted by
        place.
    """
    before = earlier(month, _YEAR)
    newest = crime_summary.filter(pl.col("month") == month).select(
        *_PLACE,
        pl.col("crime_total_12m").alias("now"),
        pl.col("months_12m").alias("months"),
    )
    past = crime_summary.filter(pl.col("month") == before).select(
        *_PLACE, pl.col("crime_total_12m").alias("before")
    )
    table = (
        newest.join(past, on=_KEY, how="left")
        .join(_redrawn(crime_summary, before, month), on=_KEY, how="left")
        .join(_dispersion(crime_summary, before, month), on=_KEY, how="left")
        .with_columns(
            pl.lit(before).alias("month_before"),
            pl.col("redrawn").fill_null(value=False),
            pl.col("dispersion").fill_null(1.0).round_sig_figs(_FIGURES),
        )
        .sort(_KEY)
    )
    found = compare(table["now"], table["before"], table["dispersion"])
    return table.with_columns(change=pl.when(~pl.col("redrawn")).then(found)).select(
        *_KEY, *("now", "before", "months", "month_before", "redrawn", "dispersion", "change")
    )


def compare(
    now: pl.Series, before: pl.Series, dispersion: pl.Series, level: float = LEVEL
) -> pl.Series:
    """Two counts over equal times, many pairs at once, by the test of this module.

    Args:
        now: Counts, null allowed.
        before: Counts, null allowed.
        dispersion: Of each pair, 1 or more.
        level: The confidence level of the two-sided test.

    Returns:
        ``more``, ``fewer`` or ``same``; null where either count is.
    """
    pairs = pl.DataFrame({"now": now, "before": before, "p": _chance(now, before, dispersion)})
    differs = pl.col("p") < 1 - level
    return pairs.select(
        pl.when(pl.col("p").is_null())
        .then(pl.lit(None, dtype=pl.String))
        .when(differs & (pl.col("now") > pl.col("before")))
        .then(pl.lit(MORE))
        .when(differs)
        .then(pl.lit(FEWER))
        .otherwise(pl.lit(SAME))
        .alias("change")
    ).to_series()


def _chance(now: pl.Series, before: pl.Series, dispersion: pl.Series) -> pl.Series:
    """The two-sided probability of so large a difference where the rate did not change."""
    import numpy as np
    from scipy.special import betainc  # costs a third of a second to import

    a, b, spread = (series.cast(pl.Float64).to_numpy() for series in (now, before, dispersion))
    with np.errstate(invalid="ignore"):
        most, least = np.maximum(a, b) / spread, np.minimum(a, b) / spread
        # P(X >= most) of a Binomial(most + least, 1/2); both 0 is no difference at all.
        tail = np.where(most > 0, betainc(np.where(most > 0, most, 1.0), least + 1, 0.5), 1.0)
        chance = np.minimum(1.0, 2 * tail)
    unknown = now.is_null() | before.is_null()
    return pl.select(pl.when(~unknown).then(pl.Series(chance))).to_series()


def _redrawn(crime_summary: pl.DataFrame, before: str, month: str) -> pl.DataFrame:
    """Places whose area changed in the 24 months: a sum over a change is of low reliability."""
    return (
        crime_summary.filter(pl.col("month").is_between(pl.lit(before), pl.lit(month)))
        .group_by(*_PLACE)
        .agg((pl.col("crime_total_12m_status") == "u").any().alias("redrawn"))
    )


def _dispersion(crime_summary: pl.DataFrame, before: str, month: str) -> pl.DataFrame:
    """How much more the months vary than Poisson counts with one rate a year; 1 at least."""
    first = earlier(before, _YEAR - 1)
    value = pl.col("crime_total")
    year = (
        crime_summary.filter(
            pl.col("month").is_between(pl.lit(first), pl.lit(month))
            & pl.col("crime_total_status").is_null()
        )
        .group_by(*_PLACE, (pl.col("month") > before).alias("newest_year"))
        .agg(
            ((value - value.mean()) ** 2).sum().alias("squares"),
            value.mean().alias("mean"),
            (pl.len().cast(pl.Int64) - 1).alias("freedom"),
        )
    )
    chi_squared = pl.when(pl.col("mean") > 0).then(pl.col("squares") / pl.col("mean")).otherwise(0)
    return (
        year.group_by(_KEY)
        .agg(chi_squared.sum().alias("chi_squared"), pl.col("freedom").sum())
        .select(
            *_KEY,
            pl.when(pl.col("freedom") >= _LEAST_FREEDOM)
            .then((pl.col("chi_squared") / pl.col("freedom")).clip(lower_bound=1.0))
            .otherwise(1.0)
            .alias("dispersion"),
        )
    )
