"""Release: the window's published tables, held against their contracts, and the release itself."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from assets.checks import check_specs, contracts, judged
from assets.monthly import COUNTS
from assets.raw import INGESTED
from openbeat.errors import InputError
from openbeat.policeuk.coverage import Window, month_range, months_before
from resources.lake import Lake
from resources.sources import Sources

PUBLISHED = ("crime", "crime_summary", "outcomes", "stops", "coverage", "neighbourhoods")
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


def _window(config: PublishConfig, lake: Lake, sources: Sources) -> Window:
    held = lake.months(INGESTED, ".json")
    if not held:
        raise InputError("no month is ingested", mend="run the ingest job, or openbeat run.")
    last = config.month or held[-1]
    if last not in held:
        raise InputError(
            f"{last} is not ingested",
            mend=f"months that are: {held[0]} to {held[-1]}; ingest it with openbeat backfill.",
        )
    span = sources.settings.window_months
    start = months_before(last, span - 1)[0] if span > 1 else last
    begun = [m for m in lake.months("members") if start <= m <= last and m not in held]
    if begun:
        raise InputError(
            f"ingesting was begun and not ended: {', '.join(begun)}",
            rule="whole_months",
            mend="run the ingest job for them, or openbeat backfill; see its checks.",
        )
    first = max(start, held[0])
    months = month_range(first, last)
    earlier = [m for m in months_before(first, SUMMARY_MONTHS) if m in held]
    return Window(months, [*earlier, *(m for m in months if m in held)])


def _as_of(config: PublishConfig, sources: Sources) -> date:
    if config.as_of:
        return date.fromisoformat(config.as_of)
    return sources.settings.as_of or datetime.now(UTC).date().replace(day=1) - timedelta(days=1)


@dg.multi_asset(
    outs={
        table: dg.AssetOut(dagster_type=dg.Any, description=contracts()[table].description)
        for table in (*PUBLISHED, "reconciliation")
    },
    deps=[*COUNTS.values(), "ledger", INGESTED],
    check_specs=check_specs(*PUBLISHED, "reconciliation"),
    group_name="release",
)
def release_tables(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> Iterator[dg.MaterializeResult]:
    """The published tables of the window, made from the lake, and the figures that must agree."""
    from openbeat.monthly.publish import published_tables  # loads geography

    window = _window(config, lake, sources)
    sources.check_boundaries(lake, window.held)
    sources.tell(f"making the tables of {window.months[0]} to {window.months[-1]}")
    tables = published_tables(
        window,
        ledger=lake.read_months(
            "ledger", [m for m in lake.months(INGESTED, ".json") if m <= window.months[-1]]
        ),
        counts={d: lake.read_months(table, window.held) for d, table in COUNTS.items()},
        register=sources.register,
        areas=sources.population,
        forces=sources.forces,
        expected=sources.settings.forces,
    )
    lake.write("neighbourhood_shapes", tables["neighbourhood_shapes"])
    for name in (*PUBLISHED, "reconciliation"):
        sources.tell(f"checking {name}: {tables[name].height:,} rows")
        yield judged(lake, name, tables[name], window.months[-1], strict=sources.settings.strict)


@dg.asset(group_name="release", deps=[*PUBLISHED, "reconciliation"])
def release(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> dg.MaterializeResult:
    """The release: written aside, verified, and promoted in one step."""
    from assets.content import release_content
    from openbeat.release.promote import ReleaseStore
    from openbeat.release.write import write_release

    window = _window(config, lake, sources)
    month = window.months[-1]
    store = ReleaseStore(sources.settings.releases_root)
    content = release_content(
        lake, sources, window, _as_of(config, sources), contracts(), PUBLISHED
    )
    staged = store.staging()
    release_id = store.next_id(month)
    write_release(content, staged, release_id, lambda path: sources.tell(f"writing {path}"))
    sources.tell("verifying and promoting")
    published = store.publish(staged, month, lambda: datetime.now(UTC))
    return dg.MaterializeResult(
        asset_key="release",
        metadata={
            "release": published.id,
            "new": published.new,
            "path": dg.MetadataValue.path(str(published.path)),
        },
    )
