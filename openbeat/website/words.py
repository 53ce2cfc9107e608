"""How dates, times, numbers and codes are written for people, and what is safe in a page.

Only words that several pages share belong here. Times are London's. The texts here are the keys of
the catalogue (``language``): British English, unless another language holds when one is called.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl

from openbeat.website.language import N_, ngettext
from openbeat.website.language import gettext as _

if TYPE_CHECKING:
    from markupsafe import Markup

LONDON: Final = ZoneInfo("Europe/London")
NOT_AVAILABLE: Final = N_("not available")
TOO_FEW: Final = N_(
    "so few people that they could be recognised, or that others could be worked out from it."
)
"""Why a protected count is not shown. One sentence for all: which of the two it is would tell."""
HEARD: Final[Mapping[str, str]] = {
    "attendances": N_("Attendances at events"),
    "forms": N_("Monitoring forms returned"),
    "received": N_("Queries received"),
    "answered_72h": N_("Answered within 72 hours"),
    "answered_72h_share": N_("Share answered within 72 hours"),
    "median_days_to_reply": N_("Days to a reply (median)"),
}
"""Counts of people by quarter, and what is worked out from published ones: column to its label."""
_UNSHOWN: Final = {"c": N_("not shown"), "z": N_("none logged")}
_MARKS: Final = {"p": N_("provisional"), "r": N_("revised"), "u": N_("partial")}
_WEB: Final = re.compile(r"https?://[^\s<>\"'\\]+", re.I)
_ISO_DAY: Final = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_JOINED: Final = re.compile(r"([.!?]); ")
_PLAIN: Final = re.compile(r"[a-z0-9-]")
_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]")
_SHORTEST_MARK: Final = 6
# Names of other files of the same folder (packs, a force's pages), and Windows's of devices.
_TAKEN: Final = re.compile(r"(?:index|keys|compare|con|prn|aux|nul|com[0-9]|lpt[0-9])")
_MONTHS: Final = (
    *(N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June")),
    *(N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December")),
)
_SHORT_MONTHS: Final = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)
_DAYS: Final = (
    *(N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday")),
    *(N_("Saturday"), N_("Sunday")),
)


def datum(value: float | None, of: str, text: str | None = None) -> Markup:
    """A number of the release in a text, so that a test can hold it against the files.

    Args:
        value: The number as the file has it; None says that it is not available.
        of: Where it stands: ``TABLE.COLUMN``, then ``@MONTH`` and ``#KEY`` where they are needed.
        text: How it is shown; by default with thousands separators.

    Returns:
        ``<data value="1204" data-of="crime_summary.crime_total@2025-07">1,204</data>``.
    """
    # An f-string of escaped parts takes a third of the time of Markup.format: pages have thousands.
    from markupsafe import Markup, escape

    shown = escape(number(value) if text is None else text)
    if value is None:
        return shown
    return Markup(f'<data value="{plain(value)}" data-of="{escape(of)}">{shown}</data>')


def td(value: float | None, status: str | None = None, text: str | None = None) -> Markup:
    """A number cell of a data table: ``<td class="n" data-v="1204">1,204</td>``.

    Args:
        value: The number as the file has it, or None.
        status: Its status, one of the code list ``value_statuses``; None known.
        text: How it is shown, where ``figure`` does not say it well.

    Returns:
        The cell; ``data-v`` only where what is shown is not the plain number.
    """
    from markupsafe import Markup, escape

    shown = escape(figure(value, status) if text is None else text)
    if value is None:
        return Markup(f'<td class="n gap">{shown}</td>')
    exact = plain(value)
    if shown == exact:
        return Markup(f'<td class="n">{shown}</td>')
    return Markup(f'<td class="n" data-v="{exact}">{shown}</td>')


def plain(value: float) -> str:
    """A number for machines: no separators, no ``.0``."""
    return repr(value).removesuffix(".0")


def month_name(place: int) -> str:
    """The name of a month of the year, 1 to 12: ``January``."""
    return _(_MONTHS[place - 1])


def day(value: date | str | None) -> str:
    """A day: ``14 July 2025``; nothing for none."""
    if value is None:
        return ""
    given = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{given.day} {month_name(given.month)} {given.year}"


def weekday(value: date) -> str:
    """A day with its weekday: ``Monday 14 July 2025``."""
    return f"{_(_DAYS[value.weekday()])} {day(value)}"


def month(value: str) -> str:
    """A month (``2025-06``): ``June 2025``."""
    return f"{month_name(int(value[5:7]))} {value[:4]}"


def short_month(value: str) -> str:
    """A month (``2025-06``) where there is little room: ``Jun 25``."""
    return f"{_(_SHORT_MONTHS[int(value[5:7]) - 1])} {value[2:4]}"


def number(value: float | None) -> str:
    """A number with thousands separators, at most one decimal; ``not available`` for none."""
    if value is None:
        return _(NOT_AVAILABLE)
    text = f"{value:,.1f}"
    return text.removesuffix(".0")


def quantity(value: float, one: str, many: str) -> str:
    """A number with what it counts: ``1 hour``, ``2 hours``; the words are in the catalogue."""
    return f"{number(value)} {ngettext(one, many, value)}"


def quarter(value: str, *, short: bool = False) -> str:
    """A quarter (``2025-Q2``): ``April to June 2025``, short ``Apr–Jun 25``."""
    first = 3 * int(value[6]) - 3
    if short:
        return f"{_(_SHORT_MONTHS[first])}–{_(_SHORT_MONTHS[first + 2])} {value[2:4]}"
    begin, end = _(_MONTHS[first]), _(_MONTHS[first + 2])
    return _("%(begin)s to %(end)s %(year)s") % {"begin": begin, "end": end, "year": value[:4]}


def figure(value: float | None, status: str | None) -> str:
    """A count of people, or in two words why there is none; ``why`` has the sentence."""
    if value is None:
        return _(_UNSHOWN.get(status or "", NOT_AVAILABLE))
    mark = _MARKS.get(status or "")
    return f"{number(value)} ({_(mark)})" if mark else number(value)


def size(count: int) -> str:
    """The size of a file: ``740 bytes``, ``12 kB``, ``3.4 MB`` (1 kB is 1,000 bytes)."""
    if count < 1000:
        return f"{count} {ngettext('byte', 'bytes', count)}"
    if count < 999_500:
        return f"{count / 1000:,.0f} kB"
    return f"{count / 1_000_000:,.1f} MB"


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
        return _("Not shown: %(why)s") % {"why": _(TOO_FEW)}
    if status == "p":
        return _(
            "Provisional: a record was corrected, and the new figure would tell too much,"
            " so the earlier one stands."
        )
    begin = {"x": N_("Not available"), "z": N_("None logged")}.get(status or "")
    return f"{_(begin)}: {unavailable}." if begin else None


def moment(value: str) -> datetime:
    """A moment (``2025-07-14T18:00:00Z``) on London's clock."""
    return datetime.fromisoformat(value).astimezone(LONDON)


