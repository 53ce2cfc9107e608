"""The newest values of every measure, by neighbourhood and by force, and their files.

Only picking and adding published counts of police.uk up belongs here. Counts of people are taken
as published, never added up. What a measure means is said where it is declared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from openbeat.release.content import LICENCE_TITLE, LICENCE_URL
from openbeat.website.packs import crime as crime_part
from openbeat.website.packs.crime import AREA, ASB, TOTAL
from openbeat.website.site.measure import Measure
from openbeat.website.site.sheet import STATUS, SheetColumn, sheet
from openbeat.website.site.source import File, Site

PLACE: Final = ("force_id", "force_name", "neighbourhood_id", "neighbourhood_name")
FORCE: Final = ("force_id", "force_name")
_DATASETS: Final = {"outcomes": "outcomes", "stops": "stops"}


def values(site: Site, measure: Measure) -> pl.DataFrame:
    """The newest value of every neighbourhood that is there today.

    Returns:
        ``PLACE`` (of ``coverage``: ``FORCE``), the column of the period (``month``, ``period`` or
        ``as_of``), the measure's category where it has one, its column, and ``<column>_status``
        (null known) where its table gives one. Sorted by force, neighbourhood, category. No rows
        where the release has no such table.
    """
    if measure.table not in site.tables:
        return pl.DataFrame(schema=dict.fromkeys(_names(measure), pl.String))
    if measure.table == "coverage":
        return _coverage(site)
    if measure.table == "crime":
        frame = _types(site)
    elif measure.table in _DATASETS:
        frame = _counts(site, measure)
    elif measure.period == "quarter":
        frame = _quarter(site, measure)
    else:
        frame = _newest(site, measure)
    return frame.select(_names(measure))


def _names(measure: Measure) -> list[str]:
    status = [f"{measure.column}_status"] if measure.datatype != "string" else []
    place = FORCE if measure.table == "coverage" else PLACE
    category = [measure.category] if measure.category else []
    return [*place, _period(measure), *category, measure.column, *status]


def _period(measure: Measure) -> str:
    return "period" if measure.period == "quarter" else measure.period


def newest_quarter(site: Site, measure: Measure) -> str | None:
    """The newest quarter that the measure's table has of anybody."""
    if measure.table not in site.tables:
        return None
    newest = _quarters(site.tables[measure.table])["period"].max()
    return None if newest is None else str(newest)


def _newest_rows(site: Site, measure: Measure) -> pl.DataFrame:
    """The rows of the measure's table of that quarter; none where it has no quarter."""
    rows = _quarters(site.tables[measure.table])
    return rows.filter(pl.col("period") == pl.col("period").max())


def _coverage(site: Site) -> pl.DataFrame:
    return (
        site.tables["coverage"]
        .filter(pl.col("month") == site.edition.month)
        .select(*FORCE, "month", "dataset", "coverage")
        .sort("force_id", "dataset")
    )


def _newest(site: Site, measure: Measure) -> pl.DataFrame:
    """The row of the newest month, of tables that have one a neighbourhood."""
    table = site.tables[measure.table]
    force = "area_force_id" if "area_force_id" in table.columns else "force_id"
    status = f"{measure.column}_status"
    rows = table.filter(pl.col("month") == site.edition.month).select(
        pl.col(force).alias("force_id"),
        "neighbourhood_id",
        *(name for name in (measure.column, status) if name in table.columns),
        when=pl.col("as_of") if "as_of" in table.columns else pl.lit(None, dtype=pl.Date),
    )
    joined = site.places.join(rows, on=AREA, how="left", maintain_order="left")
    when = "month" if measure.period == "month" else "as_of"
    moment = site.edition.month if when == "month" else site.edition.as_of
    joined = joined.with_columns(pl.lit(moment).alias(when))
    if measure.datatype == "string":
        return joined.with_columns(pl.col(measure.column).fill_null("not_known"))
    return joined.with_columns(_unknown_without(measure.column, "x"))


def _unknown_without(column: str, status: str) -> pl.Expr:
    """The status, where a row that is not there has this one."""
    given = pl.col(f"{column}_status")
    missing = pl.col(column).is_null() & given.is_null()
    return pl.when(missing).then(pl.lit(status)).otherwise(given).alias(f"{column}_status")


