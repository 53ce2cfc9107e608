"""What is wrong on purpose in the made-up logs of issues, actions and feedback, case by case.

What a case is, and those of the other tables, are in ``engagement_cases``. Also here: what is wrong
in the workbook of the second force, which has codes and dates of its own.
"""

from __future__ import annotations

from openbeat.sample.engagement_cases import (
    EVENT_CASES,
    EVENTS,
    FURTHER_CASES,
    NO_REVIEW,
    OTHER_TEXT,
    PARTICIPATION_CASES,
    PERSONAL,
    PRIORITY_CASES,
    Case,
    Cells,
)
from openbeat.sample.engagement_words import MARKER

ROUTED = {
    "crime_report": "Somebody broke into my car last night and took the radio.",
    "safeguarding": "The little boy next door is left alone for days.",
    "intelligence": "The man from the end house keeps parcels of drugs in his shed.",
    "formal_complaint": "I want to complain formally about how I was treated.",
}
INSIDE_TYPES = ("tension", "threat_harm_risk", "critical_incident")

_CLOSED: Cells = {
    "status": "action_taken",
    "decided_on": "2025-04-30",
    "fed_back_on": "2025-06-12",
    "feedback_channel": "email",
}
_REFUSED: Cells = {**_CLOSED, "status": "no_action"}
_REPEAT: Cells = {**_CLOSED, "status": "duplicate"}
_YET = "it says no feedback given yet"

ISSUE_CASES = (
    Case("closed-with-neither", "issues", _CLOSED,
         f"closed, neither action nor reason (R49): {_YET}", "published", "", "g8_answered"),
    Case("closed-without-reason", "issues", _REFUSED, f"no action, no reason: {_YET}",
         "published", "", "g8_reason"),
    Case("reason-too-short", "issues",
         {**_REFUSED, "reason_no_action_code": "other", "reason_no_action_text": "Too hard."},
         f"the reason other in 9 characters (G8): {_YET}", "published", "", "g8_reason_words"),
    Case("reason-given", "issues",
         {**_REFUSED, "reason_no_action_code": "legal_constraint",
          "reason_no_action_text": "The law gives officers no power to do this."},
         "no action with its reason; right", "published"),
    Case("duplicate-of-duplicate", "issues", {**_REPEAT, "duplicate_of": "northmere-I900006"},
         f"repeats an issue that is itself a repeat (G8): {_YET}", "published", "",
         "g8_duplicate_live"),
    Case("duplicate-of-nothing", "issues", {**_REPEAT, "duplicate_of": "northmere-I777777"},
         f"repeats an issue that is not in the log (G8): {_YET}", "published", "",
         "g8_duplicate_live"),
    Case("closed-without-result", "issues", _CLOSED,
         f"closed by an action that says no result (G8): {_YET}", "published", "",
         "g8_answered"),
    Case("closed-not-fed-back", "issues", {**_CLOSED, "fed_back_on": None},
         "closed and answered, nobody was told (G8)", "published", "", "g8_fed_back"),
    Case("dates-out-of-order", "issues", {"decided_on": "2025-02-03"},
         "decided before it was raised (G9)", "quarantined", "g9_order"),
    Case("raised-in-future", "issues", {"raised_on": "2099-01-05"}, "raised in 2099",
         "quarantined", "g2_not_in_future"),
    Case("neighbourhood-unknown", "issues", {"neighbourhood_id": "NH77"},
         "a neighbourhood that never was (G3)", "quarantined", "g3_neighbourhood_known"),
    Case("unknown-code", "issues", {"theme": "asb_generel"}, "asb_generel for asb_general",
         "quarantined", "known_codes"),
    Case("unknown-code", "issues", {"status": "action taken!"}, "action taken! for action_taken",
         "quarantined", "known_codes"),
    Case("date-impossible", "issues", {"raised_on": "2025-02-31"}, "31 February", "quarantined",
         "readable"),
    Case("date-british", "issues", {"raised_on": "31/02/2025"},
         "31 February, day first", "quarantined", "readable"),
    Case("repeated-id", "issues", {"issue_id": "northmere-I900001"},
         "has the id of an earlier line (G1)", "quarantined", "g1_id_once"),
    Case("id-missing", "issues", {"issue_id": None}, "has no id (G1)", "quarantined",
         "issue_id_present"),
    Case("deleted", "issues", {"deleted_reason": "subject_request"},
         "withdrawn because the person asked for it", "withheld", "deleted"),
    Case("handling-internal", "issues", {"handling": "internal"}, "marked internal", "withheld",
         "handling"),
    Case("handling-restricted", "issues", {"handling": "restricted"}, "marked restricted",
         "withheld", "handling"),
    *(
        Case("inside-type", "issues", {"information_type": kind},
             f"{kind} stays inside, whatever it is marked (G12)", "withheld", "information_type",
             "g12_inside_types")
        for kind in INSIDE_TYPES
    ),
    Case("review-missing", "issues", NO_REVIEW, "not reviewed: shown without its text",
         "published", "not_reviewed", "reviewed"),
    Case("text-changed", "issues", {"reviewed_sha256": OTHER_TEXT},
         "changed after its review: shown without its text", "published", "text_changed",
         "reviewed"),
    Case("sensitive-issue", "issues", {"target_groups": "victims"},
         "of a sensitive community: at force level only", "published"),
    *(
        Case("personal-data-public", "issues",
             {"summary_public": f"Mend the lamp in Kiln Row. {text}"},
             f"{kind} in its public summary (G13): shown without its text", "published",
             "personal_data", "g13_public_texts")
        for kind, text in PERSONAL.items()
    ),
    *(
        Case("personal-data-inside", "issues", {"text": f"The lamp is out. {text} {MARKER}"},
             f"{kind} in what was said, which stays inside", "published", "", "g13_all_texts")
        for kind, text in PERSONAL.items()
    ),
    *(
        Case(f"routed-{kind}", "issues", {"nature": kind, "text": f"{text} {MARKER}"},
             "must go to somebody who acts", "routed", kind)
        for kind, text in ROUTED.items()
    ),
)  # fmt: skip

