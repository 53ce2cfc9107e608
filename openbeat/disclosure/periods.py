"""Quarters and years as they are written in cells: ``2025-Q2`` and ``2025``."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl


def last_day(period: str) -> date:
    """The last day of a quarter or a year.

    >>> last_day("2025-Q2"), last_day("2025")
    (datetime.date(2025, 6, 30), datetime.date(2025, 12, 31))
    """
    year, quarter = int(period[:4]), int(period[6:]) if len(period) > 4 else 4
    return date(year + quarter // 4, 3 * quarter % 12 + 1, 1) - timedelta(days=1)


def complete(period: str, as_of: date, settle_days: int) -> bool:
    """Whether a period is over, and the days in which its records come in too."""
    return as_of >= last_day(period) + timedelta(days=settle_days)


def quarters(year: str) -> list[str]:
    """The four quarters of a year."""
    return [f"{year}-Q{number}" for number in range(1, 5)]


def revision_due(year: str, as_of: date, months: int) -> bool:
    """Whether so many months have gone since the end of a year."""
    over = int(year) * 12 + 12 + months
    return as_of >= date(over // 12, over % 12 + 1, 1) - timedelta(days=1)


def last_month(period: str) -> pl.Expr:
    """The last month of the periods of a column: ``2025-06`` of ``2025-Q2``."""
    quarter = pl.col(period).str.slice(6, 1).cast(pl.Int64, strict=False).fill_null(4)
    month = (quarter * 3).cast(pl.String).str.zfill(2)
    return pl.col(period).str.slice(0, 4) + "-" + month


def period_of(month: str) -> str:
    """The quarter of a month: ``2025-06`` is in ``2025-Q2``."""
    return f"{month[:4]}-Q{(int(month[5:7]) + 2) // 3}"
