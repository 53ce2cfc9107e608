"""Events of the made-up engagement logs, who took part in them, and the plan they follow.

Meetings, surgeries and visits, participation by characteristic and the rolling plan belong here;
what people raised is in ``engagement_issues``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from openbeat.sample import engagement_words as said
from openbeat.sample.engagement_asked import SHARES
from openbeat.sample.engagement_draw import (
    AS_OF,
    BUSY,
    chosen,
    days,
    drawn,
    filled,
    hashes,
    later,
    numbered,
    secret,
    weighted,
)
from openbeat.sample.engagement_places import named

PLAN_GROUPS = (
    *("young_under18", "young_18_24", "older_65plus", "women_girls", "disabled", "asian", "black"),
    *("limited_english", "faith_group", "lgbt", "business", "rural", "victims", "deaf", "carers"),
)
ENOUGH = 8  # attendances for forms to be handed out
RECORDED = date(2025, 1, 1)  # since then every team counts who comes
LONG = 0.5  # share of the forms that ask more than the first four questions
AGES = ("under_18", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus", "prefer_not_to_say")
CHARACTERISTICS: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
    "age": (AGES, (0.06, 0.08, 0.12, 0.15, 0.18, 0.18, 0.2, 0.03)),
    "sex": (("female", "male", "prefer_not_to_say"), (0.53, 0.44, 0.03)),
    "ethnicity": (
        ("white_british", "white_other", "asian_pakistani", "black_african", "prefer_not_to_say"),
        (0.74, 0.08, 0.08, 0.05, 0.05),
    ),
    "disability": (
        ("limited_a_lot", "limited_a_little", "not_disabled", "prefer_not_to_say"),
        (0.06, 0.12, 0.76, 0.06),
    ),
}
FURTHER: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
    "gender_identity": (
        ("same_as_registered", "different_from_registered", "prefer_not_to_say"),
        (0.93, 0.01, 0.06),
    ),
    "religion_or_belief": (
        ("no_religion", "christian", "muslim", "sikh", "jewish", "prefer_not_to_say"),
        (0.4, 0.44, 0.06, 0.01, 0.01, 0.08),
    ),
    "sexual_orientation": (
        ("straight", "gay_or_lesbian", "bi", "prefer_not_to_say"),
        (0.86, 0.03, 0.02, 0.09),
    ),
    "marriage_civil_partnership": (
        ("married_or_civil_partnership", "not_married_or_civil_partnership", "prefer_not_to_say"),
        (0.5, 0.45, 0.05),
    ),
    "pregnancy_maternity": (
        ("pregnant_or_recent", "not_pregnant_or_recent", "prefer_not_to_say"),
        (0.03, 0.92, 0.05),
    ),
    "respondent_role": (
        ("resident", "business", "visitor", "victim", "partner", "not_collected"),
        (0.74, 0.1, 0.04, 0.04, 0.05, 0.03),
    ),
}


def events(
    grid: pl.DataFrame, of: pl.DataFrame, each: int, others: float, rng: np.random.Generator
) -> pl.DataFrame:
    """Events, with ``hood`` and names of places beside their columns.

    Args:
        grid: A row for each neighbourhood and month, planned ones included.
        of: The neighbourhoods.
        each: Months from one regular meeting to the next.
        others: Other events in a month, on average.
        rng: The chance to draw from.
    """
    regular = grid.filter((pl.col("turn") + pl.col("hood")) % each == 0)
    regular = regular.with_columns(kind=pl.col("force") % 2, recurrence=pl.lit("recurring"))
    other = drawn(grid, others, rng)
    shares = {str(len(said.MEETINGS) + n): kind.share for n, kind in enumerate(said.KINDS)}
    other = other.with_columns(
        kind=weighted(shares, other.height, rng).cast(pl.Int64), recurrence=pl.lit("one_off")
    )
    both = named(pl.concat([regular, other], how="vertical_relaxed"), of, rng)
    both = both.with_columns(day=days(both["month"], rng)).sort(
        "force", "day", "hood", "kind", maintain_order=True
    )
    both = both.with_columns(event_id=numbered("E", 5))
    return _reviewed(_told(_timed(_of_kind(both, rng), rng), rng), rng)


def _of_kind(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """What follows from the kind of event: codes and words."""
    kinds = [*said.MEETINGS, *said.KINDS]
    pick = pl.Series(rng.integers(0, 2**31, frame.height))
    table = pl.DataFrame(
        {
            "kind": range(len(kinds)),
            **{
                name: [getattr(kind, source) for kind in kinds]
                for name, source in (
                    *(("method", "method"), ("participation_level", "level")),
                    *(("statutory_basis", "basis"), ("formality", "formality")),
                    *(("focus", "focus"), ("minutes", "minutes"), ("people", "people")),
                    *(("target_groups", "groups"), ("title", "titles"), ("purpose", "purposes")),
                    *(("participants_described", "who"), ("hour", "hours")),
                )
            },
        }
    )
    joined = frame.join(table, on="kind", how="left", maintain_order="left")
    joined = joined.with_columns(
        pl.col(name).list.get(pl.lit(pick) % pl.col(name).list.len())
        for name in ("title", "purpose", "participants_described", "hour")
    )
    joined = joined.with_columns(
        venue_public=pl.col("method").replace_strict(
            said.VENUES, default="{hall}", return_dtype=pl.String
        ),
        target_groups=pl.col("target_groups").replace("", None),
        online=(pl.col("method") == "online_meeting").cast(pl.String),
        series_id=pl.when(pl.col("recurrence") == "recurring").then(
            pl.format("{}-S{}", "force_id", "hood")
        ),
        engagement_level=pl.lit("neighbourhood"),
        community_type=pl.lit("geographic"),
        handling=pl.lit("publishable"),
    )
    texts = ("title", "purpose", "participants_described", "venue_public")
    return joined.with_columns(filled(name).alias(name) for name in texts)


def _timed(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Start, end, notice and whether it was held."""
    count = frame.height
    half = pl.lit(pl.Series(rng.integers(0, 2, count) * 30))
    start = pl.col("day").cast(pl.Datetime) + pl.duration(hours="hour", minutes=half)
    notice = pl.lit(pl.Series(np.where(rng.random(count) < 0.02, 5, rng.integers(9, 36, count))))
    advertised = pl.col("day") - pl.duration(days=notice)
    chance = pl.lit(pl.Series(rng.random(count)))
    past = pl.col("day") <= AS_OF
    status = pl.when(chance < 0.94).then(pl.lit("held")).when(chance < 0.98)
    return frame.with_columns(
        start_at=start.dt.strftime("%Y-%m-%dT%H:%M:%S"),
        end_at=(start + pl.duration(minutes="minutes")).dt.strftime("%Y-%m-%dT%H:%M:%S"),
        advertised_on=pl.when(advertised <= AS_OF).then(advertised),
        advert_channels=chosen(said.ADVERTS, count, rng),
        status=pl.when(past)
        .then(status.then(pl.lit("cancelled")).otherwise(pl.lit("postponed")))
        .otherwise(pl.lit("planned")),
        info_url=pl.format("https://www.{}.police.example/events/{}", "force_id", "event_id"),
    )


