"""What the teams of the made-up country work on: priorities, problem-solving plans, activities.

Records of ongoing work belong here; single issues and their answers are in ``engagement_issues``.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from openbeat.sample import engagement_words as said
from openbeat.sample.engagement_asked import SHARES
from openbeat.sample.engagement_done import DONE
from openbeat.sample.engagement_draw import (
    AS_OF,
    chosen,
    filled,
    hashes,
    later,
    numbered,
    of_each,
    secret,
    weighted,
)
from openbeat.sample.engagement_places import named

STALE = 0.22  # of neighbourhoods have priorities that nobody touched for over three months
CLOSED = 0.4  # of neighbourhoods have one that was closed in spring
# type, who, share of months with it, hours or visits on average, whether it is counted
ACTIVITIES = (
    ("foot_patrol", "police", 0.95, 22, False),
    ("hotspot_patrol", "police", 0.6, 9, False),
    ("vehicle_patrol", "police", 0.5, 14, False),
    ("problem_solving", "police", 0.35, 4, False),
    ("prevention_visit", "police", 0.45, 5, True),
    ("school_liaison", "police", 0.25, 2, True),
    ("licensing_visit", "police", 0.15, 2, True),
    ("enforcement_operation", "police", 0.12, 1, True),
    ("partner_patrol", "council", 0.4, 6, False),
    ("environmental_action", "council", 0.3, 2, True),
)


def priorities(of: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """One to three priorities of each neighbourhood that exists today, and some closed ones.

    Args:
        of: The neighbourhoods.
        rng: The chance to draw from.

    Returns:
        The priorities, with ``hood`` and names of places beside their columns.
    """
    now = of.filter(pl.col("until") >= AS_OF.strftime("%Y-%m"))
    now = now.drop("streets", "parks", "shops", "schools", "halls")
    stale = pl.Series(rng.random(now.height) < STALE)
    now = now.with_columns(stale=stale)
    current = now[np.repeat(np.arange(now.height), rng.integers(1, 4, now.height))]
    closed = now.filter(pl.lit(pl.Series(rng.random(now.height) < CLOSED)))
    both = pl.concat([current.with_columns(over=False), closed.with_columns(over=True)])
    rows = named(both, of, rng).with_columns(theme=weighted(SHARES, both.height, rng))
    rows = rows.unique(["hood", "theme"], keep="first", maintain_order=True)
    rows = rows.sort("force", "hood", "over", maintain_order=True)
    return _dated(rows, rng)


def _dated(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Texts, days and reviews of priorities."""
    count = rows.height
    set_on = later(pl.repeat(date(2025, 1, 10), count, eager=True), 0, 150, rng)
    old = later(pl.repeat(date(2024, 9, 2), count, eager=True), 0, 160, rng)
    acted = later(pl.repeat(AS_OF - timedelta(days=80), count, eager=True), 0, 78, rng)
    action = {theme: [story.action for story in stories] for theme, stories in DONE.items()}
    spoken = pl.col("theme").replace_strict(said.SPOKEN)
    was = pl.col("stale") | pl.col("over")
    begun = pl.when(pl.col("since") > "2000").then(
        (pl.col("since") + "-06").str.to_date(strict=False)
    )
    issue_date = pl.max_horizontal(pl.when(was).then(pl.lit(old)).otherwise(pl.lit(set_on)), begun)
    rows = rows.with_columns(
        priority_id=numbered("P", 5),
        issue=spoken.str.head(1).str.to_uppercase() + spoken.str.slice(1) + ".",
        action=of_each(rows["theme"], action, rng),
        issue_date=issue_date,
        action_date=pl.when(was).then(issue_date + pl.duration(days=30)).otherwise(pl.lit(acted)),
        closed_on=pl.when("over").then(issue_date + pl.duration(days=75)),
        already_public=pl.lit("no"),
        handling=pl.lit("publishable"),
        reviewer_role=chosen(said.REVIEWERS, count, rng),
    ).with_columns(filled("issue"), reviewed_on="action_date")
    return rows.with_columns(reviewed_sha256=hashes(rows, "priorities"))


def serves(rows: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    """Add ``priority_id`` to rows with ``hood`` and ``theme``: the priority they belong to."""
    wanted = of.filter(~pl.col("over")).select("hood", "theme", "priority_id")
    return rows.join(wanted, on=["hood", "theme"], how="left", maintain_order="left")


def problem_plans(of: pl.DataFrame, share: float, rng: np.random.Generator) -> pl.DataFrame:
    """A problem-solving plan for some of the priorities."""
    rows = of.filter(~pl.col("over"))
    rows = rows.filter(pl.lit(pl.Series(rng.random(rows.height) < share)))
    count = rows.height
    opened = later(rows["issue_date"], 5, 30, rng)
    closed = later(opened, 60, 200, rng)
    over = pl.lit(closed) <= AS_OF
    about = pl.col("theme").replace_strict(said.SPOKEN)
    rows = rows.with_columns(
        problem_plan_id=numbered("B", 4),
        problem=pl.format("Most reports are about {}, between 6 and 11 at night.", about),
        analysis=pl.lit("Two groups, one of them from outside the area; poor sight lines."),
        response=pl.lit("Joint patrols, letters, pruning, lights; school and landlord involved."),
        result=pl.when(over).then(pl.lit("Reports fell and have stayed lower.")),
        opened_on=opened,
        review_due_on=later(opened, 80, 100, rng),
        closed_on=pl.when(over).then(pl.lit(closed)),
        handling=pl.lit("internal"),
    ).with_columns(filled("problem"))
    return rows.with_columns(
        secret(name, rng, count) for name in ("problem", "analysis", "response", "result")
    )


def activities(
    grid: pl.DataFrame, of: pl.DataFrame, share: float, rng: np.random.Generator
) -> pl.DataFrame:
    """Hours or visits by month, neighbourhood, type and organisation.

    Args:
        grid: A row for each neighbourhood and month.
        of: The priorities, which patrols and problem-solving serve.
        share: Of the rows that a full log would have.
        rng: The chance to draw from.
    """
    past = grid.filter(pl.col("month") <= AS_OF.strftime("%Y-%m"))
    first = of.filter(~pl.col("over")).unique("hood", keep="first", maintain_order=True)
    parts = []
    for kind, who, often, mean, counted in ACTIVITIES:
        rows = past.filter(pl.lit(pl.Series(rng.random(past.height) < often * share)))
        hours = pl.Series(rng.gamma(4, mean / 4, rows.height).round(1) + 0.5)
        times = 1 + pl.Series(rng.poisson(mean, rows.height))
        parts.append(
            rows.with_columns(
                activity_type=pl.lit(kind),
                organisation_type=pl.lit(who),
                organisation=pl.col("force_name" if who == "police" else "organisation"),
                hours=pl.lit(None, pl.Float64) if counted else hours,
                number=times if counted else pl.lit(None, pl.Int64),
                handling=pl.lit("publishable"),
            )
        )
    rows = pl.concat(parts).sort("force", "month", "hood", maintain_order=True)
    rows = rows.join(
        first.select("hood", "priority_id", "issue_date"),
        on="hood",
        how="left",
        maintain_order="left",
    )
    serving = pl.col("activity_type").is_in(["hotspot_patrol", "problem_solving"])
    since = pl.col("issue_date").dt.strftime("%Y-%m") <= pl.col("month")
    return rows.with_columns(
        activity_id=numbered("V", 7),
        priority_id=pl.when(serving & since).then("priority_id"),
    )
