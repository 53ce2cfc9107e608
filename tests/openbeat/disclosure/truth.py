"""What the attacker takes for granted, held against the true numbers of the logs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from openbeat.disclosure.attacker.facts import read_facts
from openbeat.disclosure.attacker.judging import as_system
from openbeat.disclosure.attacker.sums import derive
from openbeat.disclosure.attacker.system import tighten
from openbeat.disclosure.cells import CELL_KEY
from tests.openbeat.disclosure.series import TOLD, Logs, Release

Truth = dict[tuple[Any, ...], int]


def truth_of(logs: Logs, releases: Iterable[Release]) -> Truth:
    """The true number of every cell that was decided on, by its name and edition."""
    told: Truth = {}
    for one in releases:
        counted = pl.concat([logs.engagement(one.day), logs.feedback(one.day)])
        for row in one.gated.new.solved.iter_rows(named=True):
            edition = row["edition"]
            if edition > 1 and row["level"] == "none":
                continue
            ours = (pl.col("set") == row["set"]) & (pl.col("force_id") == row["force_id"])
            inside = counted.filter(ours & pl.col("period").str.starts_with(row["period"]))
            if edition > 1 or "Q" in row["period"]:
                names = inside.select(pl.col(CELL_KEY).fill_null("")).rows()
                told |= {(*n, edition): v for n, v in zip(names, inside["value"], strict=True)}
            if row["set"] == "engagement" and "Q" not in row["period"]:
                told |= _year_of(told, row["force_id"], row["period"], edition)
    return told


def _year_of(told: Truth, force: str, year: str, edition: int) -> Truth:
    total: Truth = {}
    for name, value in told.items():
        kind, measure, period, level, *rest, _ = name
        ours = (kind, level, name[4], name[8]) == ("engagement", "force", force, edition)
        if ours and period.startswith(f"{year}-"):
            whole = (kind, measure, year, level, *rest, edition)
            total[whole] = total.get(whole, 0) + value
    return total


def false_rows(one: Release, told: Truth, **more: bool) -> list[str]:
    """What the attacker takes for granted, or works out without a programme, that is not so.

    Sums with a cell that the logs do not have (what a table does not list) are left out.
    """
    sums = derive(read_facts(one.tables, one.memory.ledger, TOLD), **more)
    value = [
        _true(name, edition, told)
        for *name, edition in sums.cells.select(*CELL_KEY, "edition").iter_rows()
    ]
    column = pl.Series("value", value, dtype=pl.Int64)
    rows = (
        sums.terms.with_columns(value=column.gather(sums.terms["cell"]))
        .group_by("name", maintain_order=True)
        .agg(
            (pl.col("value") * pl.col("coefficient")).sum().alias("sum"),
            pl.col("low", "high").first(),
            pl.col("value").is_null().any().alias("unknown"),
        )
    )
    wrong = (pl.col("sum") < pl.col("low") - 1e-6) | (pl.col("sum") > pl.col("high") + 1e-6)
    system = as_system(sums)
    tighten(system)
    off = (column < pl.Series(system.lower)) | (column > pl.Series(system.upper))
    named = sums.cells.select(pl.concat_str(*CELL_KEY, separator="|"))[:, 0]
    return [
        *rows.filter(~pl.col("unknown") & wrong)["name"],
        *named.filter((off & column.is_not_null()) | pl.Series(system.contradicted)),
    ]


def _true(name: list[str], edition: int, told: Truth) -> int | None:
    """The true number of a cell of the attacker, or of a change between editions."""
    if name[1].startswith("change in "):
        measure, since = name[1].removeprefix("change in ").split(" since ")
        of = [name[0], measure, *name[2:]]
        now, then = _true(of, edition, told), _true(of, int(since), told)
        return None if now is None or then is None else now - then
    # Where a force has nothing outside its neighbourhoods there is no such cell.
    nothing = 0 if name[3] == "unplaced" and name[6] != "event" else None
    return told.get((*name, edition), nothing)
