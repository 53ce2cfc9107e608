"""What a contract is: the columns, types, meaning and rules of one table; and reading one.

Everything that describes a table comes from its contract: Polars schema, checks, data dictionary,
descriptors. The contracts themselves are YAML in ``expectations/contracts``. What a rule is lies in
``openbeat/rules.py``, splitting a frame by its rules in ``openbeat/splitting.py`` (both offered
here too), and judging by Great Expectations in ``expectations``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self, cast

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from openbeat import codelists
from openbeat.errors import InputError
from openbeat.rules import Condition, Rule, row_expression
from openbeat.splitting import Split, broken_counts, check_schema, split
from openbeat.versions import Deprecation, Version, parse_version
from openbeat.yaml_file import read_model

__all__ = [
    "Column",
    "Condition",
    "Contract",
    "Rule",
    "Split",
    "broken_counts",
    "check_schema",
    "load_contract",
    "load_contracts",
    "row_expression",
    "split",
]

ColumnType = Literal["string", "integer", "number", "boolean", "date", "month", "moment"]

_POLARS_TYPES: Final[Mapping[str, type[pl.DataType]]] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "month": pl.String,
    "moment": pl.String,
}
_TEXT: Final = frozenset({"string", "month", "moment"})
# Numbers that are measured are not compared for equality, so `number` is in `between` alone.
_TYPES_OF_KIND: Final[Mapping[str, frozenset[str]]] = {
    "in_set": _TEXT | {"integer", "boolean"},
    "equals": _TEXT | {"integer", "boolean"},
    "matches": _TEXT,
    "between": frozenset({"integer", "number", "date", "month"}),
    "same_as": _TEXT | {"integer", "boolean", "date"},
    "unique": _TEXT | {"integer", "boolean", "date"},
}


class Column(BaseModel):
    """One column of a table.

    ``restricted`` values are masked wherever a value would be shown, and are never published.
    ``month`` is text ``YYYY-MM``, ``moment`` text ``YYYY-MM-DDTHH:MM:SSZ``. ``codelist`` says which
    code list its values are from; the rule that they are is written in the rules. ``many`` is text
    of several values, joined by ``;``. ``derived`` is worked out here: no source delivers it.
    ``reviewed`` is free text that leaves only once a person has reviewed it, under another column
    of a published table; until then it is masked like a restricted one. ``since`` is the version
    of the table that brought it; none: it was there when the table was first published.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: ColumnType
    description: str = Field(min_length=1)
    nullable: bool = True
    unit: str | None = None
    restricted: bool = False
    reviewed: bool = False
    published: bool = False
    many: bool = False
    derived: bool = False
    source: str | None = None
    codelist: str | None = None
    example: bool | int | float | str | None = None
    since: Version | None = None

    @property
    def masked(self) -> bool:
        """Whether its values may not be shown in a message, check result, log or metadatum."""
        return self.restricted or self.reviewed

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.masked and self.published:
            kind = "restricted" if self.restricted else "free text to be reviewed"
            raise ValueError(f"column {self.name!r} is {kind}, so it cannot be published")
        if self.codelist is not None and self.codelist not in codelists.names():
            raise ValueError(f"column {self.name!r}: there is no code list {self.codelist!r}")
        if self.many and self.type != "string":
            raise ValueError(f"column {self.name!r} holds several values, so it is a string")
        return self


