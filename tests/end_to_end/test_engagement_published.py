"""What is published of the sample's logs, counted again from the log files by hand.

A record that was planted (``FAULTS.json``) is left out of these counts where it says that it is not
published; all else in the files is sound, so it must be there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.end_to_end.counting import codes

Logs = dict[str, Any]
Faults = list[dict[str, Any]]
Row = dict[str, Any]

AS_OF = date(2025, 7, 31)
YEAR = [f"{2024 + (m > 12)}-{(m - 1) % 12 + 1:02}" for m in range(8, 20)]  # 2024-08 to 2025-07
NO_FEEDBACK = {
    *("closed-with-neither", "closed-without-reason", "reason-too-short"),
    *("duplicate-of-duplicate", "duplicate-of-nothing", "closed-without-result"),
}


SENSITIVE = codes("target_groups", "sensitive", "yes")
PUBLISHABLE = codes("information_types", "publishable", "yes")
MEETINGS = codes("engagement_methods", "is_meeting", "yes")


def is_sensitive(row: Row) -> bool:
    return bool(SENSITIVE & set((row["target_groups"] or "").split(";")))


def day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def answered(issue: Row, issues: dict[str, Row], actions: dict[str, list[Row]]) -> bool:
    """R49, in plain words: a completed action with its result, a reason, or a live original."""
    status, code = issue["status"], issue["reason_no_action_code"]
    reasoned = code not in ("", "other") or (
        code == "other" and len(issue["reason_no_action_text"]) >= 20
    )
    acted = any(a["completed_on"] and a["result"] for a in actions[issue["issue_id"]])
    if status == "duplicate":
        original = issues.get(issue["duplicate_of"])
        return original is not None and original["status"] != "duplicate"
    if status == "action_taken":
        return acted
    return reasoned or (status == "referred_partner" and acted)


def test_every_issue_of_a_log_is_published_as_its_rows_say(whole: Any, sound: Any) -> None:
    issues = {row["issue_id"]: row for row in sound("northmere-issues")}
    actions: dict[str, list[Row]] = defaultdict(list)
    for row in sound("northmere-actions"):
        actions[row["issue_id"]].append(row)
    closing = codes("issue_statuses", "closed", "yes")
    expected = {
        key: row["status"]
        if row["status"] not in closing or answered(row, issues, actions)
        else "no_feedback_yet"
        for key, row in issues.items()
        if not is_sensitive(row) and row["information_type"] in PUBLISHABLE
    }
    table = whole.table("you_said_we_did").filter(
        pl.col("force_id") == "northmere", pl.col("place_level") == "neighbourhood"
    )
    assert dict(table.select("issue_id", "status").rows()) == expected
    assert len(expected) > 380
    closed = {key for key, status in expected.items() if status in closing}
    assert set(table.filter(closed="yes")["issue_id"]) == closed
    # One neighbourhood, by theme, as a resident would count them.
    here = {k: row for k, row in issues.items() if row["neighbourhood_id"] == "NH05"}
    by_theme = Counter(row["theme"] for key, row in here.items() if key in closed)
    found = table.filter(neighbourhood_id="NH05", closed="yes").group_by("theme").len()
    assert dict(found.rows()) == by_theme
    assert sum(by_theme.values()) > 20


def test_an_issue_closed_without_an_answer_says_so_itself(
    whole: Any, log_faults: Faults, planted: Any
) -> None:
    expected = {fault["record"] for fault in log_faults if fault["id"] in NO_FEEDBACK}
    table = whole.table("you_said_we_did").filter(status="no_feedback_yet")
    assert set(table["issue_id"]) == expected
    assert len(expected) == 7
    assert table["closed"].unique().to_list() == ["no"]
    for column in ("fed_back_on", "feedback_url", "days_to_feedback", "reason_text"):
        assert table[column].null_count() == table.height, column
    assert {row["status"] for row in planted(*NO_FEEDBACK) if "status" in row} == {
        *("action_taken", "no_action", "duplicate")
    }
    (given,) = planted("reason-given")
    row = whole.table("you_said_we_did").filter(issue_id=given["issue_id"])
    assert row.select("status", "closed", "reason_no_action").row(0) == (
        *("no_action", "yes", given["reason_no_action_code"]),
    )


def test_words_nobody_reviewed_or_with_personal_data_are_left_out_and_it_says_so(
    whole: Any, planted: Any, logs: Logs
) -> None:
    table = whole.table("you_said_we_did")
    kept_back = [
        row
        for row in planted("review-missing", "text-changed", "personal-data-public")
        if "issue_id" in row
    ]
    assert len(kept_back) == 10
    rows = table.filter(pl.col("issue_id").is_in([row["issue_id"] for row in kept_back]))
    assert rows.select("asked", "asked_status").unique().rows() == [(None, "c")]
    # Some of the words are those of other issues too, which were reviewed.
    used = Counter(row["summary_public"] for row in logs["northmere-issues"].rows.values())
    said = [text.encode() for row in kept_back if used[text := row["summary_public"]] == 1]
    assert len(said) == 8
    for path in published_files(whole):
        data = path.read_bytes()
        assert not [text for text in said if text in data], path.name


def published_files(whole: Any) -> Iterator[Path]:
    """The text files of the release and of its packs."""
    for folder in (whole.latest, whole.latest.with_name(f"{whole.latest.name}.packs")):
        for path in folder.rglob("*"):
            if path.suffix in (".csv", ".json", ".html", ".ics", ".jsonld", ".md"):
                yield path


def held_events(sound: Any) -> Iterator[Row]:
    """Held events of both logs of one force: id, day, place and method in plain values."""
    theirs = {
        *(("PM", "public_meeting"), ("PANEL", "ward_or_beat_panel")),
        *(("DROP", "surgery_or_drop_in"), ("STREET", "street_briefing")),
        *(("SCHOOL", "school_visit"), ("WALK", "walkabout_or_environmental_audit")),
        *(("STALL", "community_event_stall"), ("SHOPS", "business_visit")),
        *(("ONLINE", "online_meeting"), ("FOCUS", "focus_group")),
    }
    for row in sound("northmere-engagement-events"):
        if row["status"] == "held" and not is_sensitive(row):
            yield {
                "id": row["event_id"],
                "day": day(row["start_at"]),
                "place": row["neighbourhood_id"] if row["community_type"] == "geographic" else None,
                "method": row["method"],
            }
    for row in sound("council-engagement-events"):
        if row["Status"] == "Completed":
            yield {
                "id": f"council-{row['Event number']}",
                "day": datetime.strptime(row["Begins"], "%d/%m/%Y %H:%M").date(),
                "place": row["Patch"],
                "method": dict(theirs)[row["Format"]],
            }


def test_held_events_are_those_of_the_logs_by_place_and_month(whole: Any, sound: Any) -> None:
    expected = Counter((e["place"], f"{e['day']:%Y-%m}") for e in held_events(sound))
    table = whole.table("engagement_events").filter(
        pl.col("force_id") == "northmere", pl.col("status") == "held", pl.col("month").is_not_null()
    )
    found = table.group_by("neighbourhood_id", "month").len()
    assert {(place, month): n for place, month, n in found.rows()} == expected
    assert sum(expected.values()) > 240


def test_an_event_in_two_logs_is_shown_twice_and_counted_once(
    whole: Any, sound: Any, planted: Any
) -> None:
    twice = {row["event_id"] for row in planted("duplicate-event")}
    table = whole.table("engagement_events")
    pairs = table.filter(pl.col("possible_duplicate_of").is_not_null())
    assert set(pairs["event_id"]) == twice
    others = set(pairs["possible_duplicate_of"])
    assert len(others) == 2
    assert all(other.startswith("council-") for other in others)
    assert others <= set(table["event_id"])

    meetings: Counter[str] = Counter()
    months: dict[str, set[str]] = defaultdict(set)
    for event in held_events(sound):
        month = f"{event['day']:%Y-%m}"
        if event["place"] and month in YEAR:
            months[event["place"]].add(month)
            meetings[event["place"]] += event["method"] in MEETINGS and event["id"] not in twice
    profile = whole.table("neighbourhood_profile").filter(force_id="northmere", month="2025-07")
    columns = ("neighbourhood_id", "meetings_12m", "months_with_event_12m", "event_coverage_12m")
    for place, held, with_event, share in profile.select(columns).rows():
        assert (held, with_event) == (meetings[place], len(months[place])), place
        assert share == pytest.approx(len(months[place]) / 12, abs=0.001)
    assert profile.filter(neighbourhood_id="NH05")["meetings_12m"].item() == meetings["NH05"] > 8


def test_the_neighbourhood_without_meetings_is_named_with_the_reason(whole: Any) -> None:
    profile = whole.table("neighbourhood_profile")
    quiet = profile.filter(pl.col("flags").str.contains("no_meeting"))
    assert quiet["neighbourhood_id"].to_list() == ["NH07"]
    (row,) = quiet.to_dicts()
    assert row["days_since_meeting"] == (AS_OF - row["last_meeting_on"]).days > 92


def test_held_events_that_the_guidance_blocks_are_in_no_published_file(
    whole: Any, planted: Any
) -> None:
    blocked = planted(
        *("held-without-findings", "held-without-method", "held-without-participants"),
        *("planned-in-past", "handling-internal", "handling-restricted", "sensitive-planned"),
    )
    ids = {row[column].encode() for row in blocked for column in list(row)[:1]}
    assert len(ids) > 8
    for path in published_files(whole):
        found = set(re.findall(rb"[a-z]+-[A-Z][0-9]{5,}", path.read_bytes()))
        assert found & ids == set(), path.name


def test_sensitive_communities_are_told_at_force_level_as_codes_only(
    whole: Any, planted: Any
) -> None:
    (event,), (issue,) = planted("sensitive-held"), planted("sensitive-issue")
    kept = {
        "engagement_events": (event, "event_id", {"year", "status", "method", "target_groups"}),
        "you_said_we_did": (issue, "issue_id", {"year", "status", "theme", "information_type"}),
    }
    for table, (theirs, id_column, shown) in kept.items():
        rows = whole.table(table).filter(pl.col(id_column).str.starts_with("force-"))
        (row,) = rows.to_dicts()
        told = {name: value for name, value in row.items() if value is not None}
        assert shown <= told.keys()
        assert told["place_level"] == "force"
        for name in ("neighbourhood_id", "month", "event_date", "raised_on", "title", "asked"):
            assert row.get(name) is None, name
        ours = {"force_id", "organiser_org", "owner_org", "handling"}
        words = {v for k, v in theirs.items() if k not in ours and (len(v) > 20 or "-" in v)}
        assert len(words) > 5
        assert not {str(value) for value in told.values()} & words
    secret = [event[name].encode() for name in ("event_id", "title")]
    secret += [issue[name].encode() for name in ("issue_id", "text")]
    for path in published_files(whole):
        data = path.read_bytes()
        assert not [text for text in secret if text in data], path.name
    for name in ("engagement_events", "activities", "neighbourhood_profile"):
        placed = whole.table(name).filter(pl.col("neighbourhood_id").is_not_null())
        for column in {"target_groups", "codesigned_with"} & set(placed.columns):
            groups = ";".join(placed[column].drop_nulls()).split(";")
            assert not SENSITIVE & set(groups), name


def test_the_plan_counts_sensitive_groups_for_the_whole_force_only(whole: Any, sound: Any) -> None:
    held = {event["id"] for event in held_events(sound)}
    planned: Counter[tuple[int, str | None, str]] = Counter()
    delivered: Counter[tuple[int, str | None, str]] = Counter()
    for row in sound("northmere-engagement-plan"):
        group, status = row["group_code"], row["status"]
        came = status == "delivered" or (status == "planned" and row["event_id"] in held)
        if row["planned_month"] > "2025-07" or status == "moved":
            continue
        if group in SENSITIVE and not came and row["planned_month"] > "2025-07":
            continue
        place = None if group in SENSITIVE else row["neighbourhood_id"]
        key = int(row["planned_month"][:4]), place, group
        planned[key] += 1
        delivered[key] += came
    table = whole.table("engagement_plan_delivery").filter(force_id="northmere")
    columns = ("year", "neighbourhood_id", "group_code", "planned", "delivered", "reached")
    found = {(y, p, g): (n, d, r) for y, p, g, n, d, r in table.select(columns).rows()}
    assert found == {
        key: (n, delivered[key], "yes" if delivered[key] else "no") for key, n in planned.items()
    }
    assert {g for _, place, g in found if place is None} == {"faith_group", "victims", "lgbt"}


def test_hours_are_those_of_both_logs_by_type_and_organisation(whole: Any, sound: Any) -> None:
    hours: Counter[tuple[str, ...]] = Counter()
    for row in (*sound("northmere-activities"), *sound("council-activities")):
        if row["neighbourhood_id"] == "NH05" and row["hours"]:
            key = row["month"], row["activity_type"], row["organisation"]
            hours[key] += round(float(row["hours"]) * 10)  # type: ignore[assignment]
    table = whole.table("activities").filter(
        pl.col("neighbourhood_id") == "NH05",
        pl.col("force_id") == "northmere",
        pl.col("hours").is_not_null(),
    )
    found = table.select("month", "activity_type", "organisation", "hours").rows()
    assert {(m, t, o): round(h * 10) for m, t, o, h in found} == hours
    assert {o for _, _, o in hours} == {"Northmere Constabulary", "Northmere Council"}
