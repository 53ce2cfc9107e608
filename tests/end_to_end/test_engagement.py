"""A whole run of the sample's logs: where each record went, held against the log files themselves.

The files are read by ``conftest`` with ``csv`` and ``openpyxl``; nothing here is counted by
openbeat's own code. What is published of the records is in ``test_engagement_published``.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Logs = dict[str, Any]
Faults = list[dict[str, Any]]
LEDGER = ("published", "withheld", "routed", "quarantined")
CODELISTS = Path(__file__).parents[2] / "config/codelists"
# Rules of the published tables that a fault names; all others are of the conformed ones.
OF_RELEASE = {"g14_meeting": "neighbourhood_profile"}
# Rules that warn of the sample without a fault being planted for each record: what was due in the
# year has not all been done, and the sample is a year old by the clock of whoever runs it.
OF_TIME = {
    ("actions", "g10_overdue"),
    ("impact_assessments", "g10_review_overdue"),
    ("engagement_events", "g2_planned_not_past"),
}


def by_line(frame: pl.DataFrame, *columns: str) -> dict[tuple[str, int], Any]:
    """Rows that have a line, by source and line."""
    rows = frame.filter(pl.col("line").is_not_null()).select("source", "line", *columns).rows()
    found = {(source, line): rest for source, line, *rest in rows}
    assert len(found) == len(rows)
    return found


def planted(faults: Faults, *dispositions: str) -> dict[tuple[str, int], dict[str, Any]]:
    """What was planted and is to end so, by source and line."""
    return {
        (fault["source"], line): fault
        for fault in faults
        for line in fault["lines"]
        if fault.get("expected") in dispositions
    }


@pytest.fixture(scope="module")
def went(whole: Any) -> dict[tuple[str, int], Any]:
    """Disposition, reason and id of every record, by source and line."""
    return by_line(whole.lake("dispositions"), "disposition", "reason", "record_id")


def test_the_run_tells_where_the_records_went(whole: Any) -> None:
    said = " ".join(whole.said.text.split())
    assert "Engagement records table records published withheld routed quarantined" in said
    assert "participation 4,032 4,005 23 0 4" in said
    assert "crime_report: 3. Report of a crime" in said
    assert "first issues.csv line 386, raised_on '2099-01-05'" in said
    assert "attendance_total '(restricted)'" in said
    assert "feedback k6_campaign: 30 " in said


def test_every_record_planted_ends_as_its_fault_says(went: Any, log_faults: Faults) -> None:
    expected = planted(log_faults, *LEDGER)
    assert len(expected) > 150
    for place, fault in expected.items():
        disposition, reason, _ = went[place]
        assert (disposition, reason) == (fault["expected"], fault.get("reason")), fault
    wanted = {fault["expected"] for fault in expected.values()}
    assert wanted == set(LEDGER)


def test_no_other_record_is_refused_or_routed(went: Any, log_faults: Faults) -> None:
    refused = {
        place: (disposition, reason)
        for place, (disposition, reason, _) in went.items()
        if disposition in ("quarantined", "routed")
    }
    expected = {
        place: (fault["expected"], fault["reason"])
        for place, fault in planted(log_faults, "quarantined", "routed").items()
    }
    assert refused == expected
    assert len(refused) == 56


def test_a_refused_record_shows_its_file_line_and_rule_and_how_to_mend_it(
    whole: Any, log_faults: Faults, logs: Logs
) -> None:
    found = by_line(
        whole.lake("quarantine_engagement"), "rule", "file", "column", "value", "message", "mend"
    )
    expected = {p: f["reason"] for p, f in planted(log_faults, "quarantined").items()}
    assert {place: row[0] for place, row in found.items()} == expected
    for (source, line), (_, file, column, value, message, mend) in found.items():
        assert f"/{file}" in logs[source].file
        assert message
        assert mend
        if source.startswith("northmere") and value and value != "(restricted)":
            theirs = logs[source].rows[line][column]
            assert value == theirs or column.endswith("_at"), (source, line)


def test_every_rule_that_is_to_warn_warns_and_no_other(whole: Any, log_faults: Faults) -> None:
    warned: Counter[tuple[str, str]] = Counter()
    for fault in log_faults:
        if (rule := fault.get("rule")) is not None:
            warned[OF_RELEASE.get(rule, fault["table"]), rule] += fault["count"]
    tables = {table for table, _ in warned}
    found = {}
    for table in tables:
        name = table if table in OF_RELEASE.values() else f"conformed_{table}"
        results = whole.lake(f"quality_{name}").filter(~pl.col("success"))
        assert results.filter(severity="critical").is_empty()
        found |= {(table, rule): n for rule, n in results.select("rule", "broken").rows()}
    assert {key: n for key, n in warned.items() if found.get(key, 0) < n} == {}
    assert {table for table, rule in found} == tables
    mild = {
        (table, rule)
        for table in tables
        for rule in whole.lake(f"quality_{_named(table)}").filter(severity="info")["rule"]
    }
    # Either planted under this rule, or another side of a fault that names one rule only.
    others = {key for key in found.keys() - warned.keys() - mild if key not in OF_TIME}
    assert others == {
        ("actions", "reviewed"),
        ("issues", "g8_action"),
        ("actions", "issue_known"),
        ("engagement_events", "g13_public_texts"),
        ("issues", "g13_public_texts"),
        ("issues", "reviewed"),
        ("priorities", "reviewed"),
        ("engagement_events", "reviewed"),
        ("feedback", "k2_reply_meaningful"),
        ("feedback", "k3_scores"),
        ("feedback", "k7_neighbourhood_known"),
    } - set(warned)


def _named(table: str) -> str:
    return table if table in OF_RELEASE.values() else f"conformed_{table}"


def test_the_ledger_adds_up_and_has_every_row_of_every_file(whole: Any, logs: Logs) -> None:
    ledger = whole.lake("engagement_ledger")
    rows = {(name, log.table): len(log.rows) for name, log in logs.items()}
    assert {(s, t): n for s, t, n in ledger.select("source", "table", "records").rows()} == rows
    assert sum(rows.values()) > 7_000
    added = ledger.select(pl.sum_horizontal(LEDGER)).to_series().to_list()
    assert added == ledger["records"].to_list() == ledger["accounted"].to_list()


def test_every_line_of_every_file_is_one_record_and_no_record_is_made_up(
    went: Any, logs: Logs
) -> None:
    assert went.keys() == {(name, line) for name, log in logs.items() for line in log.rows}
    for (source, line), (_, _, record) in went.items():
        own = next(iter(logs[source].rows[line].values()))
        if record is not None and source.startswith("northmere"):
            assert record.startswith(own), (source, line)


def test_what_the_ledger_says_of_each_way_is_what_the_records_say(whole: Any, went: Any) -> None:
    counted = Counter((source, way[0]) for (source, _), way in went.items())
    for row in whole.lake("engagement_ledger").iter_rows(named=True):
        assert {way: row[way] for way in LEDGER} == {
            way: counted[row["source"], way] for way in LEDGER
        }


def test_what_was_routed_lies_with_those_who_act_whole_and_nowhere_else(
    whole: Any, log_faults: Faults, logs: Logs
) -> None:
    expected = planted(log_faults, "routed")
    held: dict[tuple[str, int], tuple[str, dict[str, str]]] = {}
    for path in (whole.out / "routed").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                place = row["openbeat_source"], int(row["openbeat_line"])
                assert place not in held
                held[place] = path.parent.name, row
    assert {place: kind for place, (kind, _) in held.items()} == {
        place: fault["reason"] for place, fault in expected.items()
    }
    for (source, line), (_, row) in held.items():
        theirs = logs[source].rows[line]
        if source.startswith("northmere"):
            assert {name: row[name] for name in theirs} == theirs
        kept = pl.concat(
            pl.read_parquet(path) for path in (whole.out / f"lake/raw_logs_{source}").glob("*.pa*")
        )
        assert line not in kept["line"].to_list()
        ids = whole.lake(f"history_{source}")["record_id"].to_list()
        assert expected[source, line]["record"] not in ids


def test_every_count_of_the_board_page_is_a_record(whole: Any) -> None:
    """The board page adds up the same ledger."""
    import re

    text = re.sub(r"<[^>]+>", " ", (whole.out / "internal/board.html").read_text("utf-8"))
    total = whole.lake("engagement_ledger").select(pl.col("records", *LEDGER).sum()).row(0)
    for number in total:
        assert f"{number:,}" in text
