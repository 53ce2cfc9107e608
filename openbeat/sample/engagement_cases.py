"""What is wrong on purpose in the made-up engagement logs, case by case: events and the rest.

Each case is a record in itself: the cells that differ from a sound record, and what must become of
it. Issues, actions and feedback are in ``engagement_cases_said``; how cases are put into the files
is in ``engagement_faults``. Rules are those of the conformed tables (G engagement, K feedback).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from openbeat.sample.engagement_words import MARKER

Cells = Mapping[str, str | None]
OTHER_TEXT = "0" * 64  # the hash of no text
EVENTS = "engagement_events"


class Case(NamedTuple):
    """One planted record.

    Attributes:
        id: What kind of fault.
        table: In which table.
        cells: What differs from a sound record.
        what: The fault in words.
        expected: What becomes of it: a record disposition, empty where nothing is said.
        reason: The rule that refuses it, why it or its text is withheld, or as what it is routed.
        rule: The rule that warns of it, where it is kept.
    """

    id: str
    table: str
    cells: Cells
    what: str
    expected: str
    reason: str = ""
    rule: str = ""


NO_REVIEW: Cells = {"reviewer_role": None, "reviewed_on": None, "reviewed_sha256": None}
PERSONAL = {
    "postcode": "Please call on me at SY99 8QX about it.",
    "phone": "Ring me on 07700 900123 about it.",
    "email": "Write to jo.public@example.org about it.",
    "national_insurance": "My number is AB123456C.",
    "vehicle_registration": "The car is NX24 OBT.",
    "date_of_birth": "My son, born 14/03/1987, saw it too.",
    "reference": "It has the crime reference 22/48713/25.",
    "collar_number": "I told PC 4471 about it.",
}

_PLANNED: Cells = {
    "status": "planned",
    "start_at": "2025-09-11T18:30:00",
    "end_at": "2025-09-11T20:00:00",
    "advertised_on": "2025-07-21",
    "participants_described": None,
    "attendance_total": None,
    "first_time_attendees": None,
    "attendance_method": None,
    "findings": None,
}
_GUIDANCE = ("withheld", "guidance_blocks")
_ANYWHERE: Cells = {"neighbourhood_id": None, "community_type": "interest"}

EVENT_CASES = (
    Case("held-without-findings", EVENTS, {"findings": None}, "no findings (G4)", *_GUIDANCE,
         "g4_findings"),
    Case("held-without-method", EVENTS, {"method": None}, "no method (G4)", *_GUIDANCE,
         "g4_method"),
    Case("held-without-participants", EVENTS,
         {"participants_described": None, "attendance_total": None, "first_time_attendees": None,
          "attendance_method": None},
         "nobody described, no number (G4)", *_GUIDANCE, "g4_participants"),
    Case("attendance-not-recorded", EVENTS,
         {"attendance_total": None, "first_time_attendees": None,
          "attendance_method": "not_recorded"},
         "described, its number said to be not recorded: counted as not meeting the guidance",
         "published", "", "g4_number"),
    Case("end-before-start", EVENTS, {"end_at": "2025-04-10T09:00:00"}, "ends before it starts",
         "quarantined", "g2_order"),
    Case("held-in-future", EVENTS,
         {"start_at": "2099-05-14T18:30:00", "end_at": "2099-05-14T20:00:00"},
         "said to be held, in 2099", "quarantined", "g2_held_not_in_future"),
    Case("planned-in-past", EVENTS,
         {**_PLANNED, "start_at": "2025-04-24T18:30:00", "end_at": "2025-04-24T20:00:00",
          "advertised_on": "2025-04-01"},
         "still called planned though its day is over", *_GUIDANCE, "g2_planned_not_past"),
    Case("neighbourhood-unknown", EVENTS, {"neighbourhood_id": "NH77"},
         "a neighbourhood that never was (G3)", "quarantined", "g3_neighbourhood_known"),
    Case("neighbourhood-gone", EVENTS, {"neighbourhood_id": "NH10"},
         "a neighbourhood that was split in January 2025 (G3)", "quarantined",
         "g3_neighbourhood_known"),
    Case("first-time-over-attendance", EVENTS, {"first_time_attendees": "15"},
         "more newcomers than attendances (G5)", "quarantined", "g5_first_time"),
    Case("attendance-negative", EVENTS, {"attendance_total": "-3", "first_time_attendees": None},
         "fewer than no attendances (G5)", "quarantined", "g5_attendance"),
    Case("notice-short", EVENTS,
         {"start_at": "2025-05-29T18:30:00", "end_at": "2025-05-29T20:00:00",
          "advertised_on": "2025-05-26"},
         "three days' notice (G7)", "published", "", "g7_notice"),
    Case("notice-after-event", EVENTS, {"advertised_on": "2025-07-30"},
         "advertised after it took place (G7)", "quarantined", "g7_advertised_before"),
    Case("review-missing", EVENTS, NO_REVIEW, "its texts were not reviewed", "withheld",
         "not_reviewed", "reviewed"),
    Case("text-changed", EVENTS, {"reviewed_sha256": OTHER_TEXT},
         "its texts changed after the review", "withheld", "text_changed", "reviewed"),
    Case("handling-internal", EVENTS, {"handling": "internal"}, "marked internal", "withheld",
         "handling"),
    Case("handling-restricted", EVENTS, {"handling": "restricted"}, "marked restricted",
         "withheld", "handling"),
    Case("sensitive-held", EVENTS,
         {"target_groups": "gypsy_roma_traveller", "title": "Meeting at the travellers' site",
          "community_type": "identity_or_background"},
         "of a sensitive community: at force level only, without place, day and words",
         "published"),
    Case("sensitive-planned", EVENTS,
         {**_PLANNED, "target_groups": "victims", "title": "Evening for victims of burglary"},
         "a plan of a sensitive community", "withheld", "sensitive_plan"),
    Case("few-attended", EVENTS, {"attendance_total": "3", "first_time_attendees": "1"},
         "three came, one of them disabled, as its participation says", "published"),
    Case("s34-without-neighbourhood", EVENTS, {**_ANYWHERE, "statutory_basis": "s34"},
         "a statutory meeting of a neighbourhood that names none (G16)", "quarantined",
         "g16_neighbourhood"),
    Case("of-no-place", EVENTS, _ANYWHERE, "of a community of interest, no place; right",
         "published"),
    Case("unknown-code", EVENTS, {"topics": "asb_generel;youth"}, "asb_generel for asb_general",
         "quarantined", "known_codes"),
    Case("unknown-code", EVENTS, {"method": "public_meting"}, "public_meting for public_meeting",
         "quarantined", "known_codes"),
    Case("date-impossible", EVENTS, {"start_at": "2025-02-31T18:30:00"}, "31 February",
         "quarantined", "readable"),
    Case("hour-that-never-was", EVENTS,
         {"start_at": "2025-03-30T01:30:00", "end_at": "2025-03-30T03:00:00",
          "advertised_on": "2025-03-03"},
         "London's clocks passed over that hour", "quarantined", "readable"),
    Case("deleted", EVENTS, {"deleted_reason": "entered_in_error"}, "withdrawn by its team",
         "withheld", "deleted"),
    Case("stage-disagrees", EVENTS,
         {"decision_ref": "northmere-D001", "decision_date": "2025-02-03",
          "stage": "before_decision"},
         "called before a decision that was made earlier", "published", "", "stage_fits"),
    *(
        Case("attendance-repeated", EVENTS,
             {"series_id": "northmere-S900", "recurrence": "recurring", "attendance_total": "20"},
             "the same round number at all four meetings of the series (G6)", "published", "",
             "g6_attendance_odd")
        for _ in range(4)
    ),
    Case("repeated-id", EVENTS, {"event_id": "northmere-E900001"},
         "has the id of an earlier line (G1)", "quarantined", "g1_id_once"),
    Case("personal-data-public", EVENTS,
         {"findings": f"People want answers. {PERSONAL['phone']} {PERSONAL['postcode']}"},
         "a phone number and a postcode in its findings (G13)", "withheld", "personal_data",
         "g13_public_texts"),
    Case("personal-data-inside", EVENTS, {"notes": f"{PERSONAL['phone']} {MARKER}"},
         "a phone number in notes that stay inside (G13)", "published", "", "g13_all_texts"),
)  # fmt: skip

# the ids of two of the events above, of which participation is recorded
SOUND, FEW = "northmere-E900012", "northmere-E900020"
_FORM: Cells = {"count": "4", "forms_returned": "12", "attendances": "18"}
PARTICIPATION_CASES = (
    Case("attendance-below-forms", "participation",
         {**_FORM, "characteristic": "sex", "category": "female", "attendances": "9"},
         "12 forms of 9 attendances (G5)", "quarantined", "g5_forms"),
    Case("sum-over-forms", "participation",
         {**_FORM, "characteristic": "age", "category": "65_plus", "count": "13"},
         "13 of 12 forms (G5)", "quarantined", "g5_sum"),
    Case("category-of-another", "participation",
         {**_FORM, "characteristic": "disability", "category": "female"},
         "a category of another characteristic", "quarantined", "category_fits"),
    Case("event-unknown", "participation",
         {**_FORM, "event_id": "northmere-E777777", "characteristic": "sex", "category": "male"},
         "of an event that is not in the log", "quarantined", "event_known"),
    Case("few-attended", "participation",
         {"event_id": FEW, "characteristic": "disability", "category": "limited_a_lot",
          "count": "1", "forms_returned": "3", "attendances": "3"},
         "one disabled person of three who came", "published"),
)  # fmt: skip

PRIORITY_CASES = (
    Case("html-entity", "priorities",
         {"issue": "Speeding &amp; parking near the Rose &amp; Crown"},
         "HTML entities, as police.uk has them", "published"),
    Case("priority-stale", "priorities", {"issue_date": "2024-10-07", "action_date": "2024-11-18"},
         "not touched for over three months", "published"),
    Case("priority-without-action", "priorities", {"action": None, "action_date": None},
         "no action is said", "published"),
    Case("review-missing", "priorities", NO_REVIEW, "not reviewed: shown without its texts",
         "published", "not_reviewed", "reviewed"),
)  # fmt: skip

_INTERNAL = ("withheld", "internal_table")
FURTHER_CASES = (
    Case("consultation-late", "consultations",
         {"closed_on": "2025-03-07", "decided_on": "2025-03-10"},
         "closed three weeks after the plan was issued (G15)", *_INTERNAL, "g15_before_issue"),
    Case("victims-not-asked", "consultations", {"victims_views": "no"},
         "a plan without victims' views (G15)", *_INTERNAL, "g15_victims"),
    Case("month-impossible", "activities", {"month": "2025-13"}, "a thirteenth month",
         "quarantined", "readable"),
    Case("hours-negative", "activities", {"hours": "-4"}, "fewer than no hours", "quarantined",
         "hours_range"),
    Case("amount-missing", "activities", {"hours": None}, "neither hours nor a number",
         "quarantined", "amount_given"),
    Case("unknown-code", "engagement_plan", {"group_code": "older_65"},
         "older_65 for older_65plus", "quarantined", "known_codes"),
)  # fmt: skip
