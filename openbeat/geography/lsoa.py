"""LSOA codes: which census's list a code is in, and the 2021 code of a 2011 one.

Lower-layer Super Output Areas were redrawn after the 2021 Census. police.uk changed over with
data month 2023-06 but keeps each month as it was first published, so codes of both lists meet
in one window. Only codes belong here; populations by LSOA are in ``population``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from openbeat.errors import InputError

# The highest numbers of the 2011 list (34,753 codes); every code the 2021 list added is higher.
# Source: ONS exact-fit look-up LSOA (2011) to LSOA (2021), December 2022.
HIGHEST_2011 = {"E01": 1_033_768, "W01": 1_001_958}
_CODE = r"^[EW]01\d{6}$"

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True)
class LsoaLookup:
    """The ONS look-up from 2011 to 2021 codes.

    Attributes:
        codes: One row a code of either list: ``code``, ``lsoa_vintage`` (``2011``: only in the
            2011 list, ``2021``, ``both``), ``lsoa21_code`` (itself where it is in the 2021
            list, though its area may have changed; else the one 2021 code the look-up gives;
            null where it gives several).
    """

    codes: pl.DataFrame


def read_lookup(path: Path) -> LsoaLookup:
    """Read the ONS look-up: CSV or gzipped CSV with LSOA11CD, LSOA21CD and CHGIND.

    Every kind of change is kept: U unchanged, S split, M merged, X irregular.

    Args:
        path: The file; a byte-order mark and other columns do no harm.

    Raises:
        InputError: It can't be read, lacks a column, or a code is not a well-formed one.
    """
    try:
        table = pl.read_csv(path, infer_schema=False, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("can't be read as CSV", file=path.name) from error
    wanted = ["LSOA11CD", "LSOA21CD", "CHGIND"]
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        raise InputError(
            f"lacks the column {', '.join(missing)}; it has {', '.join(table.columns)}",
            file=path.name,
            mend="Give the ONS exact-fit look-up LSOA (2011) to LSOA (2021).",
        )
    for column in wanted[:2]:
        bad = table.with_row_index("row", 2).filter(
            ~pl.col(column).str.contains(_CODE).fill_null(False)
        )
        if not bad.is_empty():
            raise InputError(
                "is not an LSOA code",
                file=path.name,
                row=bad["row"][0],
                column=column,
                value=bad[column][0],
            )
    return make_lookup(table["LSOA11CD"], table["LSOA21CD"])


def make_lookup(codes_2011: pl.Series, codes_2021: pl.Series) -> LsoaLookup:
    """A look-up from pairs of codes: two columns of one length, 2011 beside 2021."""
    pairs = pl.DataFrame({"code": codes_2011, "lsoa21_code": codes_2021})
    kept = pairs.select(code="lsoa21_code").unique()
    old_only = pairs.join(kept, on="code", how="anti").group_by("code")
    one = old_only.agg(pl.col("lsoa21_code").unique()).select(
        "code",
        lsoa_vintage=pl.lit("2011"),
        lsoa21_code=pl.when(pl.col("lsoa21_code").list.len() == 1).then(
            pl.col("lsoa21_code").list.first()
        ),
    )
    in_2011 = pl.col("code").is_in(codes_2011.implode())
    new = kept.select(
        "code",
        lsoa_vintage=pl.when(in_2011).then(pl.lit("both")).otherwise(pl.lit("2021")),
        lsoa21_code=pl.col("code"),
    )
    return LsoaLookup(pl.concat([one, new]).sort("code"))


def add_lsoa(frame: Frame, lookup: LsoaLookup | None, column: str = "lsoa_code") -> Frame:
    """Add to each row its LSOA code's vintage and 2021 code.

    Args:
        frame: Any frame, eager or lazy, with a text column of codes.
        lookup: The ONS look-up. Without one a code above the highest 2011 number is ``2021``
            and any other well-formed one ``both``; ``lsoa21_code`` is then given only for
            ``2021`` codes, since nothing tells whether a ``both`` code lived on.
        column: The column of codes.

    Returns:
        The same rows in the same order with ``lsoa_vintage`` (``2011``, ``2021``, ``both``, or
        ``none``: blank, or in neither list) and ``lsoa21_code`` (null where no single answer).
    """
    if lookup is None:
        return frame.with_columns(
            lsoa_vintage=_vintage_by_number(column),
            lsoa21_code=pl.when(_vintage_by_number(column) == "2021").then(pl.col(column)),
        )
    codes = lookup.codes.rename({"code": column})
    joined = (
        frame.join(codes, on=column, how="left", maintain_order="left")
        if isinstance(frame, pl.DataFrame)
        else frame.join(codes.lazy(), on=column, how="left", maintain_order="left")
    )
    return joined.with_columns(pl.col("lsoa_vintage").fill_null("none"))


def file_vintage(frame: pl.DataFrame) -> pl.DataFrame:
    """The vintage of each force's file as a whole, from its rows.

    Args:
        frame: ``force_id, lsoa_vintage`` of one month's rows.

    Returns:
        ``force_id, lsoa_vintage``, sorted by force_id: ``2011`` (some code only 2011 has, none
        only 2021 has), ``2021``, ``mixed`` (both), ``both`` (all codes are in both lists),
        ``none`` (no code).
    """
    return frame.group_by("force_id").agg(lsoa_vintage=whole_file()).sort("force_id")


def whole_file() -> pl.Expr:
    """The vintage of all rows together, from their ``lsoa_vintage``: see ``file_vintage``."""
    old, new, either = ((pl.col("lsoa_vintage") == v).any() for v in ("2011", "2021", "both"))
    return (
        pl.when(old & new)
        .then(pl.lit("mixed"))
        .when(old)
        .then(pl.lit("2011"))
        .when(new)
        .then(pl.lit("2021"))
        .when(either)
        .then(pl.lit("both"))
        .otherwise(pl.lit("none"))
    )


def _vintage_by_number(column: str) -> pl.Expr:
    code = pl.col(column)
    number = code.str.slice(2).cast(pl.Int64, strict=False)
    highest = (
        pl.when(code.str.starts_with("E")).then(HIGHEST_2011["E01"]).otherwise(HIGHEST_2011["W01"])
    )
    return (
        pl.when(~code.str.contains(_CODE).fill_null(False))
        .then(pl.lit("none"))
        .when(number > highest)
        .then(pl.lit("2021"))
        .otherwise(pl.lit("both"))
    )
