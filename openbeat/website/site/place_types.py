"""The table of crime types on a neighbourhood page, with a line as small as a word in each row.

Only this table belongs here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.site.place_area import older_shape
from openbeat.website.site.place_charts import cell

if TYPE_CHECKING:
    from markupsafe import Markup

Facts = Mapping[str, Any]
_WIDTH, _HEIGHT, _EDGE = 112, 18, 4
_RING: Final = ' class="ring"'


def type_table(facts: Facts) -> Markup:
    """The newest month by crime type against the 12 before it; sums of 12 months where whole."""
    from markupsafe import Markup

    crime, years = facts["crime"], facts["twelve"]["types"]
    total = (_("All crimes"), crime["total"], facts["twelve"]["crime_total"])
    rows = [(r["crime_type"], r, years[r["crime_type"]]) for r in crime["types"]]
    summed = any(year["now"]["value"] is not None for _name, _row, year in (*rows, total))
    body = "".join(
        _type_row(*row, summed=summed, kind=kind)
        for row, kind in (*((row, "") for row in rows), (total, ' class="sum"'))
    )
    numbers = [words.short_month(facts["month"]), _("Usual (range)")]
    heads = [*numbers, _("12 months")] if summed else numbers
    cells = "".join(f'<th scope="col" class="n">{head}</th>' for head in heads)
    first, last = (words.short_month(crime["months"][n]) for n in (0, -1))
    months = _("%(first)s to %(last)s") % {"first": first, "last": last}
    note = _(
        "Usual: the median of the 12 months before, where 6 or more of them are whole; in"
        " brackets the fewest and the most. Each line has a height of its own."
    )
    redrawn = older_shape(facts["area"], crime["months"][0])
    return Markup(
        '<div class="wide" role="region" aria-labelledby="types-caption" tabindex="0">'
        '<table id="types"><caption id="types-caption">{} <span class="note">{}</span></caption>'
        '<thead><tr><th scope="col">{}</th>{}<th scope="col">{}</th></tr></thead><tbody>{}</tbody>'
        "</table></div>"
    ).format(
        _("%(month)s by crime type") % {"month": words.month(facts["month"])},
        f"{note} {redrawn}" if redrawn else note,
        _("Type"),
        Markup(cells),
        months,
        Markup(body),
    )


def _type_row(name: str, row: Facts, year: Facts, *, summed: bool, kind: str) -> str:
    from markupsafe import escape

    now, usual = year["now"], "–"
    if row["usual"] is not None:
        middle, low, high = (words.number(row[part]) for part in ("usual", "lowest", "highest"))
        usual = f"{middle} ({low}–{high})"
    cells = [cell(row["latest"], row["latest_status"]), f'<td class="n">{usual}</td>']
    if summed:
        # A whole sum of a place that was redrawn is no "partial" one: the note says what it is.
        cells.append(cell(now["value"], None if now["value"] is not None else now["status"]))
    cells.append(f"<td>{_trend(row['values'], row['statuses'])}</td>")
    return f'<tr{kind}><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>'


def _trend(values: Sequence[float | None], statuses: Sequence[str | None]) -> str:
    """A line as small as a word; its text alternative is the numbers, ``–`` for a gap.

    ``charts.sparkline`` names each month too, which is too long for the rows of one table.
    """
    top = max((v for v in values if v is not None), default=0) or 1
    step = _WIDTH / max(len(values) - 1, 1)
    points = [
        None if v is None else f"{_EDGE + n * step:.0f} {_EDGE + (1 - v / top) * _HEIGHT:.0f}"
        for n, v in enumerate(values)
    ]
    path, last = [], None
    for point in points:
        path.append("" if point is None else f"L{point}" if last else f"M{point}")
        last = point
    dots = "".join(
        f'<circle{_RING if statuses[n] == "u" else ""} cx="{x}" cy="{y}" r="2.6"/>'
        for n, (x, y) in ((n, point.split()) for n, point in enumerate(points) if point)
        if n == len(points) - 1
        or statuses[n] == "u"
        or not any(points[max(n - 1, 0) : n] + points[n + 1 : n + 2])
    )
    said = " ".join("–" if v is None else words.plain(v) for v in values)
    return (
        f'<svg class="plot spark" role="img" aria-label="{said}" width="120" height="26">'
        f'<path d="{"".join(path)}"/>{dots}</svg>'
    )
