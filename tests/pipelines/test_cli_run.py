"""``openbeat run`` and ``backfill``: what is worked on, what is said, and the exit code."""

from __future__ import annotations

import json
import os
import shutil
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.settings import load_settings
from pipelines.build import build_definitions
from resources.lake import Lake
from resources.lock import place_lock

Run = Callable[..., Any]
Cli = Callable[..., Any]
Judge = Callable[..., None]
Look = Callable[[Path], dict[str, str]]


def ids(place: Any) -> list[str]:
    return [entry["id"] for entry in json.loads((place.releases / "releases.json").read_bytes())]


def test_what_is_new_is_ingested_and_published(july: Any) -> None:
    said = july.said
    assert said.code == 0
    assert "Months new: 1 (2025-07)" in said.text
    assert said.text.count("ingested 2025-") == 1
    assert "Published 2025-07-r1" in said.text
    assert said.text.rstrip().endswith(str(july.out / "releases/2025-07-r1.packs/index.html"))
    assert ids(july) == ["2025-06-r1", "2025-07-r1"]
    assert july.latest.name == "2025-07-r1"


def test_a_run_ends_with_where_every_row_went(july: Any) -> None:
    said = july.said.text
    coverage = july.table("coverage")
    for column, label in (
        ("rows", "rows "),
        ("counted", "= counted"),
        ("quarantined", "+ quarantined"),
        ("repeats", "+ repeats"),
        ("no_location", "  without coordinates"),
    ):
        (line,) = [line for line in said.splitlines() if line.startswith(label)]
        sums = [
            coverage.filter(pl.col("dataset") == dataset)[column].sum()
            for dataset in ("street", "outcomes", "stops")
        ]
        assert line.split()[-3:] == [f"{n:,}" for n in sums]


def test_nothing_new_makes_no_release(after: Any, run_after: Run, look: Look) -> None:
    before = look(after.releases)
    said = run_after()
    assert said.code == 0, said.text
    assert "No month is new or changed." in said.text
    assert "Nothing new: 2025-07-r1 already says the same" in said.text
    assert look(after.releases) == before


@pytest.fixture
def changed(pair: Path, tmp_path: Path) -> list[object]:
    """Options that name the same two archives, but one file of the older has a row less."""
    older, newer = (pair / f"archives/2025-0{n}.zip" for n in (6, 7))
    with zipfile.ZipFile(older) as read, zipfile.ZipFile(tmp_path / older.name, "w") as write:
        for member in read.namelist():
            data = read.read(member)
            if member.endswith("ynysfawr-street.csv"):
                data = b"".join(data.splitlines(keepends=True)[:-1])
            write.writestr(member, data)
        write.writestr("notes.txt", "not one of police.uk's files")
    return ["--archive", tmp_path / older.name, "--archive", newer]


def test_only_a_changed_month_is_ingested_again(
    after: Any, run_after: Run, changed: list[object]
) -> None:
    lake = Lake(str(after.out / "lake"))
    before = lake.read("ledger", "2025-06")
    said = run_after(*changed)
    assert said.code == 0, said.text
    assert "Months changed: 1 (2025-06)" in said.text
    assert said.text.count("ingested 2025-") == 1
    assert "Published 2025-07-r2" in said.text
    assert lake.read("ledger", "2025-06")["rows"].sum() == before["rows"].sum() - 1
    assert "were not read, for example notes.txt" in said.text


