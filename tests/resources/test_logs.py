"""What the lake keeps of the logs."""

from __future__ import annotations

from pathlib import Path

from resources.lake import Lake
from resources.logs import history_table, not_named
from tests.openbeat.engagement.deliveries import delivery, record, taken


def test_records_of_a_source_that_is_named_no_more_are_withheld_and_told(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    for name in ("kept", "dropped"):
        intake = taken(delivery("issues", [record("issues", f"{name}-1")], name))
        lake.write(history_table(name), intake.history[name])
    told = not_named(lake, ["kept"])
    assert told.select("source", "record_id", "disposition", "reason").rows() == [
        ("dropped", "dropped-1", "withheld", "source_not_named")
    ]
