"""Logs that change from one delivery to the next, as far as what is published of them.

Three deliveries, and a fourth after a record was erased; the assets are run as the publish job runs
them, without the release itself. What each version is made of is tested with ``history``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from assets.engagement import engagement_logs
from assets.tables import engagement_tables, release_tables
from openbeat.engagement.settings import EngagementSettings, EngagementSource
from openbeat.settings import Settings, load_settings
from resources.lake import Lake, LakeIOManager
from resources.sources import Sources
from tests.end_to_end.seeded_logs import left_behind
from tests.openbeat.engagement.deliveries import record

HERE = {"force_id": "northmere", "neighbourhood_id": "NH05"}
SOURCES = ("team", "council", "patrols", "inbox")
SECRET = "Zanzibar"
AS_OF = "2025-07-31"
Row = dict[str, Any]


def issue(name: str, **changed: str | None) -> Row:
    return record("issues", name, **HERE, **{"event_id": None, **changed})


def still_open(name: str, **changed: str | None) -> Row:
    nothing = dict.fromkeys(
        ("decided_on", "reason_no_action_code", "reason_no_action_text", "fed_back_on",
         "feedback_channel")
    )  # fmt: skip
    return issue(name, **{**nothing, "status": "open", **changed})


def event(name: str, **changed: str | None) -> Row:
    return record("engagement_events", name, **HERE, **changed)


def patrol(name: str, month: str, hours: str) -> Row:
    return record("activities", name, **HERE, month=month, hours=hours)


def query(name: str, received: str, replied: str | None) -> Row:
    times = {"received_at": received, "acknowledged_at": None, "meaningful_reply_at": replied}
    outcome = "none" if replied is None else "answered"
    return record(
        *("feedback", name),
        **HERE,
        **times,
        reply_outcome=outcome,
        kind="query",
        theme="noise",
        handling="publishable",
    )


@dataclass
class Place:
    """A place with published crime, and four small logs."""

    settings: Settings
    folder: Path
    seen: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_root)

    def deliver(self, source: str, *rows: Row) -> None:
        columns = dict.fromkeys(name for row in rows for name in row)
        whole = [{**dict.fromkeys(columns), **row} for row in rows]
        frame = pl.DataFrame(whole, schema=dict.fromkeys(columns, pl.String))
        frame.write_csv(self.folder / f"{source}.csv")

    def take_in(self, now: str, as_of: str = AS_OF) -> None:
        lake = self.lake
        made = dg.materialize(
            [engagement_logs, release_tables, engagement_tables],
            selection=[engagement_logs, engagement_tables],
            resources={
                "lake": lake,
                "sources": Sources(self.settings),
                "io_manager": LakeIOManager(lake),
            },
            run_config={
                "ops": {
                    "engagement_logs": {"config": {"now": f"{now}T06:00:00Z"}},
                    "engagement_tables": {"config": {"as_of": as_of}},
                }
            },
        )
        assert made.success

    def statuses(self) -> dict[str, str]:
        """The published issues."""
        return dict(self.lake.read("you_said_we_did").select("issue_id", "status").rows())

    def went(self) -> dict[str, tuple[str, str | None]]:
        """Disposition and reason, by record."""
        rows = self.lake.read("dispositions").select("record_id", "disposition", "reason").rows()
        return {name: (way, reason) for name, way, reason in rows}

    def changes(self, source: str, name: str) -> list[str]:
        """What happened to a record, oldest first."""
        history = self.lake.read(f"history_{source}").filter(record_id=name).sort("version")
        return history["change"].to_list()


@pytest.fixture
def logs(after: Any, tmp_path: Path) -> Place:
    folder = tmp_path / "logs"
    folder.mkdir()
    sources = [
        EngagementSource(name="team", table="issues", path=folder / "team.csv"),
        EngagementSource(
            name="council",
            table="engagement_events",
            path=folder / "council.csv",
            delivery="additions",
        ),
        EngagementSource(name="patrols", table="activities", path=folder / "patrols.csv"),
        EngagementSource(name="inbox", table="feedback", path=folder / "inbox.csv"),
    ]
    settings = load_settings(after.settings, out=after.out)
    engagement = EngagementSettings(sources=sources)
    return Place(settings.model_copy(update={"engagement": engagement}), folder)


def test_a_record_counts_as_it_is_now_in_the_month_of_what_it_tells(
    logs: Place, cli: Callable[..., Any]
) -> None:
    # The first delivery, at the end of June.
    logs.deliver("team", still_open("T-1"), issue("T-2"), still_open("T-3", text=SECRET))
    logs.deliver("council", event("C-1"))
    logs.deliver("patrols", patrol("P-1", "2025-06", "10"))
    logs.deliver("inbox", query("F-1", "2025-06-29T10:00:00", None))
    logs.take_in("2025-07-01", as_of="2025-06-30")
    assert logs.statuses() == {"T-1": "open", "T-2": "no_action", "T-3": "open"}
    whole = {"place_level": "force", "theme": "all"}
    times = logs.lake.read("feedback_times").filter(**whole)
    waiting = times.select("received", "due", "pending").rows()
    assert waiting == [(1, 0, 1)]

    # In July: one changed, one gone, one that came late, and what a council adds.
    logs.deliver(
        "team", issue("T-1"), still_open("T-3", text=SECRET), still_open("T-4", text=SECRET)
    )
    late = event("C-2", title="Stall at the mill", start_at="2025-06-28T10:00:00", end_at=None)
    logs.deliver("council", late)
    logs.deliver("patrols", patrol("P-1", "2025-06", "10"), patrol("P-2", "2025-06", "4.5"))
    logs.deliver("inbox", query("F-1", "2025-06-29T10:00:00", "2025-07-02T10:00:00"))
    logs.take_in("2025-07-15")
    assert logs.statuses() == {"T-1": "no_action", "T-3": "open", "T-4": "open"}
    assert logs.went()["T-2"] == ("withheld", "deleted")
    assert logs.changes("team", "T-1") == ["new", "changed"]
    events = logs.lake.read("events_draft")
    assert events.select("event_id", "month").rows() == [("C-1", "2025-06"), ("C-2", "2025-06")]
    hours = logs.lake.read("activities").select("month", "hours").rows()
    assert hours == [("2025-06", 14.5)]
    profile = logs.lake.read("neighbourhood_profile").filter(month="2025-07", **HERE)
    assert profile.select("issues_raised_12m", "months_with_event_12m").row(0) == (3, 1)
    times = logs.lake.read("feedback_times").filter(**whole)
    replied = times.select("period", "due", "answered_72h").rows()
    assert replied == [("2025-Q2", 1, 1)]  # of June, whenever it was answered

    # At the end of July: one restored, one withdrawn, texts changed after their review.
    withdrawn = still_open("T-3", text=SECRET, deleted_reason="subject_request")
    logs.deliver("team", issue("T-1"), issue("T-2"), withdrawn, still_open("T-4", text=SECRET))
    logs.deliver("council", event("C-1", findings="Something else was found after all."), late)
    logs.take_in("2025-08-01")
    assert logs.statuses() == {"T-1": "no_action", "T-2": "no_action", "T-4": "open"}
    assert logs.changes("team", "T-2") == ["new", "deleted", "restored"]
    assert logs.changes("team", "T-1") == ["new", "changed"]  # nothing new, no new version
    assert logs.went()["T-3"] == ("withheld", "deleted")
    assert logs.went()["C-1"] == ("withheld", "text_changed")
    assert logs.lake.read("events_draft")["event_id"].to_list() == ["C-2"]
    ledger = logs.lake.read("engagement_ledger").filter(pl.col("source").is_in(SOURCES))
    assert dict(ledger.select("source", "records").rows()) == {
        "team": 4,
        "council": 2,
        "patrols": 2,
        "inbox": 1,
    }
    assert ledger["records"].to_list() == ledger["accounted"].to_list()

    _erased_and_delivered_again(logs, cli)


def _erased_and_delivered_again(logs: Place, cli: Callable[..., Any]) -> None:
    """Two records whose text nobody may keep: each is taken out everywhere, and stays out."""
    out = logs.settings.out
    for name in ("T-3", "T-4"):
        said = cli("erase", "--source", "team", "--id", name, "--out", out)
        assert said.code == 0, said.text
        assert SECRET not in said.text
    (logs.folder / "inbox.csv").write_bytes(b"")  # whatever else: nothing of it may come back
    kept = [name for name, data in left_behind(out) if SECRET.encode() in data]
    assert kept == []
    logs.deliver("inbox", query("F-1", "2025-06-29T10:00:00", "2025-07-02T10:00:00"))
    logs.take_in("2025-08-02")
    assert logs.statuses() == {"T-1": "no_action", "T-2": "no_action"}
    records = logs.lake.read("dispositions").filter(source="team")
    assert records.filter(reason="erased").select("record_id", "disposition").rows() == [
        (None, "withheld"),
        (None, "withheld"),
    ]
    assert records.height == 4
    kept = [name for name, data in left_behind(out) if SECRET.encode() in data]
    assert kept == []
