"""Going back to an older release: latest moves, nothing is lost, and it does not undo itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.release.integrity import verify
from openbeat.release.promote import ReleaseStore
from tests.openbeat.release.faults import MONTH, Killed, fault, latest_id, stage

Clock = Callable[[], datetime]
WHY = "A force's file of another month was taken in."


@pytest.fixture
def two(store: ReleaseStore, written: Path, clock: Clock) -> ReleaseStore:
    store.publish(stage(store, written, "b2"), MONTH, clock)
    return store


def assert_latest(store: ReleaseStore, name: str) -> None:
    assert latest_id(store) == name == store.get().id
    assert str((store.root / "latest").readlink()) == name


def test_latest_goes_back_and_the_list_says_why(two: ReleaseStore, clock: Clock) -> None:
    before = {p: p.read_bytes() for p in two.root.glob("2025*/**/*.*")}
    assert two.rollback("2025-06-r1", f"  {WHY}\n", clock).id == "2025-06-r1"
    assert_latest(two, "2025-06-r1")
    first, second = json.loads((two.root / "releases.json").read_bytes())
    assert "rolled_back" not in first
    assert (second["status"], second["rolled_back"]) == ("published", WHY)
    assert second["rolled_back_at"] == "2025-08-01T09:30:00Z"
    assert {p: p.read_bytes() for p in before} == before
    assert verify(two.root / "2025-06-r2") == []
    assert two.recover() == ()


def test_the_next_run_does_not_bring_back_what_was_rolled_back(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    two.rollback("2025-06-r1", WHY, clock)
    again = two.publish(stage(two, written, "b3"), MONTH, clock)
    assert (again.id, again.new) == ("2025-06-r2", False)
    assert "2025-06-r2 was rolled back" in again.note
    assert WHY in again.note
    same = two.publish(stage(two, written, "a3"), MONTH, clock)
    assert (same.id, same.new, same.note) == ("2025-06-r1", False, "")
    assert_latest(two, "2025-06-r1")


def test_what_waits_does_not_outlive_a_rollback(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    two.publish(stage(two, written, "c3"), MONTH, clock, approvals=2)
    two.approve("Ann", 2, clock)
    two.rollback("2025-06-r1", WHY, clock)
    assert two.waiting() is None
    with pytest.raises(InputError, match="no release waits"):
        two.approve("Bob", 2, clock)


def test_a_release_with_other_content_is_the_latest_again(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    two.rollback("2025-06-r1", WHY, clock)
    assert two.previous(MONTH) == two.root / "2025-06-r1"
    assert two.publish(stage(two, written, "c3"), MONTH, clock).id == "2025-06-r3"
    assert_latest(two, "2025-06-r3")
    assert two.get("2025-06-r2").rolled_back == WHY


def test_latest_can_go_forth_again(two: ReleaseStore, clock: Clock) -> None:
    two.rollback("2025-06-r1", WHY, clock)
    two.rollback("2025-06-r2", "It was right after all.", clock)
    assert_latest(two, "2025-06-r2")
    assert not any(release.rolled_back for release in two.list())


def test_going_back_twice_keeps_the_first_reason(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    two.publish(stage(two, written, "c3"), MONTH, clock)
    two.rollback("2025-06-r2", WHY, clock)
    two.rollback("2025-06-r1", "So is this.", clock)
    assert [release.rolled_back for release in two.list()] == ["", "So is this.", WHY]
    assert_latest(two, "2025-06-r1")


def test_withdrawing_the_one_gone_back_to_leaves_no_latest(two: ReleaseStore, clock: Clock) -> None:
    """What was rolled back was so for a reason: it does not come back by itself."""
    two.rollback("2025-06-r1", WHY, clock)
    two.withdraw("2025-06-r1", WHY, clock)
    assert not (two.root / "latest.json").exists()
    with pytest.raises(InputError, match=r"no release is latest: .* withdrawn or rolled back"):
        two.get()
    two.rollback("2025-06-r2", "It is the better one.", clock)
    assert_latest(two, "2025-06-r2")
    assert "Use `2025-06-r2`." in (two.root / "2025-06-r1/WITHDRAWN.md").read_text()


@pytest.mark.parametrize(
    ("name", "reason", "said"),
    [
        ("2025-06-r2", WHY, "2025-06-r2 is the latest already"),
        ("2025-06-r7", WHY, "there is no such release"),
        ("latest", WHY, "not a release id"),
        ("2025-06-r1", " ", "rolled back for a reason, and none is given"),
        ("2025-06-r1", "Ask j.smith@example.org about it", "personal data"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    two: ReleaseStore, clock: Clock, name: str, reason: str, said: str
) -> None:
    before = (two.root / "releases.json").read_bytes()
    with pytest.raises(InputError, match=said):
        two.rollback(name, reason, clock)
    assert (two.root / "releases.json").read_bytes() == before
    assert_latest(two, "2025-06-r2")


def test_nobody_goes_back_to_what_was_withdrawn(two: ReleaseStore, clock: Clock) -> None:
    two.withdraw("2025-06-r1", WHY, clock)
    with pytest.raises(InputError, match="2025-06-r1 was withdrawn"):
        two.rollback("2025-06-r1", WHY, clock)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_step_it_is_done_or_not_at_all(
    two: ReleaseStore, clock: Clock, *, after: bool
) -> None:
    at = 0
    while True:
        with fault(at, Killed(), after=after):
            try:
                two.rollback("2025-06-r1", WHY, clock)
            except Killed:
                killed = True
            else:
                killed = False
        two.recover()
        gone_back = bool(two.get("2025-06-r2").rolled_back)
        assert_latest(two, "2025-06-r1" if gone_back else "2025-06-r2")
        if not killed:
            break
        if gone_back:
            two.rollback("2025-06-r2", "Again.", clock)
        at += 1
    assert at > 5


def test_what_a_release_follows_is_the_latest_of_its_time(
    two: ReleaseStore, written: Path, clock: Clock
) -> None:
    assert two.previous("2025-05") is None
    assert two.previous(MONTH) == two.root / "2025-06-r2"
    assert two.previous("2025-07") == two.root / "2025-06-r2"
    two.withdraw("2025-06-r2", WHY, clock)
    assert two.previous(MONTH) == two.root / "2025-06-r1"
    assert ReleaseStore(two.root / "none").previous(MONTH) is None
