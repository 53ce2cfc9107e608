"""Two editions of one real month, as police.uk issues them: every changed cell is listed, once.

The later edition is made from the real files as real archives of one month, taken at two dates,
were seen to differ: the same rows, a third with another outcome, a few that moved.
"""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from openbeat.settings import Settings, load_settings
from pipelines.running import session

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "realdata"
REAL = Path(os.environ.get("OPENBEAT_REAL_DATA", DEFAULT))
MONTH = "2017-03"
STREET, OUTCOMES, STOPS = (
    f"{MONTH}/{MONTH}-city-of-london-{name}.csv"
    for name in ("street", "outcomes", "stop-and-search")
)
PLACE = ("Longitude", "Latitude", "Location", "LSOA code", "LSOA name")
MOVED = {STREET: 6, OUTCOMES: 4}

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="real data not here; set OPENBEAT_REAL_DATA to its folder"
)

Rows = list[dict[str, str]]
Cell = tuple[str, tuple[object, ...], str]
"""Table, key, column."""


@dataclass
class Pair:
    """Both editions: their files' rows, the releases made of them, and what was changed."""

    rows: tuple[Mapping[str, Rows], Mapping[str, Rows]]
    releases: tuple[Path, Path]
    relabelled: Counter[str]

    def revisions(self) -> pl.DataFrame:
        return pl.read_parquet(self.releases[1] / "REVISIONS.parquet")


def read(member: str) -> Rows:
    with zipfile.ZipFile(REAL / "police-uk" / "2017-06.zip") as zipped:
        return list(csv.DictReader(io.StringIO(zipped.read(member).decode("utf-8"))))


def write(path: Path, files: Mapping[str, Rows]) -> Path:
    with zipfile.ZipFile(path, "w") as zipped:
        for member, rows in files.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            zipped.writestr(member, text.getvalue())
    return path


