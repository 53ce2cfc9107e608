"""Erasing one record of a log everywhere openbeat keeps it, on request.

Receipts, and what they may hold, belong in ``openbeat.engagement.erase``. Whoever calls this holds
the lock of the place. What names the record in *other* records (an action's ``issue_id``, a free
text) is theirs and stays, and so does the log itself: the record has to be erased there too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.erase import BEGUN, id_sha256, new_salt, noted, receipt
from openbeat.engagement.routing import OWN
from openbeat.engagement.tables import TABLES
from openbeat.errors import InputError
from resources.lake import ALL, Lake
from resources.logs import (
    QUARANTINE,
    RECEIPTS,
    RECORD_ID,
    RECORDS,
    REGISTER,
    delivered_table,
    history_table,
    purge_rows,
    raw_table,
    write_private,
)

# Where the records of the last release went; made anew by the next, taken out at once all the same.
_DISPOSITIONS: Final = "dispositions"
_MADE_ANEW: Final = (
    *("engagement_events", "you_said_we_did", "activities", "priorities"),
    *("engagement_plan_delivery", "neighbourhood_profile", "feedback_summary", "engagement_reach"),
    *("events_draft", "engagement_counts", "feedback_counts", "feedback_times"),
    "disclosure_shown",
)


def erase(
    lake: Lake,
    out: Path,
    releases: Path,
    source: str,
    record_id: str,
    now: datetime,
    reason: str = "subject_request",
) -> pl.DataFrame:
    """Take a record out of everything that is kept, but for releases.

    The receipt is begun first, so that from then on the record is dropped at the door, and noted
    after each place: broken off anywhere, the same call does the rest. Tables that were judged are
    others now, so nothing is published before the next intake.

    Args:
        lake: Where the tables are.
        out: The place of openbeat; ``<out>/routed`` holds what was routed.
        releases: The store of releases: immutable, so those that name the record are listed.
        source: The name of its source.
        record_id: Its id; for participation event, characteristic and category joined by ``/``.
        now: UTC.
        reason: A code of ``deletion_reasons``.

    Returns:
        The receipt: a row a place, see ``openbeat.engagement.erase.RECEIPTS``.

    Raises:
        InputError: No source of that name was ever taken in, it has no such record, or the reason
            is no code: a receipt holds no words of anybody's.
    """
    if reason not in codelists.codes("deletion_reasons"):
        raise InputError(
            "the reason is no code of the list deletion_reasons",
            rule="erase",
            mend=f"one of {', '.join(codelists.codes('deletion_reasons'))}.",
        )
    table = _table_of(lake, source)
    receipts = lake.read_or(RECEIPTS)
    salt = new_salt(receipts)
    hashed = str(id_sha256(pl.Series([record_id]), salt)[0])
    of_record = (pl.col("source") == source) & (pl.col("id_sha256") == hashed)
    begun = not receipts.is_empty() and not receipts.filter(of_record).is_empty()
    if not begun and not _is_there(lake, out, source, record_id):
        raise InputError(
            "the source has no such record",
            rule="erase",
            mend="write the id as the log has it, with the prefix of its mapping.",
        )

    def note(place: str, rows: int) -> None:
        row = receipt(source, table, hashed, salt, reason, now, place, rows)
        if rows or place == BEGUN:
            lake.write(RECEIPTS, noted(lake.read_or(RECEIPTS), row))

    note(BEGUN, 0)
    for release in _releases_with(releases, _published_as(lake, source, table, record_id)):
        if not _noted(lake, of_record, f"release {release}"):
            note(f"release {release}", 1)
    for place, remove in _places(lake, out, source, table, record_id):
        note(place, remove())
    return lake.read(RECEIPTS).filter(of_record)


def _noted(lake: Lake, of_record: pl.Expr, place: str) -> bool:
    return not lake.read(RECEIPTS).filter(of_record & (pl.col("place") == place)).is_empty()


def _table_of(lake: Lake, source: str) -> str:
    table = delivered_table(lake, source)
    if table is None:
        raise InputError(
            "nothing was ever taken in from a source of that name",
            value=source,
            rule="erase",
            mend="sources are named in the settings; for a folder of logs, by its files.",
        )
    return table


def _is_there(lake: Lake, out: Path, source: str, record_id: str) -> bool:
    """Whether anything of the record is kept."""
    kept = [(history_table(source), ALL, "record_id", False), (REGISTER, ALL, "record_id", True)]
    kept += [(raw_table(source), n, RECORD_ID, False) for n in lake.months(raw_table(source))]
    for name, month, column, shared in kept:
        frame = lake.read_or(name, month)
        if column in frame.columns:
            hit = pl.col(column) == record_id
            if not frame.filter(hit & (pl.col("source") == source) if shared else hit).is_empty():
                return True
    return any(_routed_without(p, source, record_id)[1] for p in _routed_files(out, source))


def _places(
    lake: Lake, out: Path, source: str, table: str, record_id: str
) -> list[tuple[str, Callable[[], int]]]:
    """Everything a record can lie in, each with what takes it out and says how many rows it had."""
    ids = [record_id]
    contract = TABLES[table].contract

    def shared(name: str) -> Callable[[], int]:
        return lambda: _purge_shared(lake, name, source, table, record_id)

    places: list[tuple[str, Callable[[], int]]] = [
        ("routed files", lambda: _purge_routed(out, source, record_id)),
        (
            "raw deliveries",
            lambda: sum(
                purge_rows(lake, raw_table(source), name, ids)
                for name in lake.months(raw_table(source))
            ),
        ),
        ("internal pages", lambda: _remove_pages(out)),
        ("tables to be published", lambda: _remove_tables(lake)),
        ("examples in quality results", lambda: _without_examples(lake, f"quality_{contract}")),
        ("tables", lambda: _purge_conformed(lake, contract, TABLES[table].id, source, record_id)),
    ]
    places += [(name, shared(name)) for name in (QUARANTINE, RECORDS, _DISPOSITIONS, REGISTER)]
    last = ("history", lambda: purge_rows(lake, history_table(source), ALL, ids, "record_id"))
    return [*places, last]


def _remove_pages(out: Path) -> int:
    """The internal pages, which may name it; the next publication makes them anew."""
    pages = sorted(path for path in (out / "internal").glob("*.*") if path.is_file())
    for page in pages:
        page.unlink()
    return len(pages)


def _remove_tables(lake: Lake) -> int:
    """The tables made from the logs for a release, which the next publication makes anew."""
    held = [table for table in _MADE_ANEW if lake.exists(table)]
    for table in held:
        lake.path(table).unlink()
    return len(held)


def _purge_shared(lake: Lake, name: str, source: str, table: str, record_id: str) -> int:
    frame = lake.read_or(name)
    if not {"source", "table", "record_id"} <= set(frame.columns):
        return 0
    hit = (
        (pl.col("source") == source)
        & (pl.col("table") == table)
        & (pl.col("record_id") == record_id)
    )
    return _rewritten(lake, name, frame, hit)


def _purge_conformed(lake: Lake, name: str, id_column: str, source: str, record_id: str) -> int:
    frame = lake.read_or(name)
    if id_column not in frame.columns:
        return 0
    hit = (pl.col(id_column) == record_id) & (pl.col("source") == source)
    return _rewritten(lake, name, frame, hit)


def _rewritten(lake: Lake, name: str, frame: pl.DataFrame, hit: pl.Expr) -> int:
    kept = frame.filter(~hit.fill_null(value=False))
    if kept.height < frame.height:
        lake.write(name, kept)
    return frame.height - kept.height


def _without_examples(lake: Lake, name: str) -> int:
    """Broken values shown with the judgements of its table may be the record's."""
    frame = lake.read_or(name)
    if "examples" not in frame.columns:
        return 0
    shown = int(frame["examples"].list.len().sum())
    if shown:
        lake.write(name, frame.with_columns(examples=pl.col("examples").list.head(0)))
    return shown


