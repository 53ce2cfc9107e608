"""Which force supplied which month, as a picture: a strip a force, a cell a month.

Only the picture and its key belong here. What a cell says is told by its pattern; the table with
the same in words is the template's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from openbeat.website import words
from openbeat.website.charts.scale import WIDE, month_labels
from openbeat.website.language import gettext as _

if TYPE_CHECKING:
    from markupsafe import Markup

_TOP, _ROW, _NAME, _STRIP = 22, 38, 16, 14
PATTERNS: Final = {
    "submitted": "full",
    "partial_suspected": "half",
    "empty": "box",
    "malformed": "slash",
    "missing": "cross",
    "not_expected": "rule",
}
"""Code of the code list ``coverage_statuses`` to its pattern; ``cross`` for one not listed."""


def coverage(
    name: str,
    forces: Sequence[str],
    months: Sequence[str],
    cells: Sequence[Sequence[str]],
) -> Markup:
    """A force x month picture, as wide as its place.

    Args:
        name: The beginning of the text alternative: ``Street files by force and month``.
        forces: The names, a strip each.
        months: ``YYYY-MM``, oldest first.
        cells: Of each force, a code of ``coverage_statuses`` a month.
    """
    from markupsafe import Markup, escape

    height = _TOP + _ROW * len(forces)
    paths: dict[str, list[str]] = {}
    for row, codes in enumerate(cells):
        _strip(paths, codes, _TOP + _ROW * row + _NAME + 4)
    drawn = "".join(f'<path class="{kind}" d="{"".join(d)}"/>' for kind, d in paths.items())
    texts = "".join(
        f'<text x="0" y="{_TOP + _ROW * n + _NAME}">{escape(force)}</text>'
        for n, force in enumerate(forces)
    )
    axis = "".join(
        f'<text class="{label.anchor}{" w" if label.wide else ""}" x="{label.at:.1%}"'
        f' y="13">{label.text}</text>'
        for label in month_labels(months)
    )
    return Markup(
        f'<svg class="plot coverage" role="img" aria-label="{escape(_said(name, forces, cells))}"'
        f' width="100%" height="{height}"><svg viewBox="0 0 {WIDE} {height}" height="{height}"'
        f' preserveAspectRatio="none">{drawn}</svg>{axis}{texts}</svg>'
    )


def coverage_key(labels: dict[str, str], cells: Sequence[Sequence[str]]) -> Markup:
    """The key: the pattern and label of each code that the picture shows.

    Args:
        labels: Code to label, of the code list ``coverage_statuses``.
        cells: As for ``coverage``.
    """
    from markupsafe import Markup, escape

    used = {code for codes in cells for code in codes}
    listed = [code for code in labels if code in used] + sorted(used - labels.keys())
    items = []
    for code in listed:
        path = _pattern(PATTERNS.get(code, "cross"), 1, 20, 1, 0)
        items.append(
            '<li><svg class="plot coverage sign" aria-hidden="true" width="22" height="16">'
            f'<path class="{PATTERNS.get(code, "cross")}" d="{path}"/></svg>'
            f" {escape(words.sentence(labels.get(code, code)))}</li>"
        )
    return Markup(f'<ul class="key">{"".join(items)}</ul>') if items else Markup("")


def _strip(paths: dict[str, list[str]], codes: Sequence[str], y: int) -> None:
    """Add a force's cells to the paths by pattern; months alike in a row are one piece."""
    count = max(len(codes), 1)
    for code, run in groupby(range(len(codes)), key=codes.__getitem__):
        places = list(run)
        left, right = (round(n / count * WIDE, 1) for n in (places[0], places[-1] + 1))
        kind = PATTERNS.get(code, "cross")
        path = _pattern(kind, left, right - left, y, len(places))
        paths.setdefault(kind, []).append(path)


def _pattern(kind: str, left: float, width: float, y: int, months: int) -> str:
    """A piece of a strip: its outline, and in each of its months a stroke or a cross."""
    if kind == "rule":
        return f"M{left:g} {y + _STRIP / 2:g}h{width:g}"
    if kind == "half":
        return _box(left, y, width, _STRIP) + _box(left, y + _STRIP / 2, width, _STRIP / 2)
    path = _box(left, y, width, _STRIP)
    if kind in ("slash", "cross"):
        cell = width / max(months, 1)
        for n in range(max(months, 1)):
            at = left + n * cell
            path += f"M{at:.1f} {y + _STRIP}l{cell:.1f}-{_STRIP}"
            if kind == "cross":
                path += f"M{at:.1f} {y}l{cell:.1f} {_STRIP}"
    return path


def _box(left: float, y: float, width: float, height: float) -> str:
    return f"M{left:g} {y:g}h{width:g}v{height:g}h{-width:g}z"


def _said(name: str, forces: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """How many strips came whole in every month expected, which did not, and how often."""
    bad = {
        force: sum(code not in ("submitted", "not_expected") for code in codes)
        for force, codes in zip(forces, cells, strict=True)
    }
    counted = Counter(bool(n) for n in bad.values())
    text = _("%(name)s. Every month supplied in full: %(count)s of %(all)s.") % {
        "name": name,
        "count": counted[False],
        "all": len(forces),
    }
    rest = "; ".join(f"{force} {n}" for force, n in bad.items() if n)
    more = _("Months missing, partial or not readable: %(forces)s.") % {"forces": rest}
    return f"{text} {more}" if rest else text
