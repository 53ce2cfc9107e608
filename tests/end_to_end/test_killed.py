"""A run killed outright, at any moment: the last release is whole, and the next run makes it good.

``tests/openbeat/release/test_promote.py`` stops a promotion between any two of its steps; here the
whole process dies, at one moment of each stage.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.counting import kept

ROOT = Path(__file__).parents[2]
MOMENTS = {
    "a step of the ingest begins": ("assets.geography:distinct_points", 1),
    "a table is written and not yet in place": ("resources.lake:os.fsync", 6),
    "the release is half written": ("openbeat.release.write:write_table", 4),
    "the release is about to get its name": ("openbeat.release.promote:move", 1),
    "the release is listed and not yet the latest": ("openbeat.release.promote:point_latest", 2),
}
AS_OF = "2025-07-31"


@pytest.fixture(scope="module")
def killed(june: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The place each killed run left, by the moment it was killed at; two run at a time."""
    places, waiting = {}, []
    for moment, (at, nth) in MOMENTS.items():
        place = june.copied(tmp_path_factory.mktemp("killed"))
        places[moment] = place
        arguments = ("run", "--config", place.settings, "--out", place.out, "--as-of", AS_OF)
        command = [sys.executable, Path(__file__).with_name("killed_run.py"), at, nth, *arguments]
        waiting.append(_start([str(part) for part in command]))
        if len(waiting) == 2:
            _died(waiting.pop(0))
    for process in waiting:
        _died(process)
    return places


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def _died(process: subprocess.Popen[bytes]) -> None:
    said, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL, said.decode()


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_next_run_makes_good_what_a_killed_one_left(
    moment: str,
    killed: dict[str, Any],
    july: Any,
    tmp_path: Path,
    cli: Callable[..., Any],
    no_judge: None,
) -> None:
    place = killed[moment]
    verified = cli("release", "verify", "--out", place.out)
    assert verified.code == 0, verified.text
    latest = json.loads((place.releases / "latest.json").read_bytes())
    assert latest["id"] == "2025-06-r1"

    said = cli("run", "--config", place.settings, "--out", place.out, "--as-of", AS_OF)
    assert said.code == 0, said.text
    assert place.latest.name == "2025-07-r1"
    assert place.sums() == july.sums()
    assert [path.name for path in sorted(place.releases.iterdir())] == [
        path.name for path in sorted(july.releases.iterdir())
    ]
    assert kept(place.out / "lake") == kept(july.out / "lake")
    shutil.rmtree(place.out)
