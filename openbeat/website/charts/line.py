"""A line of up to 36 months: from 0 up, gaps as gaps, what is partial apart.

Only this chart and the words that stand for it belong here; its figures are in the table beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from openbeat.website import words
from openbeat.website.charts.scale import WIDE, across, gaps, month_labels, ticks, up
from openbeat.website.language import gettext as _

if TYPE_CHECKING:
    from markupsafe import Markup

Values = Sequence[float | None]
Statuses = Sequence[str | None]
PARTIAL: Final = "u"
"""The status of a month of which a part is missing (code list ``value_statuses``)."""
HEIGHT: Final = 150
_HATCH: Final = 9  # pixels between two strokes
_STRETCH: Final = f'viewBox="0 0 {WIDE} {HEIGHT}" height="{HEIGHT}" preserveAspectRatio="none"'


def line(
    name: str,
    months: Sequence[str],
    values: Values,
    statuses: Statuses,
    *,
    usual: tuple[float, float] | None = None,
) -> Markup:
    """A line from 0 up, by month, as wide as its place.

    A month without a value is a hatched band that the line does not cross; a partial one is a ring
    with dashed lines to it; the newest value is written at its point. ``key`` says what the
    hatching and the rings mean, and why.

    Args:
        name: What is counted, and where: the beginning of the text alternative.
        months: ``YYYY-MM``, without a hole, oldest first.
        values: A value a month, 0 or more; None for a month that is not available.
        statuses: A status a month, of the code list ``value_statuses``, or None.
        usual: Lowest and highest usual value, drawn as a band.
    """
    from markupsafe import Markup, escape

    marks = ticks([*values, *(usual or ())])
    top, count = marks[-1], max(len(values), 1)
    points = [
        None if v is None else (across(n, count), up(v, top, HEIGHT)) for n, v in enumerate(values)
    ]
    firm, loose = _segments(points, statuses)
    stretched = (
        f'<path class="grid" d="{_grid(marks, top)}"/>'
        f'<path class="axis" d="M0 {HEIGHT}H{WIDE}{_month_ticks(months)}"/>'
        + (f'<path class="dash" d="{loose}"/>' if loose else "")
        + (f'<path class="data" d="{firm}"/>' if firm else "")
    )
    label = escape(in_short(name, months, values, statuses, usual=usual))
    gutter = max(len(words.number(mark)) for mark in marks)
    return Markup(
        f'<svg class="plot line g{min(max(gutter, 2), 7)}" role="img" aria-label="{label}"'
        f' width="100%" height="{HEIGHT + 34}"><svg y="9" {_STRETCH}>'
        f"{_band(usual, top)}{hatch(gaps(values), count)}</svg>"
        f'<svg class="over" y="9" {_STRETCH}>{stretched}</svg>'
        f"{_y_labels(marks if any(points) else [0], top)}{_x_labels(months)}"
        f"{_dots(points, values, statuses)}</svg>"
    )


def in_short(
    name: str,
    months: Sequence[str],
    values: Values,
    statuses: Statuses,
    *,
    usual: tuple[float, float] | None = None,
) -> str:
    """What the line shows, in few words: both ends, lowest and highest, which months are gaps."""
    known = [(v, m) for v, m in zip(values, months, strict=True) if v is not None]
    if not known:
        return _("%(name)s: no month is available.") % {"name": name}
    low, high = min(known, key=lambda pair: pair[0]), max(known, key=lambda pair: pair[0])
    parts = [
        _("%(name)s, by month: %(first)s in %(begin)s, %(last)s in %(end)s")
        % {
            "name": name,
            "first": words.number(known[0][0]),
            "begin": words.month(known[0][1]),
            "last": words.number(known[-1][0]),
            "end": words.month(known[-1][1]),
        },
        _("lowest %(low)s (%(low_month)s), highest %(high)s (%(high_month)s)")
        % {
            "low": words.number(low[0]),
            "low_month": words.month(low[1]),
            "high": words.number(high[0]),
            "high_month": words.month(high[1]),
        },
    ]
    if usual is not None:
        low_usual, high_usual = (words.number(v) for v in usual)
        parts.append(_("usual range %(low)s to %(high)s") % {"low": low_usual, "high": high_usual})
    missing = [n for n, v in enumerate(values) if v is None]
    partial = [n for n, s in enumerate(statuses) if s == PARTIAL and values[n] is not None]
    if missing:
        parts.append(_("not available: %(months)s") % {"months": spans(months, missing)})
    if partial:
        parts.append(_("partial: %(months)s") % {"months": spans(months, partial)})
    return "; ".join(parts) + "."


def spans(months: Sequence[str], places: Iterable[int]) -> str:
    """Months in words, those in a row together: ``May 2024 to July 2024, March 2025``."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return ", ".join(
        words.month(months[run[0]])
        if len(run) == 1
        else _("%(first)s to %(last)s")
        % {"first": words.month(months[run[0]]), "last": words.month(months[run[-1]])}
        for run in runs
    )


