"""What somebody who takes the zip relies on: all of it, README first, the same bytes each time."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.release.bundle import write_zip
from openbeat.release.files import files_of
from openbeat.release.integrity import verify


@pytest.fixture
def named(release: Path) -> Path:
    return release.rename(release.with_name("2025-06-r1"))


def test_the_zip_holds_the_release_whole_with_its_readme_first(named: Path, tmp_path: Path) -> None:
    write_zip(named, tmp_path / "2025-06-r1.zip")
    with zipfile.ZipFile(tmp_path / "2025-06-r1.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        archive.extractall(tmp_path / "out")
    assert names[0] == "openbeat-2025-06-r1/README.md"
    assert names[1:] == sorted(names[1:])
    assert verify(tmp_path / "out/openbeat-2025-06-r1") == []
    assert files_of(tmp_path / "out/openbeat-2025-06-r1") == files_of(named)


def test_the_same_release_gives_the_same_zip_whatever_its_dates_and_rights(
    named: Path, tmp_path: Path
) -> None:
    write_zip(named, tmp_path / "one.zip")
    for number, name in enumerate(files_of(named)):
        (named / name).chmod(0o600)
        os.utime(named / name, (1e9 + number, 1e9 + number))
    write_zip(named, tmp_path / "other.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_other_tools_unpack_it(named: Path, tmp_path: Path) -> None:
    write_zip(named, tmp_path / "one.zip")
    command = ["python", "-m", "zipfile", "-t", "one.zip"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "Done testing" in done.stdout
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        for member in archive.infolist():
            assert member.external_attr >> 16 == 0o100644
            assert not member.filename.startswith("/")


def test_a_zip_that_could_not_be_finished_leaves_what_was_there(
    named: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "one.zip"
    target.write_bytes(b"the zip of before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("openbeat.release.bundle.shutil.copyfileobj", full)
    with pytest.raises(OSError, match="No space"):
        write_zip(named, target)
    assert target.read_bytes() == b"the zip of before"
    assert [path.name for path in tmp_path.iterdir() if "zip" in path.name] == ["one.zip"]


def test_what_is_no_release_and_links_are_refused(named: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds README\.md"):
        write_zip(tmp_path / "empty", tmp_path / "one.zip")
    (named / "link.txt").symlink_to("README.md")
    with pytest.raises(InputError, match="plain files only"):
        write_zip(named, tmp_path / "one.zip")
    assert not (tmp_path / "one.zip").exists()
