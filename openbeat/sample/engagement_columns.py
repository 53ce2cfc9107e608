"""The columns of the made-up logs in openbeat's own layout, table by table.

Which of our columns the sample fills, and which of them hold ids and days, belong here; how other
organisations lay out theirs is in ``engagement_layouts``.
"""

from __future__ import annotations

from collections.abc import Mapping

_PLACE = ("force_id", "neighbourhood_id")
_REVIEW = ("reviewer_role", "reviewed_on", "reviewed_sha256")

# our own layout, table by table: the columns in order
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "engagement_events": (
        *("event_id", "series_id", *_PLACE, "organiser_org", "partner_orgs", "community_type"),
        *("engagement_level", "participation_level", "statutory_basis", "focus", "formality"),
        *("recurrence", "method", "title", "purpose", "topics", "status", "start_at", "end_at"),
        *("venue_public", "venue_address", "online", "info_url", "advertised_on"),
        *("advert_channels", "chair_type", "lead_role", "lead_trained", "staff_hours"),
        *("target_groups", "decision_ref", "decision_date", "stage", "participants_described"),
        *("attendance_total", "attendance_method", "first_time_attendees", "findings", "notes"),
        *("handling", *_REVIEW, "deleted_reason"),
    ),
    "participation": (
        *("event_id", "characteristic", "category", "count", "basis", "forms_returned"),
        *("attendances", "handling"),
    ),
    "issues": (
        *("issue_id", "event_id", "priority_id", *_PLACE, "raised_on", "theme"),
        *("information_type", "nature", "target_groups", "text", "summary_public", "times_raised"),
        *("status", "duplicate_of", "acknowledged_on", "decided_on", "reason_no_action_code"),
        *("reason_no_action_text", "new_response", "owner_org", "owner_role"),
        *("routed_to_tasking", "fed_back_on", "feedback_channel", "feedback_url", "handling"),
        *(*_REVIEW, "deleted_reason"),
    ),
    "actions": (
        *("action_id", "issue_id", *_PLACE, "action_type", "owner_org", "owner_role"),
        *("lead_partner_type", "agreed_on", "due_on", "completed_on", "summary_public"),
        *("result", "change_made", "evidence_ref", "notes", "handling", *_REVIEW),
    ),
    "activities": (
        *("activity_id", "month", *_PLACE, "activity_type", "organisation"),
        *("organisation_type", "hours", "number", "priority_id", "handling"),
    ),
    "problem_plans": (
        *("problem_plan_id", *_PLACE, "priority_id", "theme", "problem", "analysis", "response"),
        *("result", "opened_on", "review_due_on", "closed_on", "handling"),
    ),
    "feedback": (
        *("feedback_id", "received_at", "channel", "kind", "nature", "complaint_ref", *_PLACE),
        *("theme", "respondent_role", "contributor_ref", "free_text", "treatment_quality"),
        *("outcome_satisfaction", "informed", "acknowledged_at", "meaningful_reply_at"),
        *("reply_outcome", "consent_publish", "quote", "handling"),
    ),
    "priorities": (
        *("priority_id", *_PLACE, "theme", "issue", "issue_date", "action", "action_date"),
        *("closed_on", "already_public", "handling", *_REVIEW),
    ),
    "engagement_plan": (
        *("plan_id", *_PLACE, "group_code", "planned_month", "method", "location", "owner_role"),
        *("event_id", "status", "handling"),
    ),
    "consultations": (
        *("consultation_id", *_PLACE, "statutory_basis", "subject", "asked", "victims_views"),
        *("ratepayers_views", "opened_on", "closed_on", "plan_or_precept_date", "decision_ref"),
        *("decided_on", "decision_public", "handling", *_REVIEW),
    ),
    "impact_assessments": (
        *("assessment_id", *_PLACE, "trigger", "provider_role", "oversight_role"),
        *("required_information", "intended_use", "started_on", "due_on", "reviewed_last_on"),
        *("status", "cross_border", "handling"),
    ),
    "survey_indicators": (
        *("indicator_id", "force_id", "indicator_code", "area_type", "area_code", "period_start"),
        *("period_end", "n_unweighted", "estimate", "ci_low", "ci_high", "weighted", "survey"),
        *("handling",),
    ),
}
ID_COLUMNS = frozenset(
    (
        *("event_id", "series_id", "issue_id", "priority_id", "action_id", "activity_id"),
        *("problem_plan_id", "feedback_id", "plan_id", "consultation_id", "assessment_id"),
        *("duplicate_of",),
    )
)
# columns of ours that hold days; times are those that end in _at
DAYS = frozenset(
    (
        *("advertised_on", "reviewed_on", "decision_date", "raised_on", "acknowledged_on"),
        *("decided_on", "fed_back_on", "agreed_on", "due_on", "completed_on", "opened_on"),
        *("review_due_on", "closed_on", "issue_date", "action_date", "plan_or_precept_date"),
        *("started_on", "reviewed_last_on"),
    )
)
