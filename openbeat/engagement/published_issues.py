"""The published table ``you_said_we_did``: which issues are published, and what of them.

What their actions come to, and whether that answers them, belongs in ``answers``; counting issues
in ``measures``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.answers import (
    NO_FEEDBACK,
    answered_by,
    answers,
    as_they_stood,
    said_closed,
)
from openbeat.engagement.published_events import no_place, place_level
from openbeat.engagement.scope import (
    Scope,
    first_reason,
    handled_inside,
    names_sensitive,
    unknown_place,
    veiled,
    with_text_reason,
)

# Of a sensitive community none of these is shown: they tell when, where, or who in particular.
_DETAILS: Final = (
    *("raised_on", "asked", "action", "action_by", "result", "what_changed", "reason_text"),
    *("owner_org", "acknowledged_on", "decided_on", "due_on", "completed_on", "fed_back_on"),
    *("feedback_channel", "feedback_url", "days_to_feedback", "overdue", "event_id"),
    *("consultation_id", "priority_id", "duplicate_of"),
)
_OF_ACTION: Final = (
    *("action", "action_type", "action_by", "result", "what_changed", "completed_on", "due_on"),
    "overdue_actions",
)
_OF_FEEDBACK: Final = ("fed_back_on", "feedback_channel", "feedback_url", "days_to_feedback")
COLUMNS: Final = (
    *("issue_id", "year", "raised_on", "place_level", "force_id", "force_name"),
    *("neighbourhood_id", "neighbourhood_name", "theme", "theme_label", "crime_type"),
    *("information_type", "asked", "asked_status", "status", "closed", "action", "action_type"),
    *("action_by", "result", "what_changed", "reason_no_action", "reason_text", "owner_org"),
    *("acknowledged_on", "decided_on", "due_on", "completed_on", "fed_back_on"),
    *("feedback_channel", "feedback_url", "days_to_feedback", "days_to_feedback_status"),
    *("overdue", "overdue_actions", "event_id", "consultation_id", "priority_id"),
    *("duplicate_of", "handling", "sensitive", "answered_by"),
)


def with_feedback(
    issues: pl.DataFrame, feedback: pl.DataFrame, records: pl.DataFrame
) -> pl.DataFrame:
    """Mark the issues that came from feedback that must not show through them.

    Args:
        issues: ``conformed_issues``.
        feedback: ``conformed_feedback``.
        records: table, record_id, disposition.

    Returns:
        The issues with ``from_feedback``: ``victim`` (a victim's), ``routed`` (it went to
        somebody who acts), or null.
    """
    victims = feedback.filter(pl.col("respondent_role") == "victim")["feedback_id"]
    routed = records.filter((pl.col("table") == "feedback") & (pl.col("disposition") == "routed"))[
        "record_id"
    ]
    came = pl.col("feedback_id")
    return issues.with_columns(
        pl.when(came.is_in(routed.drop_nulls().implode()))
        .then(pl.lit("routed"))
        .when(came.is_in(victims.implode()))
        .then(pl.lit("victim"))
        .alias("from_feedback")
    )


def judge_issues(
    issues: pl.DataFrame, actions: pl.DataFrame, events: pl.DataFrame, scope: Scope
) -> pl.DataFrame:
    """Say of every issue whether it is published, where, how it stands, and if not, why not.

    An issue is of a sensitive community where its groups, its event, or the issue it repeats are,
    or a victim's feedback raised it. It is of no neighbourhood where its event was of a community
    that is no place. One from feedback that was routed out is kept back.

    Args:
        issues: As ``with_feedback`` gives them.
        actions: As ``judge_actions`` gives them.
        events: As ``judge_events`` gives them.
        scope: What the release covers.

    Returns:
        The issues as they stood on ``as_of``, with the columns of ``answers``, ``sensitive``,
        ``answered_by``, ``force_name``, ``neighbourhood_name``, ``text_reason``, ``status`` as it
        is published (``no_feedback_yet`` where it is said to be closed and nothing answers it),
        and ``reason``.
    """
    sensitive = _sensitive_ids(issues, events.filter(pl.col("sensitive") == "yes")["event_id"])
    hidden = pl.col("issue_id").is_in(sensitive.implode())
    elsewhere = pl.col("event_id").is_in(events.filter(no_place())["event_id"].implode())
    frame = (
        with_text_reason(issues, "issues", scope.settings.allowed_texts)
        .join(answers(actions, scope.as_of), on="issue_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(hidden).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("sensitive"),
            pl.when((hidden | elsewhere.fill_null(value=False)).not_())
            .then(pl.col("neighbourhood_id"))
            .alias("neighbourhood_id"),
            pl.col("done").fill_null(value=False),
            pl.col("overdue_actions").fill_null(0),
        )
        .pipe(as_they_stood, actions, scope.as_of)
        .pipe(scope.named, "month")
        .with_columns(answered_by().alias("answered_by"))
        .with_columns(_reason(scope).alias("reason"))
    )
    # A duplicate is answered by the issue it repeats, so that one must be there to be read.
    there = frame.filter(pl.col("reason").is_null())["issue_id"]
    alone = pl.col("duplicate_of").is_in(there.implode()).fill_null(value=False).not_()
    return frame.with_columns(
        pl.when((pl.col("answered_by") != "duplicate") | ~alone)
        .then(pl.col("answered_by"))
        .alias("answered_by")
    ).with_columns(
        pl.when(said_closed() & pl.col("answered_by").is_null())
        .then(pl.lit(NO_FEEDBACK))
        .otherwise(pl.col("status"))
        .alias("status")
    )


def _sensitive_ids(issues: pl.DataFrame, sensitive_events: pl.Series) -> pl.Series:
    own = names_sensitive("target_groups")
    raised = pl.col("event_id").is_in(sensitive_events.implode()).fill_null(value=False)
    victims = (pl.col("from_feedback") == "victim").fill_null(value=False)
    ids, known = issues.filter(own | raised | victims)["issue_id"], 0
    while ids.len() > known:  # a repeat of a repeat of one is one too
        known = ids.len()
        repeats = issues.filter(pl.col("duplicate_of").is_in(ids.implode()))["issue_id"]
        ids = pl.concat([ids, repeats]).unique().sort()
    return ids


def _reason(scope: Scope) -> pl.Expr:
    types = codelists.load("information_types")
    inside = types.filter(pl.col("publishable") != "yes")["code"].to_list()
    raised = pl.col("raised_on")
    settled = pl.max_horizontal("decided_on", "completed_on", "fed_back_on")
    over = pl.col("answered_by").is_not_null()
    return first_reason(
        ("handling", handled_inside()),
        ("handling", pl.col("from_feedback") == "routed"),
        ("information_type", pl.col("information_type").is_in(inside)),
        ("after_as_of", raised > scope.as_of),
        ("outside_window", raised.is_null()),
        (
            "outside_window",
            (raised < scope.first_day)
            & over
            & (settled >= scope.first_day).fill_null(value=False).not_(),
        ),
        ("unknown_place", unknown_place()),
    )


def issues_table(judged: pl.DataFrame, links: Mapping[str, pl.Series]) -> pl.DataFrame:
    """The published issues.

    Args:
        judged: As ``judge_issues`` gives them.
        links: By column (``event_id``, ``consultation_id``, ``priority_id``) the ids that may be
            named.

    Returns:
        The columns of the contract ``you_said_we_did``, by ``issue_id``.
    """
    rows = judged.filter(pl.col("reason").is_null())
    sensitive = pl.col("sensitive") == "yes"
    named = {**links, "duplicate_of": rows.filter(~sensitive)["issue_id"]}
    table = (
        rows.pipe(_with_themes)
        .pipe(_with_answer)
        .with_columns(
            pl.col("raised_on").dt.year().cast(pl.Int64).alias("year"),
            place_level(),
            *(
                pl.when(pl.col(c).is_in(ids.implode())).then(pl.col(c)).alias(c)
                for c, ids in named.items()
            ),
            pl.when(pl.col("text_reason").is_null()).then(pl.col("summary_public")).alias("asked"),
            (pl.col("fed_back_on") - pl.col("raised_on")).dt.total_days().alias("days_to_feedback"),
            pl.when(pl.col("overdue_actions") > 0)
            .then(pl.lit("yes"))
            .otherwise(pl.lit("no"))
            .alias("overdue"),
        )
        .with_columns(
            pl.when(pl.col("status") != NO_FEEDBACK).then(pl.col(c)).alias(c) for c in _OF_FEEDBACK
        )
        .with_columns(pl.when(~sensitive).then(pl.col(c)).alias(c) for c in _DETAILS)
        .with_columns(
            _status("asked", pl.col("summary_public").is_not_null() | sensitive),
            _status("days_to_feedback", sensitive),
            pl.when(~sensitive)
            .then(pl.col("overdue_actions"))
            .otherwise(0)
            .alias("overdue_actions"),
        )
    )
    return veiled(table.select(COLUMNS), "issue_id", "issue").sort("issue_id")


def _status(column: str, kept_back: pl.Expr) -> pl.Expr:
    """Null where there is a value, ``c`` where it is kept back, ``x`` where there is none."""
    return (
        pl.when(pl.col(column).is_not_null())
        .then(pl.lit(None, dtype=pl.String))
        .when(kept_back)
        .then(pl.lit("c"))
        .otherwise(pl.lit("x"))
        .alias(f"{column}_status")
    )


def _with_themes(rows: pl.DataFrame) -> pl.DataFrame:
    themes = codelists.load("themes").rename({"code": "theme", "label": "theme_label"})
    return rows.join(themes, on="theme", how="left", maintain_order="left")


def _with_answer(rows: pl.DataFrame) -> pl.DataFrame:
    """Either what was done or why nothing was, never both (R49)."""
    statuses = codelists.load("answer_statuses").select(
        pl.col("code").alias("status"), pl.col("closed").alias("_closed")
    )
    status, by = pl.col("status"), pl.col("answered_by")
    reasoned = by.is_in(["reason", "reason_in_words"]) | (
        (by == "codes")
        & status.is_in(["no_action", "referred_partner"])
        & pl.col("reason_no_action_code").is_not_null()
    )
    # Neither goes with a duplicate: the issue it repeats has the answer.
    acted = reasoned.fill_null(value=False).not_() & (status != "duplicate")
    shown = reasoned & pl.col("text_reason").is_null()
    return rows.join(statuses, on="status", how="left", maintain_order="left").with_columns(
        pl.col("_closed").alias("closed"),
        *(pl.when(acted).then(pl.col(c)).alias(c) for c in _OF_ACTION[:-1]),
        pl.when(acted).then(pl.col("overdue_actions")).otherwise(0).alias("overdue_actions"),
        pl.when(reasoned).then(pl.col("reason_no_action_code")).alias("reason_no_action"),
        pl.when(shown).then(pl.col("reason_no_action_text")).alias("reason_text"),
    )
