"""Population of neighbourhoods, from small areas by centroid in polygon.

Reading the small areas and adding them up belongs here; rates belong in ``openbeat.statistics``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from pyproj import Transformer
from pyproj.exceptions import CRSError

from openbeat.errors import InputError
from openbeat.geography.locate import Locator
from openbeat.geography.shapes import KEY
from openbeat.settings import PopulationSource


@dataclass(frozen=True)
class PopulationAreas:
    """Small areas that have both a population and a centroid, and those that lack one.

    Attributes:
        frame: ``code, population`` (Float64, people), ``longitude, latitude`` (WGS84 degrees),
            sorted by code.
        year: The year the population stands for.
        without_centroid: Codes that have a population and no centroid.
        without_population: Codes that have a centroid and no population.
    """

    frame: pl.DataFrame
    year: int
    without_centroid: tuple[str, ...]
    without_population: tuple[str, ...]


def read_population(source: PopulationSource) -> PopulationAreas:
    """Read the small areas, add up their people, bring their centroids to WGS84.

    Raises:
        InputError: A file can't be read or lacks a column; a population is not a number of
            people; a code is blank, or has several centroids; the CRS is unknown or does not
            fit the coordinates.
    """
    code = source.code_column
    rows = _read(source.areas, [code, source.population_column])
    people = _numbers(rows, source.population_column, source.areas.name, minimum=0)
    summed = (
        rows.select(pl.col(code).alias("code"), people.alias("population"))
        .group_by("code")
        .agg(pl.col("population").sum())
    )
    centroids = _centroids(source)
    both = summed.join(centroids, on="code").sort("code")
    return PopulationAreas(
        both,
        source.year,
        tuple(summed.join(centroids, on="code", how="anti")["code"].sort()),
        tuple(centroids.join(summed, on="code", how="anti")["code"].sort()),
    )


def neighbourhood_population(
    shapes: pl.DataFrame, areas: pl.DataFrame, locator: Locator | None = None
) -> pl.DataFrame:
    """People of each neighbourhood: those of the small areas whose centroid falls within it.

    A centroid in several neighbourhoods counts for the smallest, as points of crime do.

    Args:
        shapes: Shapes that serve together, as ``shapes.SHAPES``.
        areas: ``population, longitude, latitude``, as ``PopulationAreas.frame``.
        locator: A ``Locator`` of the same shapes, where there is one already.

    Returns:
        ``force_id, neighbourhood_id, population`` (Int64; null where no centroid falls within),
        one row a shape, sorted.
    """
    found = (locator or Locator(shapes)).locate(areas)
    summed = found.group_by(force_id="area_force_id", neighbourhood_id="neighbourhood_id").agg(
        pl.col("population").sum().round().cast(pl.Int64)
    )
    return shapes.select(KEY).join(summed, on=KEY, how="left").sort(KEY)


def validity_population(validity: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """People of each row of the published ``neighbourhoods``.

    Each row is reckoned among the shapes that serve in the last month it is valid.

    Args:
        validity: As ``register.neighbourhood_validity`` gives.
        areas: As in ``neighbourhood_population``.

    Returns:
        ``force_id, neighbourhood_id, valid_from, population`` (Int64, null where no centroid
        falls within), sorted.
    """
    last = pl.col("valid_to").fill_null("9999-12")
    parts = [validity.head(0).select(*KEY, "valid_from", population=pl.lit(0, pl.Int64))]
    for month in validity.select(last.unique().sort()).to_series():
        together = validity.filter((pl.col("valid_from") <= month) & (last >= month))
        people = neighbourhood_population(together, areas)
        ending = together.filter(last == month).select(*KEY, "valid_from")
        parts.append(ending.join(people, on=KEY, how="left"))
    return pl.concat(parts).sort(*KEY, "valid_from")


def _centroids(source: PopulationSource) -> pl.DataFrame:
    """``code, longitude, latitude``, one row a code."""
    path = source.centroids or source.areas
    code = source.code_column
    if source.centroids is not None and source.centroid_code_column:
        code = source.centroid_code_column
    rows = _read(path, [code, source.x_column, source.y_column])
    x, y = (_numbers(rows, column, path.name) for column in (source.x_column, source.y_column))
    points = rows.select("row", pl.col(code).alias("code"), x.alias("x"), y.alias("y"))
    places = points.unique(["code", "x", "y"], keep="first", maintain_order=True)
    twice = places.filter(~pl.col("code").is_first_distinct())
    if not twice.is_empty():
        raise InputError(
            "this area has another centroid further up",
            file=path.name,
            row=twice["row"][0],
            column=code,
            value=twice["code"][0],
        )
    return _to_wgs84(places, source.crs, path.name)


def _to_wgs84(points: pl.DataFrame, crs: str, file: str) -> pl.DataFrame:
    try:
        transformer = Transformer.from_crs(crs, 4326, always_xy=True)
    except CRSError as error:
        raise InputError(
            "is not a coordinate system", file=file, value=crs, mend="For example EPSG:27700."
        ) from error
    longitude, latitude = transformer.transform(points["x"].to_numpy(), points["y"].to_numpy())
    wrong = ~((np.abs(longitude) <= 180) & (np.abs(latitude) <= 90))  # also infinity
    if wrong.any():
        raise InputError(
            f"a centroid is not in the coordinate system {crs}",
            file=file,
            row=points["row"].filter(pl.Series(wrong))[0],
            mend="State the coordinate system of the centroids, for example EPSG:27700.",
        )
    return pl.DataFrame({"code": points["code"], "longitude": longitude, "latitude": latitude})


def _read(path: Path, columns: list[str]) -> pl.DataFrame:
    """Some columns of a CSV as text, with ``row``, the line in the file."""
    try:
        table = pl.read_csv(path, infer_schema=False, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("can't be read as CSV", file=path.name) from error
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InputError(
            f"lacks the column {', '.join(missing)}; it has {', '.join(table.columns)}",
            file=path.name,
            mend="Name the file's own columns in the settings.",
        )
    table = table.select(columns).with_row_index("row", 2)
    blank = table.filter(pl.col(columns[0]).str.strip_chars().fill_null("") == "")
    if not blank.is_empty():
        raise InputError("has no code", file=path.name, row=blank["row"][0], column=columns[0])
    return table


def _numbers(rows: pl.DataFrame, column: str, file: str, minimum: float | None = None) -> pl.Series:
    values = rows[column].str.strip_chars().cast(pl.Float64, strict=False)
    good = values.is_finite().fill_null(False)
    if minimum is not None:
        good &= (values >= minimum).fill_null(False)
    if not good.all():
        first = int((~good).arg_true()[0])
        raise InputError(
            "is not a number" + ("" if minimum is None else f" of {minimum:g} or more"),
            file=file,
            row=int(rows["row"][first]),
            column=column,
            value=rows[column][first],
            mend="Digits only, with a point for decimals and no thousands separator.",
        )
    return values
