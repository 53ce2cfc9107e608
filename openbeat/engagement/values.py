"""Reading one value as its column's type: the text it may be written as, and the text we keep.

One way of writing for each value, so that a record has changed only where its content has. Which
columns there are is in the contracts; other date formats and other codes are in a ``mapping``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.contract import Column

LONDON: Final = "Europe/London"
MANY: Final = ";"
NEAREST: Final = 3
LISTED: Final = 12  # a code list this short is told in full
WANTED: Final[Mapping[str, str]] = {
    "string": "write a value, or leave the cell empty",
    "integer": "write a whole number, such as 12",
    "number": "write a number, such as 2.5",
    "boolean": "write yes or no",
    "date": "write the day as YYYY-MM-DD, such as 2025-06-30",
    "month": "write the month as YYYY-MM, such as 2025-06",
    "moment": "write day and time as YYYY-MM-DDTHH:MM, such as 2025-06-30T19:30 (London's time, "
    "unless Z or an offset such as +01:00 follows)",
}

_FORMATS: Final = {
    "date": "date_format",
    "month": "date_format, month_format",
    "moment": "date_format, moment_format",
}
_ALIKE: Final = 0.65  # of two spellings of a code; less is no help
_SHORTEST: Final = 3  # letters that a code or label must share with what begins alike
_INTEGER: Final = r"^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.0+)?$"
_NUMBER: Final = r"^£?[+-]?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?$"
RAGGED: Final = r"^\(\d+ fields instead of \d+\)$"
_YEAR: Final = r"(?:19|20|21)\d{2}"
_DATE: Final = rf"^{_YEAR}-\d{{2}}-\d{{2}}$"
_MONTH: Final = rf"^{_YEAR}-(?:0[1-9]|1[0-2])$"
_LOCAL: Final = rf"^({_YEAR}-\d{{2}}-\d{{2}})[T ]([0-2]\d:[0-5]\d)(:[0-5]\d)?(?:\.\d+)?"
_OFFSET: Final = r" ?(?:Z|([+-])([01]\d):?([0-5]\d)?)"
_WHEN: Final = rf"{_LOCAL}(?:{_OFFSET})?$"
_YES: Final = ("yes", "y", "true", "1")
_NO: Final = ("no", "n", "false", "0")


def fold(text: str) -> str:
    """Text as it is compared: without case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_\-]+", "", text).lower()


def folded(text: pl.Expr) -> pl.Expr:
    """``fold`` for a column."""
    return text.str.replace_all(r"[\s_\-]+", "").str.to_lowercase()


def nearest(value: str, of: Sequence[str]) -> list[str]:
    """The names most like one, best first; none where none is like it."""
    by_fold = {fold(name): name for name in of}
    close = difflib.get_close_matches(fold(value), by_fold, n=NEAREST, cutoff=0.5)
    return [by_fold[name] for name in close]


@cache
def spellings(codelist: str) -> dict[str, str]:
    """How the codes of a list may be written, folded: the code itself or its label."""
    codes = codelists.codes(codelist)
    frame = codelists.load(codelist)
    found: dict[str, str] = {}
    if codelist == "yes_no":
        found = dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no")
    elif "label" in frame.columns:
        labels = [fold(label or "") for label in frame["label"]]
        pairs = zip(labels, codes, strict=True)
        found = {label: code for label, code in pairs if label and labels.count(label) == 1}
    return found | {fold(code): code for code in codes}


def nearest_codes(value: str, codelist: str) -> list[str]:
    """The codes whose code or label, or a word of it, is like a value or one of several in it."""
    ways, forms = spellings(codelist), _forms(codelist)
    close: list[str] = []
    for text in value.split(MANY):
        part = fold(text)
        if not part or part in ways:
            continue
        same = [word for word in map(fold, _words(text)) if word in forms]
        like = difflib.get_close_matches(part, list(forms), n=NEAREST, cutoff=_ALIKE)
        begins = [form for form in forms if _begins(part, form) or _begins(form, part)]
        found = dict.fromkeys(code for form in (*same, *like, *begins) for code in forms[form])
        close += list(found)[:NEAREST]
    return list(dict.fromkeys(close))


@cache
def _forms(codelist: str) -> dict[str, list[str]]:
    """By folded code, label, and word of either: the codes it may mean."""
    frame = codelists.load(codelist)
    labels = frame["label"] if "label" in frame.columns else codelists.codes(codelist)
    forms: dict[str, list[str]] = {}
    for code, label in zip(codelists.codes(codelist), labels, strict=True):
        texts = (code, label or "")
        words = [word for text in texts for word in _words(text)]
        for form in dict.fromkeys(map(fold, (*texts, *words))):
            forms.setdefault(form, []).append(code)
    return forms


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]{4,}", text)


def _begins(short: str, long: str) -> bool:
    return len(short) >= _SHORTEST and long.startswith(short)


def instead(value: str, column: Column, *, compare: bool = True) -> str:
    """What to write instead of a value that a column cannot take.

    Args:
        value: As it stands.
        column: Of ours.
        compare: Whether codes like the value are looked for.
    """
    if column.codelist is None:
        return WANTED[column.type]
    codes = codelists.codes(column.codelist)
    close = nearest_codes(value, column.codelist) if compare else []
    if not close and len(codes) <= LISTED:
        close = list(codes)
    return f"write {' or '.join(close)}" if close else f"see the code list {column.codelist}"


