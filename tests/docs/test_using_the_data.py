"""What docs/using-the-data.md tells people to type works, against a release served over HTTP."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from openbeat import codelists
from openbeat.contract import load_contract
from openbeat.release.content import ReleaseContent
from openbeat.release.promote import ReleaseStore
from openbeat.release.write import write_release
from tests.docs.served import served

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "using-the-data.md").read_text(encoding="utf-8")
ADDRESS = "https://data.example.org/openbeat"
RELEASE = "2025-06-r1"
TABLES = ("crime", "coverage", "neighbourhoods")
BURGLARY = [
    # One by another force too, in the same place; then a month that was supplied in part.
    ("2025-05", "avon", "007", 4),
    ("2025-05", "avon", "NA", 0),
    ("2025-06", "avon", "007", 2),
    ("2025-06", "wye", "007", None),
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def crime() -> list[dict[str, Any]]:
    def row(month: str, force: str, place: str, count: int | None, **more: Any) -> dict[str, Any]:
        return {
            "month": month, "force_id": force, "force_name": force.title(), "count": count,
            "place": "neighbourhood", "area_force_id": "avon", "neighbourhood_id": place,
            "neighbourhood_name": f"Part {place}", "crime_type": "Burglary",
            "crime_type_code": "burglary", "coverage": "submitted",
        } | more  # fmt: skip

    asb = {"crime_type": "Anti-social behaviour", "crime_type_code": "anti-social-behaviour"}
    part = {"area_force_id": "wye", "coverage": "partial_suspected"}
    return [
        row("2025-05", "avon", "007", 3),
        row("2025-05", "rail", "007", 1),
        row("2025-05", "avon", "NA", 0),
        row("2025-06", "avon", "007", 2),
        row("2025-06", "avon", "007", 9, **asb),
        row("2025-06", "wye", "007", None, count_status="x", **part),
    ]


def coverage() -> list[dict[str, Any]]:
    given = {
        ("2025-05", "avon"): "submitted", ("2025-06", "avon"): "submitted",
        ("2025-05", "rail"): "submitted", ("2025-06", "rail"): "submitted",
        ("2025-05", "wye"): "missing", ("2025-06", "wye"): "partial_suspected",
    }  # fmt: skip
    return [
        {"month": month, "force_id": force, "force_name": force.title(), "dataset": dataset,
         "coverage": status}
        for (month, force), status in given.items()
        for dataset in ("street", "stops")
    ]  # fmt: skip


def neighbourhoods() -> list[dict[str, Any]]:
    def row(name: str, start: str, end: str | None, heirs: str | None) -> dict[str, Any]:
        return {
            "force_id": "avon", "neighbourhood_id": name, "name": f"Part {name}",
            "valid_from": start, "valid_to": end, "successor_ids": heirs, "area_km2": 1.0,
            "repaired": False, "overlaps": 0,
        }  # fmt: skip

    return [row("006", "2025-05", "2025-05", "007"), row("007", "2025-06", None, None)]


@pytest.fixture(scope="module", params=["small", "split by force"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose tables have a CSV, or are so large that they have none of the whole."""
    contracts = {
        name: load_contract(ROOT / "expectations" / "contracts" / f"{name}.yaml") for name in TABLES
    }
    rows = {"crime": crime(), "coverage": coverage(), "neighbourhoods": neighbourhoods()}
    content = ReleaseContent(
        month="2025-06",
        first_month="2025-05",
        as_of=date(2025, 7, 31),
        tables={n: pl.DataFrame(rows[n], schema=contracts[n].polars_schema()) for n in TABLES},
        contracts=contracts,
        codelists={name: codelists.load(name) for name in codelists.names()},
    )
    store = ReleaseStore(tmp_path_factory.mktemp("store") / "releases")
    staged = store.staging()
    if request.param == "small":
        write_release(content, staged, RELEASE)
    else:
        write_release(content, staged, RELEASE, max_csv_rows=1)
        assert not (staged / "tables" / "crime.csv").exists()
    store.publish(staged, "2025-06", lambda: datetime(2025, 8, 1, 9, 30, tzinfo=UTC))
    return store.root


@pytest.fixture(scope="module")
def address(store: Path) -> Iterator[str]:
    with served(store) as url:
        yield url


@pytest.fixture(scope="module")
def names(address: str) -> dict[str, Any]:
    """What the Python blocks, run one after the other as the page says, leave behind."""
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks("python"), 1):
        code = block.replace(ADDRESS, address)
        exec(compile(code, f"using-the-data.md, Python block {number}", "exec"), names)
    return names


