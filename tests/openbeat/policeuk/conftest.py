"""Builders of police.uk files: a right row of each dataset, and what a test changes in it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from openbeat.contract import Contract, broken_counts, load_contracts
from openbeat.geography.lsoa import LsoaLookup, make_lookup
from openbeat.policeuk.archive import Choice, Member
from openbeat.policeuk.forces import load_forces
from openbeat.policeuk.intake import Intake, read_month, take_in
from openbeat.policeuk.members import HEADERS
from openbeat.policeuk.outcomes import conform_outcomes
from openbeat.policeuk.stops import conform_stops
from openbeat.policeuk.street import conform_street

MONTH = "2025-06"
CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
_PLACE = {
    "Longitude": "0.521000",
    "Latitude": "51.273000",
    "Location": "On or near High Street",
    "LSOA code": "E01024000",
    "LSOA name": "Maidstone 001A",
}
_FORCE = {"Month": MONTH, "Reported by": "Kent Police", "Falls within": "Kent Police"}
RIGHT = {
    "street": _FORCE
    | _PLACE
    | {
        "Crime ID": "a" * 64,
        "Crime type": "Burglary",
        "Last outcome category": "Under investigation",
    },
    "outcomes": _FORCE | _PLACE | {"Crime ID": "a" * 64, "Outcome type": "Suspect charged"},
    "stops": {
        "Type": "Person search",
        "Date": "2025-06-14T13:05:00+00:00",
        "Part of a policing operation": "False",
        "Latitude": "51.273000",
        "Longitude": "0.521000",
        "Gender": "Male",
        "Age range": "18-24",
        "Self-defined ethnicity": "White - Irish",
        "Officer-defined ethnicity": "White",
        "Legislation": "Misuse of Drugs Act 1971 (section 23)",
        "Object of search": "Controlled drugs",
        "Outcome": "Arrest",
        "Outcome linked to object of search": "True",
        "Removal of more than just outer clothing": "False",
    },
}
# By names of their own, so that a test can give them as keyword arguments.
KEYS = {
    column.lower().replace(" ", "_").replace("-", "_"): column
    for header in HEADERS.values()
    for column in header
}


def fields(dataset: str, changes: Mapping[str, str | None]) -> list[str]:
    row = RIGHT[dataset] | {KEYS[key]: value or "" for key, value in changes.items()}
    return [row.get(column, "") for column in HEADERS[dataset]]


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    """Every contract, by table."""
    return load_contracts(CONTRACTS)


@pytest.fixture(scope="session")
def forces() -> pl.DataFrame:
    """The forces of the code list."""
    return load_forces()


@pytest.fixture(scope="session")
def lookup() -> LsoaLookup:
    """One unchanged LSOA, one that was split in two, two that were merged into one."""
    pairs = [
        ("E01000001", "E01000001"),
        ("E01000010", "E01033800"),
        ("E01000010", "E01033801"),
        ("E01000020", "E01033900"),
        ("E01000021", "E01033900"),
    ]
    return make_lookup(pl.Series([old for old, _ in pairs]), pl.Series([new for _, new in pairs]))


@pytest.fixture(scope="session")
def member() -> Callable[..., bytes]:
    """Bytes of a member, a row for each change: ``member("street", {}, {"month": "2025-05"})``."""

    def write(dataset: str, *rows: Mapping[str, str | None], newline: str = "\r\n") -> bytes:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator=newline)
        writer.writerow(HEADERS[dataset])
        writer.writerows(fields(dataset, row) for row in rows)
        return buffer.getvalue().encode()

    return write


@pytest.fixture(scope="session")
def conform(forces: pl.DataFrame) -> Callable[..., pl.DataFrame]:
    """Typed rows: ``conform("street", {...}, force="kent", month=..., lookup=...)``."""

    def make(
        dataset: str,
        *rows: Mapping[str, str | None],
        force: str = "kent",
        month: str = MONTH,
        lookup: LsoaLookup | None = None,
    ) -> pl.DataFrame:
        values = [[value or None for value in fields(dataset, row)] for row in rows]
        raw = pl.DataFrame(
            values, schema=dict.fromkeys(HEADERS[dataset], pl.String), orient="row"
        ).select(
            pl.lit(force).alias("force_id"),
            pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("line"),
            pl.all(),
        )
        if dataset == "street":
            return conform_street(raw, month, forces, lookup)
        if dataset == "outcomes":
            return conform_outcomes(raw, month, forces, lookup)
        return conform_stops(raw, month)

    return make


@pytest.fixture(scope="session")
def broken(
    conform: Callable[..., pl.DataFrame], contracts: Mapping[str, Contract]
) -> Callable[..., dict[str, str]]:
    """The rules that a changed row breaks, with their severity: ``broken("street", {...})``."""

    def find(
        dataset: str, changes: Mapping[str, str], month: str = MONTH, force: str = "kent"
    ) -> dict[str, str]:
        own = {} if dataset == "stops" else {"month": month}
        typed = conform(dataset, own | changes, month=month, force=force)
        counts = broken_counts(typed, contracts[f"conformed_{dataset}"], {"month": month})
        hit = counts.filter(pl.col("broken") > 0)
        return dict(zip(hit["rule"], hit["severity"], strict=True))

    return find


@dataclass(frozen=True)
class Bytes:
    """An archive that holds bytes in memory."""

    contents: Mapping[str, bytes]

    def read(self, member: Member, limit: int) -> bytes:
        return self.contents[member.force_id][: limit + 1]


@pytest.fixture(scope="session")
def take(contracts: Mapping[str, Contract], forces: pl.DataFrame) -> Callable[..., Intake]:
    """The intake of members given by force: ``take("street", {"kent": data})``."""

    def run(
        dataset: str,
        files: Mapping[str, bytes],
        month: str = MONTH,
        lookup: LsoaLookup | None = None,
    ) -> Intake:
        archive = Bytes(files)
        name = dataset.replace("stops", "stop-and-search")
        choices = [
            Choice(
                Member(
                    *(month, force, dataset, f"{month}/{month}-{force}-{name}.csv"),
                    *("2025-07.zip", "2025-07", len(data), "f"),
                ),
                archive,  # type: ignore[arg-type]
            )
            for force, data in files.items()
        ]
        raw = read_month(choices, dataset, 10**9)
        return take_in(raw, dataset, month, contracts[f"conformed_{dataset}"], forces, lookup)

    return run


@pytest.fixture
def make_zip(tmp_path: Path) -> Callable[..., Path]:
    """Write a zip: ``make_zip({path: bytes}, name)``."""

    def write(entries: Mapping[str, bytes], name: str = "2025-07.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, data in entries.items():
                archive.writestr(zipfile.ZipInfo(entry), data, zipfile.ZIP_DEFLATED)
        return path

    return write
