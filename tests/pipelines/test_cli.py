"""The command line's refusals with their exit codes, and the commands besides ``run``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.own_settings import with_logs

Cli = Callable[..., Any]
Look = Callable[[Path], dict[str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder; paths that a message names are relative to it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no archive is named"),
        (["--archive", "absent.zip"], "absent.zip: there is no such archive"),
        (["--archive", "text.zip"], "text.zip: not a zip file"),
        (["--archive", "empty"], "empty: no file in police.uk's layout"),
        (["--archive", "http://data.example/a.zip"], "an archive is a path or an https URL"),
        (["--config", "absent.yaml"], "absent.yaml: "),
        (["--config", "typo.yaml"], "typo.yaml, line 3, column window_month"),
        (["--config", "wrong.yaml"], "wrong.yaml, line 2, column window_months, value '0'"),
        (["--config", "broken.yaml"], "broken.yaml, line "),
        (["--as-of", "June"], "as_of, value 'June'"),
        (["--out", "text.zip"], "text.zip: the folder to work in cannot be written"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    folder: Path, cli: Cli, arguments: list[str], said: str
) -> None:
    (folder / "empty").mkdir()
    (folder / "text.zip").write_text("not a zip")
    (folder / "typo.yaml").write_text("# mine\n\nwindow_month: 12\n")
    (folder / "wrong.yaml").write_text("strict: true\nwindow_months: 0\n")
    (folder / "broken.yaml").write_text("archives:\n - [\n")
    found = cli("run", "--out", "out", *arguments)
    assert found.code == 2
    assert said in found.text
    assert "Traceback" not in found.text
    assert not (folder / "out/releases").exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "there is no such folder"),
        ("", "the folder holds no log"),
        ("isues.csv", "did you mean issues.csv?"),
        ("issues.txt", "issues.txt: a log of this kind cannot be read"),
        ("issues.csv", "issues.csv: is empty: not even a header"),
    ],
)
def test_a_folder_of_logs_that_cannot_be_used_is_told_and_publishes_nothing(
    after: Any, folder: Path, cli: Cli, look: Look, file: str | None, said: str
) -> None:
    before = look(after.releases)
    settings = with_logs(after.settings, folder, lambda _source: None)
    if file is not None:
        (folder / "logs").mkdir()
    if file:
        (folder / "logs" / file).touch()
    found = cli("run", "--config", settings, "--logs", "logs", "--out", after.out)
    assert found.code == 2
    assert said in found.text
    assert "Traceback" not in found.text
    assert look(after.releases) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "nobody", "--id", "1"], "source of that name"),
        (["--source", "northmere-issues", "--id", "1"], "no such record"),
        (["--source", "northmere-issues"], "--id"),
        (
            ["--source", "northmere-issues", "--id", "northmere-I000001", "--reason", "tired"],
            "one of gone_from_source, ",
        ),
    ],
)
def test_what_cannot_be_erased_is_told_and_nothing_changes(
    after: Any, cli: Cli, look: Look, arguments: list[str], said: str
) -> None:
    before = look(after.out / "lake")
    found = cli("erase", "--out", after.out, *arguments)
    assert found.code == 2, found.text
    assert said in found.text
    assert look(after.out / "lake") == before


def test_an_erased_record_is_gone_at_once_and_the_receipt_does_not_name_it(
    after: Any, cli: Cli
) -> None:
    name = "northmere-I900001"
    said = cli("erase", "--out", after.out, "--source", "northmere-issues", "--id", name)
    assert said.code == 0, said.text
    assert "Erased. The receipt, which holds neither the id nor the content:" in said.text
    assert "release 2025-07-r1: 1" in said.text
    assert name not in said.text
    assert name not in after.lake("history_northmere-issues")["record_id"].to_list()
    assert name not in after.lake("conformed_issues")["issue_id"].to_list()


def test_a_typo_in_a_setting_is_guessed(folder: Path, cli: Cli) -> None:
    (folder / "typo.yaml").write_text("window_month: 12\n")
    assert "did you mean 'window_months'?" in cli("run", "--config", "typo.yaml").text


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--month"], ["backfill"]])
def test_wrong_options_are_wrong_use(folder: Path, cli: Cli, arguments: list[str]) -> None:
    command = arguments if arguments[0] == "backfill" else ["run", *arguments]
    assert cli(*command).code == 2


@pytest.mark.parametrize(
    "arguments",
    [["run", "--month", "2031-01"], ["backfill", "--from", "2031-01", "--to", "2031-02"]],
)
def test_a_month_nobody_holds_is_refused(june: Any, cli: Cli, arguments: list[str]) -> None:
    said = cli(*arguments, "--config", june.settings, "--out", june.out)
    assert said.code == 2
    assert "no archive holds a file for 2031-01" in said.text
    assert "the archives hold 2025-06 to 2025-07" in said.text


def test_a_url_that_cannot_be_reached_has_an_exit_code_of_its_own(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.policeuk.TRIES", 1)
    said = cli("run", "--archive", "https://127.0.0.1:1/2025-06.zip", "--out", "out")
    assert said.code == 3
    assert "https://127.0.0.1:1/2025-06.zip could not be reached after 1 tries" in said.text


def test_a_lake_that_cannot_be_reached_has_it_too(
    folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_arguments: object, **_more: object) -> None:
        raise ConnectionError("no route to the store")

    monkeypatch.setattr("resources.lake.UPath.exists", down)
    (folder / "own.yaml").write_text("lake: memory://lake\n")
    said = cli("run", "--config", "own.yaml", "--out", "out")
    assert said.code == 3
    assert "cannot be reached (no route to the store)" in said.text


def test_the_releases_are_listed(july: Any, cli: Cli) -> None:
    said = cli("release", "list", "--out", july.out)
    assert said.code == 0
    first, second = said.text.splitlines()
    assert first.startswith("2025-06-r1  ")
    assert second.startswith("2025-07-r1  ")
    assert second.endswith("(latest)")
    assert not first.endswith("(latest)")


def test_a_place_without_a_release_says_so(folder: Path, cli: Cli) -> None:
    assert cli("release", "list", "--out", "out").text == "There is no release yet.\n"
    for command in ("show", "verify"):
        said = cli("release", command, "--out", "out")
        assert said.code == 2
        assert "there is no release yet" in said.text


def test_a_release_is_shown_with_every_file_it_holds(july: Any, cli: Cli) -> None:
    said = cli("release", "show", "2025-06-r1", "--out", july.out)
    assert said.code == 0
    assert "2025-06-r1, promoted 20" in said.text
    package = json.loads((july.releases / "2025-06-r1/datapackage.json").read_bytes())
    assert len(package["resources"]) > 20
    for item in package["resources"]:
        assert f"  {item['path']}  {item['bytes']:,} bytes" in said.text
    assert f"tables/coverage.csv  {_size(july):,} bytes  9 rows" in said.text


def _size(july: Any) -> int:
    size: int = (july.releases / "2025-06-r1/tables/coverage.csv").stat().st_size
    return size


def test_a_whole_release_is_found_whole(july: Any, cli: Cli) -> None:
    for name in ("latest", "2025-06-r1"):
        said = cli("release", "verify", name, "--out", july.out)
        assert said.code == 0, said.text
    assert "2025-06-r1 is whole" in said.text


def test_a_release_that_was_tampered_with_is_found_out(july: Any, cli: Cli, tmp_path: Path) -> None:
    releases = Path(shutil.copytree(july.releases, tmp_path / "releases", symlinks=True))
    (releases / "2025-07-r1/README.md").unlink()
    crime = releases / "2025-07-r1/tables/crime.csv"
    crime.write_bytes(crime.read_bytes().replace(b",1,", b",2,", 1))
    said = cli("release", "verify", "--out", tmp_path)
    assert said.code == 1
    assert said.text.splitlines() == [
        "README.md is in SHA256SUMS, but there is no such file",
        "tables/crime.csv was altered: its sha256 is not the one in SHA256SUMS",
        "2025-07-r1 is not whole: 2 problems",
    ]
    assert cli("release", "verify", "2025-06-r1", "--out", tmp_path).code == 0


def test_an_unknown_release_says_which_there_are(july: Any, cli: Cli) -> None:
    for command in ("show", "verify"):
        said = cli("release", command, "2031-01-r1", "--out", july.out)
        assert said.code == 2
        assert "the newest are 2025-06-r1, 2025-07-r1" in said.text


def test_a_sample_is_the_same_each_time_and_says_how_to_run_it(
    folder: Path, cli: Cli, look: Look
) -> None:
    said = cli("sample", "first", "--months", "1")
    assert said.code == 0, said.text
    assert "openbeat run --config first/openbeat.yaml" in said.text
    assert cli("sample", "second", "--months", "1").code == 0
    assert look(folder / "first") == look(folder / "second")
    assert (folder / "first/openbeat.yaml").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["used"], "holds something that is not this sample"),
        (["new", "--months", "0"], "number of months is out of range"),
        (["new", "--seed", "-1"], "a seed is 0 or more"),
        (["new", "--scale", "huge"], "'huge' is not one of"),
    ],
)
def test_a_sample_that_cannot_be_made_is_told(
    folder: Path, cli: Cli, arguments: list[str], said: str
) -> None:
    (folder / "used").mkdir()
    (folder / "used/precious.txt").write_text("mine")
    found = cli("sample", *arguments)
    assert found.code == 2
    assert said in found.text
    assert (folder / "used/precious.txt").read_text() == "mine"