def _routed_files(out: Path, source: str) -> list[Path]:
    return sorted((out / "routed").glob(f"*/{source}-*.csv"))


def _routed_without(path: Path, source: str, record_id: str) -> tuple[bytes, int, int]:
    """A routed file without the record: its bytes, how many rows were of it, how many stay."""
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))
    header, body = rows[0], rows[1:]
    of, at = header.index(f"{OWN}source"), header.index(RECORD_ID)
    kept = [row for row in body if (row[of], row[at]) != (source, record_id)]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *kept])
    return text.getvalue().encode(), len(body) - len(kept), len(kept)


def _purge_routed(out: Path, source: str, record_id: str) -> int:
    gone = 0
    for path in _routed_files(out, source):
        data, rows, stay = _routed_without(path, source, record_id)
        if rows and stay:
            write_private(path, data)
        elif rows:
            path.unlink()
        gone += rows
    return gone


def _published_as(lake: Lake, source: str, table: str, record_id: str) -> dict[str, list[str]]:
    """The ids, by column, by which a release would name the record: an action by its issue's."""
    if table != "actions":
        return {TABLES[table].id: [record_id]}
    versions = lake.read_or(history_table(source))
    if "issue_id" not in versions.columns:
        return {}
    issues = versions.filter(pl.col("record_id") == record_id)["issue_id"].drop_nulls()
    return {"issue_id": issues.unique().sort().to_list()}


def _releases_with(releases: Path, named: dict[str, list[str]]) -> list[str]:
    """The releases with a published table that holds one of the ids."""

    def holds(path: Path) -> bool:
        columns = [
            column
            for column in named
            if column in pl.scan_parquet(path, glob=False).collect_schema()
        ]
        frame = pl.read_parquet(path, columns=columns, glob=False) if columns else pl.DataFrame()
        return any(frame[column].is_in(named[column]).any() for column in columns)

    folders = [path for path in sorted(releases.glob("*-r*")) if (path / "tables").is_dir()]
    return [f.name for f in folders if any(holds(p) for p in sorted(f.glob("tables/*.parquet")))]
