"""Published tables as a release would hold them, for one small force and what else a test adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.contract import load_contract
from openbeat.months import months_to
from openbeat.website.packs.records import COLUMNS

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
MONTH = "2025-06"
AS_OF = date(2025, 7, 31)
MONTHS = months_to(MONTH, 24)
FORCE = "northshire"
PLACE = {
    "force_id": FORCE,
    "force_name": "Northshire Police",
    "neighbourhood_id": "NB01",
    "neighbourhood_name": "Harbour and Old Town",
}
OTHER = {**PLACE, "neighbourhood_id": "NB02", "neighbourhood_name": "Whitmoor"}

TYPES = {
    "Bicycle theft": 2,
    "Burglary": 5,
    "Criminal damage and arson": 9,
    "Drugs": 4,
    "Other crime": 2,
    "Other theft": 8,
    "Possession of weapons": 1,
    "Public order": 7,
    "Robbery": 1,
    "Shoplifting": 16,
    "Theft from the person": 2,
    "Vehicle crime": 6,
    "Violence and sexual offences": 31,
    "Anti-social behaviour": 22,
}
_WOBBLE = (0, 1, -1, 2, 0, 3, 1, -2, 0, 4, -1, 1, 2)


def event(event_id: str, **values: Any) -> dict[str, Any]:
    """A held public meeting with all that the guidance asks for."""
    return {
        **PLACE,
        "event_id": event_id,
        "year": 2025,
        "event_date": date(2025, 6, 12),
        "status": "held",
        "method": "public_meeting",
        "is_meeting": "yes",
        "title": "Harbour neighbourhood meeting",
        "purpose": "To hear what matters to residents and report back.",
        "topics": "burglary;asb_general",
        "organiser_org": "Northshire Police",
        "partner_orgs": "Northshire Council;Harbour Housing",
        "chair_type": "councillor",
        "online": False,
        "start_at": "2025-06-12T18:00:00Z",
        "end_at": "2025-06-12T19:30:00Z",
        "venue": "Seamen's Hall, Quay Street",
        "participants": "Residents of the harbour streets, two shopkeepers and a youth worker",
        "participants_recorded": "yes",
        "attendances": 43,
        "findings": "Lighting on the quay steps and late noise were raised most.",
        **values,
    }


def planned(event_id: str, day: date, **values: Any) -> dict[str, Any]:
    """A meeting that is to come, at 7 pm London time of a summer's day."""
    return event(
        event_id,
        **{
            "status": "planned",
            "event_date": day,
            "start_at": f"{day.isoformat()}T18:00:00Z",
            "end_at": f"{day.isoformat()}T19:30:00Z",
            "participants": None,
            "participants_recorded": None,
            "attendances": None,
            "attendances_status": "z",
            "findings": None,
            "info_url": "https://www.northshire.example/meetings",
            **values,
        },
    )


def issue(issue_id: str, **values: Any) -> dict[str, Any]:
    """An issue that was answered with an action and its result."""
    return {
        **PLACE,
        "issue_id": issue_id,
        "year": 2025,
        "raised_on": date(2025, 4, 10),
        "theme": "environment_lighting",
        "theme_label": "Environment and lighting",
        "information_type": "problems_priorities",
        "asked": "Can the quay steps be lit at night",
        "status": "action_taken",
        "closed": "yes",
        "action": "New lamps were put up on the quay steps with the council",
        "action_type": "environmental_change",
        "action_by": "Northshire Council",
        "result": "The steps are lit from dusk to dawn",
        "decided_on": date(2025, 4, 24),
        "completed_on": date(2025, 5, 20),
        "fed_back_on": date(2025, 6, 12),
        "feedback_channel": "in_person",
        "owner_org": "Northshire Council",
        "overdue": "no",
        **values,
    }


def open_issue(issue_id: str, **values: Any) -> dict[str, Any]:
    """An issue that nobody has answered."""
    empty = ("action", "action_type", "action_by", "result", "decided_on", "completed_on")
    return issue(
        issue_id,
        **{
            **dict.fromkeys((*empty, "fed_back_on", "feedback_channel")),
            "status": "open",
            "closed": "no",
            **values,
        },
    )


def priority(priority_id: str, **values: Any) -> dict[str, Any]:
    """A current priority."""
    return {
        **PLACE,
        "priority_id": priority_id,
        "theme": "vehicle_nuisance",
        "issue": "Nuisance scooters on the promenade",
        "action": "Evening patrols with the council's wardens, and signs at each end",
        "issue_date": date(2025, 5, 2),
        "action_date": date(2025, 6, 20),
        "updated_on": date(2025, 6, 20),
        "current": "yes",
        **values,
    }


def activity(month: str, activity_type: str = "foot_patrol", **values: Any) -> dict[str, Any]:
    """36 hours on foot."""
    return {
        **PLACE,
        "month": month,
        "activity_type": activity_type,
        "organisation": "Northshire Police",
        "organisation_type": "police",
        "hours": 36.0,
        "number_status": "x",
        **values,
    }


