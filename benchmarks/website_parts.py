"""The website of a release folder, as the release asset makes it; and some of its packs."""

from __future__ import annotations

import json
import statistics
import time
from datetime import date
from itertools import islice
from pathlib import Path

import polars as pl

import expectations
from openbeat.contract import load_contracts
from openbeat.release.integrity import DESCRIPTOR
from openbeat.versions import load_register
from openbeat.website.packs.facts import Edition, Packs
from openbeat.website.packs.press import Printing
from openbeat.website.packs.write import stems_of
from openbeat.website.site.source import ROOT, Site
from openbeat.website.words import file_name


def site_of(release: Path, tables: dict[str, pl.DataFrame]) -> Site:
    """A release as its website takes it.

    Args:
        release: Its folder.
        tables: Its tables, integers of 64 bits.
    """
    import geopandas as gpd

    months = tables["crime_summary"]["month"]
    package = json.loads((release / DESCRIPTOR).read_bytes())
    shapes = gpd.read_parquet(release / "geo/neighbourhoods.parquet")
    frame = pl.from_pandas(shapes.drop(columns=["geometry", "bbox"], errors="ignore"))
    wkb = pl.Series("geometry", list(shapes.geometry.to_wkb()), dtype=pl.Binary)
    contracts = load_contracts(Path(expectations.__file__).parent / "contracts")
    register = load_register()
    return Site(
        edition=Edition(
            release.name, str(months.max()), date(2025, 7, 31), "openbeat", "Made-up data.", {}
        ),
        first_month=str(months.min()),
        tables=tables,
        contracts=register.attach(contracts),
        codelists={
            path.stem: pl.read_csv(path, infer_schema=False)
            for path in sorted((release / "codelists").glob("*.csv"))
        },
        shapes=frame.with_columns(wkb),
        folder=release,
        sizes={r["path"]: r.get("bytes", 0) for r in package["resources"]
               if isinstance(r["path"], str) and not r["path"].startswith(ROOT)},
        base_url="https://example.org/openbeat",
        register=register,
    )  # fmt: skip


def pack_seconds(site: Site, folder: Path, count: int) -> tuple[float, int, float]:
    """Make the first packs as the packs asset does: seconds, how many, median kB of a PDF."""
    packs = Packs(site.tables, site.codelists, site.edition)
    stems = stems_of(packs)
    for force_id in stems:
        (folder / file_name(force_id)).mkdir(parents=True)
    start = time.perf_counter()
    with Printing().press(folder) as press:
        for facts in islice(packs, count):
            list(press(facts, stems[facts["force_id"]][facts["neighbourhood_id"]]))
        list(press.finished())
    seconds = time.perf_counter() - start
    sizes = [path.stat().st_size for path in folder.rglob("*.pdf")]
    return seconds, len(sizes), statistics.median(sizes) / 1000
