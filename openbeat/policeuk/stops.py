"""Stop and search: text rows to typed rows.

A stop belongs to its file's month, whatever its ``Date`` says: dates are UTC and files are cut
by local time, so in summer a file begins with rows of the month before. Rows are never taken
for repeats: two people searched together look alike.
"""

from __future__ import annotations

import polars as pl

from openbeat import codelists
from openbeat.policeuk import vocabulary
from openbeat.policeuk.street import coordinates, only_where, unreadable_coordinates

LINKED = "Outcome linked to object of search"
CLOTHING = "Removal of more than just outer clothing"
OPERATION = "Part of a policing operation"
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def conform_stops(raw: pl.DataFrame, month: str) -> pl.DataFrame:
    """Type the stop rows of one month, one row out for each row in, in order.

    Args:
        raw: ``force_id``, ``line`` and the text columns of stop-and-search files.
        month: The month of the files' folder.

    Returns:
        The columns of the contract ``stops``. ``searched_at`` is UTC, ``YYYY-MM-DDTHH:MM:SSZ``;
        ``local_month`` is its month in London; ``at_midnight`` says that its time is 00:00 UTC or
        London, which forces write where they hold no time.
    """
    moment = pl.col("Date").str.to_datetime("%Y-%m-%dT%H:%M:%S%#z", strict=False, time_zone="UTC")
    typed = raw.select(
        "force_id",
        "line",
        pl.lit(month).alias("month"),
        moment.alias("moment"),
        *coordinates(),
        _search_type().alias("search_type"),
        pl.col("Gender").alias("gender"),
        pl.col("Age range").alias("age_range"),
        vocabulary.ethnicity_code("Self-defined ethnicity").alias("ethnicity_code"),
        pl.col("Officer-defined ethnicity").alias("officer_ethnicity"),
        vocabulary.stop_legislation("Legislation").alias("legislation"),
        vocabulary.stop_object("Object of search").alias("object_of_search"),
        vocabulary.stop_outcome("Outcome").alias("outcome"),
        _truth(LINKED).alias("linked_to_object"),
        _truth(CLOTHING).alias("more_than_outer_clothing"),
        _truth(OPERATION).alias("policing_operation"),
        unreadable_coordinates().alias("unreadable"),
        _not_boolean().alias("unreadable_boolean"),
        *(pl.col(c).alias(f"label:{c}") for c in _LABELS),
    )
    local = pl.col("moment").dt.convert_time_zone("Europe/London")
    midnight = pl.time(0, 0, 0)
    return typed.with_columns(
        pl.col("moment").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("searched_at"),
        local.dt.strftime("%Y-%m").alias("local_month"),
        ((pl.col("moment").dt.time() == midnight) | (local.dt.time() == midnight)).alias(
            "at_midnight"
        ),
        vocabulary.stop_outcome_group("outcome").alias("outcome_group"),
        *(
            only_where(f"label:{label}", pl.col(term) == vocabulary.UNRECOGNISED).alias(problem)
            for label, (term, problem) in _LABELS.items()
        ),
    ).select(pl.exclude("moment", "^label:.*$"))


_LABELS = {
    "Type": ("search_type", "unknown_search_type"),
    "Legislation": ("legislation", "unknown_legislation"),
    "Object of search": ("object_of_search", "unknown_object"),
    "Outcome": ("outcome", "unknown_outcome"),
    "Self-defined ethnicity": ("ethnicity_code", "unknown_ethnicity"),
}


def _search_type() -> pl.Expr:
    """The type of search; ``Unrecognised`` where the list does not know it, null where blank."""
    known = codelists.codes("stop_search_types")
    label = pl.col("Type")
    return (
        pl.when(label.is_in(known))
        .then(label)
        .when(label.is_not_null())
        .then(pl.lit(vocabulary.UNRECOGNISED))
    )


def _truth(column: str) -> pl.Expr:
    return (
        pl.col(column)
        .str.to_lowercase()
        .replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
    )


def _not_boolean() -> pl.Expr:
    """The first of the boolean columns that holds something else (rule T7)."""
    expression: pl.Expr = pl.lit(None, dtype=pl.String)
    for column in (OPERATION, CLOTHING, LINKED):
        text = pl.col(column)
        wrong = text.is_not_null() & ~text.str.to_lowercase().is_in(list(_TRUTH))
        expression = pl.when(wrong).then(pl.lit(column)).otherwise(expression)
    return expression