def later(rows: Rows, member: str, column: str, one_in_ten: int) -> tuple[Rows, int]:
    """The same rows in the same order: of ten so many with another outcome, and a few moved.

    Only rows whose Crime ID is theirs alone are touched, so that no row becomes a repeat.
    """
    seen = Counter(row["Crime ID"] for row in rows)
    labels = sorted({row[column] for row in rows if row[column]})
    own = [n for n, row in enumerate(rows) if row["Crime ID"] and seen[row["Crime ID"]] == 1]
    made = [dict(row) for row in rows]
    told = [n for n in own if rows[n][column]]
    relabelled = [n for place, n in enumerate(told) if place % 10 < one_in_ten]
    for n in relabelled:
        made[n][column] = labels[(labels.index(rows[n][column]) + 1) % len(labels)]
    here = [n for n in own if rows[n]["Longitude"]]
    for n in here[:: len(here) // MOVED[member]][: MOVED[member]]:
        there = next(rows[m] for m in here[n % 7 :] if rows[m]["LSOA code"] != rows[n]["LSOA code"])
        made[n] |= {name: there[name] for name in PLACE}
    return made, len(relabelled)


def settings(out: Path, archive: Path) -> Settings:
    return load_settings(
        None,
        out=out,
        archives=[{"path": str(archive)}],
        boundaries=[{"path": REAL / "boundaries" / "city-of-london.geojson"}],
        lsoa_lookup=REAL / "geography" / "lsoa11-lsoa21-lad22-lookup.csv.gz",
        as_of=date(2026, 10, 31),
        release={"workbooks": False},
    )


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("editions")
    old = {member: read(member) for member in (STREET, OUTCOMES, STOPS)}
    street, of_street = later(old[STREET], STREET, "Last outcome category", 3)
    outcomes, of_outcomes = later(old[OUTCOMES], OUTCOMES, "Outcome type", 2)
    new = old | {STREET: street, OUTCOMES: outcomes}
    releases = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("expectations.validation.judge", lambda *_arguments: [])
        patch.setattr("pipelines.running._instance", dg.DagsterInstance.ephemeral)
        for archived, files in (("2017-03", old), ("2017-04", new)):
            archive = write(folder / f"{archived}.zip", files)
            with session(settings(folder / "out", archive), lambda _text: None) as work:
                work.ingest(MONTH)
                releases.append(Path(work.publish(MONTH, None)["path"]))
    relabelled = Counter({STREET: of_street, OUTCOMES: of_outcomes})
    return Pair((old, new), (releases[0], releases[1]), relabelled)


def contents(release: Path) -> dict[str, tuple[list[str], Rows]]:
    """The columns of every table's key, and its rows."""
    package = json.loads((release / "datapackage.json").read_bytes())
    made = {}
    for resource in package["resources"]:
        path = Path(resource["path"])
        if path.parent.name == "tables" and path.suffix == ".parquet":
            schema = resource["schema"]
            key = schema.get("primaryKey") or schema.get("uniqueKeys", [[]])[0]
            names = [key] if isinstance(key, str) else list(key)
            made[path.stem] = (names, pl.read_parquet(release / path).to_dicts())
    return made


def numbers(release: Path, table: str, key: list[str]) -> list[str]:
    schema = pl.read_parquet_schema(release / "tables" / f"{table}.parquet")
    return [name for name, kind in schema.items() if kind.is_numeric() and name not in key]


def differing(pair: Pair) -> dict[Cell, tuple[object, object]]:
    """Every cell that differs between the releases, by plain look-up: the old and new value."""
    found: dict[Cell, tuple[object, object]] = {}
    before, after = (contents(release) for release in pair.releases)
    assert before.keys() == after.keys()
    for table, (key, rows) in after.items():
        if not key:
            continue
        old, new = (
            {tuple(row[name] for name in key): row for row in side}
            for side in (before[table][1], rows)
        )
        counted = numbers(pair.releases[1], table, key)
        for place in old.keys() | new.keys():
            was, now = old.get(place, {}), new.get(place, {})
            columns = counted if not (was and now) else list(now)
            for name in columns:
                if name in key or name.endswith("_status"):
                    continue
                values = [(side.get(name), side.get(f"{name}_status")) for side in (was, now)]
                if values[0] != values[1]:
                    found[table, place, name] = (values[0][0], values[1][0])
    return found


def text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def listed(pair: Pair) -> list[tuple[Cell, tuple[str | None, str | None]]]:
    keys = {table: key for table, (key, _) in contents(pair.releases[1]).items()}
    return [
        (
            (
                row["table"],
                tuple(json.loads(row["key"])[name] for name in keys[row["table"]]),
                row["column"],
            ),
            (row["old"], row["new"]),
        )
        for row in pair.revisions().to_dicts()
    ]


def test_the_editions_differ_as_real_ones_do(pair: Pair) -> None:
    for member, column in ((STREET, "Last outcome category"), (OUTCOMES, "Outcome type")):
        old, new = (side[member] for side in pair.rows)
        others = [n for n in range(len(old)) if old[n] != new[n]]
        assert [row["Crime ID"] for row in old] == [row["Crime ID"] for row in new]
        assert sum(old[n][column] != new[n][column] for n in others) == pair.relabelled[member]
        moved = sum(any(old[n][name] != new[n][name] for name in PLACE) for n in others)
        assert 0 < moved <= MOVED[member]
    assert pair.relabelled[STREET] > 0.2 * len(pair.rows[0][STREET])


def test_what_is_listed_is_what_differs_and_nothing_else(pair: Pair) -> None:
    expected = {cell: (text(old), text(new)) for cell, (old, new) in differing(pair).items()}
    found = listed(pair)
    assert len(found) == len({cell for cell, _ in found}), "a cell is listed twice"
    assert dict(found) == expected
    assert {"crime", "outcomes", "coverage"} <= {table for table, _, _ in expected}


def test_the_listed_changes_sum_to_what_changed_in_the_files(pair: Pair) -> None:
    """By outcome, and by crime type (of which none changed), straight from the rows."""
    lines = pair.revisions().filter(pl.col("column") == "count")
    for table, member, of, column in (
        ("outcomes", OUTCOMES, "outcome_type", "Outcome type"),
        ("crime", STREET, "crime_type", "Crime type"),
    ):
        old, new = (Counter(row[column] for row in side[member]) for side in pair.rows)
        expected = {label: new[label] - old[label] for label in {*old, *new}}
        found: Counter[str] = Counter()
        for row in lines.filter(pl.col("table") == table).to_dicts():
            found[json.loads(row["key"])[of]] += int(row["new"] or 0) - int(row["old"] or 0)
        assert {k: n for k, n in found.items() if n} == {k: n for k, n in expected.items() if n}


def test_each_change_is_of_the_kind_that_it_is(pair: Pair) -> None:
    lines = pair.revisions()
    assert not lines.filter(pl.col("reason").str.contains("no source|settings changed")).height
    kinds = {table: set(part["kind"]) for (table,), part in lines.group_by("table")}
    assert kinds["crime"] == {"resupply"}, "points that moved are no outcomes"
    assert kinds["outcomes"] == {"outcome_update", "resupply"}
    assert kinds["crime_summary"] == {"resupply"}
    assert kinds["coverage"] == {"resupply", "scheduled"}
    stops = lines.filter(pl.col("key").str.json_path_match("$.dataset") == "stops")
    assert set(stops["kind"]) == {"scheduled"}, "the same file, in another archive"


def test_outcomes_changed_alone_where_a_places_sum_stayed(pair: Pair) -> None:
    lines = pair.revisions().filter((pl.col("table") == "outcomes") & (pl.col("column") == "count"))
    change: Counter[str] = Counter()
    for row in lines.to_dicts():
        place = json.loads(row["key"]) | {"outcome_type": None}
        change[json.dumps(place)] += int(row["new"] or 0) - int(row["old"] or 0)
    for row in lines.to_dicts():
        place = json.dumps(json.loads(row["key"]) | {"outcome_type": None})
        assert (row["kind"] == "outcome_update") == (change[place] == 0), row
