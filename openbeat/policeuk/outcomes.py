"""Outcomes of crimes: text rows to typed rows, one row an outcome recorded in the month.

A crime may have several outcomes in a month and be older than any month held; rows are never
taken for repeats.
"""

from __future__ import annotations

import polars as pl

from openbeat.geography.lsoa import LsoaLookup, add_lsoa
from openbeat.policeuk import vocabulary
from openbeat.policeuk.street import (
    coordinates,
    crime_key,
    only_where,
    unreadable_coordinates,
    wrong_force_name,
)

LAST_COURT_MONTH = "2019-06"  # police.uk has published no court results for later months
WITHOUT_OUTCOMES = ("btp", "northern-ireland")


def conform_outcomes(
    raw: pl.DataFrame, month: str, forces: pl.DataFrame, lookup: LsoaLookup | None
) -> pl.DataFrame:
    """Type the outcome rows of one month, one row out for each row in, in order.

    Args:
        raw: ``force_id``, ``line`` and the text columns of outcomes files.
        month: The month of the files' folder: the month of the outcome, not of the crime.
        forces: As ``load_forces`` gives them.
        lookup: LSOA 2011 to 2021, where there is one.

    Returns:
        The columns of the contract ``outcomes``.
    """
    late = pl.lit(month > LAST_COURT_MONTH)
    typed = raw.select(
        "force_id",
        "line",
        pl.col("Month").alias("month"),
        pl.col("Crime ID").alias("crime_id"),
        crime_key(month, forces).alias("crime_key"),
        *coordinates(),
        pl.col("Location").alias("location"),
        pl.col("LSOA code").alias("lsoa_code"),
        pl.col("LSOA name").alias("lsoa_name"),
        vocabulary.outcome_type("Outcome type").alias("outcome_type"),
        unreadable_coordinates().alias("unreadable"),
        wrong_force_name(forces).alias("wrong_force_name"),
        pl.col("Outcome type").alias("label"),
    ).with_columns(
        vocabulary.outcome_group("outcome_type").alias("outcome_group"),
        only_where("label", pl.col("outcome_type") == vocabulary.UNRECOGNISED).alias(
            "unknown_outcome"
        ),
        only_where("label", late & vocabulary.is_court_result("outcome_type")).alias(
            "late_court_result"
        ),
        only_where("force_id", pl.col("force_id").is_in(WITHOUT_OUTCOMES)).alias("unusual_force"),
    )
    return add_lsoa(typed.drop("label"), lookup)
