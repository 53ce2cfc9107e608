"""What a reader of a whole release relies on: the tree, its descriptions, the same bytes."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import frictionless
import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.release.content import ReleaseContent
from openbeat.release.files import files_of
from openbeat.release.integrity import content_digest, verify
from openbeat.release.write import write_release

TREE = [
    "CHANGELOG.md",
    "LICENCE.txt",
    "README.md",
    "REVISIONS.csv",
    "REVISIONS.parquet",
    "SHA256SUMS",
    "catalog.jsonld",
    "codelists/places.csv",
    "croissant.json",
    "data.json",
    "datapackage.json",
    "dataset.jsonld",
    "dictionary.csv",
    "geo/neighbourhoods.geojson",
    "geo/neighbourhoods.gpkg",
    "geo/neighbourhoods.parquet",
    "geo/neighbourhoods.pmtiles",
    "provenance.json",
    "quality.json",
    "redirects.csv",
    "schemas/neighbourhoods/1.0.0.json",
    "schemas/sightings/1.0.0.json",
    "tables/neighbourhoods.csv",
    "tables/neighbourhoods.csv-metadata.json",
    "tables/neighbourhoods.parquet",
    "tables/sightings.csv",
    "tables/sightings.csv-metadata.json",
    "tables/sightings.parquet",
]
NAMING = {
    "CHANGELOG.md", "REVISIONS.csv", "REVISIONS.parquet", "README.md", "SHA256SUMS",
    "datapackage.json", "catalog.jsonld", "croissant.json", "data.json", "dataset.jsonld",
}  # fmt: skip


@pytest.fixture(scope="session")
def package(master: Path) -> dict[str, object]:
    return json.loads((master / "datapackage.json").read_bytes())


def resource(package: dict[str, object], name: str) -> dict:
    return next(r for r in package["resources"] if r["name"] == name)  # type: ignore[attr-defined]


def test_the_tree_is_whole(master: Path) -> None:
    assert files_of(master) == TREE
    assert verify(master) == []


def test_the_same_content_gives_the_same_bytes_in_another_place(
    content: ReleaseContent, master: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    write_release(content, tmp_path / "elsewhere" / "deep", "2025-06-r1", told.append)
    for name in TREE:
        assert (tmp_path / "elsewhere/deep" / name).read_bytes() == (master / name).read_bytes()
    assert sorted(told) == TREE


def test_the_same_content_gives_the_same_bytes_in_another_process(
    content: ReleaseContent, master: Path, tmp_path: Path
) -> None:
    """Other threads, another time zone, another hash seed: other chunks, clocks and set orders."""
    (tmp_path / "content").write_bytes(pickle.dumps(content))
    code = (
        "import pickle, pathlib; from openbeat.release.write import write_release;"
        "write_release(pickle.loads(pathlib.Path('content').read_bytes()),"
        " pathlib.Path('out'), '2025-06-r1')"
    )
    changes = {
        "POLARS_MAX_THREADS": "2" if pl.thread_pool_size() == 1 else "1",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TZ": "Pacific/Auckland",
    }
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | changes, check=True)
    assert (tmp_path / "out/SHA256SUMS").read_bytes() == (master / "SHA256SUMS").read_bytes()


def test_only_the_files_that_may_name_the_release_do(
    content: ReleaseContent, master: Path, tmp_path: Path
) -> None:
    write_release(content, tmp_path / "again", "2025-06-r2")
    differ = {n for n in TREE if (tmp_path / "again" / n).read_bytes() != (master / n).read_bytes()}
    assert differ <= NAMING
    assert {"README.md", "SHA256SUMS", "datapackage.json"} <= differ
    assert content_digest(tmp_path / "again") == content_digest(master)


def test_what_came_before_is_no_content(
    content: ReleaseContent, master: Path, tmp_path: Path
) -> None:
    """Else a run that finds nothing new would publish a release a day."""
    write_release(content, tmp_path / "again", "2025-06-r2", previous=master)
    assert content_digest(tmp_path / "again") == content_digest(master)
    assert verify(tmp_path / "again") == []


def test_a_release_whose_readers_would_break_is_refused_before_anything_is_written(
    content: ReleaseContent, master: Path, tmp_path: Path
) -> None:
    contract = content.contracts["sightings"]
    columns = [column for column in contract.columns if column.name != "whole"]
    fewer = contract.model_copy(update={"columns": columns})
    some = dataclasses.replace(content, contracts={**content.contracts, "sightings": fewer})
    with pytest.raises(InputError, match="whole"):
        write_release(some, tmp_path / "next", "2025-06-r2", previous=master)
    assert not (tmp_path / "next").exists()


def test_provenance_ends_at_the_published_files(master: Path) -> None:
    told = json.loads((master / "provenance.json").read_bytes())["files"]
    hashes = {file["@id"]: file["sha256"] for file in told}
    assert hashes["tables/sightings.csv"] == hashlib.sha256(
        (master / "tables/sightings.csv").read_bytes()
    ).hexdigest()  # fmt: skip
    assert not NAMING & set(hashes)  # or equal releases would differ


def test_other_content_has_another_digest(
    changed: ReleaseContent, master: Path, tmp_path: Path
) -> None:
    write_release(changed, tmp_path / "changed", "2025-06-r1")
    assert content_digest(tmp_path / "changed") != content_digest(master)


def test_nothing_secret_and_no_place_is_in_any_file(master: Path) -> None:
    for path in master.rglob("*.*"):
        assert b"Secret" not in path.read_bytes()
        assert str(master.parent).encode() not in path.read_bytes()


def test_coreutils_can_check_the_sums(master: Path) -> None:
    lines = (master / "SHA256SUMS").read_text().splitlines()
    assert [line[66:] for line in lines] == [name for name in TREE if name != "SHA256SUMS"]
    for line in lines:
        assert hashlib.sha256((master / line[66:]).read_bytes()).hexdigest() == line[:64]


def test_an_independent_judge_finds_the_package_and_all_its_files_valid(master: Path) -> None:
    report = frictionless.Package(str(master / "datapackage.json")).validate()
    assert report.flatten(["path", "type", "message"]) == []
    judged = {task.place for task in report.tasks}
    assert {n for n in TREE if n not in ("datapackage.json", "SHA256SUMS")} == judged


def test_the_judge_would_find_a_broken_promise(release: Path) -> None:
    path = release / "tables/sightings.csv"
    path.write_bytes(path.read_bytes().replace(b",neighbourhood,A1,0,", b",nowhere,A1,-1,"))
    report = frictionless.Package(str(release / "datapackage.json")).validate()
    kinds = {error[0] for error in report.flatten(["type"])}
    assert {"constraint-error", "hash-count"} <= kinds


def test_the_package_says_what_it_is(package: dict[str, object]) -> None:
    assert package["id"] == "openbeat-2025-06-r1"
    assert package["version"] == "2025.6.1"
    assert str(package["description"]).startswith("Made-up data. ")
    assert package["licenses"][0]["name"] == "OGL-UK-3.0"  # type: ignore[index]
    assert "created" not in package


def test_fields_come_from_the_contract_and_promise_only_what_is_checked(
    package: dict[str, object],
) -> None:
    for name in ("sightings", "sightings-parquet"):
        schema = resource(package, name)["schema"]
        fields = {field["name"]: field for field in schema["fields"]}
        assert "reported_by" not in fields
        assert fields["month"]["type"] == "yearmonth"
        assert fields["month"]["constraints"] == {"required": True}
        assert fields["count"]["unit"] == "sightings"
        assert fields["count"]["constraints"] == {"minimum": 0}
        assert "neighbourhood" in fields["place"]["constraints"]["enum"]
        assert fields["force_id"]["constraints"]["pattern"] == "^(?:[a-z-]+)$"
        assert "constraints" not in fields["rate"]  # its rule is a warning: it may be broken
        assert [missing["value"] for missing in schema["missingValues"]] == [""]
        # A part of this key may be empty, which a primary key may not be.
        assert schema["uniqueKeys"] == [["month", "force_id", "place", "neighbourhood_id"]]
    neighbourhoods = resource(package, "neighbourhoods")
    assert neighbourhoods["schema"]["primaryKey"] == ["force_id", "neighbourhood_id"]
    assert neighbourhoods["row_count"] == 2


def test_every_published_column_is_in_the_dictionary(master: Path, content: ReleaseContent) -> None:
    words = pl.read_csv(master / "dictionary.csv", infer_schema=False)
    for table, contract in content.contracts.items():
        named = words.filter(pl.col("table") == table)["column"].to_list()
        assert named == [column.name for column in contract.columns if column.published]
    place = words.row(by_predicate=pl.col("column") == "place", named=True)
    assert (place["code_list"], place["nullable"]) == ("places", "no")


def test_the_readme_says_what_a_reader_must_know(master: Path) -> None:
    text = (master / "README.md").read_text("utf-8")
    for part in (
        "Release `2025-06-r1`",
        "2025-05 to 2025-06",
        "Made-up data.",
        "| `sightings` | Sightings by month, force and place. | 4 |",
        "crimes published on police.uk",
        "Anti-social behaviour is not crime",
        "An empty number is not zero",
        "June 2019",
        "Contains public sector information licensed under the Open Government Licence v3.0.",
        "Contains OS data © Crown copyright and database right 2025.",
        "sha256sum -c SHA256SUMS",
    ):
        assert part in text
    assert "$" not in text


def test_a_long_table_is_described_file_by_file(content: ReleaseContent, tmp_path: Path) -> None:
    some = dataclasses.replace(content, boundaries=None)
    write_release(some, tmp_path / "split", "2025-06-r1", max_csv_rows=3)
    assert verify(tmp_path / "split") == []
    report = frictionless.Package(str(tmp_path / "split/datapackage.json")).validate()
    assert report.flatten(["path", "message"]) == []
    package = json.loads((tmp_path / "split/datapackage.json").read_bytes())
    assert resource(package, "sightings-avon")["title"] == "Sightings: avon"
    assert "one CSV a force in a folder of its own: `sightings`" in (
        tmp_path / "split/README.md"
    ).read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"month": "2025-05"}, "release 2025-06-r1 cannot hold the month 2025-05"),
        ({"contracts": {}}, "has no contract"),
        ({"codelists": {}}, "sightings names code lists .*: places"),
        ({"provenance": {"inputs": [{"at": "/home/me/a.zip"}]}}, "provenance.inputs.at holds a"),
        ({"provenance": {"at": "C:\\data\\a.zip"}}, "a machine's path or a log-in"),
        ({"provenance": {"db": "postgres://me:pw@host/x"}}, "a machine's path or a log-in"),
        ({"provenance": {"at": Path("a.zip")}}, "a machine's path or a log-in"),
    ],
)
def test_what_must_not_be_published_is_refused_before_anything_is_written(
    content: ReleaseContent, tmp_path: Path, change: dict[str, object], says: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        write_release(dataclasses.replace(content, **change), tmp_path / "no", "2025-06-r1")  # type: ignore[arg-type]
    assert not (tmp_path / "no").exists()
    assert "pw" not in str(caught.value)


def test_a_used_folder_and_a_wrong_id_are_refused(content: ReleaseContent, master: Path) -> None:
    with pytest.raises(InputError, match="into an empty folder"):
        write_release(content, master, "2025-06-r1")
    with pytest.raises(InputError, match="not a release id"):
        write_release(content, master, "../2025-06")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        pl.exceptions.ComputeError("parquet: ... No space left on device (os error 28)"),
        RuntimeError("sqlite3_exec(COMMIT) failed: database or disk is full"),
    ],
)
def test_a_full_disk_is_told_plainly(
    changed: ReleaseContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("openbeat.release.write.write_csv", full)
    with pytest.raises(InputError, match=r"the disk is full: release 2025-06-r1.*free some space"):
        write_release(changed, tmp_path / "full", "2025-06-r1")


def test_other_errors_pass_unchanged(
    changed: ReleaseContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr("openbeat.release.write.write_csv", broken)
    with pytest.raises(ZeroDivisionError):
        write_release(changed, tmp_path / "broken", "2025-06-r1")
