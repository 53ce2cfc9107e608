"""The definitions: every asset, job, schedule and sensor with the resources they use.

``build_definitions`` is the seam for tests and the command line; what ``workspace.yaml`` loads is
in ``definitions``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.crime import conformed_assets
from assets.engagement import engagement_logs
from assets.geography import boundaries, points
from assets.monthly import counts, ingested
from assets.packs import internal_pages, packs
from assets.protected import protected_tables
from assets.raw import members, months_to_ingest
from assets.release import release
from assets.tables import engagement_tables, release_tables
from openbeat.settings import Settings
from pipelines.jobs import JOBS
from pipelines.schedules import monthly_schedule
from pipelines.sensors import SENSORS
from resources.lake import Lake, LakeIOManager
from resources.lock import place_lock
from resources.sources import Sources

EXECUTORS = {"in_process": dg.in_process_executor, "multiprocess": dg.multiprocess_executor}
ASSETS = (
    *(months_to_ingest, members, boundaries, *conformed_assets),
    *(points, counts, ingested, engagement_logs, release_tables, engagement_tables),
    *(protected_tables, release, packs, internal_pages),
)


def build_definitions(settings: Settings, **overrides: Any) -> dg.Definitions:
    """Make the definitions for some settings.

    Args:
        settings: The settings.
        overrides: Resources by name that take the place of the usual ones: ``lake``,
            ``sources``, ``io_manager``.
    """
    lake = overrides.get("lake", Lake(settings.lake_root))
    resources: dict[str, Any] = {
        "lake": _locked(settings, lake),
        "lake_to_look_at": lake,
        "sources": Sources(settings),
        "io_manager": LakeIOManager(lake),
    }
    return dg.Definitions(
        assets=ASSETS,
        jobs=JOBS,
        schedules=[monthly_schedule(settings.schedule_cron)],
        sensors=SENSORS,
        resources=resources | overrides,
        executor=EXECUTORS[settings.dagster.executor],
    )


def _locked(settings: Settings, lake: Lake) -> Any:
    """The lake, held by one run at a time; steps in processes of their own cannot share a lock."""
    if settings.dagster.executor != "in_process":
        return lake

    @dg.resource
    def locked_lake(_context: dg.InitResourceContext) -> Iterator[Lake]:
        with place_lock(settings.out, wait=True):
            yield lake

    return locked_lake
