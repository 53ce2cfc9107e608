"""What a release says of what changed since the one before, and what it leaves unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.release.causes import KINDS
from openbeat.release.content import ReleaseContent
from openbeat.release.revisions import (
    COLUMNS,
    changes,
    compare_folders,
    repeated,
    write_revisions,
)
from openbeat.release.tables import TableFile
from tests.openbeat.release.editions import (
    MONTHS,
    Tables,
    at,
    contract,
    put,
    tables,
    whole,
    write_edition,
)

CELL = at(month="2025-05", force_id="avon", neighbourhood_id="N1")
STREET = at(month="2025-05", force_id="avon", dataset="street")
OUTCOMES = at(month="2025-05", force_id="avon", dataset="outcomes")


def changed(frame: dict[str, pl.DataFrame], table: str, where: pl.Expr, **values: object) -> None:
    frame[table] = put(frame[table], where, **values)


def found(
    tmp_path: Path,
    old: Tables,
    new: Tables,
    was: Mapping[str, Any] | None = None,
    now: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Every changed cell with its kind and reason."""
    first = write_edition(tmp_path / "2025-06-r1", old, provenance=was)
    second = write_edition(tmp_path / "2025-06-r2", new, provenance=now)
    return pl.concat(changes(*compare_folders(first, second)))


def kinds(lines: pl.DataFrame, table: str, column: str | None = None) -> set[str]:
    of = lines.filter(pl.col("table") == table)
    if column is not None:
        of = of.filter(pl.col("column") == column)
    return set(of["kind"])


def test_a_month_that_came_late_is_late_supply_in_every_table(tmp_path: Path) -> None:
    old, new = tables(), tables()
    old["crime"] = old["crime"].filter(~at(month="2025-05", force_id="avon"))
    changed(old, "coverage", STREET, coverage="missing", rows=None, member_sha256=None)
    area = at(month="2025-05", area_force_id="avon")
    changed(old, "crime_summary", area, crime_total=None, crime_total_status="x")
    later = at(month="2025-06", area_force_id="avon")
    changed(old, "crime_summary", later, crime_total_12m=None, crime_total_12m_status="x")
    lines = found(tmp_path, old, new)
    assert set(lines["kind"]) == {"late_supply"}
    assert set(lines["table"]) == {"crime", "crime_summary", "coverage"}
    assert set(lines["reason"]) == {"the force's file: missing before, submitted now"}


def test_the_same_rows_with_other_outcomes_and_a_few_moved_points(tmp_path: Path) -> None:
    """As in real archives of one month taken at two dates: street rows hold the last outcome."""
    old, new = tables(), tables()
    for month in MONTHS:
        where = at(month=month, force_id="avon", dataset="street")
        changed(new, "coverage", where, member_sha256=f"later-{month}", archive="b.zip")
    robbery = pl.col("crime_type") == "Robbery"
    changed(new, "crime", CELL & robbery, count=4)
    moved = at(month="2025-05", force_id="avon", neighbourhood_id="N2")
    changed(new, "crime", moved & robbery, count=6)
    changed(new, "crime_summary", at(month="2025-05", area_force_id="avon"), crime_total=9)
    lines = found(tmp_path, old, new)
    assert kinds(lines, "crime") == {"resupply"}
    assert kinds(lines, "crime_summary") == {"resupply"}
    files = lines.filter((pl.col("table") == "coverage") & (pl.col("column") == "member_sha256"))
    assert dict(files.select("period", "kind").rows()) == {
        "2025-04": "outcome_update",
        "2025-05": "resupply",
        "2025-06": "outcome_update",
    }


