"""The two charts of a dozen months: a line as small as a word, and bars with their numbers.

Only these two belong here. Each has a text alternative that says the same as the picture: every
value, and which are not available.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from openbeat.website import words
from openbeat.website.charts.line import PARTIAL, Statuses, Values, hatch
from openbeat.website.charts.scale import WIDE, across, gaps, up
from openbeat.website.language import gettext as _

if TYPE_CHECKING:
    from markupsafe import Markup

_ABOVE, _TALL = 16, 92
"""Of bars, in CSS pixels: room for a number above the highest, and the highest."""
_NARROW: Final = 3  # digits above a bar that have room on a phone
_APART: Final = 3  # months between two longer ones


def in_words(months: Sequence[str], values: Values, statuses: Statuses) -> str:
    """A series in words: ``May 2025 3, June 2025 not available``."""
    return ", ".join(
        f"{words.month(month)} {words.number(value)}{' (partial)' if status == 'u' else ''}"
        for month, value, status in zip(months, values, statuses, strict=True)
    )


def sparkline(name: str, months: Sequence[str], values: Values, statuses: Statuses) -> Markup:
    """A line from 0 up, broken where a month is not available, with a dot at the newest.

    A month that stands alone between two gaps is a dot too; a partial one is a ring.
    """
    from markupsafe import Markup, escape

    width, height, edge = 120.0, 26.0, 4.0
    top = max((v for v in values if v is not None), default=0) or 1
    step = (width - 2 * edge) / max(len(values) - 1, 1)
    points = [
        None if v is None else (edge + n * step, height - edge - v / top * (height - 2 * edge))
        for n, v in enumerate(values)
    ]
    lines = "".join(
        f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in pairwise(points) if a and b
    )
    dots = []
    for n, point in enumerate(points):
        alone = not any(points[max(n - 1, 0) : n] + points[n + 1 : n + 2])
        if point and (n == len(points) - 1 or alone or statuses[n] == PARTIAL):
            ring = ' class="ring"' if statuses[n] == PARTIAL else ""
            dots.append(f'<circle{ring} cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2.6"/>')
    label = escape(f"{name}: {in_words(months, values, statuses)}")
    return Markup(
        f'<svg class="plot spark" role="img" aria-label="{label}" viewBox="0 0 {width:.0f}'
        f' {height:.0f}" width="{width:.0f}" height="{height:.0f}">'
        f'<path class="axis" d="M{edge:.0f} {height - edge:.1f}H{width - edge:.0f}"/>'
        f'<path d="{lines}"/>{"".join(dots)}</svg>'
    )


def bars(name: str, months: Sequence[str], values: Values, statuses: Statuses) -> Markup:
    """A bar a month with its number above and the month beneath; the newest is darkest.

    A month that is not available has no bar but a hatched band, and says ``n/a``; a partial one
    has a dashed outline. As wide as its place; long numbers stand on a phone only above the newest
    month and the highest.
    """
    from markupsafe import Markup, escape

    count = max(len(values), 1)
    top = max((v for v in values if v is not None), default=0) or 1
    highest = max(range(len(values)), key=lambda n: values[n] or 0, default=0)
    parts = []
    for n, (month, value, status) in enumerate(zip(months, values, statuses, strict=True)):
        middle, y = f"{across(n, count):.2%}", _ABOVE + up(value or 0, top, _TALL)
        if value:
            kind = "part" if status == PARTIAL else "now" if n == len(values) - 1 else "bar"
            parts.append(
                f'<rect class="{kind}" x="{(n + 0.12) / count:.2%}" y="{y:.1f}"'
                f' width="{0.76 / count:.2%}" height="{_ABOVE + _TALL - y:.1f}"/>'
            )
        text = _("n/a") if value is None else words.number(value)
        apart = n in (highest, len(values) - 1) and not 0 < len(values) - 1 - highest < _APART
        wide = ' class="w"' if len(text) > _NARROW and not apart else ""
        parts.append(f'<text{wide} x="{middle}" y="{y - 5:.1f}">{text}</text>')
        first, last = words.short_month(month).split(" ")
        parts.append(f'<text x="{middle}" y="{_ABOVE + _TALL + 15}">{first}</text>')
        if n == 0 or month[5:] == "01":
            parts.append(f'<text x="{middle}" y="{_ABOVE + _TALL + 29}">20{last}</text>')
    label = escape(f"{name}: {in_words(months, values, statuses)}")
    stretch = f'viewBox="0 0 {WIDE} {_TALL}" preserveAspectRatio="none" height="{_TALL}"'
    return Markup(
        f'<svg class="plot bars" role="img" aria-label="{label}" width="100%"'
        f' height="{_ABOVE + _TALL + 34}"><svg y="{_ABOVE}" {stretch}>'
        f"{hatch(gaps(values), count, _TALL)}</svg>{''.join(parts)}"
        f'<svg class="over" y="{_ABOVE}" {stretch}><path class="axis" d="M0 {_TALL}H{WIDE}"/></svg>'
        "</svg>"
    )
