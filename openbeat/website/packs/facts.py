"""What one meeting pack says, as plain data: the JSON of the pack, and what its page shows.

The order is that of a meeting: the next one, what police.uk shows, priorities, what was said and
done, what is open, what was done by whom, what meetings found, who was heard. Nothing is worked
out here that is not in a published table, but for sorting, picking the last 12 months and adding
activities up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any, Final

import polars as pl

from openbeat.engagement.answers import NO_FEEDBACK
from openbeat.engagement.settings import Contact
from openbeat.months import months_to
from openbeat.release.content import ATTRIBUTIONS, LICENCE_TITLE, LICENCE_URL
from openbeat.website import words
from openbeat.website.packs import crime as crime_part
from openbeat.website.packs.crime import AREA, ASB, TOTAL
from openbeat.website.packs.heard import Heard
from openbeat.website.packs.records import COLUMNS, Grouped, Records, grouped, records

Facts = dict[str, Any]
SCHEMA_VERSION: Final = "1.2.0"
_SUMMARY: Final = (
    *("coverage", "by_other_forces", "by_other_forces_status", "crime_total_12m"),
    *("crime_total_12m_status", "months_12m"),
)


@dataclass(frozen=True)
class Edition:
    """What all packs of one release share.

    Attributes:
        release_id: The release they are made from.
        month: Its newest crime month, ``YYYY-MM``.
        as_of: The day up to which engagement is covered.
        publisher: Who publishes.
        notice: A sentence put first, such as that the data is made up; empty for none.
        contacts: By force: how to answer back.
    """

    release_id: str
    month: str
    as_of: date
    publisher: str
    notice: str
    contacts: Mapping[str, Contact]

    @cached_property
    def since(self) -> str:
        """The first day of the 12 months that end with the month of ``as_of``."""
        return f"{self.year_months[0]}-01"

    @cached_property
    def year_months(self) -> list[str]:
        """Those months, oldest first."""
        return months_to(f"{self.as_of:%Y-%m}", 12)

    @property
    def attributions(self) -> list[str]:
        """What the sources' licences ask to be said."""
        return [line.format(year=self.as_of.year) for line in ATTRIBUTIONS]