def test_outcomes_that_moved_within_a_place_are_an_update_those_that_came_are_not(
    tmp_path: Path,
) -> None:
    old, new = tables(), tables()
    changed(new, "coverage", OUTCOMES, member_sha256="later")
    changed(new, "outcomes", CELL & (pl.col("outcome_type") == "Charged"), count=2)
    changed(new, "outcomes", CELL & (pl.col("outcome_type") == "Unsolved"), count=8)
    elsewhere = at(month="2025-05", force_id="avon", neighbourhood_id="N2")
    changed(new, "outcomes", elsewhere & (pl.col("outcome_type") == "Charged"), count=6)
    lines = found(tmp_path, old, new).filter(pl.col("table") == "outcomes")
    by_place = lines.select(pl.col("key").str.json_path_match("$.neighbourhood_id"), "kind")
    assert set(by_place.rows()) == {("N1", "outcome_update"), ("N2", "resupply")}


def test_a_file_with_other_rows_is_a_resupply_and_says_how_many(tmp_path: Path) -> None:
    old, new = tables(), tables()
    changed(new, "coverage", STREET, member_sha256="later", rows=103)
    changed(new, "crime", CELL, count=6)
    lines = found(tmp_path, old, new)
    assert set(lines["kind"]) == {"resupply"}
    assert set(lines["reason"]) == {"police.uk issued the file again: 103 rows, before 100"}


def test_other_boundaries_explain_counts_names_and_the_places_of_other_forces(
    tmp_path: Path,
) -> None:
    old, new = tables(), tables()
    month = at(month="2025-05", force_id="avon")
    changed(new, "coverage", month, boundary_release="2025-05")
    changed(new, "crime", CELL, count=4, neighbourhood_name="New name")
    outside = at(month="2025-05", force_id="wye", neighbourhood_id="N2")
    changed(new, "crime", outside & (pl.col("crime_type") == "Robbery"), count=6)
    lines = found(tmp_path, old, new)
    assert set(lines["kind"]) == {"boundary_change"}
    own = lines.filter((pl.col("table") == "crime") & (pl.col("force_id") == "avon"))
    assert set(own["reason"]) == {"boundaries of 2025-05, before of 2025-01"}


@pytest.mark.parametrize(("was", "now"), [(False, True), (True, False)])
def test_a_correction_put_in_or_taken_out_is_told_with_its_reason(
    tmp_path: Path, *, was: bool, now: bool
) -> None:
    entry = {
        "id": "avon-test-rows",
        "force": "avon",
        "dataset": "street",
        "months": ["2025-05"],
        "reason": "Rows of a test.",
    }
    new = tables()
    changed(new, "crime", CELL, count=4)
    # The file came anew at the same time: the register still explains before all else.
    changed(new, "coverage", STREET, member_sha256="later", rows=90)
    lines = found(
        tmp_path,
        tables(),
        new,
        {"corrections": [entry] if was else []},
        {"corrections": [entry] if now else []},
    )
    of_crime = lines.filter(pl.col("table") == "crime")
    assert set(of_crime["kind"]) == {"correction"}
    assert all("avon-test-rows: Rows of a test." in reason for reason in of_crime["reason"])


def test_a_correction_explains_only_the_months_that_it_was_put_in_for(tmp_path: Path) -> None:
    entry = {
        "id": "avon-test-rows",
        "kind": "exclude_rows",
        "force": "avon",
        "dataset": "street",
        "months": ["2025-05"],
        "reason": "Rows of a tset.",
    }
    more = entry | {"months": ["2025-05", "2025-06"], "reason": "Rows of a test."}
    new = tables()
    changed(new, "crime", at(force_id="avon") & (pl.col("month") > "2025-04"), count=4)
    street = at(force_id="avon", dataset="street") & (pl.col("month") > "2025-04")
    changed(new, "coverage", street, member_sha256="later", rows=90)
    lines = found(tmp_path, tables(), new, {"corrections": [entry]}, {"corrections": [more]})
    of_crime = lines.filter(pl.col("table") == "crime")
    assert set(of_crime.select("period", "kind").rows()) == {
        ("2025-05", "resupply"),
        ("2025-06", "correction"),
    }


def test_a_later_archive_with_the_same_file_is_scheduled(tmp_path: Path) -> None:
    new = tables()
    changed(new, "coverage", STREET, archive="b.zip", archive_as_of="2025-07")
    lines = found(tmp_path, tables(), new)
    assert set(lines["kind"]) == {"scheduled"}


