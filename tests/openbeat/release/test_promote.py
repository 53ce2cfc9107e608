"""What everyone relies on: whatever happens to a run, the last release stays whole and latest."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.release.content import ReleaseContent
from openbeat.release.integrity import verify
from openbeat.release.promote import ReleaseStore
from openbeat.release.write import write_release
from tests.openbeat.release.faults import MONTH, Killed, fault, latest_id, stage

Clock = Callable[[], datetime]


def assert_whole(store: ReleaseStore) -> None:
    """Nothing but whole, listed releases, and all pointers on the newest."""
    listed = [release.id for release in store.list()]
    names = {path.name for path in store.root.iterdir()}
    assert names == {*listed, "releases.json", "latest.json", "latest"}
    for release in store.list():
        assert verify(store.path(release)) == []
    assert latest_id(store) == listed[-1] == store.get("latest").id
    assert str((store.root / "latest").readlink()) == listed[-1]


def test_a_first_release(store: ReleaseStore) -> None:
    release = store.get("latest")
    (line,) = json.loads((store.root / "releases.json").read_bytes())
    assert line | {"content_sha256": "", "sums_sha256": ""} == {
        "id": "2025-06-r1",
        "month": MONTH,
        "path": "2025-06-r1",
        "content_sha256": "",
        "sums_sha256": "",
        "promoted_at": "2025-08-01T09:30:00Z",
        "status": "published",
    }
    pointer = json.loads((store.root / "latest.json").read_bytes())
    assert pointer == {
        "id": "2025-06-r1",
        "month": MONTH,
        "path": "2025-06-r1",
        "sums_sha256": release.sums_sha256,
    }
    assert_whole(store)


def test_a_correction_is_a_new_number_and_leaves_the_old_one(
    store: ReleaseStore, written: Path, clock: Clock
) -> None:
    before = {p: p.read_bytes() for p in store.path(store.get()).rglob("*.*")}
    published = store.publish(stage(store, written, "b2"), MONTH, clock)
    assert (published.id, published.new) == ("2025-06-r2", True)
    assert {p: p.read_bytes() for p in before} == before
    assert [release.id for release in store.list()] == ["2025-06-r1", "2025-06-r2"]
    assert_whole(store)


def test_the_same_content_makes_no_new_release(
    store: ReleaseStore, written: Path, clock: Clock
) -> None:
    staged = stage(store, written, "a2")
    published = store.publish(staged, MONTH, clock)
    assert (published.id, published.new) == ("2025-06-r1", False)
    assert published.path == store.path(store.get("2025-06-r1"))
    assert not staged.exists()
    assert store.next_id(MONTH) == "2025-06-r2"


def test_content_that_comes_back_after_a_change_is_a_new_release(
    store: ReleaseStore, written: Path, clock: Clock
) -> None:
    store.publish(stage(store, written, "b2"), MONTH, clock)
    assert store.publish(stage(store, written, "a3"), MONTH, clock).id == "2025-06-r3"


def test_numbers_are_counted_by_month_and_never_given_twice(store: ReleaseStore) -> None:
    assert store.next_id("2025-05") == "2025-05-r1"
    (store.root / "2025-05-r9").mkdir()  # put there by hand, or from a copy
    assert store.next_id("2025-05") == "2025-05-r10"
    shutil.rmtree(store.root / "2025-06-r1")
    assert store.next_id(MONTH) == "2025-06-r2"


def test_a_damaged_staging_is_not_promoted(
    store: ReleaseStore, written: Path, clock: Clock
) -> None:
    staged = stage(store, written, "b2")
    (staged / "quality.json").write_text("[]")
    with pytest.raises(InputError, match=r"not promoted: .*quality\.json was altered"):
        store.publish(staged, MONTH, clock)
    store.recover()
    assert [release.id for release in store.list()] == ["2025-06-r1"]
    assert_whole(store)


def test_a_release_written_under_another_id_is_not_promoted(
    store: ReleaseStore, written: Path, clock: Clock
) -> None:
    with pytest.raises(InputError, match="written as release 2025-06-r3, but the next one is"):
        store.publish(stage(store, written, "b3"), MONTH, clock)


def test_a_clock_without_a_zone_is_refused(store: ReleaseStore, written: Path) -> None:
    with pytest.raises(ValueError, match="zone"):
        store.publish(stage(store, written, "b2"), MONTH, lambda: datetime(2025, 8, 1))
    assert latest_id(store) == "2025-06-r1"


def test_an_empty_store(tmp_path: Path) -> None:
    store = ReleaseStore(tmp_path / "none")
    assert store.list() == ()
    assert store.next_id(MONTH) == "2025-06-r1"
    assert store.recover() == ()
    with pytest.raises(InputError, match="there is no release yet"):
        store.get("latest")


def test_asking_for_a_release_that_is_not_there(store: ReleaseStore) -> None:
    with pytest.raises(InputError, match=r"no such release.*the newest are 2025-06-r1"):
        store.get("../2025-06-r1")


@pytest.mark.parametrize("text", ["{", "{}", "[{}]", '[{"id": "../x", "month": 1}]', "null"])
def test_a_damaged_list_is_never_guessed_at(store: ReleaseStore, text: str) -> None:
    entry = json.loads((store.root / "releases.json").read_bytes())[0]
    if text == "{}":
        text = json.dumps([entry | {"path": "../elsewhere"}])
    (store.root / "releases.json").write_text(text)
    for ask in (store.list, store.recover, lambda: store.next_id(MONTH)):
        with pytest.raises(InputError, match=r"releases\.json: .*put it back from a copy"):
            ask()
    assert (store.root / "2025-06-r1").is_dir()


def test_a_lost_list_is_not_taken_for_a_new_store(store: ReleaseStore) -> None:
    (store.root / "releases.json").unlink()
    with pytest.raises(InputError, match=r"is missing, though latest\.json names a release"):
        store.recover()
    assert (store.root / "2025-06-r1").is_dir()


def test_recover_leaves_alone_what_the_store_did_not_begin(store: ReleaseStore) -> None:
    (store.root / "2025-05-r9").mkdir()
    store.recover()
    assert (store.root / "2025-05-r9").is_dir()


def test_recover_brings_the_pointers_in_line_with_the_list(store: ReleaseStore) -> None:
    (store.root / "latest.json").write_text("{}")
    (store.root / "latest").unlink()
    assert store.recover() == ("brought latest.json in line with releases.json",)
    assert_whole(store)
    assert store.recover() == ()


def test_a_system_without_links_publishes_all_the_same(
    tmp_path: Path, written: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "symlink", no_links)
    store = ReleaseStore(tmp_path)
    assert store.publish(stage(store, written, "a1"), MONTH, clock).new
    assert latest_id(store) == "2025-06-r1"
    assert not (tmp_path / "latest").exists()


def count_steps(store: ReleaseStore, written: Path, clock: Clock) -> list[str]:
    staged = stage(store, written, "b2")
    with fault(-1, Killed(), after=False) as done:
        store.publish(staged, MONTH, clock)
    return done


def test_a_publish_goes_through_the_steps_that_the_faults_cover(
    store: ReleaseStore, written: Path, clock: Clock
) -> None:
    done = count_steps(store, written, clock)
    assert [name for name in done if name != "fsync"] == [
        "write", "replace",  # .promoting
        "rename",  # the folder
        "write", "replace",  # releases.json
        "write", "replace",  # latest.json
        "symlink", "replace",  # latest
        "unlink",  # .promoting
        "rmdir",  # .staging
    ]  # fmt: skip


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_killed_at_any_step_leaves_a_whole_store(
    tmp_path: Path, store: ReleaseStore, written: Path, clock: Clock, after: bool
) -> None:
    pristine = Path(shutil.copytree(store.root, tmp_path / "pristine", symlinks=True))
    steps = len(count_steps(store, written, clock))
    assert steps > 20
    for at in range(steps):
        root = tmp_path / f"at{at}"
        shutil.copytree(pristine, root, symlinks=True)
        killed = ReleaseStore(root)
        staged = stage(killed, written, "b2")
        with fault(at, Killed(), after=after), pytest.raises(Killed):
            killed.publish(staged, MONTH, clock)
        # A reader who looks now, before anything is mended, finds a whole release.
        assert verify(root / latest_id(killed)) == []
        assert verify(root / "latest") == []
        again = ReleaseStore(root)
        again.recover()
        assert_whole(again)
        promoted = "2025-06-r2" in [release.id for release in again.list()]
        # The next run finishes cleanly: with the same content if it was lost, else with other.
        name = "c3" if promoted else "b2"
        assert again.publish(stage(again, written, name), MONTH, clock).new
        assert_whole(again)
        shutil.rmtree(root)


def test_a_first_publish_killed_at_any_step_leaves_a_store_to_go_on_with(
    tmp_path: Path, written: Path, clock: Clock
) -> None:
    at, killed = 0, True
    while killed:
        store = ReleaseStore(tmp_path / f"at{at}")
        staged = stage(store, written, "a1")
        killed = False
        try:
            with fault(at, Killed(), after=False):
                store.publish(staged, MONTH, clock)
        except Killed:
            killed = True
        store.recover()
        number = len(store.list()) + 1
        assert store.publish(stage(store, written, f"b{number}"), MONTH, clock).new
        assert_whole(store)
        at += 1
    assert at > 20


def test_a_recovery_killed_at_any_step_can_be_run_again(
    tmp_path: Path, store: ReleaseStore, written: Path, clock: Clock
) -> None:
    staged = stage(store, written, "b2")
    with fault(steps_until_rename(staged), Killed(), after=True), pytest.raises(Killed):
        store.publish(staged, MONTH, clock)
    assert (store.root / "2025-06-r2").is_dir()
    broken = Path(shutil.copytree(store.root, tmp_path / "broken", symlinks=True))
    at, killed = 0, True
    while killed:
        root = Path(shutil.copytree(broken, tmp_path / f"at{at}", symlinks=True))
        killed = False
        try:
            with fault(at, Killed(), after=False):
                ReleaseStore(root).recover()
        except Killed:
            killed = True
        ReleaseStore(root).recover()
        assert_whole(ReleaseStore(root))
        assert [release.id for release in ReleaseStore(root).list()] == ["2025-06-r1"]
        at += 1
    assert at > 10


def steps_until_rename(staged: Path) -> int:
    """Every file and folder is synced, then ``.promoting`` written, synced, replaced, synced."""
    return len(list(staged.rglob("*"))) + 1 + 4


def test_a_disk_that_fills_up_at_any_step_leaves_the_last_release(
    tmp_path: Path, store: ReleaseStore, written: Path, clock: Clock
) -> None:
    pristine = Path(shutil.copytree(store.root, tmp_path / "pristine", symlinks=True))
    steps = count_steps(store, written, clock)
    for at, name in enumerate(steps):
        if name not in ("write", "fsync"):
            continue
        root = Path(shutil.copytree(pristine, tmp_path / f"at{at}", symlinks=True))
        full = ReleaseStore(root)
        staged = stage(full, written, "b2")
        with (
            fault(at, OSError(errno.ENOSPC, "No space left on device"), after=False),
            pytest.raises(InputError, match=r"the disk is full.*free some space"),
        ):
            full.publish(staged, MONTH, clock)
        assert verify(root / latest_id(full)) == []
        full.recover()
        assert_whole(full)
        shutil.rmtree(root)


def test_an_older_month_published_late_is_not_the_latest(
    store: ReleaseStore, content: ReleaseContent, clock: Clock
) -> None:
    older = "2025-05"
    staged = store.staging()
    tables = {"sightings": content.tables["sightings"]}
    some = dataclasses.replace(content, month=older, first_month=older, tables=tables)
    write_release(dataclasses.replace(some, boundaries=None), staged, f"{older}-r1")
    store.publish(staged, older, clock)
    assert store.get("latest").id == latest_id(store) == f"{MONTH}-r1"
    assert [release.id for release in store.list()] == [f"{MONTH}-r1", f"{older}-r1"]
