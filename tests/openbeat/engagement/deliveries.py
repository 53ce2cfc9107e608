"""Deliveries made by hand, for the tests of the intake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.contract import Contract, load_contracts
from openbeat.engagement.across import PLACES
from openbeat.engagement.cells import Rows
from openbeat.engagement.examples import example_record, id_column
from openbeat.engagement.intake import Delivery, Intake, take_in
from openbeat.engagement.settings import EngagementSettings, EngagementSource
from openbeat.engagement.tables import TABLES
from resources.sources import CONTRACTS

NOW = datetime(2025, 7, 31, 6, tzinfo=UTC)
KNOWN_PLACES = pl.DataFrame([("dorset", "EX1", None, None)], schema=PLACES, orient="row")
_CONTRACTS = {
    name: contract
    for name, contract in load_contracts(CONTRACTS).items()
    if name in {table.contract for table in TABLES.values()}
}
Row = Mapping[str, str | None]


def contracts() -> Mapping[str, Contract]:
    """The contracts of the canonical tables."""
    return _CONTRACTS


def contract(table: str) -> Contract:
    """The contract of a canonical table."""
    return _CONTRACTS[TABLES[table].contract]


def record(table: str, record_id: str, **changed: str | None) -> dict[str, str | None]:
    """The example of a table under another id, with some columns changed."""
    return {**example_record(table), id_column(table): record_id, **changed}


def text(table: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as canonical text, from line 2."""
    names = [c.name for c in contract(table).columns if not c.derived]
    whole = [{"line": n, **dict.fromkeys(names), **row} for n, row in enumerate(rows, 2)]
    return pl.DataFrame(whole, schema={"line": pl.Int64, **dict.fromkeys(names, pl.String)})


def delivery(table: str, rows: Sequence[Row], name: str | None = None, **more: Any) -> Delivery:
    """A delivery of a source whose columns are ours."""
    frame = text(table, rows)
    path = Path(f"{name or table}.csv")
    source = EngagementSource(
        name=name or table.replace("_", "-"),
        table=table,  # type: ignore[arg-type]
        path=path,
        **more,
    )
    return Delivery(source, Rows(path.name, frame, f"{hash(frame.write_csv()):064x}", 1), frame)


def taken(*deliveries: Delivery, before: Intake | None = None, **more: Any) -> Intake:
    """What becomes of deliveries, after what there was before."""
    given: dict[str, Any] = {
        "history": {} if before is None else before.history,
        "register": pl.DataFrame() if before is None else before.register,
        "erased": pl.DataFrame(),
        "contracts": contracts(),
        "settings": EngagementSettings(),
        "places": KNOWN_PLACES,
        "forces": ["dorset"],
        "now": NOW,
    }
    return take_in(deliveries, **{**given, **more})
