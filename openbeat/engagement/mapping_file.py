"""What a mapping in YAML may say, and reading one, checked against the contract of its table.

Applying it to rows belongs in ``mapping``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, cast
from zoneinfo import ZoneInfo

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from openbeat.contract import Column, Contract
from openbeat.engagement.settings import TableName
from openbeat.engagement.values import LONDON, canonical, fold, formatted, instead, nearest
from openbeat.errors import InputError
from openbeat.yaml_file import fault_place, read_model, read_yaml

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TIMED: Final = ("date", "month", "moment")
_SAMPLE: Final = datetime(2025, 11, 28, 13, 45, tzinfo=UTC)


def _as_text(value: Any) -> Any:
    """YAML's true, false and numbers as the text a file would hold."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_as_text)]


def _factor(value: Any) -> Any:
    try:
        factor = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError("a factor is a number such as 0.5, or a fraction such as 1/60") from None
    if factor == 0:
        raise ValueError("multiplying by 0 would lose every value")
    return float(factor)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        given = value if isinstance(value, dict) else {}
        for key in given:
            if key not in {*known, *cls.model_fields}:
                near = nearest(str(key), known)[:1] or known
                fault = f"is not known here; there is {', '.join(near)}"
                raise PydanticCustomError("key", "{fault}", {"fault": fault, "at": (str(key),)})
        return value


class ColumnMapping(_Model):
    """Where one column of ours comes from.

    Attributes:
        source: ``from`` in YAML: their column, or several, joined by a space; of our name by
            default.
        prefix: Put before every value, so that ids of two sources differ. ``duplicate_of`` takes
            that of its table's id unless it has one of its own.
        date_format: Of a date, month or moment, as in Python's strftime, such as ``%d/%m/%Y``.
        codes: Their values and ours; ours empty where a value means nothing. Case, spaces and
            hyphens make no difference.
        multiply: What a number is multiplied by, such as ``1/60`` for minutes to hours; rounded
            to 6 decimals.
        separator: What stands between several values in one cell, for a column that takes several.
    """

    source: list[str] | None = Field(default=None, alias="from", min_length=1)
    prefix: Text | None = None
    date_format: str | None = None
    codes: dict[Text, Text | None] = {}
    multiply: Annotated[float, BeforeValidator(_factor)] | None = None
    separator: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, str | list) else value

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class Mapping(_Model):
    """How one source's columns become those of a table.

    Attributes:
        table: The table of ours.
        columns: By column of ours, where it comes from. A column of theirs that bears our name
            need not be told.
        constants: By column of ours, one value for all rows.
        defaults: By column of ours, the value where the source has none.
        ignore: Columns of theirs that are not wanted; ``*`` for all that are not told.
        date_format: Of all dates, unless a column says otherwise.
        month_format: Of all months.
        moment_format: Of all moments.
        timezone: Where moments without an offset are.
    """

    table: TableName
    columns: dict[str, ColumnMapping] = {}
    constants: dict[str, Text] = {}
    defaults: dict[str, Text] = {}
    ignore: list[str] | Literal["*"] = []
    date_format: str | None = None
    month_format: str | None = None
    moment_format: str | None = None
    timezone: str = LONDON

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"there is no time zone {value!r}; London is {LONDON}") from None
        return value

    def format_of(self, column: Column) -> str | None:
        """The date format that goes for a column of ours."""
        told = self.columns.get(column.name)
        if told is not None and told.date_format is not None:
            return told.date_format
        general = {
            "date": self.date_format,
            "month": self.month_format,
            "moment": self.moment_format,
        }
        return general.get(column.type)


def load_mapping(path: Path, contract: Contract) -> Mapping:
    """Read a mapping and check it against the contract of its table.

    Args:
        path: The YAML file.
        contract: Of the conformed table.

    Raises:
        InputError: The file is no mapping, is one of another table, or names a column or code
            that is not ours; names the line and the nearest names.
    """
    mapping = read_model(path, Mapping)
    fault = next(_faults(mapping, contract), None)
    if fault is None:
        return mapping
    place, message, mend = fault
    node, _ = read_yaml(path)
    if node is None:  # pragma: no cover - read_model has refused it
        raise InputError("is empty", file=path.name)
    line, name = fault_place(cast("ErrorDetails", {"loc": place}), node)
    raise InputError(f"{name}: {message}", file=path.name, row=line, mend=mend)


