"""Nothing restricted and no unreviewed text shows in anything that a run leaves or says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.contract import load_contracts
from tests.end_to_end.seeded_logs import left_behind, mark, marks_in, opened, seed
from tests.own_settings import Source, with_logs

ROOT = Path(__file__).parents[2]
# Where what was delivered is kept, for those who hold the logs anyway.
KEPT = ("lake/conformed_", "lake/history_", "lake/raw_logs_", "routed/")
# True sums of what people counted, before disclosure control: they are in no release.
COUNTED = ("lake/engagement_counts/", "lake/feedback_counts/", "lake/feedback_times/")


@dataclass(frozen=True)
class Seeded:
    """A run over logs with marks.

    Attributes:
        place: What it left.
        said: What it said.
        marks: By table, the marks in its log.
        logs: The folder of the logs.
    """

    place: Any
    said: Any
    marks: dict[str, set[str]]
    logs: Path

    @property
    def all_marks(self) -> set[str]:
        """The marks of all tables."""
        return set().union(*self.marks.values())


@pytest.fixture(scope="module")
def seeded(june: Any, tmp_path_factory: pytest.TempPathFactory, cli: Callable[..., Any]) -> Seeded:
    """June's release made again with marked logs, Great Expectations and all."""
    folder = tmp_path_factory.mktemp("seeded")
    place = june.copied(folder)
    logs = Path(shutil.copytree(june.sample / "logs/northmere", folder / "logs"))
    contracts = load_contracts(ROOT / "expectations/contracts")
    marks = {
        path.stem: seed(path, path.stem, contracts[f"conformed_{path.stem}"])
        for path in sorted(logs.glob("*.csv"))
    }
    assert len(marks) == 12
    config = with_logs(june.settings, folder, lambda source: marked(source, logs))
    archive = june.sample / "archives/2025-06.zip"
    arguments = ("--config", config, "--archive", archive, "--out", place.out)
    said = cli("run", *arguments, "--as-of", "2025-07-31")
    return Seeded(place, said, marks, logs)


def marked(source: Source, logs: Path) -> Source | None:
    """The source, of the marked logs; None where it is of others."""
    if not source["name"].startswith("northmere"):
        return None
    return source | {"path": str(logs / Path(source["path"]).name)}


def test_the_marks_reach_the_lake_in_rows_that_are_accepted_and_in_others(seeded: Seeded) -> None:
    """Else the tests below would find nothing because nothing was there."""
    assert seeded.said.code == 0, seeded.said.text
    lake = seeded.place.out / "lake"
    for table, marks in seeded.marks.items():
        told = b"".join(opened(path) for path in (lake / f"conformed_{table}").glob("*.parquet"))
        kept = b"".join(
            opened(p) for p in lake.glob(f"raw_logs_northmere-{table.replace('_', '-')}/*.parquet")
        )
        assert marks <= marks_in(kept), table
        # A complaint is passed on, and a score that is none is emptied.
        gone = {m for m in marks if "complaint_ref" in m} | {"907041", "907042"}
        assert marks - gone <= marks_in(told), table
    refused = seeded.place.lake("quarantine_engagement")
    assert refused.filter(pl.col("value") == "(restricted)").height > 15
    assert refused["rule"].n_unique() > 15
    reasons = set(seeded.place.lake("dispositions")["reason"].drop_nulls())
    assert {"text_changed", "not_reviewed", "deleted", "crime_report"} <= reasons
    assert seeded.place.table("you_said_we_did").height > 60


def test_the_run_says_none_of_them(seeded: Seeded) -> None:
    assert "Quarantined" in seeded.said.text
    assert marks_in(seeded.said.text.encode()) == set()


def test_no_file_but_the_logs_own_holds_one(seeded: Seeded) -> None:
    """Releases, packs, internal pages, Dagster's databases and every other table of the lake."""
    found, looked = {}, set()
    for name, data in left_behind(seeded.place.out):
        if not name.startswith(KEPT):
            looked.add(name.partition("/")[0])
            marks = marks_in(data)
            if name.startswith(COUNTED):
                marks = {m for m in marks if not m.isdigit()}
            if marks:
                found[name] = sorted(marks)
    assert found == {}
    assert {"releases", "internal", "dagster", "lake"} <= looked


def test_what_is_routed_holds_its_own_record_and_no_other(seeded: Seeded) -> None:
    for name, data in left_behind(seeded.place.out / "routed"):
        tables = {table for table, marks in seeded.marks.items() if marks & marks_in(data)}
        assert tables <= {"issues" if "-issues-" in name else "feedback"}, name


def test_checking_a_log_and_its_annotated_copy_show_none_of_what_is_restricted(
    seeded: Seeded, cli: Callable[..., Any], tmp_path: Path
) -> None:
    contracts = load_contracts(ROOT / "expectations/contracts")
    for table in ("engagement_events", "participation", "issues", "feedback"):
        header, *rows = (seeded.logs / f"{table}.csv").read_text("utf-8").splitlines()
        log, copy = tmp_path / f"{table}.csv", tmp_path / f"{table}.xlsx"
        log.write_text("\n".join([header, *rows[-60:]]), encoding="utf-8")  # the worst come last
        said = cli("check", log, "--as", table, "--annotate", copy)
        assert said.code == 1, said.text
        columns = contracts[f"conformed_{table}"].columns
        own_words = {mark(table, column.name) for column in columns if column.reviewed}
        for data in (said.text.encode(), opened(copy)):
            shown = marks_in(data) - own_words
            assert shown == set(), table