def test_polars_adds_up_by_place_and_keeps_a_gap_a_gap(names: dict[str, Any]) -> None:
    wanted = ["month", "area_force_id", "neighbourhood_id", "count"]
    assert names["burglary"].select(wanted).rows() == BURGLARY


def test_only_supplied_months_are_compared(names: dict[str, Any]) -> None:
    assert names["comparable"]["area_force_id"].unique().to_list() == ["avon"]
    assert names["gaps"].select("month", "coverage").sort("month").rows() == [
        ("2025-05", "missing"), ("2025-06", "partial_suspected")
    ]  # fmt: skip


def test_code_lists_and_dictionary_say_what_is_what(names: dict[str, Any]) -> None:
    assert set(names["crimes"]["crime_type"]) == {"Burglary"}
    assert names["meaning"].startswith("Number of incidents")


def test_the_csv_read_by_its_schema_is_the_parquet(names: dict[str, Any]) -> None:
    parquet = names["crime"].collect()
    assert names["from_csv"].rows() == parquet.rows()


def test_pandas_says_the_same(names: dict[str, Any]) -> None:
    import pandas as pd

    assert (
        str(names["frame"]["count"].dtype) == "Int32"
        or str(names["frame"]["count"].dtype) == "Int64"
    )
    found = names["burglary_pandas"].reset_index()
    rows = [
        (*row[:3], None if pd.isna(row[3]) else row[3]) for row in found.itertuples(index=False)
    ]
    assert rows == BURGLARY


def test_duckdb_reads_through_arrow(names: dict[str, Any]) -> None:
    assert names["by_force"].rows() == [
        ("avon", "2025-05", 3, False),
        ("avon", "2025-06", 11, False),
        ("rail", "2025-05", 1, False),
        ("wye", "2025-06", None, True),
    ]


def test_nothing_is_announced_and_redirects_are_read(names: dict[str, Any]) -> None:
    assert names["going"].height == 0
    assert names["now_called"].rows() == [("avon/006", "avon/007", "2025-06")]


def test_sql_says_the_same(store: Path, address: str) -> None:
    """Over HTTP where DuckDB has its extension already, else the same statements on the folder."""
    link = duckdb.connect()
    try:
        link.load_extension("httpfs")
        place = address
    except duckdb.Error:
        place = str(store)
    counted, by_type = (
        link.sql(block.replace(ADDRESS, place)).fetchall() for block in blocks("sql")
    )
    assert [row[:4] for row in counted] == BURGLARY
    assert [row[4] for row in counted] == [False, False, False, True]
    assert by_type == [("Anti-social behaviour", "false", 9), ("Burglary", "true", 6)]


def test_r_runs(store: Path, address: str, tmp_path: Path) -> None:
    if not (store / RELEASE / "tables" / "crime.csv").exists():
        pytest.skip("the page gives the address of a table that is split in words")
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("Rscript is not installed here")
    has = [rscript, "-e", "stopifnot(requireNamespace('jsonlite'))"]
    if subprocess.run(has, capture_output=True, check=False).returncode:
        pytest.skip("the R package jsonlite is not installed here")
    script = tmp_path / "page.R"
    script.write_text("\n".join(blocks("r")).replace(ADDRESS, address), encoding="utf-8")
    done = subprocess.run([rscript, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "007" in done.stdout


@pytest.fixture
def signed(store: Path, tmp_path: Path) -> Path:
    """A copy of the release with a signature, where minisign is installed; else without."""
    folder = Path(shutil.copytree(store / RELEASE, tmp_path / RELEASE))
    minisign = shutil.which("minisign")
    if minisign:
        key = tmp_path / "secret.key"
        public = tmp_path / "openbeat.pub"
        subprocess.run([minisign, "-G", "-W", "-p", public, "-s", key], check=True,
                       capture_output=True)  # fmt: skip
        subprocess.run([minisign, "-S", "-s", key, "-m", folder / "SHA256SUMS"], check=True,
                       capture_output=True)  # fmt: skip
    return folder


def test_the_shell_finds_a_release_whole_and_a_broken_one_broken(signed: Path) -> None:
    script = "set -e\n" + "\n".join(blocks("sh"))
    run = ["sh", "-c", script]
    assert subprocess.run(run, cwd=signed, capture_output=True, check=False).returncode == 0
    (signed / "README.md").write_text("Other words.")
    assert subprocess.run(run, cwd=signed, capture_output=True, check=False).returncode != 0


def test_every_block_has_a_language_that_is_known() -> None:
    found = set(re.findall(r"^```(\w+)$", PAGE, re.M))
    assert found == {"python", "sql", "r", "sh", "powerquery"}