def test_a_month_that_was_begun_and_not_ended_is_neither_kept_nor_published(
    after: Any,
    run_after: Run,
    changed: list[object],
    look: Look,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half of it is of the changed file, so what it was made from before counts no more."""

    def lake() -> dict[str, str]:
        # What the last run would have published is no part of what the lake holds.
        files = look(after.out / "lake").items()
        return {path: sha for path, sha in files if not path.startswith("disclosure_pending/")}

    before = lake(), look(after.releases)

    def failing(*_arguments: object) -> None:
        raise InputError("made to fail")

    with monkeypatch.context() as patch:
        patch.setattr("assets.monthly.ledger", failing)
        assert run_after(*changed).code == 2
    assert lake() != before[0]
    newer_alone = run_after("--archive", after.sample / "archives/2025-07.zip")
    assert newer_alone.code == 2
    assert "begun and not ended: 2025-06" in newer_alone.text
    said = run_after()
    assert said.code == 0, said.text
    assert "Months new: 1 (2025-06)" in said.text
    assert "Nothing new: 2025-07-r1" in said.text
    assert (lake(), look(after.releases)) == before


def test_backfill_processes_months_again_though_nothing_changed(
    place: Any, cli: Cli, look: Look
) -> None:
    before = look(place.out / "lake/conformed_street")
    said = cli(
        *("backfill", "--from", "2025-05", "--to", "2025-06", "--config", place.settings),
        *("--out", place.out, "--as-of", "2025-07-31"),
    )
    assert said.code == 0, said.text
    assert "Months asked for: 1 (2025-06)" in said.text
    assert "Nothing new: 2025-06-r1 already says the same" in said.text
    assert look(place.out / "lake/conformed_street") == before


def test_an_older_month_can_be_published(after: Any, run_after: Run) -> None:
    said = run_after("--month", "2025-06")
    assert said.code == 0, said.text
    assert "Nothing new: 2025-06-r1" in said.text
    assert after.latest.name == "2025-07-r1"


def test_a_failed_critical_check_of_an_input_promotes_nothing(
    place: Any, run: Run, judge: Judge, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = look(place.releases)
    judge("conformed_stops", "critical")
    said = run()
    assert said.code == 1
    assert "2025-07 conformed_stops t0_made_up: Three of ten are wrong. (3 rows)" in said.text
    assert "Nothing was promoted; the last release is as it was." in said.text
    assert look(place.releases) == before
    assert Lake(str(place.out / "lake")).months("ingested", ".json") == ["2025-06"]
    judge("none", "critical")
    assert "Published 2025-07-r1" in run().text


def test_a_failed_critical_check_of_a_table_promotes_nothing(
    place: Any, run: Run, judge: Judge, look: Look
) -> None:
    before = look(place.releases)
    judge("crime_summary", "critical")
    said = run()
    assert said.code == 1
    assert "2025-07 crime_summary t0_made_up" in said.text
    assert look(place.releases) == before


def test_counts_that_do_not_add_up_are_not_published(
    june: Any, tmp_path: Path, cli: Cli, look: Look
) -> None:
    """With Great Expectations itself, on a lake in which one crime was made up."""
    out = Path(shutil.copytree(june.out, tmp_path / "out", symlinks=True))
    lake = Lake(str(out / "lake"))
    counts = lake.read("counts_street", "2025-06")
    first = pl.int_range(pl.len()) == 0
    lake.write("counts_street", counts.with_columns(pl.col("count") + first), "2025-06")
    before = look(out / "releases")
    said = cli(
        *("run", "--config", june.settings, "--out", out, "--month", "2025-06"),
    )
    assert said.code == 1
    assert "reconciliation x1_agrees" in said.text
    assert look(out / "releases") == before


def test_a_warning_is_shown_and_does_not_stop_a_release(place: Any, run: Run, judge: Judge) -> None:
    judge("conformed_street", "warning")
    said = run()
    assert said.code == 0, said.text
    assert "street t0_made_up: 3 in 1 months. Three of ten are wrong. e.g. 7" in said.text


@pytest.mark.parametrize("table", ["conformed_street", "ledger", "coverage"])
def test_strict_stops_at_a_warning(
    place: Any, run: Run, judge: Judge, look: Look, table: str
) -> None:
    before = look(place.releases)
    judge(table, "warning")
    said = run("--strict")
    assert said.code == 1
    assert f"2025-07 {table} t0_made_up: Three of ten are wrong." in said.text
    assert "Nothing was promoted" in said.text
    assert look(place.releases) == before


def test_another_run_in_the_same_place_is_refused(place: Any, run: Run, look: Look) -> None:
    before = look(place.releases)
    with place_lock(place.out):
        said = run()
    assert said.code == 2
    assert "another run works in" in said.text
    assert look(place.releases) == before


def test_an_interrupt_is_no_failure_and_the_next_run_goes_on(
    place: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr("assets.crime.take_in_corrected", interrupted)
        said = run()
    assert said.code == 130
    assert "stopped; the last release is whole" in said.text
    assert "Traceback" not in said.text
    assert "Published 2025-07-r1" in run().text


def test_a_month_that_is_not_over_is_told(place: Any, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "archive/2999-01"
    folder.mkdir(parents=True)
    shutil.unpack_archive(place.sample / "archives/2025-07.zip", tmp_path / "2025-07")
    made = (tmp_path / "2025-07/2025-07/2025-07-northmere-street.csv").read_text("utf-8")
    (folder / "2999-01-northmere-street.csv").write_text(made.replace("2025-07", "2999-01"))
    said = run("--archive", tmp_path / "archive")
    assert said.code == 2
    assert "2999-01" in said.text
    assert "Traceback" not in said.text


def test_a_place_may_have_any_name(june: Any, tmp_path: Path, cli: Cli, no_judge: None) -> None:
    out = Path(shutil.copytree(june.out, tmp_path / "[red] Ö*", symlinks=True))
    said = cli(
        *("run", "--config", june.settings, "--out", out, "--month", "2025-06"),
        *("--as-of", "2025-07-31"),
    )
    assert said.code == 0, said.text
    assert f"openbeat: working in {out}" in said.text
    assert said.text.rstrip().endswith(str(out / "releases/2025-06-r1.packs/index.html"))
    assert str(out) in cli("release", "list", "--out", out).text


def test_backfill_leaves_no_gap_that_would_look_like_missing_files(
    whole: Any, tmp_path: Path, cli: Cli, no_judge: None
) -> None:
    options = ("--config", whole.settings, "--out", tmp_path, "--as-of", "2025-07-31")
    assert cli("backfill", "--from", "2025-04", "--to", "2025-04", *options).code == 0
    said = cli("backfill", "--from", "2025-06", "--to", "2025-06", *options)
    assert said.code == 0, said.text
    assert "ingested 2025-05" in said.text
    assert Lake(str(tmp_path / "lake")).months("ingested", ".json") == [
        *("2025-04", "2025-05", "2025-06"),
    ]


def publish_step(place: Any, *steps: str) -> None:
    """Run steps of the publish job by themselves, as Dagster's UI can."""
    settings = load_settings(place.settings, out=place.out)
    job = build_definitions(settings).resolve_job_def("publish")
    keys = [dg.AssetKey(step) for step in steps]
    with dg.DagsterInstance.ephemeral() as instance:
        job.execute_in_process(instance=instance, asset_selection=keys)


def test_a_table_that_was_not_judged_is_not_published_by_the_last_step_alone(
    after: Any, look: Look
) -> None:
    before = look(after.releases)
    lake = Lake(str(after.out / "lake"))
    lake.write("crime", lake.read("crime").with_columns(-pl.col("count")))
    with pytest.raises(InputError, match="table crime is not the one that was checked"):
        publish_step(after, "release")
    assert look(after.releases) == before


def test_a_rule_that_was_broken_stops_the_last_step_alone_too(after: Any, look: Look) -> None:
    before = look(after.releases)
    lake = Lake(str(after.out / "lake"))
    broken = {
        "month": "2025-07",
        "table": "crime",
        "rule": "made_up",
        "severity": "critical",
        "success": False,
        "broken": 3,
        "sentence": "It is right.",
    }
    lake.write("quality_crime", pl.DataFrame([broken]), "2025-07")
    with pytest.raises(InputError, match="made_up: It is right"):
        publish_step(after, "release")
    assert look(after.releases) == before


def test_a_notice_makes_a_new_release_though_no_number_changed(after: Any, run_after: Run) -> None:
    settings = after.settings.parent / "noticed.yaml"
    text = after.settings.read_text("utf-8").replace("notice: Made-up", "notice: Wholly made-up")
    settings.write_text(text, "utf-8")
    try:
        said = run_after("--config", settings)
    finally:
        settings.unlink()
    assert "Published 2025-07-r2" in said.text
