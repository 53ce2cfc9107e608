"""Feedback of the made-up country, and the records that a force keeps once for all its places.

Messages with their replies, consultations, impact assessments and survey estimates belong here.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from openbeat.sample import engagement_words as said
from openbeat.sample.engagement_asked import SAID, SHARES
from openbeat.sample.engagement_draw import (
    AS_OF,
    BUSY,
    chosen,
    days,
    drawn,
    filled,
    hashes,
    numbered,
    of_each,
    secret,
    weighted,
)
from openbeat.sample.engagement_places import named

KINDS = {
    "query": 0.34,
    "concern": 0.3,
    "suggestion": 0.1,
    "compliment": 0.07,
    "dissatisfaction": 0.09,
    "survey_response": 0.1,
}
CHANNELS = {
    "web_form": 0.34,
    "email": 0.2,
    "social_media": 0.13,
    "phone": 0.12,
    "alert_platform": 0.11,
    "in_person": 0.07,
    "post": 0.03,
}
ROLES = {
    "resident": 0.66,
    "business": 0.1,
    "victim": 0.08,
    "visitor": 0.04,
    "witness": 0.03,
    "not_stated": 0.09,
}
MORE = 5  # times as many messages more from busy neighbourhoods
REGULARS = 2  # people of each neighbourhood who write again and again
QUESTIONS = {
    "good_job_local": 58,
    "listen": 52,
    "relied_on": 57,
    "fair_treatment": 63,
    "understand_issues": 61,
    "well_informed": 38,
    "knows_contact": 24,
    "foot_patrol_seen": 19,
    "feels_safe": 66,
}
QUARTERS = (
    (date(2024, 7, 1), date(2024, 9, 30)),
    (date(2024, 10, 1), date(2024, 12, 31)),
    (date(2025, 1, 1), date(2025, 3, 31)),
    (date(2025, 4, 1), date(2025, 6, 30)),
)


class Consultation(NamedTuple):
    """One consultation that every force holds; days as ISO text."""

    basis: str
    subject: str
    asked: str
    victims: str
    ratepayers: str
    opened: str
    closed: str
    issued: str | None
    decided: str | None
    decision: str | None


CONSULTATIONS = (
    Consultation(
        "s14_plan",
        "Priorities of the police and crime plan for the next four years.",
        "victims;young_18_24;business;rural",
        *("yes", "no", "2024-09-02", "2024-11-29", "2025-02-14", "2025-02-03"),
        "Neighbourhood policing and the safety of women and girls were put first.",
    ),
    Consultation(
        "s14_precept",
        "How much council tax should pay for policing in 2025/26.",
        "business;low_income;older_65plus",
        *("no", "yes", "2024-12-02", "2025-01-17", "2025-02-07", "2025-02-07"),
        "The precept went up by less than was proposed, and pays for twelve officers on the beat.",
    ),
    Consultation(
        "s17",
        "What the commissioner heard at public meetings in spring.",
        "young_under18;disabled",
        *("yes", "no", "2025-03-03", "2025-05-30", None, "2025-06-20"),
        "The force was asked to answer everyone who reports shop theft.",
    ),
    Consultation(
        "s34",
        "How people want to hear from their neighbourhood team.",
        "digitally_excluded;limited_english;deaf",
        *("no", "no", "2025-06-02", "2025-08-29", None, None, None),
    ),
)


def feedback(
    grid: pl.DataFrame, of: pl.DataFrame, each: float, rng: np.random.Generator
) -> pl.DataFrame:
    """Messages of the public, with ``hood`` and names of places beside their columns.

    Args:
        grid: A row for each neighbourhood and month.
        of: The neighbourhoods.
        each: Messages in a month, on average.
        rng: The chance to draw from.
    """
    past = grid.filter(pl.col("month") <= AS_OF.strftime("%Y-%m"))
    often = pl.concat([past, *(past.filter(BUSY) for _ in range(MORE))])
    rows = named(drawn(often, each, rng), of, rng)
    count = rows.height
    clock = pl.lit(pl.Series(rng.integers(7 * 60, 22 * 60, count)))
    rows = rows.with_columns(
        received=days(rows["month"], rng).cast(pl.Datetime("us")) + pl.duration(minutes=clock),
        theme=weighted(SHARES, count, rng),
        kind=weighted(KINDS, count, rng),
        channel=weighted(CHANNELS, count, rng),
        respondent_role=weighted(ROLES, count, rng),
    ).sort("force", "received", "hood", maintain_order=True)
    thanks = pl.lit(chosen(said.THANKS, count, rng))
    rows = rows.with_columns(
        feedback_id=numbered("F", 6),
        free_text=pl.when(pl.col("kind") == "compliment")
        .then(thanks + ".")
        .otherwise(
            pl.lit(chosen(said.OPENINGS, count, rng))
            + pl.lit(of_each(rows["theme"], SAID, rng))
            + pl.lit(chosen(said.CLOSINGS, count, rng))
        ),
        handling=pl.lit("publishable"),
    ).with_columns(filled("free_text"))
    return _replied(_rated(rows, rng), rng).with_columns(
        secret("free_text", rng, count, 0.25),
        secret("quote", rng, count),
        contributor_ref=_writers(rows, rng),
    )


def _writers(rows: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
    """Keys of who writes: one in five messages is of a regular, one in twenty has no key."""
    count = rows.height
    chance = pl.lit(pl.Series(rng.random(count)))
    regular = pl.col("hood") * REGULARS + pl.lit(pl.Series(rng.integers(0, REGULARS, count)))
    once = pl.int_range(pl.len())
    key = pl.format("W{}", regular.cast(pl.String).str.zfill(5))
    return rows.select(
        pl.when(chance < 0.2)
        .then(key)
        .when(chance < 0.95)
        .then(pl.format("V{}", once.cast(pl.String).str.zfill(6)))
    ).to_series()


def _rated(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Scores, and consent to be quoted."""
    count = rows.height
    scored = pl.lit(pl.Series(rng.random(count) < 0.25)) | (pl.col("kind") == "survey_response")
    treated = pl.Series(rng.choice([1, 2, 3, 4, 5], count, p=[0.06, 0.1, 0.2, 0.36, 0.28]))
    content = pl.Series(rng.choice([1, 2, 3, 4, 5], count, p=[0.14, 0.18, 0.26, 0.27, 0.15]))
    agrees = pl.lit(pl.Series(rng.random(count) < 0.15))
    return rows.with_columns(
        treatment_quality=pl.when(scored).then(treated),
        outcome_satisfaction=pl.when(scored).then(content),
        informed=pl.when(scored).then(pl.lit(chosen(("yes", "no"), count, rng))),
        consent_publish=pl.when(agrees).then(pl.lit("yes")).otherwise(pl.lit("no")),
        quote=pl.when(agrees & (pl.col("kind") == "compliment")).then("free_text"),
    )


