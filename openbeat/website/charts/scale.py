"""Where a value and a month stand in a chart, and which of them are written on its axes.

Only numbers and positions belong here, nothing is drawn. Charts are as wide as their place: across,
a position is a share of the width (in thousandths, or per cent), up and down it is in CSS pixels,
so that text keeps its size on any screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from openbeat.website import words

WIDE: Final = 1000
"""The width of the part of a chart that stretches, in its own units."""
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LETTER: Final = 6.7
"""The width of a digit or letter on an axis, in CSS pixels at most."""
_BETWEEN: Final = 6.0
_QUARTERS: Final = 18
"""How many months an axis has at most to name quarters, not only years."""
# The width of the plot on a phone of 320 pixels, and on the narrowest screen that is not a phone.
_PHONE, _DESK = 196.0, 480.0


class Label(NamedTuple):
    """A month written on the axis.

    Attributes:
        at: Its position across, 0 to 1.
        text: ``2025``, or ``Jul 2022`` at the ends.
        anchor: ``start``, ``middle`` or ``end``.
        wide: Whether it has room only where the screen is no phone.
    """

    at: float
    text: str
    anchor: str
    wide: bool


def ticks(values: Sequence[float | None], about: int = 4) -> list[float]:
    """Round numbers from 0 up to the largest value or just above: ``0, 20, 40, 60``.

    Whole values get whole numbers only. There are two at least and ``about`` + 1 at most.

    Raises:
        ValueError: A value is negative or no number.
    """
    known = [v for v in values if v is not None]
    if any(not v >= 0 or math.isinf(v) for v in known):
        raise ValueError("A chart from 0 up has no place for a negative value.")
    top = max(known, default=0) or 1
    whole = all(float(v).is_integer() for v in known)
    # Near the smallest float a step would be 0: nobody draws such values, but none may fail.
    scale = 10.0 ** max(math.floor(math.log10(top / about)), -300)
    step = next(s for s in _nice(scale, whole=whole) if top / s <= about * (1 + 1e-12))
    count = max(math.ceil(top / step - 1e-9), 1)
    shown = [round(n * step, 12) if step > 1e-6 else n * step for n in range(count + 1)]
    return shown if shown[-1] >= top else [*shown[:-1], top]


def _nice(scale: float, *, whole: bool) -> list[float]:
    steps = [factor * scale for factor in _STEPS] + [20 * scale]
    return [s for s in steps if s >= 1 and s.is_integer()] or [1.0] if whole else steps


def across(place: int, count: int) -> float:
    """The middle of a month across: 0 to 1."""
    return (place + 0.5) / count


def up(value: float, top: float, height: float) -> float:
    """A value from the top of a plot down, in CSS pixels: 0 is at ``height``, ``top`` at 0."""
    return height - value / top * height


def gaps(values: Sequence[float | None]) -> list[tuple[int, int]]:
    """The runs of months without a value: first and the one after the last."""
    runs = groupby(range(len(values)), key=lambda n: values[n] is None)
    found = [list(run) for missing, run in runs if missing]
    return [(run[0], run[-1] + 1) for run in found]


def month_labels(months: Sequence[str]) -> list[Label]:
    """What is written under a time axis: the first and the last month, and years between.

    Where the axis is short, each quarter's first month too.

    No two overlap on a phone; those that would are for wider screens only, or left out.
    """
    if not months:
        return []
    ends = [Label(0.0, _long(months[0]), "start", wide=False)]
    if len(months) > 1:
        ends.append(Label(1.0, _long(months[-1]), "end", wide=False))
    between = [
        Label(across(n, len(months)), text, "middle", wide=False)
        for first in ("01", "04", "07", "10")
        for n, month in enumerate(months)
        if month[5:] == first and 0 < n < len(months) - 1
        for text in [month[:4] if first == "01" else _long(month)[:-5]]
    ]
    shown = list(ends)
    for label in between if len(months) <= _QUARTERS else between[: _years(months)]:
        if _fits(label, shown, _PHONE):
            shown.append(label)
        elif _fits(label, shown, _DESK):
            shown.append(label._replace(wide=True))
    return sorted(shown, key=lambda label: (label.at, label.anchor))


def _years(months: Sequence[str]) -> int:
    """How many Januaries there are between the first month and the last."""
    return sum(month[5:] == "01" for month in months[1:-1])


def _fits(label: Label, others: Sequence[Label], width: float) -> bool:
    left, right = _extent(label, width)
    return all(
        right + _BETWEEN <= begin or end + _BETWEEN <= left
        for begin, end in (_extent(other, width) for other in others)
    )


def _extent(label: Label, width: float) -> tuple[float, float]:
    """From where to where a label reaches in a plot of a width, in CSS pixels."""
    size = len(label.text) * _LETTER
    begin = label.at * width - {"start": 0.0, "middle": size / 2, "end": size}[label.anchor]
    return begin, begin + size


def _long(month: str) -> str:
    return f"{words.short_month(month).split(' ')[0]} {month[:4]}"
