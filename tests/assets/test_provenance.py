"""The lineage that a release publishes is the assets' own."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from assets.lineage import roots
from assets.provenance import LOGS_HASHED, READS, _logs, steps
from assets.tables import ENGAGEMENT, PUBLISHED
from openbeat.release.provenance import MONTHS
from resources.lake import Lake
from resources.logs import DELIVERIES, raw_table


def back(table: str) -> set[str]:
    """Where a table ends up: the months, or a table made from none."""
    made = {name: parents for step in steps() for name, parents in step.makes.items()}
    found, waiting = set(), [table]
    while waiting:
        name = waiting.pop()
        parents = made.get(name, ())
        waiting += [parent for parent in parents if parent != MONTHS]
        found |= {MONTHS} & set(parents) or ({name} if not parents else set())
    return found


def test_every_published_table_leads_back_to_raw_files() -> None:
    for table in PUBLISHED:
        ends = {"members" if end == MONTHS else end for end in back(table)}
        assert ends == roots()[table]
        assert "members" in ends


def test_tables_of_engagement_lead_back_to_the_logs() -> None:
    (logs,) = [step for step in steps() if step.name == "engagement_logs"]
    for table in ENGAGEMENT:
        assert back(table) & set(logs.makes)


def test_steps_that_read_files_exist() -> None:
    assert set(READS) <= {step.name for step in steps()}


def test_no_hash_of_a_log_that_counts_people_is_told() -> None:
    assert not {"participation", "feedback", "survey_indicators"} & set(LOGS_HASHED)


def delivered(lake: Lake, *rows: tuple[str, str, str]) -> None:
    """Sources with their table and the hash of their file, each the newest delivery."""
    came = [
        {"source": source, "table": table, "name": f"{sha256}.xlsx", "sha256": sha256}
        for source, table, sha256 in rows
    ]
    lake.write(DELIVERIES, pl.DataFrame(came))
    for row in came:
        lake.write_json(raw_table(row["source"]), row["sha256"], row)


def test_a_workbook_that_also_holds_counts_of_people_is_not_hashed(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    delivered(
        lake,
        ("ours-events", "engagement_events", "both"),
        ("ours-feedback", "feedback", "both"),
        ("ours-issues", "issues", "alone"),
    )
    assert _logs(lake) == [
        {"source": "ours-events", "table": "engagement_events"},
        {"source": "ours-feedback", "table": "feedback"},
        {"source": "ours-issues", "table": "issues", "name": "alone.xlsx", "sha256": "alone"},
    ]


def test_logs_that_nothing_published_is_made_from_are_not_listed(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    unused = ("impact_assessments", "problem_plans", "survey_indicators")
    delivered(lake, *((f"ours-{table}", table, table) for table in unused))
    assert _logs(lake) == []
