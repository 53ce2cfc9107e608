"""What a rule is: the closed vocabulary of rule kinds, and the Polars expression of each row kind.

A rule says one thing about one table in a sentence a person reads. The Great Expectations side of
the same vocabulary is in ``expectations/suites.py``; a property test holds the two to agree. Whole
contracts, and splitting a frame by them, belong in ``openbeat/contract.py``.

How nulls are judged, on both sides:

- A null passes every row kind but ``not_null``. ``same_as``: two nulls pass, one null breaks.
- A ``when`` with ``in`` or ``not_in`` does not hold where its column is null.
- NaN is not null: it breaks ``between``, and so does a text that is no month.
- ``unique`` over several columns takes a null for a value like any other; over one column nulls
  are not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, NamedTuple, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from openbeat import codelists
from openbeat.patterns import pattern_fault, portable

RowKind = Literal["not_null", "is_null", "in_set", "matches", "between", "equals", "same_as"]
TableKind = Literal["unique", "row_count"]
Severity = Literal["critical", "warning", "info"]
Scalar = bool | int | float | str


class _Arguments(NamedTuple):
    """What a kind takes: all of ``needs``; of ``choice`` one, or with ``several`` at least one."""

    needs: tuple[str, ...] = ()
    choice: tuple[str, ...] = ()
    several: bool = False


ARGUMENTS: Final[Mapping[str, _Arguments]] = {
    "not_null": _Arguments(("column",)),
    "is_null": _Arguments(("column",)),
    "in_set": _Arguments(("column",), ("values", "codelist")),
    "matches": _Arguments(("column", "pattern")),
    "between": _Arguments(("column",), ("minimum", "maximum"), several=True),
    "equals": _Arguments(("column",), ("value", "parameter")),
    "same_as": _Arguments(("column", "other")),
    "unique": _Arguments(("columns",)),
    "row_count": _Arguments((), ("minimum", "maximum"), several=True),
}
MONTH_PATTERN: Final = r"\A[12][0-9]{3}-(?:0[1-9]|1[0-2])\z"
TABLE_KINDS: Final = frozenset({"unique", "row_count"})
_ARGUMENT_NAMES: Final = tuple(
    dict.fromkeys(name for taken in ARGUMENTS.values() for name in taken.needs + taken.choice)
)


class Condition(BaseModel):
    """Limits a rule to the rows where it holds; exactly one of the three tests is given."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    column: str
    is_null: bool | None = None
    in_: list[str] | None = Field(default=None, alias="in", min_length=1)
    not_in: list[str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(test is not None for test in (self.is_null, self.in_, self.not_in)) != 1:
            raise ValueError("a condition takes exactly one of is_null, in, not_in")
        return self

    def expression(self) -> pl.Expr:
        """The condition in Polars: boolean, never null; ``in`` and ``not_in`` fail on null."""
        column = pl.col(self.column)
        if self.is_null is not None:
            return column.is_null() if self.is_null else column.is_not_null()
        if self.in_ is not None:
            return column.is_in(self.in_).fill_null(False)
        return column.is_in(self.not_in or []).not_().fill_null(False)


class Rule(BaseModel):
    """One rule of a table: its kind, its severity, and the sentence a person reads.

    ``when`` is for row kinds. ``minimum`` and ``maximum`` are inclusive; for dates and months they
    are text. A ``parameter`` names a value known only when the rule is applied, such as the month.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal[RowKind, TableKind]
    severity: Severity
    sentence: str = Field(min_length=1)
    mend: str | None = None
    when: Condition | None = None
    column: str | None = None
    columns: list[str] | None = Field(default=None, min_length=1)
    other: str | None = None
    value: Scalar | None = None
    parameter: str | None = None
    values: list[Scalar] | None = Field(default=None, min_length=1)
    codelist: str | None = None
    pattern: str | None = None
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None

    @property
    def is_row_rule(self) -> bool:
        """Whether each row keeps or breaks the rule by itself."""
        return self.kind not in TABLE_KINDS

    @property
    def subjects(self) -> tuple[str, ...]:
        """The columns the rule speaks about, without that of its condition."""
        if self.columns is not None:
            return tuple(self.columns)
        return tuple(name for name in (self.column, self.other) if name is not None)

    @property
    def involved(self) -> tuple[str, ...]:
        """Every column needed to judge the rule, without repeats."""
        when = () if self.when is None else (self.when.column,)
        return tuple(dict.fromkeys(self.subjects + when))

    def checked(self) -> pl.Expr:
        """How many rows the rule speaks about: those where its condition holds."""
        return pl.len() if self.when is None else self.when.expression().sum()

    @model_validator(mode="after")
    def _arguments_fit(self) -> Self:
        given = {name for name in _ARGUMENT_NAMES if getattr(self, name) is not None}
        taken = ARGUMENTS[self.kind]
        chosen = len(given.intersection(taken.choice))
        fits = (
            given <= {*taken.needs, *taken.choice}
            and given.issuperset(taken.needs)
            and (not taken.choice or chosen == 1 or (taken.several and chosen > 1))
        )
        if not fits:
            raise ValueError(
                f"rule {self.id!r}: {_what_it_takes(self.kind)}; given: "
                f"{', '.join(sorted(given)) or 'nothing'}"
            )
        self._values_fit()
        return self

    def _values_fit(self) -> None:
        """Refuse what no column type could make right; columns are checked by the contract."""
        if self.when is not None and not self.is_row_rule:
            raise ValueError(f"rule {self.id!r}: the kind {self.kind} takes no condition (when)")
        if self.codelist is not None and self.codelist not in codelists.names():
            raise ValueError(f"rule {self.id!r}: there is no code list {self.codelist!r}")
        if self.pattern is not None and (fault := pattern_fault(self.pattern)):
            raise ValueError(f"rule {self.id!r}: pattern {self.pattern!r} {fault}")
        low, high = self.minimum, self.maximum
        both = low is not None and high is not None
        if both and (isinstance(low, str) != isinstance(high, str) or low > high):  # type: ignore[operator]
            raise ValueError(f"rule {self.id!r}: minimum {low!r} is above maximum {high!r}")

    def allowed(self, parameters: Mapping[str, str]) -> list[Scalar]:
        """The values an ``in_set`` or ``equals`` rule allows.

        Args:
            parameters: The run-time values by name.

        Raises:
            KeyError: The rule's parameter is not among them.
        """
        if self.codelist is not None:
            return [code for code in codelists.codes(self.codelist) if code is not None]
        if self.parameter is not None:
            if self.parameter not in parameters:
                raise KeyError(f"rule {self.id!r} needs the parameter {self.parameter!r}")
            return [parameters[self.parameter]]
        if self.value is not None:
            return [self.value]
        return list(self.values or [])


def _what_it_takes(kind: str) -> str:
    """The arguments of a kind, in words."""
    taken = ARGUMENTS[kind]
    words = list(taken.needs)
    if taken.choice:
        words.append(f"{'one or both' if taken.several else 'one'} of {' and '.join(taken.choice)}")
    return f"the kind {kind} takes {' and '.join(words)}"


def _bound(value: float | str | None) -> float | str | date | None:
    """A bound as Polars compares it: a full ISO date becomes a date, a month stays text."""
    if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
        return date.fromisoformat(value)
    return value


def _between(rule: Rule, column: pl.Expr) -> pl.Expr:
    low, high = _bound(rule.minimum), _bound(rule.maximum)
    tests = [] if low is None else [column >= low]
    tests += [] if high is None else [column <= high]
    bound = high if low is None else low
    if isinstance(bound, str):
        tests.append(column.str.contains(MONTH_PATTERN))
    elif not isinstance(bound, date):
        # Polars orders NaN above every number.
        tests.append(column.is_nan().not_())
    return pl.all_horizontal(tests)


def row_expression(rule: Rule, parameters: Mapping[str, str]) -> pl.Expr:
    """Compile a row rule to Polars.

    Args:
        rule: A rule of a row kind.
        parameters: The run-time values by name, such as ``month``.

    Returns:
        A boolean expression, never null: True where the row keeps the rule. A row outside the
        rule's condition keeps it.

    Raises:
        ValueError: The rule is of a table kind.
        KeyError: A parameter the rule needs is missing.
    """
    if not rule.is_row_rule or rule.column is None:
        raise ValueError(f"rule {rule.id!r} is of the table kind {rule.kind}")
    column = pl.col(rule.column)
    match rule.kind:
        case "not_null":
            keeps = column.is_not_null()
        case "is_null":
            keeps = column.is_null()
        case "matches":
            keeps = column.str.contains(rf"\A{portable(rule.pattern or '')}\z")
        case "between":
            keeps = _between(rule, column)
        case "same_as":
            keeps = column.eq_missing(pl.col(rule.other or ""))
        case _:
            keeps = column.is_in(rule.allowed(parameters))
    keeps = keeps.fill_null(True)
    return keeps if rule.when is None else rule.when.expression().not_() | keeps
