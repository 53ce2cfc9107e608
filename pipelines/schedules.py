"""When it runs: each month the plan is made; what follows from it is in ``sensors``."""

from __future__ import annotations

import dagster as dg

from pipelines.jobs import plan


def monthly_schedule(cron: str) -> dg.ScheduleDefinition:
    """The monthly schedule: plans, then the sensors ingest and publish.

    Args:
        cron: When, in London's time.
    """
    return dg.ScheduleDefinition(
        name="monthly", job=plan, cron_schedule=cron, execution_timezone="Europe/London"
    )