def engagement(table: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as a published engagement table, its columns that are not published filled too."""
    contract = load_contract(CONTRACTS / f"{table}.yaml")
    hidden = [c.name for c in contract.columns if not c.published and c.type == "string"]
    secret = {name: f"SECRET-{name}" for name in hidden}
    return pl.DataFrame([{**secret, **row} for row in rows], schema=contract.polars_schema())


def crime_tables(
    *places: Mapping[str, str], coverage: Mapping[str, str] | None = None
) -> dict[str, pl.DataFrame]:
    """``crime``, ``crime_summary``, ``coverage``, ``neighbourhoods``, ``outcomes`` of 24 months.

    Args:
        places: Besides the first, quieter ones.
        coverage: By month what the force supplied, where that is not ``submitted``.
    """
    said = {month: (coverage or {}).get(month, "submitted") for month in MONTHS}
    rows = [
        {**place, "month": m, "crime_type": t, "count": _count(n, i, p)}
        for p, place in enumerate(places)
        for i, m in enumerate(MONTHS)
        for t, n in TYPES.items()
        if said[m] in ("submitted", "partial_suspected")
    ]
    crime = pl.DataFrame(
        rows,
        schema={**dict.fromkeys((*PLACE, "month", "crime_type"), pl.String), "count": pl.Int64},
    ).with_columns(
        pl.lit("neighbourhood").alias("place"), pl.col("force_id").alias("area_force_id")
    )
    railway = crime.filter(
        (pl.col("crime_type") == "Robbery") & (pl.col("month") == MONTH)
    ).with_columns(
        pl.lit("btp").alias("force_id"),
        pl.lit("British Transport Police").alias("force_name"),
        pl.lit(2, dtype=pl.Int64).alias("count"),
    )
    crime = pl.concat([crime, railway])
    return {
        "crime": crime,
        "crime_summary": _summary(crime, places, said),
        "coverage": _coverage(said),
        "neighbourhoods": _neighbourhoods(places),
        "outcomes": _outcomes(places[0]),
    }


def _count(usual: int, month: int, place: int) -> int:
    return max(0, (usual + _WOBBLE[(month * 5 + usual) % 13]) // (1 + place))


def _summary(
    crime: pl.DataFrame, places: Iterable[Mapping[str, str]], said: Mapping[str, str]
) -> pl.DataFrame:
    asb = pl.col("crime_type") == "Anti-social behaviour"
    sums = crime.group_by("month", "area_force_id", "neighbourhood_id").agg(
        pl.col("count").filter(~asb).sum().alias("crime_total"),
        pl.col("count").filter(asb).sum().alias("antisocial_behaviour"),
        pl.col("count").filter(pl.col("force_id") == "btp").sum().alias("by_other_forces"),
    )
    months = pl.DataFrame({"month": list(said), "coverage": list(said.values())})
    base = pl.DataFrame(
        [{k: p[k] for k in ("force_id", "neighbourhood_id")} for p in places]
    ).rename({"force_id": "area_force_id"})
    partial = pl.col("coverage") == "partial_suspected"
    status = (
        pl.when(pl.col("coverage") == "submitted")
        .then(pl.lit(None, dtype=pl.String))
        .when(partial)
        .then(pl.lit("u"))
        .otherwise(pl.lit("x"))
    )
    whole = all(value == "submitted" for value in list(said.values())[-12:])
    return (
        base.join(months, how="cross")
        .join(sums, on=["month", "area_force_id", "neighbourhood_id"], how="left")
        .with_columns(
            status.alias("crime_total_status"),
            status.alias("antisocial_behaviour_status"),
            pl.lit(None, dtype=pl.String).alias("by_other_forces_status"),
            pl.lit(1127 if whole else None, dtype=pl.Int64).alias("crime_total_12m"),
            pl.lit(None if whole else "x", dtype=pl.String).alias("crime_total_12m_status"),
            pl.lit(12 if whole else 11, dtype=pl.Int64).alias("months_12m"),
        )
    )


def _coverage(said: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "month": month,
                "force_id": FORCE,
                "force_name": PLACE["force_name"],
                "dataset": dataset,
                "coverage": value,
            }
            for month, value in said.items()
            for dataset in ("street", "outcomes")
        ]
    )


def _neighbourhoods(places: Iterable[Mapping[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "force_id": place["force_id"],
                "neighbourhood_id": place["neighbourhood_id"],
                "name": place["neighbourhood_name"],
                "valid_from": MONTHS[0],
                "valid_to": None,
                "population": 8412,
                "population_status": None,
                "population_year": 2023,
            }
            for place in places
        ],
        schema_overrides={"valid_to": pl.String, "population_status": pl.String},
    )


def _outcomes(place: Mapping[str, str]) -> pl.DataFrame:
    counts = {"charged_or_court": 9, "out_of_court": 3, "no_suspect": 31, "evidential": 24}
    return pl.DataFrame(
        [
            {
                "month": MONTH,
                "force_id": FORCE,
                "place": "neighbourhood",
                "area_force_id": FORCE,
                "neighbourhood_id": place["neighbourhood_id"],
                "outcome_group": group,
                "count": count,
            }
            for group, count in counts.items()
        ]
    )


def profile(**values: Any) -> dict[str, Any]:
    """The open figures of the place."""
    return {
        **PLACE,
        "population": 8412,
        "months_with_event_12m": 7,
        "meetings_12m": 4,
        "last_meeting_on": date(2025, 6, 12),
        "next_meeting_on": date(2025, 9, 11),
        "issues_raised_12m": 9,
        "issues_due": 8,
        "issues_closed": 6,
        "closure_rate": 0.75,
        "median_days_to_feedback": 38.0,
        "actions_overdue": 1,
        "priorities_current": "yes",
        "named_officer": "yes",
        "team_url": "https://www.police.uk/pu/your-area/northshire/harbour",
        "flags": "overdue_actions",
        "flag_reasons": "no open priority was updated in the 3 months up to 2025-07-31; "
        "actions overdue: 1",
        **values,
    }


def tables(**rows: Iterable[Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """All published tables of two neighbourhoods; engagement rows as given, else none."""
    return crime_tables(PLACE, OTHER) | {
        name: engagement(name, rows.get(name, ())) for name in COLUMNS
    }


def busy_tables() -> dict[str, pl.DataFrame]:
    """A neighbourhood with something of everything."""
    return tables(
        engagement_events=[
            planned("EV-20", date(2025, 9, 11), title="Harbour neighbourhood meeting"),
            planned(
                "EV-21",
                date(2025, 8, 16),
                title="Meet your team at the market",
                method="community_event_stall",
                is_meeting="no",
                venue="Market Square",
                start_at="2025-08-16T09:00:00Z",
                end_at="2025-08-16T11:00:00Z",
            ),
            event("EV-12"),
            event(
                "EV-09",
                event_date=date(2025, 3, 13),
                title="Spring ward panel",
                method="ward_or_beat_panel",
                participants_recorded="no",
                attendances=None,
                attendances_status="x",
                participants="Ward panel members and residents of Whitmoor Road",
                findings="The panel set scooters and burglary as priorities.",
                chair_type="volunteer",
            ),
        ],
        you_said_we_did=[
            issue("IS-31"),
            issue(
                "IS-27",
                raised_on=date(2025, 3, 13),
                theme_label="Road safety and speeding",
                asked="Could speed bumps be put on Whitmoor Road",
                status="no_action",
                action=None,
                action_type=None,
                action_by=None,
                result=None,
                completed_on=None,
                reason_no_action="not_police_matter",
                reason_text="The council decides on road layouts; we passed the request on to it",
                fed_back_on=date(2025, 5, 2),
                feedback_channel="email",
                feedback_url="https://www.northshire.example/answers/27",
            ),
            issue(
                "IS-25",
                raised_on=date(2025, 2, 4),
                theme_label="Burglary",
                asked="Sheds on the allotments are broken into each winter",
                action="Property marking day with plot holders; dusk patrols for six weeks",
                action_type="prevention_advice;patrol",
                action_by="Northshire Police;Allotment Society",
                result="No further break-in was reported to the society by the end of May",
                what_changed="Marking days are now held each October",
                completed_on=date(2025, 4, 3),
                fed_back_on=date(2025, 4, 15),
            ),
            open_issue(
                "IS-33",
                raised_on=date(2025, 6, 12),
                theme_label="Noise",
                asked="Late noise from the bars on Quay Street, Thursday to Saturday",
                status="in_progress",
                action="Joint licensing visits with the council",
                action_type="enforcement",
                action_by="Northshire Police",
                decided_on=date(2025, 6, 19),
                due_on=date(2025, 7, 15),
                overdue="yes",
                owner_org="Northshire Police",
            ),
            open_issue(
                "IS-34",
                raised_on=date(2025, 7, 3),
                theme_label="Drugs",
                asked=None,
                asked_status="c",
                owner_org="Northshire Police",
            ),
            open_issue(
                "IS-20",
                raised_on=date(2024, 11, 8),
                theme_label="Visibility and patrol",
                asked="Nobody has seen an officer on the Whitmoor estate on foot",
                status="no_feedback_yet",
            ),
        ],
        activities=[
            activity("2025-07"),
            *(activity(month, hours=30.0) for month in months_to("2025-06", 11)),
            activity(
                "2025-07",
                "problem_solving",
                hours=None,
                number=3,
                organisation="Northshire Council",
                organisation_type="council",
            ),
            activity("2025-03", "enforcement_operation", hours=14.5, number=2),
        ],
        priorities=[
            priority("PR-2"),
            priority(
                "PR-1",
                theme="burglary",
                issue="Burglary of sheds and garages",
                action=None,
                issue_date=date(2025, 1, 20),
                action_date=None,
                updated_on=date(2025, 1, 20),
                current="no",
            ),
        ],
        neighbourhood_profile=[profile()],
    )
