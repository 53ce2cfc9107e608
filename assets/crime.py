"""Conformed: street, outcomes and stops of a month, typed, with what was refused in quarantine."""

import dagster as dg

from assets.checks import check_specs, contracts, judged
from assets.partitions import MONTHS
from openbeat.policeuk.archive import DATASETS
from openbeat.policeuk.corrections import take_in_corrected
from openbeat.policeuk.intake import read_month
from resources.lake import Lake
from resources.sources import Sources


def _conformed(dataset: str) -> dg.AssetsDefinition:
    table = f"conformed_{dataset}"

    @dg.asset(
        name=table,
        partitions_def=MONTHS,
        group_name="conformed",
        kinds={"polars", "parquet"},
        dagster_type=dg.Any,
        deps=["members"],
        check_specs=check_specs(table),
        description=contracts()[table].description,
    )
    def conformed(
        context: dg.AssetExecutionContext,
        lake: dg.ResourceParam[Lake],
        sources: dg.ResourceParam[Sources],
    ) -> dg.MaterializeResult:
        month = context.partition_key
        raw = read_month(
            sources.members(month, dataset),
            dataset,
            sources.settings.limits.member_bytes,
            progress=sources.tell,
        )
        sources.tell(f"{month}: checking {raw.frame.height:,} rows of {dataset}")
        taken = take_in_corrected(
            raw,
            dataset,
            month,
            contracts()[table],
            sources.forces,
            sources.lookup,
            sources.corrections,
        )
        lake.write(f"files_{dataset}", taken.files, month)
        lake.write(f"quarantine_{dataset}", taken.quarantine, month)
        return judged(lake, table, taken.accepted, month, quarantine=taken.quarantine.height)

    return conformed


conformed_assets = [_conformed(dataset) for dataset in DATASETS]
