"""Zips are written whole or not at all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from openbeat.sample.bundle import bundle


def test_members_come_out_in_the_order_they_went_in(tmp_path: Path) -> None:
    with bundle(tmp_path / "new" / "a.zip", 1) as opened:
        for number in range(5):
            opened.add(f"{number}.csv", bytes([number]) * 1000)
    with zipfile.ZipFile(tmp_path / "new" / "a.zip") as archive:
        assert archive.namelist() == [f"{number}.csv" for number in range(5)]
        assert archive.read("3.csv") == b"\x03" * 1000


def test_an_error_on_the_way_leaves_the_older_zip_and_no_half_one(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"older")

    def fail() -> None:
        with bundle(path, 1) as opened:
            opened.add("0.csv", b"some")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        fail()
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]
    assert path.read_bytes() == b"older"
