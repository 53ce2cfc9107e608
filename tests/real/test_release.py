"""Releases made of real archives: what is in the files is what is published."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import shapely

from openbeat.geography.boundaries import read_boundaries
from openbeat.release.integrity import verify
from openbeat.settings import Settings, load_settings
from pipelines.running import Session, session

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "realdata"
REAL = Path(os.environ.get("OPENBEAT_REAL_DATA", DEFAULT))

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="real data not here; set OPENBEAT_REAL_DATA to its folder"
)


def settings(out: Path, archive: str, boundaries: str) -> Settings:
    return load_settings(
        None,
        out=out,
        archives=[{"path": str(REAL / "police-uk" / archive)}],
        boundaries=[{"path": REAL / "boundaries" / boundaries}],
        lsoa_lookup=REAL / "geography" / "lsoa11-lsoa21-lad22-lookup.csv.gz",
        population={
            "areas": REAL / "geography" / "census2021-population-by-lsoa21-age.csv.gz",
            "code_column": "lsoa21_code",
            "population_column": "usual_residents",
            "centroids": REAL / "geography" / "lsoa21-population-weighted-centroids.csv.gz",
            "centroid_code_column": "LSOA21CD",
            "crs": "EPSG:27700",
            "year": 2021,
        },
        as_of=date(2026, 10, 31),
    )


def published(work: Session) -> Path:
    for month, _reason in work.sources.plan(work.lake):
        work.ingest(month)
    return Path(work.publish(None, None)["path"])


@pytest.fixture(scope="module")
def of_2025(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Path]]:
    out = tmp_path_factory.mktemp("real2025")
    with session(settings(out, "2025-03.zip", "2025-03.zip"), lambda _text: None) as work:
        yield work, published(work)


def table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "tables" / f"{name}.parquet")


def raw_rows(archive: str, member: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(REAL / "police-uk" / archive) as zipped:
        text = zipped.read(member).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_release_is_whole(of_2025: tuple[Session, Path]) -> None:
    assert verify(of_2025[1]) == []


def test_every_row_of_every_file_is_accounted_for(of_2025: tuple[Session, Path]) -> None:
    coverage = table(of_2025[1], "coverage").filter(pl.col("coverage") == "submitted")
    found = {(m, f): rows for m, f, rows in coverage.select("month", "force_id", "rows").rows()}
    with zipfile.ZipFile(REAL / "police-uk" / "2025-03.zip") as zipped:
        members = [name for name in zipped.namelist() if name.endswith("-street.csv")]
    expected = {
        (name[:7], name[16:].removesuffix("-street.csv")): len(raw_rows("2025-03.zip", name))
        for name in members
    }
    assert found == expected
    assert sum(found.values()) == 260_724
    sums = coverage.select(
        pl.sum_horizontal("counted", "quarantined", "repeats").alias("rows"),
        pl.sum_horizontal("located", "outside_boundary", "no_boundary", "no_location").alias(
            "counted"
        ),
    )
    assert sums["rows"].to_list() == coverage["rows"].to_list()
    assert sums["counted"].to_list() == coverage["counted"].to_list()


def test_counts_agree_with_a_plain_reckoning(of_2025: tuple[Session, Path]) -> None:
    """Leicestershire, February 2025, by the csv module and one polygon at a time."""
    shapes = read_boundaries(REAL / "boundaries" / "leicestershire.geojson").frame
    areas = dict(
        zip(
            shapes["neighbourhood_id"], shapely.from_wkb(shapes["geometry"].to_numpy()), strict=True
        )
    )
    rows = raw_rows("2025-03.zip", "2025-02/2025-02-leicestershire-street.csv")
    seen: set[tuple[str, ...]] = set()
    expected: Counter[tuple[str, str]] = Counter()
    tree = shapely.STRtree(list(areas.values()))
    ids = list(areas)
    for row in rows:
        fields = tuple(row.values())
        if row["Crime ID"] and fields in seen:
            continue
        seen.add(fields)
        if row["Longitude"]:
            point = shapely.Point(float(row["Longitude"]), float(row["Latitude"]))
            hits = [ids[n] for n in tree.query(point, predicate="intersects")]
            if hits:
                smallest = min(hits, key=lambda i: areas[i].area)
                expected[smallest, row["Crime type"]] += 1
    crime = table(of_2025[1], "crime").filter(
        (pl.col("month") == "2025-02")
        & (pl.col("force_id") == "leicestershire")
        & (pl.col("area_force_id") == "leicestershire")
        & (pl.col("count") > 0)
    )
    found = {
        (i, kind): n
        for i, kind, n in crime.select("neighbourhood_id", "crime_type", "count").rows()
    }
    assert found == dict(expected)
    assert sum(found.values()) > 7_000


def test_northern_irelands_recycled_ids_lose_no_row(of_2025: tuple[Session, Path]) -> None:
    work, folder = of_2025
    months = ("2025-01", "2025-02", "2025-03")
    raw = {
        month: raw_rows("2025-03.zip", f"{month}/{month}-northern-ireland-street.csv")
        for month in months
    }
    ids = [{row["Crime ID"] for row in raw[month] if row["Crime ID"]} for month in months]
    assert ids[0] & ids[1], "the files no longer show what this test is about"
    conformed = pl.concat(
        work.lake.read("conformed_street", month).filter(pl.col("force_id") == "northern-ireland")
        for month in months
    )
    assert conformed.height == sum(map(len, raw.values()))
    counted = table(folder, "crime").filter(pl.col("force_id") == "northern-ireland")["count"].sum()
    assert counted == conformed.height
    keys = conformed.drop_nulls("crime_key").group_by("crime_key").agg(pl.col("month").n_unique())
    assert keys["month"].max() == 1, "the same key means two crimes"


def test_dorsets_quoted_names_parse(of_2025: tuple[Session, Path]) -> None:
    dorset = (
        of_2025[0].lake.read("conformed_street", "2025-01").filter(pl.col("force_id") == "dorset")
    )
    raw = raw_rows("2025-03.zip", "2025-01/2025-01-dorset-street.csv")
    assert dorset.height == len(raw)
    names = {row["LSOA name"] for row in raw if "," in row["LSOA name"]}
    assert names, "the file no longer has names with commas"
    assert names <= set(dorset["lsoa_name"])


def test_btp_is_whole_and_shows_where_it_happened(of_2025: tuple[Session, Path]) -> None:
    rows = raw_rows("2025-03.zip", "2025-01/2025-01-btp-street.csv")
    assert not any(row["Crime ID"] for row in rows)
    btp = table(of_2025[1], "crime").filter(pl.col("force_id") == "btp")
    assert btp["count"].sum() == len(rows)
    placed = btp.filter(pl.col("place") == "neighbourhood")
    assert set(placed["area_force_id"]) == {
        "city-of-london",
        "dorset",
        "leicestershire",
        "wiltshire",
    }
    summary = table(of_2025[1], "crime_summary").filter(pl.col("month") == "2025-01")
    assert summary["by_other_forces"].sum() >= placed["count"].sum()
    assert set(btp["month"]) == {"2025-01"}
    coverage = table(of_2025[1], "coverage").filter(
        (pl.col("force_id") == "btp") & (pl.col("dataset") == "street")
    )
    assert coverage["coverage"].to_list() == ["submitted", "missing", "missing"]


def test_outcomes_and_stops_of_2016_and_2017(tmp_path: Path) -> None:
    """City of London: three months of all three datasets; stops without any coordinates."""
    with session(
        settings(tmp_path, "2017-06.zip", "city-of-london.geojson"), lambda _text: None
    ) as work:
        for month in ("2017-03", "2017-04"):
            work.ingest(month)
        folder = Path(work.publish("2017-04", None)["path"])
    for dataset, name, file in (
        ("street", "crime", "street"),
        ("outcomes", "outcomes", "outcomes"),
        ("stops", "stops", "stop-and-search"),
    ):
        raw = raw_rows("2017-06.zip", f"2017-03/2017-03-city-of-london-{file}.csv")
        march = table(folder, name).filter(pl.col("month") == "2017-03")
        assert march["count"].sum() == len(raw), dataset
    stops = table(folder, "stops")
    assert set(stops["place"]) == {"no_location"}
    missing = table(folder, "coverage").filter(
        (pl.col("month") == "2017-04") & (pl.col("dataset") == "stops")
    )
    assert missing["coverage"].to_list() == ["missing"]
    vintages = table(folder, "coverage").filter(pl.col("dataset") == "street")["lsoa_vintage"]
    assert set(vintages) <= {"2011", "both"}


def test_metropolitan_stops_of_three_vocabularies_are_recognised(tmp_path: Path) -> None:
    with session(
        settings(tmp_path, "metropolitan-stops.zip", "city-of-london.geojson"), lambda _text: None
    ) as work:
        for month in ("2016-06", "2018-07", "2022-12"):
            work.ingest(month)
            rows = work.lake.read("conformed_stops", month)
            raw = raw_rows(
                "metropolitan-stops.zip", f"{month}/{month}-metropolitan-stop-and-search.csv"
            )
            assert rows.height == len(raw)
            for term in ("outcome", "object_of_search", "legislation", "ethnicity_code"):
                assert "Unrecognised" not in rows[term].to_list(), (month, term)
            chinese = sum("Chinese" in row["Self-defined ethnicity"] for row in raw) - sum(
                "Any other ethnic group (O9)" in row["Self-defined ethnicity"] for row in raw
            )
            assert rows.filter(pl.col("ethnicity_code") == "A4").height == chinese
