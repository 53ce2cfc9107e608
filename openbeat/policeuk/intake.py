"""One dataset of one month, from members to accepted rows, with nothing lost on the way.

``rows = accepted + quarantined + repeats`` for every file; ``coverage`` holds the ledger, and
the contract says which rows are accepted. What a dataset's columns mean belongs in ``street``,
``outcomes`` and ``stops``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from openbeat.contract import Contract, split
from openbeat.geography.lsoa import LsoaLookup
from openbeat.policeuk.archive import Choice, MemberError
from openbeat.policeuk.members import HEADERS, RawMember, parse_member
from openbeat.policeuk.outcomes import conform_outcomes
from openbeat.policeuk.stops import conform_stops
from openbeat.policeuk.street import conform_street

FILES = pl.Schema(
    {
        "force_id": pl.String,
        "file": pl.String,
        "state": pl.String,
        "problem": pl.String,
        "rows": pl.Int64,
        "archive": pl.String,
        "archive_as_of": pl.String,
        "member_sha256": pl.String,
    }
)
QUARANTINE = pl.Schema(
    {
        "month": pl.String,
        "dataset": pl.String,
        "force_id": pl.String,
        "file": pl.String,
        "line": pl.Int64,
        "kind": pl.String,
        "rule": pl.String,
        "rules": pl.String,
        "column": pl.String,
        "value": pl.String,
        "raw": pl.String,
    }
)
REPEAT = "repeat"
READERS = 2
RAGGED = "ragged_row"
# Typed columns that name the columns of the file that could not be read.
_NAMING = ("unreadable", "unreadable_boolean")


@dataclass(frozen=True)
class RawMonth:
    """The text rows of a dataset in a month.

    Attributes:
        frame: ``force_id``, ``line``, ``repeat`` (Boolean) and the header's columns.
        ragged: ``force_id``, ``line``, ``text`` of rows with a wrong number of fields.
        files: One row a file, see ``FILES``; state is ``read``, ``empty`` or ``malformed``.
    """

    frame: pl.DataFrame
    ragged: pl.DataFrame
    files: pl.DataFrame


@dataclass(frozen=True)
class Intake:
    """What became of the rows: ``accepted`` by contract, ``quarantine`` as ``QUARANTINE``."""

    accepted: pl.DataFrame
    quarantine: pl.DataFrame
    files: pl.DataFrame


def read_month(
    choices: Iterable[Choice],
    dataset: str,
    limit: int,
    progress: Callable[[str], None] | None = None,
) -> RawMonth:
    """Read the members that serve a dataset in a month; a bad one does not stop the others.

    Args:
        choices: The members, one a force.
        dataset: ``street``, ``outcomes`` or ``stops``.
        limit: The most bytes a member may expand to.
        progress: Called with each member's name.
    """
    header = HEADERS[dataset]
    schema = {"force_id": pl.String, "line": pl.Int64, "repeat": pl.Boolean}
    frames = [pl.DataFrame(schema=schema | dict.fromkeys(header, pl.String))]
    ragged = [pl.DataFrame(schema={"force_id": pl.String, "line": pl.Int64, "text": pl.String})]
    files: list[dict[str, object]] = []

    def read(choice: Choice) -> RawMember | MemberError:
        if progress is not None:
            progress(choice.member.name)
        try:
            data = choice.archive.read(choice.member, limit)
            return parse_member(data, dataset, choice.member.name)
        except MemberError as error:
            return error

    chosen = list(choices)
    with ThreadPoolExecutor(READERS) as readers:  # one expands while the other parses
        for choice, raw in zip(chosen, readers.map(read, chosen), strict=True):
            member = choice.member
            force = pl.lit(member.force_id).alias("force_id")
            record: dict[str, object] = {
                "force_id": member.force_id,
                "file": member.name,
                "archive": member.archive,
                "archive_as_of": member.as_of,
            }
            if isinstance(raw, MemberError):
                record |= {"state": "malformed", "problem": str(raw), "rows": 0}
            else:
                state = "read" if raw.rows else "empty"
                record |= {"state": state, "rows": raw.rows, "member_sha256": raw.sha256}
                repeat = _repeats(raw.frame, header) if dataset == "street" else pl.lit(value=False)
                frames.append(raw.frame.select(force, "line", repeat.alias("repeat"), *header))
                ragged.append(raw.ragged.select(force, "line", "text"))
            files.append(record)
    return RawMonth(pl.concat(frames), pl.concat(ragged), pl.DataFrame(files, schema=FILES))


def _repeats(frame: pl.DataFrame, header: tuple[str, ...]) -> pl.Expr:
    """True where a row has a Crime ID and every field equals an earlier row of its file."""
    identity = pl.col("Crime ID")
    doubled = frame.filter(identity.is_not_null() & identity.is_duplicated())
    lines = doubled.filter(~pl.struct(header).is_first_distinct())["line"]
    return pl.col("line").is_in(lines.implode())


def take_in(
    raw: RawMonth,
    dataset: str,
    month: str,
    contract: Contract,
    forces: pl.DataFrame,
    lookup: LsoaLookup | None,
) -> Intake:
    """Type the rows, split off what the contract refuses, and set the repeats aside.

    Args:
        raw: From ``read_month``.
        dataset: ``street``, ``outcomes`` or ``stops``.
        month: The month of the files' folder.
        contract: The contract of the conformed table.
        forces: As ``load_forces`` gives them.
        lookup: LSOA 2011 to 2021, where there is one.

    Returns:
        Accepted rows sorted by force and line, and the quarantine with the repeats in it.
    """
    if dataset == "street":
        typed = conform_street(raw.frame, month, forces, lookup)
    elif dataset == "outcomes":
        typed = conform_outcomes(raw.frame, month, forces, lookup)
    else:
        typed = conform_stops(raw.frame, month)
    typed = typed.with_columns(raw.frame["repeat"])
    parts = split(typed, contract, {"month": month})
    repeats = parts.accepted.filter("repeat").with_columns(
        pl.lit(REPEAT).alias("rule"),
        pl.lit(REPEAT).alias("rules"),
        pl.lit(None, dtype=pl.String).alias("column"),
    )
    accepted = parts.accepted.filter(~pl.col("repeat"))
    quarantine = pl.concat(
        [
            _quarantine(_in_the_files_words(parts.rejected, contract), raw, dataset, month),
            _quarantine(repeats, raw, dataset, month, REPEAT),
            _quarantine_ragged(raw, dataset, month),
        ]
    ).sort("force_id", "line", "kind")
    columns = [column.name for column in contract.columns]
    return Intake(accepted.select(columns).sort("force_id", "line"), quarantine, raw.files)


def _in_the_files_words(rejected: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The rejected rows, ``column`` being named as in the header of the file."""
    sources = {column.name: column.source or column.name for column in contract.columns}
    column = pl.col("column").replace(sources)
    for naming in _NAMING:
        if naming in rejected.columns:
            column = pl.when(pl.col("column") == naming).then(pl.col(naming)).otherwise(column)
    return rejected.with_columns(column.alias("column"))


