"""What a release of engagement covers, and why a record may be left out of it.

The pieces that several published tables share: the window and the day, the names of places, the
first reason that keeps a record back, whether its texts may be shown, and how the communities that
are sensitive are told apart. What each table publishes belongs in the table's own module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.personal_data import found
from openbeat.engagement.settings import EngagementSettings
from openbeat.engagement.tables import TABLES
from openbeat.policeuk.coverage import months_before

PLACE: Final = ("force_id", "neighbourhood_id")
YEAR_MONTHS: Final = 12
QUARTER_MONTHS: Final = 3
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")


@dataclass(frozen=True)
class Scope:
    """What a release covers.

    Attributes:
        months: Its months (``YYYY-MM``), oldest first; the last is the newest month of crime.
        as_of: The day up to which engagement is covered.
        neighbourhoods: The published table ``neighbourhoods``.
        forces: As ``load_forces`` gives them.
        settings: What can be set about engagement.
    """

    months: Sequence[str]
    as_of: date
    neighbourhoods: pl.DataFrame
    forces: pl.DataFrame
    settings: EngagementSettings

    @property
    def first_day(self) -> date:
        """The first day of the window."""
        return date.fromisoformat(f"{self.months[0]}-01")

    @property
    def first_counted_month(self) -> str:
        """The first month of the first quarter that lies in the window from its beginning."""
        year, month = map(int, self.months[0].split("-"))
        begun = -(-(year * YEAR_MONTHS + month - 1) // QUARTER_MONTHS) * QUARTER_MONTHS
        return f"{begun // YEAR_MONTHS:04d}-{begun % YEAR_MONTHS + 1:02d}"

    @property
    def as_of_month(self) -> str:
        """The month of ``as_of``."""
        return f"{self.as_of:%Y-%m}"

    @property
    def year_months(self) -> list[str]:
        """The 12 calendar months that end with the month of ``as_of``."""
        return months_before(self.as_of_month, YEAR_MONTHS - 1, including=True)

    @property
    def year_start(self) -> date:
        """The first day of those 12 months."""
        return date.fromisoformat(f"{self.year_months[0]}-01")

    def named(self, frame: pl.DataFrame, month: str | pl.Expr) -> pl.DataFrame:
        """Add ``force_name`` and ``neighbourhood_name`` to rows that name a place.

        Args:
            frame: ``force_id``, ``neighbourhood_id`` and more.
            month: The month (``YYYY-MM``) whose name counts; outside the window, and where the
                neighbourhood did not serve then, it is the newest name.

        Returns:
            The rows in their order. ``neighbourhood_name`` is null where the release knows none.
        """
        first, last = self.months[0], self.months[-1]
        known = self.neighbourhoods.select(*PLACE, "name", "valid_from", "valid_to")
        by_month = (
            known.join(pl.DataFrame({"_month": self.months}), how="cross")
            .filter(
                (pl.col("valid_from") <= pl.col("_month"))
                & (pl.col("_month") <= pl.col("valid_to").fill_null(last))
            )
            .select(*PLACE, "_month", pl.col("name").alias("_name"))
            .unique([*PLACE, "_month"], keep="first", maintain_order=True)
        )
        newest = (
            known.sort("valid_from")
            .group_by(PLACE)
            .agg(pl.col("name").last().alias("neighbourhood_name"))
        )
        forces = self.forces.select("force_id", pl.col("name").alias("force_name"))
        when = pl.col(month) if isinstance(month, str) else month
        return (
            frame.drop("force_name", "neighbourhood_name", strict=False)
            .with_columns(
                pl.when(when < first)
                .then(pl.lit(first))
                .when(when > last)
                .then(pl.lit(last))
                .otherwise(when)
                .alias("_month")
            )
            .join(by_month, on=[*PLACE, "_month"], how="left", maintain_order="left")
            .join(newest, on=PLACE, how="left", maintain_order="left")
            .join(forces, on="force_id", how="left", maintain_order="left")
            .with_columns(
                pl.coalesce("_name", "neighbourhood_name").alias("neighbourhood_name"),
                pl.col("force_name").fill_null(pl.col("force_id")),
            )
            .drop("_month", "_name")
        )


def first_reason(*tests: tuple[str, pl.Expr]) -> pl.Expr:
    """The reason of the first test that holds, null where none does; null does not hold."""
    return pl.coalesce(
        *(pl.when(test).then(pl.lit(reason)) for reason, test in tests),
        pl.lit(None, dtype=pl.String),
    )


def handled_inside() -> pl.Expr:
    """Whether the record is not marked publishable (rule G12)."""
    return pl.col("handling").ne_missing("publishable")


def unknown_place() -> pl.Expr:
    """Whether it names a neighbourhood that the release has no name for."""
    return pl.col("neighbourhood_id").is_not_null() & pl.col("neighbourhood_name").is_null()


def with_text_reason(frame: pl.DataFrame, table: str, allowed: Sequence[str]) -> pl.DataFrame:
    """Say of each record why its texts may not be shown.

    Args:
        frame: Conformed records of the table.
        table: Its name, as in ``TABLES``.
        allowed: Texts that look like personal data and are not (``engagement.allowed_texts``).

    Returns:
        The records with ``text_reason``: ``not_reviewed``, ``text_changed``, ``personal_data``,
        or null where there is no text or it may be shown.
    """
    texts = TABLES[table].texts
    review = pl.col("review")
    seen = pl.col("personal_data_public").is_not_null()
    if allowed:
        seen &= found(texts, allowed).is_not_null()
    return frame.with_columns(
        pl.when(pl.any_horizontal(pl.col(texts).is_not_null()))
        .then(
            first_reason(
                ("text_changed", review == "text_changed"),
                ("not_reviewed", review.is_in(["reviewed", "not_needed"]).not_()),
                ("not_reviewed", review.is_null()),
                ("personal_data", seen),
            )
        )
        .otherwise(None)
        .alias("text_reason")
    )


@cache
def sensitive_groups() -> tuple[str, ...]:
    """The groups that appear at force level only."""
    groups = codelists.load("target_groups")
    return tuple(groups.filter(pl.col("sensitive") == "yes")["code"].to_list())


def names_sensitive(column: str) -> pl.Expr:
    """Whether a list of groups, joined by ``;``, has a sensitive one; never null."""
    pattern = rf"(?:^|;)(?:{'|'.join(sensitive_groups())})(?:;|$)"
    return pl.col(column).str.contains(pattern).fill_null(value=False)


def without_sensitive(column: str) -> pl.Expr:
    """A list of groups, joined by ``;``, without the sensitive ones; null where none is left."""
    kept = pl.element().filter(pl.element().is_in(sensitive_groups()).not_())
    joined = pl.col(column).str.split(";").list.eval(kept).list.join(";")
    return pl.when(joined != "").then(joined).alias(column)


def veiled(frame: pl.DataFrame, id_column: str, salt: str) -> pl.DataFrame:
    """Give the rows of sensitive communities ids that say nothing of the record.

    An id is ``force-`` and 12 letters, from the SHA-256 of what the row itself publishes and its
    number among equal rows. It is not made from the record's own id: those are often numbered in
    the order of their dates, so whoever tried them all would find the date. It has no digits,
    which could look like a telephone number.

    Args:
        frame: Published rows: ``sensitive`` (yes or no) and more; other columns of a sensitive
            row hold nothing but codes.
        id_column: The column of ids.
        salt: The table's name, so that equal rows of two tables do not share an id.

    Returns:
        The rows, those of sensitive communities last.
    """
    codes = [c for c in frame.columns if c not in (id_column, "sensitive")]
    said = pl.concat_str(pl.col(codes).cast(pl.String).fill_null(""), separator="\x1f")
    hidden = frame.filter(pl.col("sensitive") == "yes").with_columns(said.alias("_said"))
    number = pl.int_range(pl.len()).over("_said").cast(pl.String)
    keys = hidden.select(pl.concat_str("_said", number, separator="\x1f")).to_series()
    ids = [
        "force-" + hashlib.sha256(f"{salt}\x1f{key}".encode()).hexdigest()[:12].translate(_LETTERS)
        for key in keys
    ]
    renamed = hidden.drop("_said").with_columns(pl.Series(id_column, ids, dtype=pl.String))
    return pl.concat([frame.filter(pl.col("sensitive") != "yes"), renamed])
