"""Each rule on engagement is broken by the fault it is about, by nothing else, and as severely.

G14 (no meeting in the interval) and the blocks G12 and G13 are rules of what is published, so of
the contracts of the release; what the contracts of the logs hold of G12 and G13 is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from expectations.validation import judge
from openbeat import codelists
from openbeat.contract import Contract, Rule, broken_counts, load_contracts, split
from openbeat.engagement.tables import TABLES
from resources.sources import CONTRACTS

Row = Callable[..., pl.DataFrame]
Broken = Callable[[str, pl.DataFrame], dict[str, str]]
Cells = Mapping[str, Any]

LONG = date(1025, 6, 1)
# By rule: the cells that break it and no other.
FAULTS: Mapping[str, Cells] = {
    "readable": {"unreadable": "line"},
    "known_codes": {"unknown_codes": "handling"},
    "force_known": {"force_known": "no"},
    "g1_id_once": {"repeated_id": "yes"},
    "k1_id_once": {"repeated_id": "yes"},
    "k1_id_shape": {"feedback_id": " F-1"},
    "reviewed": {"review": "text_changed"},
    "review_hash_shape": {"reviewed_sha256": "abc"},
    "g13_public_texts": {"personal_data_public": "postcode"},
    "g13_all_texts": {"personal_data": "phone; postcode"},
    "g2_not_in_future": {"after_today": "yes"},
    "g3_neighbourhood_known": {"neighbourhood_known": "no"},
    "g9_order": {"dates_in_order": "no"},
    # engagement_events
    "event_date_sane": {"event_date": LONG},
    "g2_order": {"ends_before_start": "yes"},
    "g2_held_not_in_future": {"held_after_today": "yes"},
    "g2_planned_not_past": {"planned_in_past": "yes"},
    "g3_neighbourhood_named": {"neighbourhood_id": None, "statutory_basis": "none"},
    "g3_community_named": {
        "neighbourhood_id": None,
        "statutory_basis": "none",
        "community_type": None,
    },
    "g4_method": {"method": None},
    "g4_purpose": {"purpose": None},
    "g4_purpose_words": {"purpose": "A meeting"},
    "g4_findings": {"findings": None},
    "g4_number": {"participants_block": "not_recorded"},
    "g5_attendance": {"attendance_total": -1},
    "g5_first_time_range": {"first_time_attendees": -1},
    "g5_first_time": {"first_time_over_attendance": "yes"},
    "volunteers_range": {"volunteers": -1},
    "staff_hours_range": {"staff_hours": float("nan")},
    "volunteer_hours_range": {"volunteer_hours": 10001.0},
    "cost_range": {"cost_gbp": -0.01},
    "adjustments_requested_range": {"adjustments_requested": -1},
    "adjustments_provided_range": {"adjustments_provided": -1},
    "adjustments_over": {"adjustments_over_requested": "yes"},
    "g6_attendance_odd": {"attendance_odd": "outlier"},
    "g7_advertised_before": {"notice_days": -1},
    "g7_notice": {"short_notice": "yes"},
    "g11_duplicate": {"possible_duplicate_of": "ENG-2025/013"},
    "g16_neighbourhood": {"neighbourhood_id": None, "community_type": "interest"},
    "stage_fits": {"stage_disagrees": "yes"},
    "series_named": {"series_id": None},
    "info_url_shape": {"info_url": "javascript:alert(1)"},
    # participation
    "event_known": {"event_known": "no"},
    "category_fits": {"category_fits": "no"},
    "g5_count": {"count": -1},
    "g5_forms_range": {"forms_returned": -1},
    "g5_attendances": {"attendances": -1},
    "g5_people": {"distinct_people": -1},
    "g5_sum": {"sum_over_forms": "yes"},
    "g5_forms": {"forms_over_attendance": "yes"},
    # issues
    "raised_on_sane": {"raised_on": LONG},
    "times_raised_range": {"times_raised": 0},
    "g8_answered": {"answered": None},
    "g8_action": {"actions_completed": 0},
    "g8_reason": {"status": "no_action"},
    "g8_reason_text": {"status": "no_action", "reason_no_action_code": "other"},
    "g8_reason_words": {
        "status": "no_action",
        "reason_no_action_code": "other",
        "reason_no_action_text": "nineteen characters",
    },
    "g8_one_answer": {"reason_no_action_code": "withdrawn"},
    "g8_duplicate_live": {"status": "duplicate", "duplicate_live": "no"},
    "g8_fed_back": {"fed_back_on": None},
    "g12_inside_types": {"information_type": "tension"},
    "owner_named": {"status": "open", "closed": None, "owner_org": None},
    "feedback_url_shape": {"feedback_url": "see the board"},
    # actions
    "agreed_on_sane": {"agreed_on": LONG},
    "issue_known": {"issue_known": "no"},
    "g8_result": {"completed_without_result": "yes"},
    "g10_overdue": {"overdue": "yes"},
    "g10_due_given": {"due_on": None, "completed_on": None},
    # activities
    "month_sane": {"month": "1925-06"},
    "hours_range": {"hours": -0.5},
    "number_range": {"number": -1},
    "amount_given": {"hours": None, "number": None},
    # problem_plans, consultations
    "opened_on_sane": {"opened_on": LONG},
    # feedback
    "k1_not_in_future": {"received_after_today": "yes"},
    "k2_reply": {"reply_minutes": -1},
    "k2_acknowledged": {"acknowledged_before_received": "yes"},
    "k2_reply_meaningful": {"reply_outcome": "acknowledged_only"},
    "k3_scores": {"score_faults": "treatment_quality"},
    "k5_consent": {"consent_publish": "no"},
    "k5_consent_given": {"consent_publish": None},
    "k6_campaign": {"campaign": "0f0f"},
    "k7_neighbourhood_known": {"neighbourhood_known": "no"},
    "k7_lsoa_shape": {"lsoa21": "E0100001"},
    # priorities
    "updated_on_sane": {"updated_on": LONG},
    "issue_given": {"issue": None},
    # engagement_plan
    "planned_month_sane": {"planned_month": "2205-06"},
    "delivered_by": {"event_id": None},
    # consultations
    "g15_before_issue": {"closed_after_issue": "yes"},
    "g15_issue_date": {"plan_or_precept_date": None},
    "g15_victims_stated": {"victims_views": None},
    "g15_victims": {"victims_views": "no"},
    "g15_ratepayers_stated": {"statutory_basis": "s14_precept"},
    "g15_ratepayers": {"statutory_basis": "s14_precept", "ratepayers_views": "no"},
    # impact_assessments
    "started_on_sane": {"started_on": LONG},
    "g12_never_publishable": {"handling": "publishable"},
    "g10_review_overdue": {"review_overdue": "yes"},
    # survey_indicators
    "period_end_sane": {"period_end": LONG},
    "estimate_range": {"estimate": 100.1},
    "ci_low_range": {"ci_low": -0.1},
    "ci_high_range": {"ci_high": 100.1},
    "interval_order": {"interval_in_order": "no"},
    "enough_people": {"n_unweighted": 29},
}
# Severities as decided; every other numbered rule is a warning.
CRITICAL = {
    *("g1_id_once", "g1_id_shape", "k1_id_once", "k1_id_shape", "k1_not_in_future"),
    *("g2_order", "g2_held_not_in_future", "g2_not_in_future"),
    *("g3_neighbourhood_known", "g3_neighbourhood_named", "g16_neighbourhood"),
    *("g5_attendance", "g5_first_time_range", "g5_first_time", "g5_count", "g5_forms_range"),
    *("g5_attendances", "g5_people", "g5_sum", "g5_forms"),
    *("g7_advertised_before", "g9_order", "g12_never_publishable"),
    *("k2_reply", "k2_acknowledged", "k5_consent", "k5_consent_given"),
}
INFO = {"g3_community_named", "g4_number", "g10_due_given", "g13_all_texts"}
# What police.uk shows is not ours to refuse.
MILDER = {("priorities", "g9_order"): "warning", ("priorities", "g2_not_in_future"): "warning"}
# What cannot be broken alone, and what breaks with it.
TOGETHER: Mapping[str, tuple[Cells, set[str]]] = {
    "g4_participants": ({"participants_block": "missing"}, {"g4_number"}),
    "people_range": ({"n_unweighted": 0}, {"enough_people"}),
}


def written() -> Iterator[tuple[str, Rule]]:
    """Every rule that the contracts of the logs write out, with its table."""
    contracts = load_contracts(CONTRACTS)
    for name, table in TABLES.items():
        for rule in contracts[table.contract].rules:
            yield name, rule


def fault(rule: Rule) -> Cells:
    """The cells that break a rule."""
    if rule.id.endswith("_present"):
        return {str(rule.column): None}
    if rule.id.endswith("_shape") and rule.id not in FAULTS:
        return {str(rule.column): "an id; and more"}
    return FAULTS[rule.id] if rule.id in FAULTS else TOGETHER[rule.id][0]


@pytest.mark.parametrize("table", TABLES)
def test_a_sound_record_breaks_no_rule(
    table: str, row: Row, broken: Broken, engagement_contracts: Mapping[str, Contract]
) -> None:
    assert broken(table, row(table)) == {}
    assert split(row(table), engagement_contracts[table], {}).accepted.equals(row(table))


@pytest.mark.parametrize(
    ("table", "rule"),
    [pytest.param(table, rule, id=f"{table}-{rule.id}") for table, rule in written()],
)
def test_a_fault_breaks_its_rule_alone_and_only_critical_ones_cost_the_record(
    table: str,
    rule: Rule,
    row: Row,
    broken: Broken,
    engagement_contracts: Mapping[str, Contract],
) -> None:
    frame = row(table, **fault(rule))
    found = broken(table, frame)
    assert found.pop(rule.id) == rule.severity
    assert set(found) == TOGETHER.get(rule.id, ({}, set()))[1]
    accepted, rejected = split(frame, engagement_contracts[table], {})
    if rule.severity == "critical":
        assert rejected["rule"].to_list() == [rule.id]
        assert rejected["column"].to_list() == [rule.column]
    else:
        assert accepted.equals(frame)


def test_the_numbered_rules_are_as_severe_as_was_decided() -> None:
    found = {
        (table, rule.id): rule.severity for table, rule in written() if re.match(r"[gk]\d", rule.id)
    }
    decided = {
        (table, rule): "critical" if rule in CRITICAL else "info" if rule in INFO else "warning"
        for table, rule in found
    } | MILDER
    assert found == decided
    numbers = {rule.split("_")[0] for _, rule in found}
    elsewhere = {"g14", "k4"}
    assert numbers | elsewhere == {f"g{n}" for n in range(1, 17)} | {f"k{n}" for n in range(1, 8)}


def test_no_fault_is_of_a_rule_that_is_gone() -> None:
    rules = {rule.id for _, rule in written()}
    assert rules.issuperset({*FAULTS, *TOGETHER, *CRITICAL, *INFO})


@pytest.mark.parametrize("table", TABLES)
def test_great_expectations_finds_the_same_faults(
    table: str, row: Row, engagement_contracts: Mapping[str, Contract]
) -> None:
    contract = engagement_contracts[table]
    frame = pl.concat([row(table), *(row(table, **fault(r)) for r in contract.rules)])
    judged = {result.rule: result for result in judge(frame, contract, {})}
    for rule, severity, checked, found in broken_counts(frame, contract, {}).iter_rows():
        result = judged[rule]
        assert (result.severity, result.checked, result.broken) == (severity, checked, found), rule
        assert found or rule not in {r.id for r in contract.rules}
        column = contract.column(result.column)
        assert not (column.restricted and result.examples)


def test_every_rule_says_how_to_mend_it_in_a_sentence() -> None:
    for table, rule in written():
        for text in (rule.sentence, rule.mend):
            assert text is not None, f"{table} {rule.id}"
            assert re.fullmatch(r"[A-Z].*\.", text), f"{table} {rule.id}: {text}"


@pytest.mark.parametrize(
    ("table", "rule", "codelist", "flag"),
    [
        ("issues", "g12_inside_types", "information_types", "publishable"),
        ("feedback", "k2_reply_meaningful", "reply_outcomes", "meaningful"),
    ],
)
def test_a_rule_about_some_codes_names_those_that_their_list_marks(
    table: str, rule: str, codelist: str, flag: str
) -> None:
    found = next(r for name, r in written() if (name, r.id) == (table, rule))
    assert found.when is not None
    marked = codelists.load(codelist).filter(pl.col(flag) == "no").to_series(0)
    assert set(found.when.in_ or []) == set(marked)
