"""How dates, times, numbers and codes are written for people, and what is safe in a page.

Only words that several pages share belong here. All of it is British English; times are London's.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

LONDON: Final = ZoneInfo("Europe/London")
NOT_AVAILABLE: Final = "not available"
TOO_FEW: Final = (
    "so few people that they could be recognised, or that others could be worked out from it."
)
"""Why a protected count is not shown. One sentence for all: which of the two it is would tell."""
KEPT_BACK: Final = f"Not shown: {TOO_FEW}"
HEARD: Final[Mapping[str, str]] = {
    "attendances": "Attendances at events",
    "forms": "Monitoring forms returned",
    "received": "Queries received",
    "answered_72h": "Answered within 72 hours",
    "answered_72h_share": "Share answered within 72 hours",
    "median_days_to_reply": "Days to a reply (median)",
}
"""Counts of people by quarter, and what is worked out from published ones: column to its label."""
_UNSHOWN: Final = {"c": "not shown", "z": "none logged"}
_MARKS: Final = {"p": " (provisional)", "r": " (revised)"}
_WEB: Final = re.compile(r"https?://[^\s<>\"'\\]+", re.I)
_ISO_DAY: Final = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_JOINED: Final = re.compile(r"([.!?]); ")
_PLAIN: Final = re.compile(r"[a-z0-9-]")
_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]")
_SHORTEST_MARK: Final = 6
# Names that another file has already, or that Windows keeps for devices.
_TAKEN: Final = re.compile(r"(?:index|keys|con|prn|aux|nul|com[0-9]|lpt[0-9])")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(value: date | str | None) -> str:
    """A day: ``14 July 2025``; nothing for none."""
    if value is None:
        return ""
    given = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{given.day} {_MONTHS[given.month - 1]} {given.year}"


def weekday(value: date) -> str:
    """A day with its weekday: ``Monday 14 July 2025``."""
    return f"{_DAYS[value.weekday()]} {day(value)}"


def month(value: str) -> str:
    """A month (``2025-06``): ``June 2025``."""
    return f"{_MONTHS[int(value[5:7]) - 1]} {value[:4]}"


def short_month(value: str) -> str:
    """A month (``2025-06``) where there is little room: ``Jun 25``."""
    return f"{_MONTHS[int(value[5:7]) - 1][:3]} {value[2:4]}"


def number(value: float | None) -> str:
    """A number with thousands separators, at most one decimal; ``not available`` for none."""
    if value is None:
        return NOT_AVAILABLE
    text = f"{value:,.1f}"
    return text.removesuffix(".0")


def quantity(value: float, one: str, many: str) -> str:
    """A number with what it counts: ``1 hour``, ``2 hours``."""
    return f"{number(value)} {one if value == 1 else many}"


def quarter(value: str, *, short: bool = False) -> str:
    """A quarter (``2025-Q2``): ``April to June 2025``, short ``Apr–Jun 25``."""
    first = 3 * int(value[6]) - 3
    begin, end = _MONTHS[first], _MONTHS[first + 2]
    if short:
        return f"{begin[:3]}–{end[:3]} {value[2:4]}"
    return f"{begin} to {end} {value[:4]}"


def figure(value: float | None, status: str | None) -> str:
    """A count of people, or in two words why there is none; ``why`` has the sentence."""
    if value is None:
        return _UNSHOWN.get(status or "", NOT_AVAILABLE)
    return number(value) + _MARKS.get(status or "", "")


def percent(value: float | None, status: str | None) -> str:
    """A share of 1 in whole percent, or in two words why there is none."""
    return f"{100 * value:.0f}%" if value is not None else figure(None, status)


def why(status: str | None, unavailable: str) -> str | None:
    """The sentence that goes with the status of a count of people; None for one that is shown.

    Args:
        status: One of the code list ``value_statuses``, or None.
        unavailable: Why there is no figure where the status is ``x`` or ``z``: the part of the
            sentence after the colon, without a full stop.
    """
    if status == "c":
        return KEPT_BACK
    if status == "p":
        return (
            "Provisional: a record was corrected, and the new figure would tell too much,"
            " so the earlier one stands."
        )
    begin = {"x": "Not available", "z": "None logged"}.get(status or "")
    return f"{begin}: {unavailable}." if begin else None


def moment(value: str) -> datetime:
    """A moment (``2025-07-14T18:00:00Z``) on London's clock."""
    return datetime.fromisoformat(value).astimezone(LONDON)


def utc(value: str) -> datetime:
    """A moment (``2025-07-14T18:00:00Z``) in UTC, as calendars take it."""
    return datetime.fromisoformat(value).astimezone(UTC)


def clock(value: datetime) -> str:
    """A time of day: ``7pm``, ``7:30pm``, ``midday``."""
    if (value.hour, value.minute) in ((0, 0), (12, 0)):
        return "midnight" if value.hour == 0 else "midday"
    minutes = f":{value.minute:02}" if value.minute else ""
    return f"{value.hour % 12 or 12}{minutes}{'am' if value.hour < 12 else 'pm'}"


