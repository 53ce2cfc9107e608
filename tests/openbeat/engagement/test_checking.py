"""What a check finds: what would become of each row, and each fault with its place, masked."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.contract import Contract, load_contract
from openbeat.engagement.cells import Rows
from openbeat.engagement.checking import ABSENT, Checked, Finding, check, findings
from openbeat.engagement.examples import example_record
from openbeat.engagement.mapping import Mapping
from openbeat.engagement.marks import PERSONAL, delivered_from
from openbeat.engagement.settings import EngagementSettings
from openbeat.engagement.tables import TABLES
from openbeat.errors import InputError

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
ISSUES = load_contract(CONTRACTS / "conformed_issues.yaml")
SECRET = "Zanzibar"


def log(*records: dict[str, str | None], base: dict[str, str] | None = None) -> Rows:
    """Rows of issues: each the template's example, with an id of its own, and what is given."""
    start = base or example_record("issues")
    full = [start | {"issue_id": f"I-{n}"} | record for n, record in enumerate(records, start=2)]
    columns = dict.fromkeys(name for record in full for name in record)
    frame = pl.DataFrame(
        {name: pl.Series([r.get(name) for r in full], dtype=pl.String) for name in columns}
    )
    lines = pl.int_range(2, frame.height + 2, dtype=pl.Int64, eager=True).alias("line")
    return Rows("log.csv", frame.insert_column(0, lines), "0" * 64, 1)


def checked(rows: Rows, mapping: Mapping | None = None, **settings: Any) -> Checked:
    chosen = EngagementSettings(**settings)
    return check(rows, mapping, ISSUES, date(2025, 9, 1), chosen, ["dorset", "kent"])


def only(found: Checked) -> Finding:
    told = findings(found)
    assert len(told) == 1, told
    return told[0]


def test_a_right_log_is_accepted_without_a_word() -> None:
    found = checked(log({}, {}))
    assert (found.accepted, found.refused, findings(found)) == (2, [], [])


def test_an_unknown_code_is_named_with_the_nearest_and_told_once() -> None:
    finding = only(checked(log({}, {"theme": "nose"}, {"theme": "nose"})))
    assert (finding.rule, finding.severity, finding.rows) == ("known_codes", "critical", 2)
    (place,) = finding.places
    assert (place.line, place.more, place.cells) == (3, 1, (("theme", "nose"),))
    assert "noise" in (place.mend or "")


def test_a_date_that_cannot_be_read_is_told_once_and_not_as_missing() -> None:
    finding = only(checked(log({"raised_on": "12/06/2025"})))
    assert finding.rule == "readable"
    assert finding.places[0].cells == (("raised_on", "12/06/2025"),)


def test_their_column_is_named_and_not_ours() -> None:
    rows = log({"theme": "nose"})
    theirs = Rows("log.csv", rows.frame.rename({"theme": "Topic"}), rows.sha256, rows.size)
    mapping = Mapping.model_validate({"table": "issues", "columns": {"theme": "Topic"}})
    assert only(checked(theirs, mapping)).places[0].cells == (("Topic", "nose"),)


def test_a_column_that_is_not_there_is_said_not_to_be_there() -> None:
    base = {k: v for k, v in example_record("issues").items() if k != "fed_back_on"}
    finding = only(checked(log({}, base=base)))
    assert finding.rule == "g8_fed_back"
    assert finding.places[0].cells == (("fed_back_on", ABSENT),)


def test_a_repeated_id_refuses_the_later_row() -> None:
    found = checked(log({"issue_id": "A"}, {"issue_id": "A"}))
    assert (found.refused, only(found).rule) == ([3], "g1_id_once")


def test_an_unknown_force_is_refused() -> None:
    found = checked(log({"force_id": "Dorset Police"}))
    assert found.refused == [2]
    assert only(found).places[0].cells == (("force_id", "Dorset Police"),)


def test_rows_that_leave_are_counted_and_not_judged() -> None:
    found = checked(
        log(
            {"nature": "crime_report", "theme": "nose"},
            {"deleted_reason": "duplicate", "theme": "nose"},
            {"issue_id": "EXAMPLE-1", "theme": "nose"},
            {},
        )
    )
    assert findings(found) == []
    assert (found.routed, found.withdrawn, found.examples) == ({"crime_report": 1}, 1, [4])
    assert found.accepted == 1


FATES = st.fixed_dictionaries(
    {},
    optional={
        "issue_id": st.sampled_from(["A", "B", "EXAMPLE-9", None]),
        "nature": st.sampled_from(["crime_report", "safeguarding", "whatever"]),
        "deleted_reason": st.just("duplicate"),
        "theme": st.sampled_from(["noise", "nose", None]),
        "raised_on": st.sampled_from(["2025-06-01", "tomorrow", "2099-01-01"]),
    },
)


