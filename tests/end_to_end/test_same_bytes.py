"""The same inputs give the same bytes, wherever and however they are run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
AS_OF = "2025-07-31"
ELSEWHERE = {
    "PYTHONHASHSEED": "7",
    "POLARS_MAX_THREADS": "1",
    "TZ": "Pacific/Auckland",
    "LC_ALL": "C",
    "PYTHONPATH": str(ROOT),
}


def test_another_place_process_and_locale_give_the_same_release_and_lake(
    pair: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    """Great Expectations and all; the second time with relative paths, from another folder."""
    here = tmp_path / "here"
    archive = pair / "archives/2025-06.zip"
    inputs = ("--config", pair / "openbeat.yaml", "--archive", archive)
    said = cli("run", *inputs, "--out", here, "--as-of", AS_OF)
    assert said.code == 0, said.text

    moved = Path(shutil.copytree(pair, tmp_path / "other place" / "Ö" / "inputs"))
    inputs = ("--config", "inputs/openbeat.yaml", "--archive", "inputs/archives/2025-06.zip")
    command = [sys.executable, "-m", "pipelines.cli", "run", *inputs]
    done = subprocess.run(
        [*command, "--out", "there", "--as-of", AS_OF],
        cwd=moved.parent,
        env=os.environ | ELSEWHERE,
        umask=0o077,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    there = moved.parent / "there"
    assert contents(here / "releases/2025-06-r1") == contents(there / "releases/2025-06-r1")
    assert timeless(here / "lake") == timeless(there / "lake")


def timeless(folder: Path) -> dict[str, bytes]:
    """The lake without what says when a log came in: deliveries, versions, the register."""
    came = ("raw_logs_", "history_", "deliveries/", "routed/")
    return {name: data for name, data in contents(folder).items() if not name.startswith(came)}


def contents(folder: Path) -> dict[str, bytes]:
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert len(found) > 25
    return found
