"""What everything relies on in the lake: whole files, the same bytes, clear refusals."""

import errno
import os
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from openbeat.errors import InputError, SourceUnreachableError
from resources.lake import ALL, Lake, LakeIOManager, encode

FRAME = pl.DataFrame({"month": ["2025-06"] * 3, "n": [1, None, 3], "name": ["Môr", "a,b", ""]})
OTHER = pl.DataFrame({"month": ["2025-06"], "n": [9], "name": ["other"]})


class Killed(BaseException):
    """The process is gone: no handler of ours may see it."""


@pytest.fixture(params=["folder", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """A lake in a folder, and one behind an fsspec URL."""
    if request.param == "folder":
        return Lake(str(tmp_path / "lake"))
    return Lake(f"memory://{tmp_path.name}/lake")


def files(lake: Lake) -> list[str]:
    return sorted(path.name for table in lake.root.iterdir() for path in table.iterdir())


def test_what_is_written_is_read_back(lake: Lake) -> None:
    stored = lake.write("crime", FRAME, "2025-06")
    assert lake.read("crime", "2025-06").equals(FRAME)
    assert stored.data == lake.path("crime", "2025-06").read_bytes()
    assert files(lake) == ["2025-06.parquet"]


def test_a_later_write_takes_the_earlier_ones_place(lake: Lake) -> None:
    lake.write("crime", FRAME, "2025-06")
    lake.write("crime", OTHER, "2025-06")
    assert lake.read("crime", "2025-06").equals(OTHER)
    assert files(lake) == ["2025-06.parquet"]


def test_months_are_those_with_a_whole_file(lake: Lake) -> None:
    assert lake.months("crime") == []
    for month in ("2025-07", "2024-12", "2025-06"):
        lake.write("crime", FRAME, month)
    lake.write_bytes(lake.path("crime", "2025-08", ".parquet.tmp"), b"left by a killed run")
    assert lake.months("crime") == ["2024-12", "2025-06", "2025-07"]
    assert lake.exists("crime", "2024-12")
    assert not lake.exists("crime", "2025-08")


def test_reading_months_skips_those_that_are_not_there(lake: Lake) -> None:
    assert lake.read_months("crime", ["2025-06"]).is_empty()
    lake.write("crime", FRAME, "2025-06")
    lake.write("crime", OTHER, "2025-08")
    read = lake.read_months("crime", ["2025-06", "2025-07", "2025-08"])
    assert read.equals(pl.concat([FRAME, OTHER]))


def test_a_table_without_months_is_one_file(lake: Lake) -> None:
    lake.write("neighbourhoods", FRAME)
    assert lake.path("neighbourhoods").name == f"{ALL}.parquet"
    assert lake.read("neighbourhoods").equals(FRAME)


def test_records_are_kept_replaced_and_removed(lake: Lake) -> None:
    assert lake.read_json("ingested", "2025-06") is None
    lake.write_json("ingested", "2025-06", {"members": "abc", "place": "Môr"})
    assert lake.read_json("ingested", "2025-06") == {"members": "abc", "place": "Môr"}
    assert lake.months("ingested", ".json") == ["2025-06"]
    lake.remove_json("ingested", "2025-06")
    lake.remove_json("ingested", "2025-06")  # what is gone may be removed again
    assert lake.months("ingested", ".json") == []


@pytest.mark.parametrize("data", [b"", b'{"members": "ab', b"[1, 2]", b"\xff\xfe"])
def test_a_damaged_record_counts_as_none(lake: Lake, data: bytes) -> None:
    lake.write_bytes(lake.path("ingested", "2025-06", ".json"), data)
    assert lake.read_json("ingested", "2025-06") is None


def test_a_missing_month_says_how_to_get_it(lake: Lake) -> None:
    with pytest.raises(InputError, match=r"no crime for 2025-06.*backfill --from 2025-06"):
        lake.read("crime", "2025-06")
    with pytest.raises(InputError, match=r"no neighbourhoods Mend: .*openbeat run"):
        lake.read("neighbourhoods")


@pytest.mark.parametrize(
    "spoil", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"PAR1" * 9]
)
def test_a_damaged_file_says_which_and_how_to_mend_it(lake: Lake, spoil: Any) -> None:
    stored = lake.write("crime", FRAME, "2025-06")
    lake.write_bytes(lake.path("crime", "2025-06"), spoil(stored.data))
    with pytest.raises(InputError, match=r"crime/2025-06\.parquet: .*damaged.*backfill"):
        lake.read("crime", "2025-06")


def test_the_same_frame_gives_the_same_bytes_however_it_came_about() -> None:
    chunked = pl.concat([FRAME[:1], FRAME[1:]], rechunk=False)
    sliced = pl.concat([OTHER, FRAME])[1:]
    assert {encode(f).sha256 for f in (FRAME, FRAME.clone(), chunked, sliced)} == {
        encode(FRAME).sha256
    }
    assert encode(OTHER).sha256 != encode(FRAME).sha256


@pytest.mark.parametrize("moment", ["write", "rename"])
def test_a_run_killed_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    lake = Lake(str(tmp_path))
    lake.write("crime", FRAME, "2025-06")

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if moment == "write" else (Path, "replace")), die)
        with pytest.raises(Killed):
            lake.write("crime", OTHER, "2025-06")
    assert lake.read("crime", "2025-06").equals(FRAME)
    assert lake.months("crime") == ["2025-06"]
    lake.write("crime", OTHER, "2025-06")
    assert files(lake) == ["2025-06.parquet"]  # what the killed run left is gone
    assert lake.read("crime", "2025-06").equals(OTHER)


