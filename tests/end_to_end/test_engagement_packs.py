"""The meeting packs of a whole run: one for each neighbourhood, saying what the release says."""

from __future__ import annotations

import html
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import icalendar
import polars as pl
import pytest

AS_OF = date(2025, 7, 31)


@pytest.fixture(scope="module")
def packs(whole: Any) -> dict[tuple[str, str], Path]:
    """The JSON of each pack, by the place that it says it is of."""
    folder = whole.latest.with_name(f"{whole.latest.name}.packs")
    found = {}
    for path in sorted(folder.glob("*/*.json")):
        pack = json.loads(path.read_bytes())
        found[pack["force_id"], pack["neighbourhood_id"]] = path
        assert path.parent.name == pack["force_id"]
    assert {*folder.rglob("*.json")} == {*found.values(), folder / "keys.json"}
    return found


def test_every_neighbourhood_of_today_has_a_pack_and_no_other(
    whole: Any, packs: dict[tuple[str, str], Path]
) -> None:
    current = whole.table("neighbourhoods").filter(
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= "2025-07")
    )
    assert packs.keys() == set(current.select("force_id", "neighbourhood_id").rows())
    assert len(packs) == 26
    for path in packs.values():
        text = path.with_suffix(".html").read_text("utf-8")
        assert html.escape(json.loads(path.read_bytes())["neighbourhood_name"]) in text
        assert "999" in text


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def test_the_figures_of_a_pack_are_those_published(
    whole: Any, packs: dict[tuple[str, str], Path]
) -> None:
    profile = whole.table("neighbourhood_profile").filter(month="2025-07")
    issues = whole.table("you_said_we_did")
    priorities = whole.table("priorities")
    events = whole.table("engagement_events")
    for (force, name), path in packs.items():
        pack = json.loads(path.read_bytes())
        here = {"force_id": force, "neighbourhood_id": name}
        (row,) = profile.filter(**here).to_dicts()
        for column, value in pack["profile"].items():
            if column in row:
                assert value == plain(row[column]), (name, column)
        ids = {issue["issue_id"]: issue for issue in (*pack["open"], *pack["answered"])}
        published = {r["issue_id"]: r for r in issues.filter(**here).to_dicts()}
        assert ids.keys() <= published.keys()
        still_open = {k for k, r in published.items() if r["closed"] == "no"}
        assert {issue["issue_id"] for issue in pack["open"]} == still_open
        for key, issue in ids.items():
            for column in issue.keys() & published[key].keys():
                assert issue[column] == plain(published[key][column]), (key, column)
        shown = {p["priority_id"] for p in pack["priorities"]}
        assert shown <= set(priorities.filter(**here)["priority_id"])
        coming = events.filter(pl.col("event_date") > AS_OF, status="planned", **here)
        assert {e["event_id"] for e in pack["coming_events"]} == set(coming["event_id"])


def test_crime_in_a_pack_is_that_of_the_release(
    whole: Any, packs: dict[tuple[str, str], Path]
) -> None:
    crime = whole.table("crime_summary").filter(month="2025-07")
    for (force, name), path in packs.items():
        pack = json.loads(path.read_bytes())
        (row,) = crime.filter(area_force_id=force, neighbourhood_id=name).to_dicts()
        assert pack["crime"]["total"]["latest"] == row["crime_total"], name
        assert pack["crime"]["antisocial_behaviour"]["latest"] == row["antisocial_behaviour"]
        assert pack["crime"]["crime_total_12m"] == row["crime_total_12m"]
        assert pack["population"] == row["population"]


def test_calendars_hold_the_events_that_are_coming(
    whole: Any, packs: dict[tuple[str, str], Path]
) -> None:
    starts = dict(whole.table("engagement_events").select("event_id", "start_at").rows())
    read = 0
    for path in packs.values():
        pack, calendar = json.loads(path.read_bytes()), path.with_suffix(".ics")
        coming = {e["event_id"] for e in (*pack["coming_events"], *pack["called_off"])}
        assert calendar.exists() == bool(coming), path.name
        if not coming:
            continue
        events = icalendar.Calendar.from_ical(calendar.read_bytes()).walk("VEVENT")
        assert {str(event["uid"]).partition("@")[0] for event in events} == coming
        for event in events:
            at = datetime.fromisoformat(starts[str(event["uid"]).partition("@")[0]])
            assert event.start == at
            read += 1
    assert read > 20
