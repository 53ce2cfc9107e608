"""Small charts as inline SVG: no script, no request, readable in black and white.

Only drawing belongs here. Each chart has a text alternative that says the same as the picture:
every value, and which are not available.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from openbeat.website import words

if TYPE_CHECKING:
    from markupsafe import Markup

Values = Sequence[int | None]
Statuses = Sequence[str | None]


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
        if point and (n == len(points) - 1 or alone or statuses[n] == "u"):
            ring = ' class="ring"' if statuses[n] == "u" else ""
            dots.append(f'<circle{ring} cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2.6"/>')
    label = escape(f"{name}: {in_words(months, values, statuses)}")
    return Markup(
        f'<svg class="spark" role="img" aria-label="{label}" viewBox="0 0 {width:.0f}'
        f' {height:.0f}" width="{width:.0f}" height="{height:.0f}">'
        f'<path class="axis" d="M{edge:.0f} {height - edge:.1f}H{width - edge:.0f}"/>'
        f'<path d="{lines}"/>{"".join(dots)}</svg>'
    )


def bars(name: str, months: Sequence[str], values: Values, statuses: Statuses) -> Markup:
    """A bar a month with its number above and the month beneath; the newest is darkest.

    A month that is not available has no bar and says ``n/a``; a partial one is hatched by a
    dashed outline.
    """
    from markupsafe import Markup, escape

    width, base, tall = 720.0, 150.0, 112.0
    top = max((v for v in values if v is not None), default=0) or 1
    step = width / max(len(values), 1)
    parts = []
    for n, (month, value, status) in enumerate(zip(months, values, statuses, strict=True)):
        middle = (n + 0.5) * step
        size = 0.0 if value is None else value / top * tall
        kind = "part" if status == "u" else "now" if n == len(values) - 1 else "bar"
        text = "n/a" if value is None else f"{value:,}"
        if size:
            parts.append(
                f'<rect class="{kind}" x="{middle - step * 0.36:.1f}" y="{base - size:.1f}"'
                f' width="{step * 0.72:.1f}" height="{size:.1f}"/>'
            )
        parts.append(f'<text x="{middle:.1f}" y="{base - size - 6:.1f}">{text}</text>')
        first, last = words.short_month(month).split(" ")
        parts.append(f'<text x="{middle:.1f}" y="{base + 17:.0f}">{first}</text>')
        if n == 0 or first == "Jan":
            parts.append(f'<text x="{middle:.1f}" y="{base + 33:.0f}">20{last}</text>')
    label = escape(f"{name}: {in_words(months, values, statuses)}")
    return Markup(
        f'<svg class="bars" role="img" aria-label="{label}" viewBox="0 0 {width:.0f} 188">'
        f'<path class="axis" d="M0 {base:.0f}H{width:.0f}"/>{"".join(parts)}</svg>'
    )
