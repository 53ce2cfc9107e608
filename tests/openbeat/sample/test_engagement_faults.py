"""What was planted in the logs is where FAULTS.json says, and becomes of it what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from openbeat.contract import Contract, load_contract
from openbeat.engagement.across import PLACES
from openbeat.engagement.connectors import read_rows
from openbeat.engagement.erase import RECEIPTS
from openbeat.engagement.intake import Delivery, Intake, take_in
from openbeat.engagement.mapping import load_mapping, to_canonical
from openbeat.engagement.routing import ROUTED
from openbeat.engagement.tables import TABLES
from openbeat.rules import row_expression
from openbeat.sample import country, shapes
from openbeat.sample.engagement_layouts import SHEETS
from openbeat.sample.engagement_places import hoods
from openbeat.sample.faults import Log
from openbeat.settings import load_settings

Faults = list[dict[str, Any]]
NOW = datetime(2025, 8, 4, tzinfo=UTC)
# kinds of fault of which the brief of the sample speaks, or the domain paper's section 8
KINDS = {
    *("closed-with-neither", "closed-without-reason", "reason-too-short", "duplicate-of-duplicate"),
    *("reply-71h59", "reply-72h00", "reply-72h01", "attendance-below-forms", "sum-over-forms"),
    *("first-time-over-attendance", "notice-after-event", "notice-short", "end-before-start"),
    *("held-in-future", "neighbourhood-unknown", "neighbourhood-gone", "personal-data-inside"),
    *("personal-data-public", "campaign", "duplicate-event", "held-without-findings"),
    *("held-without-participants", "attendance-not-recorded", "review-missing", "text-changed"),
    *("sensitive-held", "sensitive-planned", "few-attended", "routed-crime_report"),
    *("routed-safeguarding", "routed-intelligence", "routed-formal_complaint"),
    *("routed-complaint-ref", "unknown-code", "date-impossible", "repeated-id", "deleted"),
    *("action-overdue", "quiet-neighbourhood", "consultation-late", "s34-without-neighbourhood"),
    *("score-outside", "quote-without-consent", "reply-before-receipt", "inside-type"),
    *("handling-internal", "handling-restricted", "html-entity", "ragged-line"),
}


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    folder = Path(__file__).parents[3] / "expectations/contracts"
    names = [table.contract for table in TABLES.values()]
    return {name: load_contract(folder / f"{name}.yaml") for name in names}


@pytest.fixture(scope="module")
def planted(sample: Path) -> Faults:
    faults: Faults = json.loads((sample / "logs/FAULTS.json").read_text(encoding="utf-8"))
    return faults


@pytest.fixture(scope="module")
def taken(sample: Path, contracts: dict[str, Contract]) -> Intake:
    """The sample's logs, taken in."""
    settings = load_settings(sample / "openbeat.yaml").engagement
    deliveries = []
    for source in settings.sources:
        contract = contracts[TABLES[source.table].contract]
        mapping = None if source.mapping is None else load_mapping(source.mapping, contract)
        rows = read_rows(source)
        deliveries.append(Delivery(source, rows, to_canonical(rows, mapping, contract)))
    made = country.build("small", 20250601, None)
    places = hoods(made, shapes.releases(made, Log())).select(
        "force_id", "neighbourhood_id", valid_from="since", valid_to="until"
    )
    return take_in(
        deliveries,
        {},
        pl.DataFrame(schema=ROUTED),
        pl.DataFrame(schema=RECEIPTS),
        contracts,
        settings,
        places.cast(PLACES),
        [force.slug for force in made.forces],
        NOW,
    )


def place(fault: dict[str, Any]) -> tuple[str, str]:
    """Whose file a fault is in, and of which table."""
    whose, name = fault["file"].split("/")[1], fault["file"].split("/")[-1]
    sheets = {sheet.name: table for table, sheet in SHEETS.items()}
    return whose, sheets.get(name, name.removesuffix(".csv"))


def fate(taken: Intake, fault: dict[str, Any], offset: int) -> dict[str, Any]:
    whose, table = place(fault)
    rows = taken.records.filter(
        pl.col("source").str.starts_with(whose)
        & (pl.col("table") == table)
        & (pl.col("line") == fault["line"] + offset)
    )
    assert rows.height == 1, fault
    return rows.row(0, named=True)


def of_records(planted: Faults) -> list[tuple[dict[str, Any], int]]:
    return [(fault, n) for fault in planted if fault["line"] for n in range(fault["count"])]


