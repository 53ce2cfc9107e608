"""The derived columns that need other tables, other rows, or the places.

What each column means is in the contracts ``conformed_<table>``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

import polars as pl

from openbeat.engagement.expressions import month, yes, yes_no
from openbeat.engagement.tables import TABLES

PLACES: Final = pl.Schema(
    {
        "force_id": pl.String(),
        "neighbourhood_id": pl.String(),
        "valid_from": pl.String(),
        "valid_to": pl.String(),
    }
)
"""Months a neighbourhood was valid in; null: since or for ever. A force without rows has none."""
ALIKE: Final = 0.9
SHORTEST_REASON: Final = 20


def derive_across(
    table: str,
    frame: pl.DataFrame,
    accepted: Mapping[str, pl.DataFrame],
    known: Mapping[str, pl.Series],
    places: pl.DataFrame,
    forces: Sequence[str],
) -> pl.DataFrame:
    """Add, or work out anew, the columns that need more than a record itself.

    Args:
        table: Its name, as in ``TABLES``.
        frame: From ``derive_alone``.
        accepted: Other tables as far as they are accepted: ``engagement_events`` for
            participation, ``actions`` for issues. A missing one counts as empty.
        known: By table, the ids of all records that were ever delivered.
        places: ``PLACES``.
        forces: The forces that are known.
    """
    if table == "participation":
        frame = _participation(frame, accepted, known)
    if table == "actions":
        frame = frame.with_columns(issue_known=_is_known("issue_id", known.get("issues")))
    if table == "issues":
        frame = _issues(frame, accepted.get("actions"))
    if table == "engagement_events":
        frame = frame.drop("possible_duplicate_of", strict=False).with_columns(_duplicates(frame))
    if "force_id" not in frame.columns:
        return frame
    frame = frame.with_columns(
        force_known=yes_no(pl.col("force_id").is_in(pl.Series(forces, dtype=pl.String).implode()))
    )
    if "neighbourhood_id" not in frame.columns:
        return frame
    return frame.with_columns(_neighbourhood_known(frame, table, places))


def _is_known(column: str, ids: pl.Series | None) -> pl.Expr:
    named = pl.Series([] if ids is None else ids, dtype=pl.String)
    return yes_no(pl.col(column).is_in(named.implode()))


def _neighbourhood_known(frame: pl.DataFrame, table: str, places: pl.DataFrame) -> pl.Series:
    when = TABLES[table].when
    at = pl.col(when) if frame.schema[when] == pl.String else month(pl.col(when))
    key = ["force_id", "neighbourhood_id"]
    rows = frame.select(*key, at=at)
    since = pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("at"))
    until = pl.col("valid_to").is_null() | (pl.col("at") <= pl.col("valid_to"))
    asked = rows.unique().drop_nulls()
    held = asked.join(places, on=key).filter(since & until).select(*key, "at").unique()
    found = rows.join(
        held.with_columns(held=pl.lit("yes")), on=[*key, "at"], how="left", maintain_order="left"
    )
    mapped = pl.col("force_id").is_in(places["force_id"].unique().implode())
    judged = mapped & pl.all_horizontal(pl.col(n).is_not_null() for n in [*key, "at"])
    return found.select(
        neighbourhood_known=pl.when(judged).then(pl.col("held").fill_null("no"))
    ).to_series()


def _participation(
    frame: pl.DataFrame, accepted: Mapping[str, pl.DataFrame], known: Mapping[str, pl.Series]
) -> pl.DataFrame:
    events = accepted.get("engagement_events")
    if events is None:
        events = pl.DataFrame(
            schema={"event_id": pl.String, "month": pl.String, "attendance_total": pl.Int64}
        )
    of_event = events.select("event_id", month="month", _came="attendance_total")
    frame = frame.drop("month", strict=False).join(
        of_event, on="event_id", how="left", maintain_order="left"
    )
    forms = pl.col("forms_returned")
    over = (forms > pl.col("attendances")).fill_null(value=False) | (forms > pl.col("_came"))
    return (
        frame.with_columns(
            event_known=_is_known("event_id", known.get("engagement_events")),
            sum_of_counts=pl.col("count").sum().over("event_id", "characteristic"),
            forms_over_attendance=yes(over),
        )
        .with_columns(sum_over_forms=yes(pl.col("sum_of_counts") > forms))
        .drop("_came")
    )


def _issues(frame: pl.DataFrame, actions: pl.DataFrame | None) -> pl.DataFrame:
    """What follows from the issue's actions and from other issues (R49, rules G8 and G9)."""
    if actions is None:
        kinds = {"issue_id": pl.String, "completed_on": pl.Date, "result": pl.String}
        actions = pl.DataFrame(schema=kinds)
    finished = pl.col("completed_on").is_not_null() & pl.col("result").is_not_null()
    done = actions.group_by("issue_id").agg(
        actions_completed=finished.sum().cast(pl.Int64),
        _first=pl.col("completed_on").min(),
        _last=pl.col("completed_on").max(),
    )
    made = ["actions_completed", "duplicate_live", "answered", "dates_in_order"]
    frame = frame.drop(made, strict=False).join(
        done, on="issue_id", how="left", maintain_order="left"
    )
    live = frame.filter(pl.col("status").ne_missing(pl.lit("duplicate")))["issue_id"]
    target = pl.col("duplicate_of")
    is_live = target.is_in(live.drop_nulls().implode()) & (target != pl.col("issue_id"))
    frame = frame.with_columns(
        pl.col("actions_completed").fill_null(0),
        duplicate_live=pl.when(pl.col("status") == "duplicate").then(
            yes_no(is_live.fill_null(value=False))
        ),
        dates_in_order=_issue_order(),
    )
    return frame.with_columns(answered=yes(_answered())).drop("_first", "_last")


