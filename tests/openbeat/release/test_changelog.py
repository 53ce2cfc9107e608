"""The changelog of a release, in words."""

from __future__ import annotations

from pathlib import Path

from openbeat.release.changelog import summary_of
from openbeat.release.revisions import write_revisions
from tests.openbeat.release.editions import MONTHS, Tables, at, put, tables, write_edition
from tests.openbeat.release.test_revisions import content_of

ENTRY = {
    "id": "avon-test-rows",
    "force": "avon",
    "dataset": "street",
    "months": ["2025-05"],
    "reason": "Rows of a test.",
    "reported": "2025-07-01",
}


def changelog(tmp_path: Path, old: Tables, new: Tables, *told: str, **more: object) -> str:
    months = ("2025-03", "2025-04", "2025-05")
    previous = write_edition(tmp_path / "2025-05-r1", old, months=months)
    staging = tmp_path / "next"
    list(write_revisions(content_of(staging, new, **more), staging, "2025-06-r1", previous, told))
    return (staging / "CHANGELOG.md").read_text(encoding="utf-8")


def test_it_says_what_was_revised_of_which_tables_forces_and_months(tmp_path: Path) -> None:
    new = tables()
    new["crime"] = put(new["crime"], at(month="2025-05", force_id="avon"), count=4)
    new["coverage"] = put(
        new["coverage"],
        at(month="2025-05", force_id="avon", dataset="street"),
        coverage="partial_suspected",
    )
    text = changelog(tmp_path, tables(), new)
    assert "Since 2025-05-r1, 5 cells were revised (5 resupply)." in text
    assert "| crime | resupply | 4 | 1 | 1 |" in text
    assert "| avon | 5 | 2025-05 |" in text


def test_months_that_are_new_and_those_that_left_are_named_and_are_no_revision(
    tmp_path: Path,
) -> None:
    text = changelog(tmp_path, tables(), tables())
    assert "New months: 2025-06." in text
    assert "No longer in the window: 2025-03; 2025-05-r1 keeps them." in text
    assert "Nothing that 2025-05-r1 said was revised." in text


def test_changes_of_tables_and_corrections_in_force_are_told(tmp_path: Path) -> None:
    new = tables()
    old = {name: frame for name, frame in new.items() if name != "outcomes"}
    sentence = "The column count of crime is deprecated."
    text = changelog(tmp_path, old, new, sentence, provenance={"corrections": [ENTRY]})
    assert f"- {sentence}" in text
    assert "- outcomes is new." in text
    assert "- avon, street, 2025-05: Rows of a test. (avon-test-rows" in text


def test_the_summary_is_what_comes_before_the_first_heading(tmp_path: Path) -> None:
    text = changelog(tmp_path, tables(), tables(), notice="Made-up data.")
    summary = summary_of(text)
    assert summary.startswith("Made-up data.")
    assert summary.endswith("Nothing that 2025-05-r1 said was revised.")
    assert MONTHS[-1] in summary
    assert "#" not in summary
