"""Geography on real files: boundaries in two formats, real points, codes and populations."""

from __future__ import annotations

import os
import zipfile
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from openbeat.geography.boundaries import read_boundaries
from openbeat.geography.locate import Locator
from openbeat.geography.lsoa import HIGHEST_2011, add_lsoa, file_vintage, read_lookup
from openbeat.geography.population import (
    PopulationSource,
    neighbourhood_population,
    read_population,
)

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "realdata"
REAL = Path(os.environ.get("OPENBEAT_REAL_DATA", DEFAULT))
FORCES = ["city-of-london", "dorset", "leicestershire", "wiltshire"]

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="real data not here; set OPENBEAT_REAL_DATA to its folder"
)


@cache
def boundaries() -> pl.DataFrame:
    return read_boundaries(REAL / "boundaries" / "2025-03.zip").frame


def street(archive: str, member: str) -> pl.DataFrame:
    with zipfile.ZipFile(REAL / "police-uk" / archive) as zipped:
        return pl.read_csv(zipped.read(member), infer_schema=False)


def test_kml_and_geojson_hold_the_same_shapes() -> None:
    files = [read_boundaries(REAL / "boundaries" / f"{force}.geojson") for force in FORCES]
    geojson = pl.concat(file.frame for file in files)
    both = boundaries().join(geojson, on=["force_id", "neighbourhood_id", "name"], suffix="_2")
    assert both.height == boundaries().height == geojson.height > 0
    assert ((both["area_km2"] / both["area_km2_2"] - 1).abs() < 0.001).all()
    assert (both["shape_sha256"] == both["shape_sha256_2"]).all()
    assert {file.release for file in files} == {None}


@pytest.mark.parametrize("force", FORCES)
def test_most_points_lie_in_their_own_force(force: str) -> None:
    rows = street("2025-03.zip", f"2025-03/2025-03-{force}-street.csv")
    points = (
        rows.select(pl.col("Longitude", "Latitude").cast(pl.Float64))
        .rename(str.lower)
        .drop_nulls()
        .unique(maintain_order=True)
    )
    found = Locator(boundaries()).locate(points)
    own = (found["area_force_id"] == force).fill_null(False).mean()
    # The stand-in boundaries are generalised, and the City is small: a fifth is over its edge.
    assert own is not None
    assert own > (0.75 if force == "city-of-london" else 0.97)
    assert found.height == points.height


def test_lsoa_codes_of_real_files_have_one_vintage() -> None:
    lookup = read_lookup(REAL / "geography" / "lsoa11-lsoa21-lad22-lookup.csv.gz")
    counts = dict(lookup.codes["lsoa_vintage"].value_counts().iter_rows())
    assert counts == {"2011": 1106, "2021": 2025, "both": 33647}  # domain A.11
    old = lookup.codes.filter(pl.col("lsoa_vintage") != "2021")["code"]
    for prefix, highest in HIGHEST_2011.items():
        assert old.filter(old.str.starts_with(prefix)).max() == f"{prefix}{highest % 10**6:06}"
    for force, expected in (("dorset", "2021"), ("northern-ireland", "none")):
        rows = street("2025-03.zip", f"2025-03/2025-03-{force}-street.csv")
        for look in (lookup, None):
            coded = add_lsoa(rows, look, "LSOA code").with_columns(force_id=pl.lit(force))
            assert file_vintage(coded).row(0) == (force, expected)


def test_population_of_real_areas() -> None:
    source = PopulationSource(
        areas=REAL / "geography" / "census2021-population-by-lsoa21-age.csv.gz",
        code_column="lsoa21_code",
        population_column="usual_residents",
        year=2021,
        crs="EPSG:27700",
        centroids=REAL / "geography" / "lsoa21-population-weighted-centroids.csv.gz",
        centroid_code_column="LSOA21CD",
    )
    areas = read_population(source)
    assert areas.frame.height == 35_672
    assert (areas.without_centroid, areas.without_population) == ((), ())
    # Census 2021: 59,597,542 usual residents of England and Wales; cells are perturbed
    assert areas.frame["population"].sum() == pytest.approx(59_597_542, rel=1e-4)
    found = neighbourhood_population(boundaries(), areas.frame)
    people = dict(found.group_by("force_id").agg(pl.col("population").sum()).iter_rows())
    # Census 2021, force areas to the nearest thousand
    expected = {
        "city-of-london": 8_600,
        "dorset": 780_000,
        "leicestershire": 1_122_000,
        "wiltshire": 744_000,
    }
    for force, residents in expected.items():
        assert people[force] == pytest.approx(residents, rel=0.02)
