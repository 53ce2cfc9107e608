"""Baseline (b) of engagement, what a competent analyst would write with pandas.

``python -m benchmarks.engagement_plain FOLDER RESULT``. Read the logs, parse the dates, match
issues with their actions, count the replies within 72 hours on clocks that know summer time, find
campaigns, look for personal data, and write the tables, one CSV each. The imports are not timed.

It checks little (ids are there and unique) and accounts for nothing: no rule, no code list, no
quarantine with a reason, no version, no review held against the hash of its text.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.engagement_inputs import Logs
from benchmarks.timers import Timers

Frames = dict[str, pd.DataFrame]
PLACE = ["force_id", "neighbourhood_id"]
AS_OF = pd.Timestamp("2025-07-31")
END = pd.Timestamp("2025-08-01", tz="Europe/London")
YEAR = pd.Timestamp("2024-08-01")
SETTLED = AS_OF - pd.Timedelta(days=90)
IDS = {
    "engagement_events": "event_id",
    "issues": "issue_id",
    "actions": "action_id",
    "activities": "activity_id",
    "feedback": "feedback_id",
    "priorities": "priority_id",
    "engagement_plan": "plan_id",
}
TEXTS = {
    "engagement_events": [
        *("title", "purpose", "venue_public", "participants_described", "findings"),
        *("notes", "organiser_org", "lead_role"),
    ],
    "issues": ["summary_public", "reason_no_action_text", "text", "owner_org", "owner_role"],
    "actions": ["summary_public", "result", "change_made", "notes", "owner_org", "owner_role"],
    "feedback": ["free_text", "quote"],
}
PERSONAL = {
    "postcode": r"(?i)\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b",
    "phone": r"(?:\+44\s?|\b0)[1257]\d(?:[\s-]?\d){7,8}\b",
    "email": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "national_insurance": r"(?i)\b[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b",
    "vehicle_registration": r"\b[A-Z]{2}\d{2}\s?[A-Z]{3}\b",
    "date_of_birth": r"(?i)\b(?:dob|born)\b.{0,20}\d|\b\d{1,2}/\d{1,2}/(?:19|20)\d{2}\b",
    "reference": r"(?i)\b(?:crime|incident|log|ref)\s*(?:no|number|ref)?[.:#]?\s*\d{2,}",
    "collar_number": r"(?i)\b(?:pc|pcso|sgt|sergeant)\s?\d{2,6}\b",
}
MEANINGFUL = ["answered", "action_agreed", "referred_partner", "no_action_explained"]
MEETINGS = ["public_meeting", "ward_or_beat_panel", "street_briefing", "surgery_or_drop_in"]
MEETINGS += ["online_meeting"]
SENSITIVE = "lgbt|learning_disability|mental_health|gypsy|refugees|faith_group|homeless|victims"


def read(folder: Path) -> Frames:
    """Every log, with its days as dates and its times on London's clocks."""
    frames = {}
    for path in sorted(folder.glob("*.csv")):
        frame = pd.read_csv(path, low_memory=False)
        for column in frame.columns:
            if column.endswith(("_on", "_date")):
                frame[column] = pd.to_datetime(frame[column], errors="coerce")
            elif column.endswith("_at"):
                times = pd.to_datetime(frame[column], errors="coerce")
                frame[column] = times.dt.tz_localize(
                    "Europe/London", ambiguous="NaT", nonexistent="NaT"
                )
        frames[path.stem] = frame
    return frames


def clean(frames: Frames) -> Frames:
    """Ids that are there and unique; what is others' business, or internal, taken out."""
    for table, name in IDS.items():
        frame = frames[table].dropna(subset=[name]).drop_duplicates(name)
        if "nature" in frame:
            frame = frame[frame["nature"].isna()]
        frames[table] = frame[frame["handling"] == "publishable"].copy()
    return frames


def screen(frames: Frames) -> Frames:
    """Flag every text that looks like personal data."""
    for table, columns in TEXTS.items():
        strings = frames[table][columns].astype("str")
        texts = strings[columns[0]].str.cat(strings[columns[1:]], sep=" | ", na_rep="")
        flags = {kind: texts.str.contains(regex) for kind, regex in PERSONAL.items()}
        frames[table]["personal_data"] = pd.DataFrame(flags).any(axis=1)
    return frames


def campaigns(feedback: pd.DataFrame) -> pd.DataFrame:
    """Tag messages whose letters are the same as those of four others."""
    letters = feedback["free_text"].str.lower().str.replace(r"[^a-z]", "", regex=True).str[:80]
    many = letters.groupby(letters).transform("size")
    feedback["campaign"] = letters.where((many >= 5) & (letters.str.len() >= 20))
    return feedback


