"""The files beside a force's pages: its months, and its neighbourhoods side by side.

Only the files belong here; the figures are those of ``force_facts`` and ``force_rows``. Each CSV
has its sidecar, and the JSON holds the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from openbeat.release.content import LICENCE_TITLE, LICENCE_URL
from openbeat.website.packs.write import json_text
from openbeat.website.site import force_rows as side
from openbeat.website.site.force_facts import (
    PARTIAL,
    SUBMITTED,
    WHERE,
    force_facts,
    placed,
    window,
)
from openbeat.website.site.sheet import STATUS, SheetColumn, sheet
from openbeat.website.site.source import File, Site, force_folder

_KEY: Final = ("month", "measure", "category")
_MONTHS: Final = (
    SheetColumn("month", "gYearMonth", "The month.", required=True),
    SheetColumn("force_id", "string", "The force (police.uk slug).", required=True),
    SheetColumn("force_name", "string", "Its name.", required=True),
    SheetColumn(
        "measure",
        "string",
        "crime_total, antisocial_behaviour and by_other_forces: in the force's own neighbourhoods,"
        " whoever reported. reported_crime and reported_antisocial_behaviour: by this force, by"
        " where it lies. outcomes and stops: recorded by this force, by group.",
        required=True,
    ),
    SheetColumn(
        "category",
        "string",
        "Of reported_*: own, other_force, outside_boundary, no_boundary or no_location. Of outcomes"
        " and stops: a code of outcome_groups or stop_outcome_groups. Else all.",
        required=True,
    ),
    SheetColumn("value", "integer", "How many; anti-social behaviour is in no number of crimes."),
    SheetColumn("value_status", "string", f"Status of value: {STATUS}."),
    SheetColumn("coverage", "string", "What the force supplied (coverage_statuses)."),
)


def force_data(site: Site) -> Iterator[File]:
    """``places/<force>/index.csv``, its sidecar and ``index.json`` of every force."""
    months = pl.concat([_area(site), *(_recorded(site, name) for name in _RECORDED)])
    ordered = months.sort("force_id", "order", "category_order", "category", "month")
    parts = ordered.partition_by("force_id", as_dict=True, maintain_order=True)
    for force_id, facts in force_facts(site).items():
        path = f"{force_folder(force_id)}/index"
        frame = parts.get((force_id,), ordered.clear())
        frame = frame.with_columns(force_name=pl.lit(facts["force_name"]))
        title = f"{facts['force_name']}: crimes, anti-social behaviour, outcomes and searches"
        note = "By month, from the published tables. A month that was not supplied has no value."
        yield from sheet(
            site, f"{path}.csv", frame, _MONTHS, title=title, description=note, key=_KEY
        )
        yield _json(site, f"{path}.json", title, frame.select(c.name for c in _MONTHS))


def compare_data(site: Site) -> Iterator[File]:
    """``places/<force>/compare.csv``, its sidecar and ``compare.json`` of forces with places."""
    columns = tuple(_columns())
    parts = side.force_rows(site).partition_by("force_id", as_dict=True, maintain_order=True)
    for (force_id,), frame in parts.items():
        path = f"{force_folder(str(force_id))}/compare"
        title = f"Neighbourhoods of {frame['force_name'][0]} side by side"
        note = (
            "One row a neighbourhood, in the order of names. Neighbourhoods differ in size, in what"
            " is in them and in what is logged: the rows are no ranking and must not be made one."
        )
        yield from sheet(
            *(site, f"{path}.csv", frame, columns),
            title=title,
            description=note,
            key=("force_id", "neighbourhood_id"),
        )
        yield _json(site, f"{path}.json", title, frame.select(c.name for c in columns))


def _json(site: Site, path: str, title: str, frame: pl.DataFrame) -> File:
    content: dict[str, Any] = {
        "title": title,
        "release_id": site.edition.release_id,
        "month": site.edition.month,
        "as_of": site.edition.as_of.isoformat(),
        "notice": site.edition.notice,
        "licence": {"title": LICENCE_TITLE, "url": LICENCE_URL},
        "rows": frame.to_dicts(),
    }
    return File(path, json_text(content))


def _columns() -> Iterator[SheetColumn]:
    yield SheetColumn("month", "gYearMonth", "The newest month of crime.", required=True)
    yield SheetColumn("as_of", "date", "The day up to which engagement is covered.", required=True)
    yield SheetColumn("force_id", "string", "The force (police.uk slug).", required=True)
    yield SheetColumn("force_name", "string", "Its name.", required=True)
    yield SheetColumn("neighbourhood_id", "string", "The force's own id.", required=True)
    yield SheetColumn("neighbourhood_name", "string", "Name of the neighbourhood.", required=True)
    yield SheetColumn("population", "integer", "Usual residents.")
    yield SheetColumn("population_status", "string", f"Status of population: {STATUS}.")
    for measure in side.MEASURES:
        if measure is side.TOOK_PART[0]:
            yield SheetColumn("quarter", "string", "Of the figures that follow: 2025-Q2.")
        yield SheetColumn(measure.name, side.DATATYPES[measure.kind], measure.description)
        if measure.kind in side.NUMBERS:
            name = f"{measure.name}_status"
            yield SheetColumn(name, "string", f"Status of {measure.name}: {STATUS}.")


def _area(site: Site) -> pl.DataFrame:
    """The months of each force's own neighbourhoods."""
    months = window(site)
    rows = [
        (force_id, month, name, "all", value, status, coverage, order, 0)
        for force_id, facts in force_facts(site).items()
        if facts["area"]
        for order, (name, one) in enumerate(facts["area"].items())
        for month, value, status, coverage in zip(
            *(months, one["values"], one["statuses"], facts["coverage"]["street"]["cells"]),
            strict=True,
        )
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


_SCHEMA: Final = {
    **dict.fromkeys(("force_id", "month", "measure", "category"), pl.String),
    "value": pl.Int64,
    **dict.fromkeys(("value_status", "coverage"), pl.String),
    **dict.fromkeys(("order", "category_order"), pl.Int64),
}
_RECORDED: Final = ("reported_crime", "reported_antisocial_behaviour", "outcomes", "stops")
_DATASET: Final = {"outcomes": "outcomes", "stops": "stops"}


def _recorded(site: Site, measure: str) -> pl.DataFrame:
    """What each force recorded: a row a month of its coverage and category, 0 if submitted."""
    dataset = _DATASET.get(measure, "street")
    if "coverage" not in site.tables:
        return pl.DataFrame(schema=_SCHEMA)
    counted, categories = _counted(site, measure)
    order = pl.DataFrame({"category": categories}).with_row_index("category_order")
    value, coverage = pl.col("value").fill_null(0), pl.col("coverage")
    known = (coverage == SUBMITTED) | ((coverage == PARTIAL) & (value > 0))
    return (
        site.tables["coverage"]
        .filter(pl.col("dataset") == dataset)
        .select("force_id", "month", "coverage")
        .join(order, how="cross")
        .join(counted, on=("force_id", "month", "category"), how="left")
        .select(
            "force_id",
            "month",
            pl.lit(measure).alias("measure"),
            "category",
            pl.when(known).then(value).alias("value"),
            pl.when(coverage == SUBMITTED)
            .then(pl.lit(None, dtype=pl.String))
            .when(known)
            .then(pl.lit("u"))
            .otherwise(pl.lit("x"))
            .alias("value_status"),
            "coverage",
            pl.lit(len(_RECORDED) + _RECORDED.index(measure), dtype=pl.Int64).alias("order"),
            pl.col("category_order").cast(pl.Int64),
        )
    )


def _counted(site: Site, measure: str) -> tuple[pl.DataFrame, list[str]]:
    """Sums by force, month and category, and all categories in their order."""
    if measure in _DATASET:
        groups = "stop_outcome_groups" if measure == "stops" else "outcome_groups"
        categories = site.codelists[groups].to_series(0).to_list()
        table = site.tables.get(measure)
        if table is None:
            return pl.DataFrame(schema=_SCHEMA).select(*_KEYS, "value"), categories
        found = table.rename({"outcome_group": "category"})
    else:
        asb = pl.col("is_asb") if measure != "reported_crime" else ~pl.col("is_asb")
        found = placed(site.tables["crime"]).filter(asb).rename({"where": "category"})
        categories = [*WHERE]
    return found.group_by(*_KEYS).agg(pl.col("count").sum().alias("value")), categories


_KEYS: Final = ("force_id", "month", "category")
