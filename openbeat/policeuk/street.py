"""Street-level crime and anti-social behaviour: text rows to typed rows.

Which rows are accepted is for the contract ``street``; this module only makes what the rules
look at. Repeats are found in ``intake``, before typing.
"""

from __future__ import annotations

import polars as pl

from openbeat.geography.lsoa import LsoaLookup, add_lsoa
from openbeat.policeuk import vocabulary

# Where a problem is named in words, null says that there is none.
Problem = pl.Expr


def conform_street(
    raw: pl.DataFrame, month: str, forces: pl.DataFrame, lookup: LsoaLookup | None
) -> pl.DataFrame:
    """Type the street rows of one month, one row out for each row in, in order.

    Args:
        raw: ``force_id``, ``line`` and the text columns of street files.
        month: The month of the files' folder.
        forces: As ``load_forces`` gives them.
        lookup: LSOA 2011 to 2021, where there is one.

    Returns:
        The columns of the contract ``street``. Coordinates are WGS84 degrees; (0, 0) is null.
        ``crime_key`` tells crimes apart: the Crime ID, with the month before it for a force
        whose IDs are used again (Northern Ireland).
    """
    allowed = [*vocabulary.crime_types_of(month), vocabulary.UNRECOGNISED]
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
        vocabulary.crime_type("Crime type").alias("crime_type"),
        vocabulary.outcome_type("Last outcome category").alias("last_outcome"),
        pl.col("Context").alias("context"),
        unreadable_coordinates().alias("unreadable"),
        wrong_force_name(forces).alias("wrong_force_name"),
        pl.col("Crime type").alias("crime_type_label"),
        pl.col("Last outcome category").alias("last_outcome_label"),
    )
    typed = typed.with_columns(
        only_where("crime_type_label", pl.col("crime_type") == vocabulary.UNRECOGNISED).alias(
            "unknown_crime_type"
        ),
        only_where("crime_type_label", ~pl.col("crime_type").is_in(allowed)).alias(
            "crime_type_outside_period"
        ),
        only_where("last_outcome_label", pl.col("last_outcome") == vocabulary.UNRECOGNISED).alias(
            "unknown_outcome"
        ),
        vocabulary.outcome_group("last_outcome").alias("last_outcome_group"),
        only_where(
            "crime_type_label", _should_have_id(forces) & pl.col("crime_id").is_null()
        ).alias("crime_without_id"),
    )
    return add_lsoa(typed.drop("crime_type_label", "last_outcome_label"), lookup)


def only_where(column: str, condition: pl.Expr) -> Problem:
    """The column's value where the condition holds, else null."""
    return pl.when(condition).then(pl.col(column))


def crime_key(month: str, forces: pl.DataFrame) -> pl.Expr:
    """What tells one crime from another; Crime IDs of some forces hold for a month only."""
    scoped = forces.filter(pl.col("crime_id_scope") == "month")["force_id"].to_list()
    identity = pl.col("Crime ID")
    return (
        pl.when(pl.col("force_id").is_in(scoped))
        .then(pl.concat_str(pl.lit(f"{month}:"), identity))
        .otherwise(identity)
    )


def _should_have_id(forces: pl.DataFrame) -> pl.Expr:
    """Whether a row is a crime of a force that gives Crime IDs (rule S4)."""
    without = forces.filter(pl.col("crime_id_scope") == "none")["force_id"].to_list()
    return (pl.col("crime_type") != vocabulary.ASB) & ~pl.col("force_id").is_in(without)


def coordinates() -> tuple[pl.Expr, pl.Expr]:
    """Longitude and latitude in degrees; police.uk writes (0, 0) for "too far from a point"."""
    longitude, latitude = (
        pl.col(c).cast(pl.Float64, strict=False) for c in ("Longitude", "Latitude")
    )
    somewhere = ~((longitude == 0) & (latitude == 0)).fill_null(False)
    return (
        pl.when(somewhere).then(longitude).alias("longitude"),
        pl.when(somewhere).then(latitude).alias("latitude"),
    )


def unreadable_coordinates() -> Problem:
    """The columns among the two whose text is not a finite number."""

    def bad(column: str) -> pl.Expr:
        text = pl.col(column)
        number = text.cast(pl.Float64, strict=False)
        return text.is_not_null() & ~number.is_finite().fill_null(False)

    return (
        pl.when(bad("Longitude") & bad("Latitude"))
        .then(pl.lit("Longitude, Latitude"))
        .when(bad("Longitude"))
        .then(pl.lit("Longitude"))
        .when(bad("Latitude"))
        .then(pl.lit("Latitude"))
    )


def wrong_force_name(forces: pl.DataFrame) -> Problem:
    """Reported by or Falls within where it is not the name of the file's force (rule S12)."""
    names = dict(zip(forces["force_id"].to_list(), forces["name"].to_list(), strict=True))
    name = pl.col("force_id").replace_strict(names, default=None, return_dtype=pl.String)
    return (
        pl.when(pl.col("Reported by").ne_missing(name))
        .then(pl.col("Reported by").fill_null("(blank)"))
        .when(pl.col("Falls within").ne_missing(name))
        .then(pl.col("Falls within").fill_null("(blank)"))
    )
