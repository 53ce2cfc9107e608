"""With approval asked for, nothing is public until enough people approved those very bytes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.release.approvals import find_waiting
from openbeat.release.integrity import hash_file, verify
from openbeat.release.promote import Published, ReleaseStore
from tests.openbeat.release.faults import MONTH, Killed, fault, latest_id, stage

Clock = Callable[[], datetime]
Wait = Callable[..., Published]


@pytest.fixture
def wait(store: ReleaseStore, written: Path, clock: Clock) -> Wait:
    """Publish some content so that it waits for two."""

    def publish(name: str = "b2", approvals: int = 2) -> Published:
        staged = stage(store, written, name)
        return store.publish(staged, MONTH, clock, approvals=approvals)

    return publish


def assert_waits(store: ReleaseStore, *names: str) -> None:
    """One release waits, approved by these, and nobody outside can tell."""
    waiting = store.waiting()
    assert waiting is not None
    assert waiting.path == store.root / ".waiting" / waiting.id
    assert verify(waiting.path) == []
    assert [a.name for a in store.approvals(waiting.sums_sha256)] == list(names)
    assert [release.id for release in store.list()] == ["2025-06-r1"]
    assert latest_id(store) == "2025-06-r1"
    assert not (store.root / waiting.id).exists()
    assert not (store.root / ".staging").exists()


def assert_public(store: ReleaseStore, *names: str) -> None:
    """It was promoted, and these approved it."""
    assert latest_id(store) == "2025-06-r2"
    assert verify(store.root / "latest") == []
    assert [a.name for a in store.approvals(store.get().sums_sha256)] == list(names)
    assert store.waiting() is None
    assert not list(store.root.glob(".*"))


def test_a_release_waits_and_is_not_public(store: ReleaseStore, wait: Wait) -> None:
    done = wait()
    assert (done.id, done.new, done.waiting, done.needed, done.note) == (
        *("2025-06-r2", False, True, 2, ""),
    )
    assert_waits(store)
    assert done.path.parent.stat().st_mode & 0o077 == 0
    assert store.recover() == ()
    assert_waits(store)
    assert store.next_id(MONTH) == "2025-06-r2"


def test_the_second_person_makes_it_public(store: ReleaseStore, wait: Wait, clock: Clock) -> None:
    sums = hash_file(wait().path / "SHA256SUMS")
    first = store.approve(" Ann  Example ", 2, clock)
    assert (first.waiting, first.needed, first.new) == (True, 1, False)
    assert_waits(store, "Ann Example")
    second = store.approve("Bob", 2, clock)
    assert (second.waiting, second.new, second.path) == (False, True, store.root / "2025-06-r2")
    assert_public(store, "Ann Example", "Bob")
    assert store.get().sums_sha256 == sums
    assert json.loads((store.root / "approvals.json").read_bytes())[0] == {
        "release": "2025-06-r2",
        "sums_sha256": sums,
        "name": "Ann Example",
        "approved_at": "2025-08-01T09:30:00Z",
    }


def test_one_approval_is_enough_where_one_is_asked_for(
    store: ReleaseStore, wait: Wait, clock: Clock
) -> None:
    assert wait(approvals=1).needed == 1
    assert store.approve("Ann", 1, clock).new
    assert_public(store, "Ann")


@pytest.mark.parametrize("again", ["Ann Example", "ann  EXAMPLE", " Ann Example\t"])
def test_the_same_person_twice_does_not_count(
    store: ReleaseStore, wait: Wait, clock: Clock, again: str
) -> None:
    wait()
    store.approve("Ann Example", 2, clock)
    with pytest.raises(InputError, match="approved by that name already; it needs 1 more"):
        store.approve(again, 2, clock)
    assert_waits(store, "Ann Example")


@pytest.mark.parametrize("name", ["", "  ", "12", "x" * 101, "Ann\x1b[1m"])
def test_a_name_that_is_none_is_refused(
    store: ReleaseStore, wait: Wait, clock: Clock, name: str
) -> None:
    wait()
    with pytest.raises(InputError, match="no name of a person"):
        store.approve(name, 2, clock)
    assert_waits(store)


def test_with_nothing_waiting_there_is_nothing_to_approve(
    store: ReleaseStore, clock: Clock
) -> None:
    with pytest.raises(InputError, match="no release waits"):
        store.approve("Ann", 2, clock)


def test_the_same_content_goes_on_waiting_with_its_approvals(
    store: ReleaseStore, wait: Wait, clock: Clock
) -> None:
    wait()
    store.approve("Ann", 2, clock)
    done = wait()
    assert (done.waiting, done.needed, done.note) == (True, 1, "")
    assert_waits(store, "Ann")


def test_a_signature_that_came_later_is_taken_and_the_approvals_stay(
    store: ReleaseStore, written: Path, wait: Wait, clock: Clock
) -> None:
    wait()
    store.approve("Ann", 2, clock)
    for text in ("of a key", "of another key"):
        staged = stage(store, written, "b2")
        (staged / "SHA256SUMS.minisig").write_text(text)
        done = store.publish(staged, MONTH, clock, approvals=2)
        assert (done.needed, done.note) == (1, "")
        assert (done.path / "SHA256SUMS.minisig").read_text() == text
        assert_waits(store, "Ann")
    assert wait().needed == 1
    assert not (done.path / "SHA256SUMS.minisig").exists()


def test_other_content_takes_its_place_and_voids_the_approvals(
    store: ReleaseStore, wait: Wait, clock: Clock
) -> None:
    wait()
    store.approve("Ann", 2, clock)
    done = wait("c2")
    assert done.needed == 2
    assert done.note == (
        "What waited as 2025-06-r2 was replaced by other content; its 1 approval no longer counts."
    )
    assert_waits(store)
    assert wait("b2").needed == 2  # nor do they come back with the old content
    assert_waits(store)


def test_content_that_is_published_already_ends_the_waiting(
    store: ReleaseStore, wait: Wait
) -> None:
    wait()
    done = wait("a2")
    assert (done.id, done.new, done.waiting) == ("2025-06-r1", False, False)
    assert "What waited as 2025-06-r2 was replaced" in done.note
    assert store.waiting() is None


def test_with_approval_no_longer_asked_for_the_next_run_publishes(
    store: ReleaseStore, wait: Wait, clock: Clock
) -> None:
    wait()
    store.approve("Ann", 2, clock)
    done = wait(approvals=0)
    assert (done.new, done.note) == (True, "")
    assert_public(store, "Ann")


def test_with_fewer_asked_for_the_next_run_publishes(
    store: ReleaseStore, wait: Wait, clock: Clock
) -> None:
    wait()
    store.approve("Ann", 2, clock)
    assert wait(approvals=1).new
    assert_public(store, "Ann")


def test_bytes_that_were_altered_are_not_promoted(
    store: ReleaseStore, wait: Wait, clock: Clock
) -> None:
    folder = wait().path
    store.approve("Ann", 2, clock)
    with (folder / "README.md").open("a") as file:
        file.write("More.")
    with pytest.raises(InputError, match=r"README\.md was altered"):
        store.approve("Bob", 2, clock)
    assert latest_id(store) == "2025-06-r1"
    assert wait().needed == 2  # a run makes it anew, and it is approved anew


def test_an_approval_is_of_one_releases_bytes_alone(
    store: ReleaseStore, wait: Wait, written: Path, clock: Clock
) -> None:
    folder = wait().path
    store.approve("Ann", 2, clock)
    shutil.rmtree(folder)  # another whole release slipped into its place
    shutil.copytree(written / "c2", folder)
    assert store.approve("Bob", 2, clock).needed == 1
    assert_waits(store, "Bob")


def test_what_was_withdrawn_meanwhile_is_not_approved_back(
    store: ReleaseStore, wait: Wait, written: Path, clock: Clock
) -> None:
    wait()
    store.approve("Ann", 1, clock)
    store.withdraw("2025-06-r2", "Wrong counts", clock)
    shutil.copytree(written / "b3", store.root / ".waiting/2025-06-r3")
    with pytest.raises(InputError, match="what 2025-06-r2 said, which was withdrawn"):
        store.approve("Bob", 1, clock)


def test_what_must_come_first_comes_first(
    store: ReleaseStore, wait: Wait, written: Path, clock: Clock
) -> None:
    """The ledger is written before anything is public, and where that fails, nothing is."""
    asked: list[tuple[str, str]] = []

    def before(release: str) -> None:
        asked.append((release, latest_id(store)))
        if len(asked) == 1:
            raise InputError("the ledger cannot be written")

    wait()
    store.approve("Ann", 2, clock, before=before)
    assert asked == []
    with pytest.raises(InputError, match="ledger"):
        store.approve("Bob", 2, clock, before=before)
    assert_waits(store, "Ann", "Bob")
    assert store.approve("bob", 2, clock, before=before).new
    assert_public(store, "Ann", "Bob")
    store.publish(stage(store, written, "c3"), MONTH, clock, before=before)
    assert asked == [("2025-06-r2", "2025-06-r1")] * 2 + [("2025-06-r3", "2025-06-r2")]


def test_a_damaged_list_of_approvals_is_told(store: ReleaseStore, wait: Wait, clock: Clock) -> None:
    wait()
    (store.root / "approvals.json").write_text('[{"name": "Ann"}]')
    with pytest.raises(InputError, match=r"approvals\.json: .*or delete it"):
        store.approve("Bob", 2, clock)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_approval_killed_at_any_step_can_be_given_again(
    tmp_path: Path, store: ReleaseStore, wait: Wait, clock: Clock, after: bool
) -> None:
    wait()
    store.approve("Ann", 2, clock)
    pristine = Path(shutil.copytree(store.root, tmp_path / "pristine", symlinks=True))
    with fault(-1, Killed(), after=False) as done:
        store.approve("Bob", 2, clock)
    assert len(done) > 15
    for at in range(len(done)):
        root = Path(shutil.copytree(pristine, tmp_path / "at", symlinks=True))
        with fault(at, Killed(), after=after), pytest.raises(Killed):
            ReleaseStore(root).approve("Bob", 2, clock)
        assert verify(root / "latest") == []
        again = ReleaseStore(root)
        again.recover()
        if again.waiting() is not None:
            assert latest_id(again) == "2025-06-r1"
            assert again.approve("Bob", 2, clock).new
        assert_public(again, "Ann", "Bob")
        shutil.rmtree(root)


@pytest.mark.parametrize("name", ["b2", "c2"])
def test_a_run_that_is_to_wait_killed_at_any_step_can_be_run_again(
    tmp_path: Path, store: ReleaseStore, wait: Wait, written: Path, clock: Clock, name: str
) -> None:
    """Whether it takes the place of other content or finds its own."""
    wait("b2")
    store.approve("Ann", 2, clock)
    at, killed = 0, True
    while killed:
        root = Path(shutil.copytree(store.root, tmp_path / f"at{at}", symlinks=True))
        again, killed = ReleaseStore(root), False
        staged = stage(again, written, name)
        try:
            with fault(at, Killed(), after=False):
                again.publish(staged, MONTH, clock, approvals=2)
        except Killed:
            killed = True
        waiting = find_waiting(root)
        assert waiting is None or verify(waiting.path) == []
        staged = stage(again, written, name)
        done = again.publish(staged, MONTH, clock, approvals=2)
        assert done.waiting
        assert_waits(again, *(["Ann"] if name == "b2" else []))
        at += 1
    assert at > (15 if name == "c2" else 1)
