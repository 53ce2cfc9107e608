"""A force's neighbourhoods side by side: which figures, and one row a neighbourhood.

Only picking published figures, and sums, medians and shares of counts of crimes and outcomes
belongs here. Counts of people are taken as published. There is no rank and no score: rows are in
the order of names, and what the law asks of a force is said in words on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from openbeat.months import months_to
from openbeat.website.language import N_
from openbeat.website.packs.crime import AREA, LEAST_FOR_USUAL
from openbeat.website.site.find import sort_key
from openbeat.website.site.force_facts import SUBMITTED
from openbeat.website.site.sheet import Datatype
from openbeat.website.site.source import Site

LEAST_FOR_SHARE: Final = 50
"""Outcomes that a share is given of; under it, one outcome moves it by more than 2 in 100."""
CHARGED: Final = "charged_or_court"


@dataclass(frozen=True)
class Figure:
    """One column of figures.

    Attributes:
        name: Of the column in the file; its status is ``<name>_status`` where it is a number.
        label: Its heading, a text of the catalogue.
        description: What it is, in English, for the file's description.
        kind: ``count``, ``number``, ``share`` (of 1), ``date`` or ``code``.
        source: The published column it is taken from or made of, ``TABLE.COLUMN``.
    """

    name: str
    label: str
    description: str
    kind: str
    source: str


_YEAR: Final = "the 12 months up to month"
_LOGS: Final = "the 12 calendar months that end with the month of as_of"
CRIME: Final = (
    Figure("crime_total", N_("Newest month"), "Crimes published on police.uk in month.",
            "count", "crime_summary.crime_total"),
    Figure("crime_total_usual", N_("Usual month"),
            "Median of crime_total of the 12 months before, those submitted; not under 6 of them.",
            "number", "crime_summary.crime_total"),
    Figure("crime_total_12m", N_("12 months"), f"Sum of crime_total over {_YEAR}, if submitted.",
            "count", "crime_summary.crime_total_12m"),
)  # fmt: skip
ASB_COUNTS: Final = (
    Figure("antisocial_behaviour", N_("Newest month"),
            "Incidents of anti-social behaviour in month; in no sum of crimes.",
            "count", "crime_summary.antisocial_behaviour"),
    Figure("antisocial_behaviour_usual", N_("Usual month"),
            "Median of antisocial_behaviour of the 12 months before, as crime_total_usual.",
            "number", "crime_summary.antisocial_behaviour"),
    Figure("antisocial_behaviour_12m", N_("12 months"),
            f"Sum of antisocial_behaviour over {_YEAR}, if all were submitted.",
            "count", "crime_summary.antisocial_behaviour"),
)  # fmt: skip
OUTCOMES: Final = (
    Figure("outcomes_12m", N_("Recorded"),
            f"Outcomes recorded in {_YEAR}, if all were submitted; of crimes of any age.",
            "count", "outcomes.count"),
    Figure("outcomes_charged_12m", N_("Charged or in court"),
            "Those of outcomes_12m whose outcome_group is charged_or_court.",
            "count", "outcomes.count"),
    Figure("outcomes_charged_share_12m", N_("Share of outcomes"),
            f"outcomes_charged_12m / outcomes_12m, of {LEAST_FOR_SHARE} outcomes or more.",
            "share", "outcomes.count"),
)  # fmt: skip
MEETINGS: Final = (
    Figure("meetings_12m", N_("In 12 months"), f"Published meetings held in {_LOGS}.",
            "count", "neighbourhood_profile.meetings_12m"),
    Figure("last_meeting_on", N_("Last"), "Day of the last published held meeting.",
            "date", "neighbourhood_profile.last_meeting_on"),
    Figure("next_meeting_on", N_("Next"), "Day of the first published planned meeting.",
            "date", "neighbourhood_profile.next_meeting_on"),
)  # fmt: skip
ISSUES: Final = (
    Figure("issues_raised_12m", N_("Raised in 12 months"), f"Issues raised in {_LOGS}.",
            "count", "neighbourhood_profile.issues_raised_12m"),
    Figure("issues_due", N_("Due an answer"), "Issues raised 90 days before as_of or earlier.",
            "count", "neighbourhood_profile.issues_due"),
    Figure("issues_closed", N_("Of those, answered"),
            "Those of issues_due with an action, a referral or a reason for none.",
            "count", "neighbourhood_profile.issues_closed"),
    Figure("no_feedback_yet", N_("Closed without feedback"),
            "Issues said to be closed, of which nobody can read what was done or why not.",
            "count", "neighbourhood_profile.no_feedback_yet"),
    Figure("median_days_to_feedback", N_("Days to feedback (median)"),
            f"Median days from raised to fed back, of those fed back in {_LOGS}.",
            "number", "neighbourhood_profile.median_days_to_feedback"),
    Figure("actions_overdue", N_("Actions overdue"), "Actions past their date, not completed.",
            "count", "neighbourhood_profile.actions_overdue"),
)  # fmt: skip
PRIORITIES: Final = (
    Figure("priorities", N_("Priorities"), "Published priorities not closed by as_of.",
            "count", "neighbourhood_profile.priorities"),
    Figure("priorities_current", N_("Up to date"),
            "yes where one was set or acted on within 3 months of as_of; no; not_known.",
            "code", "neighbourhood_profile.priorities_current"),
)  # fmt: skip
TOOK_PART: Final = (
    Figure("attendances", N_("Attendances"), "Attendances at events held in quarter; not people.",
            "count", "engagement_reach.attendances"),
    Figure("forms", N_("Monitoring forms"), "Monitoring forms returned in quarter.",
            "count", "engagement_reach.forms"),
)  # fmt: skip
QUERIES: Final = (
    Figure("received", N_("Received"), "Queries received in quarter.",
            "count", "feedback_summary.received"),
    Figure("answered_72h", N_("Answered in 72 hours"), "Those with a reply within 72 hours.",
            "count", "feedback_summary.answered_72h"),
    Figure("answered_72h_share", N_("Share"), "answered_72h / received, as published.",
            "share", "feedback_summary.answered_72h_share"),
)  # fmt: skip
MEASURES: Final = (
    *(*CRIME, *ASB_COUNTS, *OUTCOMES, *MEETINGS, *ISSUES, *PRIORITIES, *TOOK_PART, *QUERIES),
)
NUMBERS: Final = ("count", "number", "share")
DATATYPES: Final[Mapping[str, Datatype]] = {
    "count": "integer",
    "number": "number",
    "share": "number",
    "date": "date",
    "code": "string",
}
"""Kind of a measure to its data type in files."""


def force_rows(site: Site) -> pl.DataFrame:
    """Every neighbourhood of every force with its figures.

    Returns:
        ``month, as_of`` (ISO), ``force_id, force_name, neighbourhood_id, neighbourhood_name, stem,
        population`` with its status, ``quarter`` (of attendances, forms and queries; null where
        none is published) and the columns of ``MEASURES``, each number with ``<name>_status``
        (null known, ``u`` at least that, ``c`` kept back, ``z`` none logged, ``x`` not available,
        ``p`` provisional, ``r`` revised). Sorted by the names of forces and neighbourhoods.
    """
    kept: pl.DataFrame | None = site.__dict__.get("_force_rows")
    if kept is None:
        kept = site.__dict__["_force_rows"] = _made(site)
    return kept


def _made(site: Site) -> pl.DataFrame:
    rows = site.places.with_columns(
        month=pl.lit(site.edition.month), as_of=pl.lit(site.edition.as_of.isoformat())
    )
    for part in (_crime(site), _outcomes(site), _profile(site)):
        rows = rows.join(part, on=AREA, how="left")
    rows = _heard(rows, site)
    rows = rows.with_columns(
        pl.when(pl.col(m.name).is_null())
        .then(pl.col(f"{m.name}_status").fill_null("x"))
        .otherwise(pl.col(f"{m.name}_status"))
        .alias(f"{m.name}_status")
        for m in MEASURES
        if m.kind in NUMBERS
    ).with_columns(pl.col("priorities_current").fill_null("not_known"))
    keys = [pl.Series(map(sort_key, rows[name])) for name in ("force_name", "neighbourhood_name")]
    return (
        rows.with_columns(by_force=keys[0], by_name=keys[1])
        .sort("by_force", "by_name", *AREA)
        .select(columns())
    )


def columns() -> list[str]:
    """The columns of ``force_rows``, in their order."""
    place = (*("month", "as_of", "force_id", "force_name", "neighbourhood_id"),)
    names = [*place, "neighbourhood_name", "stem", "population", "population_status"]
    for measure in MEASURES:
        if measure is TOOK_PART[0]:
            names.append("quarter")
        names.append(measure.name)
        if measure.kind in NUMBERS:
            names.append(f"{measure.name}_status")
    return names


def _crime(site: Site) -> pl.DataFrame:
    """The newest month, the usual one and the sum of 12, whoever reported."""
    month = site.edition.month
    recent = site.tables["crime_summary"].filter(pl.col("month").is_in(months_to(month)))
    newest = pl.col("month") == month
    in_year = pl.col("month").is_in(months_to(month, 12))
    found = []
    for name in ("crime_total", "antisocial_behaviour"):
        known = pl.col(name).filter(pl.col(f"{name}_status").is_null() & ~newest)
        year = pl.col(name).filter(pl.col(f"{name}_status").is_null() & in_year)
        found += [
            pl.col(name).filter(newest).first(),
            pl.col(f"{name}_status").filter(newest).first(),
            pl.when(known.len() >= LEAST_FOR_USUAL).then(known.median()).alias(f"{name}_usual"),
            pl.when(year.len() == 12).then(year.sum()).alias(f"{name}_year"),
        ]
    as_published = [
        pl.col(f"crime_total_12m{end}").filter(newest).first() for end in ("", "_status")
    ]
    return (
        recent.group_by(pl.col("area_force_id").alias("force_id"), AREA[1])
        .agg(*found, *as_published)
        .rename({"antisocial_behaviour_year": "antisocial_behaviour_12m"})
        .drop("crime_total_year")
        .with_columns(
            pl.lit(None, dtype=pl.String).alias(f"{name}_status")
            for name in ("crime_total_usual", "antisocial_behaviour_usual", ASB_COUNTS[2].name)
        )
    )


def _outcomes(site: Site) -> pl.DataFrame:
    """Of places that stood for 12 months and whose force supplied outcomes for all of them."""
    year = months_to(site.edition.month, 12)
    in_year = pl.col("month").is_in(year)
    force = pl.col("area_force_id").alias("force_id")
    stood = (
        site.tables["crime_summary"].filter(in_year).group_by(force, AREA[1]).agg(stood=pl.len())
    )
    names = [measure.name for measure in OUTCOMES]
    gaps = {f"{name}_status": pl.lit(None, dtype=pl.String) for name in names}
    if not {"outcomes", "coverage"} <= site.tables.keys():
        nothing = {name: pl.lit(None, dtype=pl.Float64) for name in names}
        return stood.drop("stood").with_columns(**nothing, **gaps)
    supplied = (
        site.tables["coverage"]
        .filter(in_year & (pl.col("dataset") == "outcomes") & (pl.col("coverage") == SUBMITTED))
        .group_by("force_id")
        .agg(supplied=pl.col("month").n_unique())
    )
    counted = (
        site.tables["outcomes"]
        .filter(in_year & (pl.col("place") == "neighbourhood"))
        .group_by(force, AREA[1])
        .agg(
            pl.col("count").sum().alias(names[0]),
            pl.col("count").filter(pl.col("outcome_group") == CHARGED).sum().alias(names[1]),
        )
    )
    whole = (pl.col("stood") == 12) & (pl.col("supplied") == 12)
    share = (pl.col(names[1]) / pl.col(names[0])).round(4)
    return (
        stood.join(supplied, on="force_id", how="left")
        .join(counted, on=AREA, how="left")
        .with_columns(pl.when(whole).then(pl.col(n).fill_null(0)).alias(n) for n in names[:2])
        .with_columns(pl.when(pl.col(names[0]) >= LEAST_FOR_SHARE).then(share).alias(names[2]))
        .select(*AREA, *names)
        .with_columns(**gaps)
    )


def _profile(site: Site) -> pl.DataFrame:
    """The figures of engagement of ``neighbourhood_profile``; none where there is no such table."""
    listed = (*MEETINGS, *ISSUES, *PRIORITIES)
    names = [
        part
        for m in listed
        for part in (m.name, *([f"{m.name}_status"] if m.kind in NUMBERS else []))
    ]
    if "neighbourhood_profile" not in site.tables:
        return pl.DataFrame(schema=dict.fromkeys((*AREA, *names), pl.String))
    table = site.tables["neighbourhood_profile"].select(*AREA, *names)
    return table.with_columns(pl.col(pl.Date).cast(pl.String))


def _heard(rows: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Adds the newest published quarter of each force, as ``packs.heard`` has it."""
    tables = {
        name: site.tables[name].filter(condition)
        for name, condition in (
            ("engagement_reach", (pl.col("period_type") == "quarter") & _total()),
            ("feedback_summary", pl.col("theme") == "all"),
        )
        if name in site.tables
    }
    periods = [table.select("force_id", "period") for table in tables.values()]
    empty = pl.DataFrame(schema={"force_id": pl.String, "period": pl.String})
    newest = pl.concat([empty, *periods]).group_by("force_id").agg(pl.col("period").max())
    rows = rows.join(newest.rename({"period": "quarter"}), on="force_id", how="left")
    for name, listed in (("engagement_reach", TOOK_PART), ("feedback_summary", QUERIES)):
        rows = _quarter(rows, tables.get(name), [measure.name for measure in listed])
    return rows


def _total() -> pl.Expr:
    return pl.col("category_level") == "total"


def _quarter(rows: pl.DataFrame, table: pl.DataFrame | None, names: list[str]) -> pl.DataFrame:
    """One table's figures of the quarter: a place without rows logged none where its force has."""
    both = [part for name in names for part in (name, f"{name}_status")]
    if table is None:
        return rows.with_columns(
            pl.lit(None, dtype=pl.String if part.endswith("_status") else pl.Float64).alias(part)
            for part in both
        )
    figures = table.select(*AREA, pl.col("period").alias("quarter"), *both, found=pl.lit(True))
    published = figures.select("force_id", "quarter").unique().with_columns(published=True)
    joined = rows.join(figures, on=[*AREA, "quarter"], how="left").join(
        published, on=["force_id", "quarter"], how="left"
    )
    unlogged = pl.col("found").is_null() & pl.col("published").fill_null(value=False)
    return joined.with_columns(
        pl.when(unlogged)
        .then(pl.lit("z"))
        .otherwise(pl.col(f"{name}_status"))
        .alias(f"{name}_status")
        for name in names
    ).drop("found", "published")
