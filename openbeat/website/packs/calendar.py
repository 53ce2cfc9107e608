"""The coming events of a neighbourhood as a calendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from openbeat.website import words


def calendar(events: Sequence[Mapping[str, Any]], force_id: str, as_of: date) -> bytes:
    """Events as a calendar; the same events and day give the same bytes.

    Times are written in UTC, which every calendar shows on its reader's clock: there is no rule
    of summer time that a reader's program could lack.

    Args:
        events: As ``facts`` gives coming events; at least one, since a calendar is not empty.
        force_id: Makes the ids of events unique beyond the force.
        as_of: The day the release covers, the time stamp of all entries.
    """
    import icalendar

    made = icalendar.Calendar()
    made.add("prodid", "-//openbeat//meeting packs//EN")
    made.add("version", "2.0")
    stamp = datetime.combine(as_of, time(), UTC)
    for event in events:
        entry = icalendar.Event()
        entry.add("uid", f"{event['event_id']}@{force_id}.openbeat")
        entry.add("dtstamp", stamp)
        entry.add("dtstart", words.utc(event["start_at"]))
        if event["end_at"] and event["end_at"] > event["start_at"]:
            entry.add("dtend", words.utc(event["end_at"]))
        entry.add("summary", event["title"] or event["method_label"] or "Event")
        entry.add("status", "CONFIRMED" if event["status"] == "planned" else "CANCELLED")
        if event["purpose"]:
            entry.add("description", event["purpose"])
        if event["venue"]:
            entry.add("location", event["venue"])
        if address := words.web_address(event["info_url"]):
            entry.add("url", address)
        made.add_component(entry)
    written: bytes = made.to_ical()
    return written
