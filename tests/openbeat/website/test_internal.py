"""What those who task a team, and a board that answers for a release, rely on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.contract import load_contract
from openbeat.engagement.erase import RECEIPTS
from openbeat.engagement.quarantine import QUARANTINE
from openbeat.engagement.settings import EngagementSettings
from openbeat.engagement.tables import TABLES
from openbeat.website.internal import board_page, tasking_brief, write_internal
from openbeat.website.internal.tasking import quarters, unanswered, without_meeting

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
AS_OF = date(2025, 7, 31)
FORCE = {"force_id": "northshire", "neighbourhood_id": "NB01", "handling": "publishable"}


def conformed(**rows: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    """Conformed tables; a restricted text column holds a secret in every row."""
    tables = {}
    for name, table in TABLES.items():
        contract = load_contract(CONTRACTS / f"{table.contract}.yaml")
        texts = [c.name for c in contract.columns if c.type == "string"]
        open_texts = [c for c in texts if c in table.texts]
        secret = {c.name: "SECRET" for c in contract.columns if c.restricted and c.name in texts}
        filled = [
            {**secret, **dict.fromkeys(open_texts, "FREE TEXT"), **FORCE, **row}
            for row in rows.get(name, [])
        ]
        schema = contract.polars_schema()
        tables[name] = pl.DataFrame(
            [{k: v for k, v in row.items() if k in schema} for row in filled], schema=schema
        )
    return tables


PROFILE = pl.DataFrame(
    {
        "force_id": ["northshire", "northshire", "elsewhere"],
        "neighbourhood_id": ["NB01", "NB02", "NB03"],
        "neighbourhood_name": ["Harbour", "Whitmoor", "Abroad"],
    }
)
TIMES = pl.DataFrame(
    {
        "period": ["2025-Q2", "2025-Q3", "2025-Q3", "2025-Q3"],
        "place_level": ["force", "force", "force", "neighbourhood"],
        "force_id": ["northshire"] * 4,
        "theme": ["all", "all", "noise", "all"],
        "due": [0, 4, 3, 2],
        "answered_72h": [0, 3, 2, 1],
        "pending": [0, 1, 1, 0],
    }
)


def query(feedback_id: str, received_at: str, **values: Any) -> dict[str, Any]:
    return {
        "feedback_id": feedback_id,
        "received_at": received_at,
        "kind": "query",
        "theme": "noise",
        **values,
    }


TABLE_ROWS: Mapping[str, list[dict[str, Any]]] = {
    "issues": [
        {"issue_id": "IS-1", "raised_on": date(2025, 6, 1), "information_type": "tension",
         "theme": "noise", "handling": "internal", "closed": "no"},
        {"issue_id": "IS-2", "raised_on": date(2025, 3, 1), "information_type": "tension",
         "theme": "drugs", "closed": "yes", "reviewer_role": "Inspector",
         "reviewed_on": date(2025, 3, 9), "review": "reviewed"},
        {"issue_id": "IS-3", "raised_on": date(2025, 7, 1), "information_type": "crime_disorder",
         "theme": "noise", "review": "text_changed"},
    ],
    "feedback": [
        query("FB-1", "2025-07-20T10:00:00Z"),
        query("FB-2", "2025-03-20T10:00:00Z", meaningful_reply_at="2025-03-21T10:00:00Z",
              reply_outcome="answered"),
        query("FB-3", "2025-07-21T10:00:00Z", campaign="abc"),
    ],
    "actions": [
        {"action_id": "AC-1", "issue_id": "IS-1", "action_type": "patrol", "owner_org": "Police",
         "owner_role": "Sergeant", "due_on": date(2025, 7, 1)},
        {"action_id": "AC-2", "action_type": "patrol", "owner_org": "Police",
         "due_on": date(2025, 7, 1), "completed_on": date(2025, 7, 3)},
        {"action_id": "AC-3", "action_type": "patrol", "owner_org": "Police", "due_on": AS_OF},
    ],
    "priorities": [
        {"priority_id": "PR-1", "theme": "burglary", "updated_on": date(2025, 4, 29)},
        {"priority_id": "PR-2", "theme": "noise", "updated_on": date(2025, 4, 30)},
        {"priority_id": "PR-3", "theme": "noise", "updated_on": date(2024, 4, 30),
         "closed_on": date(2025, 1, 1)},
    ],
    "engagement_events": [
        {"event_id": "EV-1", "status": "planned", "event_date": date(2025, 7, 2),
         "method": "public_meeting"},
        {"event_id": "EV-2", "status": "held", "event_date": date(2025, 3, 2),
         "method": "public_meeting"},
        {"event_id": "EV-3", "status": "held", "event_date": date(2025, 7, 20),
         "method": "door_knock"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return conformed(**TABLE_ROWS)


@pytest.fixture
def brief(tables: dict[str, pl.DataFrame], read_page: Any) -> str:
    """What the tasking brief says."""
    page = read_page(write_brief(tables))
    assert page.faults == []
    return str(page.text)


def test_the_brief_lists_issues_of_every_type_the_internal_ones_too(brief: str) -> None:
    assert "Changes in tension 2 1 1 1 IS-1" in brief
    assert "Crime and disorder detail 1 1 1 0 IS-3" in brief


def test_rising_themes_show_both_numbers_and_what_is_a_campaign(brief: str) -> None:
    assert "Noise 2 (0) 2 (1) 1 3" in brief
    assert "Drugs 0 (1)" not in brief


def test_replies_in_time_are_of_queries_that_were_due(brief: str) -> None:
    assert "2025-Q3 4 3 75 % 1 2025-Q2 0 0 not available 0" in brief


def test_the_brief_lists_what_is_late(brief: str) -> None:
    assert "AC-1 IS-1 Harbour Patrol Police, Sergeant 1 July 2025 30" in brief
    assert "AC-2" not in brief
    assert "AC-3" not in brief
    assert "PR-1 Harbour Burglary 29 April 2025" in brief
    assert "PR-2" not in brief
    assert "PR-3" not in brief
    assert "EV-1 2 July 2025 Harbour Public meeting" in brief
    assert "Harbour 2 20 July 2025 FB-1, FB-3" in brief
    assert "Without an open priority: Whitmoor." in brief


def test_neighbourhoods_without_a_meeting_those_without_any_first(brief: str) -> None:
    assert "Whitmoor none logged none Harbour 2 March 2025 151 none" in brief
    assert "Abroad" not in brief


def write_brief(tables: dict[str, pl.DataFrame]) -> str:
    return tasking_brief(
        tables,
        force_id="northshire",
        force_name="Northshire Police",
        profile=PROFILE,
        feedback_times=TIMES,
        as_of=AS_OF,
        meeting_days=92,
    )


def test_in_the_first_quarter_of_a_log_no_theme_is_called_rising(read_page: Any) -> None:
    first = [query("FB-1", "2025-07-20T10:00:00Z")]
    text = read_page(write_brief(conformed(feedback=first))).text
    assert (
        "No record is logged for the quarter before, 1 February 2025 to 30 April 2025:"
        " there is nothing to compare with."
    ) in text
    assert "More often than" not in text
    before = [*first, query("FB-0", "2025-04-30T10:00:00Z", theme="drugs")]
    assert "Noise 0 (0) 1 (0) 0 1" in read_page(write_brief(conformed(feedback=before))).text


def test_a_force_without_any_held_event_gets_a_sentence_not_a_list(read_page: Any) -> None:
    page = read_page(write_brief(conformed()))
    assert page.faults == []
    assert "No held event is logged for this force at all" in page.text
    assert "No open priority is logged for any neighbourhood." in page.text
    assert "Whitmoor" not in page.text


def test_tables_of_internal_pages_scroll_by_themselves(
    tables: dict[str, pl.DataFrame],
) -> None:
    for text in (write_brief(tables), board_page(tables, **BOARD)):
        assert text.count("<table") > 5
        assert text.count("<table") == len(re.findall(r'<div class="wide"[^>]*>\n<table>', text))


def test_a_meeting_exactly_as_long_ago_as_allowed_is_no_gap() -> None:
    places = pl.DataFrame({"neighbourhood_id": ["NB01"], "name": ["Harbour"]})
    for day, listed in ((date(2025, 4, 30), 0), (date(2025, 4, 29), 1)):
        held = {"event_id": "E", "status": "held", "event_date": day, "method": "public_meeting"}
        events = conformed(engagement_events=[held])["engagement_events"]
        assert without_meeting(events, places, AS_OF, 92).height == listed


@pytest.mark.parametrize(
    ("received_at", "values", "late"),
    [
        # The day ends at 23:00 UTC in summer; 72 hours before is 23:00 on 28 July.
        ("2025-07-28T22:59:00Z", {}, 1),
        ("2025-07-28T23:00:00Z", {}, 1),
        ("2025-07-28T23:00:01Z", {}, 0),
        ("2025-07-01T10:00:00Z", {"reply_outcome": "acknowledged_only",
                                  "meaningful_reply_at": "2025-07-01T11:00:00Z"}, 1),
        ("2025-07-01T10:00:00Z", {"reply_outcome": "answered",
                                  "meaningful_reply_at": "2025-07-20T11:00:00Z"}, 0),
        ("2025-07-01T10:00:00Z", {"reply_outcome": "answered",
                                  "meaningful_reply_at": "2025-08-01T11:00:00Z"}, 1),
        ("2025-07-01T10:00:00Z", {"kind": "compliment"}, 0),
    ],
)  # fmt: skip
def test_unanswered_means_no_meaningful_reply_72_hours_on(
    received_at: str, values: dict[str, Any], late: int
) -> None:
    feedback = conformed(feedback=[query("FB-1", received_at, **values)])["feedback"]
    assert unanswered(feedback, AS_OF).height == late


def test_many_ids_are_cut_short_and_counted() -> None:
    rows = [query(f"FB-{n:03}", "2025-07-01T10:00:00Z") for n in range(40)]
    made = unanswered(conformed(feedback=rows)["feedback"], AS_OF)
    assert made["count"].item() == 40
    assert made["ids"].item().endswith("FB-009 and 30 more")


def test_a_long_list_is_cut_and_says_so(read_page: Any) -> None:
    late = [
        {
            "action_id": f"AC-{n:03}",
            "action_type": "patrol",
            "owner_org": "P",
            "due_on": AS_OF.replace(day=1),
        }
        for n in range(201)
    ]
    page = read_page(write_brief(conformed(actions=late)))
    assert "Actions overdue : 201" in page.text
    assert "The first 200 of 201 are listed." in page.text
    assert "AC-200" not in page.text


def test_quarters_meet_and_do_not_overlap() -> None:
    assert quarters(AS_OF) == (
        (date(2025, 5, 1), AS_OF),
        (date(2025, 2, 1), date(2025, 4, 30)),
    )


DELIVERIES = pl.DataFrame(
    {
        "source": ["team-log"],
        "table": ["issues"],
        "name": ["issues.xlsx"],
        "sha256": ["0123456789abcdef" * 4],
        "rows": [6],
        "captured_at": ["2025-08-02T09:00:00Z"],
    }
)
RECORDS = pl.DataFrame(
    {
        "source": ["team-log"] * 6,
        "table": ["issues"] * 6,
        "record_id": [f"IS-{n}" for n in range(6)],
        "line": list(range(2, 8)),
        "disposition": ["published", "published", "withheld", "withheld", "routed", "quarantined"],
        "reason": [None, None, "handling", "not_reviewed", "safeguarding", "theme_present"],
    }
)
LEDGER = pl.DataFrame(
    {
        "source": ["team-log"],
        "table": ["issues"],
        "records": [6],
        "published": [2],
        "withheld": [2],
        "routed": [1],
        "quarantined": [1],
        "accounted": [6],
    }
)
REFUSED = pl.DataFrame(
    [{"source": "team-log", "table": "issues", "record_id": "IS-5", "rule": "theme_present",
      "value": "(restricted)", "mend": "Fill in the theme."}],
    schema=QUARANTINE,
)  # fmt: skip
QUALITY = pl.DataFrame(
    {
        "table": ["you_said_we_did", "you_said_we_did"],
        "rule": ["g8_fed_back", "key_unique"],
        "severity": ["warning", "critical"],
        "success": [False, True],
        "checked": [9, 9],
        "broken": [3, 0],
        "sentence": ["A closed issue says when.", "Ids are unique."],
    }
)
ERASED = pl.DataFrame(
    [("team-log", "issues", digest, "salt", "subject_request", "2025-07-09T08:00:00Z", place, 1)
     for digest, place in (("aa", "history"), ("aa", "quarantine"), ("bb", "history"))],
    schema=RECEIPTS,
    orient="row",
)  # fmt: skip
BOARD = {
    "deliveries": DELIVERIES,
    "quarantine": REFUSED,
    "quality": QUALITY,
    "records": RECORDS,
    "ledger": LEDGER,
    "erasures": ERASED,
    "as_of": AS_OF,
}
INTERNAL = {
    **BOARD,
    "quality": {"conformed_issues": QUALITY, "conformed_actions": pl.DataFrame()},
    "feedback_times": TIMES,
    "profile": PROFILE,
    "forces": pl.DataFrame({"force_id": ["northshire"], "name": ["<b>Northshire</b>"]}),
    "settings": EngagementSettings(),
}


def test_the_board_sees_inputs_faults_reasons_approvals_and_that_it_adds_up(
    tables: dict[str, pl.DataFrame], read_page: Any
) -> None:
    page = read_page(board_page(tables, **BOARD))
    assert page.faults == []
    for said in (
        "Yes: 6 records came in; 2 are published, 2 withheld, 1 routed out and 1 quarantined",
        "team-log issues issues.xlsx 6 0123456789ab 2025-08-02T09:00:00Z",
        "theme_present issues 1 team-log Fill in the theme.",
        "g8_fed_back warning you_said_we_did 3 9 A closed issue says when.",
        "Marked internal or restricted issues 1",
        "Safeguarding concern issues 1 the force's safeguarding unit",
        "Inspector 9 March 2025 issues 1 2",
        "issues Its text changed since its review 1",
        "9 July 2025 team-log issues subject_request 2",
        "Internal: not for publication.",
    ):
        assert said in page.text
    assert "key_unique" not in page.text


def test_the_board_sees_when_it_does_not_add_up(
    tables: dict[str, pl.DataFrame], read_page: Any
) -> None:
    short = LEDGER.with_columns(pl.lit(5).alias("accounted"))
    assert (
        "No: 6 records came in;" in read_page(board_page(tables, **BOARD | {"ledger": short})).text
    )


def test_a_board_page_of_nothing(read_page: Any) -> None:
    bare = {name: pl.DataFrame() for name in ("deliveries", "quarantine", "quality", "erasures")}
    cleared = {k: v.clear() if isinstance(v, pl.DataFrame) else v for k, v in BOARD.items()}
    for nothing in (cleared, cleared | bare):
        page = read_page(board_page(conformed(), **nothing))
        assert page.faults == []
        assert "No log was delivered." in page.text
        assert "Nothing was erased." in page.text


def test_internal_pages_show_no_text_and_nothing_restricted(
    tables: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    names = write_internal(tmp_path, conformed=tables, **INTERNAL)
    assert names == ["board.html", "tasking-northshire.html"]
    for path in tmp_path.iterdir():
        text = path.read_text("utf-8")
        assert "Internal: not for publication." in text
        for secret in ("SECRET", "FREE TEXT", "<b>"):
            assert secret not in text


def test_the_brief_of_a_force_that_delivers_no_more_is_removed(tmp_path: Path) -> None:
    (tmp_path / "tasking-old.html").write_text("old", "utf-8")
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    assert write_internal(tmp_path, conformed=conformed(), **INTERNAL) == ["board.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["board.html", "notes.txt"]