def test_what_no_source_explains_is_a_correction_that_says_so(tmp_path: Path) -> None:
    new = tables()
    changed(new, "crime", CELL, count=4)
    (tmp_path / "same").mkdir()
    same = found(tmp_path / "same", tables(), new)
    assert set(same["kind"]) == {"correction"}
    assert "no source explains it" in same["reason"][0]
    other = found(tmp_path, tables(), new, {"code_version": "1"}, {"code_version": "2"})
    assert set(other["reason"]) == {"worked out by openbeat 2, before by 1"}


def test_populations_of_another_year_are_scheduled(tmp_path: Path) -> None:
    new = tables()
    changed(new, "crime_summary", pl.lit(value=True), population=900, rate_12m_per_1000=3.5)
    lines = found(
        tmp_path, tables(), new, {"geography": []}, {"geography": [{"name": "p", "sha256": "1"}]}
    )
    assert set(lines["kind"]) == {"scheduled"}
    assert set(lines["column"]) == {"population", "rate_12m_per_1000"}


def engagement(issue: str, forms: int | None, status: str | None = None) -> dict[str, pl.DataFrame]:
    reach = pl.DataFrame(
        {
            "period": ["2025-Q1"],
            "place_level": ["force"],
            "force_id": ["avon"],
            "characteristic": ["sex"],
            "category": ["women"],
            "forms": [forms],
            "forms_status": [status],
        },
        schema_overrides={"forms": pl.Int64, "forms_status": pl.String},
    )
    priorities = pl.DataFrame({"priority_id": ["P1"], "issue": [issue]})
    return tables() | {
        "engagement_reach": whole("engagement_reach", reach),
        "priorities": whole("priorities", priorities),
    }


def content_of(folder: Path, made: Tables, **more: Any) -> ReleaseContent:
    """What a release of those tables says; the folder is as before the revisions are written."""
    write_edition(folder, made)
    (folder / "datapackage.json").unlink()
    return ReleaseContent(
        month=MONTHS[-1],
        first_month=MONTHS[0],
        as_of=date(2025, 7, 31),
        tables=made,
        contracts={name: contract(name) for name in (*made, "revisions")},
        **more,
    )


def revised(tmp_path: Path, old: Tables, new: Tables) -> pl.DataFrame:
    """What is published of the changes."""
    previous = write_edition(tmp_path / "2025-06-r1", old)
    staging = tmp_path / "next"
    list(write_revisions(content_of(staging, new), staging, "2025-06-r2", previous))
    return pl.read_parquet(staging / "REVISIONS.parquet")


def test_counts_of_people_and_words_of_logs_are_never_said_again(tmp_path: Path) -> None:
    old, new = engagement("Call Ann Example", 12), engagement("Litter", None, "c")
    changed(new, "crime", CELL & (pl.col("crime_type") == "Robbery"), count=4)
    revised(tmp_path, old, new)
    text = (tmp_path / "next" / "REVISIONS.csv").read_text(encoding="utf-8")
    assert "Ann" not in text
    lines = pl.read_csv(tmp_path / "next" / "REVISIONS.csv", infer_schema=False)
    said = {row["table"]: row for row in lines.to_dicts()}
    assert (said["crime"]["old"], said["crime"]["new"]) == ("5", "4")
    reach = said["engagement_reach"]
    assert (reach["old"], reach["old_status"], reach["new_status"]) == (None, "c", "c")
    assert (said["priorities"]["old"], said["priorities"]["new"]) == (None, "Litter")


def test_what_a_later_release_repeats_of_one_is_known(tmp_path: Path) -> None:
    old, new = engagement("Call Ann Example", 12), engagement("Litter", None, "c")
    changed(new, "crime", CELL, count=4)
    revised(tmp_path, old, new)
    assert repeated(tmp_path / "next", "2025-06-r1") == ["crime"]
    assert repeated(tmp_path / "next", "2025-05-r1") == []
    assert repeated(tmp_path / "2025-06-r1", "2025-05-r1") == []