def test_every_kind_of_fault_is_there(planted: Faults) -> None:
    assert {fault["id"] for fault in planted} >= KINDS


def test_every_fault_says_what_must_become_of_it(planted: Faults) -> None:
    for fault in planted:
        assert fault["what"]
        assert fault.get("expected") or fault.get("rule"), fault
        if fault.get("expected") in ("quarantined", "withheld", "routed"):
            assert fault["reason"], fault


def test_a_planted_record_lies_in_the_line_named(taken: Intake, planted: Faults) -> None:
    for fault, offset in of_records(planted):
        if offset == 0 and place(fault)[1] != "participation":
            assert fate(taken, fault, 0)["record_id"] == fault.get("record"), fault


def test_intake_refuses_and_routes_what_was_planted_and_nothing_else(
    taken: Intake, planted: Faults
) -> None:
    stopped = {"quarantined", "routed"}
    wanted = [
        (*place(fault), fault["line"] + n, fault["expected"], fault["reason"])
        for fault, n in of_records(planted)
        if fault.get("expected") in stopped
    ]
    found = taken.records.filter(pl.col("disposition").is_in(list(stopped))).select(
        pl.col("source").str.split("-").list.first(), "table", "line", "disposition", "reason"
    )
    assert sorted(found.rows()) == sorted(wanted)


def test_what_may_be_published_or_withheld_later_is_accepted(
    taken: Intake, planted: Faults
) -> None:
    for fault, offset in of_records(planted):
        if fault.get("expected") in ("published", "withheld"):
            got = fate(taken, fault, offset)
            deleted = fault.get("reason") == "deleted"
            assert got["disposition"] == ("withheld" if deleted else None), (fault, got)


def test_the_rule_named_warns_of_the_record(
    taken: Intake, planted: Faults, contracts: dict[str, Contract]
) -> None:
    for fault, offset in of_records(planted):
        if not fault.get("rule"):
            continue
        table = place(fault)[1]
        contract = contracts[TABLES[table].contract]
        rule = next(rule for rule in contract.row_rules() if rule.id == fault["rule"])
        assert rule.severity != "critical", fault
        record = fate(taken, fault, offset)["record_id"]
        row = taken.tables[table].filter(pl.col(contract.key[0]) == record)
        assert row.select(row_expression(rule, {})).to_series().to_list() == [False], fault


def test_the_campaign_is_thirty_messages_within_three_days(taken: Intake, planted: Faults) -> None:
    (fault,) = [fault for fault in planted if fault["id"] == "campaign"]
    ids = [fate(taken, fault, n)["record_id"] for n in range(fault["count"])]
    rows = taken.tables["feedback"].filter(pl.col("feedback_id").is_in(ids))
    assert rows.height == fault["count"] == 30
    assert rows["free_text"].n_unique() == 30
    received = rows["received_at"].str.head(10)
    assert (received.min(), received.max()) == ("2025-05-13", "2025-05-15")


def test_replies_across_the_clock_changes_took_what_their_names_say(
    taken: Intake, planted: Faults
) -> None:
    minutes = {"reply-71h59": 4319, "reply-72h00": 4320, "reply-72h01": 4321}
    found = [fault for fault in planted if fault["id"] in minutes]
    assert len(found) == 6
    for fault in found:
        row = taken.tables["feedback"].filter(pl.col("feedback_id") == fault["record"])
        came, answered = (
            datetime.fromisoformat(row[name].item()).astimezone(ZoneInfo("Europe/London"))
            for name in ("received_at", "meaningful_reply_at")
        )
        assert came.utcoffset() != answered.utcoffset()
        elapsed = (answered.astimezone(UTC) - came.astimezone(UTC)).total_seconds() / 60
        assert elapsed == minutes[fault["id"]] == row["reply_minutes"].item()


def test_the_quiet_neighbourhood_has_had_no_event_for_over_92_days(taken: Intake) -> None:
    events = taken.tables["engagement_events"].filter(
        (pl.col("force_id") == "northmere") & (pl.col("neighbourhood_id") == "NH07")
    )
    assert events.height > 0
    assert str(events["event_date"].max()) < "2025-02-01"


def test_what_was_planted_is_written_for_people_too(sample: Path, planted: Faults) -> None:
    text = (sample / "logs/FAULTS.md").read_text(encoding="utf-8")
    assert text.count("\n- `") == len(planted)
    assert "An invented country" in text
