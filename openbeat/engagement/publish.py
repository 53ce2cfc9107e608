"""From the conformed logs to the tables of a release, and where every record went.

What each table holds belongs in its own module; this brings them together and keeps the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl

from openbeat.engagement.answers import judge_actions, place_actions
from openbeat.engagement.counts import (
    engagement_counts,
    feedback_counts,
    feedback_times,
    judge_feedback,
    judge_participation,
)
from openbeat.engagement.profile import neighbourhood_profile
from openbeat.engagement.published_events import events_table, judge_events
from openbeat.engagement.published_issues import issues_table, judge_issues, with_feedback
from openbeat.engagement.published_work import (
    activities_table,
    judge_activities,
    judge_plan,
    judge_priorities,
    plan_table,
    priorities_table,
)
from openbeat.engagement.scope import Scope, first_reason, handled_inside
from openbeat.engagement.settings import EngagementSettings
from openbeat.engagement.tables import TABLES

# Tables of which no record is published or counted, and why.
_NEVER: Final = {
    "survey_indicators": "awaits_disclosure_control",
    "problem_plans": "internal_table",
    "consultations": "internal_table",
    "impact_assessments": "internal_table",
}
# Of these a record is published without its texts where those may not be shown.
_WITHOUT_TEXTS: Final = ("issues", "actions", "priorities")
_RECORD: Final = ("source", "table", "record_id")
DISPOSITIONS: Final = ("published", "withheld", "routed", "quarantined")


def engagement_tables(
    conformed: Mapping[str, pl.DataFrame],
    *,
    records: pl.DataFrame,
    months: Sequence[str],
    as_of: date,
    neighbourhoods: pl.DataFrame,
    forces: pl.DataFrame,
    crime: pl.DataFrame,
    crime_summary: pl.DataFrame,
    teams: pl.DataFrame,
    settings: EngagementSettings,
) -> dict[str, pl.DataFrame]:
    """Make every table of engagement.

    Args:
        conformed: By table (``TABLES``), the columns of ``conformed_<table>``; all twelve.
        records: source, table, record_id, line, disposition (null where accepted), reason.
        months: The release's months, oldest first.
        as_of: The day up to which engagement is covered.
        neighbourhoods: The published ``neighbourhoods``.
        forces: As ``load_forces`` gives them.
        crime: The published ``crime``.
        crime_summary: The published ``crime_summary``.
        teams: force_id, neighbourhood_id, named_officers (Int64), team_url, seen_on (Date).
        settings: What can be set about engagement.

    Returns:
        By name: the published ``engagement_events``, ``you_said_we_did``, ``activities``,
        ``priorities``, ``engagement_plan_delivery``, ``neighbourhood_profile``, with the columns
        of their contracts, but for the attendances of events, which disclosure control adds; for
        the lake only ``engagement_counts``, ``feedback_counts`` and ``feedback_times``, of which
        it makes what may be published, ``records`` with every disposition, and
        ``engagement_ledger``.
    """
    scope = Scope(months, as_of, neighbourhoods, forces, settings)
    conformed = {table: _no_formulas(frame) for table, frame in conformed.items()}
    judged = _judged(conformed, records, scope)
    priorities = priorities_table(judged["priorities"], as_of)
    events = events_table(judged["engagement_events"])
    issues = issues_table(judged["issues"], _links(events, priorities, conformed["consultations"]))
    closed = with_dispositions(records, judged)
    return {
        "engagement_events": events,
        "you_said_we_did": issues,
        "activities": activities_table(judged["activities"], priorities["priority_id"]),
        "priorities": priorities,
        "engagement_plan_delivery": plan_table(judged["engagement_plan"], scope),
        "neighbourhood_profile": neighbourhood_profile(
            scope,
            conformed=conformed,
            events=events,
            issues=issues,
            plan=judged["engagement_plan"],
            priorities=priorities,
            crime=crime,
            crime_summary=crime_summary,
            teams=teams,
        ),
        "engagement_counts": engagement_counts(
            conformed["participation"], judged["engagement_events"], scope
        ),
        "feedback_counts": feedback_counts(conformed["feedback"], scope),
        "feedback_times": feedback_times(conformed["feedback"], scope),
        "records": closed,
        "engagement_ledger": ledger(closed),
    }


def _no_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts without the signs that make a spreadsheet run what follows them (CSV injection).

    Ids are left as they are: a rule of their tables keeps such signs out of them.
    """
    signs = r"^[=+\-@\s]+"
    texts = [n for n, t in frame.schema.items() if t == pl.String and not n.endswith("_id")]
    plain = (pl.col(name).str.replace(signs, "") for name in texts)
    return frame.with_columns(
        pl.when(text != "").then(text).alias(name) for name, text in zip(texts, plain, strict=True)
    )