@settings(deadline=None, max_examples=25)
@given(st.lists(FATES, min_size=1, max_size=8))
def test_every_row_has_one_fate(records: list[dict[str, str | None]]) -> None:
    found = checked(log(*records))
    ways = [len(found.refused), sum(found.routed.values()), found.withdrawn, len(found.examples)]
    assert found.accepted + sum(ways) == len(records)
    critical = found.marks.filter(pl.col("severity") == "critical")
    assert set(found.refused) == set(critical["line"])


def test_a_text_that_nobody_reviewed_is_a_warning_with_its_hash() -> None:
    found = checked(log({"reviewed_on": None}))
    assert only(found).rule == "reviewed"
    digest = found.unreviewed["text_sha256"].item()
    assert found.unreviewed.rows() == [(2, "I-2", digest, "not_reviewed")]
    changed = checked(log({"reviewed_sha256": "0" * 64}))
    assert changed.unreviewed["review"].to_list() == ["text_changed"]
    assert checked(log({"reviewed_sha256": digest})).unreviewed.is_empty()
    assert checked(log({"reviewed_on": None}), review_required=False).unreviewed.is_empty()


def test_personal_data_in_a_public_text_is_a_warning_that_does_not_repeat_it() -> None:
    text = "Ring 07700 900123 about it."
    told = findings(checked(log({"summary_public": text})))
    warning = next(finding for finding in told if finding.rule == "g13_public_texts")
    assert warning.places[0].cells == (("summary_public", PERSONAL),)
    assert text not in repr(told)
    allowed = findings(checked(log({"summary_public": text}), allowed_texts=[text]))
    assert "g13_public_texts" not in {finding.rule for finding in allowed}


def test_an_old_date_is_shown_as_the_slip_it_is() -> None:
    assert only(checked(log({"raised_on": "1985-06-12"}))).places[0].cells == (
        ("raised_on", "1985-06-12"),
    )


@pytest.mark.parametrize(
    "column", [c.name for c in ISSUES.columns if c.restricted and not c.derived]
)
def test_a_restricted_value_is_never_told(column: str) -> None:
    found = checked(log({column: f"{SECRET} 07700 900123", "theme": "nose"}, {column: SECRET}))
    assert SECRET not in repr(findings(found))
    assert SECRET not in repr(found.marks.to_dicts())


def test_a_repeat_must_name_an_issue_of_the_file_that_is_none() -> None:
    repeat = {"status": "duplicate", "reason_no_action_code": None}
    found = checked(
        log(
            {"issue_id": "A"},
            repeat | {"issue_id": "B", "duplicate_of": "A"},
            repeat | {"issue_id": "C", "duplicate_of": "B"},
            repeat | {"issue_id": "D", "duplicate_of": "D"},
            repeat | {"issue_id": "E", "duplicate_of": None},
        )
    )
    (told,) = [finding for finding in findings(found) if finding.rule == "g8_duplicate_live"]
    assert (told.severity, sorted(place.line for place in told.places)) == ("warning", [4, 5, 6])
    assert "g8_duplicate_live" not in found.unjudged


def test_what_needs_other_tables_is_named() -> None:
    assert {"g3_neighbourhood_known", "g8_answered"} <= set(checked(log({})).unjudged)
    assert "known_codes" not in checked(log({})).unjudged


def test_only_the_first_places_are_told_and_the_rest_counted() -> None:
    finding = only(checked(log(*({"force_id": f"f{n}"} for n in range(9)))))
    assert (finding.rows, len(finding.places), finding.further) == (9, 5, 4)


def test_a_column_that_is_not_ours_is_told_before_any_row() -> None:
    with pytest.raises(InputError, match="whatever"):
        checked(log({"whatever": "1"}))


def test_each_rule_leads_to_a_column_that_somebody_can_mend() -> None:
    """Rules about openbeat's own columns, and cells that are told one by one, have none."""
    own = {"source", "line", "version", "unreadable", "unknown_codes", "personal_data"}
    for table in TABLES.values():
        contract: Contract = load_contract(CONTRACTS / f"{table.contract}.yaml")
        subjects = itertools.chain.from_iterable(rule.subjects for rule in contract.row_rules())
        for name in {*subjects} - own:
            if name in ("personal_data_public", "actions_completed"):
                continue
            assert delivered_from(name, contract), f"{table.name}.{name}"