def when(start: str, end: str | None) -> str:
    """When an event is, London's time: ``Monday 14 July 2025, 7pm to 8:30pm``."""
    first = moment(start)
    text = f"{weekday(first.date())}, {clock(first)}"
    if end is None or end <= start:
        return text
    last = moment(end)
    if last.date() == first.date():
        return f"{text} to {clock(last)}"
    return f"{text} to {weekday(last.date())}, {clock(last)}"


def sentence(text: str | None) -> str:
    """A text that ends as a sentence does; texts joined by ``; `` become sentences too."""
    trimmed = _JOINED.sub(r"\1 ", (text or "").strip())
    return trimmed if not trimmed or trimmed[-1] in ".!?" else f"{trimmed}."


def reason(text: str) -> str:
    """A reason that a flag gives, as a sentence, its days written for people."""
    dated = _ISO_DAY.sub(lambda match: day(match.group()), text.strip())
    return sentence(dated[:1].upper() + dated[1:])


def web_address(value: str | None) -> str | None:
    """An address that is safe to link to: http or https, no spaces or quotes; else None."""
    return value if value is not None and _WEB.fullmatch(value) else None


def file_name(identifier: str) -> str:
    """A name for a file: lower case letters, digits, ``-`` and ``_`` only.

    Two ids never share a name, not even where the system takes ``A`` and ``a`` for the same: a
    capital is written ``_`` and its small letter, all else ``__`` and two hexadecimal digits for
    each byte of its UTF-8, and ``/`` or ``.`` cannot appear.
    """
    first_escaped = _TAKEN.fullmatch(identifier) is not None
    return "".join(
        _escaped(character, always=first_escaped and place == 0)
        for place, character in enumerate(identifier)
    )


def file_names(identifiers: Iterable[str]) -> dict[str, str]:
    """A name for the file of each id that people can read: ``NH01``, ``YF-5-3f2a9c``.

    It is the id itself where that is letters, digits and ``-`` and no other id comes near it.
    Else all other characters become ``-``, and the beginning of the id's SHA-256 follows: 6
    hexadecimal digits, more only if two names would be the same. Two never share a name, not even
    where the system takes ``A`` and ``a`` for the same.
    """
    ids = list(dict.fromkeys(identifiers))
    alike = Counter(_UNSAFE.sub("-", identifier).casefold() for identifier in ids)
    names = {i: i for i in ids if _names_itself(i) and alike[i.casefold()] == 1}
    used = {name.casefold() for name in names.values()}
    for identifier in sorted(set(ids) - names.keys()):
        names[identifier] = _marked(identifier, used)
        used.add(names[identifier].casefold())
    return {i: names[i] for i in ids}


def _names_itself(identifier: str) -> bool:
    safe = _SAFE.fullmatch(identifier) is not None
    return safe and not _TAKEN.fullmatch(identifier.casefold())


def _marked(identifier: str, used: Set[str]) -> str:
    """The readable part of an id and as much of its hash as makes the name new."""
    digest = hashlib.sha256(identifier.encode()).hexdigest()
    readable = _UNSAFE.sub("-", identifier).strip("-")
    names = (
        "-".join(part for part in (readable, digest[:length]) if part)
        for length in range(_SHORTEST_MARK, len(digest) + 1)
    )
    return next(name for name in names if name.casefold() not in used)


def _escaped(character: str, *, always: bool) -> str:
    if not always and _PLAIN.fullmatch(character):
        return character
    if "A" <= character <= "Z":
        return f"_{character.lower()}"
    return "".join(f"__{byte:02x}" for byte in character.encode())


def labelled(
    frame: pl.DataFrame, columns: Mapping[str, str], codelists: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Add the labels of codes.

    Args:
        frame: Holds the codes, several of them joined by ``;``.
        columns: Column of codes to its code list.
        codelists: Code list name to its frame of strings, first column the code.

    Returns:
        The frame with ``<column>_label`` for each, several joined by ``, ``; a code that its list
        does not hold stays as it is.
    """
    return frame.with_columns(
        pl.col(column)
        .str.split(";")
        .list.eval(pl.element().str.strip_chars().replace(labels(codelists.get(name))))
        .list.join(", ")
        .alias(f"{column}_label")
        for column, name in columns.items()
    )


def labels(codelist: pl.DataFrame | None) -> dict[str, str]:
    """Code to label of one list; the label is its column ``label``, else its second."""
    if codelist is None:
        return {}
    label = "label" if "label" in codelist.columns else codelist.columns[1]
    return dict(codelist.select(codelist.columns[0], label).drop_nulls().iter_rows())


def listed(values: Iterable[str]) -> str:
    """Several values in one line: ``a, b and c``."""
    items = list(values)
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
