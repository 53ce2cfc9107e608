"""From the ledger to the published tables: ``engagement_reach``, ``feedback_summary``, attendances.

Nothing but published values goes in, so nothing else can come out: shares and the like are worked
out from what everybody can read. What may be published is decided in ``gate``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.disclosure.ledger import KEPT_BACK, current
from openbeat.disclosure.periods import last_month

Named = Callable[[pl.DataFrame, pl.Expr], pl.DataFrame]
"""Adds ``force_name`` and ``neighbourhood_name`` to rows, as of a month (``Scope.named``)."""

NOT_AVAILABLE: Final = "x"
NOT_APPLICABLE: Final = "z"
ALL: Final = "all"
_PLACE: Final = ("period", "place_level", "force_id", "neighbourhood_id")
_NAMES: Final = ("period", "place_level", "force_id", "force_name", "neighbourhood_id")
REACH_KEY: Final = (*_PLACE, "characteristic", "category")
REACH: Final = (
    *("period", "period_type", *_NAMES[1:], "neighbourhood_name", "characteristic", "category"),
    *("category_level", "forms", "forms_status", "attendances", "attendances_status"),
    *("share", "share_status", "census_share", "census_share_status"),
)
SUMMARY_KEY: Final = (*_PLACE, "theme")
_AFTER: Final = "participants_recorded"
_COUNTS: Final = ("received", "answered_72h", "not_answered_72h")
SUMMARY: Final = (
    *(*_NAMES, "neighbourhood_name", "theme"),
    *(name for count in _COUNTS for name in (count, f"{count}_status")),
    *("answered_72h_share", "answered_72h_share_status"),
    *("median_days_to_reply", "median_days_to_reply_status"),
)


def facts(
    ledger: pl.DataFrame,
    unrevised: pl.DataFrame,
    periods: list[str],
    withdrawn: Sequence[str] = (),
) -> pl.DataFrame:
    """What is published of each cell now, with the status that people see beside it.

    Args:
        ledger: The whole ledger.
        unrevised: set, force_id, period of what could not be revised: its values stay, status p.
        periods: Those to show.
        withdrawn: Releases that were withdrawn with all that showed the same: what they published
            stays known to the world, and is not said again.

    Returns:
        CELL_KEY, value, shown_status (null, c, r or p) and median_days.
    """
    keys = ("set", "force_id", "period")
    late = unrevised.select(keys).unique().with_columns(_late=pl.lit(value=True))
    again = pl.col("release_id").is_in(list(withdrawn)).fill_null(value=False).not_()
    status = (
        pl.when((pl.col("status") == KEPT_BACK) | ~again)
        .then(pl.lit(KEPT_BACK))
        .when("_late")
        .then(pl.lit("p"))
        .when("revised")
        .then(pl.lit("r"))
    )
    return (
        current(ledger)
        .filter(pl.col("period").is_in(periods))
        .join(late, on=keys, how="left")
        .with_columns(
            shown_status=status,
            value=pl.when(again).then("value"),
            median_days=pl.when(again).then("median_days"),
        )
        .drop("_late", "revised")
    )


def engagement_reach(shown: pl.DataFrame, named: Named) -> pl.DataFrame:
    """Whom events reached, as far as it may be told.

    Args:
        shown: As ``facts`` gives it.
        named: Adds names.

    Returns:
        The columns of the contract ``engagement_reach``, by its key.
    """
    ours = shown.filter(pl.col("set") == "engagement")
    forms = _measure(ours, "forms").select(
        *_PLACE,
        *(pl.col("dimension").alias("characteristic"), pl.col("item").alias("category")),
        *("forms", "forms_status"),
    )
    attended = _of_all(_measure(ours, "attendances"))
    total = _of_all(
        _measure(ours, "forms").rename({"forms": "_all", "forms_status": "_all_status"})
    )
    levels = codelists.load("reach_categories").select(
        "characteristic", pl.col("code").alias("category"), pl.col("level").alias("category_level")
    )
    is_total = pl.col("characteristic") == ALL
    kept = _first(pl.col("forms_status"), pl.col("_all_status"))
    rows = (
        forms.join(attended, on=_PLACE, how="left", nulls_equal=True)
        .join(total, on=_PLACE, how="left", nulls_equal=True)
        .join(levels, on=["characteristic", "category"], how="left")
        .pipe(named, last_month("period"))
        .with_columns(_placed_name())
    )
    share = pl.when(~is_total & (pl.col("_all") > 0)).then(pl.col("forms") / pl.col("_all"))
    return (
        rows.with_columns(
            share=share.round(4),
            attendances=pl.when(is_total).then("attendances"),
            attendances_status=pl.when(~is_total)
            .then(pl.lit(NOT_APPLICABLE))
            .otherwise(_known("attendances")),
            # What is not known is a group of every characteristic, and in the list but once.
            category_level=pl.col("category_level").fill_null("group"),
            period_type=pl.when(pl.col("period").str.contains("Q"))
            .then(pl.lit("quarter"))
            .otherwise(pl.lit("year")),
            census_share=pl.lit(None, dtype=pl.Float64),
            census_share_status=pl.when(is_total)
            .then(pl.lit(NOT_APPLICABLE))
            .otherwise(pl.lit(NOT_AVAILABLE)),
        )
        .with_columns(
            share_status=pl.when(is_total)
            .then(pl.lit(NOT_APPLICABLE))
            .when(pl.col("share").is_not_null())
            .then(kept)
            .otherwise(pl.coalesce(_kept_back(kept), pl.lit(NOT_AVAILABLE)))
        )
        .select(REACH)
        .sort(REACH_KEY)
    )


def feedback_summary(shown: pl.DataFrame, named: Named) -> pl.DataFrame:
    """How soon queries were answered, as far as it may be told.

    Args:
        shown: As ``facts`` gives it.
        named: Adds names.

    Returns:
        The columns of the contract ``feedback_summary``, by its key.
    """
    ours = shown.filter(pl.col("set") == "feedback")
    rows = _measure(ours, "received", "median_days").rename({"item": "theme"})
    for measure in ("answered_72h", "not_answered_72h"):
        rows = rows.join(_of_all(_measure(ours, measure)), on=_PLACE, how="left", nulls_equal=True)
    is_all = pl.col("theme") == ALL
    kept = _first(pl.col("answered_72h_status"), pl.col("received_status"))
    share = pl.when(is_all & (pl.col("received") > 0)).then(
        pl.col("answered_72h") / pl.col("received")
    )
    derived = {"answered_72h_share": share.round(4), "median_days_to_reply": pl.col("median_days")}
    return (
        rows.with_columns(**derived)
        .with_columns(
            *(pl.when(is_all).then(m).alias(m) for m in _COUNTS[1:]),
            *(
                _on_all(is_all, _known(measure)).alias(f"{measure}_status")
                for measure in _COUNTS[1:]
            ),
            *(
                _on_all(
                    is_all,
                    pl.when(pl.col(name).is_not_null())
                    .then(kept)
                    .otherwise(pl.coalesce(_kept_back(kept), pl.lit(NOT_AVAILABLE))),
                ).alias(f"{name}_status")
                for name in derived
            ),
        )
        .pipe(named, last_month("period"))
        .with_columns(_placed_name())
        .select(SUMMARY)
        .sort(SUMMARY_KEY)
    )


def attendances(shown: pl.DataFrame) -> pl.DataFrame:
    """How many attended each event, as far as it may be told.

    Args:
        shown: As ``facts`` gives it.

    Returns:
        event_id, attendances, attendances_status (null, c, r or p).
    """
    return shown.filter(
        (pl.col("measure") == "attendances") & (pl.col("dimension") == "event")
    ).select(
        pl.col("item").alias("event_id"),
        pl.col("value").alias("attendances"),
        pl.col("shown_status").alias("attendances_status"),
    )


def with_attendances(events: pl.DataFrame, attended: pl.DataFrame) -> pl.DataFrame:
    """Give the published events their attendances, and say why there are none.

    Args:
        events: The published events: event_id, status, sensitive and more.
        attended: As ``attendances`` gives them.

    Returns:
        The events with ``attendances`` and ``attendances_status``: c kept back, or a sensitive
        community; x not recorded, or not published yet; z not held.
    """
    sensitive = pl.col("sensitive") == "yes"
    plain = events.drop("attendances", "attendances_status", strict=False)
    told = plain.join(attended, on="event_id", how="left", maintain_order="left").with_columns(
        attendances=pl.when((pl.col("status") == "held") & ~sensitive).then("attendances"),
        attendances_status=pl.when(pl.col("status") != "held")
        .then(pl.lit(NOT_APPLICABLE))
        .when(sensitive)
        .then(pl.lit(KEPT_BACK))
        .otherwise(_known("attendances")),
    )
    before = [*plain.columns]
    at = before.index(_AFTER) + 1 if _AFTER in before else len(before)
    return told.select(*before[:at], "attendances", "attendances_status", *before[at:])


def _measure(shown: pl.DataFrame, measure: str, *more: str) -> pl.DataFrame:
    """The cells of one measure, its value and status under its name; events left out."""
    return shown.filter((pl.col("measure") == measure) & (pl.col("dimension") != "event")).select(
        *_PLACE,
        *("dimension", "item", *more),
        *(pl.col("value").alias(measure), pl.col("shown_status").alias(f"{measure}_status")),
    )


def _of_all(cells: pl.DataFrame) -> pl.DataFrame:
    """Those of everybody."""
    return cells.filter(pl.col("dimension") == ALL).drop("dimension", "item")


def _known(measure: str) -> pl.Expr:
    """Its status; x where there is neither a value nor a status."""
    unknown = pl.col(measure).is_null() & pl.col(f"{measure}_status").is_null()
    return pl.when(unknown).then(pl.lit(NOT_AVAILABLE)).otherwise(f"{measure}_status")


def _first(*statuses: pl.Expr) -> pl.Expr:
    """The status of what is worked out from others: kept back where any is, else the first."""
    kept = pl.any_horizontal(status.eq_missing(pl.lit(KEPT_BACK)) for status in statuses)
    return pl.when(kept).then(pl.lit(KEPT_BACK)).otherwise(pl.coalesce(*statuses))


def _kept_back(status: pl.Expr) -> pl.Expr:
    return pl.when(status == KEPT_BACK).then(status)


def _on_all(is_all: pl.Expr, status: pl.Expr) -> pl.Expr:
    return pl.when(is_all).then(status).otherwise(pl.lit(NOT_APPLICABLE))


def _placed_name() -> pl.Expr:
    """A neighbourhood without a name in the release's boundaries goes by its id."""
    return pl.coalesce("neighbourhood_name", "neighbourhood_id").alias("neighbourhood_name")
