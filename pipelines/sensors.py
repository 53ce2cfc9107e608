"""What starts by itself: ingest what the plan lists, then publish once nothing is under way.

Together with the monthly schedule they do what ``openbeat run`` does, as runs of their own.
"""

from collections.abc import Iterator

import dagster as dg

from assets.raw import PLAN
from pipelines.jobs import ingest, plan, publish
from resources.lake import INGESTED, Lake

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS, monitored_jobs=[plan], request_jobs=[ingest, publish]
)
def ingest_planned(
    context: dg.RunStatusSensorContext, lake_to_look_at: dg.ResourceParam[Lake]
) -> Iterator[dg.RunRequest]:
    """Ingest each month of the plan; publish where there is none, as a setting may have changed."""
    run = context.dagster_run.run_id
    months = lake_to_look_at.read(PLAN)["month"].to_list()
    for month in months:
        yield dg.RunRequest(run_key=f"{run}-{month}", job_name=ingest.name, partition_key=month)
    if not months:
        yield dg.RunRequest(run_key=run, job_name=publish.name)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS, monitored_jobs=[ingest], request_job=publish
)
def publish_ingested(
    context: dg.RunStatusSensorContext, lake_to_look_at: dg.ResourceParam[Lake]
) -> dg.RunRequest | dg.SkipReason:
    """Publish when every month of the plan is ingested, and nothing is under way."""
    others = context.instance.get_runs(
        filters=dg.RunsFilter(job_name=ingest.name, statuses=UNFINISHED), limit=1
    )
    if others:
        return dg.SkipReason("other months are still being ingested")
    planned = lake_to_look_at.read(PLAN)["month"].to_list() if lake_to_look_at.exists(PLAN) else []
    left = set(planned) - set(lake_to_look_at.months(INGESTED, ".json"))
    if left:
        return dg.SkipReason(f"not ingested to the end: {', '.join(sorted(left))}; see their runs")
    return dg.RunRequest(run_key=context.dagster_run.run_id)


SENSORS = (ingest_planned, publish_ingested)