def or_map(column: Column) -> str:
    """The other way to mend what cannot be read: by the mapping; empty where it cannot help."""
    if column.codelist is not None:
        return ", or say in the mapping which code it is"
    formats = _FORMATS.get(column.type)
    return f", or say in the mapping how it is written ({formats})" if formats else ""


def canonical(text: pl.Expr, column: Column, zone: str = LONDON) -> pl.Expr:
    """A column's text as we write it; null where it is null or cannot be read.

    Args:
        text: Trimmed text.
        column: What it is read as. Codes may be in any case, or be the code's label. ``many``
            is sorted, each value once. A date may be a moment (its day in London), a month a date.
        zone: Where a moment without an offset is. In autumn's double hour it is the earlier one;
            in spring's missing hour it cannot be read.
    """
    if column.many:
        return _many(text, column.codelist)
    if column.codelist is not None:
        return _code(text, column.codelist)
    return _READERS[column.type](text, zone)


def formatted(text: pl.Expr, column: Column, pattern: str, zone: str) -> pl.Expr:
    """Text of a format as canonical text; null where it is not of that format."""
    if column.type == "moment":
        aware = re.search(r"%:?z", pattern) is not None
        moment = text.str.to_datetime(
            pattern, strict=False, time_unit="us", time_zone="UTC" if aware else None
        )
        iso = moment.dt.strftime("%Y-%m-%dT%H:%M:%SZ" if aware else "%Y-%m-%dT%H:%M:%S")
    elif re.search(r"%[-_0]?[dejFDxv]", pattern) is None:  # a month has no day of its own
        iso = (pl.lit("01 ") + text).str.to_date(f"%d {pattern}", strict=False).cast(pl.String)
    else:
        iso = text.str.to_date(pattern, strict=False).cast(pl.String)
    return canonical(iso, column, zone)


def ragged_note(fields: pl.Expr, header: pl.Expr) -> pl.Expr:
    """What stands in a row that has another number of fields than the header."""
    return pl.format("({} fields instead of {})", fields, header)


def typed(text: pl.Expr, column: Column) -> pl.Expr:
    """Canonical text as the type the contract says."""
    if column.type == "boolean":
        return text == "yes"
    if column.type == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if column.type in ("integer", "number"):
        return text.cast(pl.Int64 if column.type == "integer" else pl.Float64, strict=False)
    return text


def _code(text: pl.Expr, codelist: str) -> pl.Expr:
    return folded(text).replace_strict(spellings(codelist), default=None, return_dtype=pl.String)


def _many(text: pl.Expr, codelist: str | None) -> pl.Expr:
    parts = text.str.split(MANY).list.eval(pl.element().str.strip_chars())
    parts = parts.list.eval(pl.element().filter(pl.element() != ""))
    if codelist is not None:
        parts = parts.list.eval(_code(pl.element(), codelist))
    # One value that is unknown makes the whole unknown: joining passes on a null.
    joined = parts.list.unique().list.sort().list.join(MANY, ignore_nulls=False)
    return pl.when(joined != "").then(joined)


def _integer(text: pl.Expr, _zone: str) -> pl.Expr:
    plain = text.str.replace_all(",", "").str.replace(r"\.0+$", "")
    number = plain.str.strip_prefix("+").cast(pl.Int64, strict=False)
    return pl.when(text.str.contains(_INTEGER)).then(number.cast(pl.String))


def _number(text: pl.Expr, _zone: str) -> pl.Expr:
    plain = text.str.replace_all(r"[,£]", "").str.strip_prefix("+")
    number = plain.cast(pl.Float64, strict=False)
    written = number.cast(pl.String).str.strip_suffix(".0").replace("-0", "0")
    return pl.when(text.str.contains(_NUMBER) & number.is_finite()).then(written)


def _boolean(text: pl.Expr, _zone: str) -> pl.Expr:
    return _code(text, "yes_no")


def _date(text: pl.Expr, zone: str) -> pl.Expr:
    day = text.str.to_date("%Y-%m-%d", strict=False)
    whole = pl.when(text.str.contains(_DATE)).then(day.cast(pl.String))
    london = _utc(text, zone).dt.convert_time_zone(LONDON)
    return pl.coalesce(whole, london.dt.date().cast(pl.String))


def _month(text: pl.Expr, zone: str) -> pl.Expr:
    month = pl.when(text.str.contains(_MONTH)).then(text)
    return pl.coalesce(month, _date(text, zone).str.slice(0, 7))


def _moment(text: pl.Expr, zone: str) -> pl.Expr:
    return _utc(text, zone).dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(text: pl.Expr, zone: str) -> pl.Expr:
    parts = text.str.extract_groups(_WHEN).struct
    local = (parts[0] + "T" + parts[1] + parts[2].fill_null(":00")).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us"
    )
    minutes = parts[4].cast(pl.Int64, strict=False) * 60
    minutes += parts[5].cast(pl.Int64, strict=False).fill_null(0)
    ahead = pl.when(parts[3] == "-").then(-minutes).otherwise(minutes).fill_null(0)
    shifted = (local - pl.duration(minutes=ahead)).dt.replace_time_zone("UTC")
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return (
        pl.when(text.str.ends_with("Z") | parts[3].is_not_null())
        .then(shifted)
        .otherwise(there.dt.convert_time_zone("UTC"))
    )


_READERS: Final[Mapping[str, Callable[[pl.Expr, str], pl.Expr]]] = {
    "string": lambda text, _zone: text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "month": _month,
    "moment": _moment,
}
