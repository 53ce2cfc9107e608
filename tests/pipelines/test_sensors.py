"""What follows from the monthly schedule, without the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from openbeat.settings import load_settings
from pipelines.build import build_definitions
from pipelines.jobs import ingest, plan
from pipelines.sensors import ingest_planned, publish_ingested
from resources.lake import Lake


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def succeeded(instance: dg.DagsterInstance, job: str, sensor: str) -> Any:
    """The context of a sensor that was told that a run of a job succeeded."""
    run = dg.DagsterRun(job_name=job, status=dg.DagsterRunStatus.SUCCESS)
    event = dg.DagsterEvent("PIPELINE_SUCCESS", job)
    return dg.build_run_status_sensor_context(sensor, event, instance, run)


def test_each_planned_month_is_ingested_by_a_run_of_its_own(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path))
    lake.write("months_to_ingest", pl.DataFrame({"month": ["2025-06", "2025-07"]}))
    context = succeeded(instance, plan.name, ingest_planned.name)
    requests = list(ingest_planned(context, lake_to_look_at=lake))
    assert [request.partition_key for request in requests] == ["2025-06", "2025-07"]
    assert len({request.run_key for request in requests}) == 2


def test_a_plan_without_months_still_publishes_as_a_setting_may_have_changed(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path))
    lake.write("months_to_ingest", pl.DataFrame(schema={"month": pl.String}))
    context = succeeded(instance, plan.name, ingest_planned.name)
    (request,) = ingest_planned(context, lake_to_look_at=lake)
    assert request.job_name == "publish"


def planned(folder: Path, *ingested: str) -> Lake:
    """A lake with a plan of two months, of which some are ingested."""
    lake = Lake(str(folder))
    lake.write("months_to_ingest", pl.DataFrame({"month": ["2025-06", "2025-07"]}))
    for month in ingested:
        lake.write_json("ingested", month, {})
    return lake


def test_the_release_is_made_when_the_last_month_is_ingested(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    context = succeeded(instance, ingest.name, publish_ingested.name)
    lake = planned(tmp_path, "2025-06", "2025-07")
    request = publish_ingested(context, lake_to_look_at=lake)
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == context.dagster_run.run_id


def test_no_release_is_made_while_a_planned_month_failed(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    context = succeeded(instance, ingest.name, publish_ingested.name)
    found = publish_ingested(context, lake_to_look_at=planned(tmp_path, "2025-07"))
    assert isinstance(found, dg.SkipReason)
    assert "2025-06" in str(found)


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED])
def test_the_release_waits_for_the_months_under_way(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, tmp_path: Path
) -> None:
    instance.add_run(dg.DagsterRun(job_name=ingest.name, status=status))
    context = succeeded(instance, ingest.name, publish_ingested.name)
    lake = planned(tmp_path, "2025-06", "2025-07")
    assert isinstance(publish_ingested(context, lake_to_look_at=lake), dg.SkipReason)


def test_the_plan_job_lists_the_months_with_the_reason(
    pair: Path, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    settings = load_settings(pair / "openbeat.yaml", out=tmp_path)
    made = build_definitions(settings)
    assert made.resolve_job_def("plan").execute_in_process(instance=instance).success
    planned = Lake(settings.lake_root).read("months_to_ingest")
    assert planned.rows() == [("2025-06", "new"), ("2025-07", "new")]


def test_a_run_of_the_jobs_holds_the_place(
    pair: Path, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    from openbeat.errors import LockedError
    from resources.lock import place_lock
    from resources.sources import Sources

    refused = []

    def elsewhere(_text: str) -> None:
        try:
            with place_lock(tmp_path):
                pass
        except LockedError as error:
            refused.append(error)

    settings = load_settings(pair / "openbeat.yaml", out=tmp_path)
    made = build_definitions(settings, sources=Sources(settings, elsewhere))
    assert made.resolve_job_def("plan").execute_in_process(instance=instance).success
    assert refused
    with place_lock(tmp_path):
        pass
