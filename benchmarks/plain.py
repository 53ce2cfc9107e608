"""Baseline (b), what a competent analyst would write: pandas and geopandas, read, join, count.

``python -m benchmarks.plain FOLDER RESULT``. Month by month and dataset by dataset: read the
members with ``pandas.read_csv`` as they are, make points of the coordinates, join every row to the
neighbourhoods with ``geopandas.sjoin`` (all rows, not the distinct points: that is the trick a
plain script does not know), count with ``groupby``, and write one CSV in the end. Where two
neighbourhoods hold a point the first is taken. Loading the boundaries is not timed, and neither are
the imports. It checks nothing, quarantines nothing and accounts for nothing.
"""

from __future__ import annotations

import json
import re
import sys
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

from benchmarks.inputs import Inputs
from benchmarks.timers import Timers

MEMBER = re.compile(r"(\d{4}-\d{2})/\1-(.+)-(street|outcomes|stop-and-search)\.csv")
TYPE = {
    "street": "Crime type",
    "outcomes": "Outcome type",
    "stop-and-search": "Object of search",
}


def read(archive: zipfile.ZipFile, month: str, dataset: str) -> pd.DataFrame:
    """All rows of a dataset in a month, with the month and the force of their file."""
    frames = []
    for name in archive.namelist():
        match = MEMBER.fullmatch(name)
        if match and match[1] == month and match[3] == dataset:
            frames.append(pd.read_csv(archive.open(name)).assign(month=month, force=match[2]))
    return pd.concat(frames, ignore_index=True)


def join(rows: pd.DataFrame, neighbourhoods: gpd.GeoDataFrame) -> pd.DataFrame:
    """The rows with the neighbourhood each lies in, one row out for each row in."""
    points = gpd.GeoDataFrame(
        rows, geometry=gpd.points_from_xy(rows["Longitude"], rows["Latitude"]), crs="EPSG:4326"
    )
    joined: pd.DataFrame = gpd.sjoin(points, neighbourhoods, how="left", predicate="within")
    return joined[~joined.index.duplicated()]


def count(joined: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Rows by month, force, neighbourhood and type."""
    keys = ["month", "force", "area_force_id", "neighbourhood_id", TYPE[dataset]]
    counts: pd.DataFrame = joined.groupby(keys, dropna=False).size().reset_index(name="count")
    return counts.rename(columns={TYPE[dataset]: "type"}).assign(dataset=dataset)


def main() -> None:
    """Measure, and write what was found to the file named last."""
    inputs, result = Inputs(Path(sys.argv[1])), Path(sys.argv[2])
    neighbourhoods = gpd.read_parquet(inputs.neighbourhoods)
    timers = Timers()
    rows, counts = 0, []
    start = time.perf_counter()
    with zipfile.ZipFile(inputs.archive) as archive:
        for month in sorted({name[:7] for name in archive.namelist()}):
            for dataset in TYPE:
                with timers.part("reading"):
                    table = read(archive, month, dataset)
                with timers.part("joining"):
                    joined = join(table, neighbourhoods)
                with timers.part("counting"):
                    counts.append(count(joined, dataset))
                rows += len(table)
    with timers.part("writing"):
        everything = pd.concat(counts, ignore_index=True)
        everything.to_csv(result.with_name("plain-counts.csv"), index=False)
    found = {
        "seconds": time.perf_counter() - start,
        "rows": rows,
        "located": int(everything.dropna(subset="neighbourhood_id")["count"].sum()),
        "split": timers.seconds,
    }
    result.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