def hatch(runs: Iterable[tuple[int, int]], count: int, height: int = HEIGHT) -> str:
    """Bands of slanted strokes over runs of months; the plot's edges, in its own SVG, cut them."""
    bands = []
    for first, end in runs:
        left, width = round(first / count * WIDE), round((end - first) / count * WIDE)
        rise = max(round(width / 2), 1)
        strokes = f"l{width}-{rise}m-{width} {rise - _HATCH}"
        times = (height + rise) // _HATCH + 1
        bands.append(
            f'<path class="gap" d="M{left} 0h{width}v{height}h-{width}z"/>'
            f'<path class="hatch" d="M{left} {height + rise}{strokes * times}"/>'
        )
    return "".join(bands)


def _segments(points: Sequence[tuple[float, float] | None], statuses: Statuses) -> tuple[str, str]:
    """The line between neighbouring months that are both known: whole ones, those to a partial."""
    paths: dict[bool, list[str]] = {False: [], True: []}
    at: dict[bool, int] = {}
    for n, (a, b) in enumerate(pairwise(points)):
        if a is None or b is None:
            continue
        loose = PARTIAL in (statuses[n], statuses[n + 1])
        if at.get(loose) != n:
            paths[loose].append(f"M{_spot(a)}")
        paths[loose].append(f"L{_spot(b)}")
        at[loose] = n + 1
    return "".join(paths[False]), "".join(paths[True])


def _spot(point: tuple[float, float]) -> str:
    return f"{point[0] * WIDE:.0f} {point[1]:.1f}".removesuffix(".0")


def _dots(points: Sequence[tuple[float, float] | None], values: Values, statuses: Statuses) -> str:
    """A ring for each partial month, a dot for one alone or the newest, and the newest's value."""
    drawn = []
    newest = max((n for n, point in enumerate(points) if point), default=-1)
    for n, point in enumerate(points):
        if point is None:
            continue
        partial = statuses[n] == PARTIAL
        alone = not any((*points[max(n - 1, 0) : n], *points[n + 1 : n + 2]))
        if partial or alone or n == newest:
            kind = "ring" if partial else "dot"
            drawn.append(
                f'<circle class="{kind}" cx="{point[0]:.2%}" cy="{point[1] + 9:.1f}" r="3.5"/>'
            )
    point = points[newest] if newest >= 0 else None
    if point is None:
        return f'<text class="none" x="50%" y="{HEIGHT / 2 + 9:.0f}">{_("No figures")}</text>'
    # At the right edge the value stands in the margin; else above its point.
    place = (
        f'x="{point[0]:.2%}" dx="9" y="{point[1] + 13.5:.1f}"'
        if newest == len(points) - 1
        else f'class="now above" x="{point[0]:.2%}" y="{max(point[1], 6):.1f}"'
    )
    kind = "" if "class" in place else 'class="now" '
    return f"{''.join(drawn)}<text {kind}{place}>{words.number(values[newest])}</text>"


def _grid(marks: Sequence[float], top: float) -> str:
    return "".join(f"M0 {up(mark, top, HEIGHT):.1f}H{WIDE}" for mark in marks[1:])


def _month_ticks(months: Sequence[str]) -> str:
    """A tick at each quarter's first month, a longer one at January."""
    return "".join(
        f"M{across(n, len(months)) * WIDE:.0f} {HEIGHT}v{7 if month[5:] == '01' else 4}"
        for n, month in enumerate(months)
        if month[5:] in ("01", "04", "07", "10")
    )


def _band(usual: tuple[float, float] | None, top: float) -> str:
    if usual is None:
        return ""
    low, high = up(usual[0], top, HEIGHT), up(usual[1], top, HEIGHT)
    size = max(low - high, 1)
    return f'<path class="usual" d="M-9 {high:.1f}h{WIDE + 18}v{size:.1f}h-{WIDE + 18}z"/>'


def _y_labels(marks: Sequence[float], top: float) -> str:
    return "".join(
        f'<text class="y" x="-8" y="{up(mark, top, HEIGHT) + 13:.0f}">{words.number(mark)}</text>'
        for mark in marks
    )


def _x_labels(months: Sequence[str]) -> str:
    return "".join(
        f'<text class="{label.anchor}{" w" if label.wide else ""}" x="{label.at:.1%}"'
        f' y="{HEIGHT + 30}">{label.text}</text>'
        for label in month_labels(months)
    )
