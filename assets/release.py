"""Release: the window's published tables, held against their contracts, and the release itself."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from assets.checks import broken_rules, check_specs, contracts, judged, require_judged
from assets.monthly import COUNTS, INGEST_TABLES
from openbeat.errors import InputError
from openbeat.policeuk.coverage import Window, month_range, months_before
from resources.lake import ALL, INGESTED, Lake
from resources.sources import Sources

PUBLISHED = ("crime", "crime_summary", "outcomes", "stops", "coverage", "neighbourhoods")
CHECKED = (*PUBLISHED, "reconciliation")
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


def _as_of(config: PublishConfig, sources: Sources) -> date:
    if config.as_of:
        try:
            return date.fromisoformat(config.as_of)
        except ValueError:
            raise InputError(
                "as_of is a day, YYYY-MM-DD", value=config.as_of, mend="2025-06-30, say."
            ) from None
    return sources.settings.as_of or datetime.now(UTC).date().replace(day=1) - timedelta(days=1)


@dg.multi_asset(
    outs={
        table: dg.AssetOut(dagster_type=dg.Any, description=contracts()[table].description)
        for table in CHECKED
    },
    deps=[*COUNTS.values(), "ledger", INGESTED],
    check_specs=check_specs(*CHECKED),
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
    sources.tell(f"making the tables of {window.months[0]} to {window.months[-1]}")
    tables = published_tables(
        window,
        ledger=lake.read_months("ledger", window.held),
        counts={d: lake.read_months(table, window.held) for d, table in COUNTS.items()},
        register=sources.register,
        areas=sources.population,
        forces=sources.forces,
        expected=sources.settings.forces,
    )
    lake.write("neighbourhood_shapes", tables["neighbourhood_shapes"])
    for name in CHECKED:
        sources.tell(f"checking {name}: {tables[name].height:,} rows")
        yield judged(lake, name, tables[name], window.months[-1], strict=sources.settings.strict)


@dg.asset(group_name="release", deps=[*CHECKED])
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
    strict = sources.settings.strict
    require_judged(lake, CHECKED, month, stored_as=ALL, strict=strict)
    warned = broken_rules(lake, INGEST_TABLES, window.months, ("warning",)) if strict else []
    if warned:
        raise InputError("strict, and these warnings: " + "; ".join(warned), rule="strict")
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
