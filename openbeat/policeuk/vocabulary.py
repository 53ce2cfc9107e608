"""Labels to terms: crime types, outcomes and the stop vocabularies, old and new, by label.

Mapping is by the whole label, never by a code letter: the legacy "Chinese or other ethnic
group - Chinese (O1)" is not today's O1 (Arab). The lists themselves are in ``config/codelists``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from openbeat import codelists

UNRECOGNISED = "Unrecognised"
NOT_RECORDED = "Not recorded"
ASB = "Anti-social behaviour"


@cache
def _mapping(name: str, column: str) -> dict[str, str]:
    frame = codelists.load(name)
    return dict(zip(frame.to_series(0).to_list(), frame[column].to_list(), strict=True))


@cache
def _known(name: str) -> dict[str, str]:
    return {code: code for code in codelists.codes(name) if code != UNRECOGNISED}


@cache
def _outcome_labels() -> dict[str, str]:
    known = dict(_known("outcome_types"))
    spellings = codelists.load("outcome_types").drop_nulls("other_spelling")
    return known | dict(
        zip(spellings["other_spelling"].to_list(), spellings["outcome_type"].to_list(), strict=True)
    )


def _recognise(column: str, labels: Mapping[str, str]) -> pl.Expr:
    label = pl.col(column)
    known = label.replace_strict(labels, default=UNRECOGNISED, return_dtype=pl.String)
    return pl.when(label.is_not_null()).then(known)


def crime_type(column: str) -> pl.Expr:
    """The crime type of a label; ``Unrecognised`` where no list knows it, null where blank."""
    return _recognise(column, _known("crime_types"))


def crime_types_of(month: str) -> tuple[str, ...]:
    """The crime types police.uk published in a month (6, 11 or 14; ``Unrecognised`` is none)."""
    frame = codelists.load("crime_types").filter(
        pl.col("first_month").is_not_null()
        & (pl.col("first_month") <= month)
        & (pl.col("last_month").is_null() | (pl.col("last_month") >= month))
    )
    return tuple(frame["crime_type"].to_list())


def crime_type_code(column: str) -> pl.Expr:
    """The API slug of a crime type."""
    return pl.col(column).replace_strict(_mapping("crime_types", "code"), return_dtype=pl.String)


def outcome_type(column: str) -> pl.Expr:
    """The outcome type of a label, both spellings of the penalty notice being one."""
    return _recognise(column, _outcome_labels())


def outcome_group(column: str) -> pl.Expr:
    """The group of an outcome type."""
    mapping = _mapping("outcome_types", "outcome_group")
    return pl.col(column).replace_strict(mapping, default=None, return_dtype=pl.String)


def outcome_code(column: str) -> pl.Expr:
    """The API code of an outcome type."""
    mapping = _mapping("outcome_types", "code")
    return pl.col(column).replace_strict(mapping, default=None, return_dtype=pl.String)


def is_court_result(column: str) -> pl.Expr:
    """Whether an outcome type is a result of a court; police.uk has none since June 2019."""
    mapping = _mapping("outcome_types", "is_court_result")
    return pl.col(column).replace_strict(mapping, default="false", return_dtype=pl.String) == "true"


def stop_outcome(column: str) -> pl.Expr:
    """Today's term for a stop outcome; blank is ``Not recorded``, never no further action."""
    labels = {k: v for k, v in _mapping("stop_outcomes", "outcome").items() if k != UNRECOGNISED}
    return _recognise(column, labels).fill_null(NOT_RECORDED)


def stop_outcome_group(column: str) -> pl.Expr:
    """The group of a stop outcome, given in today's terms."""
    frame = codelists.load("stop_outcomes")
    mapping = dict(zip(frame["outcome"].to_list(), frame["outcome_group"].to_list(), strict=True))
    return pl.col(column).replace_strict(mapping, default=None, return_dtype=pl.String)


def stop_object(column: str) -> pl.Expr:
    """The object of a search; blank is ``Not recorded``."""
    return _recognise(column, _known("stop_objects")).fill_null(NOT_RECORDED)


def stop_legislation(column: str) -> pl.Expr:
    """The power of a search; blank is ``Not recorded``. A space before ")" is dropped."""
    tidy = pl.col(column).str.replace_all(" )", ")", literal=True)
    known = _known("stop_legislation")
    return (
        pl.when(tidy.is_not_null())
        .then(tidy.replace_strict(known, default=UNRECOGNISED, return_dtype=pl.String))
        .otherwise(pl.lit(NOT_RECORDED))
    )


def ethnicity_code(column: str) -> pl.Expr:
    """The 18+1 code of a self-defined ethnicity label, old or new; ``Unrecognised`` else."""
    return _recognise(column, _mapping("ethnicities", "ethnicity_code"))
