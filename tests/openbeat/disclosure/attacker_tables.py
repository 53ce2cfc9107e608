"""Published tables made by hand and from a seed, for the attacker to attack.

Nothing of openbeat is used: truth and pattern are made here, so that the tests share no code with
the attacker or with the suppression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

GROUPS: dict[str, tuple[str, ...]] = {
    "sex": ("female", "male", "not_known"),
    "ethnicity": ("asian", "black", "mixed", "white", "other_ethnic", "not_known"),
    "religion_or_belief": ("no_religion", "christian", "other_religions", "not_known"),
}
WIDE: dict[str, tuple[str, ...]] = GROUPS | {
    "age": ("under_25", "25_44", "45_64", "65_plus", "not_known"),
    "disability": ("disabled", "not_disabled", "not_known"),
    "gender_identity": ("same", "different", "not_known"),
    "sexual_orientation": ("straight", "lgb_other", "not_known"),
    "marriage_civil_partnership": ("married", "not_married", "not_known"),
    "pregnancy_maternity": ("pregnant", "not_pregnant", "not_known"),
    "respondent_role": ("resident", "business", "other_roles", "not_known"),
}
POLICY: dict[str, Any] = {
    "thresholds": {
        "default": 5,
        **dict.fromkeys(
            ("religion_or_belief", "sexual_orientation", "gender_identity", "disability"), 10
        ),
    }
}
REACH = {
    "period": pl.String,
    "period_type": pl.String,
    "place_level": pl.String,
    "force_id": pl.String,
    "neighbourhood_id": pl.String,
    "characteristic": pl.String,
    "category": pl.String,
    "category_level": pl.String,
    "forms": pl.Int64,
    "forms_status": pl.String,
    "attendances": pl.Int64,
    "attendances_status": pl.String,
    "share": pl.Float64,
    "share_status": pl.String,
}
CELL_KEY = (
    *("set", "measure", "period", "place_level", "force_id", "neighbourhood_id"),
    *("dimension", "item"),
)
Keep = Callable[[pl.DataFrame], pl.Series]
"""Says of each row of ``reach`` whether its forms are kept back."""


def counts(
    seed: int,
    places: int = 12,
    groups: Mapping[str, Sequence[str]] = GROUPS,
    mean: float = 25,
    unplaced: bool = True,
) -> dict[str, np.ndarray]:
    """Forms of each place by the groups of each characteristic: one row a place.

    The last row is what no neighbourhood has, if ``unplaced``.
    """
    random = np.random.default_rng(seed)
    people = random.negative_binomial(1.2, 1.2 / (1.2 + mean), places + unplaced) + 1
    found = {}
    for name, items in groups.items():
        odds = random.dirichlet(np.geomspace(1, 12, len(items)) * 0.6)
        found[name] = np.stack([random.multinomial(n, odds) for n in people])
    return found


def reach(
    true: Mapping[str, np.ndarray],
    period: str = "2025-Q1",
    groups: Mapping[str, Sequence[str]] = GROUPS,
    force: str = "north",
    unplaced: bool = True,
) -> pl.DataFrame:
    """The table with nothing kept back."""
    local = {name: (rows[:-1] if unplaced else rows) for name, rows in true.items()}
    totals = next(iter(local.values())).sum(axis=1)
    whole = next(iter(true.values())).sum()
    rows: list[dict[str, Any]] = []

    def add(place: str | None, characteristic: str, category: str, forms: int) -> None:
        rows.append(
            {
                "period": period,
                "period_type": "quarter",
                "place_level": "force" if place is None else "neighbourhood",
                "force_id": force,
                "neighbourhood_id": place,
                "characteristic": characteristic,
                "category": category,
                "category_level": "total" if characteristic == "all" else "group",
                "forms": int(forms),
                "attendances_status": "x" if characteristic == "all" else "z",
            }
        )

    for place, total in enumerate(totals):
        add(f"N{place:03}", "all", "all", total)
    add(None, "all", "all", whole)
    for name, items in groups.items():
        for column, item in enumerate(items):
            for place, value in enumerate(local[name][:, column]):
                add(f"N{place:03}", name, item, value)
            add(None, name, item, true[name][:, column].sum())
    return pl.DataFrame(rows, schema=REACH)


def year_of(quarters: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The year's rows of the force, from its quarters with nothing kept back."""
    force = pl.concat(quarters).filter(pl.col("place_level") == "force")
    key = ["place_level", "force_id", "neighbourhood_id", "characteristic", "category"]
    return (
        force.group_by(*key, "category_level", maintain_order=True)
        .agg(
            pl.col("period").first().str.head(4),
            pl.lit("year").alias("period_type"),
            pl.col("forms").sum(),
            pl.col("attendances_status").first(),
        )
        .with_columns(
            *(
                pl.lit(None, REACH[n]).alias(n)
                for n in ("forms_status", "attendances", "share", "share_status")
            )
        )
        .select(REACH.keys())
    )


def threshold() -> pl.Expr:
    """Of a row of ``reach``."""
    thresholds = {k: v for k, v in POLICY["thresholds"].items() if k != "default"}
    return pl.col("characteristic").replace_strict(thresholds, default=5, return_dtype=pl.Int64)


def is_small() -> pl.Expr:
    """Primary suppression, and nothing else."""
    return (pl.col("forms") > 0) & (pl.col("forms") < threshold())


def keep_back(table: pl.DataFrame, which: pl.Expr | Sequence[bool]) -> pl.DataFrame:
    """The table as published: some forms kept back, status c."""
    kept = which if isinstance(which, pl.Expr) else pl.Series(which)
    return table.with_columns(
        forms=pl.when(~kept).then("forms"), forms_status=pl.when(kept).then(pl.lit("c"))
    )


def cells_of(table: pl.DataFrame) -> pl.DataFrame:
    """``CELL_KEY`` with value, of the forms of a table of reach."""
    return table.select(
        pl.lit("engagement").alias("set"),
        pl.lit("forms").alias("measure"),
        *("period", "place_level", "force_id", "neighbourhood_id"),
        pl.col("characteristic").alias("dimension"),
        pl.col("category").alias("item"),
        pl.col("forms").alias("value"),
    )


def primary(table: pl.DataFrame) -> pl.DataFrame:
    """What must stay hidden: small numbers of the true table."""
    return (
        cells_of(table)
        .with_columns(table.select(is_small().alias("small"), threshold().alias("threshold")))
        .filter("small")
        .drop("small")
        .with_columns(single=pl.col("value") == 1)
    )


def ledger_of(table: pl.DataFrame, edition: int = 1, release: str = "2025-06-1") -> pl.DataFrame:
    """What the ledger has after the table was published."""
    return cells_of(table).with_columns(
        status=table["forms_status"].fill_null(""),
        edition=pl.lit(edition, pl.Int64),
        release_id=pl.lit(release),
        method=pl.lit("suppression"),
    )
