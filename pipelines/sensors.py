"""What starts by itself: ingest what the plan lists, then publish once nothing is under way.

Together with the monthly schedule they do what ``openbeat run`` does, as runs of their own.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.jobs import ingest, plan, publish
from resources.lake import Lake

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS, monitored_jobs=[plan], request_job=ingest
)
def ingest_planned(
    context: dg.RunStatusSensorContext, lake: dg.ResourceParam[Lake]
) -> Iterator[dg.RunRequest]:
    """Ingest each month of the plan."""
    months = lake.read("months_to_ingest")["month"].to_list()
    for month in months:
        run_key = f"{context.dagster_run.run_id}-{month}"
        yield dg.RunRequest(run_key=run_key, partition_key=month)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS, monitored_jobs=[ingest], request_job=publish
)
def publish_ingested(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
    """Publish when the last month of a plan is ingested."""
    others = context.instance.get_runs(
        filters=dg.RunsFilter(job_name=ingest.name, statuses=UNFINISHED), limit=1
    )
    if others:
        return dg.SkipReason("other months are still being ingested")
    return dg.RunRequest(run_key=context.dagster_run.run_id)


SENSORS = (ingest_planned, publish_ingested)
