"""The same log makes the same records, whichever kind of file or database it is kept in."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.contract import Contract, load_contract
from openbeat.engagement.conform import conform
from openbeat.engagement.connectors import read_rows
from openbeat.engagement.mapping import load_mapping, to_canonical
from openbeat.engagement.settings import EngagementSource

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
MAPPING = """\
table: engagement_events
columns:
  event_id: {from: Ref, prefix: ne-}
  title: What
  start_at: Starts
  advertised_on: Advertised
  online: Virtual
  staff_hours: {from: Minutes, multiply: 1/60}
  attendance_total: Came
  target_groups: {from: Groups, separator: "/"}
  status: {from: State, codes: {Done: held}}
constants:
  {force_id: northmere, organiser_org: police, handling: publishable,
   engagement_level: neighbourhood, participation_level: inform}
defaults: {advertised_on: 2025-06-01}
date_format: "%d/%m/%Y"
moment_format: "%d/%m/%Y %H:%M"
"""
HEADER = ("Ref", "What", "Starts", "Advertised", "Virtual", "Minutes", "Came", "Groups", "State")
LOG: list[tuple[Any, ...]] = [
    (
        *(f"{n:03}", f"Café, “Coffee” no. {n}\nat the hall", datetime(2025, 3, 29, 19, 30)),
        *(date(2025, 3, n), n % 2 == 0, 45.0 * n, 1200 * n, "65 and over/Women and girls", "Done"),
    )
    for n in range(1, 8)
] + [("100", None, datetime(2025, 7, 1), None, None, None, None, None, "planned")]
LOG = [(*row[:2], row[2] + timedelta(days=n), *row[3:]) for n, row in enumerate(LOG)]


def _csv(folder: Path) -> dict[str, Any]:
    def written(value: Any) -> str:
        if isinstance(value, datetime):
            return value.strftime("%d/%m/%Y %H:%M")
        if isinstance(value, date):
            return value.strftime("%d/%m/%Y")
        return "" if value is None else str(value)

    with (folder / "log.csv").open("w", newline="", encoding="cp1252") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([HEADER, *[map(written, row) for row in LOG]])
    return {"path": folder / "log.csv", "encoding": "cp1252", "separator": ";"}


def _xlsx(folder: Path) -> dict[str, Any]:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (HEADER, *LOG):
        book.active.append(row)
    book.save(folder / "log.xlsx")
    return {"path": folder / "log.xlsx"}


def _parquet(folder: Path) -> dict[str, Any]:
    pl.DataFrame(LOG, schema=HEADER, orient="row").write_parquet(folder / "log.parquet")
    return {"path": folder / "log.parquet"}


def _database(url: str, types: str, moments: bool) -> dict[str, Any]:
    """A table of types of its own; moments have a zone where the database knows zones."""
    from zoneinfo import ZoneInfo

    from sqlalchemy import create_engine

    london = ZoneInfo("Europe/London")
    table = pl.DataFrame(LOG, schema=HEADER, orient="row")
    rows = [
        tuple(
            value.replace(tzinfo=london).astimezone(UTC)
            if moments and isinstance(value, datetime)
            else value.isoformat()
            if not moments and isinstance(value, date)
            else value
            for value in row
        )
        for row in table.rows()
    ]
    mark = "%s" if moments else "?"
    with create_engine(url.replace("postgresql:", "postgresql+psycopg2:")).begin() as connection:
        connection.exec_driver_sql("drop table if exists log")
        connection.exec_driver_sql(f"create table log ({types})")
        marks = ", ".join([mark] * len(HEADER))
        connection.exec_driver_sql(f"insert into log values ({marks})", rows)
    return {"url_env": "LOG_URL", "sql_table": "log"}


SQLITE = (
    '"Ref" text, "What" text, "Starts" text, "Advertised" text, "Virtual" integer, "Minutes" real,'
    '"Came" integer, "Groups" text, "State" text'
)
POSTGRES = (
    '"Ref" text, "What" text, "Starts" timestamptz, "Advertised" date, "Virtual" boolean,'
    '"Minutes" numeric(9, 2), "Came" bigint, "Groups" text, "State" varchar(20)'
)


@pytest.fixture
def contract() -> Contract:
    return load_contract(CONTRACTS / "conformed_engagement_events.yaml")


@pytest.fixture
def canonical(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    contract: Contract,
) -> Callable[[str], pl.DataFrame]:
    """Keeps the log in one kind of place, and reads it from there as canonical text."""
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    mapping = load_mapping(tmp_path / "mapping.yaml", contract)

    def read(kind: str) -> pl.DataFrame:
        if kind == "ods":
            write = request.getfixturevalue("write_ods")
            where: dict[str, Any] = {"path": write(tmp_path / "log.ods", {"Log": [HEADER, *LOG]})}
        elif kind in ("sqlite", "postgresql"):
            sqlite = kind == "sqlite"
            url = f"sqlite:///{tmp_path / 'log.db'}" if sqlite else None
            url = url or request.getfixturevalue("postgres")
            monkeypatch.setenv("LOG_URL", url)
            where = _database(url, SQLITE if sqlite else POSTGRES, moments=not sqlite)
        else:
            where = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}[kind](tmp_path)
        source = EngagementSource(name="log", table="engagement_events", **where)
        return to_canonical(read_rows(source), mapping, contract)

    return read


def test_the_log_reads_as_it_was_meant(
    canonical: Callable[[str], pl.DataFrame], contract: Contract
) -> None:
    rows = conform(canonical("csv"), contract)
    assert rows["unreadable"].null_count() == rows["unknown_codes"].null_count() == len(LOG)
    first, third, last = (rows.row(n, named=True) for n in (0, 2, -1))
    assert first["start_at"] == "2025-03-29T19:30:00Z"
    assert third["start_at"] == "2025-03-31T18:30:00Z"  # the clocks went forward on the 30th
    assert (third["event_id"], third["staff_hours"], third["online"]) == ("ne-003", 2.25, False)
    assert third["target_groups"] == "older_65plus;women_girls"
    assert third["title"] == "Café, “Coffee” no. 3\nat the hall"
    assert (last["advertised_on"], last["status"]) == (date(2025, 6, 1), "planned")


@pytest.mark.parametrize("kind", ["xlsx", "ods", "parquet", "sqlite", "postgresql"])
def test_another_kind_of_place_makes_the_same_records(
    canonical: Callable[[str], pl.DataFrame], kind: str
) -> None:
    wanted = canonical("csv")
    found = canonical(kind)
    columns = [column for column in wanted.columns if column != "line"]
    assert found.select(columns).to_dicts() == wanted.select(columns).to_dicts()
    if kind in ("xlsx", "ods", "parquet"):
        assert found["line"].to_list() == list(range(2, len(LOG) + 2))
