"""We did: what the actions of an issue come to, and whether that answers it.

An issue that is said to be closed is published as closed only where the public can read what was
done or why nothing was (the guidance; rules R49, G8). Which issues are published, and what else
is said of them, belongs in ``published_issues``.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.scope import Scope, first_reason, handled_inside, with_text_reason

NO_FEEDBACK: Final = "no_feedback_yet"
_REASON_LENGTH: Final = 20  # G8: a reason in words has so many characters at least
_ORDER: Final = ("issue_id", "completed_on", "due_on", "agreed_on", "action_id")
_NEWEST_FIRST: Final = (False, True, False, False, False)


def judge_actions(actions: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Say of every action whether it may be shown, leaving its issue out of account.

    What was completed after the day of the release was still to do on that day.

    Args:
        actions: ``conformed_actions``.
        scope: What the release covers.

    Returns:
        The actions with ``text_reason``, ``reason`` (``handling``, ``after_as_of`` or null), and
        ``completed_later`` (Boolean): of those, completed_on, result and change_made are emptied.
    """
    later = pl.col("completed_later")
    stood = actions.with_columns(
        (pl.col("completed_on") > scope.as_of).fill_null(value=False).alias("completed_later")
    ).with_columns(
        pl.when(~later).then(pl.col(c)).alias(c) for c in ("completed_on", "result", "change_made")
    )
    return with_text_reason(stood, "actions", scope.settings.allowed_texts).with_columns(
        first_reason(
            ("handling", handled_inside()), ("after_as_of", pl.col("agreed_on") > scope.as_of)
        ).alias("reason")
    )


def place_actions(actions: pl.DataFrame, issues: pl.DataFrame) -> pl.DataFrame:
    """Let actions share the fate of their issue: they are published as part of it or not at all.

    Args:
        actions: As ``judge_actions`` gives them.
        issues: As ``judge_issues`` gives them: ``issue_id``, ``reason`` and more.

    Returns:
        The actions with ``reason``: their own, else their issue's, else ``no_issue`` where
        they belong to no issue of the log.
    """
    of = issues.select("issue_id", pl.col("reason").alias("_issue"), pl.lit(1).alias("_known"))
    return (
        actions.join(of, on="issue_id", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce(
                "reason",
                pl.when(pl.col("_known").is_null())
                .then(pl.lit("no_issue"))
                .otherwise(pl.col("_issue")),
            ).alias("reason")
        )
        .drop("_issue", "_known")
    )


