"""Month arithmetic and British summer time for the made-up files.

Months as text and as numbers, and local seconds to UTC belong here; anything about what happened
in a month does not.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

HOUR = 3600


def number(month: str) -> int:
    """The month's place in one unbroken count: ``2025-06`` is 2025 x 12 + 5."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def text(value: int) -> str:
    """The month of a number, as ``YYYY-MM``; the inverse of `number`."""
    return f"{value // 12:04d}-{value % 12 + 1:02d}"


def shift(month: str, by: int) -> str:
    """The month ``by`` months later (earlier where negative)."""
    return text(number(month) + by)


def ending(last: str, count: int) -> list[str]:
    """The ``count`` months that end with ``last``, oldest first."""
    return [shift(last, back) for back in range(1 - count, 1)]


def seconds(month: str) -> tuple[int, int]:
    """The month's first second and its length, in seconds since 1970, its clock read as UTC."""
    year, ordinal = int(month[:4]), int(month[5:])
    start = datetime(year, ordinal, 1, tzinfo=UTC)
    return int(start.timestamp()), calendar.monthrange(year, ordinal)[1] * 24 * HOUR


def to_utc(local: npt.NDArray[np.int64], year: int) -> npt.NDArray[np.int64]:
    """British local time to UTC, both as seconds since 1970.

    Summer time runs from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of
    October (the Summer Time Order 2002); the repeated hour in October is read as summer time.
    """
    start, end = (_last_sunday(year, month) + HOUR for month in (3, 10))
    summer = (local >= start + HOUR) & (local < end + HOUR)
    return local - HOUR * summer


def _last_sunday(year: int, month: int) -> int:
    day = datetime(year, month, calendar.monthrange(year, month)[1], tzinfo=UTC)
    return int((day - timedelta(days=(day.weekday() + 1) % 7)).timestamp())
