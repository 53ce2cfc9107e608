"""The window's tables of a release, held against their contracts: police.uk's, and engagement's."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.checks import check_specs, contracts, judged, outs, require_judged
from assets.engagement import CONFORMED
from assets.monthly import COUNTS
from assets.protected import COUNTED, DRAFT, PROTECTED
from assets.screen import screened
from assets.window import PublishConfig, release_day, release_window
from openbeat.settings import Settings
from resources.lake import ALL, INGESTED, Lake
from resources.sources import Sources

POLICEUK = ("crime", "crime_summary", "outcomes", "stops", "coverage", "neighbourhoods")
ACTS = (
    *("you_said_we_did", "activities", "priorities"),
    *("engagement_plan_delivery", "neighbourhood_profile"),
)
ENGAGEMENT = (*PROTECTED, *ACTS)
PUBLISHED = (*POLICEUK, *ENGAGEMENT)
# Checked, and kept in the lake: what must add up.
POLICEUK_CHECKED = (*POLICEUK, "reconciliation")
ENGAGEMENT_CHECKED = (*ACTS, "engagement_ledger")
CHECKED = (*POLICEUK_CHECKED, *ENGAGEMENT_CHECKED, *PROTECTED)
DISPOSITIONS = "dispositions"


def published(settings: Settings) -> tuple[str, ...]:
    """The tables that a release holds: those of engagement only where there are logs."""
    return PUBLISHED if settings.engagement.sources else POLICEUK


@dg.multi_asset(
    outs=outs(POLICEUK_CHECKED),
    deps=[*COUNTS.values(), "ledger", INGESTED],
    check_specs=check_specs(*POLICEUK_CHECKED),
    group_name="release",
)
def release_tables(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> Iterator[dg.MaterializeResult]:
    """The published tables of police.uk's data, and the figures that must agree."""
    from openbeat.monthly.publish import published_tables  # loads geography

    window = release_window(config, lake, sources)
    sources.tell(f"making the tables of {window.months[0]} to {window.months[-1]}")
    tables = published_tables(
        window,
        ledger=lake.read_months("ledger", window.held),
        counts={d: lake.read_months(table, window.held) for d, table in COUNTS.items()},
        register=sources.register,
        areas=sources.population,
        forces=sources.forces,
        expected=sources.settings.forces,
        corrections=sources.corrections,
    )
    lake.write("neighbourhood_shapes", tables["neighbourhood_shapes"])
    for name in POLICEUK_CHECKED:
        yield _checked(lake, sources, name, tables[name], window.months[-1])


@dg.multi_asset(
    outs=outs(ENGAGEMENT_CHECKED),
    ins={name: dg.AssetIn(name) for name in ("crime", "crime_summary", "neighbourhoods")},
    deps=list(CONFORMED),
    check_specs=check_specs(*ENGAGEMENT_CHECKED),
    group_name="release",
)
def engagement_tables(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
    crime: pl.DataFrame,
    crime_summary: pl.DataFrame,
    neighbourhoods: pl.DataFrame,
) -> Iterator[dg.MaterializeResult]:
    """The tables of what police and partners did, and where every record of the logs went."""
    from openbeat.engagement import publish
    from openbeat.policeuk.captured import teams_frame
    from resources.capture import captured_frames

    window = release_window(config, lake, sources)
    require_judged(lake, CONFORMED, ALL, stored_as=ALL, strict=sources.settings.strict)
    sources.tell("making the tables of engagement")
    tables = publish.engagement_tables(
        {name.removeprefix("conformed_"): lake.read(name) for name in CONFORMED},
        records=lake.read("records"),
        months=window.months,
        as_of=release_day(config, sources),
        neighbourhoods=neighbourhoods,
        forces=sources.forces,
        crime=crime,
        crime_summary=crime_summary,
        teams=teams_frame(captured_frames(lake)),
        settings=sources.settings.engagement,
    )
    lake.write(DISPOSITIONS, tables["records"])
    # Of these the gate of disclosure control makes what may be published.
    lake.write(DRAFT, tables["engagement_events"])
    for name in COUNTED:
        lake.write(name, tables[name])
    for name in ENGAGEMENT_CHECKED:
        yield _checked(lake, sources, name, tables[name], window.months[-1])


def _checked(
    lake: Lake, sources: Sources, name: str, frame: pl.DataFrame, month: str
) -> dg.MaterializeResult:
    """Hold a table against its contract; no text of a published one may hold personal data."""
    sources.tell(f"checking {name}: {frame.height:,} rows")
    settings = sources.settings
    more = (
        screened(frame, contracts()[name], settings.engagement.allowed_texts)
        if name in PUBLISHED
        else []
    )
    return judged(lake, name, frame, month, strict=settings.strict, more=more)
