"""The facts of a release's provenance, from the lake, the sources and the assets' own lineage.

The shape of ``provenance.json`` is in ``openbeat.release.provenance``.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from assets.lineage import MAKING
from openbeat import __version__
from openbeat.errors import InputError
from openbeat.policeuk.archive import DATASETS
from openbeat.policeuk.corrections import published_corrections
from openbeat.policeuk.coverage import Window
from openbeat.release.integrity import hash_file
from openbeat.release.provenance import MONTHS, Step, provenance
from openbeat.settings import Settings
from resources.lake import INGESTED, Lake
from resources.logs import DELIVERIES
from resources.sources import Sources

# Hashes of the others are not told: those logs hold counts of people and hardly anything else
# that is not published, so a hash would confirm a guess at what disclosure control keeps back.
LOGS_HASHED = (
    *("engagement_events", "issues", "actions", "activities", "priorities", "engagement_plan"),
)
# Of these the source is named, as published tables are made from them too. No others are listed:
# nothing that is published is made from them, so that a force keeps them is not told either.
LOGS_NAMED = (*LOGS_HASHED, "participation", "feedback", "consultations")
READS = {"release_tables": ("boundaries", "geography"), "engagement_logs": ("logs",)}
"""The files that steps read by themselves, not from another table."""


def release_provenance(
    lake: Lake, sources: Sources, window: Window, tables: Sequence[str]
) -> dict[str, Any]:
    """What a release is made from: names, dates, hashes and relations; no paths, no times.

    Args:
        lake: Knows what each month was made from.
        sources: The files.
        window: The months; those held before them serve sums over a year.
        tables: The published tables.
    """
    settings = sources.settings
    facts = {
        "code_version": __version__,
        "inputs": _inputs(lake, window),
        "boundaries": [
            {"name": b.file, "release": b.release or "undated", "sha256": b.sha256}
            for b in sources.boundaries
        ],
        "geography": sources.geography_files(),
        "corrections": published_corrections(sources.corrections, window.held),
        "logs": _logs(lake) if "you_said_we_did" in tables else [],
        "settings": {
            "window_months": settings.window_months,
            "forces": settings.forces,
            "publisher": settings.publisher,
            "notice": settings.notice,
            "review_required": settings.engagement.review_required,
            "allowed_texts": len(settings.engagement.allowed_texts),
            "as_of": None if settings.as_of is None else settings.as_of.isoformat(),
            "site": _site(settings),
            "population": None
            if settings.population is None
            else settings.population.model_dump(exclude={"areas", "centroids"}),
        },
        "months": {month: lake.read_json(INGESTED, month) for month in window.held},
    }
    return provenance(
        facts,
        publisher=settings.publisher,
        steps=steps(),
        published=tables,
        month_uses={month: _used_by(sources, month) for month in window.held},
        reads=READS,
    )


def _site(settings: Settings) -> dict[str, Any]:
    """What pages say besides the tables, so that a release with other pages is another one."""
    site, release, contacts = settings.site, settings.release, settings.engagement.contacts
    if not site.make:
        return {"make": False}
    shown = {force: contact.model_dump() for force, contact in contacts.items()}
    text = json.dumps([shown, release.contact.model_dump()], sort_keys=True)
    return {
        "make": True,
        "name": site.name,
        "base_url": release.base_url,
        "languages": list(site.languages),
        "packs": site.packs.model_dump(),
        "contacts_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "postcodes": None
        if site.postcodes is None
        else {"name": site.postcodes.path.name, "sha256": _hash(site.postcodes.path)},
    }


def _hash(path: Path) -> str:
    try:
        return hash_file(path)
    except OSError as error:
        raise InputError(
            f"the postcode file cannot be read ({error.strerror or type(error).__name__})",
            file=path.name,
            rule="site.postcodes",
            mend="check site.postcodes.path in the settings",
        ) from None


def steps() -> list[Step]:
    """How tables are made, as the assets declare it; what is made by month is one, ``MONTHS``."""
    monthly = {
        key.to_user_string()
        for made in MAKING
        if made.partitions_def is not None
        for key in made.keys
    }
    return [
        Step(
            made.node_def.name,
            made.node_def.description or made.node_def.name,
            {
                spec.key.to_user_string(): sorted(
                    {
                        MONTHS if parent in monthly else parent
                        for parent in (dep.asset_key.to_user_string() for dep in spec.deps)
                    }
                )
                for spec in made.specs
            },
        )
        for made in MAKING
        if made.partitions_def is None
    ]


def _inputs(lake: Lake, window: Window) -> list[dict[str, Any]]:
    return (
        pl.concat(
            lake.read_months(f"files_{dataset}", window.held).select(
                "file", "archive", "archive_as_of", "member_sha256"
            )
            for dataset in DATASETS
        )
        .sort("file")
        .to_dicts()
    )


def _logs(lake: Lake) -> list[dict[str, Any]]:
    """The newest delivery of each source; never its number of rows: feedback's counts people.

    A file that serves another table too, as a workbook may, is as good as that table.
    """
    rows = lake.read(DELIVERIES)
    open_ = pl.col("table").is_in(LOGS_HASHED)
    hashed = open_ & ~pl.col("sha256").is_in(rows.filter(~open_)["sha256"].implode())
    rows = rows.filter(pl.col("table").is_in(LOGS_NAMED))
    rows = rows.select(
        "source",
        "table",
        pl.when(hashed).then("name").alias("name"),
        pl.when(hashed).then("sha256").alias("sha256"),
    )
    return [{k: v for k, v in row.items() if v is not None} for row in rows.iter_rows(named=True)]


def _used_by(sources: Sources, month: str) -> list[str]:
    """The boundary files that serve a force in a month, and the look-ups its rows went through."""
    chosen = set(sources.boundary_choice(month)["boundary_release"])
    settings = sources.settings
    return [
        *(f"boundaries/{b.file}" for b in sources.boundaries if (b.release or "undated") in chosen),
        *(f"geography/{p.name}" for p in (settings.lsoa_lookup, settings.forces_file) if p),
    ]
