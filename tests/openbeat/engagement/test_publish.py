"""Every record has one fate, and nothing leaves that may not: over awkward logs of all tables.

Texts and restricted values of the drawn records are marked, so that they can be found wherever
they come out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbeat import codelists
from openbeat.contract import broken_counts, check_schema
from openbeat.engagement.publish import DISPOSITIONS, ledger, with_dispositions
from openbeat.engagement.published_events import events_table, judge_events
from openbeat.engagement.scope import Scope, sensitive_groups
from openbeat.engagement.settings import EngagementSettings
from openbeat.engagement.tables import TABLES
from tests.openbeat.engagement.published_rows import (
    AS_OF,
    CONTRACTS,
    FORCES,
    MONTHS,
    PUBLISHED,
    neighbourhoods,
    records_of,
    rows,
    tables,
)

Tables = Mapping[str, pl.DataFrame]
SCOPE = Scope(MONTHS, AS_OF, neighbourhoods(), FORCES, EngagementSettings())
SECRET = 987_654_321
PEOPLE = {
    *("attendance", "attendances", "attendance_total", "first_time", "first_time_attendees"),
    *("times_raised", "received", "answered", "participants_count", "forms", "forms_returned"),
    *("distinct_people", "people", "volunteers", "respondents", "count"),
}


def test_a_record_that_intake_settled_keeps_its_disposition() -> None:
    records = records_of({"issues": rows("issues", {"issue_id": "I"})})
    settled = records.with_columns(
        disposition=pl.lit("quarantined"), reason=pl.lit("g1"), line=pl.lit(9, pl.Int64)
    )
    both = tables({"issues": [{"issue_id": "I"}]}, records=pl.concat([records, settled]))["records"]
    assert both.select("line", "disposition", "reason").rows() == [
        (2, "published", None),
        (9, "quarantined", "g1"),
    ]


def test_a_record_that_was_accepted_and_is_nowhere_breaks_the_account() -> None:
    records = records_of({"issues": rows("issues", {"issue_id": "lost"})})
    account = ledger(with_dispositions(records, {"issues": _judged("issues", "other")}))
    assert account.select("records", "accounted").row(0) == (1, 0)
    faults = broken_counts(account, CONTRACTS["engagement_ledger"], {}).filter(severity="critical")
    assert faults.filter(pl.col("broken") > 0)["rule"].to_list() == ["every_record_accounted"]


def _judged(table: str, name: str) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    return rows(table, {TABLES[table].id: name}).with_columns(reason=nothing, text_reason=nothing)


def test_only_disclosure_control_may_give_a_published_table_a_count_of_people() -> None:
    events = events_table(judge_events(rows("engagement_events", {}), SCOPE))
    assert PEOPLE.isdisjoint(events.columns)
    for table in PUBLISHED:
        held = PEOPLE & {c.name for c in CONTRACTS[table].columns}
        assert held == ({"attendances"} if table == "engagement_events" else set()), table


def test_what_counts_people_before_disclosure_control_has_no_contract_to_be_published_by() -> None:
    for table in ("engagement_counts", "feedback_counts", "feedback_times"):
        assert table not in CONTRACTS
    assert not CONTRACTS["engagement_ledger"].published


def test_what_is_counted_is_published_in_sums_and_the_rest_says_why_not() -> None:
    made = tables(
        {
            "engagement_events": [{"event_id": "E1"}, {"event_id": "E2", "findings": None}],
            "participation": [
                {"participation_id": f"{event}/{n}", "event_id": event, "handling": handling}
                for n, (event, handling) in enumerate(
                    [("E1", "publishable"), ("E1", "internal"), ("E2", "publishable")]
                )
            ],
            "feedback": [
                {},
                {"kind": "concern"},
                {"handling": "restricted"},
                {"received_at": "2022-06-30T12:00:00Z"},
                {"received_at": "2025-07-31T23:00:00Z"},
            ],
            "survey_indicators": [{}],
        }
    )["records"]
    settled = made.filter(pl.col("table") != "engagement_events")
    assert settled.select("table", "disposition", "reason").rows() == [
        ("participation", "published", None),
        ("participation", "withheld", "handling"),
        ("participation", "withheld", "not_counted"),
        ("feedback", "published", None),
        ("feedback", "withheld", "not_counted"),
        ("feedback", "withheld", "handling"),
        ("feedback", "withheld", "outside_window"),
        ("feedback", "withheld", "after_as_of"),
        ("survey_indicators", "withheld", "awaits_disclosure_control"),
    ]


def test_the_same_logs_give_the_same_tables_in_whatever_order_they_come() -> None:
    logs: dict[str, Any] = {
        "engagement_events": [{}, {"target_groups": "victims"}, {"target_groups": "homeless"}],
        "issues": [
            {},
            {"target_groups": "victims"},
            {"target_groups": "victims", "theme": "youth"},
        ],
        "actions": [
            {"issue_id": "issues-0", "completed_on": date(2025, 4, 1), "summary_public": text}
            for text in ("One", "Two")
        ],
        "activities": [{"hours": hours} for hours in (0.1, 0.2, 0.3)],
    }
    frames = {table: rows(table, *own) for table, own in logs.items()}
    backwards = {table: frame.reverse() for table, frame in frames.items()}
    one, other = tables(frames), tables(backwards)
    for table in PUBLISHED:
        assert one[table].equals(other[table]), table


def codes(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(codelists.codes(name))


def some_codes(name: str) -> st.SearchStrategy[str | None]:
    several = st.lists(codes(name), min_size=1, max_size=3, unique=True).map(";".join)
    return st.none() | several


DAYS = st.sampled_from([-2000, -1200, -400, -365, -91, -90, -30, -1, 0, 1, 40]).map(
    lambda days: AS_OF + timedelta(days)
)
MONTH = DAYS.map(lambda day: f"{day:%Y-%m}")
MOMENT = DAYS.map(lambda day: f"{day}T23:30:00Z")
MAYBE_DAY = st.none() | DAYS
PLACE = {
    "force_id": st.sampled_from(["kent", "essex", "nowhere"]),
    "neighbourhood_id": st.sampled_from(["A", "B", "E", "Z", None]),
    "handling": st.sampled_from(["publishable"] * 4 + ["internal", "restricted"]),
}
REVIEW = {
    "review": st.sampled_from(["reviewed", "not_needed", "not_reviewed", "text_changed", None]),
    "personal_data_public": st.sampled_from([None, None, "phone"]),
}
GROUPS = st.none() | st.sampled_from(["rural", "deaf;rural", "victims", "rural;sex_workers"])
IDS = {table: st.sampled_from([f"{table}-{n}" for n in range(4)]) for table in TABLES}
FIELDS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "engagement_events": {
        "status": codes("event_statuses"),
        "start_at": MOMENT,
        "method": st.none() | codes("engagement_methods"),
        "community_type": st.none() | codes("community_types"),
        "target_groups": GROUPS,
        "codesigned_with": GROUPS,
        "participants_block": st.sampled_from(["number", "not_recorded", "missing", None]),
        "possible_duplicate_of": st.none() | IDS["engagement_events"],
        "topics": some_codes("themes"),
        **REVIEW,
    },
    "participation": {
        "event_id": IDS["engagement_events"],
        "characteristic": codes("characteristics"),
        "category": codes("monitoring_categories"),
    },
    "issues": {
        "raised_on": DAYS,
        "theme": codes("themes"),
        "information_type": codes("information_types"),
        "status": codes("issue_statuses"),
        "target_groups": GROUPS,
        "event_id": st.none() | IDS["engagement_events"],
        "priority_id": st.none() | IDS["priorities"],
        "consultation_id": st.none() | IDS["consultations"],
        "duplicate_of": st.none() | IDS["issues"],
        "duplicate_live": st.sampled_from(["yes", "no", None]),
        "answered": st.sampled_from(["yes", "yes", None]),
        "reason_no_action_code": st.none() | codes("no_action_reasons"),
        "decided_on": MAYBE_DAY,
        **REVIEW,
    },
    "actions": {
        "issue_id": st.none() | IDS["issues"],
        "action_type": codes("action_types"),
        "due_on": MAYBE_DAY,
        "completed_on": MAYBE_DAY,
        **REVIEW,
    },
    "activities": {
        "month": MONTH,
        "activity_type": codes("activity_types"),
        "priority_id": st.none() | IDS["priorities"],
        "hours": st.none() | st.floats(0, 100),
        "number": st.none() | st.integers(0, 9),
    },
    "feedback": {"received_at": MOMENT, "kind": codes("feedback_kinds")},
    "priorities": {
        "issue_date": MAYBE_DAY,
        "action_date": MAYBE_DAY,
        "closed_on": MAYBE_DAY,
        "first_seen": MAYBE_DAY,
        **REVIEW,
    },
    "engagement_plan": {
        "group_code": codes("target_groups"),
        "planned_month": MONTH,
        "status": codes("plan_statuses"),
        "event_id": st.none() | IDS["engagement_events"],
    },
}


def record(table: str, number: int, drawn: Mapping[str, Any], missing: set[str]) -> dict[str, Any]:
    """A record whose texts and restricted values can be told wherever they come out."""
    row: dict[str, Any] = dict(drawn)
    for column in CONTRACTS[TABLES[table].contract].columns:
        if column.restricted:
            row[column.name] = f"SECRET {column.name}" if column.type == "string" else SECRET
    for text in TABLES[table].texts:
        row[text] = None if text in missing else f"TEXT {table}-{number}. {text}, in full"
    return row


@st.composite
def logs(draw: st.DrawFn) -> dict[str, pl.DataFrame]:
    """Awkward logs of all twelve tables."""
    frames = {}
    for table in TABLES:
        fields = st.fixed_dictionaries({**PLACE, **FIELDS.get(table, {})})
        gaps = st.sets(st.sampled_from(TABLES[table].texts or ("none",)), max_size=1)
        drawn = draw(st.lists(st.tuples(fields, st.just(set()) | gaps), max_size=4))
        frames[table] = rows(table, *(record(table, n, *own) for n, own in enumerate(drawn)))
    return frames


def cells(frame: pl.DataFrame) -> set[str]:
    """Every value of a table as text."""
    return {
        str(value) for column in frame.iter_columns() for value in column.drop_nulls().to_list()
    }


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(logs())
def test_every_record_has_one_fate_and_nothing_leaves_that_may_not(conformed: Tables) -> None:
    made = tables(conformed)
    _all_accounted(conformed, made)
    for table in PUBLISHED:
        check_schema(made[table], CONTRACTS[table])
        contract = CONTRACTS[table]
        faults = broken_counts(made[table], contract, {}).filter(severity="critical")
        assert faults["broken"].sum() == 0, faults.filter(pl.col("broken") > 0)
        assert made[table].select(contract.key).is_unique().all()
        text = "\n".join(cells(made[table]))
        assert "SECRET" not in text
        assert str(SECRET) not in text
        _only_shown_texts(text, conformed)
    _nothing_of_sensitive_communities(conformed, made)


def _all_accounted(conformed: Tables, made: Tables) -> None:
    records = made["records"]
    assert records.height == sum(frame.height for frame in conformed.values())
    assert records["disposition"].is_in(["published", "withheld"]).all()
    assert (
        records.filter(disposition="withheld")["reason"]
        .is_in(codelists.codes("withheld_reasons"))
        .all()
    )
    account = made["engagement_ledger"]
    assert account["records"].equals(account["accounted"], check_names=False)
    assert account.select(pl.sum_horizontal(pl.col(DISPOSITIONS).sum())).item() == records.height
    for table, name in (
        ("engagement_events", "engagement_events"),
        ("issues", "you_said_we_did"),
        ("priorities", "priorities"),
    ):
        there = records.filter(table=table, disposition="published").height
        assert there == made[name].height
    planned = records.filter(table="engagement_plan", disposition="published").height
    assert planned == made["engagement_plan_delivery"]["planned"].sum()


def _only_shown_texts(text: str, conformed: Tables) -> None:
    """No text of a record that is not reviewed, not publishable or seems to hold personal data."""
    for table in ("engagement_events", "issues", "actions", "priorities"):
        may = (
            pl.col("review").is_in(["reviewed", "not_needed"]).fill_null(value=False)
            & pl.col("personal_data_public").is_null()
            & (pl.col("handling") == "publishable")
        )
        for name in conformed[table].filter(~may)[TABLES[table].id]:
            assert f"TEXT {name}." not in text


def _nothing_of_sensitive_communities(conformed: Tables, made: Tables) -> None:
    groups = "|".join(sensitive_groups())
    of_one = pl.col("target_groups").str.contains(groups)
    events, issues = made["engagement_events"], made["you_said_we_did"]
    public = "\n".join(text for table in PUBLISHED for text in cells(made[table]))
    ids = cells(events) | cells(issues)
    for table in ("engagement_events", "issues"):
        for name in conformed[table].filter(of_one)[TABLES[table].id]:
            assert f"TEXT {name}." not in public
            assert name not in ids
    named = events.filter(pl.any_horizontal(_names(groups)))
    assert named.select(pl.col(_TELLING).count()).row(0) == (0,) * len(_TELLING)
    plan = made["engagement_plan_delivery"].filter(pl.col("group_code").is_in(sensitive_groups()))
    assert plan["neighbourhood_id"].is_null().all()


_TELLING = (
    *("neighbourhood_id", "month", "event_date", "start_at", "title", "venue", "organiser_org"),
    *("findings", "series_id", "advertised_on"),
)


def _names(groups: str) -> list[pl.Expr]:
    return [
        pl.col(c).str.contains(groups).fill_null(value=False)
        for c in ("target_groups", "codesigned_with")
    ]


def test_no_published_text_is_run_by_a_spreadsheet() -> None:
    """Signs that begin a formula are taken off; a text of nothing else is none."""
    formula = '=HYPERLINK("https://x.example")'
    made = tables(
        {
            "issues": [{"issue_id": "I", "summary_public": f" +{formula}"}],
            "engagement_events": [{"event_id": "E", "organiser_org": f"@{formula}"}],
            "priorities": [{"priority_id": "P", "issue": "- Cars speed", "action": " -- "}],
        }
    )
    (issue,) = made["you_said_we_did"]["asked"]
    (organiser,) = made["engagement_events"]["organiser_org"]
    assert issue == organiser == formula.removeprefix("=")
    assert made["priorities"].select("issue", "action").row(0) == ("Cars speed", None)
