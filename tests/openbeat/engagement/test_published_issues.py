"""You said, we did: an issue is published as closed only with what was done, or why nothing was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest

from openbeat.contract import broken_counts
from tests.openbeat.engagement.published_rows import CONTRACTS, Row, records_of, rows, tables

WORDS = "Nobody may be told until the trial is over"
DONE = {"completed_on": date(2025, 4, 1), "result": "Fewer calls"}
ACTION_TAKEN = {"status": "action_taken", "answered": "yes", "actions_completed": 1}
NO_ACTION = {
    "status": "no_action",
    "answered": "yes",
    "reason_no_action_code": "resource_constraint",
}
FAITH = {"target_groups": "faith_group"}


def published(
    issues: Sequence[Row], actions: Sequence[Row] = (), events: Sequence[Row] = (), **more: Any
) -> pl.DataFrame:
    given = {"issues": issues, "actions": actions, "engagement_events": events, **more}
    return tables(given)["you_said_we_did"]


def one(issue: Row, *actions: Row) -> dict[str, Any]:
    """The published issue I, answered by these actions."""
    owned = [{"issue_id": "I", **action} for action in actions]
    return published([{"issue_id": "I", **issue}], owned).row(0, named=True)


def records(issues: Sequence[Row], *actions: Row, **more: Any) -> dict[str, tuple[str, str | None]]:
    made = tables({"issues": issues, "actions": actions, **more})["records"]
    return {row["record_id"]: (row["disposition"], row["reason"]) for row in made.to_dicts()}


def broken(row: Row, **values: object) -> set[str]:
    contract = CONTRACTS["you_said_we_did"]
    frame = pl.DataFrame([{**row, **values}], schema=contract.polars_schema())
    counts = broken_counts(frame, contract, {}).filter(pl.col("severity") == "critical")
    return set(counts.filter(pl.col("broken") > 0)["rule"].to_list())


def test_what_was_done_its_result_and_by_whom() -> None:
    row = one(ACTION_TAKEN | {"fed_back_on": date(2025, 4, 8)}, DONE | {"change_made": "A gate"})
    assert (row["status"], row["closed"]) == ("action_taken", "yes")
    assert (row["asked"], row["asked_status"]) == ("More patrols at night", None)
    assert (row["action"], row["result"], row["what_changed"]) == (
        *("Patrols at night", "Fewer calls"),
        "A gate",
    )
    assert (row["action_by"], row["action_type"], row["completed_on"]) == (
        *("Kent Police", "patrol"),
        date(2025, 4, 1),
    )
    assert (row["days_to_feedback"], row["days_to_feedback_status"]) == (35, None)
    assert broken(row) == set()


@pytest.mark.parametrize(
    ("issue", "actions"),
    [
        (ACTION_TAKEN, ()),
        (ACTION_TAKEN, ({},)),  # not completed
        (ACTION_TAKEN | {"answered": None}, (DONE,)),
        (ACTION_TAKEN, (DONE | {"handling": "internal"},)),
        (ACTION_TAKEN, ({"completed_on": date(2025, 4, 1)},)),  # nobody says with what result
        (ACTION_TAKEN, (DONE | {"result": None}, DONE | {"handling": "internal"})),
        (ACTION_TAKEN, (DONE | {"result": None}, DONE | {"review": "not_reviewed"})),
        (ACTION_TAKEN, (DONE | {"result": None}, {"result": "Expected"})),  # not completed
        (ACTION_TAKEN, (DONE | {"review": "not_reviewed"},)),
        (ACTION_TAKEN, (DONE | {"personal_data_public": "phone"},)),
        (NO_ACTION | {"reason_no_action_code": None}, ()),
        (NO_ACTION | {"reason_no_action_code": "other"}, ()),
        (NO_ACTION | {"reason_no_action_code": "other", "reason_no_action_text": "No."}, ()),
        (
            NO_ACTION
            | {"reason_no_action_code": "other", "reason_no_action_text": WORDS}
            | {"review": "not_reviewed"},
            (),
        ),
        ({"status": "referred_partner", "answered": "yes"}, ({},)),
        ({"status": "duplicate", "answered": "yes", "duplicate_of": "I2"}, ()),
        ({"status": "duplicate", "answered": "yes", "duplicate_live": "yes"}, ()),
    ],
)
def test_said_to_be_closed_without_a_readable_answer_it_has_no_feedback_yet(
    issue: Row, actions: Sequence[Row]
) -> None:
    row = one({"fed_back_on": date(2025, 4, 8), "feedback_channel": "email", **issue}, *actions)
    assert (row["status"], row["closed"]) == ("no_feedback_yet", "no")
    assert (row["fed_back_on"], row["feedback_channel"], row["days_to_feedback"]) == (None,) * 3
    assert row["days_to_feedback_status"] == "x"
    assert row["reason_no_action"] is None
    assert broken(row) == set()


def test_the_reason_for_no_action_is_given_in_code_and_where_other_in_words() -> None:
    row = one(NO_ACTION, {"due_on": date(2025, 4, 1)})
    assert (row["status"], row["reason_no_action"]) == ("no_action", "resource_constraint")
    assert (row["action"], row["due_on"], row["overdue"]) == (None, None, "no")
    other = NO_ACTION | {"reason_no_action_code": "other", "reason_no_action_text": WORDS}
    assert one(other)["reason_text"] == WORDS


def test_an_issue_passed_to_a_partner_says_what_came_of_it_or_why_it_is_not_for_the_police() -> (
    None
):
    referred = {"status": "referred_partner", "answered": "yes"}
    because = referred | {"reason_no_action_code": "not_police_matter"}
    done = one(because, DONE | {"action_type": "partner_referral"})
    assert (done["status"], done["action_type"]) == ("referred_partner", "partner_referral")
    assert done["reason_no_action"] is None
    told = one(because)
    assert (told["status"], told["reason_no_action"]) == ("referred_partner", "not_police_matter")
    assert broken(done) == broken(told) == set()


def test_the_contract_blocks_an_answer_that_is_none_and_two_answers() -> None:
    taken, reasoned = one(ACTION_TAKEN, DONE), one(NO_ACTION)
    assert "g8_completed" in broken(taken, completed_on=None)
    assert "g8_result" in broken(taken, result=None)
    assert "g8_answered" in broken(taken, answered_by=None)
    assert "g8_action_taken" in broken(taken, answered_by="reason")
    assert "r49_action_no_reason" in broken(taken, reason_no_action="other")
    assert "r49_reason" in broken(reasoned, reason_no_action=None)
    assert "r49_reason_no_action" in broken(reasoned, action="Patrols")
    assert "g8_reason_words" in broken(reasoned, answered_by="reason_in_words")
    assert "g8_reason_length" in broken(
        reasoned, answered_by="reason_in_words", reason_text="Too short"
    )
    assert "no_feedback_no_fed_back_on" in broken(one(ACTION_TAKEN), fed_back_on=date(2025, 4, 8))
    assert "closed_yes" in broken(taken, closed="no")
    assert "g12_handling" in broken(taken, handling="internal")
    assert "information_type_open" in broken(taken, information_type="tension")
    assert "g8_duplicate_of" in broken(taken, status="duplicate", answered_by="duplicate")


def test_a_duplicate_names_the_published_issue_that_has_its_answer() -> None:
    repeat = {
        "issue_id": "I2",
        "status": "duplicate",
        "answered": "yes",
        "duplicate_live": "yes",
        "duplicate_of": "I1",
    }
    late = DONE | {"issue_id": "I2", "due_on": date(2025, 3, 20)}
    there = published([{"issue_id": "I1"}, repeat], [late]).row(1, named=True)
    assert (there["status"], there["duplicate_of"]) == ("duplicate", "I1")
    assert (there["action"], there["result"], there["completed_on"]) == (None, None, None)
    inside = published([{"issue_id": "I1", "handling": "internal"}, repeat]).row(0, named=True)
    assert (inside["status"], inside["duplicate_of"]) == ("no_feedback_yet", None)


def test_completed_actions_are_told_together_the_latest_first() -> None:
    row = one(
        ACTION_TAKEN,
        {"summary_public": "First", "completed_on": date(2025, 4, 1), "owner_org": "Council"},
        {"summary_public": "Second", "completed_on": date(2025, 5, 1), "result": "It worked"},
        {"summary_public": "Secret", "completed_on": date(2025, 6, 1), "review": "text_changed"},
        {"summary_public": "Planned", "due_on": date(2025, 9, 1)},
    )
    assert (row["action"], row["result"]) == ("Second; First", "It worked")
    assert (row["action_by"], row["completed_on"]) == ("Kent Police; Council", date(2025, 6, 1))
    assert (row["due_on"], row["overdue"]) == (date(2025, 9, 1), "no")


def test_where_nothing_is_completed_the_action_that_is_due_first_is_told() -> None:
    row = one(
        {"status": "in_progress"},
        {"summary_public": "Later", "due_on": date(2025, 9, 1)},
        {"summary_public": "Sooner", "due_on": date(2025, 8, 1), "action_type": "enforcement"},
        {"summary_public": "Some day"},
    )
    assert (row["action"], row["action_type"], row["due_on"]) == (
        *("Sooner", "enforcement"),
        date(2025, 8, 1),
    )


@pytest.mark.parametrize(
    ("due", "completed", "overdue"),
    [
        (date(2025, 7, 30), None, "yes"),
        (date(2025, 7, 31), None, "no"),  # it is not over yet
        (date(2025, 7, 30), date(2025, 7, 31), "no"),
        (date(2025, 7, 30), date(2025, 8, 1), "yes"),  # not by that day
        (None, None, "no"),
    ],
)
def test_an_action_is_overdue_by_the_day_of_the_release(
    due: date | None, completed: date | None, overdue: str
) -> None:
    assert one({}, {"due_on": due, "completed_on": completed})["overdue"] == overdue


LATER = date(2025, 8, 1)


@pytest.mark.parametrize(
    ("issue", "actions", "status"),
    [
        (ACTION_TAKEN, (DONE | {"completed_on": LATER},), "open"),
        (
            ACTION_TAKEN | {"decided_on": date(2025, 7, 31)},
            (DONE | {"completed_on": LATER},),
            "in_progress",
        ),
        (ACTION_TAKEN, (DONE | {"agreed_on": LATER, "completed_on": LATER},), "open"),
        (ACTION_TAKEN | {"decided_on": LATER}, (), "open"),
        (NO_ACTION | {"decided_on": LATER}, (), "open"),
        (NO_ACTION | {"fed_back_on": LATER}, (), "open"),
        (
            {"status": "duplicate", "answered": "yes", "duplicate_live": "yes"}
            | {"duplicate_of": "I2", "decided_on": LATER},
            (),
            "open",
        ),
        (ACTION_TAKEN | {"fed_back_on": LATER}, (DONE,), "action_taken"),
        (NO_ACTION | {"decided_on": date(2025, 7, 1), "fed_back_on": LATER}, (), "no_action"),
    ],
)
def test_an_issue_is_shown_as_it_stood_on_the_day(
    issue: Row, actions: Sequence[Row], status: str
) -> None:
    later = {"acknowledged_on": LATER, "feedback_channel": "email"}
    owned = [{"issue_id": "I", **action} for action in actions]
    given = [{"issue_id": "I", "fed_back_on": LATER, **later, **issue}, {"issue_id": "I2"}]
    row = published(given, owned).row(0, named=True)
    assert row["status"] == status
    assert LATER not in row.values()
    assert (row["feedback_channel"], row["days_to_feedback_status"]) == (None, "x")
    if status in ("open", "in_progress"):
        told = ("result", "completed_on", "reason_no_action", "duplicate_of", "answered_by")
        assert [row[c] for c in told] == [None] * 5
    assert broken(row) == set()


def test_an_action_agreed_after_the_day_is_not_told_yet() -> None:
    later = {"action_id": "A", "issue_id": "I", "agreed_on": LATER}
    assert records([{"issue_id": "I"}], later)["A"] == ("withheld", "after_as_of")


@pytest.mark.parametrize(("due", "status"), [(date(2025, 7, 30), "yes"), (date(2025, 7, 31), "no")])
def test_an_action_completed_after_the_day_was_still_to_do(due: date, status: str) -> None:
    row = one({"status": "in_progress"}, DONE | {"completed_on": LATER, "due_on": due})
    assert (row["action"], row["due_on"], row["overdue"]) == ("Patrols at night", due, status)
    assert (row["completed_on"], row["result"]) == (None, None)


def test_an_issue_without_review_is_published_without_its_words() -> None:
    issue = {"issue_id": "I", "review": "not_reviewed"}
    row = published([issue]).row(0, named=True)
    assert (row["theme"], row["raised_on"]) == ("burglary", date(2025, 3, 4))
    assert (row["asked"], row["asked_status"]) == (None, "c")
    assert records([issue]) == {"I": ("published", "not_reviewed")}
    unwritten = published([{"summary_public": None, "review": "not_needed"}]).row(0, named=True)
    assert (unwritten["asked"], unwritten["asked_status"]) == (None, "x")


@pytest.mark.parametrize(
    ("issue", "why"),
    [
        ({"handling": "restricted"}, "handling"),
        ({"information_type": "tension"}, "information_type"),
        ({"information_type": "critical_incident"}, "information_type"),
        ({"raised_on": date(2025, 8, 1)}, "after_as_of"),
        ({"neighbourhood_id": "Z"}, "unknown_place"),
        ({"raised_on": date(2022, 6, 30)}, None),  # still open
        (NO_ACTION | {"raised_on": date(2022, 6, 1)}, "outside_window"),
        (
            NO_ACTION | {"raised_on": date(2022, 6, 1), "decided_on": date(2022, 6, 30)},
            "outside_window",
        ),
        (NO_ACTION | {"raised_on": date(2022, 6, 1), "decided_on": date(2022, 7, 1)}, None),
    ],
)
def test_every_issue_that_is_withheld_has_its_reason(issue: Row, why: str | None) -> None:
    disposition = "withheld" if why else "published"
    assert records([{"issue_id": "I", **issue}]) == {"I": (disposition, why)}


def test_actions_share_the_fate_of_their_issue() -> None:
    issues = [{"issue_id": "I1"}, {"issue_id": "I2", "information_type": "tension"}]
    actions = [
        {"action_id": "A1", "issue_id": "I1"},
        {"action_id": "A2", "issue_id": "I2"},
        {"action_id": "A3", "priority_id": "P1"},
        {"action_id": "A4", "issue_id": "I1", "handling": "internal"},
        {"action_id": "A5", "issue_id": "I1", "review": "text_changed"},
    ]
    went = records(issues, *actions)
    assert [went[f"A{n}"] for n in range(1, 6)] == [
        ("published", None),
        ("withheld", "information_type"),
        ("withheld", "no_issue"),
        ("withheld", "handling"),
        ("published", "text_changed"),
    ]


def test_links_are_given_only_to_what_can_be_read() -> None:
    issues = [
        {"event_id": event, "priority_id": priority, "consultation_id": consultation}
        for event, priority, consultation in (("E1", "P1", "C1"), ("E2", "P2", "C2"))
    ]
    events = [{"event_id": "E1"}, {"event_id": "E2", "findings": None}]
    table = published(
        issues,
        events=events,
        priorities=[{"priority_id": "P1"}, {"priority_id": "P2", "handling": "internal"}],
        consultations=[
            {"consultation_id": "C1"},
            {"consultation_id": "C2", "handling": "internal"},
        ],
    )
    assert table.select("event_id", "priority_id", "consultation_id").rows() == [
        ("E1", "P1", "C1"),
        (None, None, None),
    ]


def test_an_issue_raised_where_the_community_is_no_place_has_no_neighbourhood() -> None:
    events: list[Row] = [{"event_id": "E1", "community_type": "interest"}, {"event_id": "E2"}]
    table = published([{"event_id": "E1"}, {"event_id": "E2"}], events=events)
    assert table.select("place_level", "neighbourhood_id", "event_id").rows() == [
        ("force", None, "E1"),
        ("neighbourhood", "A", "E2"),
    ]


def test_an_issue_of_a_victims_feedback_is_codes_only() -> None:
    feedback = [
        {"feedback_id": "F1", "respondent_role": "victim"},
        {"feedback_id": "F2", "respondent_role": "resident"},
    ]
    table = published([{"feedback_id": "F1"}, {"feedback_id": "F2"}], feedback=feedback)
    assert table.select("place_level", "asked", "raised_on").rows() == [
        ("force", None, None),
        ("neighbourhood", "More patrols at night", date(2025, 3, 4)),
    ]


def test_an_issue_of_feedback_that_was_routed_out_is_kept_back() -> None:
    issues = rows("issues", {"issue_id": "I", "feedback_id": "F"}, {"feedback_id": "F2"})
    went = records_of({"issues": issues})
    left = went.head(1).with_columns(
        table=pl.lit("feedback"), record_id=pl.lit("F"), disposition=pl.lit("routed")
    )
    made = tables({"issues": issues}, records=pl.concat([went, left]))
    assert made["you_said_we_did"].height == 1
    assert made["records"]["disposition"].to_list() == ["withheld", "published", "routed"]
    assert made["records"]["reason"].to_list() == ["handling", None, None]


REPEATS = {"status": "duplicate", "answered": "yes", "duplicate_live": "yes"}


@pytest.mark.parametrize(
    "issue",
    [
        FAITH,
        {"event_id": "E1"},
        REPEATS | {"duplicate_of": "F"},
        ACTION_TAKEN | FAITH | {"fed_back_on": date(2025, 5, 1), "owner_org": "The parish"},
        NO_ACTION | FAITH | {"reason_no_action_code": "other", "reason_no_action_text": WORDS},
    ],
)
def test_issues_of_a_sensitive_community_its_events_and_their_repeats_are_codes_only(
    issue: Row,
) -> None:
    table = published(
        [{"issue_id": "I", **issue}, FAITH | {"issue_id": "F", "theme": "hate_crime"}],
        [DONE | {"issue_id": "I", "due_on": date(2025, 4, 1)}],
        [FAITH | {"event_id": "E1"}],
    )
    row = table.row(by_predicate=pl.col("theme") == "burglary", named=True)
    assert row["issue_id"].startswith("force-")
    shown = {name for name, value in row.items() if value is not None}
    assert shown <= {
        *("issue_id", "year", "place_level", "force_id", "force_name", "theme", "theme_label"),
        *("crime_type", "information_type", "asked_status", "status", "closed", "action_type"),
        *("reason_no_action", "days_to_feedback_status", "overdue_actions", "handling"),
        *("sensitive", "answered_by"),
    }
    assert (row["place_level"], row["asked_status"]) == ("force", "c")
    assert row["status"] == issue.get("status", "open")
    assert broken(row) == set()
    assert "sensitive_no_raised_on" in broken(row, raised_on=date(2025, 3, 4))
    assert "sensitive_no_event_id" in broken(row, event_id="E1")