def _judged(
    conformed: Mapping[str, pl.DataFrame], records: pl.DataFrame, scope: Scope
) -> dict[str, pl.DataFrame]:
    """Every record with ``reason``: why it is withheld, null where it is published."""
    events = judge_events(conformed["engagement_events"], scope)
    actions = judge_actions(conformed["actions"], scope)
    raised = with_feedback(conformed["issues"], conformed["feedback"], records)
    issues = judge_issues(raised, actions, events, scope)
    return {
        "engagement_events": events,
        "issues": issues,
        "actions": place_actions(actions, issues),
        "activities": judge_activities(conformed["activities"], scope),
        "participation": judge_participation(conformed["participation"], events, scope),
        "feedback": judge_feedback(conformed["feedback"], scope),
        "priorities": judge_priorities(conformed["priorities"], scope),
        "engagement_plan": judge_plan(
            conformed["engagement_plan"], conformed["engagement_events"], scope
        ),
        **{
            table: conformed[table].with_columns(
                first_reason(("handling", handled_inside()), (reason, pl.lit(value=True))).alias(
                    "reason"
                )
            )
            for table, reason in _NEVER.items()
        },
    }


def _links(
    events: pl.DataFrame, priorities: pl.DataFrame, consultations: pl.DataFrame
) -> dict[str, pl.Series]:
    """The ids that an issue may name, by its column."""
    return {
        "event_id": events["event_id"],  # those of sensitive communities go by other ids
        "priority_id": priorities["priority_id"],
        "consultation_id": consultations.filter(~handled_inside())["consultation_id"],
    }


def with_dispositions(records: pl.DataFrame, judged: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give every record that was accepted its disposition.

    Args:
        records: source, table, record_id, line, disposition (null where accepted), reason.
        judged: By table, the accepted records with ``reason`` and, where the table has texts,
            ``text_reason``.

    Returns:
        The records. One that is published without its texts has the reason for that. One that was
        accepted and is nowhere keeps no disposition, which breaks the contract of the ledger.
    """
    verdicts = pl.concat(
        [_verdicts(table, judged[table]) for table in TABLES if table in judged]
    ).unique(_RECORD, keep="first", maintain_order=True)
    waiting = pl.col("disposition").is_null()
    return (
        records.join(verdicts, on=_RECORD, how="left", maintain_order="left")
        .with_columns(
            pl.when(waiting).then(pl.col("_reason")).otherwise(pl.col("reason")).alias("reason"),
            pl.when(waiting)
            .then(pl.col("_disposition"))
            .otherwise(pl.col("disposition"))
            .alias("disposition"),
        )
        .drop("_reason", "_disposition")
    )


def _verdicts(table: str, judged: pl.DataFrame) -> pl.DataFrame:
    kept = pl.col("text_reason") if table in _WITHOUT_TEXTS else pl.lit(None, dtype=pl.String)
    return judged.select(
        "source",
        pl.lit(table).alias("table"),
        pl.col(TABLES[table].id).alias("record_id"),
        pl.coalesce("reason", kept).alias("_reason"),
        pl.when(pl.col("reason").is_null())
        .then(pl.lit("published"))
        .otherwise(pl.lit("withheld"))
        .alias("_disposition"),
    )


def ledger(records: pl.DataFrame) -> pl.DataFrame:
    """Where the records of each source and table went.

    Args:
        records: As ``with_dispositions`` gives them.

    Returns:
        The columns of the contract ``engagement_ledger``; ``accounted`` is the sum of the four
        dispositions, to be held against ``records``.
    """
    disposition = pl.col("disposition")
    return (
        records.group_by("source", "table")
        .agg(
            pl.len().cast(pl.Int64).alias("records"),
            *((disposition == d).sum().cast(pl.Int64).alias(d) for d in DISPOSITIONS),
        )
        .with_columns(pl.sum_horizontal(DISPOSITIONS).alias("accounted"))
        .sort("source", "table")
    )
