"""``verify`` stands between a damaged release and its readers: each kind of damage shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.release import content_digest, verify
from openbeat.release.integrity import read_sums

CSV = "tables/sightings.csv"


def kinds(folder: Path) -> set[tuple[str, str]]:
    return {(problem.path, problem.kind) for problem in verify(folder)}


def reseal(folder: Path, path: str, /, **described: object) -> None:
    """Make sums and descriptor fit an altered file, so that only its content can give it away."""
    package = json.loads((folder / "datapackage.json").read_bytes())
    entry = next(r for r in package["resources"] if r["path"] == path)
    data = (folder / path).read_bytes()
    entry |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    entry |= described
    (folder / "datapackage.json").write_text(json.dumps(package))
    sums = read_sums(folder)
    for name in (path, "datapackage.json"):
        sums[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text("".join(f"{sums[n]}  {n}\n" for n in sorted(sums)))


def test_a_whole_release_has_no_problem(release: Path) -> None:
    assert verify(release) == []


def test_a_changed_byte_shows(release: Path) -> None:
    data = (release / CSV).read_bytes()
    (release / CSV).write_bytes(data.replace(b",5,", b",6,"))
    assert kinds(release) == {(CSV, "hash")}


def test_a_cut_file_shows(release: Path) -> None:
    (release / CSV).write_bytes((release / CSV).read_bytes()[:-80])
    assert {(CSV, "hash"), (CSV, "bytes"), (CSV, "rows")} <= kinds(release)


def test_a_missing_and_an_extra_file_show(release: Path) -> None:
    (release / "quality.json").unlink()
    (release / "tables/.notes").write_text("a leftover")
    assert kinds(release) == {("quality.json", "missing"), ("tables/.notes", "extra")}


def test_a_link_in_a_files_place_shows(release: Path, tmp_path: Path) -> None:
    (release / CSV).rename(tmp_path / "outside.csv")
    (release / CSV).symlink_to(tmp_path / "outside.csv")
    assert (CSV, "extra") in kinds(release)


def test_rows_that_differ_from_the_description_show(release: Path) -> None:
    lines = (release / CSV).read_bytes().splitlines(keepends=True)
    (release / CSV).write_bytes(b"".join(lines[:-1]))
    reseal(release, CSV)
    assert kinds(release) == {(CSV, "rows")}


def test_columns_that_differ_from_the_description_show(release: Path) -> None:
    data = (release / CSV).read_bytes()
    (release / CSV).write_bytes(data.replace(b"force_name,place", b"place,force_name", 1))
    reseal(release, CSV)
    assert kinds(release) == {(CSV, "header")}


def test_types_that_differ_from_the_description_show(release: Path) -> None:
    path = "tables/sightings.parquet"
    frame = pl.read_parquet(release / path).with_columns(pl.col("count").cast(pl.Float64))
    frame.write_parquet(release / path)
    reseal(release, path)
    assert kinds(release) == {(path, "header")}
    assert "holds another type than described: count" in verify(release)[0].message


def test_a_table_that_cannot_be_read_shows(release: Path) -> None:
    path = "tables/sightings.parquet"
    (release / path).write_bytes(b"not a Parquet file")
    reseal(release, path)
    assert kinds(release) == {(path, "unreadable")}


def test_an_undescribed_file_shows(release: Path) -> None:
    reseal(release, "quality.json", path="other.json")
    assert {("quality.json", "undescribed"), ("other.json", "missing")} == kinds(release)


@pytest.mark.parametrize("text", ["", "{}", '{"resources": [{}]}', "[1]", "{"])
def test_a_damaged_descriptor_shows(release: Path, text: str) -> None:
    (release / "datapackage.json").write_text(text)
    assert ("datapackage.json", "malformed") in kinds(release)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: [*lines[1:], lines[0]],
        lambda lines: [lines[0], *lines],
        lambda lines: [lines[0].upper(), *lines[1:]],
        lambda lines: [lines[0].replace("  ", " "), *lines[1:]],
        lambda lines: [*lines, "0" * 64 + "  zz/../../outside"],
        lambda lines: ["0" * 64 + "  /outside", *lines],
        lambda lines: [*lines, ""],
    ],
)
def test_malformed_sums_show(release: Path, spoil: Callable[[list[str]], list[str]]) -> None:
    lines = (release / "SHA256SUMS").read_text().splitlines()
    (release / "SHA256SUMS").write_text("".join(f"{line}\n" for line in spoil(lines)))
    assert kinds(release) == {("SHA256SUMS", "malformed")}
    with pytest.raises(InputError, match="SHA256SUMS, line"):
        content_digest(release)


def test_a_folder_that_is_no_release_is_not_taken_for_one(tmp_path: Path) -> None:
    assert kinds(tmp_path) == {("SHA256SUMS", "malformed")}