ACTION_CASES = (
    Case("action-overdue", "actions",
         {"completed_on": None, "result": None, "change_made": None, "due_on": "2025-05-15"},
         "due in May, not completed (G10)", "published", "", "g10_overdue"),
    Case("completed-without-result", "actions",
         {"issue_id": "northmere-I900007", "result": None, "change_made": None},
         "completed, no result (G8)", "published", "", "g8_result"),
    Case("issue-unknown", "actions", {"issue_id": "northmere-I777777"},
         "of an issue that is not in the log", "withheld", "no_issue", "issue_known"),
    Case("dates-out-of-order", "actions", {"completed_on": "2025-02-03"},
         "completed before it was agreed (G9)", "quarantined", "g9_order"),
    Case("unknown-code", "actions", {"action_type": "patroll"}, "patroll for patrol",
         "quarantined", "known_codes"),
    Case("personal-data-inside", "actions", {"notes": f"{PERSONAL['email']} {MARKER}"},
         "an e-mail address in notes that stay inside (G13)", "published", "", "g13_all_texts"),
)  # fmt: skip

_COUNTED = ("published",)
_NO_QUERY = ("withheld", "not_counted")
# London's clocks went back on 27 October 2024 and forward on 30 March 2025: when it came, and
# replies after 71 h 59 m, 72 h and 72 h 01 m, by the clock on the wall
CLOCKS = {
    "October": ("2024-10-25T10:00:00", ("28T08:59", "28T09:00", "28T09:01")),
    "March": ("2025-03-28T10:00:00", ("31T10:59", "31T11:00", "31T11:01")),
}
ELAPSED = {"71h59": "71 h 59 m", "72h00": "72 h 00 m", "72h01": "72 h 01 m"}

FEEDBACK_CASES = (
    *(
        Case(f"reply-{name}", "feedback",
             {"received_at": came, "acknowledged_at": came,
              "meaningful_reply_at": f"{came[:8]}{reply}:00"},
             f"answered after {words}, elapsed, across the change of {clock}", *_COUNTED)
        for clock, (came, replies) in CLOCKS.items()
        for (name, words), reply in zip(ELAPSED.items(), replies, strict=True)
    ),
    Case("hour-that-was-twice", "feedback",
         {"received_at": "2024-10-27T01:30:00", "acknowledged_at": None,
          "meaningful_reply_at": "2024-10-28T09:00:00"},
         "London had that hour twice; right", *_COUNTED),
    Case("reply-before-receipt", "feedback", {"meaningful_reply_at": "2025-04-01T08:00:00"},
         "answered before it came (K2)", "quarantined", "k2_reply"),
    Case("acknowledged-only-with-reply", "feedback", {"reply_outcome": "acknowledged_only"},
         "a meaningful reply that only acknowledges", *_COUNTED, "", "k2_reply_meaningful"),
    Case("score-outside", "feedback", {"treatment_quality": "7", "outcome_satisfaction": "0"},
         "scores outside 1 to 5: emptied (K3)", *_COUNTED, "", "k3_scores"),
    Case("quote-without-consent", "feedback", {"quote": f"Nobody listens to us. {MARKER}"},
         "quoted without consent (K5)", "quarantined", "k5_consent"),
    Case("received-in-future", "feedback",
         {"received_at": "2099-04-03T12:00:00", "acknowledged_at": None,
          "meaningful_reply_at": None, "reply_outcome": "none"},
         "came in 2099 (K1)", "quarantined", "k1_not_in_future"),
    Case("location-outside-force", "feedback", {"neighbourhood_id": "YF 1"},
         "a neighbourhood of the other force (K7)", *_COUNTED, "", "k7_neighbourhood_known"),
    Case("unknown-code", "feedback", {"channel": "e_mial"}, "e_mial for email", "quarantined",
         "known_codes"),
    Case("repeated-id", "feedback", {"feedback_id": "northmere-F900001"},
         "has the id of an earlier line (K1)", "quarantined", "k1_id_once"),
    Case("handling-internal", "feedback", {"handling": "internal"}, "marked internal",
         "withheld", "handling"),
    *(
        Case("personal-data-inside", "feedback",
             {"free_text": f"The lamp is out. {text} {MARKER}"},
             f"{kind} in what was said, which stays inside", *_COUNTED, "", "g13_all_texts")
        for kind, text in PERSONAL.items()
    ),
    *(
        Case(f"routed-{kind}", "feedback", {"nature": kind, "free_text": f"{text} {MARKER}"},
             "must go to somebody who acts", "routed", kind)
        for kind, text in ROUTED.items()
    ),
    Case("routed-complaint-ref", "feedback",
         {"complaint_ref": f"PSD/25/0417 {MARKER}", "free_text": f"As I wrote before. {MARKER}"},
         "has the reference of a formal complaint", "routed", "formal_complaint"),
)  # fmt: skip

