"""The derived columns: what follows from a record, from its table, and from other tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from openbeat.engagement.across import PLACES
from openbeat.engagement.bursts import DAYS, MESSAGES
from openbeat.engagement.derive import own_date
from openbeat.engagement.places import valid_places
from openbeat.engagement.tables import TABLES
from tests.openbeat.engagement.deliveries import contract, delivery, record, taken, text


def accepted(table: str, *rows: dict[str, str | None], **more: Any) -> pl.DataFrame:
    result = taken(delivery(table, rows), **more)
    assert result.quarantine.is_empty(), result.quarantine.to_dicts()
    return result.tables[table]


def one(table: str, column: str, **changed: str | None) -> Any:
    return accepted(table, record(table, "R1", **changed))[column].item()


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_every_contract_is_produced_in_its_type_and_order(table: str) -> None:
    events = delivery("engagement_events", [record("engagement_events", "R1")], "also")
    result = taken(events, delivery(table, [record(table, "R2" if "events" in table else "R1")]))
    assert not result.tables[table].is_empty()
    assert result.tables[table].schema == contract(table).polars_schema()
    assert taken().tables[table].schema == contract(table).polars_schema()


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_date_that_its_retention_goes_by(table: str) -> None:
    when = own_date(table)
    if table == "participation":
        assert when is None
    else:
        dated = text(table, [record(table, "R1")]).select(on=when)["on"].item()
        assert date(2024, 1, 1) < dated < date(2026, 12, 31)


# London's clocks went forward on 30 March 2025 at 01:00 UTC and back on 26 October 2025.
@pytest.mark.parametrize("received", ["2025-03-28T12:00:00Z", "2025-06-10T12:00:00Z"])
@pytest.mark.parametrize(
    ("hours", "minutes", "seconds", "told", "within"),
    [
        (71, 59, 0, 4319, True),
        (72, 0, 0, 4320, True),
        (72, 0, 1, 4321, False),
        (72, 1, 0, 4321, False),
    ],
)
def test_an_answer_is_within_72_hours_by_elapsed_time(
    received: str, hours: int, minutes: int, seconds: int, told: int, within: bool
) -> None:
    replied = datetime.fromisoformat(received) + timedelta(
        hours=hours, minutes=minutes, seconds=seconds
    )
    after = one(
        "feedback",
        "reply_minutes",
        received_at=received,
        meaningful_reply_at=f"{replied:%Y-%m-%dT%H:%M:%SZ}",
        acknowledged_at=None,
    )
    assert (after, after <= 72 * 60) == (told, within)


def test_an_answer_before_the_question_is_refused_even_by_a_second() -> None:
    row = record(
        "feedback",
        "R1",
        received_at="2025-06-10T12:00:01Z",
        meaningful_reply_at="2025-06-10T12:00:00Z",
        acknowledged_at=None,
    )
    assert taken(delivery("feedback", [row])).quarantine["rule"].to_list() == ["k2_reply"]


def test_a_moment_counts_on_its_day_in_london() -> None:
    late = {"received_at": "2025-06-30T23:30:00Z", "meaningful_reply_at": None}
    assert one("feedback", "month", **late, acknowledged_at=None) == "2025-07"
    winter = {"start_at": "2025-01-31T23:30:00Z", "end_at": None, "advertised_on": None}
    assert one("engagement_events", "event_date", **winter) == date(2025, 1, 31)


def test_scores_outside_1_to_5_are_emptied_and_named() -> None:
    rows = accepted("feedback", record("feedback", "R1", treatment_quality="7"))
    assert rows["treatment_quality"].item() is None
    assert rows["score_faults"].item() == "treatment_quality"


@pytest.mark.parametrize(
    ("changed", "block"),
    [
        ({}, "number"),
        ({"attendance_total": None, "attendance_method": "not_recorded"}, "not_recorded"),
        ({"attendance_total": None, "attendance_method": "counted"}, "missing"),
        ({"participants_described": None}, "missing"),
        ({"status": "planned", "start_at": "2025-08-20T18:00:00Z", "end_at": None}, None),
    ],
)
def test_participants_are_described_and_a_number_or_said_not_to_be_recorded(
    changed: dict[str, str | None], block: str | None
) -> None:
    assert one("engagement_events", "participants_block", **changed) == block


CLOSED: dict[str, str | None] = {
    "decided_on": None,
    "fed_back_on": None,
    "acknowledged_on": None,
    "reason_no_action_code": None,
    "reason_no_action_text": None,
}
LONG = "The council repaired the light itself."


@pytest.mark.parametrize(
    ("issue", "action", "answered"),
    [
        ({"status": "action_taken"}, {}, "yes"),
        ({"status": "action_taken"}, {"result": None}, None),
        ({"status": "action_taken"}, {"completed_on": None}, None),
        ({"status": "action_taken"}, {"issue_id": "other"}, None),
        ({"status": "action_taken", "reason_no_action_code": "other"}, {"result": None}, None),
        ({"status": "no_action", "reason_no_action_code": "legal_constraint"}, None, "yes"),
        ({"status": "no_action"}, {}, None),
        ({"status": "no_action", "reason_no_action_code": "other"}, None, None),
        (
            {
                "status": "no_action",
                "reason_no_action_code": "other",
                "reason_no_action_text": LONG,
            },
            None,
            "yes",
        ),
        ({"status": "referred_partner"}, {}, "yes"),
        ({"status": "referred_partner", "reason_no_action_code": "withdrawn"}, None, "yes"),
        ({"status": "referred_partner"}, None, None),
        ({"status": "duplicate", "duplicate_of": "R2"}, None, "yes"),
        ({"status": "duplicate", "duplicate_of": "R3"}, None, None),
        ({"status": "duplicate", "duplicate_of": "R1"}, None, None),
        ({"status": "duplicate", "duplicate_of": "gone"}, None, None),
        ({"status": "open"}, {}, None),
    ],
)
def test_r49_an_issue_is_answered_by_an_action_with_its_result_or_a_reason(
    issue: dict[str, str], action: dict[str, str | None] | None, answered: str | None
) -> None:
    issues = [
        record("issues", "R1", **{**CLOSED, **issue}),
        record("issues", "R2", **{**CLOSED, "status": "open"}),
        record("issues", "R3", **{**CLOSED, "status": "duplicate", "duplicate_of": "R2"}),
    ]
    actions = [] if action is None else [record("actions", "A1", **{"issue_id": "R1", **action})]
    result = taken(delivery("issues", issues), delivery("actions", actions))
    of = result.tables["issues"].filter(pl.col("issue_id") == "R1")
    assert of["answered"].item() == answered


def test_a_refused_action_answers_nothing_and_puts_no_issue_out_of_order() -> None:
    issue = record(
        "issues", "R1", **{**CLOSED, "status": "action_taken", "fed_back_on": "2025-07-10"}
    )
    late = record("actions", "A1", issue_id="R1", completed_on="2030-01-01", due_on=None)
    result = taken(delivery("issues", [issue]), delivery("actions", [late]))
    assert result.quarantine["record_id"].to_list() == ["A1"]
    assert result.tables["issues"].select("answered", "dates_in_order").row(0) == (None, "yes")


def test_an_issue_fed_back_before_anything_was_done_is_out_of_order() -> None:
    issue = record(
        "issues", "R1", **{**CLOSED, "raised_on": "2025-06-01", "fed_back_on": "2025-06-05"}
    )
    done = record("actions", "A1", issue_id="R1", agreed_on="2025-06-02", completed_on="2025-06-06")
    result = taken(delivery("issues", [issue]), delivery("actions", [done]))
    assert result.quarantine["rule"].to_list() == ["g9_order"]


def meeting(record_id: str, title: str, at: str = "18:00", **more: str | None) -> dict[str, Any]:
    start = f"2025-06-12T{at}:00Z"
    return record("engagement_events", record_id, title=title, start_at=start, end_at=None, **more)


def test_two_organisations_that_log_one_meeting_are_told() -> None:
    rows = accepted(
        "engagement_events",
        meeting("P1", "Anytown beat meeting"),
        meeting("C1", "Anytown Beat Meeting!", organiser_org="Council"),
        meeting("C2", "Anytown beats meeting", "19:00"),
        meeting("X1", "Coffee with a cop"),
        meeting("X2", "Anytown beat meeting", status="cancelled"),
    )
    found = dict(rows.select("event_id", "possible_duplicate_of").rows())
    assert found == {"P1": "C1", "C1": None, "C2": "C1", "X1": None, "X2": None}


def test_attendances_that_look_made_up_are_told() -> None:
    series = {"series_id": "S1"}
    days = [f"2025-06-{n:02d}T18:00:00Z" for n in range(1, 9)]
    people = ["20", "20", "20", "20", "7", "6", "8", "200"]
    rows = accepted(
        "engagement_events",
        *(
            record(
                "engagement_events", f"E{n}", start_at=d, end_at=None, attendance_total=p, **series
            )
            for n, (d, p) in enumerate(zip(days, people, strict=True))
        ),
    )
    assert rows["attendance_odd"].to_list() == [*["repeated"] * 4, None, None, None, "outlier"]


def test_a_count_is_held_against_forms_and_forms_against_the_attendance_of_the_event() -> None:
    event = record("engagement_events", "E1", attendance_total="10", first_time_attendees=None)
    forms = {"forms_returned": "8", "attendances": None}
    right = [
        record("participation", "E1", category="25_34", count="5", **forms),
        record("participation", "E1", category="35_44", count="3", **forms),
    ]
    result = taken(delivery("engagement_events", [event]), delivery("participation", right))
    assert result.tables["participation"]["sum_of_counts"].to_list() == [8, 8]
    assert result.tables["participation"]["participation_id"].to_list()[0] == "E1/age/25_34"
    more = [*right, record("participation", "E1", category="45_54", count="1", **forms)]
    result = taken(delivery("engagement_events", [event]), delivery("participation", more))
    assert result.quarantine["rule"].to_list() == ["g5_sum"] * 3
    many = [record("participation", "E1", count="5", forms_returned="11", attendances=None)]
    result = taken(delivery("engagement_events", [event]), delivery("participation", many))
    assert result.quarantine["rule"].to_list() == ["g5_forms"]


def test_what_is_left_after_a_refused_count_is_held_against_the_forms_again() -> None:
    """A wrong count below nought must not make room for the others."""
    event = record("engagement_events", "E1", attendance_total="10", first_time_attendees=None)
    forms = {"forms_returned": "8", "attendances": None}
    rows = [
        record("participation", "E1", category="25_34", count="9", **forms),
        record("participation", "E1", category="35_44", count="-3", **forms),
    ]
    result = taken(delivery("engagement_events", [event]), delivery("participation", rows))
    assert sorted(result.quarantine["rule"]) == ["g5_count", "g5_sum"]


def campaigns(*messages: tuple[str, datetime]) -> list[str | None]:
    rows = [
        record(
            "feedback",
            f"F{n:03d}",
            free_text=said,
            received_at=f"{at:%Y-%m-%dT%H:%M:%SZ}",
            meaningful_reply_at=None,
            acknowledged_at=None,
        )
        for n, (said, at) in enumerate(messages)
    ]
    return accepted("feedback", *rows)["campaign"].to_list()


BEGIN = datetime(2025, 6, 1, tzinfo=UTC)
SAID = "Please stop the night flights over our village, they wake the children."


def test_a_burst_of_nearly_the_same_messages_is_one_campaign() -> None:
    burst = [
        (f"{SAID.upper() if n % 2 else SAID} {n}", BEGIN + timedelta(days=n))
        for n in range(MESSAGES)
    ]
    tags = campaigns(*burst, ("Something else altogether was said here.", BEGIN))
    assert len(set(tags[:MESSAGES])) == 1
    assert tags[0] is not None
    assert tags[MESSAGES] is None


def test_four_messages_or_the_same_ones_over_months_are_no_campaign() -> None:
    assert campaigns(*[(SAID, BEGIN)] * (MESSAGES - 1)) == [None] * (MESSAGES - 1)
    spread = [
        (SAID, BEGIN + timedelta(days=n * (DAYS + 1) / (MESSAGES - 1))) for n in range(MESSAGES)
    ]
    assert campaigns(*spread) == [None] * MESSAGES


def test_a_late_copy_of_a_campaign_is_not_in_its_burst() -> None:
    late = [*[(SAID, BEGIN)] * MESSAGES, (SAID, BEGIN + timedelta(days=30))]
    assert [tag is not None for tag in campaigns(*late)] == [True] * MESSAGES + [False]


def test_short_messages_that_are_alike_by_chance_are_no_campaign() -> None:
    assert campaigns(*[("Too fast!", BEGIN)] * 9) == [None] * 9


def test_a_neighbourhood_is_known_while_a_release_that_names_it_serves() -> None:
    members = pl.DataFrame(
        [
            ("2025-03", "dorset", "OLD"),
            ("2025-03", "dorset", "BOTH"),
            ("2025-06", "dorset", "BOTH"),
            ("2025-06", "dorset", "NEW"),
        ],
        schema=["boundary_release", "force_id", "neighbourhood_id"],
        orient="row",
    )
    places = valid_places({"dorset": ("2025-03", "2025-06")}, members)

    def known(place: str, day: str) -> bool:
        row = record("issues", "R1", **{**CLOSED, "neighbourhood_id": place, "raised_on": day})
        return taken(delivery("issues", [row]), places=places).quarantine.is_empty()

    assert [known("OLD", d) for d in ("2024-01-01", "2025-05-31", "2025-06-01")] == [
        *(True, True, False)
    ]
    assert [known("NEW", d) for d in ("2025-05-31", "2025-06-01", "2025-07-30")] == [
        *(False, True, True)
    ]
    assert known("BOTH", "2025-05-31")


def test_without_boundaries_nobody_can_say_whether_a_neighbourhood_is_known() -> None:
    rows = accepted("issues", record("issues", "R1", **CLOSED), places=pl.DataFrame(schema=PLACES))
    assert rows["neighbourhood_known"].item() is None


def test_a_stage_that_its_decision_date_contradicts_is_told() -> None:
    told = {
        (stage, decided): one(
            "engagement_events", "stage_disagrees", stage=stage, decision_date=decided
        )
        for stage in ("before_decision", "after_decision")
        for decided in ("2025-06-01", "2025-06-12", "2025-06-30", None)
    }
    assert {key for key, value in told.items() if value == "yes"} == {
        ("before_decision", "2025-06-01"),
        ("after_decision", "2025-06-30"),
    }


def test_a_postcode_in_the_notes_is_flagged_and_one_in_the_findings_as_public_too() -> None:
    inside = accepted("engagement_events", record("engagement_events", "R1", notes="ring DT1 1XX"))
    assert inside.select("personal_data", "personal_data_public").row(0) == ("postcode", None)
    public = accepted("engagement_events", record("engagement_events", "R1", findings="at DT1 1XX"))
    assert public["personal_data_public"].item() == "postcode"