def _told(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """What was found, who came and who ran it, for held events."""
    count = frame.height
    spoken = [weighted(SHARES, count, rng) for _ in range(2)]
    spoken[1] = spoken[1].zip_with(spoken[0] != spoken[1], pl.Series(["asb_general"]))
    spoken[0] = spoken[0].zip_with(spoken[0] != spoken[1], pl.Series(["visibility_patrol"]))
    frame = frame.with_columns(
        one=spoken[0].replace_strict(said.SPOKEN), two=spoken[1].replace_strict(said.SPOKEN)
    )
    frame = frame.with_columns(filled(name).alias(name) for name in ("one", "two"))
    came = pl.Series(rng.poisson(frame["people"].to_numpy()) + 1)
    first = pl.Series(rng.binomial(came.to_numpy(), 0.25))
    unrecorded = pl.lit(pl.Series(rng.random(count) < 0.04)) & (pl.col("day") < RECORDED)
    held = pl.col("status") == "held"
    counted = held & ~unrecorded
    pattern = chosen(said.FINDINGS, count, rng)
    capital = pl.col("one").str.head(1).str.to_uppercase() + pl.col("one").str.slice(1)
    partners = [None, None, "{council}", "{council};Meadow Housing Association"]
    return frame.with_columns(
        findings=pl.when(held).then(
            pl.lit(pattern)
            .str.replace("{One}", capital, literal=True)
            .str.replace("{one}", pl.col("one"), literal=True)
            .str.replace("{two}", pl.col("two"), literal=True)
        ),
        topics=pl.lit(spoken[0])
        + pl.when(spoken[0] != spoken[1]).then(";" + spoken[1]).otherwise(pl.lit("")),
        participants_described=pl.when(held).then("participants_described"),
        attendance_total=pl.when(counted & BUSY).then(4 * came + 3).when(counted).then(came),
        first_time_attendees=pl.when(counted).then(first),
        attendance_method=pl.when(counted)
        .then(chosen(("counted", "counted", "estimated", "registered"), count, rng))
        .when(held)
        .then(pl.lit("not_recorded")),
        staff_hours=pl.when(held).then(pl.col("minutes") / 60 * 2 + 1).round(1),
        lead_trained=chosen(("yes", "yes", "no"), count, rng),
        lead_role=chosen(("Neighbourhood sergeant", "Neighbourhood constable", "PCSO"), count, rng),
        chair_type=chosen(("police", "volunteer", "councillor"), count, rng),
        organiser_org=pl.col("force_name"),
        partner_orgs=pl.lit(chosen(partners, count, rng)).str.replace(
            "{council}", pl.col("organisation"), literal=True
        ),
        venue_address=pl.format("{}, {}, {}", "hall", "street", "area"),
        notes=chosen((None, "Key is with the caretaker.", "Bring the banner."), count, rng),
    ).with_columns(secret("venue_address", rng, count), secret("notes", rng, count))


def _reviewed(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Texts of events are reviewed within two weeks; those to come, when they are advertised."""
    after = later(frame["day"], 1, 12, rng)
    return frame.with_columns(
        reviewer_role=chosen(said.REVIEWERS, frame.height, rng),
        reviewed_on=pl.when(pl.col("status") == "held")
        .then(pl.min_horizontal(pl.lit(after), pl.lit(AS_OF)))
        .otherwise(pl.coalesce("advertised_on", pl.lit(AS_OF))),
        reviewed_sha256=hashes(frame, "engagement_events"),
    )


def participation(frame: pl.DataFrame, share: float, rng: np.random.Generator) -> pl.DataFrame:
    """Forms by characteristic, for a share of the held events at which enough people came.

    All forms ask four questions, about half of them the other six too.
    """
    enough = frame.filter(pl.col("attendance_total") >= ENOUGH)
    enough = enough.filter(pl.lit(pl.Series(rng.random(enough.height) < share)))
    forms = rng.binomial(enough["attendance_total"].to_numpy().astype(np.int64), 0.6)
    enough = enough.select("event_id", "attendance_total", forms=forms)
    longer = enough.filter(pl.lit(pl.Series(rng.random(enough.height) < LONG)))
    return (
        pl.concat([*_answers(enough, CHARACTERISTICS, rng), *_answers(longer, FURTHER, rng)])
        .filter(pl.col("count") > 0)
        .sort("event_id", "characteristic", maintain_order=True)
        .with_columns(basis=pl.lit("self_declared"), handling=pl.lit("publishable"))
    )


def _answers(
    events: pl.DataFrame,
    asked: Mapping[str, tuple[tuple[str, ...], tuple[float, ...]]],
    rng: np.random.Generator,
) -> list[pl.DataFrame]:
    """How many forms of each event gave which answer, a frame a question."""
    forms = events["forms"].to_numpy()
    return [
        pl.DataFrame(
            {
                "event_id": np.repeat(events["event_id"].to_numpy(), len(answers)),
                "characteristic": pl.repeat(question, len(answers) * len(forms), eager=True),
                "category": list(answers) * len(forms),
                "count": rng.multinomial(forms, shares).ravel(),
                "forms_returned": np.repeat(forms, len(answers)),
                "attendances": np.repeat(
                    events["attendance_total"].to_numpy().astype(np.int64), len(answers)
                ),
            }
        )
        for question, (answers, shares) in asked.items()
    ]


def plan(
    grid: pl.DataFrame, held: pl.DataFrame, share: float, rng: np.random.Generator
) -> pl.DataFrame:
    """The rolling plan: a group now and then in each neighbourhood, most of it delivered.

    Args:
        grid: A row for each neighbourhood and month.
        held: The events, of which one of the month and place delivers a group.
        share: Groups planned in a month.
        rng: The chance to draw from.
    """
    rows = drawn(grid, share, rng)
    rows = rows.with_columns(group_code=chosen(PLAN_GROUPS, rows.height, rng)).unique(
        ["hood", "month", "group_code"], keep="first", maintain_order=True
    )
    first = held.filter(pl.col("status") == "held").unique(
        ["hood", "month"], keep="first", maintain_order=True
    )
    rows = rows.join(
        first.select("hood", "month", "event_id", "method"),
        on=["hood", "month"],
        how="left",
        maintain_order="left",
    )
    count = rows.height
    past = pl.col("month") <= AS_OF.strftime("%Y-%m")
    reached = past & pl.col("event_id").is_not_null() & pl.lit(pl.Series(rng.random(count) < 0.8))
    missed = chosen(("cancelled", "moved", "planned"), count, rng)
    return rows.with_columns(
        plan_id=numbered("L", 5),
        planned_month=pl.col("month"),
        event_id=pl.when(reached).then("event_id"),
        method=pl.coalesce("method", pl.lit("surgery_or_drop_in")),
        status=pl.when(reached)
        .then(pl.lit("delivered"))
        .when(past)
        .then(missed)
        .otherwise(pl.lit("planned")),
        owner_role=chosen(("Engagement officer", "Neighbourhood constable"), count, rng),
        location=pl.format("Usual room in {}", "area"),
        handling=pl.lit("publishable"),
    ).with_columns(secret("location", rng, count))
