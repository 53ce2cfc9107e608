"""The machine-readable sides of a pack: its JSON keys and its calendar."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from openbeat.contract import load_contract
from openbeat.website.packs.keys import KEYS, TABLES_OF, table_keys
from openbeat.website.packs.records import COLUMNS

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"


def _paths(value: object, path: str = "") -> Iterator[str]:
    """Every dotted path of an object."""
    if path:
        yield path
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _paths(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, Mapping):
                for key, deeper in inner.items():
                    yield from _paths(deeper, f"{path}[].{key}")


def _is_documented(path: str) -> bool:
    path = path.replace("crime.total.", "crime.types[].").replace(
        "crime.antisocial_behaviour.", "crime.types[]."
    )
    if path in KEYS or path.startswith(tuple(f"{name}." for name in ("licence", "contact"))):
        return True
    rows, _, column = path.rpartition(".")
    return rows in TABLES_OF and column.removesuffix("_label") in table_keys(rows)


def test_every_key_is_documented_beside_the_packs(busy: Any) -> None:
    assert [path for path in _paths(busy.data()) if not _is_documented(path)] == []
    assert json.loads((busy.folder / "keys.json").read_text("utf-8")) == KEYS


def test_every_pack_has_the_same_keys(busy: Any) -> None:
    assert list(busy.data()) == list(busy.data("NB02"))
    assert list(busy.data()) == sorted(busy.data())
    assert list(busy.data()["crime"]) == list(busy.data("NB02")["crime"])


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_packs_take_published_columns_only(table: str) -> None:
    contract = load_contract(CONTRACTS / f"{table}.yaml")
    published = {column.name for column in contract.columns if column.published}
    assert set(COLUMNS[table]) <= published


def test_a_calendar_can_be_read_and_has_the_right_hour(busy: Any) -> None:
    import icalendar

    read = icalendar.Calendar.from_ical(busy.calendar().read_bytes())
    meeting = next(e for e in read.walk("VEVENT") if "EV-20" in e["uid"])
    assert str(meeting["uid"]) == "EV-20@northshire.openbeat"
    assert meeting.start == datetime(2025, 9, 11, 18, tzinfo=UTC)  # 7 pm, British Summer Time
    assert meeting.end == datetime(2025, 9, 11, 19, 30, tzinfo=UTC)
    assert meeting["dtstamp"].dt == datetime(2025, 7, 31, tzinfo=UTC)
    assert str(meeting["location"]) == "Seamen's Hall, Quay Street"
    assert str(meeting["summary"]) == "Harbour neighbourhood meeting"
    assert str(meeting["url"]) == "https://www.northshire.example/meetings"


def test_a_calendar_keeps_the_rules_of_its_format(rows: Any, write: Any) -> None:
    import icalendar

    title = "Talk; listen, act\nBEGIN:VEVENT " + "é" * 80
    tables = rows.tables(
        engagement_events=[
            rows.planned(
                "EV-1", date(2025, 9, 1), title=title, info_url="javascript:x", end_at=None
            ),
            rows.planned("EV-2", date(2025, 9, 2), status="cancelled"),
        ]
    )
    raw = write(tables).calendar().read_bytes()
    lines = raw.split(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in lines)
    assert (lines[0], lines[-2]) == (b"BEGIN:VCALENDAR", b"END:VCALENDAR")
    assert lines.count(b"BEGIN:VEVENT") == 2
    first, second = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert str(first["summary"]) == title
    assert "url" not in first
    assert "dtend" not in first
    assert (str(first["status"]), str(second["status"])) == ("CONFIRMED", "CANCELLED")
