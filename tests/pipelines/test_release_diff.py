"""``openbeat release diff``, as a person runs it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from pipelines.release_diff import diff
from tests.openbeat.release.editions import at, put, tables, write_edition

app = typer.Typer()
app.command("diff")(diff)
run = CliRunner()


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Two releases of the same months, one crime count and one file of the newer one other."""
    new = tables()
    where = at(month="2025-05", force_id="avon", neighbourhood_id="N1", crime_type="Robbery")
    new["crime"] = put(new["crime"], where, count=4)
    file = at(month="2025-05", force_id="avon", dataset="street")
    new["coverage"] = put(new["coverage"], file, member_sha256="later")
    old = write_edition(tmp_path / "2025-06-r1", tables())
    return str(old), str(write_edition(tmp_path / "2025-06-r2", new))


def test_it_counts_by_table_and_kind_and_shows_examples(pair: tuple[str, str]) -> None:
    done = run.invoke(app, list(pair))
    assert done.exit_code == 0, done.output
    assert "2025-06-r1 to 2025-06-r2: 2 cells" in done.output
    assert "count: 5 -> 4  [resupply] police.uk issued the file again" in done.output


def test_csv_holds_every_cell(pair: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    done = run.invoke(app, [*pair, "--csv", str(path)])
    assert done.exit_code == 0, done.output
    assert set(pl.read_csv(path)["table"]) == {"crime", "coverage"}


def test_equal_releases_say_so(pair: tuple[str, str], tmp_path: Path) -> None:
    same = write_edition(tmp_path / "2025-06-r3", tables())
    done = run.invoke(app, [pair[0], str(same)])
    assert done.exit_code == 0, done.output
    assert "Nothing differs between 2025-06-r1 and 2025-06-r3" in done.output


def test_a_release_against_itself_is_refused(pair: tuple[str, str]) -> None:
    done = run.invoke(app, [pair[0], pair[0]])
    assert done.exit_code == 2
