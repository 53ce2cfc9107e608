"""The words and numbers in a chart, and in its text alternative, against its series."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.browser.numbers.published import MONTHS, Cell, month, shown, thousands

Series = Sequence[tuple[str, Cell]]
_NAMES = "|".join(MONTHS)


def bars(name: str, series: Series, label: str, texts: list[str]) -> Iterator[str]:
    """A number above each bar, its month beneath, the year at the first and each January."""
    wanted = []
    for n, (when, (value, _status)) in enumerate(series):
        wanted += ["n/a" if value is None else thousands(value), month(when)[:3]]
        wanted += [when[:4]] if n == 0 or when.endswith("-01") else []
    if texts != wanted:
        yield f"the bars of #{name} have {texts}, not {wanted}"
    spoken = ", ".join(f"{month(when)} {shown(cell)}" for when, cell in series)
    if not label.endswith(f": {spoken}"):
        yield f"the bars of #{name} are told as {label!r}, not {spoken!r}"


def line(
    name: str, series: Series, usual: tuple[float, float] | None, label: str, texts: list[str]
) -> Iterator[str]:
    """Round numbers up the side, months and years beneath, and the newest value."""
    known = [(value, when) for when, (value, _status) in series if value is not None]
    if known:
        low, high = min(known, key=lambda k: k[0]), max(known, key=lambda k: k[0])
        parts = [
            f"{thousands(known[0][0])} in {month(known[0][1])}, "
            f"{thousands(known[-1][0])} in {month(known[-1][1])}",
            f"lowest {thousands(low[0])} ({month(low[1])}), "
            f"highest {thousands(high[0])} ({month(high[1])})",
        ]
        parts += ["usual range {} to {}".format(*map(thousands, usual))] if usual else []
        if f": {'; '.join(parts)}" not in label:
            yield f"the line of #{name} is told as {label!r}, not {parts}"
    labels = {
        part for when, _cell in series for part in (when[:4], f"{month(when)[:3]} {when[:4]}")
    }
    labels |= {month(when)[:3] for when, _cell in series}
    numbers = [text for text in texts if text not in labels and re.search(r"\d", text)]
    if strange := [text for text in numbers if not re.fullmatch(r"[\d.,]+", text)]:
        yield f"the line of #{name} has {strange}"
        return
    values = [float(text.replace(",", "")) for text in numbers]
    if known and values[-1:] != [known[-1][0]]:
        yield f"the line of #{name} ends with {numbers[-1:]}, not {known[-1][0]}"
    ticks = values[:-1] if known else values
    steps = {round(b - a, 6) for a, b in pairwise(ticks)}
    top = max((value for value, _when in known), default=0)
    if ticks and (ticks[0] != 0 or len(steps) > 1 or ticks[-1] < top):
        yield f"the scale of #{name} is {ticks}"
    said = [f"{first} {year}" for first, year in re.findall(rf"({_NAMES}) (\d{{4}})", label)]
    for text in said:
        if text not in [month(when) for when, _cell in series]:
            yield f"the line of #{name} tells of {text}"


def rows(wanted: dict[str, str], label: str, texts: list[str]) -> Iterator[str]:
    """A label and a value a row; labels may be broken into lines."""
    spoken = "; ".join(f"{name} {value}" for name, value in wanted.items())
    if not label.endswith(f": {spoken}"):
        yield f"the rows are told as {label!r}, not {spoken!r}"
    drawn = " ".join(texts)
    expected = " ".join(f"{name} {value}" for name, value in wanted.items())
    if drawn != expected:
        yield f"the rows show {drawn!r}, not {expected!r}"