class Packs:
    """The facts of every pack, from published tables, each grouped once.

    Args:
        tables: The published tables. ``neighbourhoods``, ``crime`` and ``crime_summary`` must be
            there; any other that is not has no rows.
        codelists: Code list name to its frame of strings.
        edition: What all packs share.
    """

    def __init__(
        self,
        tables: Mapping[str, pl.DataFrame],
        codelists: Mapping[str, pl.DataFrame],
        edition: Edition,
    ) -> None:
        self.edition = edition
        self.places = today(tables, codelists)
        month = edition.month
        self._crime = grouped(
            crime_part.series(
                tables["crime"], tables["crime_summary"], codelists["crime_types"], month
            )
        )
        self._other_forces = grouped(crime_part.other_forces(tables["crime"], month))
        self._summary = grouped(_summary(tables["crime_summary"], codelists, month))
        self._outcomes, self._outcome_coverage = _outcomes(tables, codelists, month)
        self._records: dict[str, Grouped] = {
            name: records(name, tables, codelists) for name in COLUMNS
        }
        self._heard = Heard(tables, codelists)

    def __iter__(self) -> Iterator[Facts]:
        """The facts of each neighbourhood that serves the newest month, by force and id."""
        for place in self.places.iter_rows(named=True):
            yield self.of_place(place)

    def of_force(self, force_id: str) -> Facts:
        """What concerns a force as a whole, in the last 12 months or still open.

        Of communities whose place and time are not shown only the year is known: those of this
        year and the last are taken.
        """
        edition, key = self.edition, (force_id, "")
        recent = (str(edition.as_of.year), str(edition.as_of.year - 1))
        events = self._of("engagement_events", key)
        issues = self._of("you_said_we_did", key)
        return {
            "coming_events": _coming(events, edition, "planned"),
            "held_events": _held(events, edition),
            "undated_events": [
                e for e in events if not e["event_date"] and str(e["year"]) in recent
            ],
            **_issues([row for row in issues if row["raised_on"]], edition, None),
            "undated_issues": [
                row for row in issues if not row["raised_on"] and str(row["year"]) in recent
            ],
            "heard": self._heard.of(force_id),
            "year": self._heard.year(force_id),
        }

    def _of(self, table: str, key: tuple[str, str]) -> Records:
        return self._records[table].get(key, [])

    def of_place(self, place: Mapping[str, Any]) -> Facts:
        """The facts of one neighbourhood, a row of ``places``."""
        key = (place["force_id"], place["neighbourhood_id"])
        edition = self.edition
        events = self._of("engagement_events", key)
        coming = _coming(events, edition, "planned")
        held = _held(events, edition)
        last = next((e for e in held if e["is_meeting"] == "yes"), None)
        contact = edition.contacts.get(place["force_id"])
        return {
            **place,
            "schema_version": SCHEMA_VERSION,
            "release_id": edition.release_id,
            "month": edition.month,
            "as_of": edition.as_of.isoformat(),
            "since": edition.since,
            "publisher": edition.publisher,
            "notice": edition.notice,
            "licence": {"title": LICENCE_TITLE, "url": LICENCE_URL},
            "attributions": edition.attributions,
            "contact": None if contact is None else contact.model_dump(),
            "next_meeting": next((e for e in coming if e["is_meeting"] == "yes"), None),
            "coming_events": coming,
            "called_off": _coming(events, edition, "cancelled", "postponed"),
            "last_meeting": last,
            "held_events": held,
            "crime": self._crime_facts(key),
            "outcomes": {
                "coverage": self._outcome_coverage.get(key[0]),
                "groups": self._outcomes.get(key, []),
            },
            "priorities": _priorities(self._of("priorities", key), edition),
            **_issues(self._of("you_said_we_did", key), edition, last),
            "activities": _activities(self._of("activities", key), edition),
            "heard": self._heard.of(*key),
            "profile": next(iter(self._of("neighbourhood_profile", key)), None),
        }

    def _crime_facts(self, key: tuple[str, str]) -> Facts:
        rows = self._crime.get(key, [])
        named = {row["crime_type"]: row for row in rows}
        summary = next(iter(self._summary.get(key, [])), None)
        return {
            "months": months_to(self.edition.month),
            "total": named.get(TOTAL),
            "antisocial_behaviour": named.get(ASB),
            "types": [row for row in rows if row["crime_type"] not in (TOTAL, ASB)],
            "other_forces": self._other_forces.get(key, []),
            **(summary or dict.fromkeys((*_SUMMARY, "coverage_label"))),
        }


