"""What each key of a pack's JSON means. ``keys.json`` beside the packs is this, word for word.

``[]`` stands for each item of a list. Keys of published tables mean what the release's
``dictionary.csv`` says of the column of the same name; only further ones are written out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from openbeat.website import words
from openbeat.website.packs.records import COLUMNS

_EVENT: Final = "Columns of engagement_events, with the labels of codes as <column>_label."
_ISSUE: Final = "Columns of you_said_we_did, with the labels of codes as <column>_label."
_STATUS: Final = (
    "null known; c not shown to protect people; x not available; z none logged here;"
    " p provisional; r revised."
)
_WHY: Final = "The sentence that says why it is not shown; null where it is."
_MEASURES: Final[Mapping[str, str]] = {
    f"heard.quarters[].{name}{end}": text
    for name, label in words.HEARD.items()
    for end, text in (("", f"{label}."), ("_status", _STATUS), ("_why", _WHY))
}

KEYS: Final[Mapping[str, str]] = {
    "schema_version": "Version of these keys; a change that breaks a reader raises the first part.",
    "release_id": "The release that the pack is made from.",
    "month": "The newest crime month, YYYY-MM.",
    "as_of": "The day up to which engagement is covered, YYYY-MM-DD.",
    "since": "The first day of the 12 calendar months that end with the month of as_of.",
    "publisher": "Who publishes.",
    "notice": "A sentence to be shown first; empty for none.",
    "licence": "title and url of the licence.",
    "attributions": "Sentences that the sources' licences ask to be shown.",
    "force_id": "The force whose neighbourhood it is (police.uk slug).",
    "force_name": "Its name.",
    "neighbourhood_id": "The force's own id; unique only within the force.",
    "neighbourhood_name": "Name.",
    "population": "Usual residents.",
    "population_status": "Status of population: null known, x not available.",
    "population_year": "The year the population is of.",
    "contact": "How to answer back: name, url, email, phone; null where none is set.",
    "next_meeting": f"The soonest planned meeting after as_of, or null. {_EVENT}",
    "coming_events": f"Every planned event after as_of, soonest first. {_EVENT}",
    "called_off": f"Cancelled and postponed events of days after as_of. {_EVENT}",
    "last_meeting": f"The newest meeting of held_events, or null. {_EVENT}",
    "held_events": f"Events held on the day since or later, newest first. {_EVENT}",
    "crime": "What police.uk shows for the place, from every force.",
    "crime.months": "The 13 months that values and statuses are of, oldest first.",
    "crime.total": "All crimes, without anti-social behaviour; as an item of crime.types.",
    "crime.antisocial_behaviour": "Incidents of anti-social behaviour; as an item of crime.types.",
    "crime.types": "One item a crime type, in the order of the code list.",
    "crime.types[].crime_type": "Crime type as police.uk writes it; total for all crimes.",
    "crime.types[].values": "Incidents in each of crime.months; null where not available.",
    "crime.types[].statuses": "null known, u low reliability (at least), x not available.",
    "crime.types[].latest": "The last of values.",
    "crime.types[].latest_status": "The last of statuses.",
    "crime.types[].usual": "Median of the 12 months before, those known; null if fewer than 6 are.",
    "crime.types[].lowest": "Least of those months.",
    "crime.types[].highest": "Most of those months.",
    "crime.types[].usual_months": "How many of those 12 months are known.",
    "crime.coverage": "What the neighbourhood's own force supplied for the month.",
    "crime.coverage_label": "The same in words.",
    "crime.by_other_forces": "Those of the month's total that another force reported.",
    "crime.by_other_forces_status": "Its status.",
    "crime.other_forces": "The forces that reported those, by name.",
    "crime.other_forces[].reported_by": "The force (police.uk slug).",
    "crime.other_forces[].reported_by_name": "Its name.",
    "crime.other_forces[].count": "How many crimes of the month's total it reported.",
    "crime.crime_total_12m": "Crimes in the 12 months up to the month, where all were supplied.",
    "crime.crime_total_12m_status": "Its status.",
    "crime.months_12m": "How many of those 12 months were supplied.",
    "outcomes": "Outcomes recorded in the month, of crimes of this or earlier months.",
    "outcomes.coverage": "What the force supplied of outcomes; null where nothing is known of it.",
    "outcomes.groups": "One item a group of outcomes that occurred.",
    "outcomes.groups[].outcome_group": "Code of the group.",
    "outcomes.groups[].label": "Its label.",
    "outcomes.groups[].count": "Number of outcomes.",
    "priorities": "Columns of priorities: those that stand, then those closed within 12 months.",
    "answered": f"Issues answered on the day since or later, newest answer first. {_ISSUE}",
    "answered[].answered_on": "Day fed back, else completed, else decided, else raised.",
    "answered[].since_last_meeting": "Whether it was raised on the day of last_meeting or later.",
    "open": (
        "Issues that are not closed, or closed without an answer: first those raised since"
        f" last_meeting, then those overdue or without an answer, then the others. {_ISSUE}"
    ),
    "answered[].answered_since_last_meeting": "Whether answered_on is after last_meeting.",
    "open[].answered_on": "null.",
    "open[].since_last_meeting": "As in answered.",
    "open[].answered_since_last_meeting": "false.",
    "activities": "What was done, by type and organisation, summed over months.",
    "activities[].activity_type": "Code of the kind of activity.",
    "activities[].activity_type_label": "Its label.",
    "activities[].organisation": "Who did it.",
    "activities[].organisation_type": "Code of the kind of organisation.",
    "activities[].organisation_type_label": "Its label.",
    "activities[].month": "The month of as_of.",
    "activities[].hours": "Hours in that month; null where none are logged.",
    "activities[].number": "Times in that month; null where none are logged.",
    "activities[].hours_12m": "Hours in the 12 months up to it.",
    "activities[].number_12m": "Times in the 12 months up to it.",
    "activities[].priorities_served": "Ids of the priorities that it served.",
    "heard": (
        "Who was heard, from engagement_reach and feedback_summary. An attendance is not a"
        " person: who comes twice is counted twice."
    ),
    "heard.quarters": "The newest published quarters of the force, at most 4, oldest first.",
    "heard.quarters[].period": "The quarter: 2025-Q2.",
    **_MEASURES,
    "heard.groups": (
        "Forms by group, in the newest of these quarters in which the place has any event."
    ),
    "heard.groups[].period": "That quarter.",
    "heard.groups[].characteristic": "Characteristic that the form asks about.",
    "heard.groups[].characteristic_label": "Its label.",
    "heard.groups[].category": "Group of that characteristic; not_known where nothing was said.",
    "heard.groups[].category_label": "Its label.",
    "heard.groups[].forms": "Forms of the group; null where it is not shown.",
    "heard.groups[].forms_status": _STATUS,
    "heard.groups[].forms_why": _WHY,
    "heard.groups[].share": "Share of the group among the forms of the place, of 1.",
    "heard.groups[].share_status": _STATUS,
    "heard.notes": "Every sentence of heard that says why a figure is not shown, each once.",
    "profile": "Columns of neighbourhood_profile; null where there is none.",
}
"""Dotted path of a key to what it means."""

TABLES_OF: Final[Mapping[str, str]] = {
    "next_meeting": "engagement_events",
    "coming_events[]": "engagement_events",
    "called_off[]": "engagement_events",
    "last_meeting": "engagement_events",
    "held_events[]": "engagement_events",
    "answered[]": "you_said_we_did",
    "open[]": "you_said_we_did",
    "priorities[]": "priorities",
    "profile": "neighbourhood_profile",
}
"""Where a pack shows rows of a published table: path to the table."""


def table_keys(path: str) -> tuple[str, ...]:
    """The published columns that the rows at a path hold."""
    return COLUMNS[TABLES_OF[path]]
