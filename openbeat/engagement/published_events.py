"""The published table ``engagement_events``: which events are published, and what of them.

A held event needs method, purpose, participants and findings, with reviewed texts (the guidance;
rules G4, R50). Events of sensitive communities are published at force level, as codes only.
Counting events belongs in ``measures``.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.scope import (
    Scope,
    first_reason,
    handled_inside,
    names_sensitive,
    unknown_place,
    veiled,
    with_text_reason,
    without_sensitive,
)

PURPOSE_LENGTH: Final = 10  # G4: a purpose has so many characters at least
# Of a sensitive community none of these is shown: they tell when, where, or who in particular.
_DETAILS: Final = (
    *("series_id", "month", "event_date", "title", "purpose", "organiser_org", "partner_orgs"),
    *("online", "start_at", "end_at", "venue", "info_url", "advertised_on", "notice_days"),
    *("decision_ref", "decision_date", "codesigned_with", "participants", "findings"),
    "possible_duplicate_of",
)
COLUMNS: Final = (
    *("event_id", "series_id", "year", "month", "event_date", "place_level", "force_id"),
    *("force_name", "neighbourhood_id", "neighbourhood_name", "status", "engagement_level"),
    *("participation_level", "statutory_basis", "focus", "formality", "method", "is_meeting"),
    *("title", "purpose", "topics", "target_groups", "organiser_org", "partner_orgs"),
    *("chair_type", "online", "start_at", "end_at", "venue", "info_url", "advertised_on"),
    *("notice_days", "notice_days_status", "decision_ref", "decision_date", "stage"),
    *("codesigned_with", "lead_trained", "participants", "participants_recorded", "findings"),
    *("possible_duplicate_of", "handling", "sensitive", "held_in_full"),
)


def no_place() -> pl.Expr:
    """Whether the community is one of interest, background or online; never null."""
    kinds = ["interest", "identity_or_background", "virtual"]
    return pl.col("community_type").is_in(kinds).fill_null(value=False)


def sensitive_events(events: pl.DataFrame) -> pl.Series:
    """The ids of events of sensitive communities, some perhaps of events that are not there.

    They are those that name such a group, and whatever may be the same event or is of the same
    series (of one force), and so on: what one record keeps back, another must not tell.

    Args:
        events: ``conformed_engagement_events``.
    """
    rows = events.with_columns(
        pl.concat_str("force_id", "series_id", separator="\x1f").alias("_series"),
        names_sensitive("target_groups").alias("_of_one"),
    )
    known = -1
    while (of_one := rows.filter("_of_one")).height > known:
        known = of_one.height
        ids = pl.concat([of_one["event_id"], of_one["possible_duplicate_of"]]).drop_nulls()
        linked = pl.col("event_id", "possible_duplicate_of").is_in(ids.implode())
        series = pl.col("_series").is_in(of_one["_series"].drop_nulls().implode())
        rows = rows.with_columns(
            pl.any_horizontal("_of_one", linked, series).fill_null(value=False).alias("_of_one")
        )
    return of_one["event_id"]


def judge_events(events: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Say of every event whether it is published, where, and if not, why not.

    Args:
        events: ``conformed_engagement_events``.
        scope: What the release covers.

    Returns:
        The events with ``sensitive`` (yes, no), ``neighbourhood_id`` emptied where the community
        is sensitive or no place, ``force_name``, ``neighbourhood_name``, ``text_reason``, and
        ``reason`` (of ``withheld_reasons``; null where it is published).
    """
    held, planned = pl.col("status") == "held", pl.col("status") == "planned"
    day, sensitive = pl.col("event_date"), pl.col("sensitive") == "yes"
    blocks = pl.col("method", "purpose", "participants_described", "findings").is_null()
    too_short = pl.col("purpose").str.len_chars() < PURPOSE_LENGTH
    recorded = pl.col("participants_block").is_in(["number", "not_recorded"])
    return (
        with_text_reason(events, "engagement_events", scope.settings.allowed_texts)
        .with_columns(
            pl.when(pl.col("event_id").is_in(sensitive_events(events).implode()))
            .then(pl.lit("yes"))
            .otherwise(pl.lit("no"))
            .alias("sensitive")
        )
        .with_columns(
            pl.when((sensitive | no_place()).not_())
            .then(pl.col("neighbourhood_id"))
            .alias("neighbourhood_id")
        )
        .pipe(scope.named, "month")
        .with_columns(
            first_reason(
                ("handling", handled_inside()),
                ("after_as_of", held & (day > scope.as_of)),
                ("outside_window", (day < scope.first_day) | day.is_null()),
                ("sensitive_plan", sensitive & ~held),
                ("unknown_place", unknown_place()),
                (
                    "guidance_blocks",
                    ~sensitive
                    & held
                    & (pl.any_horizontal(blocks, too_short) | ~recorded.fill_null(value=False)),
                ),
                # Nobody has said yet whether it was held.
                ("guidance_blocks", planned & (day <= scope.as_of)),
            ).alias("reason")
        )
        .with_columns(
            pl.coalesce("reason", pl.when(~sensitive).then(pl.col("text_reason"))).alias("reason")
        )
    )


def events_table(judged: pl.DataFrame) -> pl.DataFrame:
    """The published events.

    Args:
        judged: As ``judge_events`` gives them.

    Returns:
        The columns of the contract ``engagement_events``, by ``event_id``.
    """
    rows = judged.filter(pl.col("reason").is_null())
    sensitive = pl.col("sensitive") == "yes"
    shown = rows.filter(~sensitive)["event_id"]
    methods = codelists.load("engagement_methods")
    meeting = dict(zip(methods["code"].to_list(), methods["is_meeting"].to_list(), strict=True))
    table = rows.with_columns(
        pl.col("event_date").dt.year().cast(pl.Int64).alias("year"),
        place_level(),
        pl.col("method")
        .replace_strict(meeting, default=None, return_dtype=pl.String)
        .alias("is_meeting"),
        pl.col("venue_public").alias("venue"),
        pl.col("participants_described").alias("participants"),
        without_sensitive("codesigned_with"),
        pl.when(pl.col("status") == "held")
        .then(
            pl.when(pl.col("participants_block") == "number")
            .then(pl.lit("yes"))
            .otherwise(pl.lit("no"))
        )
        .alias("participants_recorded"),
        # A link to an event that is not there to be read would only say that there is one.
        pl.when(pl.col("possible_duplicate_of").is_in(shown.implode()))
        .then(pl.col("possible_duplicate_of"))
        .alias("possible_duplicate_of"),
        pl.when(sensitive)
        .then(pl.lit("c"))
        .when(pl.col("notice_days").is_null())
        .then(pl.lit("x"))
        .alias("notice_days_status"),
        pl.when(~sensitive & (pl.col("status") == "held"))
        .then(pl.lit("yes"))
        .otherwise(pl.lit("no"))
        .alias("held_in_full"),
    ).with_columns(pl.when(~sensitive).then(pl.col(c)).alias(c) for c in _DETAILS)
    return veiled(table.select(COLUMNS), "event_id", "event").sort("event_id")


def place_level() -> pl.Expr:
    """``neighbourhood`` where one is named, else ``force``."""
    named = pl.col("neighbourhood_id").is_not_null()
    return (
        pl.when(named).then(pl.lit("neighbourhood")).otherwise(pl.lit("force")).alias("place_level")
    )
