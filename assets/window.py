"""What is published: the window of months, and the day up to which engagement is covered."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg

from openbeat.errors import InputError
from openbeat.months import month_range
from openbeat.policeuk.coverage import Window, months_before
from resources.lake import INGESTED, Lake
from resources.sources import Sources

SUMMARY_MONTHS = 12


class PublishConfig(dg.Config):
    """What to publish.

    Attributes:
        month: The newest month of the release; without it the newest ingested.
        as_of: The day engagement is covered up to, ``YYYY-MM-DD``; without it the last day of
            the month before today's.
    """

    month: str = ""
    as_of: str = ""


def release_window(config: PublishConfig, lake: Lake, sources: Sources) -> Window:
    """The months of a release, and those that are held.

    Raises:
        InputError: There is no such window, or publishing it now would be wrong; says why.
    """
    held = lake.months(INGESTED, ".json")
    if not held:
        raise InputError("no month is ingested", mend="run the ingest job, or openbeat run.")
    last = config.month or held[-1]
    if last not in held:
        raise InputError(
            f"{last} is not ingested",
            mend=f"months that are: {held[0]} to {held[-1]}; ingest it with openbeat backfill.",
        )
    start = months_before(last, sources.settings.window_months - 1, including=True)[0]
    begun = [m for m in lake.months("members") if start <= m <= last and m not in held]
    if begun:
        raise InputError(
            f"ingesting was begun and not ended: {', '.join(begun)}",
            rule="whole_months",
            mend="run the ingest job for them, or openbeat backfill; see its checks.",
        )
    first = max(start, held[0])
    months = month_range(first, last)
    there = sources.months() if sources.settings.archives else []
    skipped = [m for m in there if first < m < last and m not in held]
    if skipped:
        raise InputError(
            f"the archives hold months that are not ingested: {', '.join(skipped)}",
            rule="whole_window",
            mend="openbeat run ingests them; published now they would look missing.",
        )
    within = [m for m in months if m in held]
    stale = sources.stale(lake, within)
    if stale:
        raise InputError(
            f"made with other boundaries or rules than there are now: {', '.join(stale)}",
            rule="same_rules",
            mend="name the archives of these months, so that they are made again, or the "
            "boundaries and settings that were used.",
        )
    earlier = [m for m in months_before(first, SUMMARY_MONTHS) if m in held]
    outdated = sources.stale(lake, earlier)
    return Window(months, [*(m for m in earlier if m not in outdated), *within])


def release_day(config: PublishConfig, sources: Sources) -> date:
    """The day up to which engagement is covered.

    Raises:
        InputError: What is given is no day, or one that is yet to come.
    """
    today = datetime.now(UTC).date()
    day = sources.settings.as_of or today.replace(day=1) - timedelta(days=1)
    if config.as_of:
        try:
            day = date.fromisoformat(config.as_of)
        except ValueError:
            raise InputError(
                "as_of is a day, YYYY-MM-DD", value=config.as_of, mend="2025-06-30, say."
            ) from None
    if day > today:  # counts of a quarter that is not over would be settled for good
        raise InputError("as_of is a day to come", value=str(day), mend="name today, or before.")
    return day
