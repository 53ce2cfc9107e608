"""What police.uk's API showed, day after day: the history, and our tables made of it.

The API shows only now, and only coming events; polling keeps the days. Each distinct item is one
row, and a changed text is a new one. Reading answers belongs in ``openbeat.policeuk.api``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from openbeat.engagement.history import text_sha256
from openbeat.engagement.tables import TABLES

_TEXT = pl.String
FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "priorities": dict.fromkeys(("issue", "issue_date", "action", "action_date"), _TEXT),
    "events": dict.fromkeys(("title", "type", "start_at", "end_at", "description", "venue"), _TEXT),
    "neighbourhoods": {
        "name": _TEXT,
        "url_force": _TEXT,
        "population": pl.Int64,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
        "links": _TEXT,
    },
    "teams": {"named_officers": pl.Int64},
}
_PLACE: Final[dict[str, Any]] = {"force_id": _TEXT, "neighbourhood_id": _TEXT}
_KEY: Final = ("force_id", "neighbourhood_id", "item")
_DAYS: Final = {"first_seen": pl.Date, "last_seen": pl.Date, "missing_since": pl.Date}
SCHEMAS: Final = {
    kind: pl.Schema(_PLACE | {"item": _TEXT} | dict(fields) | _DAYS)
    for kind, fields in FIELDS.items()
}
TEAMS: Final = pl.Schema(
    _PLACE | {"named_officers": pl.Int64, "team_url": _TEXT, "seen_on": pl.Date}
)
_ID = "policeuk-"
_PURPOSE = 10  # characters that a purpose has at least
# What an event is called, and the method that is taken for; the first that fits counts.
_METHODS: Final = (
    (r"\bweb ?chat|\blive chat", "live_chat"),
    (r"\bonline\b|\bvirtual\b|\bzoom\b|\bwebinar", "online_meeting"),
    (r"walk ?about|environmental audit", "walkabout_or_environmental_audit"),
    (r"street briefing", "street_briefing"),
    (r"\bstall\b|\bf[eê]te\b|\bfair\b|open day|festival", "community_event_stall"),
    (r"surger(?:y|ies)|drop[ -]?in|coffee", "surgery_or_drop_in"),
    (r"\bpanel\b|\bpact\b", "ward_or_beat_panel"),
    (r"workshop", "workshop_codesign"),
    (r"focus group", "focus_group"),
    (r"\bmeeting|\bforum\b", "public_meeting"),
)


def empty(kind: str) -> pl.DataFrame:
    """The history of a kind before anything was captured."""
    return pl.DataFrame(schema=SCHEMAS[kind])


def shown(kind: str, force_id: str, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> pl.DataFrame:
    """What a force's neighbourhoods show now, each distinct item once.

    Args:
        kind: priorities, events, neighbourhoods or teams.
        force_id: The force.
        rows: Neighbourhood id and what a reader of ``openbeat.policeuk.api`` returned.

    Returns:
        force_id, neighbourhood_id, item (hash of the fields), the fields.
    """
    fields = FIELDS[kind]
    records = [
        {"force_id": force_id, "neighbourhood_id": place, "item": _hash(row.values())} | dict(row)
        for place, row in rows
    ]
    return pl.DataFrame(records, schema=_PLACE | {"item": _TEXT} | dict(fields)).unique(
        _KEY, maintain_order=True
    )


def merged(
    held: pl.DataFrame, now: pl.DataFrame, answered: pl.DataFrame, today: date
) -> pl.DataFrame:
    """The history with what is shown today; the same answers on the same day change nothing.

    Args:
        held: The history of one kind.
        now: What is shown, of ``shown``.
        answered: force_id, neighbourhood_id of the places that answered; only there can an item
            be missing.
        today: The day of polling, London's.

    Returns:
        ``held``'s columns, sorted: first_seen and last_seen are days on which an item was shown;
        missing_since is the first day of polling on which it no longer was, null while it is.
    """
    before = held.select(*_KEY, "first_seen", "last_seen")
    seen = now.join(before, on=_KEY, how="left", maintain_order="left").with_columns(
        pl.min_horizontal(pl.col("first_seen").fill_null(today), pl.lit(today)),
        pl.max_horizontal("last_seen", pl.lit(today)).alias("last_seen"),
        pl.lit(None, pl.Date).alias("missing_since"),
    )
    places = answered.select(_PLACE.keys()).unique().with_columns(pl.lit(today).alias("polled"))
    rest = (
        held.join(now, on=_KEY, how="anti")
        .join(places, on=list(_PLACE), how="left", maintain_order="left")
        .with_columns(pl.coalesce("missing_since", "polled").alias("missing_since"))
    )
    both = [frame.select(held.columns) for frame in (rest, seen)]
    return pl.concat(both).sort("force_id", "neighbourhood_id", "first_seen", "item")


def teams_frame(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The teams as they were last seen, a row a neighbourhood.

    Args:
        frames: The histories, by kind.

    Returns:
        force_id, neighbourhood_id, named_officers, team_url (the force's page of the
        neighbourhood), seen_on.
    """
    teams = _latest(frames["teams"], list(_PLACE))
    return (
        teams.join(_pages(frames["neighbourhoods"]), on=list(_PLACE), how="left")
        .rename({"last_seen": "seen_on", "url_force": "team_url"})
        .select(TEAMS.names())
        .sort(*_PLACE)
    )