def _issue_order() -> pl.Expr:
    pairs = (
        *(("raised_on", then) for then in ("acknowledged_on", "decided_on", "fed_back_on")),
        *(("decided_on", "fed_back_on"), ("decided_on", "_last")),
        *(("raised_on", "_first"), ("_first", "fed_back_on")),
    )
    kept = [(pl.col(first) <= pl.col(then)).fill_null(value=True) for first, then in pairs]
    return yes_no(pl.all_horizontal(kept))


def _answered() -> pl.Expr:
    """R49: what was done with its result, or a coded reason for nothing, or a live original."""
    status, code = pl.col("status"), pl.col("reason_no_action_code")
    words = pl.col("reason_no_action_text").str.strip_chars().str.len_chars() >= SHORTEST_REASON
    reason = code.is_not_null() & ((code != "other") | words.fill_null(value=False))
    done = pl.col("actions_completed") >= 1
    return (
        ((status == "duplicate") & (pl.col("duplicate_live") == "yes").fill_null(value=False))
        | ((status == "action_taken") & done)
        | ((status == "no_action") & reason)
        | ((status == "referred_partner") & (done | reason))
    )


def _duplicates(frame: pl.DataFrame) -> pl.Series:
    """The earliest event of the same day and neighbourhood whose title is nearly the same (G11)."""
    place = ["force_id", "neighbourhood_id", "event_date"]
    title = pl.col("title").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ")
    rows = (
        frame.with_row_index()
        .filter(pl.col("status").is_in(["planned", "held"]))
        .select("index", "event_id", "start_at", *place, title=title.str.strip_chars())
        .drop_nulls()
        .filter(pl.len().over(place) > 1)
        .sort(*place, "start_at", "event_id", "index")
        .with_row_index("order")
    )
    pairs = (
        rows.join(rows, on=place, suffix="_before")
        .filter(pl.col("order_before") < pl.col("order"))
        .filter(pl.col("event_id") != pl.col("event_id_before"))
    )
    alike = pairs.join(_alike(pairs), on=["title", "title_before"], how="semi")
    first = alike.sort("order", "order_before").unique("index", keep="first", maintain_order=True)
    found = (
        frame.with_row_index()
        .select("index")
        .join(
            first.select("index", possible_duplicate_of="event_id_before"),
            on="index",
            how="left",
            maintain_order="left",
        )
    )
    return found["possible_duplicate_of"]


def _alike(pairs: pl.DataFrame) -> pl.DataFrame:
    """The distinct pairs of titles that are alike; only those of like length are looked at."""
    length, other = pl.col("title").str.len_chars(), pl.col("title_before").str.len_chars()
    most = 2 * pl.min_horizontal(length, other) / (length + other)
    distinct = pairs.select("title", "title_before").unique().filter(most >= ALIKE)
    same = [_similarity(a, b) >= ALIKE for a, b in distinct.iter_rows()]
    return distinct.filter(pl.Series(same, dtype=pl.Boolean))


def _similarity(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0
