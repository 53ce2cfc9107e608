"""What a website costs: ``python -m benchmarks.website [--packs 500] [--release DIR]``.

A release of one month is made as a user makes it, or taken from ``--release``; its monthly tables
are then repeated over 36 months, so that every chart is full. Measured are the website, part by
part, and the meeting packs as PDF, of which ``--packs`` are made. The baseline, in the same run:
the same tables written as one CSV a neighbourhood by Polars, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.processes import ROOT, run_module
from benchmarks.run import WIDTH, empty_place, inputs_of, machine
from benchmarks.timers import peak_mb

MONTHLY = ("crime", "crime_summary", "outcomes", "stops", "coverage")
MONTHS = 36
SMALL_MONTH = "2025-06"


def main() -> None:
    """Measure one size, print it, and keep it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scale", choices=("force", "national"), default="national")
    options.add_argument("--packs", type=int, default=500)
    options.add_argument("--release", type=Path)
    options.add_argument("--out", type=Path, default=ROOT / "data" / "bench")
    given = options.parse_args()
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    release = given.release or _run(console, out, given.scale)
    found = measured(release.resolve(), out / "website", given.packs)
    found["machine"] = machine((0.0, 0.0, 0.0))
    _print(console, found, given.scale)
    kept = ROOT / "benchmarks" / "results" / f"website-{given.scale}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found, indent=1), encoding="utf-8")


def _run(console: Console, out: Path, scale: str) -> Path:
    """A release of one month, without its workbooks, made by the command line."""
    inputs = inputs_of(console, out, scale, 1)
    place = empty_place(inputs, out / "place")
    settings = inputs.settings.with_name("website.yaml")
    more = "\nrelease: {workbooks: false}\nsite: {make: false, packs: {pdf: false}}\n"
    settings.write_text(inputs.settings.read_text("utf-8") + more, encoding="utf-8")
    console.print("openbeat run, for a release to start from")
    arguments = ["run", "--config", str(settings), "--out", str(place)]
    run_module("website", "--inside", *arguments, log=out / "website.log")
    return (place / "releases" / "latest").resolve()


def widened(release: Path, folder: Path) -> dict[str, pl.DataFrame]:
    """The tables of a release, its newest month repeated over 36 months, and written there.

    Counts are raised and lowered a little by month, so that no two columns of a chart are alike.
    """
    shutil.copytree(release, folder)
    tables = {}
    for path in sorted((folder / "tables").glob("*.parquet")):
        table = pl.read_parquet(path)
        if path.stem in MONTHLY:
            table = pl.concat(_months(table))
            table.write_parquet(path)
        tables[path.stem] = table.cast({pl.Int32: pl.Int64})
    return tables


def _months(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    newest = str(table["month"].max())
    last = 12 * int(newest[:4]) + int(newest[5:]) - 1
    one = table.filter(pl.col("month") == newest)
    for n in range(MONTHS):
        number = last - MONTHS + 1 + n
        month = f"{number // 12:04}-{number % 12 + 1:02}"
        counts = [
            (pl.col(name) * (8 + n % 5) // 10).cast(table.schema[name]).alias(name)
            for name in ("count", "crime_total", "antisocial_behaviour")
            if name in table.columns
        ]
        yield one.with_columns(pl.lit(month).alias("month"), *counts)


def measured(release: Path, folder: Path, packs: int) -> dict[str, Any]:
    """Seconds by part, files, sizes; of the website and of some packs."""
    from benchmarks.website_parts import pack_seconds, site_of

    shutil.rmtree(folder, ignore_errors=True)
    tables = widened(release, folder / release.name)
    site = site_of(folder / release.name, tables)
    plain = _plain(tables["crime"], folder / "plain")
    parts, sizes = _write(site, folder / release.name)
    pages = sorted(size for path, size in sizes.items() if _is_place(path))
    seconds, made, kb = pack_seconds(site, folder / "packs", packs)
    return {
        "places": site.places.height,
        "plain": plain,
        "parts": parts,
        "files": len(sizes),
        "mb": sum(sizes.values()) / 1e6,
        "page_kb": {
            "median": statistics.median(pages) / 1000,
            "largest": pages[-1] / 1000,
            "smallest": pages[0] / 1000,
        },
        "packs": {"made": made, "seconds": seconds, "median_kb": kb},
        "peak_mb": peak_mb(),
    }


def _is_place(path: str) -> bool:
    folders, _, name = path.rpartition("/")
    page = name.endswith(".html") and not name.endswith(".embed.html")
    return (
        folders.startswith("site/places/") and page and name not in ("index.html", "compare.html")
    )


def _plain(crime: pl.DataFrame, folder: Path) -> float:
    """The baseline: the counts of each neighbourhood as a CSV of its own."""
    folder.mkdir(parents=True)
    start = time.perf_counter()
    parts = crime.partition_by("area_force_id", "neighbourhood_id")
    for n, part in enumerate(parts):
        part.write_csv(folder / f"{n}.csv")
    return time.perf_counter() - start


def _write(site: Any, folder: Path) -> tuple[dict[str, float], dict[str, int]]:
    """Write the website; seconds by its parts, and bytes by file."""
    import openbeat.website.site.build as build

    seconds: dict[str, float] = {}

    def timed(part: Any) -> Any:
        def run(site: Any) -> Iterator[Any]:
            files = iter(part(site))
            while True:
                start = time.perf_counter()
                file = next(files, None)
                name = part.__module__.rpartition(".")[2]
                seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start
                if file is None:
                    return
                yield file

        return run

    build.PAGES, build.DATA = tuple(map(timed, build.PAGES)), tuple(map(timed, build.DATA))
    start = time.perf_counter()
    sizes = {path: (folder / path).stat().st_size for path in build.write_site(site, folder)}
    seconds["writing the files"] = time.perf_counter() - start - sum(seconds.values())
    return seconds, sizes


def _print(console: Console, found: dict[str, Any], scale: str) -> None:
    table = Table("part", title=f"{scale}: {found['places']:,} neighbourhoods, {MONTHS} months")
    table.add_column("seconds", justify="right")
    table.add_column("times plain", justify="right")
    rows = {"plain: a CSV a neighbourhood by Polars": found["plain"], **found["parts"]}
    for part, seconds in {**rows, "the website, whole": sum(found["parts"].values())}.items():
        table.add_row(part, f"{seconds:,.1f}", f"{seconds / found['plain']:,.1f}")
    console.print(table)
    page, packs = found["page_kb"], found["packs"]
    console.print(
        f"{found['files']:,} files, {found['mb']:,.0f} MB; peak {found['peak_mb']:,.0f} MB"
    )
    console.print(
        f"a neighbourhood's page: median {page['median']:.1f} kB, {page['smallest']:.1f} to "
        f"{page['largest']:.1f} kB"
    )
    rate = packs["seconds"] / packs["made"]
    console.print(
        f"{packs['made']:,} packs as PDF in {packs['seconds']:,.1f} s, median "
        f"{packs['median_kb']:.0f} kB: {1000 * rate:.0f} ms each, {rate * 5000 / 60:.1f} minutes "
        "for 5,000"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        import pipelines.cli

        sys.exit(pipelines.cli.app(sys.argv[2:], standalone_mode=False))
    main()
