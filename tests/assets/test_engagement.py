"""The logs as Dagster takes them in: what is kept, what leaves, what is shown, what is erased."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from assets.checks import contracts
from assets.engagement import CONFORMED, engagement_logs
from openbeat.engagement.settings import EngagementSettings, EngagementSource
from openbeat.errors import InputError
from openbeat.settings import Settings
from resources import logs
from resources.erasure import erase
from resources.lake import Lake, LakeIOManager
from resources.sources import Sources
from tests.openbeat.engagement.deliveries import record

SECRET = "Marked-7f3"
LATER = datetime(2025, 8, 1, tzinfo=UTC)
Row = dict[str, Any]


@dataclass
class Place:
    """A place with logs in a folder, and what takes them in."""

    out: Path
    sources: tuple[EngagementSource, ...]

    @property
    def settings(self) -> Settings:
        return Settings(out=self.out, engagement=EngagementSettings(sources=list(self.sources)))

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_root)

    def deliver(self, source: str, *rows: Row) -> None:
        path = next(s.path for s in self.sources if s.name == source)
        assert path is not None
        pl.DataFrame(list(rows), infer_schema_length=None).write_csv(path)

    def take_in(self, now: str = "2025-07-31T06:00:00Z") -> dg.ExecuteInProcessResult:
        resources = {
            "lake": self.lake,
            "sources": Sources(self.settings),
            "io_manager": LakeIOManager(self.lake),
        }
        config = {"ops": {"engagement_logs": {"config": {"now": now}}}}
        return dg.materialize([engagement_logs], resources=resources, run_config=config)

    def erase(self, record_id: str) -> pl.DataFrame:
        return erase(self.lake, self.out, self.settings.releases_root, "log", record_id, LATER)

    def everything(self) -> str:
        """All that is kept, as text; Parquet as CSV."""
        texts = []
        for path in sorted(p for p in self.out.rglob("*") if p.is_file()):
            if path.suffix == ".parquet":
                frame = pl.read_parquet(path)
                lists = [n for n, kind in frame.schema.items() if kind == pl.List(pl.String)]
                texts.append(frame.with_columns(pl.col(lists).list.join(";")).write_csv())
            else:
                texts.append(path.read_text("utf-8"))
        return "\n".join(texts)


@pytest.fixture
def look() -> Callable[[Path], dict[str, str]]:
    """The hash of every file under a folder, by path."""
    return lambda folder: {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def place(tmp_path: Path, no_judge: None) -> Place:
    folder = tmp_path / "logs"
    folder.mkdir()
    source = EngagementSource(name="log", table="issues", path=folder / "issues.csv")
    return Place(tmp_path / "out", (source,))


def issue(record_id: str, **changed: str | None) -> Row:
    return record("issues", record_id, **{"event_id": None, **changed})


def test_the_tables_are_made_whatever_was_delivered(place: Place) -> None:
    place.deliver("log", issue("R1"))
    place.take_in()
    for name in CONFORMED:
        frame = place.lake.read(name)
        assert frame.schema == contracts()[name].polars_schema()
    assert place.lake.read("conformed_issues")["issue_id"].to_list() == ["R1"]


def test_without_sources_there_are_empty_tables_and_no_records(place: Place) -> None:
    place.sources = ()
    assert place.take_in().success
    assert all(place.lake.read(name).is_empty() for name in CONFORMED)
    assert place.lake.read("records").is_empty()


def test_a_delivery_is_kept_as_it_came_and_the_same_content_once(place: Place) -> None:
    place.deliver("log", issue("R1"), issue("R2", theme="nonsense"))
    place.take_in()
    place.take_in("2025-08-01T06:00:00Z")
    (name,) = place.lake.months("raw_logs_log")
    told = place.lake.read_json("raw_logs_log", name)
    assert told is not None
    assert (told["name"], told["rows"], told["kept"]) == ("issues.csv", 2, 2)
    assert told["captured_at"] == "2025-07-31T06:00:00Z"
    assert told["sha256"].startswith(name)
    raw = place.lake.read("raw_logs_log", name)
    assert raw["theme"].to_list()[1] == "nonsense"
    assert place.lake.read("history_log")["version"].to_list() == [1, 1]
    place.deliver("log", issue("R1", text="other"), issue("R2"))
    place.take_in()
    assert len(place.lake.months("raw_logs_log")) == 2


def test_a_column_that_is_ignored_is_kept_nowhere(place: Place) -> None:
    told = place.sources[0].path
    assert told is not None
    mapping = told.with_name("mapping.yaml")
    mapping.write_text("table: issues\nignore: [Officer name]\n")
    place.sources = (place.sources[0].model_copy(update={"mapping": mapping}),)
    place.deliver(
        "log",
        issue("R1") | {"Officer name": SECRET},
        issue("R2", nature="crime_report") | {"Officer name": SECRET},
    )
    place.take_in()
    (name,) = place.lake.months("raw_logs_log")
    assert "Officer name" not in place.lake.read("raw_logs_log", name).columns
    stored = place.lake.read_json("raw_logs_log", name)
    assert stored is not None
    assert stored["sha256"] == hashlib.sha256(told.read_bytes()).hexdigest()
    assert SECRET not in place.everything()


def test_the_same_logs_give_the_same_bytes_whenever_they_are_taken_in(
    place: Place, look: Callable[[Path], dict[str, str]]
) -> None:
    place.deliver("log", issue("R1"), issue("R2", theme="nonsense"))
    place.take_in()
    before = look(place.out / "lake")
    place.take_in("2025-07-31T09:00:00Z")
    assert look(place.out / "lake") == before


def test_nothing_changes_where_a_source_cannot_be_read(
    place: Place, look: Callable[[Path], dict[str, str]]
) -> None:
    place.deliver("log", issue("R1"))
    place.take_in()
    before = look(place.out)
    missing = EngagementSource(name="gone", table="actions", path=place.out / "gone.csv")
    place.deliver("log", issue("R2"))
    place.sources = (*place.sources, missing)
    with pytest.raises(InputError, match=r"gone\.csv"):
        place.take_in()
    assert look(place.out) == before


def test_a_source_that_delivers_another_table_needs_another_name(place: Place) -> None:
    place.deliver("log", issue("R1"))
    place.take_in()
    place.sources = (place.sources[0].model_copy(update={"table": "actions"}),)
    place.deliver("log", record("actions", "R1"))
    with pytest.raises(InputError, match="delivered issues before"):
        place.take_in()


def test_what_must_leave_is_written_once_for_its_owner_alone_and_kept_nowhere(
    place: Place,
) -> None:
    place.deliver("log", issue("R1"), issue("R2", text=SECRET))
    place.take_in()
    assert SECRET in place.everything()
    place.deliver("log", issue("R1"), issue("R2", text=SECRET, nature="crime_report"))
    place.take_in()
    place.take_in()
    (file,) = (place.out / "routed").rglob("*.csv")
    assert file.parent.name == "crime_report"
    assert SECRET in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.unlink()
    assert SECRET not in place.everything()
    assert place.lake.read("routed").height == 1


@pytest.mark.parametrize("stopped", ["_store_raw", "_purge_raw"])
def test_broken_off_while_something_leaves_the_next_run_does_the_rest(
    place: Place, stopped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.deliver("log", issue("R1"), issue("R2", text=SECRET))
    place.take_in()
    place.deliver("log", issue("R1"), issue("R2", text=SECRET, nature="crime_report"))
    with monkeypatch.context() as patch:

        def killed(*_arguments: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(logs, stopped, killed)
        with pytest.raises(BaseException):  # noqa: B017, PT011 - a kill has no kind of its own
            place.take_in()
    place.take_in()
    (file,) = (place.out / "routed").rglob("*.csv")
    file.unlink()
    assert SECRET not in place.everything()


def test_raw_deliveries_and_records_older_than_the_retention_go(place: Place) -> None:
    place.sources = (place.sources[0].model_copy(update={"retention_months": 6}),)
    place.deliver("log", issue("R1", text=SECRET))
    place.take_in("2025-07-01T06:00:00Z")
    place.deliver("log", issue("R2", raised_on="2026-01-15", decided_on=None, fed_back_on=None))
    place.take_in("2026-02-01T06:00:00Z")
    assert SECRET not in place.everything()
    records = place.lake.read("records")
    assert dict(records.select("record_id", "reason").rows()) == {"R1": "retention", "R2": None}


def test_metadata_hold_counts_and_no_value_of_a_restricted_column(place: Place) -> None:
    place.deliver("log", issue("R1", text=SECRET), issue("R2", times_raised=SECRET))
    result = place.take_in()
    events = [
        event.to_json() if hasattr(event, "to_json") else str(event) for event in result.all_events
    ]
    told = "\n".join(map(str, events))
    assert SECRET not in told
    (made,) = [
        e
        for e in result.get_asset_materialization_events()
        if e.asset_key.path == ["conformed_issues"]
    ]
    became = made.materialization.metadata["became"].value
    assert became == {"accepted": 1, "quarantined: readable": 1}


@pytest.fixture
def full(place: Place) -> Place:
    """A record in every place that keeps any: versions, raw, quarantine, routed, a release."""
    place.deliver("log", issue("R1"), issue("R2", text=SECRET))
    place.take_in()
    place.deliver("log", issue("R1"), issue("R2", text=SECRET, nature="crime_report"))
    place.take_in()
    place.deliver("log", issue("R1"), issue("R2", text=SECRET), issue("R2", text=SECRET))
    place.take_in()
    judged = place.lake.read("quality_conformed_issues")
    shown = pl.DataFrame([{"severity": "info", "examples": ["R2"]}], schema=judged.schema)
    place.lake.write("quality_conformed_issues", shown)
    tables = place.out / "releases/2025-07-r1/tables"
    tables.mkdir(parents=True)
    pl.DataFrame({"issue_id": ["R1", "R2"]}).write_parquet(tables / "you_said_we_did.parquet")
    return place


def test_an_erased_record_leaves_nothing_but_a_receipt(full: Place) -> None:
    receipt = full.erase("R2")
    told = dict(receipt.select("place", "rows").rows())
    assert told == {
        "begun": 0,
        "release 2025-07-r1": 1,
        "routed files": 1,
        "raw deliveries": 2,
        "examples in quality results": 1,
        "tables": 1,
        "quarantine_engagement": 1,
        "records": 2,
        "routed": 1,
        "history": 1,
    }
    for path in (full.out / "releases").rglob("*.parquet"):
        path.unlink()
    kept = full.everything()
    assert SECRET not in kept
    assert "R2" not in kept
    assert "R1" in kept


def test_erased_and_delivered_again_it_is_dropped_at_the_door(full: Place) -> None:
    full.erase("R2")
    full.take_in()
    records = full.lake.read("records")
    assert records["reason"].to_list() == [None, "erased", "erased"]
    assert SECRET not in full.everything()


def test_erasing_broken_off_anywhere_is_done_by_erasing_again(
    full: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = Lake.write, 0

    def dying(self: Lake, *arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("killed")
        return real(self, *arguments)

    killed = 0
    for writes in range(15):
        left = writes
        with monkeypatch.context() as patch:
            patch.setattr(Lake, "write", dying)
            try:
                full.erase("R2")
            except OSError:
                killed += 1
    assert killed > 5
    assert {"begun", "history"} <= set(full.erase("R2")["place"])
    for path in (full.out / "releases").rglob("*.parquet"):
        path.unlink()
    assert "R2" not in full.everything()


def test_erasing_what_is_not_there_says_so_and_leaves_no_receipt(full: Place) -> None:
    with pytest.raises(InputError, match="no such record"):
        full.erase("R3")
    with pytest.raises(InputError, match="source of that name"):
        erase(full.lake, full.out, full.out / "releases", "logs", "R2", LATER)
    assert not full.lake.exists("erasures")


def test_the_receipt_holds_a_salted_hash_and_no_id(full: Place) -> None:
    one = full.erase("R2").row(0, named=True)
    assert len(one["salt"]) == 32
    assert one["erased_at"] == "2025-08-01T00:00:00Z"
    two = full.erase("R1").row(0, named=True)
    assert (two["salt"], two["id_sha256"] != one["id_sha256"]) == (one["salt"], True)
    assert json.dumps(one).count("R2") == 0


def test_after_erasing_nothing_is_published_before_the_logs_are_taken_in_again(
    full: Place,
) -> None:
    from assets.checks import require_judged
    from resources.lake import ALL

    require_judged(full.lake, CONFORMED, ALL, stored_as=ALL)
    full.erase("R2")
    with pytest.raises(InputError, match="not the one that was checked"):
        require_judged(full.lake, CONFORMED, ALL, stored_as=ALL)
    full.take_in()
    require_judged(full.lake, CONFORMED, ALL, stored_as=ALL)