CAMPAIGN = (
    "We, the residents of Kiln Row, ask you to close the cut-through behind the old works before "
    "a child is hurt there."
)
_ENDINGS = ("", " Thank you.", " Please!", " Kind regards", " Yours faithfully", " Act now.")


def _sent(number: int) -> Cells:
    """One message of the campaign: case, marks, spaces and the ending differ."""
    text = CAMPAIGN.upper() if number % 7 == 0 else CAMPAIGN
    text = text.replace(", ", "  " if number % 3 else ", ")
    day, hour, minute = 13 + number // 12, 8 + number % 12, number * 7 % 60
    return {
        "free_text": f"{text}{_ENDINGS[number % len(_ENDINGS)]} No. {number + 1}",
        "received_at": f"2025-05-{day}T{hour:02d}:{minute:02d}:00",
        "acknowledged_at": None,
        "meaningful_reply_at": None,
        "reply_outcome": "none",
        "kind": "concern",
        "neighbourhood_id": "NH02",
        "theme": "environment_lighting",
    }


CAMPAIGN_CASES = tuple(
    Case("campaign", "feedback", _sent(number),
         "one message, sent by thirty people within three days (K6)", *_NO_QUERY, "k6_campaign")
    for number in range(30)
)  # fmt: skip

WORKBOOK_CASES = (
    Case("unknown-code", EVENTS, {"method": "PUBMEET"}, "a code that the mapping does not know",
         "quarantined", "known_codes"),
    Case("number-in-words", EVENTS, {"attendance_total": "about 40"}, "a number in words",
         "quarantined", "readable"),
    Case("time-odd", EVENTS, {"start_at": "16/04/2025 18h30"}, "18h30 for 18:30", "quarantined",
         "readable"),
    Case("review-missing", EVENTS, NO_REVIEW, "its texts were not reviewed", "withheld",
         "not_reviewed", "reviewed"),
    Case("code-in-small-letters", EVENTS, {"method": "drop"}, "drop for DROP; right",
         "published"),
    Case("unknown-code", "issues", {"theme": "SPEEDNG"}, "SPEEDNG for SPEED", "quarantined",
         "known_codes"),
    Case("date-impossible", "issues", {"raised_on": "31/02/2025"}, "31 February", "quarantined",
         "readable"),
    Case("date-american", "issues", {"raised_on": "04/15/2025"}, "month first", "quarantined",
         "readable"),
    Case("closed-with-neither", "issues", _CLOSED,
         f"closed, neither action nor reason (R49): {_YET}", "published", "", "g8_answered"),
    Case("routed-crime_report", "issues",
         {"nature": "crime_report", "text": f"{ROUTED['crime_report']} {MARKER}"},
         "must go to somebody who acts", "routed", "crime_report"),
    Case("routed-safeguarding", "feedback",
         {"nature": "safeguarding", "free_text": f"{ROUTED['safeguarding']} {MARKER}"},
         "must go to somebody who acts", "routed", "safeguarding"),
    Case("reply-before-receipt", "feedback", {"meaningful_reply_at": "2025-04-01T08:00:00"},
         "answered before it came (K2)", "quarantined", "k2_reply"),
)  # fmt: skip

CASES = (
    *(*EVENT_CASES, *PARTICIPATION_CASES, *ISSUE_CASES, *ACTION_CASES, *PRIORITY_CASES),
    *(*FURTHER_CASES, *FEEDBACK_CASES, *CAMPAIGN_CASES),
)