def replies(feedback: pd.DataFrame) -> pd.DataFrame:
    """How many queries were answered within 72 hours, by quarter, place and theme."""
    asked = feedback[(feedback["kind"] == "query") & (feedback["received_at"] < END)].copy()
    meaningful = asked["reply_outcome"].isin(MEANINGFUL) & (asked["meaningful_reply_at"] <= END)
    took = (asked["meaningful_reply_at"] - asked["received_at"]).where(meaningful)
    limit = pd.Timedelta(hours=72)
    asked["due"] = asked["received_at"] + limit <= END
    asked["answered_72h"] = asked["due"] & (took <= limit)
    asked["days"] = took.dt.total_seconds() / 86_400
    asked["quarter"] = asked["received_at"].dt.tz_localize(None).dt.to_period("Q").astype(str)
    return (
        asked.groupby(["quarter", *PLACE, "theme"])
        .agg(
            received=("due", "size"),
            due=("due", "sum"),
            answered_72h=("answered_72h", "sum"),
            median_days=("days", "median"),
        )
        .reset_index()
    )


def answers(issues: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """The issues with what was done, and whether that answers them."""
    done = actions["completed_on"].notna() & actions["result"].notna()
    late = actions["completed_on"].isna() & (actions["due_on"] < AS_OF)
    newest = (
        actions[done].sort_values("completed_on", ascending=False).fillna({"summary_public": ""})
    )
    texts = newest.groupby("issue_id").agg(
        action=("summary_public", "; ".join),
        result=("result", "; ".join),
        completed_on=("completed_on", "max"),
        owner=("owner_org", "first"),
    )
    overdue = actions[late].groupby("issue_id").size().rename("overdue_actions")
    rows = issues.merge(texts, on="issue_id", how="left").merge(overdue, on="issue_id", how="left")
    acted, said = rows["completed_on"].notna(), rows["reason_no_action_code"].notna()
    live = rows.loc[rows["status"] != "duplicate", "issue_id"]
    rows["answered"] = (
        ((rows["status"] == "action_taken") & acted)
        | ((rows["status"] == "no_action") & said)
        | ((rows["status"] == "referred_partner") & (acted | said))
        | ((rows["status"] == "duplicate") & rows["duplicate_of"].isin(live))
    )
    closed = rows["status"].isin(["action_taken", "no_action", "referred_partner", "duplicate"])
    rows.loc[closed & ~rows["answered"], "status"] = "no_feedback_yet"
    unreviewed = rows["reviewed_on"].isna() | rows["personal_data"]
    rows["asked"] = rows["summary_public"].mask(unreviewed)
    rows["days_to_feedback"] = (rows["fed_back_on"] - rows["raised_on"]).dt.days
    inside = rows["information_type"] == "incoming_outgoing"
    return rows[~inside & (rows["raised_on"] <= AS_OF)].drop(columns=["text", "summary_public"])


def meetings(events: pd.DataFrame) -> pd.DataFrame:
    """The events that may be published."""
    events["event_date"] = events["start_at"].dt.tz_localize(None).dt.normalize()
    events["month"] = events["event_date"].dt.strftime("%Y-%m")
    events["notice_days"] = (events["event_date"] - events["advertised_on"]).dt.days
    events["participants_recorded"] = events["attendance_total"].notna()
    events["is_meeting"] = events["method"].isin(MEETINGS)
    whole = events[["method", "purpose", "participants_described", "findings"]].notna().all(axis=1)
    shown = (events["status"] != "held") | (whole & events["reviewed_on"].notna())
    sensitive = events["target_groups"].str.contains(SENSITIVE).fillna(value=False)
    kept = events[shown & ~sensitive & ~events["personal_data"]]
    return kept.drop(columns=["notes", "venue_address", "attendance_total"])


def longest_gap(days: pd.Series) -> int:
    """The most days without a meeting, the ends of the year being bounds."""
    bounded = pd.concat([pd.Series([YEAR, AS_OF]), days]).sort_values()
    return int(bounded.diff().dt.days.max())


def profile(tables: Frames) -> pd.DataFrame:
    """One row a neighbourhood: what police did in the last twelve months."""
    events, issues = tables["engagement_events"], tables["you_said_we_did"]
    year = events[(events["event_date"] >= YEAR) & (events["event_date"] <= AS_OF)]
    held = year[(year["status"] == "held")]
    met = held[held["is_meeting"]].groupby(PLACE)["event_date"]
    own = issues[issues["status"] != "duplicate"]
    due = own[own["raised_on"].between(YEAR - pd.Timedelta(days=90), SETTLED)]
    told = own[own["fed_back_on"].between(YEAR, AS_OF)]
    plan = tables["engagement_plan_delivery"]
    priorities = tables["priorities"]
    measured: dict[str, Any] = {
        "months_with_event": held.groupby(PLACE)["month"].nunique(),
        "meetings": met.size(),
        "last_meeting_on": met.max(),
        "longest_gap_days": met.agg(longest_gap),
        "notice_days_median": year.groupby(PLACE)["notice_days"].median(),
        "issues_raised": own[own["raised_on"].between(YEAR, AS_OF)].groupby(PLACE).size(),
        "issues_due": due.groupby(PLACE).size(),
        "issues_closed": due[due["answered"]].groupby(PLACE).size(),
        "no_feedback_yet": own[own["status"] == "no_feedback_yet"].groupby(PLACE).size(),
        "median_days_to_feedback": told.groupby(PLACE)["days_to_feedback"].median(),
        "actions_overdue": own.groupby(PLACE)["overdue_actions"].sum(),
        "groups_planned": plan.groupby(PLACE)["group_code"].nunique(),
        "groups_reached": plan[plan["delivered"] > 0].groupby(PLACE)["group_code"].nunique(),
        "priorities": priorities[priorities["closed_on"].isna()].groupby(PLACE).size(),
        "concern": own.groupby(PLACE)["theme"].agg(lambda themes: themes.mode().iloc[0]),
    }
    return pd.DataFrame(measured).reset_index()


def plan_delivery(plan: pd.DataFrame) -> pd.DataFrame:
    """Planned and delivered, by year, place and group."""
    rows = plan.assign(year=plan["planned_month"].str[:4], done=plan["status"] == "delivered")
    by_group = rows.groupby(["year", *PLACE, "group_code"])["done"]
    return by_group.agg(planned="size", delivered="sum").reset_index()


def reach(participation: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Forms by quarter, place, characteristic and category."""
    held = events.loc[events["status"] == "held", ["event_id", *PLACE, "event_date"]]
    rows = participation.merge(held, on="event_id")
    rows["quarter"] = rows["event_date"].dt.to_period("Q").astype(str)
    keys = ["quarter", *PLACE, "characteristic"]
    counts = rows.groupby([*keys, "category"])["count"].sum().reset_index()
    counts["share"] = counts["count"] / counts.groupby(keys)["count"].transform("sum")
    return counts


def summarise(frames: Frames) -> Frames:
    """The tables."""
    hours = frames["activities"]
    kinds = ["month", *PLACE, "activity_type", "organisation", "organisation_type"]
    priorities = frames["priorities"]
    newest = priorities[["issue_date", "action_date"]].max(axis=1)
    tables = {
        "engagement_events": meetings(frames["engagement_events"]),
        "you_said_we_did": answers(frames["issues"], frames["actions"]),
        "activities": hours.groupby(kinds, dropna=False)[["hours", "number"]].sum().reset_index(),
        "priorities": priorities.assign(current=newest >= AS_OF - pd.DateOffset(months=3)),
        "engagement_plan_delivery": plan_delivery(frames["engagement_plan"]),
        "feedback_summary": replies(frames["feedback"]),
    }
    tables["engagement_reach"] = reach(frames["participation"], tables["engagement_events"])
    tables["neighbourhood_profile"] = profile(tables)
    return tables


def main() -> None:
    """Measure, and write what was found to the file named last."""
    logs, result = Logs(Path(sys.argv[1])), Path(sys.argv[2])
    folder = result.with_name("plain-tables")
    folder.mkdir(exist_ok=True)
    timers = Timers()
    start = time.perf_counter()
    with timers.part("reading and dates"):
        frames = read(logs.first)
    rows = sum(len(frame) for frame in frames.values())
    with timers.part("cleaning"):
        frames = clean(frames)
    with timers.part("personal data screen"):
        frames = screen(frames)
    with timers.part("campaigns"):
        frames["feedback"] = campaigns(frames["feedback"])
    with timers.part("tables"):
        tables = summarise(frames)
    with timers.part("writing"):
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)
    seconds = time.perf_counter() - start
    summary = tables["feedback_summary"]
    figures = {
        "issues": len(tables["you_said_we_did"]),
        "queries due": int(summary["due"].sum()),
        "answered in 72 hours": int(summary["answered_72h"].sum()),
    }
    found = {"seconds": seconds, "rows": rows, "split": timers.seconds, "figures": figures}
    result.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