def _quarantine(
    rejected: pl.DataFrame, raw: RawMonth, dataset: str, month: str, kind: str = "quarantined"
) -> pl.DataFrame:
    header = HEADERS[dataset]
    broken = rejected.select("force_id", "line", "rule", "rules", "column")
    # Few of many rows: found by line first, so that the join is small.
    few = raw.frame.filter(pl.col("line").is_in(broken["line"].unique().implode()))
    rows = broken.join(few, on=["force_id", "line"], how="left", maintain_order="left")
    # More than one column is named as "Longitude, Latitude", and so are their values shown.
    value = pl.coalesce(
        *(
            pl.when(pl.col("column") == column).then(
                pl.concat_str(column.split(", "), separator=", ")
            )
            for column in broken["column"].drop_nulls().unique()
            if set(column.split(", ")) <= set(header)
        ),
        pl.lit(None, dtype=pl.String),
    )
    return rows.join(raw.files.select("force_id", "file"), on="force_id", how="left").select(
        pl.lit(month).alias("month"),
        pl.lit(dataset).alias("dataset"),
        "force_id",
        "file",
        "line",
        pl.lit(kind).alias("kind"),
        "rule",
        "rules",
        "column",
        value.alias("value"),
        pl.struct(header).struct.json_encode().alias("raw"),
    )


def _quarantine_ragged(raw: RawMonth, dataset: str, month: str) -> pl.DataFrame:
    return raw.ragged.join(raw.files.select("force_id", "file"), on="force_id", how="left").select(
        pl.lit(month).alias("month"),
        pl.lit(dataset).alias("dataset"),
        "force_id",
        "file",
        "line",
        pl.lit("quarantined").alias("kind"),
        pl.lit(RAGGED).alias("rule"),
        pl.lit(RAGGED).alias("rules"),
        pl.lit(None, dtype=pl.String).alias("column"),
        pl.lit(None, dtype=pl.String).alias("value"),
        pl.col("text").alias("raw"),
    )
