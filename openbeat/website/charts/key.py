"""What the signs of a chart mean, in sentences with the sign before each.

Only the key belongs here: it says which months are gaps and why, so that no chart leaves it open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from openbeat.website import words
from openbeat.website.charts.line import PARTIAL, Statuses, Values, spans
from openbeat.website.language import gettext as _

if TYPE_CHECKING:
    from markupsafe import Markup

_SIGNS: Final = {
    "gap": '<path class="gap" d="M1 1h20v12H1z"/><path class="hatch" d="M1 13L13 1M9 13L21 1"/>',
    "ring": '<path class="dash" d="M0 7h22"/><circle class="ring" cx="11" cy="7" r="3.5"/>',
    "part": '<rect class="part" x="4" y="1" width="14" height="12"/>',
    "usual": '<path class="usual" d="M1 2h20v10h-20z"/>',
}


def key(
    months: Sequence[str],
    values: Values,
    statuses: Statuses,
    *,
    reasons: Sequence[str | None] | None = None,
    usual: tuple[float, float] | None = None,
    bars: bool = False,
) -> Markup:
    """The key of a line or of bars: a sentence each for gaps, partial months, the usual range.

    Args:
        months: As for ``line``.
        values: As for ``line``.
        statuses: As for ``line``.
        reasons: Why a month is a gap or partial, in words, a month each; None where it is neither.
            Months that share a reason share a sentence.
        usual: As for ``line``.
        bars: Whether the chart has bars: a partial month is then a dashed one, not a ring.

    Returns:
        ``<ul class="key">``; nothing where the line has no sign to explain.
    """
    from markupsafe import Markup, escape

    why = reasons or [None] * len(months)
    missing = [n for n, v in enumerate(values) if v is None]
    partial = [n for n, s in enumerate(statuses) if s == PARTIAL and values[n] is not None]
    rows = [
        *(("gap", text) for text in _told(_("Not available"), months, missing, why)),
        *(("part" if bars else "ring", text) for text in _told(_("Partial"), months, partial, why)),
    ]
    if usual is not None:
        text = _("Usual range: %(low)s to %(high)s a month.")
        low, high = (words.number(v) for v in usual)
        rows.append(("usual", text % {"low": low, "high": high}))
    items = "".join(f"<li>{sign(kind)} {escape(text)}</li>" for kind, text in rows)
    return Markup(f'<ul class="key">{items}</ul>') if items else Markup("")


def sign(kind: str) -> Markup:
    """The sign ``gap``, ``ring``, ``part`` or ``usual``, small as a word; the text tells it."""
    from markupsafe import Markup

    shape = "plot bars sign" if kind == "part" else "plot sign"
    return Markup(
        f'<svg class="{shape}" aria-hidden="true" width="22" height="14">{_SIGNS[kind]}</svg>'
    )


def _told(
    what: str, months: Sequence[str], places: Sequence[int], why: Sequence[str | None]
) -> list[str]:
    """For each reason its months and itself: ``Not available: May 2024. No file came``."""
    by_reason: dict[str, list[int]] = {}
    for place in places:
        by_reason.setdefault(why[place] or "", []).append(place)
    return [
        " ".join(filter(None, (f"{what}: {spans(months, group)}.", words.reason(reason))))
        for reason, group in by_reason.items()
    ]
