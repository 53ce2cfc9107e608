"""Horizontal bars: a row a category, its name above its bar, its value at the bar's end.

Only this chart belongs here. The order of the rows is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from openbeat.website import words
from openbeat.website.language import gettext as _

if TYPE_CHECKING:
    from markupsafe import Markup

_LONGEST: Final = 85.0
"""How much of the width the longest bar takes, per cent: the rest is for its value."""
_PHONE, _LETTER = 256.0, 7.8  # the width of the chart there and of a letter of a value, CSS pixels
_ROW, _BAR, _LINE, _LETTERS = 45, 15, 17, 42


def rows(
    name: str,
    labels: Sequence[str],
    values: Sequence[float | None],
    notes: Sequence[str | None],
    *,
    text: Callable[[float], str] = words.number,
) -> Markup:
    """A bar a row, all from 0 and to one scale.

    A row without a value has no bar but a hatched stub and its note: why there is none.

    Args:
        name: What is counted, and where: the beginning of the text alternative.
        labels: Of the rows.
        values: A value a row, 0 or more; None where there is none.
        notes: Beside a value, in brackets (``provisional``); in place of one, the reason.
        text: How a value is written.
    """
    from markupsafe import Markup, escape

    shown_values = [
        None if value is None else text(value) + (f" ({note})" if note else "")
        for value, note in zip(values, notes, strict=True)
    ]
    per_unit = _per_unit(values, shown_values)
    drawn, said, y = [], [], 0
    for label, value, note, shown in zip(labels, values, notes, shown_values, strict=True):
        why = note or words.NOT_AVAILABLE
        drawn.append(_texts(wrap(label, _LETTERS) or [""], y, "label"))
        y += _LINE * (len(wrap(label, _LETTERS)) or 1) + 4
        if value is None or shown is None:
            drawn.append(_stub(y) + _texts(wrap(why, _LETTERS - 3), y - 2, "why", x="26"))
            y += _LINE * (len(wrap(why, _LETTERS - 3)) - 1)
        else:
            drawn.append(_bar(value * per_unit, y, shown))
        said.append(f"{label} {shown or why}")
        y += _ROW - _LINE - 4
    heading = escape(
        f"{name}: {'; '.join(said)}" if said else _("%(name)s: none.") % {"name": name}
    )
    return Markup(
        f'<svg class="plot rows" role="img" aria-label="{heading}" width="100%" height="{y or 1}">'
        f"{''.join(drawn)}</svg>"
    )


def _per_unit(values: Sequence[float | None], texts: Sequence[str | None]) -> float:
    """Per cent of the width for 1, so that each bar and the value at its end fit on a phone."""
    room = [
        (min(_LONGEST, 100 - (len(text) * _LETTER + 7) / _PHONE * 100), value)
        for value, text in zip(values, texts, strict=True)
        if value and text
    ]
    return min((max(share, 10.0) / value for share, value in room), default=0.0)


def _bar(share: float, y: int, shown: str) -> str:
    from markupsafe import escape

    bar = f'<rect y="{y}" width="{share:.2f}%" height="{_BAR}"/>' if share else ""
    return (
        f'{bar}<path class="zero" d="M.5 {y - 2}v{_BAR + 4}"/>'
        f'<text class="value" x="{share:.2f}%" dx="7" y="{y + 12}">{escape(shown)}</text>'
    )


def _stub(y: int) -> str:
    return (
        f'<path class="gap" d="M1 {y}h18v{_BAR}h-18z"/>'
        f'<path class="hatch" d="M1 {y + 11}l11-11M5 {y + _BAR}l14-14M13 {y + _BAR}l6-6"/>'
    )


def _texts(lines: Sequence[str], y: int, kind: str, x: str = "0") -> str:
    """Lines of text, the first of them just under ``y``."""
    from markupsafe import escape

    return "".join(
        f'<text class="{kind}" x="{x}" y="{y + 13 + _LINE * n}">{escape(text)}</text>'
        for n, text in enumerate(lines)
    )