def test_a_full_disk_is_told_plainly_and_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(str(tmp_path))
    lake.write("crime", FRAME, "2025-06")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match=r"crime/2025-06\.parquet: .*No space left.*free some"):
            lake.write("crime", OTHER, "2025-06")
    assert files(lake) == ["2025-06.parquet"]
    assert lake.read("crime", "2025-06").equals(FRAME)


def test_a_lake_that_cannot_be_reached_is_told_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(f"memory://{tmp_path.name}")
    lake.reach()  # one that is not there yet can be reached all the same

    def down(*_arguments: object, **_more: object) -> bool:
        raise RuntimeError("name not known")  # not an OSError: stores have errors of their own

    monkeypatch.setattr(type(lake.root), "exists", down)
    with pytest.raises(SourceUnreachableError, match=r"cannot be reached .name not known."):
        lake.reach()


def test_dagster_keeps_assets_where_everything_else_reads_them(tmp_path: Path) -> None:
    months = dg.StaticPartitionsDefinition(["2025-06", "2025-07"])

    @dg.asset(partitions_def=months, dagster_type=dg.Any)
    def counts(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        stored = encode(FRAME if context.partition_key == "2025-06" else OTHER)
        return dg.MaterializeResult(value=stored, data_version=dg.DataVersion(stored.sha256))

    @dg.asset(partitions_def=months, dagster_type=dg.Any)
    def doubled(counts: pl.DataFrame) -> dg.MaterializeResult:
        return dg.MaterializeResult(value=encode(pl.concat([counts, counts])))

    @dg.asset(dagster_type=dg.Any)
    def whole() -> dg.MaterializeResult:
        return dg.MaterializeResult(value=encode(OTHER))

    lake = Lake(str(tmp_path))
    with dg.DagsterInstance.ephemeral() as instance:
        options = {"instance": instance, "resources": {"io_manager": LakeIOManager(lake)}}
        result = dg.materialize([counts, doubled], partition_key="2025-06", **options)
        dg.materialize([whole], **options)
        version = instance.get_latest_data_version_record(dg.AssetKey("counts"))
    assert lake.read("counts", "2025-06").equals(FRAME)
    assert lake.read("doubled", "2025-06").height == 6
    assert lake.read("whole").equals(OTHER)
    (event,) = result.asset_materializations_for_node("counts")
    metadata = {name: value.value for name, value in event.metadata.items()}
    assert metadata["dagster/row_count"] == 3
    assert metadata["sha256"] == encode(FRAME).sha256
    assert [column.name for column in metadata["dagster/column_schema"].columns] == FRAME.columns
    assert version is not None
    assert event.tags is not None
    assert event.tags["dagster/data_version"] == encode(FRAME).sha256
