"""Issues and actions of the made-up engagement logs: you said, we did.

What was raised, what became of it and what was done belong here; priorities, problem-solving plans
and monthly activities are in ``engagement_work``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from openbeat.sample import engagement_words as said
from openbeat.sample.engagement_asked import ASKED, SAID, SHARES
from openbeat.sample.engagement_done import DONE, REASONS, REFERRED, UNDERWAY, Done
from openbeat.sample.engagement_draw import (
    AS_OF,
    chosen,
    days,
    drawn,
    filled,
    hashes,
    later,
    numbered,
    of_each,
    secret,
    weighted,
)
from openbeat.sample.engagement_places import named

UNREVIEWED = 0.3  # of the issues of the last month
SECOND = 0.2  # of answered issues have a second action
OVERDUE = 0.15  # of the actions under way
FATES = {"acted": 0.55, "nothing": 0.16, "partner": 0.1, "again": 0.05, "slow": 0.14}
TYPES = {"problems_priorities": 0.7, "crime_disorder": 0.28, "incoming_outgoing": 0.02}
# who leads, as the stories have it -> kind of partner, name of the organisation
OWNERS = {
    "police": ("police", "{force}"),
    "council": ("council", "{council}"),
    "housing": ("housing", "Meadow Housing Association"),
    "business": ("business", "{area} Traders' Association"),
    "voluntary": ("voluntary", "{area} Residents' Association"),
}


def issues(
    held: pl.DataFrame,
    grid: pl.DataFrame,
    of: pl.DataFrame,
    rates: tuple[float, float],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Issues, with ``hood``, names of places and ``fate`` beside their columns.

    Args:
        held: The events that were held.
        grid: A row for each neighbourhood and month.
        of: The neighbourhoods.
        rates: Issues raised at an event, and others in a month, on average.
        rng: The chance to draw from.
    """
    about = [column for column in grid.columns if column != "turn"]
    at = drawn(held, rates[0], rng).select(*about, "event_id", day="day")
    other = drawn(grid, rates[1], rng).select(*about, event_id=pl.lit(None, pl.String))
    other = other.with_columns(day=days(other["month"], rng))
    rows = named(pl.concat([at, other]).filter(pl.col("day") <= AS_OF), of, rng)
    rows = rows.sort("force", "day", "hood", maintain_order=True)
    count = rows.height
    rows = rows.with_columns(
        issue_id=numbered("I", 6),
        theme=weighted(SHARES, count, rng),
        fate=weighted(FATES, count, rng),
        information_type=weighted(TYPES, count, rng),
        times_raised=1 + pl.Series(rng.poisson(1.5, count)),
    )
    rows = rows.with_columns(
        summary_public=of_each(rows["theme"], ASKED, rng), text=of_each(rows["theme"], SAID, rng)
    ).with_columns(filled("summary_public"), filled("text"))
    rows = rows.with_columns(secret("text", rng, count))
    return _reviewed(_closed(_repeats(_dated(rows, rng)), rng), rng)


