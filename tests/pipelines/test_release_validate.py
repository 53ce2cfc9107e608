"""``openbeat release validate`` prints a verdict a judge, and fails where one does."""

from __future__ import annotations

import dataclasses
import sys
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from openbeat import codelists
from openbeat.release.content import ReleaseContent
from openbeat.release.write import write_release
from pipelines.release_validate import validate
from tests.openbeat.release.conftest import counts_contract, counts_frame

app = typer.Typer()
app.command()(validate)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    content = ReleaseContent(
        month="2025-06",
        first_month="2025-05",
        as_of=date(2025, 7, 31),
        tables={"sightings": counts_frame()},
        contracts={"sightings": counts_contract()},
        codelists={"places": codelists.load("places")},
        workbooks=False,
    )
    some = dataclasses.replace(
        content, base_url="https://data.example.org", contact={"email": "data@example.org"}
    )
    write_release(some, tmp_path / "release", "2025-06-r1")
    return tmp_path / "release"


def test_a_right_release_passes_and_the_table_says_what_was_judged(release: Path) -> None:
    result = CliRunner().invoke(app, [str(release)])
    assert result.exit_code == 0, result.output
    line = next(line for line in result.output.splitlines() if line.startswith("Tabular data"))
    assert line.split()[-3:] == ["passed", str(len([*release.rglob("*.csv")])), "CSVs"]
    assert "--slow" in result.output


def test_a_wrong_release_fails_and_says_where(release: Path) -> None:
    path = release / "tables/sightings.csv"
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
    result = CliRunner().invoke(app, [str(release)])
    assert result.exit_code == 1
    assert "tables/sightings.csv: has lines that do not end with CRLF" in result.output


def test_the_slow_judges_are_asked_and_a_missing_one_names_its_extra(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("csvw", "mlcroissant", "pyshacl", "frictionless"):
        monkeypatch.setitem(sys.modules, name, None)
    result = CliRunner().invoke(app, [str(release), "--slow"])
    assert result.exit_code == 1
    assert result.output.count("not installed\n") == 4
    assert 'pip install "openbeat[validate]"' in result.output


def test_a_place_without_releases_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["latest", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "there is no release yet" in result.output
