"""Raw: which member of which archive serves a month. The archives themselves are the capture."""

import dagster as dg
import polars as pl

from assets.checks import unjudged
from assets.partitions import MONTHS
from openbeat.errors import InputError
from resources.lake import INGESTED, Lake
from resources.sources import Sources

PLAN = "months_to_ingest"


@dg.asset(partitions_def=MONTHS, group_name="raw", kinds={"parquet"}, dagster_type=dg.Any)
def members(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> dg.MaterializeResult:
    """The members that serve the month, one row a force and dataset."""
    month = context.partition_key
    chosen = sources.members(month)
    if not chosen:
        held = sources.months()
        raise InputError(
            f"no archive holds a file for {month}",
            rule="archive_month",
            mend=f"the archives hold {held[0]} to {held[-1]}.",
        )
    # From here on, until the last step, the month does not count as ingested.
    lake.remove_json(INGESTED, month)
    rows = [
        {
            "month": month,
            "force_id": c.member.force_id,
            "dataset": c.member.dataset,
            "file": c.member.name,
            "archive": c.member.archive,
            "archive_as_of": c.member.as_of,
            "bytes": c.member.size,
            "fingerprint": c.member.fingerprint,
        }
        for c in chosen
    ]
    frame = pl.DataFrame(rows)
    return unjudged("members", frame, archives=sorted(frame["archive"].unique().to_list()))


@dg.asset(group_name="raw", kinds={"parquet"}, dagster_type=dg.Any)
def months_to_ingest(
    lake: dg.ResourceParam[Lake], sources: dg.ResourceParam[Sources]
) -> dg.MaterializeResult:
    """The months of the window that are new or changed, each with the reason."""
    planned = sources.plan(lake)
    frame = pl.DataFrame(planned, schema={"month": pl.String, "reason": pl.String}, orient="row")
    return unjudged(PLAN, frame)