def answers(actions: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What the actions of each issue come to.

    Where some are completed their texts are joined by ``"; "``, the latest first; else it is the
    planned action that is due first. Texts that may not be shown are left out.

    Args:
        actions: As ``judge_actions`` gives them.
        as_of: The day of the release.

    Returns:
        One row an issue: issue_id, done (Boolean), action, result, what_changed, action_type,
        action_by, completed_on, due_on, overdue_actions (due before ``as_of`` and not completed).
    """
    done, shown = pl.col("completed_on").is_not_null(), pl.col("text_reason").is_null()
    texts = {"action": "summary_public", "result": "result", "what_changed": "change_made"}
    ordered = (
        actions.filter(pl.col("reason").is_null() & pl.col("issue_id").is_not_null())
        .sort(_ORDER, descending=_NEWEST_FIRST, nulls_last=True)
        .with_columns(pl.when(shown).then(pl.col(c)).alias(c) for c in texts.values())
        .with_columns(
            pl.when(done.any().over("issue_id"))
            .then(done)
            .otherwise(pl.int_range(pl.len()).over("issue_id") == 0)
            .alias("used")
        )
    )
    late = (pl.col("due_on") < as_of) & ~done
    used = pl.col("used")
    together = ordered.group_by("issue_id", maintain_order=True).agg(
        done.any().alias("done"),
        *(_joined(source).alias(name) for name, source in texts.items()),
        pl.col("action_type").filter(used).first(),
        _joined("owner_org").alias("action_by"),
        pl.col("completed_on").max(),
        pl.coalesce(
            pl.col("due_on").filter(~done).min(), pl.col("due_on").filter(used).first()
        ).alias("due_on"),
        late.sum().cast(pl.Int64).alias("overdue_actions"),
    )
    return together.with_columns(
        pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in (*texts, "action_by")
    )


def _joined(column: str) -> pl.Expr:
    values = pl.col(column).filter(pl.col("used")).drop_nulls()
    return values.unique(maintain_order=True).str.join("; ")


def as_they_stood(issues: pl.DataFrame, actions: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Issues as they stood on a day, as far as their dates tell; the log is of a later one.

    One that was settled wholly after the day was ``in_progress`` where it was decided by then, and
    else ``open``. Of what came later, dates and the way it was fed back are left out.

    Args:
        issues: Issues with the columns of ``answers``.
        actions: As ``judge_actions`` gives them.
        as_of: The day.
    """
    acted_later = pl.col("issue_id").is_in(
        actions.filter("completed_later")["issue_id"].drop_nulls().implode()
    )
    settled_later = (pl.coalesce("decided_on", "fed_back_on") > as_of).fill_null(value=False)
    by_action = (pl.col("status") == "action_taken") | (
        (pl.col("status") == "referred_partner") & pl.col("reason_no_action_code").is_null()
    )
    not_yet = said_closed() & (
        pl.when(by_action)
        .then(~pl.col("done") & (settled_later | acted_later))
        .otherwise(settled_later)
    )
    decided = pl.when(pl.col("decided_on") <= as_of).then(pl.lit("in_progress"))
    told_by_then = (pl.col("fed_back_on") > as_of).fill_null(value=False).not_()
    return issues.with_columns(
        pl.when(not_yet)
        .then(decided.otherwise(pl.lit("open")))
        .otherwise(pl.col("status"))
        .alias("status"),
        pl.when(~not_yet).then(pl.col("duplicate_of")).alias("duplicate_of"),
        *(
            pl.when(pl.col(c) <= as_of).then(pl.col(c)).alias(c)
            for c in ("acknowledged_on", "decided_on", "fed_back_on")
        ),
        *(
            pl.when(told_by_then).then(pl.col(c)).alias(c)
            for c in ("feedback_channel", "feedback_url")
        ),
    )


def said_closed() -> pl.Expr:
    """Whether the status that the log gives closes the issue."""
    statuses = codelists.load("issue_statuses").filter(pl.col("closed") == "yes")
    return pl.col("status").is_in(statuses["code"].to_list())


def answered_by() -> pl.Expr:
    """By what a closed issue is answered so that the public can read it.

    Needs an issue's columns, those of ``answers``, ``text_reason`` and ``sensitive``.

    Returns:
        ``action`` (completed, and its result is shown: R49), ``reason`` (a code),
        ``reason_in_words`` (the code ``other`` and its text), ``duplicate``, or, for sensitive
        communities, ``codes``; null where the issue is open or has no such answer.
    """
    status, reason = pl.col("status"), pl.col("reason_no_action_code")
    text = pl.col("reason_no_action_text")
    worded = (
        (reason == "other")
        & pl.col("text_reason").is_null()
        & (text.str.len_chars() >= _REASON_LENGTH)
    )
    done = pl.col("done") & pl.col("result").is_not_null()
    answered = pl.col("answered") == "yes"
    return (
        pl.when((answered & said_closed()).fill_null(value=False).not_())
        .then(pl.lit(None, dtype=pl.String))
        .when(pl.col("sensitive") == "yes")
        .then(
            pl.when((status != "no_action") | reason.is_not_null())
            .then(pl.lit("codes"))
            .otherwise(pl.lit(None, dtype=pl.String))
        )
        .when(status == "duplicate")
        .then(
            pl.when(pl.col("duplicate_live") == "yes")
            .then(pl.lit("duplicate"))
            .otherwise(pl.lit(None, dtype=pl.String))
        )
        .when(status.is_in(["action_taken", "referred_partner"]) & done)
        .then(pl.lit("action"))
        .when(status.is_in(["no_action", "referred_partner"]) & worded)
        .then(pl.lit("reason_in_words"))
        .when(status.is_in(["no_action", "referred_partner"]) & (reason != "other"))
        .then(pl.lit("reason"))
        .otherwise(pl.lit(None, dtype=pl.String))
    )