class Contract(BaseModel):
    """What one table holds and what must be true of it.

    A column that is not nullable brings a critical ``not_null`` rule ``<column>_present``, and a
    key a critical ``unique`` rule ``key_unique``, unless the contract writes them out itself.
    ``schema_version`` is a semantic version: its first number rises where a reader of the table may
    break, the second where something is added, the third where only words change; ``since`` is the
    one it was first published with. ``deprecations`` is not written in a contract: it comes from
    the register (``openbeat.versions``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    description: str = Field(min_length=1)
    layer: Literal["raw", "conformed", "counted", "release"]
    published: bool = False
    schema_version: Version
    since: Version = "1.0.0"
    key: list[str] = []
    columns: list[Column] = Field(min_length=1)
    rules: list[Rule] = []
    notes: list[str] = []
    deprecations: tuple[Deprecation, ...] = ()

    @model_validator(mode="after")
    def _rules_fit_columns(self) -> Self:
        for place, fault in _faults(self):
            raise PydanticCustomError("contract", "{fault}", {"fault": fault, "at": place})
        return self

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """One column by its name.

        Raises:
            KeyError: The table has no such column.
        """
        return self._by_name[name]

    def polars_schema(self) -> pl.Schema:
        """The columns in order: Int64, Float64, Boolean, Date; String for all else."""
        return pl.Schema({column.name: _POLARS_TYPES[column.type]() for column in self.columns})

    def all_rules(self) -> list[Rule]:
        """Every rule, in contract order: derived presence, the rules as written, derived key."""
        written = self.rules
        present = {r.column for r in written if r.kind == "not_null" and r.when is None}
        unique = [set(r.columns or ()) for r in written if r.kind == "unique"]
        derived = [
            _presence(column.name)
            for column in self.columns
            if not column.nullable and column.name not in present
        ]
        key = [_key(self.key)] if self.key and set(self.key) not in unique else []
        return [*derived, *written, *key]

    def row_rules(self) -> list[Rule]:
        """The rules that each row keeps or breaks by itself."""
        return [rule for rule in self.all_rules() if rule.is_row_rule]

    def table_rules(self) -> list[Rule]:
        """The rules about the table as a whole."""
        return [rule for rule in self.all_rules() if not rule.is_row_rule]


def _presence(column: str) -> Rule:
    return Rule(
        id=f"{column}_present",
        kind="not_null",
        severity="critical",
        sentence=f"Every row has a value in {column}.",
        mend="Fill it in.",
        column=column,
    )


def _key(columns: Sequence[str]) -> Rule:
    return Rule(
        id="key_unique",
        kind="unique",
        severity="critical",
        sentence=f"No two rows have the same {', '.join(columns)}.",
        columns=list(columns),
    )


Fault = tuple[tuple[str | int, ...], str]


def _faults(contract: Contract) -> Iterator[Fault]:
    """What is wrong between the parts of a contract, each with its place in the file."""
    columns = Counter(column.name for column in contract.columns)
    for number, column in enumerate(contract.columns):
        if columns[column.name] > 1:
            yield ("columns", number), f"column {column.name!r} is given twice"
        if column.since and parse_version(column.since) > parse_version(contract.schema_version):
            yield ("columns", number), f"column {column.name!r} is newer than the table's version"
    ids = Counter(rule.id for rule in contract.all_rules())
    for number, rule in enumerate(contract.rules):
        if ids[rule.id] > 1:
            yield ("rules", number), f"the rule id {rule.id!r} is taken already"
        for fault in _rule_faults(contract, rule):
            yield ("rules", number), f"rule {rule.id!r}: {fault}"
    if contract.key:
        for fault in _rule_faults(contract, _key(contract.key)):
            yield ("key",), f"the key {fault}"


def _rule_faults(contract: Contract, rule: Rule) -> Iterator[str]:
    types = {column.name: column.type for column in contract.columns}
    unknown = [name for name in rule.involved if name not in types]
    if unknown:
        yield f"names {unknown[0]!r}, which is not a column"
        return
    when = rule.when
    if when is not None and when.is_null is None and types[when.column] not in _TEXT:
        yield f"in and not_in need a column of text; {when.column} is {types[when.column]}"
    allowed = _TYPES_OF_KIND.get(rule.kind)
    for name in rule.subjects:
        if allowed is not None and types[name] not in allowed:
            yield f"{rule.kind} does not go with column {name} of type {types[name]}"
    if rule.other is not None and types[rule.other] != types[rule.subjects[0]]:
        yield f"{rule.column} and {rule.other} have different types"
    if rule.kind == "row_count":
        yield from _value_faults("integer", (rule.minimum, rule.maximum))
    elif rule.column is not None:
        kind = types[rule.column]
        yield from _value_faults(
            kind, (rule.minimum, rule.maximum, rule.value, *(rule.values or ()))
        )
        if (rule.codelist or rule.parameter) and kind not in _TEXT:
            yield f"a code list or parameter is text; {rule.column} is {kind}"


def _is_date(value: object) -> bool:
    """An ISO date in centuries that leave room for values beyond it on either side."""
    try:
        return isinstance(value, str) and 1700 <= date.fromisoformat(value).year < 2200
    except ValueError:
        return False


_VALUE_TESTS: Final[Mapping[str, Callable[[object], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "moment": lambda value: isinstance(value, str),
    # Great Expectations holds bounds as floats, which are exact this far.
    "integer": lambda value: type(value) is int and abs(value) < 2**53,
    "number": lambda value: type(value) in (int, float) and math.isfinite(cast(float, value)),
    "boolean": lambda value: isinstance(value, bool),
    "date": _is_date,
    "month": lambda value: _is_date(f"{value}-01"),
}


def _value_faults(kind: str, values: Sequence[object]) -> Iterator[str]:
    for value in values:
        if value is not None and not _VALUE_TESTS[kind](value):
            yield f"{value!r} is not of type {kind} (text needs quotes, dates are YYYY-MM-DD)"


def load_contract(path: Path) -> Contract:
    """Read one contract from its YAML file.

    Raises:
        InputError: The file is not a right contract; names the file and the line.
    """
    contract = read_model(path, Contract)
    if contract.table != path.stem:
        raise InputError(
            f"holds the contract of {contract.table!r}",
            file=path.name,
            mend="name the file after its table",
        )
    return contract


def load_contracts(folder: Path) -> dict[str, Contract]:
    """Read every ``*.yaml`` contract of a folder, by table name, sorted.

    Raises:
        InputError: A file is not a right contract; names the file and the line.
    """
    return {path.stem: load_contract(path) for path in sorted(folder.glob("*.yaml"))}
