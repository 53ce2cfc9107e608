"""``QUALITY.md``: the quality statement for people.

Only wording and layout belong here; what is measured is in ``quality``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from openbeat.release.content import ReleaseContent

Before = Mapping[tuple[str | None, str], float]

_HEAD = """# Quality of this release

{notice}{window}; engagement up to {as_of}.

Quality is measured on the six dimensions of the [Government Data Quality Framework]\
(https://www.gov.uk/government/publications/the-government-data-quality-framework). The publisher
applies the Code of Practice for Statistics voluntarily; these are not official statistics. The
thresholds are openbeat's own: a threshold that is missed is a warning to whoever uses the
figures, not a judgement of a force. A rule whose breach makes figures wrong is `critical`, and
with one of those broken nothing is published.

| Dimension | Question |
|---|---|
| completeness | Is what should be there, there? |
| uniqueness | Is everything there once? |
| consistency | Do the figures agree with each other and with their source? |
| timeliness | How old is the newest month? |
| validity | Do the values keep the rules? |
| accuracy | Does the data show where things happened? |

Accuracy has a limit that no figure here shows: police.uk moves every crime to one of a fixed list
of points, so that no place is exact, and nothing here can tell whether a force recorded every
crime.

`Before` is the value of the release before this one.
"""
_SHOWN = 0.0001
_TABLE = """
| Dimension | What | Value | Before | Threshold | Met |
|---|---|---:|---:|---:|---|
"""


def quality_page(
    content: ReleaseContent, measured: Sequence[Mapping[str, Any]], before: Before
) -> str:
    """The statement as Markdown.

    Args:
        content: For its notice, window and day.
        measured: As ``quality.statement`` gives it.
        before: The values of the release before, by force and measure.
    """
    parts = [
        _HEAD.format(
            notice=f"**{content.notice}**\n\n" if content.notice else "",
            window=f"Crimes of {content.window}",
            as_of=content.as_of,
        )
    ]
    by_force = groupby(measured, key=lambda entry: (entry["force_id"], entry["force_name"]))
    sections = [(name, force, list(entries)) for (force, name), entries in by_force]
    parts += ["\n## In short\n\n", *_short(sections)]
    for name, _, entries in sections:
        parts.append(f"\n## {_plain(name) if name else 'The whole release'}\n{_TABLE}")
        parts += [_row(entry, before) for entry in entries]
    return "".join(parts)


def _short(
    sections: Sequence[tuple[str | None, str | None, Sequence[Mapping[str, Any]]]],
) -> Iterator[str]:
    """One line for the whole, and one a force that misses something."""
    for name, force, entries in sections:
        missed = [entry for entry in entries if not entry["passes"]]
        who = _plain(name or "The whole release")
        if force is None:
            yield f"- {who}: {len(entries) - len(missed)} of {len(entries)} thresholds are met.\n"
        elif missed:
            what = " ".join(entry["sentence"] for entry in missed)
            yield f"- {who} misses {len(missed)} of {len(entries)}. {what}\n"
    forces = [entries for _, force, entries in sections if force is not None]
    whole = sum(all(entry["passes"] for entry in entries) for entries in forces)
    yield f"- {whole} of {len(forces)} forces meet every threshold.\n"


def _row(entry: Mapping[str, Any], before: Before) -> str:
    share = entry["measure"] != "months_behind"
    sign = "at most" if entry["at_most"] else "at least"
    cells = [
        entry["dimension"],
        entry["sentence"],
        _number(entry["value"], share=share),
        _number(before.get((entry["force_id"], entry["measure"])), share=share),
        f"{sign} {_number(entry['threshold'], share=share)}",
        "yes" if entry["passes"] else "**no**",
    ]
    return f"| {' | '.join(cells)} |\n"


def _number(value: float | None, *, share: bool) -> str:
    """A share as a percentage; what is not quite none or all is never shown as that."""
    if value is None:
        return "none"
    if not share:
        return f"{value:g}"
    if 0 < value < _SHOWN:
        return "under 0.01 %"
    if 1 - _SHOWN < value < 1:
        return "over 99.99 %"
    return f"{value:.2%}".replace("%", " %")


def _plain(name: str) -> str:
    """A name that Markdown shows as it is."""
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>#|" else letter for letter in name)
