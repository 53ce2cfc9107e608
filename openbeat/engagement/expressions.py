"""Small expressions that several modules of engagement share: yes and no, days and moments."""

from __future__ import annotations

import polars as pl

LONDON = "Europe/London"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def yes(condition: pl.Expr) -> pl.Expr:
    """``yes`` where it holds, else null."""
    return pl.when(condition).then(pl.lit("yes"))


def yes_no(condition: pl.Expr) -> pl.Expr:
    """``yes`` or ``no``; null where the condition is."""
    return pl.when(condition).then(pl.lit("yes")).when(~condition).then(pl.lit("no"))


def instant(column: str) -> pl.Expr:
    """A moment's text as a time in UTC; null where it is none."""
    return pl.col(column).str.to_datetime(MOMENT, strict=False, time_unit="ms", time_zone="UTC")


def day(column: str) -> pl.Expr:
    """The day of a moment by London's clocks."""
    return instant(column).dt.convert_time_zone(LONDON).dt.date()


def month(date: pl.Expr) -> pl.Expr:
    """The month of a date, ``YYYY-MM``."""
    return date.dt.strftime("%Y-%m")
