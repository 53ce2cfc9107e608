"""The list of faults names every broken rule of every record once, and shows no value."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.contract import broken_counts
from openbeat.engagement.faults import FAULTS, fault_rows
from openbeat.engagement.intake import RECORDS, Intake
from openbeat.engagement.quarantine import QUARANTINE
from openbeat.engagement.tables import TABLES
from tests.openbeat.engagement.deliveries import contract, contracts, delivery, record, taken

SECRET = "Mrs Marked of 7 Marker Lane"


def faults(result: Intake, records: pl.DataFrame | None = None) -> pl.DataFrame:
    kept = result.records if records is None else records
    return fault_rows(result.tables, contracts(), result.quarantine, kept)


def test_each_broken_rule_of_a_refused_record_is_a_row_of_its_own() -> None:
    bad = record("issues", "R1", raised_on=SECRET, theme=SECRET, times_raised="0")
    told = faults(taken(delivery("issues", [bad])))
    rules = {rule.id: rule for rule in contract("issues").row_rules()}
    assert {"readable", "known_codes", "times_raised_range"} <= set(told["rule"])
    assert told.select("source", "table", "record_id", "line", "what").unique().rows() == [
        ("issues", "issues", "R1", 2, "quarantined")
    ]
    for row in told.to_dicts():
        assert (row["sentence"], row["mend"]) == (
            rules[row["rule"]].sentence,
            rules[row["rule"]].mend,
        )
    assert SECRET not in told.write_csv()


def test_an_accepted_record_is_told_with_the_warnings_it_breaks() -> None:
    result = taken(delivery("issues", [record("issues", "R1", fed_back_on=None), {}]))
    told = faults(result).filter(record_id="R1")
    assert ("warning", "g8_fed_back") in told.select("what", "rule").rows()
    assert set(told["what"]) == {"warning"}
    assert told["mend"].null_count() == 0


def test_a_withheld_record_is_told_with_its_reason_in_words() -> None:
    rows = [
        ("log", "issues", "R1", 2, "withheld", "not_reviewed"),
        ("log", "feedback", "F1", 2, "withheld", "not_counted"),
        ("log", "problem_plans", "P1", 2, "withheld", "internal_table"),
        ("log", "issues", "R2", 3, "published", "not_reviewed"),
        ("log", "issues", None, 4, "withheld", "erased"),
    ]
    records = pl.DataFrame(rows, schema=RECORDS, orient="row")
    told = fault_rows({}, contracts(), pl.DataFrame(schema=QUARANTINE), records)
    assert told.select("record_id", "what", "rule", "sentence", "mend").rows() == [
        ("R1", "withheld", "not_reviewed", "Its text has no review", None),
        (None, "withheld", "erased", "Erased on request", None),
    ]


def test_a_template_s_example_is_told_as_what_it_is() -> None:
    told = faults(taken(delivery("issues", [record("issues", "EXAMPLE-1")])))
    assert told.select("rule", "sentence").rows() == [
        ("example_row", "This is the example of the template.")
    ]
    assert told["mend"].item()


def test_where_there_is_nothing_the_list_is_empty_and_has_its_columns() -> None:
    told = fault_rows(
        {}, contracts(), pl.DataFrame(schema=QUARANTINE), pl.DataFrame(schema=RECORDS)
    )
    assert told.schema == FAULTS
    assert told.is_empty()


VALUES = st.sampled_from([None, "2025-07-01", "noise", "duplicate", "no_action", "9", SECRET])


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from([name for name in TABLES if name != "participation"]),
    st.lists(st.tuples(st.integers(0, 40), VALUES), max_size=6),
)
def test_every_warning_and_every_refusal_is_told_once(
    table: str, changes: list[tuple[int, str | None]]
) -> None:
    names = [c.name for c in contract(table).columns if not c.derived][1:]
    changed = {names[n % len(names)]: value for n, value in changes}
    result = taken(delivery(table, [record(table, "R1"), record(table, "R2", **changed)]))
    told = faults(result)
    assert told.schema == FAULTS
    assert told.equals(told.unique(maintain_order=True))
    counts = broken_counts(result.tables[table], contract(table), {})
    warned = counts.filter(severity="warning")["broken"].sum()
    assert told.filter(what="warning").height == warned
    refused = told.filter(what="quarantined")
    assert refused.height == sum(len(rules.split("; ")) for rules in result.quarantine["rules"])
    assert refused["sentence"].null_count() == 0
    assert SECRET not in told.write_csv()
