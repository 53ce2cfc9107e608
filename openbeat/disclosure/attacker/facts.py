"""What anybody can read: published tables and the ledger, as facts about cells.

Reading belongs here; the sums between cells, in ``sums``. Nothing of the publisher is used: no
truth, no counts that were kept back, no code of the suppression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from openbeat.errors import InputError

CELL_KEY: Final = (
    "set",
    "measure",
    "period",
    "place_level",
    "force_id",
    "neighbourhood_id",
    "dimension",
    "item",
)
"""What names a cell; ``neighbourhood_id`` is null unless the place is a neighbourhood."""
KEY: Final = (*CELL_KEY, "edition")
"""What names a cell here: the number of the edition too, and "" in place of null."""
GROUP: Final = ("set", "force_id", "period", "edition")
"""Cells of one edition of one force's tables of a period."""
MEDIAN_FROM: Final = 10
"""A median of days is published from so many replies on (``feedback_summary``, its notes)."""


@dataclass(frozen=True)
class Facts:
    """What is known of each cell.

    Attributes:
        cells: One row a cell: ``KEY``, value (null unless published), kept (its number is kept
            back), in_table, level (total, group, category), group (of a category), rounded.
        rates: Published shares: ``KEY`` of what is counted, base_measure, base_dimension,
            base_item, share.
        at_least: Cells that something else published proves to be no less: ``KEY``, least.
        restated: Cells published with two values in one edition: ``CELL_KEY``, difference.
        all_placed: Forces and quarters whose events, as the table of events shows, are all in
            neighbourhoods: set, force_id, period.
    """

    cells: pl.DataFrame
    rates: pl.DataFrame
    at_least: pl.DataFrame
    restated: pl.DataFrame
    all_placed: pl.DataFrame


def threshold(policy: Mapping[str, Any], default: int = 5) -> tuple[dict[str, int], int]:
    """The published thresholds by characteristic, and the one of everything else."""
    thresholds = {str(name): int(t) for name, t in dict(policy.get("thresholds") or {}).items()}
    return thresholds, thresholds.pop("default", default)


def read_facts(
    tables: Mapping[str, pl.DataFrame],
    ledger: pl.DataFrame | None,
    policy: Mapping[str, Any],
) -> Facts:
    """Read published tables and the ledger.

    Args:
        tables: engagement_reach, feedback_summary, engagement_events as published, those there
            are; and the code list reach_categories, which says what group a category is of.
        ledger: ``CELL_KEY`` with value, edition, release_id and maybe method; or none.
        policy: The published policy.

    Raises:
        InputError: A table lacks a column.
    """
    shown = _shown(tables)
    ledger = _ledger(ledger)
    edition = ledger.group_by("set", "force_id", "period").agg(pl.col("edition").max())
    shown = _with_edition(shown, edition)
    both = pl.concat([shown, ledger.select(shown.columns)])
    cells = (
        both.group_by(KEY)
        .agg(
            pl.col("value").drop_nulls().first(),
            (pl.col("status") == "c").any().alias("kept"),
            pl.col("in_table").any(),
            (pl.col("in_table") & pl.col("value").is_null() & (pl.col("status") == "c"))
            .any()
            .alias("kept_now"),
            pl.col("level").drop_nulls().first(),
            pl.col("order").min(),
        )
        .sort(KEY)
    )
    cells = _levels(cells, tables.get("reach_categories"))
    # Shares of rounded numbers say nothing that these do not.
    exact = ~pl.col("set").is_in(_rounded_sets(ledger, policy)).fill_null(value=False)
    rates = [_with_edition(f, edition).filter(exact) for f in _rates(tables)]
    least = [_with_edition(f, edition) for f in _medians(tables)]
    return Facts(
        cells.with_columns(
            rounded=pl.col("set").is_in(_rounded_sets(ledger, policy)).fill_null(False)
        ),
        pl.concat(rates) if rates else pl.DataFrame(),
        pl.concat(least) if least else pl.DataFrame(),
        _restated(both),
        _all_placed(tables.get("engagement_events")),
    )


