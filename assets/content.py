"""What one release says, gathered from the lake and the sources: tables, quality, provenance."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from assets.checks import QUALITY
from assets.monthly import INGEST_TABLES
from assets.protected import ATTACKS, PROTECTED, SHOWN, policy_of
from assets.provenance import release_provenance
from openbeat import codelists
from openbeat.contract import Contract
from openbeat.disclosure.report import disclosure_report, page
from openbeat.monthly.counts import SHARES
from openbeat.policeuk.archive import DATASETS
from openbeat.policeuk.coverage import Window
from openbeat.release.calendar import next_release_in_words, release_day_of
from openbeat.release.content import SOURCES, ReleaseContent
from openbeat.versions import load_register
from resources import disclosure as kept
from resources.lake import ALL, Lake
from resources.sources import Sources

DESCRIPTION = (
    "Crimes, outcomes and stop and search published on police.uk, counted by police neighbourhood"
    " and month, with the coverage of every force and month; and what the public asked of the"
    " police, what was done, and, if nothing was done, why."
)
LOGS = {
    "title": "Engagement logs of the forces and their partners, police.uk's neighbourhood pages",
    "path": "https://www.police.uk/",
}
_MEASURED = ("month", "force_id", "dataset", "overlapping", "in_other_area", "far_away")


def release_content(
    lake: Lake,
    sources: Sources,
    window: Window,
    as_of: date,
    contracts: Mapping[str, Contract],
    tables: Sequence[str],
    release_id: str,
) -> ReleaseContent:
    """Gather a release.

    Args:
        lake: Holds the tables and the results of the checks.
        sources: Named in the provenance.
        window: The months.
        as_of: The day engagement is covered up to.
        contracts: Every contract.
        tables: The published tables.
        release_id: Its id: the ledger's new rows bear it.
    """
    months = window.months
    release = sources.settings.release
    register = load_register(release.deprecations)
    frames = {name: lake.read(name) for name in tables}
    people = "engagement_reach" in tables
    disclosure = _disclosure(lake, sources, frames, release_id) if people else None
    return ReleaseContent(
        month=months[-1],
        first_month=months[0],
        as_of=as_of,
        tables=frames,
        contracts=register.attach(contracts),
        boundaries=lake.read("neighbourhood_shapes"),
        codelists={name: codelists.load(name) for name in codelists.names()}
        | {"forces": sources.forces},
        quality=_quality(lake, sources, window, tables),
        provenance=release_provenance(lake, sources, window, tables),
        description=DESCRIPTION if "you_said_we_did" in tables else ReleaseContent.description,
        sources=(*SOURCES, LOGS) if "you_said_we_did" in tables else SOURCES,
        disclosure=disclosure,
        disclosure_page=page(disclosure, sources.settings.notice) if disclosure else "",
        publisher=sources.settings.publisher,
        notice=sources.settings.notice,
        base_url=release.base_url,
        contact={k: v for k, v in release.contact.model_dump().items() if v},
        workbooks=release.workbooks,
        register=register,
        next_release=next_release_in_words(release, months[-1]),
        # It cannot have come out before the day that it covers.
        issued=max(release_day_of(release, months[-1]), as_of),
    )


def _disclosure(
    lake: Lake, sources: Sources, tables: Mapping[str, pl.DataFrame], release_id: str
) -> dict[str, Any]:
    """How the counts of people were protected, and the ledger's files with what is new."""
    return disclosure_report(
        kept.read_memory(lake).also(kept.undecided(lake)),
        shown=lake.read(SHOWN),
        tables={name: tables[name] for name in PROTECTED},
        policy=policy_of(sources.settings).as_published(),
        attack=lake.read_json(ATTACKS, ALL) or {},
        ledger_files=kept.name_ledger(lake, release_id),
    )


def _quality(lake: Lake, sources: Sources, window: Window, tables: Sequence[str]) -> dict[str, Any]:
    """The results of every rule, and what lies in quarantine, by force and rule."""
    months = [m for m in window.months if m in window.held]
    results = [lake.read_months(f"{QUALITY}_{table}", months) for table in INGEST_TABLES]
    results += [
        lake.read(f"{QUALITY}_{table}", window.months[-1]) for table in (*tables, "reconciliation")
    ]
    refused = [
        lake.read_months(f"quarantine_{dataset}", months)
        .group_by("month", "dataset", "force_id", "kind", "rule")
        .agg(pl.len().alias("rows"))
        for dataset in DATASETS
    ]
    problems = pl.concat(
        lake.read_months(f"files_{dataset}", months)
        .filter(pl.col("problem").is_not_null())
        .select("file", "archive", "problem")
        for dataset in DATASETS
    )
    everything = pl.concat(results).sort("table", "month", "rule")
    return {
        "judge": "Great Expectations, from the contract of each table",
        "rules": everything.to_dicts(),
        "quarantine": pl.concat(refused)
        .sort("month", "dataset", "force_id", "kind", "rule")
        .to_dicts(),
        "files": lake.read_months("ledger", months)
        .select(*_MEASURED, *SHARES)
        .sort("month", "force_id", "dataset")
        .to_dicts(),
        "unrecognised_files": [
            {"archive": archive.name, "files": len(archive.unrecognised)}
            for archive in sources.archives
            if archive.unrecognised
        ],
        "unreadable_files": problems.sort("file").to_dicts(),
        "boundaries": sources.register.issues.to_dicts(),
        "population": None
        if sources.population is None
        else {
            "without_centroid": len(sources.population.without_centroid),
            "without_population": len(sources.population.without_population),
        },
    }
