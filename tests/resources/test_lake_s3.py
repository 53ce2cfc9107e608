"""The lake on an object store, over the real S3 protocol."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from openbeat.errors import InputError, SourceUnreachableError
from resources.lake import Lake

pytestmark = pytest.mark.s3

FRAME = pl.DataFrame({"month": ["2025-06"] * 3, "n": [1, None, 3]})
OTHER = pl.DataFrame({"month": ["2025-06"] * 5000, "n": range(5000)})


@pytest.fixture
def lake(bucket: str, request: pytest.FixtureRequest) -> Lake:
    lake = Lake(f"{bucket}/{request.node.name.partition('[')[0]}")
    lake.reach()
    return lake


@pytest.fixture
def elsewhere(bucket: str) -> Any:
    """Another client of the store, as another process would be."""
    import boto3

    return boto3.client("s3")


def key(lake: Lake, table: str, month: str) -> str:
    return str(lake.path(table, month)).removeprefix("s3://openbeat/")


def test_tables_are_kept_listed_and_read_back(lake: Lake) -> None:
    assert lake.months("crime") == []
    assert not lake.exists("crime", "2025-06")
    stored = lake.write("crime", FRAME, "2025-06")
    lake.write("crime", OTHER, "2025-07")
    assert lake.months("crime") == ["2025-06", "2025-07"]
    assert lake.exists("crime", "2025-06")
    assert lake.read("crime", "2025-06").equals(FRAME)
    assert lake.path("crime", "2025-06").read_bytes() == stored.data
    assert lake.read_months("crime", ["2025-07", "2025-08"]).equals(OTHER)


def test_records_are_kept_and_removed(lake: Lake) -> None:
    assert lake.read_json("ingested", "2025-06") is None
    lake.write_json("ingested", "2025-06", {"members": "abc"})
    assert lake.read_json("ingested", "2025-06") == {"members": "abc"}
    assert lake.months("ingested", ".json") == ["2025-06"]
    lake.remove_json("ingested", "2025-06")
    lake.remove_json("ingested", "2025-06")
    assert lake.months("ingested", ".json") == []


def test_what_another_process_writes_is_seen(lake: Lake, elsewhere: Any) -> None:
    lake.write("crime", FRAME, "2025-06")
    assert lake.months("crime") == ["2025-06"]
    data = Lake("memory://other").write("crime", OTHER, "2025-06").data
    for month in ("2025-06", "2025-07"):
        elsewhere.put_object(Bucket="openbeat", Key=key(lake, "crime", month), Body=data)
    assert lake.months("crime") == ["2025-06", "2025-07"]
    assert lake.read("crime", "2025-06").equals(OTHER)
    assert lake.read("crime", "2025-07").equals(OTHER)


def test_missing_and_damaged_files_are_told(lake: Lake, elsewhere: Any) -> None:
    with pytest.raises(InputError, match="no crime for 2025-06"):
        lake.read("crime", "2025-06")
    elsewhere.put_object(Bucket="openbeat", Key=key(lake, "crime", "2025-06"), Body=b"PAR1")
    with pytest.raises(InputError, match=r"crime/2025-06\.parquet: .*damaged"):
        lake.read("crime", "2025-06")


def test_a_mistyped_bucket_is_told_and_not_made(bucket: str, elsewhere: Any) -> None:
    with pytest.raises(InputError, match=r"crime/all\.parquet: the lake cannot be written"):
        Lake("s3://openbaet/lake").write("crime", FRAME)
    assert [made["Name"] for made in elsewhere.list_buckets()["Buckets"]] == ["openbeat"]


def test_a_store_that_is_down_is_told(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_arguments: object, **_more: object) -> None:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url="http://store")

    lake = Lake(f"{bucket}/lake")
    monkeypatch.setattr(lake.root.fs, "exists", down)
    with pytest.raises(
        SourceUnreachableError, match=r"s3://openbeat/lake cannot be reached .*http://store"
    ):
        lake.reach()
