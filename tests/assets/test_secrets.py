"""The way out of the house, asset by asset: nothing restricted and nothing unreviewed takes it.

What a whole run leaves is searched in ``tests/end_to_end/test_engagement_secrets.py``; here is what
must hold for whoever adds an asset, a table or a column.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import dagster as dg
import polars as pl
import pytest

from assets.checks import contracts
from assets.engagement import CONFORMED
from assets.packs import internal_pages, packs
from assets.release import release
from assets.tables import ENGAGEMENT, ENGAGEMENT_CHECKED, PUBLISHED
from openbeat.contract import Contract
from openbeat.engagement.publish import engagement_tables
from openbeat.engagement.settings import EngagementSettings
from openbeat.engagement.tables import TABLES
from openbeat.policeuk.captured import TEAMS
from openbeat.policeuk.forces import load_forces
from openbeat.settings import Settings, load_settings
from pipelines.build import build_definitions
from resources.lake import Lake
from resources.sources import Sources

# Assets that come after the logs, besides the tables that are made of them: those that the public
# can read, and those that stay inside. A new one belongs in one of the two, and in its test.
PUBLIC = {"release", "packs"}
INSIDE = {"internal_pages"}
# Tables of the lake that hold what was delivered, or count people.
KEPT_BACK = (
    *("conformed_", "history_", "raw_logs_", "quarantine_engagement", "records", "dispositions"),
    *("engagement_counts", "feedback_counts", "feedback_times", "routed", "erasures"),
)
# Columns that disclosure control makes, and no other asset: they may be named as in the logs.
COUNTED = {
    "engagement_events": {"attendances"},
    "engagement_reach": {"forms", "attendances"},
    "feedback_summary": {"received", "answered_72h", "answered_72h_share"},
}
COUNTS_PEOPLE = ("attend", "times_raised", "received", "answered", "forms", "people", "count")
SEED = "Zqseed"


def after_the_logs() -> set[str]:
    """Every asset that is made, directly or not, of the conformed logs."""
    graph = build_definitions(Settings()).resolve_asset_graph()
    found: set[str] = set()
    waiting = [dg.AssetKey(name) for name in CONFORMED]
    while waiting:
        for key in graph.get(waiting.pop()).child_keys:
            if (name := key.to_user_string()) not in found:
                found.add(name)
                waiting.append(key)
    return found


def test_whatever_follows_from_the_logs_is_known_to_be_public_or_inside() -> None:
    assert after_the_logs() == {*ENGAGEMENT, *ENGAGEMENT_CHECKED, *PUBLIC, *INSIDE}


@pytest.mark.parametrize("table", PUBLISHED)
def test_no_published_column_is_restricted_or_waits_for_a_review(table: str) -> None:
    contract = contracts()[table]
    published = {column.name for column in contract.columns if column.published}
    assert contract.published
    assert published
    assert [c.name for c in contract.columns if c.name in published and c.masked] == []


@pytest.mark.parametrize("table", ENGAGEMENT)
def test_no_table_of_engagement_publishes_what_counts_people_or_a_restricted_column(
    table: str,
) -> None:
    columns = [contracts()[name].columns for name in CONFORMED]
    restricted = {c.name for each in columns for c in each if c.restricted}
    reviewed = {c.name for each in columns for c in each if c.reviewed}
    published = {c.name for c in contracts()[table].columns if c.published}
    protected = COUNTED.get(table, set())
    others = published - protected - {f"{name}_status" for name in protected}
    assert others & (restricted - reviewed) == set()
    assert [n for n in others if n.startswith(COUNTS_PEOPLE)] == []


def test_tables_that_wait_for_disclosure_control_are_not_published() -> None:
    for table in {*ENGAGEMENT_CHECKED} - {*ENGAGEMENT}:
        assert not contracts()[table].published, table
        assert table not in PUBLISHED


def test_the_release_and_the_packs_read_only_what_may_be_published(
    after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: dict[str, set[str]] = defaultdict(set)
    for name in ("read", "read_json"):
        real = getattr(Lake, name)

        def noted(self: Lake, table: str, *more: Any, real: Any = real) -> Any:
            step = dg.AssetExecutionContext.get().op_def.name
            read[step].add(table)
            return real(self, table, *more)

        monkeypatch.setattr(Lake, name, noted)
    settings = load_settings(after.settings, out=after.out)
    config = {"config": {"as_of": "2025-07-31"}}
    made = dg.materialize(
        [release, packs, internal_pages],
        resources={"lake": Lake(settings.lake_root), "sources": Sources(settings)},
        run_config={"ops": dict.fromkeys(("release", "packs", "internal_pages"), config)},
    )
    assert made.success
    assert read.keys() == PUBLIC | INSIDE
    for asset in PUBLIC:
        assert [table for table in read[asset] if table.startswith(KEPT_BACK)] == [], asset
    assert {"you_said_we_did", "engagement_events"} <= read["release"]
    assert set(CONFORMED) <= read["internal_pages"]


def test_what_is_in_a_release_is_what_its_contracts_publish(whole: Any) -> None:
    tables = {path.stem for path in (whole.latest / "tables").glob("*.parquet")}
    assert tables == {*PUBLISHED}
    for table in tables:
        published = [c.name for c in contracts()[table].columns if c.published]
        assert whole.table(table).columns == published, table


def seeded(frame: pl.DataFrame, contract: Contract, review: str) -> pl.DataFrame:
    """Conformed rows with a seed in every restricted text and every text that needs a review.

    Restricted numbers all get one number of their own, so that no mean, highest or lowest of them
    is another.
    """
    changed = []
    for number, column in enumerate(contract.columns):
        name = column.name
        if column.masked and column.type == "string":
            changed.append(pl.lit(f"{SEED} {contract.table} {name}").alias(name))
        elif column.masked:
            changed.append(pl.lit(907_000 + number).cast(frame.schema[name]).alias(name))
        elif name == "review":
            changed.append(pl.lit(review).alias(name))
        elif name == "personal_data_public":
            changed.append(pl.lit(None, dtype=pl.String).alias(name))
    return frame.with_columns(changed)


def published_of(july: Any, review: str) -> dict[str, pl.DataFrame]:
    """The tables made of July's logs, seeded, in the columns that are published."""
    made = engagement_tables(
        {
            table: seeded(july.lake(of.contract), contracts()[of.contract], review)
            for table, of in TABLES.items()
        },
        records=july.lake("records"),
        months=["2025-06", "2025-07"],
        as_of=date(2025, 7, 31),
        neighbourhoods=july.table("neighbourhoods"),
        forces=load_forces(july.sample / "forces.csv"),
        crime=july.table("crime"),
        crime_summary=july.table("crime_summary"),
        teams=pl.DataFrame(schema=TEAMS),
        settings=EngagementSettings(),
    )
    tables = {}
    for table in {*ENGAGEMENT} & {*made}:
        columns = {c.name for c in contracts()[table].columns if c.published}
        tables[table] = made[table].select(name for name in made[table].columns if name in columns)
    return tables


