"""From a folder of logs put together by hand to the pack of a meeting, by commands alone."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.openbeat.engagement.deliveries import record
from tests.own_settings import with_logs

SECRET = "Zanzibar"
HERE = {"force_id": "northmere", "neighbourhood_id": "NH05"}
THEIRS = (
    ("No", "Raised", "Area", "What about", "Their words", "Answer", "Answered", "Told", "OK by"),
    ("7", "03/06/2025", "NH05", "fast cars", f"{SECRET} drives", "No: council", "", "", ""),
    ("8", "04/06/2025", "NH05", "lamps", SECRET, "Waiting", "", "", ""),
    ("9", "05/06/2025", "NH99", "lamps", SECRET, "Waiting", "", "", ""),
)
MAPPING = """\
table: issues
date_format: '%d/%m/%Y'
columns:
  issue_id: {from: No, prefix: panel-}
  raised_on: Raised
  neighbourhood_id: Area
  theme: {from: What about, codes: {fast cars: road_safety_speeding, lamps: environment_lighting}}
  text: Their words
  status: {from: Answer, codes: {'No: council': no_action, Waiting: open}}
  reason_no_action_code: {from: Answer, codes: {'No: council': referred_elsewhere, Waiting: null}}
  decided_on: Answered
  fed_back_on: Told
  reviewer_role: OK by
constants:
  force_id: northmere
  owner_org: Northmere Police
  handling: publishable
  information_type: problems_priorities
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which the commands are run in."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def write(path: Path, rows: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def fill(workbook: Path, row: dict[str, str | None]) -> None:
    """Write a record over the example row of a template, as a person would."""
    book = openpyxl.load_workbook(workbook)
    sheet = book["log"]
    for cell in sheet[1]:
        sheet.cell(2, cell.column).value = row.get(str(cell.value))
    book.save(workbook)


def test_two_files_and_a_mapping_and_a_template_filled_in_come_to_a_pack(
    folder: Path, after: Any, cli: Callable[..., Any]
) -> None:
    settings = with_logs(after.settings, folder, lambda _source: None)
    # A team without a system starts from the template.
    Path("logs").mkdir()
    events = Path("logs/engagement_events.xlsx")
    assert cli("template", "engagement_events", "--to", events).code == 0
    meeting = record("engagement_events", "E-1", **HERE, title="Mill Lane meeting")
    fill(events, {**meeting, "attendance_total": "-3"})
    ours = ("--as", "engagement_events", "--config", settings)
    refused = cli("check", events, *ours, "--annotate", "marked.xlsx")
    assert refused.code == 1
    assert "line 2, column attendance_total (restricted)" in refused.text
    assert "Not ready: 1 row would be refused." in refused.text
    assert Path("marked.xlsx").exists()
    fill(events, meeting)
    ready = cli("check", events, *ours)
    assert ready.code == 0, ready.text
    assert "Ready to hand in." in ready.text

    # Another keeps a log of its own; a mapping says what it means.
    write(Path("logs/issues-panel.csv"), THEIRS)
    Path("logs/issues-panel.yaml").write_text(MAPPING, encoding="utf-8")
    options = ("--as", "issues", "--config", settings)
    mapped = (*options, "--mapping", "logs/issues-panel.yaml")
    checked = cli("check", "logs/issues-panel.csv", *mapped)
    assert checked.code == 0, checked.text
    assert "3 rows read, 3 accepted, 0 refused" in checked.text
    plain = cli("check", "logs/issues-panel.csv", *options)
    assert plain.code == 2  # without the mapping nobody knows what its columns are
    # A third hands in our own columns.
    asked = record("issues", "I-1", **HERE, event_id="E-1")
    write(Path("logs/issues.csv"), [list(asked), list(asked.values())])

    said = cli(
        *("run", "--config", settings, "--logs", "logs"),
        *("--out", after.out, "--as-of", "2025-07-31"),
    )
    assert said.code == 0, said.text
    assert "issues g3_neighbourhood_known: 1, first issues-panel.csv line 4" in said.text
    ledger = after.lake("engagement_ledger").select("source", "records", "published", "quarantined")
    assert {
        *(("engagement-events", 1, 1, 0), ("issues", 1, 1, 0), ("issues-panel", 3, 2, 1)),
    } <= set(ledger.rows())
    assert SECRET not in said.text
    assert SECRET not in checked.text + plain.text

    pack = json.loads(pack_of("NH05", after).read_bytes())
    assert pack["last_meeting"]["title"] == "Mill Lane meeting"
    answered = {issue["issue_id"]: issue for issue in pack["answered"]}
    assert answered["panel-7"]["reason_no_action"] == "referred_elsewhere"
    assert answered["I-1"]["asked"] == "Slow the traffic by the school."
    assert [issue["issue_id"] for issue in pack["open"]] == ["panel-8"]
    assert SECRET not in json.dumps(pack)


def pack_of(neighbourhood: str, place: Any) -> Path:
    folder = place.latest.with_name(f"{place.latest.name}.packs")
    (path,) = [
        path
        for path in folder.glob("northmere/*.json")
        if json.loads(path.read_bytes())["neighbourhood_id"] == neighbourhood
    ]
    return path
