"""What follows a change of the store: made once, made good by the next run, one failure apart."""

from __future__ import annotations

import errno
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.contract import Column, Contract
from openbeat.errors import InputError, SettingsError
from openbeat.release import ckan, targets
from openbeat.release.content import ReleaseContent
from openbeat.release.promote import ReleaseStore
from openbeat.release.settings import Target
from openbeat.release.write import write_release
from openbeat.settings import Settings, load_settings
from resources.targets import after_change

NOW = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
BESIDE = {"feed.atom", "calendar.html", "calendar.ics"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two folders as targets, and one release."""
    targets = [{"name": name, "url": str(tmp_path / name)} for name in ("one", "two")]
    settings = Settings.model_validate(
        {"out": tmp_path / "data", "release": {"targets": targets, "workbooks": False}}
    )
    publish(settings, 1)
    return settings


def publish(settings: Settings, count: int) -> None:
    column = {"name": "count", "type": "integer", "description": "How many.", "published": True}
    contract = Contract(
        table="sightings",
        title="Sightings",
        description="Sightings.",
        layer="release",
        published=True,
        schema_version="1.0.0",
        key=["count"],
        columns=[Column.model_validate(column)],
    )
    content = ReleaseContent(
        month="2025-06",
        first_month="2025-06",
        as_of=date(2025, 7, 31),
        tables={"sightings": pl.DataFrame({"count": [count]})},
        contracts={"sightings": contract},
        workbooks=False,
    )
    store = ReleaseStore(settings.releases_root)
    staged = store.staging()
    write_release(content, staged, store.next_id("2025-06"))
    store.publish(staged, "2025-06", lambda: NOW)


def follow(settings: Settings, **more: str) -> tuple[list[str], list[str]]:
    told: list[str] = []
    return after_change(settings, told.append, wait=lambda _seconds: None, **more), told


def test_the_zip_the_feed_the_calendar_and_the_targets_follow(settings: Settings) -> None:
    root = settings.releases_root
    assert follow(settings)[0] == []
    assert {path.name for path in root.iterdir()} >= {"2025-06-r1.zip", *BESIDE}
    for name in ("one", "two"):
        for path in ("2025-06-r1.zip", "2025-06-r1/SHA256SUMS", "latest.json", *BESIDE):
            copy = settings.out.parent / name / path
            assert copy.read_bytes() == (root / path).read_bytes()


def test_again_it_does_only_what_is_missing(settings: Settings) -> None:
    follow(settings)
    root = settings.releases_root
    before = {path: path.stat().st_mtime_ns for path in root.iterdir() if path.is_file()}
    assert follow(settings) == ([], ["bringing one in line", "bringing two in line"])
    assert {path: path.stat().st_mtime_ns for path in before} == before
    (root / "2025-06-r1.zip").unlink()
    (root / "feed.atom").unlink()
    assert follow(settings)[1][0] == "packing 2025-06-r1.zip"
    assert (root / "feed.atom").exists()


def test_one_target_that_fails_holds_up_no_other(settings: Settings) -> None:
    (settings.out.parent / "one").write_text("a file where the folder should be")
    failed, _ = follow(settings)
    assert len(failed) == 1
    assert "target one" in failed[0]
    assert "openbeat release upload --target one" in failed[0]
    assert (settings.out.parent / "two/latest.json").exists()
    (settings.out.parent / "one").unlink()
    assert follow(settings, target="one")[0] == []
    assert (settings.out.parent / "one/latest.json").exists()


def test_a_target_that_crashes_is_a_sentence_without_its_log_in(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = targets.copy_releases

    def crashing(root: Path, target: Target, *args: Any, **more: Any) -> int:
        if target.name == "one":
            raise RuntimeError("no route to sftp://me:hunter2@host/data")
        return real(root, target, *args, **more)

    monkeypatch.setattr(targets, "copy_releases", crashing)
    (said,) = follow(settings)[0]
    assert said.startswith("target one failed (RuntimeError: no route to sftp://***@host/data)")
    assert (settings.out.parent / "two/latest.json").exists()


def test_a_full_disk_here_does_not_hold_up_a_withdrawal(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(settings)
    (settings.out.parent / "two/releases.json").write_text("[{")
    store = ReleaseStore(settings.releases_root)
    store.withdraw("2025-06-r1", "It was of another month.", lambda: NOW)

    def full(*_args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("resources.targets.replace_text", full)
    here, two = follow(settings)[0]
    assert "the disk is full" in here
    assert "openbeat release upload" in here
    assert "target two" in two
    for name in ("one", "two"):
        grave = settings.out.parent / name / "2025-06-r1"
        assert [path.name for path in grave.iterdir()] == ["WITHDRAWN.md"]


def test_a_catalogue_comes_last_and_is_told_where_files_did_not_get_there(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    monkeypatch.setattr(ckan, "publish_record", lambda *_args, served, wait: told.append(served))
    site = Target(name="site", kind="ckan", url="https://ckan.example.org")
    part = settings.release.model_copy(update={"targets": [site, *settings.release.targets]})
    settings = settings.model_copy(update={"release": part})
    failed, said = follow(settings)
    assert (failed, said[-1]) == ([], "bringing site in line")
    (settings.out.parent / "one/releases.json").write_text("[{")
    assert len(follow(settings)[0]) == 1
    assert told == [True, False]


def test_a_withdrawal_is_followed_everywhere(settings: Settings) -> None:
    follow(settings)
    publish(settings, 2)
    follow(settings)
    store = ReleaseStore(settings.releases_root)
    store.withdraw("2025-06-r2", "It was of another month.", lambda: NOW)
    follow(settings)
    for root in (store.root, settings.out.parent / "one", settings.out.parent / "two"):
        assert not (root / "2025-06-r2.zip").exists()
        assert [path.name for path in (root / "2025-06-r2").iterdir()] == ["WITHDRAWN.md"]
        assert "was withdrawn" in (root / "feed.atom").read_text("utf-8")


def test_a_target_nobody_named_is_refused(settings: Settings) -> None:
    with pytest.raises(InputError, match=r"no such target.*names: one, two"):
        follow(settings, target="three")


def test_nothing_published_is_nothing_to_follow(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"out": tmp_path, "release": {"targets": [{"name": "one", "url": str(tmp_path / "one")}]}}
    )
    (tmp_path / "releases").mkdir()
    assert follow(settings)[0] == []


@pytest.mark.parametrize(
    "target",
    [
        "url: s3://b/c, options: {secret: hunter2}",
        "url: s3://b/c, options: {client_kwargs: {aws_secret_access_key: hunter2}}",
        "url: az://b/c, options: {connection_string: hunter2}",
        "url: 'sftp://me:hunter2@host/data'",
        "url: 'sftp://me:hun/ter2@host/data'",
        "url: s3://b/c, options: {client_kwargs: {endpoint_url: 'https://AK:hunter2@minio'}}",
        "url: s3://b/c, options: {proxies: ['http://me:hunter2@proxy:3128']}",
    ],
)
def test_a_log_in_in_the_settings_is_refused_and_not_shown(tmp_path: Path, target: str) -> None:
    file = tmp_path / "openbeat.yaml"
    file.write_text(f"release:\n  targets:\n    - {{name: a, {target}}}\n")
    with pytest.raises(SettingsError, match="target a holds a log-in") as caught:
        load_settings(file)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "release: {targets: [{name: a, url: s3://b/c, secret: hunter2}]}",
        "release: {targets: [{name: a, url: s3://b/c, kind: hunter2}]}",
        "release: {targets: [{name: a, url: s3://b/c, key_env: hunter2-4c1f}]}",
        "release: {targets: {secret: hunter2}}",
        "release: {target: [{secret: hunter2}]}",
        "release: {signing: {password: hunter2}}",
        "release: [{password: hunter2}]",
        "targets: [{password: hunter2}]",
        "release: {targets: [{name: a, url: u, options: {x: hunter2}}, {name: a, url: u}]}",
    ],
)
def test_a_wrong_value_of_a_target_is_never_shown(tmp_path: Path, text: str) -> None:
    file = tmp_path / "openbeat.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert "hunter2" not in str(caught.value)


def test_an_address_with_a_port_is_no_log_in() -> None:
    options = {"client_kwargs": {"endpoint_url": "https://minio:9000/a@b"}}
    assert Target(name="a", url="s3://b/c", options=options).options == options