def _shown(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """All numbers of the tables, long: ``CELL_KEY``, value, status, level, in_table, order."""
    parts = [_empty()]
    if (reach := tables.get("engagement_reach")) is not None:
        parts.append(_reach(reach, "forms"))
        parts.append(_reach(reach.filter(pl.col("characteristic") == "all"), "attendances"))
    if (feedback := tables.get("feedback_summary")) is not None:
        parts += [_feedback(feedback, m) for m in ("received", "answered_72h", "not_answered_72h")]
    if (events := tables.get("engagement_events")) is not None:
        parts.append(_events(events))
    return pl.concat(parts)


def _reach(table: pl.DataFrame, measure: str) -> pl.DataFrame:
    key = {"set": pl.lit("engagement"), "dimension": "characteristic", "item": "category"}
    return _long(table, "engagement_reach", measure, key, pl.col("category_level"))


def _feedback(table: pl.DataFrame, measure: str) -> pl.DataFrame:
    total = pl.col("theme") == "all"
    dimension = pl.when(total).then(pl.lit("all")).otherwise(pl.lit("theme"))
    key = {"set": pl.lit("feedback"), "dimension": dimension, "item": "theme"}
    level = pl.when(total).then(pl.lit("total")).otherwise(pl.lit("group"))
    return _long(table, "feedback_summary", measure, key, level)


def _empty() -> pl.DataFrame:
    return pl.DataFrame(
        schema=dict.fromkeys(CELL_KEY, pl.String)
        | {"value": pl.Int64, "status": pl.String, "level": pl.String}
        | {"in_table": pl.Boolean, "order": pl.Int64}
    )


def _long(
    table: pl.DataFrame, name: str, measure: str, key: Mapping[str, Any], level: pl.Expr
) -> pl.DataFrame:
    """The cells of one number column; those that do not apply (z) are none."""
    _need(
        table, name, (measure, f"{measure}_status", "place_level", "force_id", "neighbourhood_id")
    )
    status = pl.col(f"{measure}_status").cast(pl.String).fill_null("")
    gone = (status == "z") | ((measure == "attendances") & (status == "x"))
    named = {n: pl.col(e) if isinstance(e, str) else e for n, e in key.items()}
    texts = {
        n: named.get(n, pl.lit(measure) if n == "measure" else pl.col(n))
        .cast(pl.String)
        .fill_null("")
        for n in CELL_KEY
    }
    return table.filter(~gone).select(
        **texts,
        value=pl.col(measure).cast(pl.Int64),
        status=status,
        level=level.cast(pl.String),
        in_table=pl.lit(True),
        order=pl.lit(0, pl.Int64),
    )


def _events(events: pl.DataFrame) -> pl.DataFrame:
    """Attendances of events whose day, and with it the quarter, is published."""
    _need(events, "engagement_events", ("event_id", "event_date", "attendances"))
    quarter = _quarter(events)
    local = pl.col("place_level").cast(pl.String) == "neighbourhood"
    key = {
        "set": pl.lit("engagement"),
        "period": quarter,
        "place_level": pl.when(local).then(pl.lit("neighbourhood")).otherwise(pl.lit("unplaced")),
        "dimension": pl.lit("event"),
        "item": "event_id",
    }
    dated = events.filter(pl.col("event_date").is_not_null()).with_columns(period=quarter)
    return _long(dated, "engagement_events", "attendances", key, pl.lit("group"))


def _quarter(events: pl.DataFrame) -> pl.Expr:
    """Of the day of an event, which a CSV file gives as text."""
    date = pl.col("event_date")
    if events.schema["event_date"] == pl.String:
        date = date.str.to_date("%Y-%m-%d")
    else:
        date = date.cast(pl.Date)
    return pl.format("{}-Q{}", date.dt.year(), date.dt.quarter())


def _need(table: pl.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    for column in columns:
        if column not in table.columns:
            raise InputError(
                "The published table lacks a column that the attack reads",
                file=name,
                column=column,
                mend="give the table as it is published",
            )


def _ledger(ledger: pl.DataFrame | None) -> pl.DataFrame:
    if ledger is None:
        return _empty().with_columns(edition=pl.lit(1, pl.Int64), method=pl.lit(None, pl.String))
    _need(ledger, "ledger", (*CELL_KEY, "value", "edition"))
    order = pl.col("release_id").cast(pl.String).rank("dense").cast(pl.Int64) + 1
    method = pl.col("method").cast(pl.String) if "method" in ledger.columns else pl.lit(None)
    return ledger.select(
        *(pl.col(n).cast(pl.String).fill_null("") for n in CELL_KEY),
        pl.col("value").cast(pl.Int64),
        pl.when(pl.col("value").is_null()).then(pl.lit("c")).otherwise(pl.lit("")).alias("status"),
        pl.lit(None, pl.String).alias("level"),
        pl.lit(False).alias("in_table"),
        (order if "release_id" in ledger.columns else pl.lit(1, pl.Int64)).alias("order"),
        pl.col("edition").cast(pl.Int64),
        method.alias("method"),
    )


def _with_edition(frame: pl.DataFrame, edition: pl.DataFrame) -> pl.DataFrame:
    """The tables show the newest edition there is of each force and period."""
    joined = frame.join(
        edition, on=["set", "force_id", "period"], how="left", maintain_order="left"
    )
    return joined.with_columns(pl.col("edition").fill_null(1))


def _levels(cells: pl.DataFrame, codelist: pl.DataFrame | None) -> pl.DataFrame:
    """Add the group of each category, and the level where only the ledger has the cell."""
    codes = pl.DataFrame(schema={"dimension": pl.String, "item": pl.String, "group": pl.String})
    if codelist is not None:
        codes = codelist.filter(pl.col("level") == "category").select(
            pl.col("characteristic").alias("dimension"), pl.col("code").alias("item"), "group"
        )
    known = cells.filter(pl.col("level").is_not_null()).select("dimension", "item", "level")
    known = known.unique(["dimension", "item"], keep="first", maintain_order=True)
    joined = cells.join(codes, on=["dimension", "item"], how="left", maintain_order="left").join(
        known, on=["dimension", "item"], how="left", suffix="_known", maintain_order="left"
    )
    guess = (
        pl.when(pl.col("dimension") == "all")
        .then(pl.lit("total"))
        .when(pl.col("group").is_not_null())
        .then(pl.lit("category"))
        .otherwise(pl.lit("group"))
    )
    return joined.with_columns(level=pl.coalesce("level", "level_known", guess)).drop("level_known")


def _rates(tables: Mapping[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """Published shares, each with the names of its two counts."""
    found = []
    reach, feedback = tables.get("engagement_reach"), tables.get("feedback_summary")
    if reach is not None and "share" in reach.columns:
        said = reach.filter(
            pl.col("share").is_not_null()
            & (pl.col("characteristic") != "all")
            & (pl.col("forms_status").fill_null("") != "z")
        )
        base = {"base_measure": "forms", "base_dimension": "all", "base_item": "all"}
        found.append(
            _reach(said, "forms").select(
                *CELL_KEY,
                *(pl.lit(v).alias(n) for n, v in base.items()),
                said["share"].cast(pl.Float64),
            )
        )
    if feedback is not None and "answered_72h_share" in feedback.columns:
        said = feedback.filter(
            pl.col("answered_72h_share").is_not_null()
            & (pl.col("answered_72h_status").fill_null("") != "z")
        )
        own = {"base_dimension": "dimension", "base_item": "item"}
        found.append(
            _feedback(said, "answered_72h").select(
                *CELL_KEY,
                pl.lit("received").alias("base_measure"),
                *(pl.col(n).alias(name) for name, n in own.items()),
                said["answered_72h_share"].cast(pl.Float64).alias("share"),
            )
        )
    return found


def _medians(tables: Mapping[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """A published median says that there were replies enough for one."""
    table = tables.get("feedback_summary")
    if table is None or "median_days_to_reply" not in table.columns:
        return []
    said = _shown({"feedback_summary": table.filter(pl.col("median_days_to_reply").is_not_null())})
    counted = said.filter(pl.col("measure").is_in(["received", "answered_72h"]))
    return [counted.select(*CELL_KEY, pl.lit(MEDIAN_FROM, pl.Int64).alias("least"))]


def _rounded_sets(ledger: pl.DataFrame, policy: Mapping[str, Any]) -> list[str]:
    """The sets whose numbers are rounded, as the ledger or the policy says."""
    said = ledger.filter(pl.col("method") == "rounding")["set"].unique().to_list()
    declared = [
        people
        for table in dict(policy.get("tables") or {}).values()
        for people in (table.get("people"), *dict(table.get("columns") or {}).values())
        if people
    ]
    return sorted({*said, *(p["set"] for p in declared if p.get("method") == "rounding")})


def _all_placed(events: pl.DataFrame | None) -> pl.DataFrame:
    """Where the table of events names none that is outside the neighbourhoods.

    Those of sensitive communities have their year only: each may be of any of its quarters.
    """
    key = {"set": pl.lit("engagement"), "force_id": pl.col("force_id").cast(pl.String)}
    if events is None or not {"place_level", "year"} <= set(events.columns):
        return pl.DataFrame(schema={"set": pl.String, "force_id": pl.String, "period": pl.String})
    told = events.select(
        **key,
        year=pl.col("year").cast(pl.String),
        period=_quarter(events),
        local=pl.col("place_level").cast(pl.String) == "neighbourhood",
    )
    outside = told.filter(~pl.col("local"))
    held = told.filter("local").drop("local").unique(maintain_order=True)
    held = held.join(outside.drop_nulls("period"), on=["set", "force_id", "period"], how="anti")
    undated = outside.filter(pl.col("period").is_null())
    held = held.join(undated, on=["set", "force_id", "year"], how="anti")
    return held.select("set", "force_id", "period")


def _restated(both: pl.DataFrame) -> pl.DataFrame:
    """Cells whose number changed from one publication to the next without a new edition."""
    said = both.filter(pl.col("value").is_not_null())
    # The tables are the newest publication: ``order`` 0 comes last.
    last = pl.when(pl.col("in_table")).then(2**62).otherwise(pl.col("order"))
    said = said.with_columns(order=last).sort(*KEY, "order")
    change = said.with_columns(difference=pl.col("value").diff().over(KEY))
    return change.filter(pl.col("difference").fill_null(0) != 0).select(*CELL_KEY, "difference")