def captured_rows(
    frames: Mapping[str, pl.DataFrame], table: str, forces: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The history as rows of one of our tables, for the connector.

    Args:
        frames: The histories, by kind.
        table: priorities or engagement_events.
        forces: force_id, name: what the organiser is called; without it, the force's id.

    Returns:
        line (from 1), and those columns of the contract that police.uk has something for, as
        text. Ids are the same as long as what names the item is: force, neighbourhood and issue
        with its date; or title, start and venue.

    Raises:
        KeyError: It is neither table.
    """
    makers = {"priorities": _priorities, "engagement_events": _events}
    rows = makers[table](frames, forces)
    return (
        rows.sort("force_id", "neighbourhood_id", TABLES[table].id)
        .with_row_index("line", 1)
        .cast({"line": pl.Int64})
    )


def _priorities(frames: Mapping[str, pl.DataFrame], _forces: pl.DataFrame | None) -> pl.DataFrame:
    """One row a priority: its newest action, over all days on which it was shown.

    One that is shown no more counts as closed on the first day on which it was not.
    """
    held = _with_id(frames["priorities"], "priority_id", "issue", "issue_date")
    days = held.group_by("priority_id").agg(pl.min("first_seen"), pl.max("last_seen"))
    return (
        _latest(held, ["priority_id"], "action_date")
        .drop("first_seen", "last_seen")
        .join(days, on="priority_id")
        .select(
            *("priority_id", "force_id", "neighbourhood_id"),
            *("issue", "issue_date", "action", "action_date"),
            _iso("missing_since").alias("closed_on"),
            _iso("first_seen"),
            _iso("last_seen"),
            pl.lit("yes").alias("already_public"),
            pl.lit("publishable").alias("handling"),
        )
    )


def _events(frames: Mapping[str, pl.DataFrame], forces: pl.DataFrame | None) -> pl.DataFrame:
    """One row an event, as the force last showed it.

    The level of participation is the lowest, inform: police.uk does not say, and that claims
    least. What stood there on the first day of polling was advertised on an unknown earlier day.
    An event that was gone before its day counts as cancelled; where one with the same title and
    start stands, at another venue, it was put right and is left out.
    """
    held = _with_id(frames["events"], "event_id", "title", "start_at", "venue")
    latest = _latest(held, ["event_id"]).rename({"first_seen": "text_seen"})
    firsts = held.group_by("event_id").agg(pl.min("first_seen"))
    begun = frames["neighbourhoods"].group_by(*_PLACE).agg(pl.min("first_seen").alias("begun"))
    known = pl.DataFrame(schema={"force_id": _TEXT, "name": _TEXT}) if forces is None else forces
    event_day = (
        pl.col("start_at")
        .str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_zone="UTC")
        .dt.convert_time_zone("Europe/London")
        .dt.date()
    )
    gone = (pl.col("missing_since") < event_day).fill_null(value=False)
    method = _method(pl.concat_str("title", "type", separator=" ", ignore_nulls=True))
    rows = (
        latest.join(firsts, on="event_id")
        .join(_pages(frames["neighbourhoods"]), on=list(_PLACE), how="left")
        .join(begun, on=list(_PLACE), how="left")
        .join(known.select("force_id", "name"), on="force_id", how="left")
        .with_columns(gone.alias("gone"), method.alias("method"))
        .filter(~pl.col("gone") | pl.col("gone").all().over(*_PLACE, "title", "start_at"))
    )
    return _reviewed(
        rows.select(
            *("event_id", "force_id", "neighbourhood_id"),
            pl.coalesce("name", "force_id").alias("organiser_org"),
            pl.lit("geographic").alias("community_type"),
            pl.lit("neighbourhood").alias("engagement_level"),
            pl.lit("inform").alias("participation_level"),
            "method",
            pl.coalesce("title", "type").alias("title"),
            _purpose().alias("purpose"),
            pl.when("gone").then(pl.lit("cancelled")).otherwise(pl.lit("planned")).alias("status"),
            *("start_at", "end_at"),
            pl.col("venue").alias("venue_public"),
            pl.col("url_force").alias("info_url"),
            pl.when(pl.col("first_seen") > pl.col("begun"))
            .then(_iso("first_seen"))
            .alias("advertised_on"),
            pl.lit("police_uk").alias("advert_channels"),
            pl.lit("publishable").alias("handling"),
            _iso("text_seen").alias("reviewed_on"),
        )
    )


def _reviewed(events: pl.DataFrame) -> pl.DataFrame:
    """With the review that the force's own publishing is, of the day the texts were first seen."""
    texts = TABLES["engagement_events"].texts
    absent = [pl.lit(None, _TEXT).alias(name) for name in texts if name not in events.columns]
    reviewed = text_sha256(events.with_columns(absent), texts).alias("reviewed_sha256")
    return events.with_columns(pl.lit("police.uk").alias("reviewer_role"), reviewed)


def _purpose() -> pl.Expr:
    long_enough = [
        pl.when(pl.col(name).str.len_chars() >= _PURPOSE).then(pl.col(name))
        for name in ("description", "title")
    ]
    return pl.coalesce(long_enough)


def _method(called: pl.Expr) -> pl.Expr:
    guess = pl.lit("other")
    for pattern, method in reversed(_METHODS):
        fits = called.str.to_lowercase().str.contains(pattern).fill_null(value=False)
        guess = pl.when(fits).then(pl.lit(method)).otherwise(guess)
    return guess


def _pages(neighbourhoods: pl.DataFrame) -> pl.DataFrame:
    return _latest(neighbourhoods, list(_PLACE)).select(*_PLACE, "url_force")


def _latest(held: pl.DataFrame, by: list[str], newest: str = "first_seen") -> pl.DataFrame:
    """The row of each that is shown now, else was last; of several, the newest by a column."""
    order = [pl.col("missing_since").is_null(), pl.col("last_seen"), pl.col(newest), pl.col("item")]
    return held.sort(order, descending=True, nulls_last=True).unique(
        by, keep="first", maintain_order=True
    )


def _with_id(held: pl.DataFrame, name: str, *named_by: str) -> pl.DataFrame:
    keys = held.select(*_PLACE, *named_by).iter_rows()
    return held.with_columns(pl.Series(name, [_ID + _hash(key)[:12] for key in keys], _TEXT))


def _iso(column: str) -> pl.Expr:
    return pl.col(column).dt.to_string("%Y-%m-%d")


def _hash(values: Iterable[Any]) -> str:
    return hashlib.sha256(json.dumps(list(values), ensure_ascii=False).encode()).hexdigest()[:32]
