"""The same content gives the same bytes to anybody: another machine's habits leave no trace."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from openbeat import codelists
from openbeat.release.content import ReleaseContent
from openbeat.release.integrity import SUMS, content_digest, names_release, read_sums, verify
from openbeat.release.write import write_release
from tests.openbeat.release.conftest import (
    boundaries,
    counts_contract,
    counts_frame,
    places_contract,
)

ROOT = Path(__file__).parents[3]
RELEASES = ("first", "again", "later")
ELSEWHERE = {
    "TZ": "Pacific/Auckland",
    "LC_ALL": "C",
    "LANG": "tr_TR.UTF-8",
    "PYTHONHASHSEED": "7",
    "PYTHONUTF8": "0",
    "POLARS_MAX_THREADS": "1",
    "PYTHONPATH": str(ROOT),
}


def content() -> ReleaseContent:
    """One of every kind of file."""
    shapes = boundaries()
    return ReleaseContent(
        month="2025-06",
        first_month="2025-05",
        as_of=date(2025, 7, 31),
        tables={"sightings": counts_frame().lazy(), "neighbourhoods": shapes.drop("geometry")},
        contracts={"sightings": counts_contract(), "neighbourhoods": places_contract()},
        boundaries=shapes,
        codelists={"places": codelists.load("places")},
        provenance={"code_version": "0.1.0", "sets": sorted({"b", "a", "c"})},
    )


def write_here(folder: Path) -> None:
    """A release, the same again after it, and one with another count after that."""
    frame = counts_frame().with_columns(pl.col("count") + 1)
    later = {"sightings": frame, "neighbourhoods": boundaries().drop("geometry")}
    write_release(content(), folder / "first", "2025-06-r1")
    write_release(content(), folder / "again", "2025-06-r2", previous=folder / "first")
    changed = dataclasses.replace(content(), tables=later)
    write_release(changed, folder / "later", "2025-06-r3", previous=folder / "again")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("here")
    write_here(folder)
    return folder


def test_another_machine_writes_the_same_bytes(here: Path, tmp_path: Path) -> None:
    """Some seconds later, too: a clock in any file would show."""
    there = tmp_path / "Ünderneath another" / "place"
    there.mkdir(parents=True)
    program = f"from {__name__} import *; write_here(Path('.'))"
    environment = os.environ | ELSEWHERE
    command = [sys.executable, "-c", program]
    subprocess.run(command, cwd=there, env=environment, umask=0o077, check=True)
    for release in RELEASES:
        assert verify(here / release) == verify(there / release) == []
        ours, theirs = (read_sums(place / release) for place in (here, there))
        assert {path for path in ours if ours[path] != theirs.get(path)} == set()
        assert (here / release / SUMS).read_bytes() == (there / release / SUMS).read_bytes()


def test_the_same_content_says_the_same_under_another_number(here: Path) -> None:
    """Else every run would publish a new release."""
    first, again = (read_sums(here / name) for name in ("first", "again"))
    differ = {path for path in first | again if first.get(path) != again.get(path)}
    assert {path for path in differ if not names_release(path)} == set()
    assert content_digest(here / "first") == content_digest(here / "again")
    assert content_digest(here / "first") != content_digest(here / "later")


def test_no_file_names_the_place_it_was_written_in(here: Path) -> None:
    for path in here.rglob("*"):
        if path.is_file():
            assert str(here).encode() not in path.read_bytes(), path


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils are not installed")
def test_the_documented_command_gives_the_digest_of_what_a_release_says(here: Path) -> None:
    lines = (ROOT / "docs/verifying.md").read_text("utf-8").splitlines()
    (command,) = [line for line in lines if line.startswith("grep -vE")]
    done = subprocess.run(command, cwd=here / "later", shell=True, capture_output=True, check=True)
    assert done.stdout.split()[0].decode() == content_digest(here / "later")