def seeds_in(frame: pl.DataFrame) -> set[str]:
    """Where the seeds in a table come from, as ``table column``, or the numbers."""
    text = frame.write_csv(separator="|")
    found = set(pl.Series([text]).str.extract_all(rf"{SEED} conformed_[a-z_]+ [a-z_]+")[0])
    return found | set(pl.Series([text]).str.extract_all(r"\b907[0-9]{3}\b")[0])


@pytest.mark.parametrize("review", ["not_reviewed", "text_changed"])
def test_no_unreviewed_and_no_restricted_cell_comes_through_to_a_published_column(
    july: Any, review: str
) -> None:
    tables = published_of(july, review)
    assert tables["you_said_we_did"].height > 60
    assert tables["priorities"].height > 10
    for table, frame in tables.items():
        assert seeds_in(frame) == set(), table


def test_reviewed_texts_do_come_through_and_restricted_cells_still_do_not(july: Any) -> None:
    tables = published_of(july, "reviewed")
    found = set().union(*(seeds_in(frame) for frame in tables.values()))
    allowed = {
        f"{SEED} {name} {column.name}"
        for name in CONFORMED
        for column in contracts()[name].columns
        if column.reviewed
    }
    assert found <= allowed
    assert {f"{SEED} conformed_{t}" for t in ("issues summary_public", "actions result")} <= found
    assert f"{SEED} conformed_engagement_events findings" in found