def _types(site: Site) -> pl.DataFrame:
    month = site.edition.month
    rows = crime_part.series(
        site.tables["crime"], site.tables["crime_summary"], site.codelists["crime_types"], month, 1
    ).filter(~pl.col("crime_type").is_in([TOTAL, ASB]))
    return site.places.join(
        rows.select(
            *AREA,
            "crime_type",
            pl.col("latest").alias("count"),
            pl.col("latest_status").alias("count_status"),
        ),
        on=AREA,
        maintain_order="left_right",
    ).with_columns(pl.lit(month).alias("month"))


def _counts(site: Site, measure: Measure) -> pl.DataFrame:
    """Counts of a sparse table: 0 only where the neighbourhood's own force supplied the month."""
    month, keys = site.edition.month, [*AREA, *([measure.category] if measure.category else [])]
    counted = (
        site.tables[measure.table]
        .filter((pl.col("place") == "neighbourhood") & (pl.col("month") == month))
        .with_columns(pl.col("area_force_id").alias("force_id"))
        .group_by(keys)
        .agg(pl.col("count").sum())
    )
    supplied = (
        _coverage(site)
        .filter(pl.col("dataset") == _DATASETS[measure.table])
        .select("force_id", "coverage")
    )
    dense = site.places
    if measure.category:
        codes = site.codelists[f"{measure.category}s"].to_series(0).alias(measure.category)
        dense = dense.join(codes.to_frame(), how="cross", maintain_order="left_right")
    whole = pl.col("coverage") == "submitted"
    partial = (pl.col("coverage") == "partial_suspected") & (pl.col("count") > 0)
    return (
        dense.join(counted, on=keys, how="left", maintain_order="left")
        .join(supplied, on="force_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(whole)
            .then(pl.col("count").fill_null(0))
            .when(partial)
            .then(pl.col("count"))
            .alias("count"),
            pl.when(whole)
            .then(pl.lit(None, dtype=pl.String))
            .when(partial)
            .then(pl.lit("u"))
            .otherwise(pl.lit("x"))
            .alias("count_status"),
            pl.lit(month).alias("month"),
        )
    )


def _quarters(table: pl.DataFrame) -> pl.DataFrame:
    """The rows of all people of a place and quarter."""
    if "theme" in table.columns:
        return table.filter(pl.col("theme") == "all")
    return table.filter(
        (pl.col("period_type") == "quarter") & (pl.col("category_level") == "total")
    )


def _quarter(site: Site, measure: Measure) -> pl.DataFrame:
    """A quarter's figures; a place without a row had none logged where its force has any."""
    rows = _newest_rows(site, measure)
    forces = rows["force_id"].unique().to_list()
    known = rows.filter(pl.col("neighbourhood_id").is_not_null()).select(
        *AREA, measure.column, f"{measure.column}_status"
    )
    return (
        site.places.join(known, on=AREA, how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("force_id").is_in(forces))
            .then(_unknown_without(measure.column, "z"))
            .otherwise(_unknown_without(measure.column, "x"))
            .alias(f"{measure.column}_status"),
            pl.lit(newest_quarter(site, measure), dtype=pl.String).alias("period"),
        )
    )  # fmt: skip