def utc(value: str) -> datetime:
    """A moment (``2025-07-14T18:00:00Z``) in UTC, as calendars take it."""
    return datetime.fromisoformat(value).astimezone(UTC)


def clock(value: datetime) -> str:
    """A time of day: ``7pm``, ``7:30pm``, ``midday``."""
    if (value.hour, value.minute) in ((0, 0), (12, 0)):
        return _("midnight") if value.hour == 0 else _("midday")
    minutes = f":{value.minute:02}" if value.minute else ""
    return f"{value.hour % 12 or 12}{minutes}{_('am') if value.hour < 12 else _('pm')}"


def when(start: str, end: str | None) -> str:
    """When an event is, London's time: ``Monday 14 July 2025, 7pm to 8:30pm``."""
    first = moment(start)
    text = f"{weekday(first.date())}, {clock(first)}"
    if end is None or end <= start:
        return text
    last = moment(end)
    until = clock(last)
    if last.date() != first.date():
        until = f"{weekday(last.date())}, {until}"
    return _("%(begin)s to %(end)s") % {"begin": text, "end": until}


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


def file_names(identifiers: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A name for the file of each id that people can read: ``NH01``, ``YF-5-3f2a9c``.

    It is the id itself where that is letters, digits and ``-`` and no other id comes near it.
    Else all other characters become ``-``, and the beginning of the id's SHA-256 follows: 6
    hexadecimal digits, more only if two names would be the same. Two never share a name, not even
    where the system takes ``A`` and ``a`` for the same, and none is one of ``taken``.
    """
    ids = list(dict.fromkeys(identifiers))
    used = {name.casefold() for name in taken}
    alike = Counter(_UNSAFE.sub("-", identifier).casefold() for identifier in ids)
    alone = (i for i in ids if alike[i.casefold()] == 1 and i.casefold() not in used)
    names = {i: i for i in alone if _names_itself(i)}
    used.update(name.casefold() for name in names.values())
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
    if len(items) < 2:
        return "".join(items)
    return _("%(some)s and %(last)s") % {"some": ", ".join(items[:-1]), "last": items[-1]}
