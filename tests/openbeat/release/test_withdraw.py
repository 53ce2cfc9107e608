"""A withdrawn release is gone, says why, and does not come back; the others stay as they were."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.release.integrity import verify
from openbeat.release.promote import ReleaseStore
from openbeat.release.withdraw import remains
from tests.openbeat.release.faults import MONTH, Killed, fault, latest_id, stage

Clock = Callable[[], datetime]
WHY = "A small count was shown that should have been kept back."


@pytest.fixture
def two(store: ReleaseStore, written: Path, clock: Clock) -> ReleaseStore:
    """A store with two releases, packs of both, and zips of the second."""
    store.publish(stage(store, written, "b2"), MONTH, clock)
    for name in ("2025-06-r1", "2025-06-r2"):
        (store.root / f"{name}.packs").mkdir()
        (store.root / f"{name}.packs/index.html").write_text("a pack")
    (store.root / ".2025-06-r2.packs.new").mkdir()  # of a run that was killed
    for name in ("2025-06-r2.zip", "2025-06-r2-tables.zip"):
        (store.root / name).write_text("zipped")
    return store


def assert_withdrawn(store: ReleaseStore, gone: str, latest: str | None) -> None:
    """Nothing is left of one release but its line and tombstone; the pointers are on another."""
    entry = store.get(gone)
    assert (entry.withdrawn, entry.reason) == (True, WHY)
    assert list(remains(store.root, entry)) == []
    assert [path.name for path in store.path(entry).iterdir()] == ["WITHDRAWN.md"]
    assert [path.name for path in store.root.iterdir() if gone in path.name] == [gone]
    assert not [path for path in store.root.glob(".*") if "packs" not in path.name]
    if latest is None:
        assert not (store.root / "latest.json").exists()
        assert not (store.root / "latest").is_symlink()
    else:
        assert latest_id(store) == latest == store.get().id
        assert str((store.root / "latest").readlink()) == latest
        assert verify(store.root / "latest") == []


def test_the_bytes_go_and_the_latest_is_the_one_before(two: ReleaseStore, clock: Clock) -> None:
    before = {p: p.read_bytes() for p in (two.root / "2025-06-r1").rglob("*.*")}
    two.withdraw("2025-06-r2", WHY, clock, by="  A.  Officer ")
    assert_withdrawn(two, "2025-06-r2", "2025-06-r1")
    assert {p: p.read_bytes() for p in before} == before
    assert (two.root / "2025-06-r1.packs/index.html").exists()
    first, second = json.loads((two.root / "releases.json").read_bytes())
    assert "reason" not in first
    assert second["status"] == "withdrawn"
    assert second["withdrawn_at"] == "2025-08-01T09:30:00Z"
    assert second["withdrawn_by"] == "A. Officer"
    assert two.recover() == ()


def test_the_tombstone_says_why_and_what_to_use(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    two.withdraw("2025-06-r2", WHY, clock)
    stone = two.root / "2025-06-r2/WITHDRAWN.md"
    text = stone.read_text()
    assert text.startswith("# Release 2025-06-r2 was withdrawn")
    assert WHY in text
    assert "Withdrawn on 2025-08-01T09:30:00Z" in text
    assert "Use `2025-06-r1`." in text
    two.publish(stage(two, written, "c3"), MONTH, clock)
    assert "Use `2025-06-r3`." in stone.read_text()


def test_an_earlier_release_can_go_and_the_latest_stays(two: ReleaseStore, clock: Clock) -> None:
    two.withdraw("2025-06-r1", WHY, clock)
    assert_withdrawn(two, "2025-06-r1", "2025-06-r2")
    assert (two.root / "2025-06-r2.zip").exists()


def test_with_none_left_there_is_no_latest(store: ReleaseStore, clock: Clock) -> None:
    store.withdraw("2025-06-r1", WHY, clock)
    assert_withdrawn(store, "2025-06-r1", None)
    assert "There is no release in its place" in (store.root / "2025-06-r1/WITHDRAWN.md").read_text(
        "utf-8"
    )
    with pytest.raises(InputError, match="no release is published: every one was withdrawn"):
        store.get("latest")
    assert store.newest(MONTH) is None


def test_a_number_is_not_given_again(store: ReleaseStore, written: Path, clock: Clock) -> None:
    store.withdraw("2025-06-r1", WHY, clock)
    shutil.rmtree(store.root / "2025-06-r1")  # even if somebody tidies the tombstone away
    assert store.next_id(MONTH) == "2025-06-r2"
    assert store.publish(stage(store, written, "b2"), MONTH, clock).id == "2025-06-r2"
    assert (store.root / "2025-06-r1/WITHDRAWN.md").exists()


def test_what_was_withdrawn_is_not_published_again(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    two.withdraw("2025-06-r2", WHY, clock)
    for approvals in (0, 2):
        with pytest.raises(InputError, match=r"what 2025-06-r2 said, which was withdrawn.*Mend: "):
            two.publish(stage(two, written, "b3"), MONTH, clock, approvals=approvals)
        two.recover()
        assert_withdrawn(two, "2025-06-r2", "2025-06-r1")
        assert two.waiting() is None
    # What is still published is still the same, and what was mended is new.
    assert two.publish(stage(two, written, "a3"), MONTH, clock).id == "2025-06-r1"
    assert two.publish(stage(two, written, "c3"), MONTH, clock).id == "2025-06-r3"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "none is given"),
        (" \n ", "none is given"),
        ("12", "none is given"),
        ("x" * 501, "longer than 500"),
        ("hidden \x1b[2J text", "no screen shows"),
        ("it showed ann@example.org", "personal data (email)"),
        ("Ms A of SW1A 1AA was named", "personal data (postcode)"),
    ],
)
def test_a_reason_that_cannot_be_published_is_refused(
    store: ReleaseStore, clock: Clock, reason: str, said: str
) -> None:
    with pytest.raises(InputError) as error:
        store.withdraw("2025-06-r1", reason, clock)
    assert said in str(error.value)
    assert "example.org" not in str(error.value)
    assert latest_id(store) == "2025-06-r1"


def test_a_text_that_is_allowed_may_be_the_reason(store: ReleaseStore, clock: Clock) -> None:
    text = "Wrong opening hours of SW1A 1AA"
    assert store.withdraw("2025-06-r1", text, clock, allowed=[text]).reason == text


def test_only_a_release_that_is_there_can_be_withdrawn(store: ReleaseStore, clock: Clock) -> None:
    for name, said in (("latest", "not a release id"), ("2025-06-r7", "there is no such release")):
        with pytest.raises(InputError, match=said):
            store.withdraw(name, WHY, clock)
    assert latest_id(store) == "2025-06-r1"


def test_a_reason_can_be_put_right(two: ReleaseStore, clock: Clock) -> None:
    two.withdraw("2025-06-r2", "The count of 3 was shown", clock, by="Ann")
    later = clock().replace(year=2026)
    entry = two.withdraw("2025-06-r2", WHY, lambda: later)
    assert_withdrawn(two, "2025-06-r2", "2025-06-r1")
    assert (entry.withdrawn_at, entry.withdrawn_by) == ("2025-08-01T09:30:00Z", "Ann")
    assert "of 3" not in (two.root / "2025-06-r2/WITHDRAWN.md").read_text()


def test_what_comes_back_to_its_place_is_removed(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    """From a copy that was put back, say."""
    two.withdraw("2025-06-r2", WHY, clock)
    shutil.copytree(written / "b2", two.root / "2025-06-r2", dirs_exist_ok=True)
    assert two.recover() == ("saw to the tombstone of 2025-06-r2, which was withdrawn",)
    assert_withdrawn(two, "2025-06-r2", "2025-06-r1")


def test_a_release_of_another_number_with_the_same_beginning_is_left_alone(
    two: ReleaseStore, clock: Clock
) -> None:
    (two.root / "2025-06-r20").mkdir()
    (two.root / "2025-06-r20.zip").write_text("another")
    two.withdraw("2025-06-r2", WHY, clock)
    assert (two.root / "2025-06-r20.zip").exists()
    assert (two.root / "2025-06-r20").is_dir()


@pytest.mark.parametrize("status", ["", "hidden", 3])
def test_a_status_nobody_knows_is_not_taken_for_published(
    store: ReleaseStore, status: object
) -> None:
    (entry,) = json.loads((store.root / "releases.json").read_bytes())
    (store.root / "releases.json").write_text(json.dumps([entry | {"status": status}]))
    with pytest.raises(InputError, match="neither published nor withdrawn"):
        store.get()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("gone", ["2025-06-r1", "2025-06-r2"])
def test_a_withdrawal_killed_at_any_step_is_completed_or_was_not_begun(
    tmp_path: Path, two: ReleaseStore, clock: Clock, after: bool, gone: str
) -> None:
    pristine = Path(shutil.copytree(two.root, tmp_path / "pristine", symlinks=True))
    with fault(-1, Killed(), after=False) as done:
        two.withdraw(gone, WHY, clock)
    assert len(done) > 20
    begun = 0
    for at in range(len(done)):
        root = Path(shutil.copytree(pristine, tmp_path / "at", symlinks=True))
        with fault(at, Killed(), after=after), pytest.raises(Killed):
            ReleaseStore(root).withdraw(gone, WHY, clock)
        # Whoever looks now finds a whole release, and is soon pointed at the other one.
        assert verify(root / latest_id(ReleaseStore(root))) == []
        assert verify(root / "latest") == []
        left = root / gone
        assert not left.exists() or (left / "WITHDRAWN.md").exists() or verify(left) == []
        store = ReleaseStore(root)
        store.recover()
        if store.get(gone).withdrawn:
            begun += 1
        else:  # nothing had happened
            assert verify(left) == []
            assert (root / f"{gone}.packs/index.html").exists()
            store.withdraw(gone, WHY, clock)
        assert_withdrawn(store, gone, {"2025-06-r1", "2025-06-r2"}.difference({gone}).pop())
        shutil.rmtree(root)
    assert begun > 15


def test_a_last_withdrawal_killed_at_any_step_leaves_no_latest(
    tmp_path: Path, store: ReleaseStore, written: Path, clock: Clock
) -> None:
    at, killed = 0, True
    while killed:
        root = Path(shutil.copytree(store.root, tmp_path / f"at{at}", symlinks=True))
        again, killed = ReleaseStore(root), False
        try:
            with fault(at, Killed(), after=False):
                again.withdraw("2025-06-r1", WHY, clock)
        except Killed:
            killed = True
        again.recover()
        if not again.get("2025-06-r1").withdrawn:
            again.withdraw("2025-06-r1", WHY, clock)
        assert_withdrawn(again, "2025-06-r1", None)
        assert again.publish(stage(again, written, "b2"), MONTH, clock).new
        assert latest_id(again) == "2025-06-r2"
        at += 1
    assert at > 15


def test_a_recovery_of_a_withdrawal_killed_at_any_step_can_be_run_again(
    tmp_path: Path, two: ReleaseStore, clock: Clock
) -> None:
    with fault(3, Killed(), after=True), pytest.raises(Killed):
        two.withdraw("2025-06-r2", WHY, clock)
    assert two.get("2025-06-r2").withdrawn
    at, killed = 0, True
    while killed:
        root = Path(shutil.copytree(two.root, tmp_path / f"at{at}", symlinks=True))
        killed = False
        try:
            with fault(at, Killed(), after=False):
                ReleaseStore(root).recover()
        except Killed:
            killed = True
        ReleaseStore(root).recover()
        assert_withdrawn(ReleaseStore(root), "2025-06-r2", "2025-06-r1")
        at += 1
    assert at > 15


def test_what_nobody_shows_any_more_stays_hidden_whatever_comes_later(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    first, second = (release.id for release in two.list())
    two.withdraw(first, WHY, clock)
    assert [release.hidden for release in two.list()] == [False, False]
    two.withdraw(second, WHY, clock)
    assert [release.hidden for release in two.list()] == [True, True]
    two.publish(stage(two, written, "c3"), MONTH, clock)
    two.withdraw("2025-06-r3", WHY, clock)
    assert [release.hidden for release in two.list()] == [True, True, True]