Fault = tuple[tuple[str, ...], str, str]


def _faults(mapping: Mapping, contract: Contract) -> Iterator[Fault]:
    if f"conformed_{mapping.table}" != contract.table:
        table = contract.table.removeprefix("conformed_")
        yield ("table",), f"this is a mapping of {mapping.table}, not of {table}", "name another."
    ours = {column.name: column for column in contract.columns if not column.derived}
    unknown = list(_name_faults(mapping, contract, list(ours)))
    yield from unknown
    if unknown:
        return
    for name, told in mapping.columns.items():
        for place, message, mend in _column_faults(told, ours[name]):
            yield ("columns", name, *place), message, mend
    for name in ("date_format", "month_format", "moment_format"):
        kind = name.removesuffix("_format")
        yield from (((name,), *f) for f in _format_faults(getattr(mapping, name), kind))
    for part in ("constants", "defaults"):
        for name, value in getattr(mapping, part).items():
            if not _readable(value, ours[name]):
                mend = f"{instead(value, ours[name])}."
                yield (part, name), f"{value!r} is no value of {name}", mend


def _name_faults(mapping: Mapping, contract: Contract, ours: Sequence[str]) -> Iterator[Fault]:
    for part in ("columns", "constants", "defaults"):
        for name in getattr(mapping, part):
            if name not in ours:
                yield (part, name), _unknown(name, contract), _instead(name, ours)
    for name in mapping.constants:
        if name in mapping.columns or name in mapping.defaults:
            yield ("constants", name), "is given elsewhere too", "keep one of the two."


def _column_faults(told: ColumnMapping, column: Column) -> Iterator[Fault]:
    if told.date_format is not None and column.type not in _TIMED:
        yield ("date_format",), f"{column.name} is no date", "leave it out."
    yield from ((("date_format",), *f) for f in _format_faults(told.date_format, column.type))
    if told.multiply is not None and column.type not in ("integer", "number"):
        yield ("multiply",), f"{column.name} is no number", "leave it out."
    if told.separator is not None and not column.many:
        yield ("separator",), f"{column.name} takes one value only", "leave it out."
    meant: dict[str, str | None] = {}
    for theirs, code in told.codes.items():
        if code is not None and not _readable(code, column):
            mend = f"{instead(code, column)}."
            yield ("codes", theirs), f"{code!r} is no value of {column.name}", mend
        if meant.setdefault(fold(theirs), code) != code:
            yield ("codes", theirs), "is given twice with different codes", "keep one."


def _format_faults(pattern: str | None, kind: str) -> Iterator[tuple[str, str]]:
    """A format that does not bring back what it writes would lose dates without a word."""
    if pattern is None:
        return
    column = Column(name="sample", type=cast(Any, kind), description="A sample.")
    try:
        written = pl.Series([_SAMPLE]).dt.strftime(pattern)
        back = pl.select(formatted(pl.lit(written), column, pattern, "UTC")).item()
    except pl.exceptions.PolarsError:
        back = None
    wanted = {"date": "2025-11-28", "month": "2025-11", "moment": "2025-11-28T13:45:00Z"}
    if back != wanted[kind]:
        example = {"date": "%d/%m/%Y", "month": "%m/%Y", "moment": "%d/%m/%Y %H:%M"}[kind]
        yield f"{pattern!r} does not tell a whole {kind}", f"write it such as {example!r}."


def _readable(value: str, column: Column) -> bool:
    return pl.select(canonical(pl.lit(value), column)).item() is not None


def _unknown(name: str, contract: Contract) -> str:
    derived = any(c.name == name for c in contract.columns if c.derived)
    return "is worked out by openbeat" if derived else "is no column of this table"


def _instead(name: str, of: Sequence[str]) -> str:
    close = nearest(name, of)
    return f"write {' or '.join(close)}." if close else "see the dictionary for what there is."