def today(
    tables: Mapping[str, pl.DataFrame], codelists: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """force_id, force_name, neighbourhood_id, neighbourhood_name, population: today's, sorted."""
    named = words.labels(codelists.get("forces"))
    if "coverage" in tables:
        named |= dict(tables["coverage"].select("force_id", "force_name").unique().iter_rows())
    return (
        tables["neighbourhoods"]
        .filter(pl.col("valid_to").is_null())
        .unique(AREA, keep="last", maintain_order=True)
        .select(
            "force_id",
            pl.col("force_id").replace(named).alias("force_name"),
            "neighbourhood_id",
            pl.col("name").alias("neighbourhood_name"),
            "population",
            "population_status",
            "population_year",
        )
        .sort(AREA)
    )


def _summary(
    table: pl.DataFrame, codelists: Mapping[str, pl.DataFrame], month: str
) -> pl.DataFrame:
    newest = table.filter(pl.col("month") == month).select(
        pl.col("area_force_id").alias("force_id"),
        "neighbourhood_id",
        *_SUMMARY,
    )
    return words.labelled(newest, {"coverage": "coverage_statuses"}, codelists)


def _outcomes(
    tables: Mapping[str, pl.DataFrame], codelists: Mapping[str, pl.DataFrame], month: str
) -> tuple[Grouped, dict[str, str]]:
    """Outcomes by place, and what each force supplied of them."""
    if "outcomes" not in tables or "coverage" not in tables:
        return {}, {}
    covered = tables["coverage"].filter(
        (pl.col("month") == month) & (pl.col("dataset") == "outcomes")
    )
    counts = crime_part.outcomes(tables["outcomes"], codelists["outcome_groups"], month)
    return grouped(counts), dict(covered.select("force_id", "coverage").iter_rows())


def _coming(events: Records, edition: Edition, *statuses: str) -> Records:
    """Events of these statuses after the day, soonest first."""
    day = edition.as_of.isoformat()
    ahead = [e for e in events if e["status"] in statuses and (e["event_date"] or "") > day]
    return sorted(ahead, key=lambda e: (e["start_at"] or e["event_date"], e["event_id"]))


def _held(events: Records, edition: Edition) -> Records:
    """Events held in the 12 months, newest first."""
    held = [e for e in events if e["status"] == "held" and (e["event_date"] or "") >= edition.since]
    return sorted(held, key=lambda e: (e["event_date"], e["event_id"]), reverse=True)


def _priorities(rows: Records, edition: Edition) -> Records:
    """Those that stand first, newest first; then those closed within the 12 months."""
    kept = [p for p in rows if p["closed_on"] is None or p["closed_on"] >= edition.since]
    newest = sorted(kept, key=lambda p: (p["updated_on"] or "", p["priority_id"]), reverse=True)
    return sorted(newest, key=lambda p: p["closed_on"] is not None)


def _issues(rows: Records, edition: Edition, last: Mapping[str, Any] | None) -> Facts:
    """Answered within the 12 months, newest answer first; and all that are open.

    What was raised at the last meeting or since is marked, and what was answered after it: an
    answer of that day was given there. Of the open ones those raised at the last meeting or since
    come first, then those that are overdue or closed without an answer, each the oldest first.
    """
    since = last["event_date"] if last else None
    marked = [
        {
            **row,
            "answered_on": _answered_on(row),
            "since_last_meeting": since is not None and (row["raised_on"] or "") >= since,
            "answered_since_last_meeting": since is not None and (_answered_on(row) or "") > since,
        }
        for row in rows
    ]
    answered = [row for row in marked if (row["answered_on"] or "") >= edition.since]
    still_open = [row for row in marked if row["closed"] != "yes"]
    return {
        "answered": sorted(
            answered, key=lambda row: (row["answered_on"], row["issue_id"]), reverse=True
        ),
        "open": sorted(still_open, key=_urgency),
    }


def _urgency(row: Mapping[str, Any]) -> tuple[bool, bool, str, str]:
    """What comes first among open issues sorts first."""
    late = row["overdue"] == "yes" or row["status"] == NO_FEEDBACK
    return not row["since_last_meeting"], not late, row["raised_on"] or "", row["issue_id"]


def _answered_on(row: Mapping[str, Any]) -> Any:
    """The day of the answer, as near as it is known; None for what is open."""
    if row["closed"] != "yes":
        return None
    return row["fed_back_on"] or row["completed_on"] or row["decided_on"] or row["raised_on"]


def _activities(rows: Records, edition: Edition) -> Records:
    """By type and organisation: the sums of the month of the day, and of the 12 up to it."""
    months = edition.year_months

    def kind(row: Mapping[str, Any]) -> tuple[str, str]:
        return row["activity_type"], row["organisation"] or ""

    kept = sorted((row for row in rows if row["month"] in months), key=kind)
    return [_activity(list(group), months[-1]) for _, group in groupby(kept, kind)]


def _activity(rows: Records, month: str) -> Facts:
    newest = [row for row in rows if row["month"] == month]
    served = {p for row in rows for p in str(row["priorities_served"] or "").split(";") if p}
    names = ("activity_type", "activity_type_label", "organisation", "organisation_type")
    return {
        **{name: rows[0][name] for name in (*names, "organisation_type_label")},
        "month": month,
        "hours": _sum(newest, "hours"),
        "number": _sum(newest, "number"),
        "hours_12m": _sum(rows, "hours"),
        "number_12m": _sum(rows, "number"),
        "priorities_served": sorted(served),
    }


def _sum(rows: Records, column: str) -> float | None:
    """The sum of what is known; None where nothing is."""
    known = [row[column] for row in rows if row[column] is not None]
    return sum(known) if known else None
