"""A website of a small release with what it says of itself: quality, revisions, changelog."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from openbeat import codelists
from openbeat.contract import load_contracts
from openbeat.website.packs.facts import Edition
from openbeat.website.site.settings import SiteSettings
from openbeat.website.site.source import Site

CONTRACTS = load_contracts(Path(__file__).parents[4] / "expectations" / "contracts")
CODELISTS = {
    name: codelists.load(name) for name in ("coverage_statuses", "crime_types", "value_statuses")
}
CHANGELOG = """# Release 2025-06-r2

Crime, outcomes and stop and search of 2025-04 to 2025-06; engagement up to 2025-07-31.

Nothing that 2025-06-r1 said was revised.

## New

- New months: 2025-06.

## Tables and columns

- crime: a column was added.
"""
SUPPLIED = {
    "northmere": {
        "street": ("submitted", "missing", "submitted"),
        "outcomes": ("submitted", "submitted", "partial_suspected"),
    },
    "btp": {"street": ("submitted",) * 3, "outcomes": ("not_expected",) * 3},
}
MONTHS = ("2025-04", "2025-05", "2025-06")
NAMES = {"northmere": "Northmere Constabulary", "btp": "British Transport Police"}


def coverage() -> pl.DataFrame:
    """Two forces, three months, two datasets; ten rows a file, one of Northmere's refused."""
    return pl.DataFrame(
        [
            {
                "month": month,
                "force_id": force,
                "force_name": NAMES[force],
                "dataset": dataset,
                "coverage": state,
                "rows": 10 if state in ("submitted", "partial_suspected") else None,
                "quarantined": int(force == "northmere" and month == "2025-04") or 0,
                "repeats": 0,
            }
            for force, datasets in SUPPLIED.items()
            for dataset, states in datasets.items()
            for month, state in zip(MONTHS, states, strict=True)
        ]
    )


def crime_summary() -> pl.DataFrame:
    """Three places; one has no figure in the newest month."""
    return pl.DataFrame(
        {
            "month": ["2025-06"] * 3,
            "area_force_id": ["northmere"] * 3,
            "neighbourhood_id": ["N1", "N2", "N3"],
            "name": ["Harbour", "Whitmoor", "Moor End"],
            "crime_total": [1200, 34, None],
            "crime_total_status": [None, "u", "x"],
            "antisocial_behaviour": [40, 2, None],
        }
    )


def quality() -> dict[str, Any]:
    """A report: a threshold met, one missed by a force, a rule that warned in two months."""

    def measure(**values: Any) -> dict[str, Any]:
        return {
            "at_most": False, "dimension": "completeness", "force_id": None, "force_name": None,
            "measure": "files_supplied", "passes": True, "threshold": 0.95, "value": 0.97,
            "sentence": "8 of 9 expected files came whole.",
        } | values  # fmt: skip

    def rule(**values: Any) -> dict[str, Any]:
        return {
            "table": "conformed_street", "rule": "s1", "sentence": "A month is that of its file.",
            "severity": "warning", "success": True, "broken": 0, "checked": 100, "month": "2025-06",
        } | values  # fmt: skip

    return {
        "dimensions": [
            measure(),
            measure(
                force_id="northmere",
                force_name=NAMES["northmere"],
                passes=False,
                sentence="4 of 6 expected files came whole.",
            ),
            measure(force_id="btp", force_name=NAMES["btp"]),
        ],
        "rules": [
            rule(success=False, broken=3),
            rule(success=False, broken=4, month="2025-05"),
            rule(month="2025-04"),
            rule(rule="s7", sentence="Latitudes are possible.", severity="critical"),
        ],
        "quarantine": [
            {"dataset": "street", "force_id": "northmere", "kind": "quarantined",
             "month": "2025-04", "rows": 1, "rule": "s7"},
        ],
        "unreadable_files": [
            {"archive": "2025-06.zip", "file": "2025-05/x.csv",
             "problem": "2025-05/x.csv, line 5: not UTF-8 text [member_encoding] Mend: save it"},
        ],
    }  # fmt: skip


def revisions(*rows: Mapping[str, str]) -> pl.DataFrame:
    """``REVISIONS``: cells as given, of the release before."""
    columns = ("release", "previous", "table", "kind", "reason")
    told = [{"release": "2025-06-r2", "previous": "2025-06-r1", **row} for row in rows]
    return pl.DataFrame(told, schema=dict.fromkeys(columns, pl.String))


def site(
    folder: Path,
    *,
    tables: Mapping[str, pl.DataFrame] | None = None,
    revised: pl.DataFrame | None = None,
    report: Mapping[str, Any] | None = None,
    **values: Any,
) -> Site:
    """The website of a release that is written into ``folder``."""
    (folder / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    (folder / "quality.json").write_text(json.dumps(report or quality()), "utf-8")
    (revisions() if revised is None else revised).write_parquet(folder / "REVISIONS.parquet")
    held = {"coverage": coverage(), "crime_summary": crime_summary(), **(tables or {})}
    given: dict[str, Any] = {
        "edition": Edition("2025-06-r2", "2025-06", date(2025, 7, 31), "Northmere data", "", {}),
        "sizes": {
            "tables/coverage.parquet": 12_000,
            "tables/coverage.csv": 900,
            "tables/crime_summary.parquet": 2_340_000,
            "tables/crime_summary.csv.gz": 3_000,
            "tables/crime_summary/crime_summary-northmere.csv": 1_500,
            "REVISIONS.csv": 100,
        },
        "settings": SiteSettings(),
    } | values
    return Site(
        first_month="2025-04",
        tables=held,
        contracts=CONTRACTS,
        codelists=CODELISTS,
        shapes=None,
        folder=folder,
        attributions=("Contains public sector information.",),
        **given,
    )
