"""Valid conformed rows to make published tables from, and a small country around them.

``rows("issues", {"issue_id": "I1", ...})`` fills in what a test does not care about; what openbeat
derives from a record's own columns is derived here too, unless the test gives it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from openbeat import codelists
from openbeat.contract import Contract, load_contracts
from openbeat.engagement.publish import engagement_tables
from openbeat.engagement.settings import EngagementSettings
from openbeat.engagement.tables import TABLES
from openbeat.months import month_range
from openbeat.policeuk import vocabulary

CONTRACTS: Mapping[str, Contract] = load_contracts(
    Path(__file__).parents[3] / "expectations" / "contracts"
)
AS_OF = date(2025, 7, 31)
MONTHS = month_range("2022-07", "2025-06")
PUBLISHED = (
    *("engagement_events", "you_said_we_did", "activities", "priorities"),
    *("engagement_plan_delivery", "neighbourhood_profile"),
)
Row = Mapping[str, Any]

_REVIEWED = {"reviewer_role": "editor", "reviewed_on": date(2025, 1, 1), "review": "reviewed"}
_EVENT = {
    "status": "held",
    "start_at": "2025-03-04T18:30:00Z",
    "organiser_org": "Kent Police",
    "community_type": "geographic",
    "engagement_level": "neighbourhood",
    "participation_level": "consult",
    "method": "public_meeting",
    "title": "Ward meeting",
    "purpose": "To hear what matters here",
    "participants_described": "Residents and the ward councillor",
    "findings": "Speeding on the main road",
    "participants_block": "number",
    "attendance_total": 12,
}
_ISSUE = {
    "raised_on": date(2025, 3, 4),
    "theme": "burglary",
    "information_type": "problems_priorities",
    "status": "open",
    "summary_public": "More patrols at night",
}
_ACTION = {
    "action_type": "patrol",
    "owner_org": "Kent Police",
    "agreed_on": date(2025, 3, 10),
    "summary_public": "Patrols at night",
}
VALID: Mapping[str, Row] = {
    "engagement_events": _EVENT | _REVIEWED,
    "participation": {
        "event_id": "E1",
        "characteristic": "age",
        "category": "25_34",
        "count": 3,
        "basis": "self_declared",
        "forms_returned": 6,
        "attendances": 12,
    },
    "issues": _ISSUE | _REVIEWED,
    "actions": _ACTION | _REVIEWED,
    "activities": {
        "month": "2025-03",
        "activity_type": "foot_patrol",
        "organisation": "Kent Police",
        "organisation_type": "police",
        "hours": 2.5,
    },
    "problem_plans": {},
    "feedback": {
        "received_at": "2025-03-04T12:00:00Z",
        "channel": "email",
        "kind": "query",
        "theme": "burglary",
    },
    "priorities": {"issue": "Burglary", "action": "Patrols", "issue_date": date(2025, 6, 1)}
    | _REVIEWED,
    "engagement_plan": {
        "group_code": "rural",
        "planned_month": "2025-03",
        "method": "street_briefing",
        "status": "planned",
    },
    "consultations": {},
    "impact_assessments": {},
    "survey_indicators": {},
}


def rows(table: str, *given: Row) -> pl.DataFrame:
    """A conformed frame: valid rows with what is given laid over them."""
    schema = CONTRACTS[TABLES[table].contract].polars_schema()
    made = []
    for number, own in enumerate(given):
        row = {
            TABLES[table].id: f"{table}-{number}",
            "force_id": "kent",
            "neighbourhood_id": "A",
            "handling": "publishable",
            "source": f"{table}-log",
            "line": number + 2,
            "version": 1,
            **VALID[table],
            **own,
        }
        made.append({**dict.fromkeys(schema), **_derived(table, row), **row})
    picked = [{name: row[name] for name in schema} for row in made]
    return pl.DataFrame(picked, schema=schema, orient="row")


def _derived(table: str, row: Row) -> dict[str, Any]:
    """What follows from the row alone."""
    if table == "engagement_events":
        start = datetime.strptime(str(row["start_at"]), "%Y-%m-%dT%H:%M:%SZ")
        day = start.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/London")).date()
        told = row.get("advertised_on")
        return {
            "event_date": day,
            "month": f"{day:%Y-%m}",
            "notice_days": (day - told).days if told else None,
        }
    if table == "issues":
        closing = codelists.load("issue_statuses").filter(pl.col("closed") == "yes")["code"]
        raised = row["raised_on"]
        return {
            "month": f"{raised:%Y-%m}" if raised else None,
            "closed": "yes" if row["status"] in closing else None,
        }
    if table == "priorities":
        updated = max(filter(None, (row.get("issue_date"), row.get("action_date"))), default=None)
        return {"updated_on": updated, "month": f"{updated:%Y-%m}" if updated else None}
    if table in ("engagement_plan", "feedback"):
        return {"month": str(row.get("planned_month") or row.get("received_at"))[:7]}
    if table == "actions":
        return {"month": f"{row['agreed_on']:%Y-%m}"}
    return {}


def records_of(conformed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The register of records as intake leaves it: none has a disposition yet."""
    nothing = pl.lit(None, dtype=pl.String)
    return pl.concat(
        frame.select(
            "source",
            pl.lit(table).alias("table"),
            pl.col(TABLES[table].id).alias("record_id"),
            "line",
            nothing.alias("disposition"),
            nothing.alias("reason"),
        )
        for table, frame in conformed.items()
    )