def _dated(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The days on which the issue would be decided, dealt with and answered."""
    decided = later(rows["day"], 3, 25, rng)
    done = later(decided, 5, 75, rng)
    quick = later(decided, 2, 14, rng)
    return rows.with_columns(
        acknowledged=later(rows["day"], 0, 3, rng),
        decided=decided,
        done=done,
        told=pl.when(pl.col("fate") == "nothing").then(quick).otherwise(later(done, 2, 21, rng)),
    )


def _repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """An issue that repeats another names the first of its theme and place, if there is one."""
    live = pl.when(pl.col("fate") != "again").then("issue_id")
    first = live.drop_nulls().first().over("hood", "theme")
    earlier = first < pl.col("issue_id")
    return rows.with_columns(
        duplicate_of=pl.when((pl.col("fate") == "again") & earlier).then(first),
    ).with_columns(
        fate=pl.when((pl.col("fate") == "again") & pl.col("duplicate_of").is_null())
        .then(pl.lit("slow"))
        .otherwise("fate"),
    )


def _closed(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Where the issue stands on the last day of the logs."""
    count = rows.height
    decided, told = pl.col("decided") <= AS_OF, pl.col("told") <= AS_OF
    ends = {
        "acted": "action_taken",
        "nothing": "no_action",
        "partner": "referred_partner",
        "again": "duplicate",
    }
    over = told & (pl.col("fate") != "slow")
    under_way = pl.when(pl.col("fate") == "slow").then(
        pl.lit(chosen(("accepted", "in_progress"), count, rng))
    )
    status = (
        pl.when(over)
        .then(pl.col("fate").replace_strict(ends, default=None))
        .when(decided & (pl.col("fate") != "nothing"))
        .then(under_way.otherwise(pl.lit("in_progress")))
        .otherwise(pl.lit("open"))
    )
    code = chosen(tuple(REASONS), count, rng)
    words = pl.lit(of_each(code, REASONS, rng))
    rows = rows.with_columns(status=status).with_columns(
        unanswered=pl.col("status").is_in(["open", "accepted", "in_progress"])
    )
    refused = pl.col("status") == "no_action"
    return rows.with_columns(
        raised_on="day",
        duplicate_of=pl.when(pl.col("status") == "duplicate").then("duplicate_of"),
        acknowledged_on=pl.when(pl.col("acknowledged") <= AS_OF).then("acknowledged"),
        decided_on=pl.when(pl.col("status") != "open").then("decided"),
        reason_no_action_code=pl.when(refused).then(pl.lit(code)),
        reason_no_action_text=pl.when(refused).then(words),
        fed_back_on=pl.when(~pl.col("unanswered")).then("told"),
        feedback_channel=pl.when(~pl.col("unanswered")).then(chosen(said.CHANNELS, count, rng)),
        feedback_url=pl.when(~pl.col("unanswered")).then(
            pl.format("https://www.{}.police.example/answers/{}", "force_id", "issue_id")
        ),
        new_response=chosen(("no", "no", "no", "yes"), count, rng),
        routed_to_tasking=chosen(("no", "yes"), count, rng),
        owner_org=pl.when(pl.col("fate") == "partner").then("organisation").otherwise("force_name"),
        owner_role=chosen(("Neighbourhood sergeant", "Neighbourhood constable"), count, rng),
        handling=pl.lit("publishable"),
    )


def _reviewed(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Texts are reviewed when the answer goes out, or soon after the issue was raised."""
    soon = pl.min_horizontal(pl.lit(later(rows["day"], 2, 10, rng)), pl.lit(AS_OF))
    waits = pl.lit(pl.Series(rng.random(rows.height) < UNREVIEWED))
    waits = waits & (pl.col("month") == AS_OF.strftime("%Y-%m"))
    return rows.with_columns(
        reviewer_role=pl.when(~waits).then(pl.lit(chosen(said.REVIEWERS, rows.height, rng))),
        reviewed_on=pl.when(~waits).then(pl.coalesce("fed_back_on", soon)),
        reviewed_sha256=pl.when(~waits).then(pl.lit(hashes(rows, "issues"))),
    )


def actions(raised: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The actions that answer issues; those of open ones are under way, some of them overdue."""
    wanted = raised.filter(
        pl.col("status").is_in(["action_taken", "referred_partner", "accepted", "in_progress"])
    )
    wanted = wanted.with_columns(first=pl.Series(rng.integers(0, 2**31, wanted.height)))
    more = pl.lit(pl.Series(rng.random(wanted.height) < SECOND))
    again = wanted.filter((pl.col("status") == "action_taken") & more)
    turns = pl.concat([wanted.with_columns(turn=0), again.with_columns(turn=1)])
    rows = turns.sort("force", "issue_id", "turn", maintain_order=True)
    rows = _answered(rows, rng)
    count = rows.height
    over = pl.col("completed_on").is_not_null()
    overdue = pl.lit(pl.Series(rng.random(count) < OVERDUE))
    reviewed = pl.coalesce("fed_back_on", "reviewed_on")
    rows = rows.with_columns(
        action_id=numbered("A", 6),
        agreed_on="decided",
        due_on=pl.when(over | overdue)
        .then(pl.lit(later(rows["decided"], 40, 90, rng)))
        .otherwise(pl.lit(later(pl.repeat(AS_OF, count, eager=True), 5, 60, rng))),
        summary_public=pl.when(over).then("summary_public").otherwise("underway"),
        result=pl.when(over).then("result"),
        change_made=pl.when(over).then(pl.col("change_made").replace("", None)),
        evidence_ref=chosen((None, "Folder 3 of the team's drive"), count, rng),
        notes=chosen((None, None, "Owner prefers not to be named."), count, rng),
        reviewer_role=pl.when(reviewed.is_not_null()).then(
            pl.lit(chosen(said.REVIEWERS, count, rng))
        ),
        reviewed_on=reviewed,
    ).with_columns(secret("notes", rng, count), secret("evidence_ref", rng, count))
    return rows.with_columns(
        reviewed_sha256=pl.when(pl.col("reviewed_on").is_not_null()).then(
            pl.lit(hashes(rows, "actions"))
        )
    )


def _answered(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """What was done, by whom, with what result: the next story of the theme for each turn."""
    told: dict[str, tuple[Done, ...]] = {**DONE, "": (REFERRED,)}
    table = pl.DataFrame(
        [
            (theme, place, len(stories), *story)
            for theme, stories in told.items()
            for place, story in enumerate(stories)
        ],
        schema=[
            *("story", "place", "of", "action_type", "owner"),
            *("summary_public", "result", "change_made"),
        ],
        orient="row",
    )
    sizes = table.select("story", "of").unique()
    story = pl.when(pl.col("fate") == "partner").then(pl.lit("")).otherwise("theme")
    rows = rows.drop("summary_public", "owner_org").with_columns(story=story)
    rows = rows.join(sizes, on="story", how="left", maintain_order="left")
    rows = rows.with_columns(place=(pl.col("first") + pl.col("turn")) % pl.col("of"))
    rows = rows.drop("of").join(
        table.drop("of"), on=["story", "place"], how="left", maintain_order="left"
    )
    organisation = pl.col("owner").replace_strict({key: name for key, (_, name) in OWNERS.items()})
    closed = pl.col("status").is_in(["action_taken", "referred_partner"])
    return rows.with_columns(
        lead_partner_type=pl.col("owner").replace_strict(
            {key: kind for key, (kind, _) in OWNERS.items()}
        ),
        owner_org=organisation.str.replace("{force}", pl.col("force_name"), literal=True)
        .str.replace("{council}", pl.col("organisation"), literal=True)
        .str.replace("{area}", pl.col("area"), literal=True),
        underway=of_each(rows["action_type"], UNDERWAY, rng),
        completed_on=pl.when(closed).then("done"),
    )
