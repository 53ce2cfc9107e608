"""Months and the summer time of the made-up files."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeat.sample import months


def test_a_span_of_months_runs_over_the_year() -> None:
    assert months.ending("2025-02", 4) == ["2024-11", "2024-12", "2025-01", "2025-02"]


@given(st.integers(2000 * 12, 2100 * 12), st.integers(-500, 500))
def test_shifting_there_and_back_gives_the_month_again(value: int, by: int) -> None:
    month = months.text(value)
    assert months.shift(months.shift(month, by), -by) == month


@pytest.mark.parametrize("month", ["2025-02", "2024-02", "2025-10"])
def test_a_months_seconds_end_where_the_next_begin(month: str) -> None:
    start, length = months.seconds(month)
    assert start + length == months.seconds(months.shift(month, 1))[0]


@given(st.lists(st.datetimes(datetime(2012, 1, 1), datetime(2030, 12, 31)), min_size=1))
def test_local_time_becomes_utc_as_the_time_zone_tables_have_it(times: list[datetime]) -> None:
    zone = pl.Series(times, dtype=pl.Datetime("us")).dt.replace_time_zone(
        "Europe/London", non_existent="null", ambiguous="earliest"
    )
    for local, known in zip(times, zone.dt.convert_time_zone("UTC"), strict=True):
        if known is None:
            continue  # the hour that the clocks skip
        seconds = int(local.replace(tzinfo=UTC).timestamp())
        utc = int(months.to_utc(np.array([seconds]), local.year)[0])
        assert utc == int(known.timestamp())
