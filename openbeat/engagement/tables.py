"""The canonical tables of engagement: their names, ids, and the texts each would publish.

What their columns mean is in the contracts ``conformed_<table>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Table:
    """One canonical table.

    Attributes:
        name: As people and settings call it.
        id: The column that names a record.
        when: The date column that decides the month a record counts in.
        texts: The free texts that would be published, in the order a review covers them.
    """

    name: str
    id: str
    when: str
    texts: tuple[str, ...] = ()

    @property
    def contract(self) -> str:
        """The name of its contract, and of its table in the lake."""
        return f"conformed_{self.name}"


TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        Table(
            "engagement_events",
            "event_id",
            "event_date",
            ("title", "purpose", "venue_public", "participants_described", "findings"),
        ),
        Table("participation", "participation_id", "month"),
        Table("issues", "issue_id", "raised_on", ("summary_public", "reason_no_action_text")),
        Table("actions", "action_id", "agreed_on", ("summary_public", "result", "change_made")),
        Table("activities", "activity_id", "month"),
        Table("problem_plans", "problem_plan_id", "opened_on"),
        Table("feedback", "feedback_id", "month"),
        Table("priorities", "priority_id", "updated_on", ("issue", "action")),
        Table("engagement_plan", "plan_id", "planned_month"),
        Table("consultations", "consultation_id", "opened_on", ("subject", "decision_public")),
        Table("impact_assessments", "assessment_id", "started_on"),
        Table("survey_indicators", "indicator_id", "period_end"),
    )
}
