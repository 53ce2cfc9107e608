"""The intake: nothing is lost, what is refused says why, and what must leave leaves."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.contract import broken_counts
from openbeat.engagement.conform import RESTRICTED
from openbeat.engagement.erase import id_sha256, receipt
from openbeat.engagement.intake import Delivery, Intake
from openbeat.engagement.routing import UNCLEAR, routed_files
from openbeat.engagement.tables import TABLES
from openbeat.errors import InputError
from tests.openbeat.engagement.deliveries import NOW, Row, contract, delivery, record, taken

SECRET = "Mrs Marked of 7 Marker Lane, 07700 900123"


def became(result: Intake, source: str) -> dict[str, tuple[str | None, str | None]]:
    """By id, what became of the records of a source."""
    of = result.records.filter(pl.col("source") == source)
    return {i: (d, r) for i, d, r in of.select("record_id", "disposition", "reason").rows()}


def issue(record_id: str, **changed: str | None) -> dict[str, str | None]:
    return record("issues", record_id, **changed)


def feedback(record_id: str, **changed: str | None) -> dict[str, str | None]:
    return record("feedback", record_id, **changed)


def issues(*rows: Row, name: str = "log", **more: Any) -> Delivery:
    return delivery("issues", rows, name, **more)


def test_each_fault_is_told_with_its_line_its_cell_and_how_to_mend_it() -> None:
    result = taken(
        issues(
            issue("R1"),
            issue("R2", raised_on="tomorrow"),
            issue("R3", theme="speding"),
            issue("R3"),
            issue(""),
            issue("R5", neighbourhood_id="nowhere"),
            issue("EXAMPLE-1"),
        )
    )
    told = result.quarantine.select("line", "rule", "column", "value").rows()
    assert told == [
        (3, "readable", "raised_on", "tomorrow"),
        (4, "known_codes", "theme", "speding"),
        (5, "g1_id_once", "issue_id", "R3"),
        (6, "g1_id_shape", "issue_id", ""),
        (7, "g3_neighbourhood_known", "neighbourhood_id", "nowhere"),
        (8, "example_row", None, None),
    ]
    assert result.quarantine["mend"].null_count() == 0
    assert "road_safety_speeding" in result.quarantine["mend"][1]
    assert result.quarantine["file"].unique().to_list() == ["log.csv"]
    assert result.tables["issues"]["issue_id"].to_list() == ["R1"]


def test_a_record_without_an_id_is_refused_and_kept_out_of_history() -> None:
    result = taken(issues(issue("R1"), {**issue("R2"), "issue_id": None}))
    assert result.quarantine.select("line", "rule").row(0) == (3, "issue_id_present")
    assert result.history["log"]["record_id"].to_list() == ["R1"]


def test_of_an_id_in_two_sources_the_source_named_first_keeps_it() -> None:
    result = taken(
        issues(issue("R1"), name="ours"), issues(issue("R1"), issue("R2"), name="theirs")
    )
    assert became(result, "ours") == {"R1": (None, None)}
    assert became(result, "theirs") == {"R1": ("quarantined", "g1_id_once"), "R2": (None, None)}


@pytest.mark.parametrize("changed", [{"times_raised": SECRET}, {"times_raised": "-5"}])
def test_a_value_of_a_restricted_column_is_never_shown(changed: dict[str, str]) -> None:
    result = taken(issues(issue("R1", text=SECRET, **changed)))
    assert result.quarantine["value"].to_list() == [RESTRICTED]
    assert "Marked" not in result.quarantine.write_csv() + result.records.write_csv()
    assert "-5" not in result.quarantine.write_csv()


@pytest.mark.parametrize(
    ("table", "changed", "kind"),
    [
        ("issues", {"nature": "crime_report"}, "crime_report"),
        ("feedback", {"nature": "safeguarding"}, "safeguarding"),
        ("feedback", {"complaint_ref": "CO/12/25"}, "formal_complaint"),
        ("feedback", {"nature": "she is in danger"}, UNCLEAR),
    ],
)
def test_what_somebody_else_must_act_on_leaves_and_goes_no_further(
    table: str, changed: dict[str, str], kind: str
) -> None:
    sent = delivery(table, [record(table, "R1"), record(table, "R2", **changed)], "log")
    result = taken(sent)
    assert became(result, "log") == {"R1": (None, None), "R2": ("routed", kind)}
    assert result.lines_out["log"].to_list() == [3]
    assert result.gone["log"] == ["R2"]
    kept = [result.quarantine, result.history["log"], *result.tables.values()]
    assert not any("R2" in frame.write_csv() for frame in kept)
    assert result.register.select("record_id", "kind").rows() == [("R2", kind)]
    (name,) = routed_files(sent.rows.frame, result.routed["log"], "log", table, "log.csv")
    assert name.startswith(f"{kind}/log-")


def test_a_record_that_turns_out_to_be_a_crime_report_takes_its_earlier_versions_with_it() -> None:
    before = taken(issues(issue("R1"), issue("R2")))
    after = taken(issues(issue("R1"), issue("R2", nature="crime_report")), before=before)
    assert after.history["log"]["record_id"].to_list() == ["R1"]
    assert after.gone["log"] == ["R2"]


def test_what_one_source_routes_out_leaves_every_other_source_too() -> None:
    other = delivery("issues", [issue("R1"), issue("R2")], "other")
    both = taken(issues(issue("R1", nature="safeguarding")), other)
    assert became(both, "other") == {"R1": ("routed", "safeguarding"), "R2": (None, None)}
    later = taken(issues(), other, before=both)  # its own source holds it no more
    assert became(later, "other")["R1"] == ("routed", "safeguarding")


def test_an_old_record_redelivered_with_an_older_date_is_one_record_and_withheld() -> None:
    before = taken(issues(issue("R1"), delivery="additions", retention_months=24))
    old = issue("R1", raised_on="2020-01-01")
    after = taken(issues(old, delivery="additions", retention_months=24), before=before)
    assert after.records.select("record_id", "disposition", "reason").rows() == [
        ("R1", "withheld", "retention")
    ]
    assert after.tables["issues"].is_empty()


def test_a_coded_cell_that_holds_what_somebody_typed_is_not_shown() -> None:
    rows = [issue("R1", theme="Mrs X, 07700 900123"), issue("R2", theme="word " * 20)]
    refused = taken(issues(*rows)).quarantine
    assert refused["value"].to_list() == ["(looks like personal data)", "(a long text)"]
    assert "900123" not in str(refused.to_dicts())


def test_every_line_of_a_routed_record_leaves_with_it() -> None:
    result = taken(issues(issue("R1"), issue("R1", nature="intelligence")))
    assert result.records["disposition"].to_list() == ["routed", "routed"]
    assert result.routed["log"]["line"].to_list() == [2, 3]


def test_the_same_content_leaves_once_and_a_changed_one_again() -> None:
    first = taken(issues(issue("R1", nature="crime_report")))
    assert first.routed["log"].height == 1
    again = taken(issues(issue("R1", nature="crime_report")), before=first)
    assert again.routed["log"].is_empty()
    assert again.records["disposition"].to_list() == ["routed"]
    assert again.register.equals(first.register)
    changed = taken(issues(issue("R1", nature="crime_report", text="more")), before=again)
    assert changed.routed["log"].height == 1
    gone = taken(issues(issue("R2")), before=changed)
    assert became(gone, "log") == {"R1": ("routed", "crime_report"), "R2": (None, None)}


def test_the_routed_file_holds_the_whole_record_in_the_columns_it_came_in() -> None:
    theirs = pl.DataFrame({"line": [2, 3], "Ref": ["R1", "R2"], "Tel": ["1", "2"]})
    rows = pl.DataFrame({"line": [3], "record_id": ["R2"], "kind": ["intelligence"]})
    files = routed_files(theirs, rows, "log", "issues", "log.csv")
    (data,) = files.values()
    assert data.decode().splitlines() == [
        "openbeat_source,openbeat_table,openbeat_kind,openbeat_file,openbeat_line,"
        "openbeat_record_id,Ref,Tel",
        "log,issues,intelligence,log.csv,3,R2,R2,2",
    ]
    assert files == routed_files(theirs, rows, "log", "issues", "log.csv")


def test_a_routed_text_is_not_run_by_the_spreadsheet_of_who_must_act() -> None:
    theirs = pl.DataFrame({"line": [2], "Text": ["=cmd|' /C calc'!A0"]})
    rows = pl.DataFrame({"line": [2], "record_id": ["R1"], "kind": ["safeguarding"]})
    (data,) = routed_files(theirs, rows, "log", "issues", "log.csv").values()
    assert data.decode().splitlines()[1].endswith("'=cmd|' /C calc'!A0")


def test_deleted_records_are_withheld_and_keep_their_reason_in_history() -> None:
    before = taken(issues(issue("R1"), issue("R2"), issue("R3")))
    after = taken(issues(issue("R1"), issue("R2", deleted_reason="merged")), before=before)
    assert became(after, "log") == {
        "R1": (None, None),
        "R2": ("withheld", "deleted"),
        "R3": ("withheld", "deleted"),
    }


def test_a_source_of_additions_keeps_what_it_delivered_before() -> None:
    first = taken(issues(issue("R1"), issue("R2"), delivery="additions"))
    after = taken(issues(issue("R2", text="new"), delivery="additions"), before=first)
    rows = after.tables["issues"].select("issue_id", "version", "line").rows()
    assert rows == [("R1", 1, 2), ("R2", 2, 2)]


@pytest.mark.parametrize("left", [0, 4])
def test_a_full_delivery_cut_short_is_refused_not_taken_for_deletions(left: int) -> None:
    rows = [issue(f"R{n}") for n in range(10)]
    before = taken(issues(*rows))
    with pytest.raises(InputError, match=f"holds no more {10 - left} of the 10 records"):
        taken(issues(*rows[:left]), before=before)
    after = taken(issues(*rows[:left], most_deleted=1), before=before)
    assert list(became(after, "log").values()).count(("withheld", "deleted")) == 10 - left
    half = taken(issues(*rows[:5]), before=before)
    assert half.tables["issues"].height == 5


def test_lines_are_those_of_the_newest_delivery() -> None:
    first = taken(issues(issue("R1"), issue("R2")))
    after = taken(issues(issue("R2"), issue("R1")), before=first)
    assert after.tables["issues"].select("issue_id", "version", "line").rows() == [
        ("R1", 1, 3),
        ("R2", 1, 2),
    ]


def test_a_record_older_than_the_retention_is_withheld_and_not_kept() -> None:
    rows = [issue("R1"), issue("R2", raised_on="2020-01-01", text=SECRET)]
    result = taken(issues(*rows, retention_months=24))
    assert became(result, "log")["R2"] == ("withheld", "retention")
    assert result.lines_out["log"].to_list() == [3]
    assert "Marked" not in result.history["log"].write_csv()
    long_kept = taken(issues(*rows))
    later = taken(issues(*rows, retention_months=24), before=long_kept)
    assert later.gone["log"] == ["R2"]
    assert "Marked" not in later.history["log"].write_csv()
    assert later.records.equals(result.records)


def test_a_deleted_line_and_one_too_old_of_the_same_id_are_both_told() -> None:
    rows = [issue("R1", deleted_reason="merged"), issue("R1", raised_on="2020-01-01")]
    result = taken(issues(*rows, retention_months=24))
    assert result.records.select("line", "reason").rows() == [(2, "deleted"), (3, "retention")]


def test_a_record_without_a_date_is_as_old_as_its_capture() -> None:
    rows = [issue("R1", raised_on=None, text=SECRET)]
    before = taken(issues(*rows, retention_months=24))
    assert before.lines_out["log"].is_empty()
    later = NOW.replace(year=2028)
    after = taken(issues(*rows, retention_months=24), before=before, now=later)
    assert became(after, "log") == {"R1": ("withheld", "retention")}
    assert after.lines_out["log"].to_list() == [2]


def test_counts_of_an_event_are_as_old_as_the_event() -> None:
    events = delivery("engagement_events", [record("engagement_events", "E1")], "events")
    old = record("engagement_events", "E2", start_at="2020-01-01T18:00:00Z", end_at=None)
    events_too = delivery("engagement_events", [old], "old-events")
    counts = [record("participation", "E1"), record("participation", "E2")]
    result = taken(events, events_too, delivery("participation", counts, "p", retention_months=24))
    assert [d for d, _ in became(result, "p").values()] == [None, "withheld"]


def test_an_erased_record_is_dropped_at_the_door_and_its_id_with_it() -> None:
    hashed = str(id_sha256(pl.Series(["R2"]), "salt")[0])
    receipts = receipt("log", "issues", hashed, "salt", "subject_request", NOW, "begun", 0)
    before = taken(issues(issue("R1"), issue("R2")))
    after = taken(issues(issue("R1"), issue("R2")), before=before, erased=receipts)
    assert after.records.select("record_id", "disposition", "reason").rows() == [
        ("R1", None, None),
        (None, "withheld", "erased"),
    ]
    assert "R2" not in after.history["log"].write_csv()
    other = taken(issues(issue("R2"), name="other"), erased=receipts)
    assert became(other, "other") == {"R2": (None, None)}


def test_without_sources_the_tables_are_there_and_empty() -> None:
    result = taken()
    assert list(result.tables) == list(TABLES)
    assert result.records.is_empty()


FAULTS: dict[str, list[dict[str, str | None]]] = {
    "issues": [
        {},
        {"issue_id": None},
        {"issue_id": "EXAMPLE-9"},
        {"raised_on": "soon"},
        {"raised_on": "2020-02-01", "decided_on": None},
        {"theme": "unheard of"},
        {"nature": "crime_report"},
        {"deleted_reason": "merged"},
        {"neighbourhood_id": "nowhere"},
        {"decided_on": "2024-01-01"},
        {"force_id": "atlantis"},
        {"status": "duplicate", "duplicate_of": "R1"},
    ],
    "feedback": [
        {},
        {"complaint_ref": "CO/1/25"},
        {"received_at": "2031-01-01T00:00:00Z"},
        {"meaningful_reply_at": "2020-01-01T00:00:00Z"},
        {"consent_publish": "no", "quote": "no"},
        {"treatment_quality": "9"},
    ],
    "actions": [{}, {"issue_id": "R2"}, {"completed_on": "2030-01-01"}, {"agreed_on": None}],
    "participation": [{}, {"count": "-1"}, {"count": "500"}, {"category": "jewish"}],
}
KEY = {"issues": "issue_id", "feedback": "feedback_id", "actions": "action_id"}


@st.composite
def sent(draw: st.DrawFn, table: str) -> Delivery:
    """A delivery in which ids repeat and anything may be wrong."""
    rows = []
    for number, fault in draw(
        st.lists(
            st.tuples(st.sampled_from(["R1", "R2", "R3", "R4"]), st.sampled_from(FAULTS[table])),
            max_size=6,
        )
    ):
        changed = {KEY.get(table, "event_id"): number, **fault}
        rows.append({**record(table, number), **changed})
    kind = draw(st.sampled_from(["full", "additions"]))
    months = draw(st.sampled_from([None, 24]))
    return delivery(table, rows, delivery=kind, retention_months=months, most_deleted=1)


deliveries = st.tuples(*(sent(table) for table in FAULTS))


@settings(deadline=None, max_examples=60)
@given(deliveries, deliveries)
def test_every_row_goes_to_exactly_one_place_and_what_is_accepted_keeps_every_rule(
    first: tuple[Delivery, ...], second: tuple[Delivery, ...]
) -> None:
    hashed = str(id_sha256(pl.Series(["R4"]), "salt")[0])
    erased = receipt("issues", "issues", hashed, "salt", "subject_request", NOW, "begun", 0)
    before = taken(*first, erased=erased)
    result = taken(*second, before=before, erased=erased)
    for stage, sources in ((before, first), (result, second)):
        for one in sources:
            of = stage.records.filter(pl.col("source") == one.source.name)
            lines = of.drop_nulls("line")
            here = one.text["line"].to_list()
            told = lines["line"].to_list()
            if one.source.delivery == "full" or stage is before:
                assert sorted(told) == here
            else:
                assert set(here) <= set(told)
            accepted = of.filter(pl.col("disposition").is_null())
            table = stage.tables[one.source.table]
            assert accepted.height == table.height
            quarantined = of.filter(pl.col("disposition") == "quarantined")
            refused = stage.quarantine.filter(pl.col("source") == one.source.name)
            assert quarantined.select("line", "reason").equals(
                refused.select("line", "rule").rename({"rule": "reason"})
            )
    for name, frame in result.tables.items():
        broken = broken_counts(frame, contract(name), {})
        assert broken.filter((pl.col("severity") == "critical") & (pl.col("broken") > 0)).is_empty()
        assert frame.select(contract(name).key).is_unique().all()
