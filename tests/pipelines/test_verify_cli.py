"""``openbeat release verify``: of the store, or of any folder, zip or address, on any machine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.contract import Column, Contract
from openbeat.release.bundle import write_zip
from openbeat.release.content import ReleaseContent
from openbeat.release.integrity import read_sums, sums_text
from openbeat.release.promote import ReleaseStore
from openbeat.release.settings import Signing
from openbeat.release.signing import sign
from openbeat.release.write import write_release
from tests.openbeat.release.keys import made

Cli = Callable[..., Any]
ROOT = Path(__file__).parents[2]
ID = "2025-06-r1"


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a release in a store; commands run in the folder of the store's folder."""
    monkeypatch.chdir(tmp_path)
    contract = Contract(
        table="sightings",
        title="Sightings",
        description="Sightings by month.",
        layer="release",
        published=True,
        schema_version="1.0.0",
        key=["month"],
        columns=[Column(name="month", type="month", description="The month.", published=True)],
    )
    content = ReleaseContent(
        month="2025-06",
        first_month="2025-06",
        as_of=date(2025, 7, 31),
        tables={"sightings": pl.DataFrame({"month": ["2025-06"]})},
        contracts={"sightings": contract},
    )
    store = ReleaseStore(Path("data/releases"))
    staged = store.staging()
    write_release(content, staged, ID)
    return store.publish(staged, "2025-06", lambda: datetime(2025, 8, 1, 9, tzinfo=UTC)).path


@pytest.fixture
def key(tmp_path: Path) -> Signing:
    return made(tmp_path, "ours")


def forge(release: Path) -> None:
    """Change a file, and the sums with it: the release is whole in itself."""
    sums = read_sums(release)
    package = json.loads((release / "datapackage.json").read_bytes())
    package["title"] = "Forged"
    (release / "datapackage.json").write_text(json.dumps(package))
    digest = hashlib.sha256((release / "datapackage.json").read_bytes()).hexdigest()
    (release / "SHA256SUMS").write_text(sums_text(sums | {"datapackage.json": digest}))


@pytest.mark.parametrize("name", ["latest", ID, f"data/releases/{ID}", "data/releases/latest"])
def test_a_whole_release_is_told_with_the_digest_of_what_it_says(
    cli: Cli, release: Path, name: str
) -> None:
    said = cli("release", "verify", name)
    assert said.code == 0, said.text
    listed = json.loads((release.parent / "releases.json").read_bytes())
    assert f"{ID} is whole: every file is what its checksum says." in said.text
    assert listed[0]["content_sha256"] in said.text
    assert "signed" not in said.text


def test_a_zip_serves_too(cli: Cli, release: Path, tmp_path: Path) -> None:
    write_zip(release, tmp_path / f"{ID}.zip")
    said = cli("release", "verify", f"{ID}.zip")
    assert said.code == 0, said.text
    assert said.text.startswith(f"{ID} is whole")
    (tmp_path / f"{ID}.zip").write_bytes((tmp_path / f"{ID}.zip").read_bytes()[:-100])
    said = cli("release", "verify", f"{ID}.zip")
    assert said.code == 1
    assert f"{ID}.zip is no zip, or is cut short" in said.text
    assert f"{ID} is not whole: 1 problem" in said.text


def test_a_release_forged_in_the_store_is_given_away_by_the_list(cli: Cli, release: Path) -> None:
    forge(release)
    said = cli("release", "verify", ID)
    assert said.code == 1
    assert "SHA256SUMS is not the one that was published under this name" in said.text
    assert cli("release", "verify", str(release)).code == 0  # nothing vouches for a bare folder


def test_the_key_of_the_publisher_tells_who_signed(
    cli: Cli, release: Path, tmp_path: Path, key: Signing
) -> None:
    given = ("--public-key", key.public_key)
    said = cli("release", "verify", release, *given)
    assert said.code == 1
    assert "SHA256SUMS.minisig is not there: the release is not signed" in said.text
    sign(release, key)
    assert "It is signed with the key of ours.pub." in cli("release", "verify", ID, *given).text
    assert "who by was not checked" in cli("release", "verify", ID).text
    forge(release)
    said = cli("release", "verify", release, *given)
    assert said.code == 1
    assert "SHA256SUMS.minisig is not of this SHA256SUMS by ours.pub" in said.text
    missing = cli("release", "verify", release, "--public-key", tmp_path / "none.pub")
    assert missing.code == 2
    assert "none.pub: the public key cannot be read" in missing.text


def test_the_key_of_the_settings_serves_where_none_is_given(
    cli: Cli, release: Path, tmp_path: Path, key: Signing
) -> None:
    (tmp_path / "config").mkdir()
    text = "release:\n  signing:\n    public_key: ../ours.pub\n"
    (tmp_path / "config/openbeat.yaml").write_text(text)
    assert "the release is not signed" in cli("release", "verify", ID, "--out", "data").text
    sign(release, key)
    assert "signed with the key of ours.pub" in cli("release", "verify", ID, "--out", "data").text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("2025-05-r1", "there is no such release"),
        ("typo", "there is no such release"),
        ("gone.zip", "there is no such folder or zip"),
        ("some/where", "there is no such folder or zip"),
        ("ftp://example.org/x", "not an address to fetch from"),
    ],
)
def test_what_is_not_there_is_told(cli: Cli, release: Path, name: str, says: str) -> None:
    said = cli("release", "verify", name)
    assert said.code == 2
    assert says in said.text


def test_an_address_that_does_not_answer_has_an_exit_code_of_its_own(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openbeat.release.remote.TRIES", 1)
    said = cli("release", "verify", "http://127.0.0.1:9/2025-06-r1/")
    assert said.code == 3
    assert "not fetched after 1 tries" in said.text


def test_neither_settings_nor_a_place_nor_the_judge_are_needed(
    release: Path, tmp_path: Path
) -> None:
    """A machine with the package and the download, and nothing else; nothing is left behind."""
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    shutil.copytree(release, empty / "download")
    program = (
        "import sys; from pipelines.cli import app; app(standalone_mode=False, "
        "args=['release', 'verify', 'download']); "
        "assert not {'dagster', 'great_expectations', 'geopandas'} & set(sys.modules)"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBEAT", "DAGSTER"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=empty,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{ID} is whole")
    assert [path.name for path in empty.iterdir()] == ["download"]
