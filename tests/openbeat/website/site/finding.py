"""A small website for the tests of finding a place: four squares and a hole, two forces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import shapely

from openbeat.website.packs.facts import Edition
from openbeat.website.site.settings import Postcodes, SiteSettings
from openbeat.website.site.source import Site

FORCES = {"northmere": "Northmere Constabulary", "ynysfawr": "Heddlu Ynysfawr"}
# West, south, east, north; the inner one lies in a larger one, and wins there as the smaller.
SQUARES: Mapping[tuple[str, str, str], tuple[float, float, float, float]] = {
    ("northmere", "N 1", "St Mary's & Harbour"): (-2.50, 52.50, -2.40, 52.60),
    ("northmere", "N2", "Town Centre"): (-2.40, 52.50, -2.30, 52.60),
    ("ynysfawr", "Y1", "Ŵyn Fawr"): (-2.50, 52.60, -2.30, 52.75),
    ("ynysfawr", "Y2", "Town Centre"): (-2.45, 52.62, -2.42, 52.64),
}


def site(folder: Path, places: pl.DataFrame | None = None, **settings: Any) -> Site:
    """The website of the squares, or of other neighbourhoods without shapes."""
    table = _neighbourhoods() if places is None else places
    shapes = None
    if places is None:
        boxes = shapely.box(*zip(*SQUARES.values(), strict=True))
        shapes = table.with_columns(
            pl.Series("geometry", shapely.to_wkb(boxes).tolist(), dtype=pl.Binary),
            pl.Series("area_km2", shapely.area(boxes) * 7_500),
        )
    names = pl.DataFrame({"force_id": list(FORCES), "name": list(FORCES.values())})
    return Site(
        edition=Edition("2025-06-r1", "2025-06", date(2025, 7, 31), "Northmere", "", {}),
        first_month="2025-06",
        tables={"neighbourhoods": table},
        contracts={},
        codelists={"forces": names},
        shapes=shapes,
        folder=folder,
        sizes={},
        settings=SiteSettings(**settings),
    )


def neighbourhoods(rows: list[tuple[str, str, str]]) -> pl.DataFrame:
    """The published table: of force, id and name each."""
    return pl.DataFrame(
        rows, schema=["force_id", "neighbourhood_id", "name"], orient="row"
    ).with_columns(
        valid_to=pl.lit(None, pl.String),
        population=pl.lit(1000),
        population_status=pl.lit(None, pl.String),
        population_year=pl.lit(2022),
    )


def _neighbourhoods() -> pl.DataFrame:
    return neighbourhoods(list(SQUARES))


def postcode_file(path: Path, rows: list[tuple[str, float, float]]) -> Postcodes:
    """A file as the ONS makes them: postcode, latitude, longitude; all live."""
    lines = ["pcd,pcds,doterm,lat,long"]
    lines += [f'"{code}","{code}",,{lat:.6f},{long:.6f}' for code, lat, long in rows]
    path.write_text("\r\n".join(lines) + "\r\n", "utf-8")
    return Postcodes(path=path)
