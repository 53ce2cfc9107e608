"""Geography: which boundaries serve a month, and where each distinct point lies."""

import dagster as dg
import polars as pl

from assets.checks import unjudged
from assets.partitions import MONTHS
from openbeat.monthly.counts import distinct_points
from resources.sources import Sources


@dg.asset(
    partitions_def=MONTHS,
    group_name="geography",
    kinds={"parquet"},
    dagster_type=dg.Any,
    deps=["members"],
)
def boundaries(
    context: dg.AssetExecutionContext, sources: dg.ResourceParam[Sources]
) -> dg.MaterializeResult:
    """The boundary release that serves each force in the month, and on what basis."""
    chosen = sources.boundary_choice(context.partition_key)
    return unjudged("boundaries", chosen, forces=chosen.height)


@dg.asset(
    partitions_def=MONTHS,
    group_name="geography",
    kinds={"parquet"},
    dagster_type=dg.Any,
    deps=["boundaries"],
)
def points(
    context: dg.AssetExecutionContext,
    sources: dg.ResourceParam[Sources],
    conformed_street: pl.DataFrame,
    conformed_outcomes: pl.DataFrame,
    conformed_stops: pl.DataFrame,
) -> dg.MaterializeResult:
    """The distinct points of the month, each located once among every force's neighbourhoods."""
    month = context.partition_key
    distinct = distinct_points(conformed_street, conformed_outcomes, conformed_stops)
    sources.tell(f"{month}: locating {distinct.height:,} points")
    located = sources.locator(month).locate(distinct)
    return unjudged(
        "points",
        located,
        located=located["neighbourhood_id"].count(),
        overlapping=int((located["matches"] > 1).sum()),
    )