def by_force(site: Site, measure: Measure, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """What a measure comes to in each force, in the order of their names.

    Args:
        site: The release.
        measure: The measure.
        frame: Its ``values``.

    Returns:
        A row a force: ``name``, ``places``, ``known`` (neighbourhoods with a value), and by
        ``measure.shown``: ``sum``, ``status``; ``lowest``, ``middle``, ``highest``; ``yes``;
        ``value``, ``status``; ``cells``: by category sum and status; ``cells``: by dataset.
    """
    if measure.shown == "coverage":
        return _by_dataset(site, frame)
    parts = frame.partition_by("force_id", as_dict=True)
    own = _of_forces(site, measure)
    return [
        {"name": name, "force_id": force_id, **_told(measure, part, own.get(force_id))}
        for force_id, name in site.forces.items()
        for part in [parts.get((force_id,), frame.clear())]
    ]


def _by_dataset(site: Site, frame: pl.DataFrame) -> list[dict[str, Any]]:
    forces: dict[str, dict[str, Any]] = {}
    for row in frame.iter_rows(named=True):
        told = forces.setdefault(
            row["force_id"],
            {"name": row["force_name"], "force_id": row["force_id"], "cells": {}},
        )
        told["cells"][row["dataset"]] = row["coverage"]
    return sorted(forces.values(), key=lambda row: (row["name"].casefold(), row["force_id"]))


def _of_forces(site: Site, measure: Measure) -> Mapping[str, tuple[Any, Any]]:
    """The values that are published of whole forces in the newest quarter."""
    if measure.shown != "force" or measure.table not in site.tables:
        return {}
    rows = _newest_rows(site, measure).filter(pl.col("neighbourhood_id").is_null())
    found = rows.select("force_id", measure.column, f"{measure.column}_status").iter_rows()
    return {force: (value, status) for force, value, status in found}


def _told(measure: Measure, part: pl.DataFrame, own: tuple[Any, Any] | None) -> dict[str, Any]:
    column = part[measure.column]
    told: dict[str, Any] = {
        "places": part.select(AREA).n_unique(),
        "known": part.filter(pl.col(measure.column).is_not_null()).select(AREA).n_unique(),
    }
    if measure.shown == "yes":
        known = column.filter(column.is_in(["yes", "no"]))
        return {**told, "known": known.len(), "yes": (known == "yes").sum()}
    if measure.shown == "force":
        value, status = own or (None, "x")
        return {**told, "value": value, "status": status}
    if measure.shown == "categories":
        cells = part.group_by(measure.category).agg(**_sum(measure))
        return {**told, "cells": {row[0]: row[1:] for row in cells.iter_rows()}}
    if measure.shown == "sum":
        return {**told, **part.select(**_sum(measure)).row(0, named=True)}
    return {**told, "lowest": column.min(), "middle": column.median(), "highest": column.max()}


def _sum(measure: Measure) -> dict[str, pl.Expr]:
    """The sum of what is known, partial where a part is; none where nothing is."""
    value, status = pl.col(measure.column), pl.col(f"{measure.column}_status")
    return {
        "sum": pl.when(value.is_not_null().any()).then(value.sum()),
        "status": pl.when(~value.is_not_null().any())
        .then(pl.lit("x"))
        .when((status == "u").any() | value.is_null().any())
        .then(pl.lit("u")),
    }


def files(site: Site, measure: Measure, frame: pl.DataFrame) -> Iterator[File]:
    """``measures/<id>.csv``, its sidecar and ``measures/<id>.json``.

    Args:
        site: The release.
        measure: The measure.
        frame: Its ``values``.
    """
    columns = tuple(_columns(site, measure))
    key = [c.name for c in columns if c.required and not c.name.endswith("_name")]
    path = f"measures/{measure.id}"
    note = " ".join([measure.definition, measure.how, *measure.caveats])
    yield from sheet(
        site, f"{path}.csv", frame, columns, title=measure.title, description=note, key=key
    )
    content = {
        "id": measure.id,
        "title": measure.title,
        "definition": measure.definition,
        "unit": measure.unit,
        "table": measure.table,
        "column": measure.column,
        "release_id": site.edition.release_id,
        "month": site.edition.month,
        "as_of": site.edition.as_of.isoformat(),
        "notice": site.edition.notice,
        "licence": {"title": LICENCE_TITLE, "url": LICENCE_URL},
        "columns": [column.name for column in columns],
    }
    yield File(f"{path}.json", _json(content, frame))


def _json(content: Mapping[str, Any], frame: pl.DataFrame) -> str:
    """A row a line, a list each: a table of all neighbourhoods stays small and readable."""
    head = json.dumps(content, ensure_ascii=False, indent=1).removesuffix("\n}")
    plain = frame.with_columns(pl.col(pl.Date).cast(pl.String))
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    rows = ",\n".join(encode(row) for row in plain.iter_rows())
    return f'{head},\n "rows": [\n{rows}\n]\n}}\n'


def _columns(site: Site, measure: Measure) -> Iterator[SheetColumn]:
    yield SheetColumn("force_id", "string", "The force (police.uk slug).", required=True)
    yield SheetColumn("force_name", "string", "Its name.", required=True)
    if measure.table != "coverage":
        yield SheetColumn(
            "neighbourhood_id",
            "string",
            "The force's own id, unique only within it.",
            required=True,
        )
        yield SheetColumn("neighbourhood_name", "string", "Its name.", required=True)
    if measure.period == "quarter":
        yield SheetColumn("period", "string", "The newest quarter: 2025-Q2.")
    elif measure.period == "month":
        yield SheetColumn("month", "gYearMonth", "The newest crime month.")
    else:
        yield SheetColumn("as_of", "date", "The day up to which engagement is covered.")
    if measure.category:
        yield SheetColumn(
            measure.category, "string", f"As in the table {measure.table}.", required=True
        )
    yield SheetColumn(measure.column, measure.datatype, f"{measure.definition} {measure.unit}.")
    if measure.datatype != "string":
        yield SheetColumn(
            f"{measure.column}_status", "string", f"Status of {measure.column}: {STATUS}."
        )
