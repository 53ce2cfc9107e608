"""The lake: Parquet tables under one root, a folder or any fsspec URL.

A folder a table, a file a month (``all`` for tables that have none). Writes are atomic and
deterministic: a reader sees the old file or the new one, and the same frame gives the same bytes.
What the tables mean belongs in the contracts.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from upath import UPath

from openbeat.errors import InputError, SourceUnreachableError

ALL = "all"
INGESTED = "ingested"  # the record of a month that went through every check
# Folders are not made there: it would make the bucket, should its name be mistyped.
_FOLDERLESS = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss")


@dataclass(frozen=True)
class Stored:
    """A frame with the Parquet bytes it is stored as; ``sha256`` is of the bytes."""

    frame: pl.DataFrame
    data: bytes
    sha256: str


def encode(frame: pl.DataFrame) -> Stored:
    """Encode a frame as Parquet, with a pinned writer: same frame, same bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(
        buffer, compression="zstd", compression_level=1, statistics=True, row_group_size=250_000
    )
    data = buffer.getvalue()
    return Stored(frame, data, hashlib.sha256(data).hexdigest())


class Lake:
    """Reading and writing the tables.

    Args:
        root: A folder or an fsspec URL (``s3://bucket/lake``).
    """

    def __init__(self, root: str) -> None:
        # Files come and go under other processes too, so what an object store lists is not kept.
        self.root = UPath(root, use_listings_cache=False) if "://" in root else UPath(root)

    def reach(self) -> None:
        """Make sure that the root answers.

        Raises:
            SourceUnreachableError: It does not; says why.
        """
        try:
            self.root.exists()
        except Exception as error:  # each object store has its own kinds of error
            raise SourceUnreachableError(
                f"the lake {self.root} cannot be reached ({error})"
            ) from error

    def close(self) -> None:
        """Let nobody but its owner into the lake, where it is a folder: logs are personal data."""
        if self.root.protocol in ("", "file", "local"):
            root = Path(str(self.root))
            root.mkdir(parents=True, exist_ok=True)
            root.chmod(0o700)

    def path(self, table: str, month: str = ALL, suffix: str = ".parquet") -> UPath:
        """Where a table's file lies."""
        return self.root / table / f"{month}{suffix}"

    def exists(self, table: str, month: str = ALL) -> bool:
        """Whether a table holds a month."""
        return self.path(table, month).exists()

    def months(self, table: str, suffix: str = ".parquet") -> list[str]:
        """The months a table holds, sorted."""
        folder = self.root / table
        if not folder.exists():
            return []
        names = [path.name for path in folder.iterdir()]
        return sorted(name.removesuffix(suffix) for name in names if name.endswith(suffix))

    def tables(self, prefix: str = "") -> list[str]:
        """The tables whose names begin so, sorted."""
        if not self.root.exists():
            return []
        return sorted(path.name for path in self.root.iterdir() if path.name.startswith(prefix))

    def write(self, table: str, frame: pl.DataFrame, month: str = ALL) -> Stored:
        """Store a table's file in place of the one there is."""
        stored = encode(frame)
        self.write_bytes(self.path(table, month), stored.data)
        return stored

    def read(self, table: str, month: str = ALL) -> pl.DataFrame:
        """Read one file of a table.

        Raises:
            InputError: There is none, or it is damaged.
        """
        path = self.path(table, month)
        try:
            return pl.read_parquet(io.BytesIO(path.read_bytes()))
        except FileNotFoundError:
            raise InputError(
                f"the lake holds no {table}" + ("" if month == ALL else f" for {month}"),
                mend=_again(month),
            ) from None
        except pl.exceptions.PolarsError as error:
            raise InputError(
                f"the lake's file is damaged ({str(error).splitlines()[0]})",
                file=f"{table}/{path.name}",
                mend=_again(month),
            ) from None

    def read_or(self, table: str, month: str = ALL) -> pl.DataFrame:
        """Read one file of a table; an empty frame without columns where there is none."""
        return self.read(table, month) if self.exists(table, month) else pl.DataFrame()

    def sha256(self, table: str, month: str = ALL) -> str | None:
        """The hash of a stored file's bytes; None where there is none."""
        try:
            return hashlib.sha256(self.path(table, month).read_bytes()).hexdigest()
        except FileNotFoundError:
            return None

    def read_months(self, table: str, months: Sequence[str]) -> pl.DataFrame:
        """Read the files of those months that the table holds, one below the other."""
        held = set(self.months(table))
        frames = [self.read(table, month) for month in months if month in held]
        return pl.concat(frames) if frames else pl.DataFrame()

    def write_json(self, table: str, month: str, value: dict[str, Any]) -> None:
        """Store a small record beside the tables."""
        text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
        self.write_bytes(self.path(table, month, ".json"), text.encode())

    def read_json(self, table: str, month: str) -> dict[str, Any] | None:
        """Read a record; None where there is none or it is damaged."""
        try:
            value = json.loads(self.path(table, month, ".json").read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def remove_json(self, table: str, month: str) -> None:
        """Remove a record, if it is there."""
        self.path(table, month, ".json").unlink(missing_ok=True)

    def write_bytes(self, path: UPath, data: bytes) -> None:
        """Write a file so that a reader sees the old one or the whole new one.

        Raises:
            InputError: The disk is full, or the place cannot be written.
        """
        try:
            if path.protocol in ("", "file", "local"):
                _replace(Path(str(path)), data)
            else:  # an object store's put is atomic
                if path.protocol not in _FOLDERLESS:
                    path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        except OSError as error:
            raise InputError(
                f"the lake cannot be written ({error.strerror or error})",
                file=f"{path.parent.name}/{path.name}",
                mend="free some space or check the rights, then run again; "
                "what was there before is whole.",
            ) from error


def _again(month: str) -> str:
    command = "run" if month == ALL else f"backfill --from {month} --to {month}"
    return f"process it again: openbeat {command}"


def _replace(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


class LakeIOManager(dg.UPathIOManager):
    """Stores what assets return as Parquet in the lake, and loads it for the next asset.

    Assets return ``Stored``, whose hash is the data version; they are given back a frame. The
    place of ``<table>/<month>.parquet`` is the lake's, so that everything else can read it.
    """

    extension = ".parquet"

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        super().__init__(base_path=lake.root)

    def get_path_for_partition(
        self, context: dg.InputContext | dg.OutputContext, path: UPath, partition: str
    ) -> UPath:
        """The file of a month."""
        return path / partition

    def _get_path_without_extension(self, context: dg.InputContext | dg.OutputContext) -> UPath:
        path = super()._get_path_without_extension(context)
        return path if context.has_asset_partitions else path / ALL

    def dump_to_path(self, context: dg.OutputContext, obj: Stored, path: UPath) -> None:
        """Write the Parquet bytes, atomically."""
        self.lake.write_bytes(path, obj.data)

    def load_from_path(self, context: dg.InputContext, path: UPath) -> pl.DataFrame:
        """Read a frame back."""
        return self.lake.read(path.parent.name, path.stem)

    def get_metadata(self, context: dg.OutputContext, obj: Stored) -> dict[str, Any]:
        """Row count, size, hash and schema."""
        schema = dg.TableSchema(
            columns=[dg.TableColumn(name, str(kind)) for name, kind in obj.frame.schema.items()]
        )
        return {
            "dagster/row_count": obj.frame.height,
            "dagster/column_schema": schema,
            "bytes": len(obj.data),
            "sha256": obj.sha256,
        }
