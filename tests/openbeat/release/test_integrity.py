"""``verify`` stands between a damaged release and its readers: each kind of damage shows."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbeat.errors import InputError
from openbeat.release.integrity import content_digest, hash_file, read_sums, sums_text, verify

CSV = "tables/sightings.csv"
PARQUET = "tables/sightings.parquet"
Fields = list[dict[str, object]]


def kinds(folder: Path) -> set[tuple[str, str]]:
    return {(problem.path, problem.kind) for problem in verify(folder)}


def described(folder: Path, path: str) -> dict[str, object]:
    package = json.loads((folder / "datapackage.json").read_bytes())
    return next(r for r in package["resources"] if r["path"] == path)


def reseal(folder: Path, path: str, /, **says: object) -> None:
    """Make sums and descriptor fit an altered file, so that only its content can give it away."""
    describe(folder, described(folder, path), path, **says)


def describe(folder: Path, entry: dict[str, object], file: str, **says: object) -> None:
    """Put a file into sums and descriptor, described as an entry does and what is said besides."""
    package = json.loads((folder / "datapackage.json").read_bytes())
    others = [r for r in package["resources"] if r["path"] != file]
    size = {"bytes": (folder / file).stat().st_size, "hash": f"sha256:{hash_file(folder / file)}"}
    package["resources"] = [*others, entry | {"path": file} | size | says]
    (folder / "datapackage.json").write_text(json.dumps(package))
    list_file(folder, file, "datapackage.json")


def list_file(folder: Path, *files: str) -> None:
    """Put files into ``SHA256SUMS``."""
    sums = read_sums(folder) | {file: hash_file(folder / file) for file in files}
    (folder / "SHA256SUMS").write_text(sums_text(sums))


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


@pytest.mark.parametrize("path", [CSV, "SHA256SUMS", "SHA256SUMS.minisig"])
def test_a_link_in_a_files_place_shows(release: Path, tmp_path: Path, path: str) -> None:
    (release / "SHA256SUMS.minisig").write_text("a signature")
    (release / path).rename(tmp_path / "outside.csv")
    (release / path).symlink_to(tmp_path / "outside.csv")
    assert (path, "extra") in kinds(release)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_in_a_files_place_shows_and_is_not_waited_for(release: Path) -> None:
    (release / CSV).unlink()
    os.mkfifo(release / CSV)
    assert (CSV, "extra") in kinds(release)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_byte_of_any_file_can_change(small: Path, data: st.DataObject) -> None:
    files = sorted(path for path in small.rglob("*") if path.is_file())
    file = data.draw(st.sampled_from(files))
    whole = file.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    altered = bytearray(whole)
    altered[place] ^= data.draw(st.integers(1, 255))
    file.write_bytes(altered)
    try:
        assert verify(small)
    finally:
        file.write_bytes(whole)


@pytest.fixture(scope="module")
def small(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(written / "a1", tmp_path_factory.mktemp("small") / "release"))


def test_a_signature_is_no_file_too_many_and_in_no_digest(release: Path) -> None:
    digest = content_digest(release)
    (release / "SHA256SUMS.minisig").write_text("a signature")
    assert verify(release) == []
    assert content_digest(release) == digest


@pytest.mark.parametrize(
    "path",
    [
        "README.md", "datapackage.json", "CHANGELOG.md", "REVISIONS.csv", "REVISIONS.parquet",
        "catalog.jsonld", "data.json", "croissant.json", "dataset.jsonld", "workbook/avon.xlsx",
    ],
)  # fmt: skip
def test_what_names_the_release_is_not_in_the_digest_of_what_it_says(
    release: Path, path: str
) -> None:
    before = content_digest(release)
    (release / path).parent.mkdir(exist_ok=True)
    (release / path).write_text("")
    list_file(release, path)
    assert content_digest(release) == before
    (release / path).write_text("of another release")
    list_file(release, path)
    assert content_digest(release) == before
    (release / "quality.json").write_text("[1]")
    list_file(release, "quality.json")
    assert content_digest(release) != before


def test_a_release_is_held_against_its_name_and_its_pin(release: Path) -> None:
    pin = hash_file(release / "SHA256SUMS")
    assert verify(release, name="2025-06-r1", sums_sha256=pin) == []
    found = {p.kind for p in verify(release, name="2025-06-r2", sums_sha256="0" * 64)}
    assert found == {"name", "pin"}


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


@pytest.mark.parametrize("dtype", [pl.Float64, pl.String, pl.Int8, pl.UInt32])
def test_types_that_differ_from_the_description_show(
    release: Path, dtype: type[pl.DataType]
) -> None:
    frame = pl.read_parquet(release / PARQUET).with_columns(pl.col("count").cast(dtype))
    frame.write_parquet(release / PARQUET)
    reseal(release, PARQUET)
    assert kinds(release) == {(PARQUET, "header")}
    assert "holds another type than described: count" in verify(release)[0].message


@pytest.mark.parametrize("dtype", [pl.Int32, pl.Int64])
def test_integers_have_32_bits_or_in_older_releases_64(
    release: Path, dtype: type[pl.DataType]
) -> None:
    frame = pl.read_parquet(release / PARQUET).with_columns(pl.col("count").cast(dtype))
    frame.write_parquet(release / PARQUET)
    reseal(release, PARQUET)
    assert verify(release) == []


def test_a_parquet_of_texts_is_not_taken_for_one_of_numbers(release: Path) -> None:
    frame = pl.read_parquet(release / PARQUET).with_columns(pl.all().cast(pl.String))
    frame.write_parquet(release / PARQUET)
    reseal(release, PARQUET)
    assert kinds(release) == {(PARQUET, "header")}


@pytest.mark.parametrize("path", [PARQUET, f"{CSV}.gz"])
def test_a_table_that_cannot_be_read_shows(release: Path, path: str) -> None:
    (release / path).write_bytes(b"\x1f\x8bnot a table")
    describe(release, described(release, PARQUET), path)
    assert kinds(release) == {(path, "unreadable")}


def test_a_zipped_table_is_held_against_its_description(release: Path) -> None:
    entry, path = described(release, CSV), f"{CSV}.gz"
    data = (release / CSV).read_bytes()
    (release / path).write_bytes(gzip.compress(data))
    describe(release, entry, path)
    assert verify(release) == []
    lines = data.splitlines(keepends=True)
    (release / path).write_bytes(gzip.compress(b"".join(lines[:-1])))
    describe(release, entry, path)
    assert kinds(release) == {(path, "rows")}
    (release / path).write_bytes(gzip.compress(data.replace(b"force_name,", b"name,", 1)))
    describe(release, entry, path)
    assert kinds(release) == {(path, "header")}


def test_shapes_in_parquet_have_the_rows_they_are_said_to(release: Path) -> None:
    path = "geo/shapes.parquet"
    pl.DataFrame({"id": ["a", "b"], "geometry": [b"1", b"2"]}).write_parquet(release / path)
    describe(release, {"row_count": 2}, path)
    assert verify(release) == []
    describe(release, {"row_count": 3}, path)
    assert kinds(release) == {(path, "rows")}


@pytest.mark.parametrize("schema", [None, [], {}, {"fields": [{}]}, {"fields": 1}])
def test_columns_that_are_not_described_show(release: Path, schema: object) -> None:
    reseal(release, CSV, schema=schema)
    assert kinds(release) == {(CSV, "malformed")}


def test_an_undescribed_file_shows(release: Path) -> None:
    reseal(release, "quality.json", path="other.json")
    list_file(release, "quality.json")
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
        lambda lines: [f"{lines[0]}\x0c{lines[1]}", *lines[2:]],
        lambda lines: [*lines, "0" * 64 + "  zz//twice"],
        lambda lines: [*lines, "0" * 64 + "  zz\0"],
    ],
)
def test_malformed_sums_show(release: Path, spoil: Callable[[list[str]], list[str]]) -> None:
    lines = (release / "SHA256SUMS").read_text().splitlines()
    (release / "SHA256SUMS").write_text("".join(f"{line}\n" for line in spoil(lines)))
    assert kinds(release) == {("SHA256SUMS", "malformed")}
    with pytest.raises(InputError, match="SHA256SUMS, line"):
        content_digest(release)


def test_sums_without_their_last_line_feed_show(release: Path) -> None:
    (release / "SHA256SUMS").write_bytes((release / "SHA256SUMS").read_bytes()[:-1])
    assert kinds(release) == {("SHA256SUMS", "malformed")}


def test_a_folder_that_is_no_release_is_not_taken_for_one(tmp_path: Path) -> None:
    assert kinds(tmp_path) == {("SHA256SUMS", "malformed")}
