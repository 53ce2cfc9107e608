"""Engagement, conformed: every log read, taken in and held against its contract.

What is done with the rows belongs in ``openbeat.engagement``, what is kept of them in
``resources.logs``. Metadata hold counts, never a value of a record.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import polars as pl

from assets.checks import check_specs, contracts, judged, outs
from openbeat.engagement.tables import TABLES
from openbeat.errors import InputError
from resources.lake import Lake
from resources.sources import Sources

CONFORMED = tuple(table.contract for table in TABLES.values())


class IntakeConfig(dg.Config):
    """When the logs are taken in.

    Attributes:
        now: A moment, ``YYYY-MM-DDTHH:MM:SSZ``; without it, the clock's.
    """

    now: str = ""


def _now(config: IntakeConfig) -> datetime:
    if not config.now:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(config.now).astimezone(UTC)
    except ValueError:
        raise InputError(
            "now is a moment", value=config.now, mend="2025-07-31T06:00:00Z, say."
        ) from None


@dg.multi_asset(
    outs=outs(CONFORMED),
    check_specs=check_specs(*CONFORMED),
    group_name="engagement",
)
def engagement_logs(
    context: dg.AssetExecutionContext,
    config: IntakeConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> Iterator[dg.MaterializeResult]:
    """The engagement logs: versions kept, others' business routed out, faults in quarantine."""
    from openbeat.engagement.intake import take_in
    from resources import logs

    now = _now(config)
    deliveries = logs.read_deliveries(sources, lake, contracts())
    sources.tell("taking in the logs")
    taken = take_in(
        deliveries,
        history=logs.stored_history(lake, deliveries),
        register=lake.read_or(logs.REGISTER),
        erased=lake.read_or(logs.RECEIPTS),
        contracts=contracts(),
        settings=sources.settings.engagement,
        places=_places(sources),
        forces=sources.forces["force_id"].to_list(),
        now=now,
        as_of=sources.settings.as_of,
    )
    logs.store_intake(lake, sources.settings.out, deliveries, taken, contracts(), now)
    for name, table in zip(CONFORMED, TABLES, strict=True):
        frame = taken.tables[table]
        sources.tell(f"checking {name}: {frame.height:,} rows")
        yield judged(
            lake,
            name,
            frame,
            strict=sources.settings.strict,
            **_counts(taken.records.filter(pl.col("table") == table)),
        )


def _counts(records: pl.DataFrame) -> dict[str, Any]:
    """How many records of a table became what, and which rules or kinds stopped them."""
    became = records.group_by(
        pl.col("disposition").fill_null("accepted"), "reason", maintain_order=True
    ).len()
    told = became.sort("disposition", "reason", nulls_last=False)
    names = pl.concat_str("disposition", "reason", separator=": ", ignore_nulls=True)
    counts = told.select(name=names, rows="len").rows()
    return {"records": records.height, "became": dg.MetadataValue.json(dict(counts))}


def _places(sources: Sources) -> pl.DataFrame:
    """When each neighbourhood was valid; without boundaries, none."""
    from openbeat.engagement.across import PLACES

    if not sources.settings.boundaries:
        return pl.DataFrame(schema=PLACES)
    from openbeat.engagement.places import valid_places

    return valid_places(sources.register.force_releases, sources.register.members)