def _replied(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """When and how messages were answered: most within three days, a few never."""
    count = rows.height
    hours = pl.lit(pl.Series(rng.lognormal(3.3, 0.9, count).clip(0.2, 700)))
    wanted = pl.col("kind").is_in(["query", "concern", "dissatisfaction", "suggestion"])
    never = pl.lit(pl.Series(rng.random(count) < 0.07))
    reply = pl.col("received") + pl.duration(minutes=(hours * 60).round())
    quick = pl.col("received") + pl.duration(minutes=(hours * 6).round())
    end = pl.lit(AS_OF).cast(pl.Datetime("us")) + pl.duration(hours=23)
    answered = wanted & ~never & (reply <= end)
    outcome = chosen(
        ("answered", "answered", "action_agreed", "referred_partner", "no_action_explained"),
        count,
        rng,
    )
    form = "%Y-%m-%dT%H:%M:%S"
    return rows.with_columns(
        received_at=pl.col("received").dt.strftime(form),
        acknowledged_at=pl.when(wanted & (quick <= end)).then(quick.dt.strftime(form)),
        meaningful_reply_at=pl.when(answered).then(reply.dt.strftime(form)),
        reply_outcome=pl.when(answered)
        .then(pl.lit(outcome))
        .when(wanted & (quick <= end))
        .then(pl.lit("acknowledged_only"))
        .otherwise(pl.lit("none")),
    )


def consultations(forces: pl.DataFrame) -> pl.DataFrame:
    """The consultations of every force; ``forces`` has force, force_id and force_name."""
    columns = (
        *("statutory_basis", "subject", "asked", "victims_views", "ratepayers_views"),
        *("opened_on", "closed_on", "plan_or_precept_date", "decided_on", "decision_public"),
    )
    told = pl.DataFrame(list(CONSULTATIONS), schema=dict.fromkeys(columns, pl.String), orient="row")
    rows = forces.join(told, how="cross").with_columns(
        consultation_id=numbered("C", 3),
        handling=pl.lit("publishable"),
        reviewer_role=pl.lit("Head of engagement"),
        reviewed_on=pl.coalesce("decided_on", "opened_on"),
    )
    return rows.with_columns(
        decision_ref=pl.when(pl.col("decided_on").is_not_null()).then(
            pl.format("{}-D{}", "force_id", pl.col("consultation_id").str.tail(3))
        ),
        reviewed_sha256=hashes(rows, "consultations"),
    )


def impact_assessments(of: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Two assessments of each force: one under way, one closed."""
    rows = of.group_by("force", maintain_order=True).head(2)
    rows = rows.with_columns(turn=pl.int_range(pl.len()).over("force"))
    count = rows.height
    first = pl.col("turn") == 0
    rows = rows.with_columns(
        assessment_id=numbered("M", 3),
        trigger=pl.format("A serious assault reported near {}.", pl.col("area")),
        provider_role=pl.lit("Neighbourhood inspector"),
        oversight_role=pl.lit("Area commander"),
        required_information=pl.lit("Mood at schools and places of worship; rumours online."),
        intended_use=pl.lit("To decide on patrols and on what is said to the public."),
        started_on=pl.when(first).then(date(2025, 6, 16)).otherwise(date(2024, 11, 4)),
        due_on=pl.when(first).then(date(2025, 7, 14)).otherwise(date(2024, 12, 2)),
        reviewed_last_on=pl.when(first).then(date(2025, 6, 30)).otherwise(date(2024, 12, 1)),
        status=pl.when(first).then(pl.lit("open")).otherwise(pl.lit("closed")),
        cross_border=pl.lit("no"),
        handling=pl.lit("restricted"),
    )
    inside = ("trigger", "required_information", "intended_use")
    return rows.with_columns(secret(name, rng, count, 0.8) for name in inside)


def survey_indicators(forces: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Estimates by quarter of each force, with 95 % intervals."""
    codes = pl.DataFrame(list(QUESTIONS.items()), schema=["indicator_code", "mean"], orient="row")
    spans = pl.DataFrame(list(QUARTERS), schema=["period_start", "period_end"], orient="row")
    rows = forces.join(spans, how="cross").join(codes, how="cross")
    asked = rng.integers(380, 620, rows.height)
    share = (rows["mean"].to_numpy() + rng.normal(0, 2.5, rows.height)) / 100
    half = 1.96 * np.sqrt(share * (1 - share) / asked)
    return rows.with_columns(
        indicator_id=numbered("S", 4),
        area_type=pl.lit("force"),
        area_code=pl.col("force_id"),
        n_unweighted=pl.Series(asked),
        estimate=pl.Series(100 * share).round(1),
        ci_low=pl.Series(100 * (share - half)).round(1),
        ci_high=pl.Series(100 * (share + half)).round(1),
        weighted=pl.lit("yes"),
        survey=pl.lit("Your Police, Your Say"),
        handling=pl.lit("publishable"),
    )
