"""A folder of logs: files are found by their names, and a wrong name is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from openbeat.engagement.folder import sources_in
from openbeat.errors import InputError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("")


def test_each_file_is_the_log_of_the_table_it_is_named_after(tmp_path: Path) -> None:
    touch(tmp_path, "issues.csv", "engagement_events-council.xlsx", "~$lock.xlsx", ".DS_Store")
    found = {source.name: source.table for source in sources_in(tmp_path)}
    assert found == {"issues": "issues", "engagement-events-council": "engagement_events"}


def test_a_mapping_beside_a_log_is_used(tmp_path: Path) -> None:
    touch(tmp_path, "issues.csv", "issues.yaml", "actions.csv")
    by_name = {source.name: source.mapping for source in sources_in(tmp_path)}
    assert by_name == {"issues": tmp_path / "issues.yaml", "actions": None}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["isues.csv"], "did you mean issues.csv"),
        (["issues.docx"], "cannot be read"),
        (["issues.csv", "issues.xlsx"], "two logs have the same name"),
        ([], "holds no log"),
    ],
)
def test_what_is_wrong_is_told_with_its_mend(tmp_path: Path, names: list[str], words: str) -> None:
    touch(tmp_path, *names)
    with pytest.raises(InputError, match=words):
        sources_in(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        sources_in(tmp_path / "nowhere")
