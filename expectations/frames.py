"""What Great Expectations is handed: for one rule, the few columns it needs, as pandas.

Values are turned so that pandas sees what Polars sees: a null stays a null, NaN does not become
one, and integers stay exact. Which rule asks for what belongs in ``suites.py``.
"""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from openbeat.contract import Contract, Rule
from openbeat.rules import MONTH_PATTERN

if TYPE_CHECKING:
    import pandas as pd

# These look at the text itself; the others are several times faster on dictionary-encoded text.
_KINDS_ON_TEXT: Final = frozenset({"matches", "same_as"})
_EXACT_IN_A_FLOAT: Final = 2**53


class RuleFrames:
    """Makes the frames for the rules of one table; a column is converted once a form it takes.

    Args:
        frame: The table.
        contract: Its contract, whose types the columns are cast to.
    """

    def __init__(self, frame: pl.DataFrame, contract: Contract) -> None:
        self._frame = frame
        self._contract = contract
        self._schema = contract.polars_schema()
        self._as_text = {
            name
            for rule in contract.row_rules()
            if rule.kind in _KINDS_ON_TEXT
            for name in rule.subjects
        }
        self._made: dict[tuple[str, str], pd.Series] = {}

    def for_rule(self, rule: Rule) -> pd.DataFrame:
        """The columns that the rule involves; none, but as many rows, where it involves none."""
        import pandas as pd

        return pd.DataFrame(
            {name: self._column(name, rule) for name in rule.involved},
            index=pd.RangeIndex(self._frame.height),
        )

    def _column(self, name: str, rule: Rule) -> pd.Series:
        kind = self._contract.column(name).type
        # What is no number or no month must break `between`: it is put beyond the refused side.
        beyond = "low" if rule.minimum is not None else "high"
        form = "text" if name in self._as_text else "dictionary"
        if kind == "number" or (rule.kind == "between" and name in rule.subjects):
            form = beyond
        if (name, form) not in self._made:
            series = self._frame[name].cast(self._schema[name])
            if form == beyond and kind == "month":
                series = _first_days(series, beyond)
            self._made[name, form] = _convert(series, form)
        return self._made[name, form]


def _convert(series: pl.Series, form: str) -> pd.Series:
    """One column in one form: text, dictionary, or ordered with what is no value low or high."""
    if series.dtype == pl.Float64:
        return _from_numpy(series.fill_nan(-math.inf if form == "low" else math.inf))
    if series.dtype == pl.Int64:
        return _integers(series)
    if series.dtype == pl.Boolean:
        return _objects(series) if series.null_count() else _from_numpy(series)
    if form in ("low", "high"):
        # Objects, since Great Expectations compares its bounds with nothing else.
        return _objects(series.clip(date.min, date.max))
    text = series.cast(pl.String).to_arrow()
    converted: pd.Series = (text.dictionary_encode() if form == "dictionary" else text).to_pandas()
    return converted


def _first_days(months: pl.Series, beyond: str) -> pl.Series:
    """Months as the first of their days: Great Expectations compares days, but no text."""
    text = pl.col(months.name)
    no_month = date.min if beyond == "low" else date.max
    first = pl.when(text.str.contains(MONTH_PATTERN)).then(text + "-01").str.to_date("%Y-%m-%d")
    return (
        months.to_frame()
        .select(pl.when(text.is_not_null()).then(first.fill_null(no_month)))
        .to_series()
    )


def _integers(series: pl.Series) -> pd.Series:
    """Integers; with nulls as floats, and as objects where a float could not hold them exactly."""
    if not series.null_count():
        return _from_numpy(series)
    if not series.is_between(-_EXACT_IN_A_FLOAT, _EXACT_IN_A_FLOAT).all():
        return _objects(series)
    return _from_numpy(series.cast(pl.Float64))


def _from_numpy(series: pl.Series) -> pd.Series:
    import pandas as pd

    return pd.Series(series.to_numpy())


def _objects(series: pl.Series) -> pd.Series:
    import pandas as pd

    return pd.Series(series.to_list(), dtype=object)
