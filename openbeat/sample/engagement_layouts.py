"""How two made-up organisations write their logs: headers, codes and what stands above them.

The sheets of the second force's workbook and the council's list of events belong here; our own
layout is in ``engagement_columns``, writing the files in ``engagement_files``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_THEMES = {
    "asb_general": "ASB",
    "road_safety_speeding": "SPEED",
    "drugs": "DRUGS",
    "vehicle_nuisance": "BIKES",
    "shoplifting_retail": "SHOPS",
    "visibility_patrol": "PATROL",
    "burglary": "BURG",
    "environment_lighting": "ENV",
    "vehicle_crime": "VEH",
    "criminal_damage": "DAMAGE",
    "youth": "YOUTH",
    "noise": "NOISE",
    "communication_feedback": "COMMS",
}
_HANDLING = {"publishable": "Open", "internal": "Staff only", "restricted": "Locked"}
_METHODS = {
    "public_meeting": "PM",
    "ward_or_beat_panel": "PANEL",
    "surgery_or_drop_in": "DROP",
    "street_briefing": "STREET",
    "school_visit": "SCHOOL",
    "walkabout_or_environmental_audit": "WALK",
    "community_event_stall": "STALL",
    "business_visit": "SHOPS",
    "online_meeting": "ONLINE",
    "focus_group": "FOCUS",
}
_STATUSES = {
    "open": "New",
    "accepted": "Accepted",
    "in_progress": "Under way",
    "action_taken": "Done",
    "no_action": "Not done",
    "referred_partner": "With partner",
    "duplicate": "Repeat",
}


class Sheet(NamedTuple):
    """One sheet of the workbook.

    Attributes:
        name: Its tab.
        columns: By column of ours, their header.
        codes: By column of ours, our code and theirs.
        lines: What stands above the headers.
    """

    name: str
    columns: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    lines: tuple[str, ...] = ()


_REVIEWED = {"handling": "Who may see", "reviewer_role": "Checked by", "reviewed_on": "Checked"}
_AREA = {"neighbourhood_id": "Patch"}

SHEETS: Mapping[str, Sheet] = {
    "engagement_events": Sheet(
        "Events",
        {
            "event_id": "Ref",
            "series_id": "Series",
            **_AREA,
            "organiser_org": "Run by",
            "partner_orgs": "With",
            "community_type": "Community",
            "engagement_level": "Level",
            "participation_level": "Ladder",
            "statutory_basis": "Duty",
            "method": "Type",
            "title": "Name of event",
            "purpose": "What for",
            "topics": "Topics",
            "status": "State",
            "start_at": "Date and start",
            "end_at": "Date and end",
            "venue_public": "Venue",
            "venue_address": "Full address",
            "advertised_on": "First advertised",
            "advert_channels": "Where advertised",
            "target_groups": "For whom",
            "participants_described": "Who came",
            "attendance_total": "How many",
            "attendance_method": "Counted how",
            "first_time_attendees": "First time",
            "findings": "What we heard",
            "notes": "Notes",
            **_REVIEWED,
        },
        {
            "method": _METHODS,
            "handling": _HANDLING,
            "topics": _THEMES,
            "status": {
                "planned": "To come",
                "held": "Held",
                "cancelled": "Off",
                "postponed": "Moved",
            },
        },
        ("Ynysfawr Police: engagement log", "One line for each event; times are local."),
    ),
    "participation": Sheet(
        "Forms",
        {
            "event_id": "Event ref",
            "characteristic": "Question",
            "category": "Answer",
            "count": "Forms with it",
            "basis": "Basis",
            "forms_returned": "Forms in all",
            "attendances": "People there",
            "handling": "Who may see",
        },
        {"handling": _HANDLING},
    ),
    "issues": Sheet(
        "You said",
        {
            "issue_id": "Ref",
            "event_id": "Event ref",
            "priority_id": "Priority ref",
            **_AREA,
            "raised_on": "Raised",
            "theme": "Theme",
            "information_type": "Kind of information",
            "nature": "Not for this log",
            "text": "In their words",
            "summary_public": "For the website",
            "times_raised": "Times",
            "status": "State",
            "duplicate_of": "Repeats",
            "decided_on": "Decided",
            "reason_no_action_code": "Why not",
            "reason_no_action_text": "Why not, in words",
            "owner_org": "Whose",
            "fed_back_on": "Told",
            "feedback_channel": "Told how",
            **_REVIEWED,
        },
        {"theme": _THEMES, "status": _STATUSES, "handling": _HANDLING},
    ),
    "actions": Sheet(
        "We did",
        {
            "action_id": "Ref",
            "issue_id": "Issue ref",
            **_AREA,
            "action_type": "Type",
            "owner_org": "Who",
            "lead_partner_type": "Kind of body",
            "agreed_on": "Agreed",
            "due_on": "Due",
            "completed_on": "Completed",
            "summary_public": "What",
            "result": "Result",
            "change_made": "What changed",
            "notes": "Notes",
            **_REVIEWED,
        },
        {"handling": _HANDLING},
    ),
    "activities": Sheet(
        "Patrols",
        {
            "activity_id": "Ref",
            "month": "Month",
            **_AREA,
            "activity_type": "Type",
            "organisation": "Who",
            "organisation_type": "Kind of body",
            "hours": "Minutes",
            "number": "Times",
            "priority_id": "Priority ref",
            "handling": "Who may see",
        },
        {"handling": _HANDLING},
    ),
    "problem_plans": Sheet(
        "Problems",
        {
            "problem_plan_id": "Ref",
            **_AREA,
            "priority_id": "Priority ref",
            "theme": "Theme",
            "problem": "Problem",
            "analysis": "Analysis",
            "response": "Response",
            "result": "Result",
            "opened_on": "Opened",
            "review_due_on": "Review due",
            "closed_on": "Closed",
            "handling": "Who may see",
        },
        {"theme": _THEMES, "handling": _HANDLING},
    ),
    "feedback": Sheet(
        "Messages",
        {
            "feedback_id": "Ref",
            "received_at": "Came in",
            "channel": "How",
            "kind": "Kind",
            "nature": "Not for this log",
            **_AREA,
            "theme": "Theme",
            "respondent_role": "Who",
            "free_text": "Message",
            "treatment_quality": "Treated (1-5)",
            "outcome_satisfaction": "Outcome (1-5)",
            "informed": "Informed?",
            "acknowledged_at": "Acknowledged",
            "meaningful_reply_at": "Answered",
            "reply_outcome": "Answer",
            "consent_publish": "May be quoted?",
            "quote": "Quote",
            "handling": "Who may see",
        },
        {"theme": _THEMES, "handling": _HANDLING},
    ),
    "priorities": Sheet(
        "Priorities",
        {
            "priority_id": "Ref",
            **_AREA,
            "theme": "Theme",
            "issue": "Priority",
            "issue_date": "Set",
            "action": "What we do",
            "action_date": "Since",
            "closed_on": "Closed",
            **_REVIEWED,
        },
        {"theme": _THEMES, "handling": _HANDLING},
    ),
    "engagement_plan": Sheet(
        "Plan",
        {
            "plan_id": "Ref",
            **_AREA,
            "group_code": "Group",
            "planned_month": "Month",
            "method": "How",
            "location": "Where",
            "event_id": "Event ref",
            "status": "State",
            "handling": "Who may see",
        },
        {"method": _METHODS, "handling": _HANDLING},
    ),
    "consultations": Sheet(
        "Consultations",
        {
            "consultation_id": "Ref",
            "statutory_basis": "Duty",
            "subject": "About",
            "asked": "Asked",
            "victims_views": "Victims?",
            "ratepayers_views": "Ratepayers?",
            "opened_on": "Opened",
            "closed_on": "Closed",
            "plan_or_precept_date": "Plan or precept issued",
            "decided_on": "Decided",
            "decision_public": "Decision",
            **_REVIEWED,
        },
        {"handling": _HANDLING},
    ),
    "impact_assessments": Sheet(
        "Impact",
        {
            "assessment_id": "Ref",
            **_AREA,
            "trigger": "Why",
            "provider_role": "Who informs",
            "oversight_role": "Who oversees",
            "started_on": "Started",
            "due_on": "Review due",
            "reviewed_last_on": "Last review",
            "status": "State",
            "handling": "Who may see",
        },
        {"handling": _HANDLING},
    ),
}

# the council's list of events, with two lines above the headers and semicolons between
COUNCIL = Sheet(
    "events",
    {
        "event_id": "Event number",
        **_AREA,
        "method": "Format",
        "title": "Title",
        "purpose": "Description",
        "status": "Status",
        "start_at": "Begins",
        "end_at": "Ends",
        "venue_public": "Location",
        "advertised_on": "Announced",
        "participants_described": "Audience",
        "attendance_total": "Headcount",
        "findings": "Summary",
        "reviewer_role": "Approved by",
        "reviewed_on": "Approved on",
    },
    {"status": {"held": "Completed", "planned": "Upcoming"}, "method": _METHODS},
    ("Northmere Council", "Community events with the police"),
)
COUNCIL_CONSTANTS = {
    "force_id": "northmere",
    "organiser_org": "Northmere Council",
    "community_type": "geographic",
    "engagement_level": "neighbourhood",
    "participation_level": "consult",
    "attendance_method": "counted",
    "handling": "publishable",
}
