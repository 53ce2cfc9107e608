"""Counted: small count tables by month, the ledger, and the mark that a month is ingested."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.checks import check_specs, contracts, judged, require_judged, unjudged
from assets.partitions import MONTHS
from openbeat.monthly.counts import count, ledger, place_rows
from openbeat.policeuk.archive import DATASETS
from resources.lake import INGESTED, Lake
from resources.sources import Sources

COUNTS = {dataset: f"counts_{dataset}" for dataset in DATASETS}
INGEST_TABLES = (*(f"conformed_{dataset}" for dataset in DATASETS), "ledger")
_READ = ("points", "boundaries", *(f"conformed_{dataset}" for dataset in DATASETS))


@dg.multi_asset(
    outs={
        **{
            table: dg.AssetOut(
                dagster_type=dg.Any, description=f"Rows of {dataset} counted by place."
            )
            for dataset, table in COUNTS.items()
        },
        "ledger": dg.AssetOut(dagster_type=dg.Any, description=contracts()["ledger"].description),
    },
    ins={name: dg.AssetIn(name) for name in _READ},
    check_specs=check_specs("ledger"),
    partitions_def=MONTHS,
    group_name="counted",
)
def counts(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
    points: pl.DataFrame,
    boundaries: pl.DataFrame,
    conformed_street: pl.DataFrame,
    conformed_outcomes: pl.DataFrame,
    conformed_stops: pl.DataFrame,
) -> Iterator[dg.MaterializeResult]:
    """Place the rows by their points, count them, and account for every row of every file."""
    month = context.partition_key
    sources.tell(f"{month}: counting")
    with_boundaries = boundaries["force_id"].to_list()
    accounts = []
    tables = (conformed_street, conformed_outcomes, conformed_stops)
    for dataset, rows in zip(DATASETS, tables, strict=True):
        placed = place_rows(rows, points, with_boundaries).collect()
        yield unjudged(COUNTS[dataset], count(placed.lazy(), dataset, month))
        accounts.append(
            ledger(
                dataset,
                month,
                lake.read(f"files_{dataset}", month),
                lake.read(f"quarantine_{dataset}", month),
                placed.lazy(),
                boundaries,
            )
        )
    yield judged(lake, "ledger", pl.concat(accounts, how="diagonal"), month)


@dg.asset(partitions_def=MONTHS, group_name="counted", deps=["ledger", *COUNTS.values()])
def ingested(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> dg.MaterializeResult:
    """The mark that the month went through every check, with what it was made from."""
    month = context.partition_key
    require_judged(lake, INGEST_TABLES, month, stored_as=month)
    lake.write_json(INGESTED, month, sources.month_inputs(month))
    return dg.MaterializeResult(asset_key=INGESTED)
