"""A release as anybody can read it: its CSV files, with the csv module."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from statistics import median

Row = dict[str, str]
Place = tuple[str, str]
Cell = tuple[float | None, str | None]
"""A figure and its status; None where there is none."""
ASB = "Anti-social behaviour"
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_UNSHOWN = {"c": "not shown", "z": "none logged"}
_MARKS = {"p": " (provisional)", "r": " (revised)", "u": " (partial)"}


def number(text: str | None) -> float | None:
    """A cell of a CSV file as a number."""
    return float(text) if text else None


def thousands(value: float) -> str:
    """A number as pages write it: ``1,204``, ``3.5``."""
    return f"{value:,.1f}".removesuffix(".0")


def shown(cell: Cell) -> str:
    """A figure as pages write it, or in two words why there is none."""
    value, status = cell
    if value is None:
        return _UNSHOWN.get(status or "", "not available")
    return thousands(value) + _MARKS.get(status or "", "")


def percent(cell: Cell) -> str:
    """A share of 1 as pages write it."""
    return shown(cell) if cell[0] is None else f"{100 * cell[0]:.0f}%"


def month(value: str) -> str:
    """``2025-06`` as ``June 2025``."""
    return f"{MONTHS[int(value[5:7]) - 1]} {value[:4]}"


def day(value: str) -> str:
    """``2025-06-03`` as ``3 June 2025``."""
    return f"{int(value[8:])} {month(value)}"


def short(value: str) -> str:
    """``2025-06`` as ``Jun 25``."""
    return f"{MONTHS[int(value[5:7]) - 1][:3]} {value[2:4]}"


def quarter(value: str) -> str:
    """``2025-Q2`` as ``April to June 2025``."""
    first = 3 * int(value[6]) - 3
    return f"{MONTHS[first]} to {MONTHS[first + 2]} {value[:4]}"


def earlier(value: str, count: int) -> str:
    """The month so many months before one."""
    n = 12 * int(value[:4]) + int(value[5:7]) - 1 - count
    return f"{n // 12:04}-{n % 12 + 1:02}"


def usual(cells: Iterable[Cell]) -> tuple[float, float, float] | None:
    """Median, least and most of what is known whole; None under 6."""
    known = [value for value, status in cells if value is not None and status is None]
    return (median(known), min(known), max(known)) if len(known) >= 6 else None


class Published:
    """A release.

    Args:
        release: Its folder.
    """

    def __init__(self, release: Path) -> None:
        self.release = release
        self._tables: dict[str, list[Row]] = {}
        self._indexes: dict[str, dict[tuple[str, ...], list[Row]]] = {}

    def table(self, name: str) -> list[Row]:
        """The rows of a table, or of a code list (``codelists/themes``)."""
        if name not in self._tables:
            folder = "" if "/" in name else "tables/"
            path = self.release / f"{folder}{name}.csv"
            rows: list[Row] = []
            if path.is_file():
                with path.open(encoding="utf-8-sig", newline="") as file:
                    rows = list(csv.DictReader(file))
            self._tables[name] = rows
        return self._tables[name]

    def where(self, name: str, **values: str) -> list[Row]:
        """The rows of a table in which these columns hold these values."""
        key = f"{name}:{','.join(values)}"
        if key not in self._indexes:
            index: dict[tuple[str, ...], list[Row]] = {}
            for row in self.table(name):
                index.setdefault(tuple(row[column] for column in values), []).append(row)
            self._indexes[key] = index
        return self._indexes[key].get(tuple(values.values()), [])

    @cached_property
    def months(self) -> list[str]:
        """The months of the release, 36 at most."""
        return sorted({row["month"] for row in self.table("crime_summary")})[-36:]

    @property
    def month(self) -> str:
        """The newest month."""
        return self.months[-1]

    @cached_property
    def year(self) -> list[str]:
        """The 12 months up to the newest."""
        return [earlier(self.month, n) for n in range(11, -1, -1)]

    @cached_property
    def as_of(self) -> str:
        """The day up to which engagement is covered."""
        return self.table("neighbourhood_profile")[0]["as_of"]

    @cached_property
    def since(self) -> str:
        """The first day of the 12 months of engagement."""
        return f"{earlier(self.as_of[:7], 11)}-01"

    @cached_property
    def identity(self) -> str:
        """The id of the release."""
        return str(json.loads((self.release / "datapackage.json").read_bytes())["release"])

    def labels(self, name: str) -> dict[str, str]:
        """Code to label of a code list."""
        rows = self.table(f"codelists/{name}")
        columns = list(rows[0]) if rows else []
        label = "label" if "label" in columns else columns[1] if len(columns) > 1 else ""
        return {row[columns[0]]: row[label] for row in rows}

    def cell(self, row: Row | None, column: str) -> Cell:
        """A figure and its status."""
        if row is None:
            return None, "x"
        return number(row[column]), row.get(f"{column}_status") or None

    def series(self, place: Place, column: str) -> list[tuple[str, Cell]]:
        """Each month of the release with its figure."""
        rows = {
            row["month"]: row
            for row in self.where(
                "crime_summary", area_force_id=place[0], neighbourhood_id=place[1]
            )
        }
        return [(m, self.cell(rows.get(m), column)) for m in self.months]

    def summary(self, place: Place, when: str) -> Row | None:
        """The row of ``crime_summary`` of a place and month."""
        rows = self.where(
            "crime_summary", month=when, area_force_id=place[0], neighbourhood_id=place[1]
        )
        return rows[0] if rows else None

    def supplied(self, dataset: str, force: str) -> dict[str, str]:
        """Month to what a force supplied."""
        rows = self.where("coverage", dataset=dataset, force_id=force)
        return {row["month"]: row["coverage"] for row in rows}

    def counts(
        self,
        name: str,
        place: Place,
        months: Iterable[str],
        by: str,
        keep: Callable[[Row], bool] = bool,
    ) -> dict[str, float]:
        """Counts of a place over months, of every force that reported, by a column."""
        wanted = set(months)
        found: dict[str, float] = {}
        rows = self.where(
            name, place="neighbourhood", area_force_id=place[0], neighbourhood_id=place[1]
        )
        for row in rows:
            if row["month"] in wanted and keep(row):
                found[row[by]] = found.get(row[by], 0) + (number(row["count"]) or 0)
        return {key: value for key, value in found.items() if value}

    @cached_property
    def today(self) -> dict[Place, Row]:
        """The neighbourhoods of today."""
        rows = [row for row in self.table("neighbourhoods") if not row["valid_to"]]
        return {(row["force_id"], row["neighbourhood_id"]): row for row in rows}

    def force_name(self, force: str) -> str:
        """The name of a force."""
        return self.where("coverage", force_id=force)[0]["force_name"]

    def quarters(self, force: str) -> list[str]:
        """The newest four quarters of which anything of a force is published."""
        reach = self.where("engagement_reach", force_id=force, period_type="quarter")
        queries = self.where("feedback_summary", force_id=force)
        return sorted({row["period"] for row in (*reach, *queries)})[-4:]

    def heard(self, force: str, place: str, period: str, measure: str) -> Cell:
        """A count of people of a quarter; none logged where only others of the force have rows."""
        if measure in ("attendances", "forms"):
            of = self.where(
                "engagement_reach", force_id=force, period=period, period_type="quarter"
            )
            rows = [row for row in of if row["category_level"] == "total"]
        else:
            of = self.where("feedback_summary", force_id=force, period=period)
            rows = [row for row in of if row["theme"] == "all"]
        mine = [row for row in rows if row["neighbourhood_id"] == place]
        if mine:
            return self.cell(mine[0], measure)
        return None, "z" if of else "x"
