"""One run at a time in one place, and no lock left behind by a run that was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from openbeat.errors import InputError, LockedError
from resources.lock import place_lock

HOLD = """
import sys
from pathlib import Path
from resources.lock import place_lock
with place_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    with place_lock(tmp_path / "out"), pytest.raises(LockedError, match="another run works in"):
        place_lock(tmp_path / "out").__enter__()
    with place_lock(tmp_path / "out"):
        assert (tmp_path / "out").is_dir()


def test_two_places_do_not_hinder_each_other(tmp_path: Path) -> None:
    with place_lock(tmp_path / "one"), place_lock(tmp_path / "two"):
        assert (tmp_path / "two").is_dir()


def test_the_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockedError):
            place_lock(tmp_path).__enter__()
        holder.kill()
    with place_lock(tmp_path):
        assert holder.returncode < 0


def test_a_file_in_the_places_place_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"cannot be written .* Mend: .*--out"):
        place_lock(tmp_path / "file").__enter__()