def neighbourhoods(
    *given: tuple[str, str, str], population: int | None = 5000, valid_from: str = MONTHS[0]
) -> pl.DataFrame:
    """The published neighbourhoods: (force, id, name); Kent's A and B and Essex's E by default."""
    places = given or (("kent", "A", "Ash"), ("kent", "B", "Birch"), ("essex", "E", "Elm"))
    schema = CONTRACTS["neighbourhoods"].polars_schema()
    return pl.DataFrame(
        [
            {
                **dict.fromkeys(schema),
                "force_id": force,
                "neighbourhood_id": place,
                "name": name,
                "valid_from": valid_from,
                "population": population,
                "population_status": None if population else "x",
                "area_km2": 1.0,
                "repaired": False,
                "overlaps": 0,
            }
            for force, place, name in places
        ],
        schema=schema,
    )


def crime(
    counts: Mapping[str, int], months: Sequence[str] = MONTHS[-12:], place: str = "A"
) -> pl.DataFrame:
    """The published crime of one of Kent's neighbourhoods: so many of a type each month."""
    schema = CONTRACTS["crime"].polars_schema()
    return pl.DataFrame(
        [
            {
                **dict.fromkeys(schema),
                "month": month,
                "force_id": "kent",
                "force_name": "Kent Police",
                "place": "neighbourhood",
                "area_force_id": "kent",
                "neighbourhood_id": place,
                "neighbourhood_name": "Ash",
                "crime_type": kind,
                "crime_type_code": kind.lower(),
                "count": counts.get(kind, 0),
                "coverage": "submitted",
            }
            for month in months
            for kind in vocabulary.crime_types_of(month)
        ],
        schema=schema,
    )


def crime_summary(
    total: int | None = 120, status: str | None = None, place: str = "A"
) -> pl.DataFrame:
    """The totals of one of Kent's neighbourhoods in the newest month."""
    schema = CONTRACTS["crime_summary"].polars_schema()
    row = {
        **dict.fromkeys(schema),
        "month": MONTHS[-1],
        "area_force_id": "kent",
        "neighbourhood_id": place,
        "name": "Ash",
        "coverage": "submitted",
        "crime_total_12m": total,
        "crime_total_12m_status": status,
        "months_12m": 12,
    }
    return pl.DataFrame([row], schema=schema)


TEAMS = pl.Schema(
    {
        "force_id": pl.String(),
        "neighbourhood_id": pl.String(),
        "named_officers": pl.Int64(),
        "team_url": pl.String(),
        "seen_on": pl.Date(),
    }
)
FORCES = pl.DataFrame(
    {
        "force_id": ["essex", "kent"],
        "name": ["Essex Police", "Kent Police"],
        "crime_id_scope": ["force", "force"],
        "supplies": ["street", "street"],
    }
)


def tables(
    conformed: Mapping[str, Sequence[Row] | pl.DataFrame] | None = None, **given: Any
) -> dict[str, pl.DataFrame]:
    """Every table of engagement, made from these rows by table; the others are empty."""
    given_rows = conformed or {}
    frames = {}
    for table in TABLES:
        own = given_rows.get(table, ())
        frames[table] = own if isinstance(own, pl.DataFrame) else rows(table, *own)
    arguments: dict[str, Any] = {
        "records": records_of(frames),
        "months": MONTHS,
        "as_of": AS_OF,
        "neighbourhoods": neighbourhoods(),
        "forces": FORCES,
        "crime": crime({}, ()),
        "crime_summary": crime_summary().clear(),
        "teams": pl.DataFrame(schema=TEAMS),
        "settings": EngagementSettings(),
    }
    made = engagement_tables(frames, **(arguments | given))
    return made | {"engagement_events": with_attendances(made["engagement_events"])}


def with_attendances(events: pl.DataFrame) -> pl.DataFrame:
    """The events with the columns that disclosure control adds, none of them published."""
    status = (
        pl.when(pl.col("sensitive") == "yes")
        .then(pl.lit("c"))
        .when(pl.col("status") == "held")
        .then(pl.lit("x"))
        .otherwise(pl.lit("z"))
    )
    added = events.with_columns(
        pl.lit(None, dtype=pl.Int64).alias("attendances"), status.alias("attendances_status")
    )
    return added.select(CONTRACTS["engagement_events"].polars_schema().names())
