"""What those who raised an issue rely on in a pack: every answer is there, with its reason."""

from __future__ import annotations

from datetime import date
from typing import Any


def test_an_issue_nobody_answered_says_no_feedback_given_yet(rows: Any, write: Any) -> None:
    quiet = rows.open_issue("IS-1", status="no_feedback_yet", due_on=None)
    undecided = rows.open_issue("IS-2", asked=None, asked_status="c")
    packs = write(rows.tables(you_said_we_did=[quiet, undecided]))
    text, data = packs.page().text, packs.data()
    assert text.count("No feedback given yet.") >= 2
    assert "The wording is not published." in text
    assert [i["issue_id"] for i in data["open"]] == ["IS-1", "IS-2"]
    assert data["answered"] == []


def test_a_closed_issue_shows_its_result_or_its_reason(busy: Any) -> None:
    text = busy.page().text
    assert "We did New lamps were put up on the quay steps with the council." in text
    assert "By Northshire Council, completed 20 May 2025." in text
    assert "Result The steps are lit from dusk to dawn." in text
    assert "Why not Not a police matter. The council decides on road layouts;" in text
    assert "Told 2 May 2025, email." in text
    assert "What changed Marking days are now held each October." in text


def test_open_issues_show_due_dates_and_what_is_overdue(busy: Any) -> None:
    text = busy.page().text
    assert "Noise In progress Overdue Raised since the last meeting" in text
    assert "Due 15 July 2025, which has passed." in text


def test_issues_answered_long_ago_are_left_out_and_open_ones_stay(rows: Any, write: Any) -> None:
    old = {"raised_on": date(2023, 1, 5), "decided_on": date(2023, 2, 1)}
    closed = rows.issue("IS-1", **old, completed_on=date(2023, 3, 1), fed_back_on=date(2023, 4, 1))
    edge = rows.issue("IS-3", fed_back_on=date(2024, 8, 1))
    packs = write(
        rows.tables(
            you_said_we_did=[closed, rows.open_issue("IS-2", raised_on=old["raised_on"]), edge]
        )
    )
    data = packs.data()
    assert [i["issue_id"] for i in data["answered"]] == ["IS-3"]
    assert [i["issue_id"] for i in data["open"]] == ["IS-2"]


def test_every_answer_and_open_issue_can_be_read_on_paper(rows: Any, write: Any) -> None:
    answers = [rows.issue(f"IS-{n}", asked=f"Question {n}", result=f"Result {n}") for n in range(9)]
    refused = {"status": "no_action", "action": None, "action_type": None, "result": None}
    reason = {"reason_no_action": "legal_constraint", "reason_text": "A licence allows it"}
    early = {"fed_back_on": date(2025, 5, 1), "asked": None}
    answers.append(rows.issue("IS-R", **refused, **reason, **early))
    still = [rows.open_issue(f"IO-{n}", asked=f"Wish {n}") for n in range(9)]
    doing = {"action": "A lock is being fitted", "due_on": date(2025, 9, 1)}
    still.append(rows.open_issue("IO-Z", status="in_progress", **doing))
    page = write(rows.tables(you_said_we_did=[*answers, *still])).page()
    for n in range(9):
        assert f"Question {n}" in page.text
        assert f"Result {n}." in page.text
        assert f"Wish {n}" in page.text
    assert (
        "Environment and lighting 10 April 2025 No action, with the reason."
        " The law does not allow it. A licence allows it. 1 May 2025"
    ) in page.text
    assert "In progress. A lock is being fitted. With Northshire Council. 1 September 2025" in (
        page.text
    )
    assert "Open. Not decided yet. With Northshire Council. no date" in page.text
    assert "in the data of this page" not in page.text.split("About this page")[0]


def test_only_a_very_long_list_points_to_the_data_and_counts_what_is_left(
    rows: Any, write: Any
) -> None:
    answers = [rows.issue(f"IS-{n:02}") for n in range(65)]
    text = write(rows.tables(you_said_we_did=answers)).page().text
    assert "1 older answer since 1 August 2024 is in the data of this page ." in text


def test_the_reason_other_is_said_in_its_own_words_only(rows: Any, write: Any) -> None:
    reason = {"status": "no_action", "reason_no_action": "other", "action": None, "result": None}
    said = rows.issue("IS-1", **reason, reason_text="The lane is private land", action_type=None)
    unsaid = rows.issue("IS-2", **reason, action_type=None)
    text = write(rows.tables(you_said_we_did=[said, unsaid])).page().text
    assert "Why not The lane is private land." in text
    assert text.count("Another reason.") == 1


def test_what_was_answered_after_the_last_meeting_is_marked(rows: Any, write: Any) -> None:
    told = {"IS-1": date(2025, 6, 12), "IS-2": date(2025, 6, 13)}
    issues = [rows.issue(name, fed_back_on=day) for name, day in told.items()]
    both = rows.issue("IS-3", raised_on=date(2025, 6, 12), fed_back_on=date(2025, 7, 1))
    tables = rows.tables(engagement_events=[rows.event("EV-1")], you_said_we_did=[*issues, both])
    packs = write(tables)
    marked = [i["issue_id"] for i in packs.data()["answered"] if i["answered_since_last_meeting"]]
    assert marked == ["IS-3", "IS-2"]
    text = packs.page().text
    assert text.count("Action taken Answered since the last meeting") == 1
    assert text.count("Action taken Raised and answered since the last meeting") == 1
