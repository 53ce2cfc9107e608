"""A disk that fills up: one sentence, nothing half published, and the next run goes on."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pytest

Run = Callable[..., Any]


def full(*_arguments: object, **_more: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full_as_polars_says_it(*_arguments: object, **_more: object) -> NoReturn:
    raise pl.exceptions.ComputeError("No space left on device (os error 28)")


def full_as_sqlite_says_it(*_arguments: object, **_more: object) -> NoReturn:
    raise sqlite3.OperationalError("database or disk is full")


def promoted(place: Any) -> dict[str, bytes]:
    """Every file that the public can see."""
    return {
        path.relative_to(place.releases).as_posix(): path.read_bytes()
        for path in place.releases.rglob("*")
        if path.is_file() and not path.relative_to(place.releases).parts[0].startswith(".")
    }


FILLS_UP = (
    ("resources.lake._replace", full, "the lake cannot be written (No space left on device)"),
    ("pipelines.running.Session.ingest", full_as_sqlite_says_it, "the disk is full: what the run"),
    ("openbeat.release.write.write_table", full_as_polars_says_it, "the disk is full: release"),
    ("openbeat.release.promote.sync_tree", full, "the disk is full: the release"),
    ("openbeat.release.promote.replace_text", full, "the disk is full: the release"),
)


def test_a_full_disk_is_told_and_publishes_nothing_until_there_is_room(
    place: Any, run: Run, july: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run gets a little further than the one before."""
    before = promoted(place)
    for where, how, said in FILLS_UP:
        with monkeypatch.context() as patch:
            patch.setattr(where, how)
            stopped = run()
        assert stopped.code == 2, where
        assert said in stopped.text
        assert "free some space" in stopped.text
        assert "Traceback" not in stopped.text
        assert promoted(place) == before, where
    again = run()
    assert again.code == 0, again.text
    assert place.sums() == july.sums()


def test_a_failure_that_does_not_name_the_disk_is_told_where_it_has_no_room(
    place: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite says "disk I/O error" of a disk that filled up while it was writing."""

    def failing(*_arguments: object) -> NoReturn:
        raise sqlite3.OperationalError("disk I/O error")

    def no_room(_path: Path) -> Any:
        return shutil._ntuple_diskusage(10**9, 10**9, 0)  # type: ignore[attr-defined]

    monkeypatch.setattr("pipelines.running.Session.ingest", failing)
    with pytest.raises(sqlite3.OperationalError):  # with room, it is something else
        run()
    monkeypatch.setattr("shutil.disk_usage", no_room)
    stopped = run()
    assert stopped.code == 2
    assert "the disk is full" in stopped.text