def test_a_row_of_the_logs_that_went_is_said_by_when_and_where_alone(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "month": ["2025-05"] * 3,
            "force_id": ["avon"] * 3,
            "neighbourhood_id": ["N1"] * 3,
            "activity_type": ["patrol"] * 3,
            "organisation": ["Ann Example", "Bob Example", "Police"],
            "organisation_type": ["police"] * 3,
        }
    )
    old = tables() | {"activities": whole("activities", rows)}
    new = tables() | {"activities": whole("activities", rows.tail(1))}
    lines = revised(tmp_path, old, new)
    assert lines.select("change", "column", "old").unique().rows() == [("row_removed", None, None)]
    assert lines["key"].to_list() == [
        f'{{"month":"2025-05","force_id":"avon","neighbourhood_id":"N1","row":{number}}}'
        for number in (1, 2)
    ]
    written = tmp_path / "next"
    for name in ("REVISIONS.csv", "CHANGELOG.md"):
        assert "Example" not in (written / name).read_text(encoding="utf-8")


def test_the_changelog_and_both_files_are_written_and_nothing_is_left_beside(
    tmp_path: Path,
) -> None:
    previous = write_edition(tmp_path / "2025-06-r1", tables())
    new, staging = tables(), tmp_path / "next"
    changed(new, "crime", CELL, count=4)
    content = content_of(staging, new)
    before = {path.name for path in staging.iterdir()}
    written = list(write_revisions(content, staging, "2025-06-r2", previous))
    assert written == [
        TableFile("REVISIONS.csv", 2, "revisions"),
        TableFile("REVISIONS.parquet", 2, "revisions"),
        "CHANGELOG.md",
    ]
    paths = {file if isinstance(file, str) else file.path for file in written}
    assert {path.name for path in staging.iterdir()} == before | paths


def test_the_files_are_as_the_contract_says(tmp_path: Path) -> None:
    rules = contract("revisions")
    new = engagement("Litter", 12)
    changed(new, "crime", CELL, count=4)
    lines = revised(tmp_path, engagement("Speeding", 12), new)
    assert lines.columns == [column.name for column in rules.columns] == list(COLUMNS)
    assert lines.schema == rules.polars_schema()
    kinds_told = next(rule for rule in rules.rules if rule.id == "kind_known").values
    assert set(kinds_told or ()) == set(KINDS)
    assert not lines.select(rules.key).is_duplicated().any()
    for column in rules.columns:
        assert column.nullable or not lines[column.name].null_count(), column.name


def test_without_a_release_to_compare_with_there_is_a_header_alone(tmp_path: Path) -> None:
    staging = tmp_path / "next"
    list(write_revisions(content_of(staging, tables()), staging, "2025-06-r1", None))
    text = (staging / "REVISIONS.csv").read_bytes().decode()
    assert text == ",".join(COLUMNS) + "\r\n"
    assert "no published release to compare it with" in (staging / "CHANGELOG.md").read_text(
        encoding="utf-8"
    )


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    new = tables()
    changed(new, "crime", pl.lit(value=True), count=4)
    changed(new, "coverage", pl.lit(value=True), member_sha256="later", archive="b.zip")
    files = []
    for name in ("a", "b"):
        revised(tmp_path / name, tables(), new)
        folder = tmp_path / name / "next"
        files.append(
            [
                (folder / f).read_bytes()
                for f in ("REVISIONS.csv", "REVISIONS.parquet", "CHANGELOG.md")
            ]
        )
    assert files[0] == files[1]


def test_a_withdrawn_release_cannot_be_the_one_before(tmp_path: Path) -> None:
    grave, staging = tmp_path / "2025-06-r1", tmp_path / "next"
    grave.mkdir()
    (grave / "WITHDRAWN.md").write_text("gone", encoding="utf-8")
    content = content_of(staging, tables())
    with pytest.raises(InputError, match="withdrawn"):
        list(write_revisions(content, staging, "2025-06-r2", grave))
