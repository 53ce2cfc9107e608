"""How people were protected is part of the release: hashed, described, and named in the README."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.release.content import ReleaseContent
from openbeat.release.integrity import content_digest, verify
from openbeat.release.write import write_release
from tests.openbeat.release.faults import MONTH

FILES = ("disclosure.json", "DISCLOSURE.md")


def told(content: ReleaseContent, value: object = 0) -> ReleaseContent:
    said = {"attack": {"ok": True}, "kept_back": [value]}
    return dataclasses.replace(content, disclosure=said, disclosure_page="# How\n")


def test_the_report_is_two_files_of_the_release(content: ReleaseContent, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    write_release(told(content), folder, f"{MONTH}-r1")
    assert verify(folder) == []
    package = json.loads((folder / "datapackage.json").read_bytes())
    described = {resource["path"]: resource["title"] for resource in package["resources"]}
    readme = (folder / "README.md").read_text("utf-8")
    for name in FILES:
        assert described[name] != name
        assert name in readme


def test_another_report_is_another_content(content: ReleaseContent, tmp_path: Path) -> None:
    for name, value in (("one", 0), ("two", 1)):
        write_release(told(content, value), tmp_path / name, f"{MONTH}-r1")
    assert content_digest(tmp_path / "one") != content_digest(tmp_path / "two")


def test_without_counts_of_people_there_is_none(content: ReleaseContent, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    write_release(content, folder, f"{MONTH}-r1")
    assert not any((folder / name).exists() for name in FILES)
    assert "DISCLOSURE.md" not in (folder / "README.md").read_text("utf-8")


def test_it_names_no_path_of_a_machine(content: ReleaseContent, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="machine's path"):
        write_release(told(content, "/home/somebody/x"), tmp_path / "r", f"{MONTH}-r1")
