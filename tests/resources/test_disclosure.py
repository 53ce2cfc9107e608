"""The memory of disclosure control in the lake: added to once, never written over, never lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from openbeat.disclosure.gate import Gated
from openbeat.errors import InputError
from openbeat.release.listing import Release, write_list
from openbeat.release.promote import ReleaseStore
from resources import disclosure as kept
from resources.lake import Lake
from tests.openbeat.disclosure.through import AFTER_Q1, AFTER_Q2, events, through

FIRST, SECOND = "2025-03-r1", "2025-07-r1"
Look = Callable[[], dict[str, str]]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture(scope="module")
def first() -> Gated:
    return through(events("2025-Q1"), AFTER_Q1)


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """The hash of every file of the memory, by path."""

    def files() -> dict[str, str]:
        found = sorted((tmp_path / "lake").glob("disclosure_[!p]*/*"))
        return {
            path.relative_to(tmp_path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in found
        }

    return files


def publish(lake: Lake, gated: Gated, release: str) -> list[dict[str, object]]:
    kept.keep_pending(lake, gated.new)
    named = kept.name_ledger(lake, release)
    kept.commit_ledger(lake, release)
    return named


def test_what_was_published_is_read_back_with_its_release(lake: Lake, first: Gated) -> None:
    named = publish(lake, first, FIRST)
    memory = kept.read_memory(lake)
    assert memory.ledger["release_id"].unique().to_list() == [FIRST]
    for name in ("cells", "sums", "worlds", "solved"):
        assert_frame_equal(getattr(memory, name), getattr(first.whole, name))
    assert named == kept.ledger_files(lake)
    said = kept.known(lake)
    assert_frame_equal(said["ledger"], memory.ledger)
    assert said["protected"].height > 0


def test_a_release_that_shows_nothing_new_adds_nothing(
    lake: Lake, first: Gated, look: Look
) -> None:
    named = publish(lake, first, FIRST)
    before = look()
    again = through(events("2025-Q1"), AFTER_Q1, kept.read_memory(lake))
    assert publish(lake, again, SECOND) == named
    assert look() == before


def test_done_again_for_the_same_release_nothing_changes(
    lake: Lake, first: Gated, look: Look
) -> None:
    publish(lake, first, FIRST)
    before = look()
    kept.commit_ledger(lake, FIRST)
    assert kept.name_ledger(lake, FIRST) == kept.ledger_files(lake)
    kept.commit_ledger(lake, FIRST)
    assert look() == before


def test_each_release_adds_a_file_and_leaves_the_others_alone(
    lake: Lake, first: Gated, look: Look
) -> None:
    publish(lake, first, FIRST)
    before = look()
    second = through(events("2025-Q1", "2025-Q2"), AFTER_Q2, kept.read_memory(lake))
    publish(lake, second, SECOND)
    assert before.items() <= look().items()
    assert [entry["file"] for entry in kept.ledger_files(lake)] == [
        f"0001-{FIRST}",
        f"0002-{SECOND}",
    ]


def test_killed_between_the_ledger_and_the_release_the_choices_stay(
    lake: Lake, first: Gated
) -> None:
    publish(lake, first, FIRST)  # and then the release is never promoted
    later = through([*events("2025-Q1")[:2]], AFTER_Q1, kept.read_memory(lake))
    assert later.new.solved.is_empty()
    assert [e["file"] for e in publish(lake, later, FIRST)] == [f"0001-{FIRST}"]


@pytest.mark.parametrize("writes", range(5))
def test_killed_while_the_ledger_is_written_the_next_run_writes_the_same(
    lake: Lake, first: Gated, writes: int, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = Lake.write, writes

    def dying(self: Lake, table: str, *more: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("killed")
        return real(self, table, *more)  # type: ignore[arg-type]

    kept.keep_pending(lake, first.new)
    kept.name_ledger(lake, FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "write", dying)
        with pytest.raises(OSError, match="killed"):
            kept.commit_ledger(lake, FIRST)
    assert not lake.exists(kept.LEDGER, f"0001-{FIRST}")
    again = through(events("2025-Q1"), AFTER_Q1, kept.read_memory(lake))
    publish(lake, again, FIRST)
    assert kept.read_memory(lake).ledger.height == first.new.ledger.height


def test_a_release_adds_what_it_was_made_from_and_nothing_else(lake: Lake, first: Gated) -> None:
    kept.keep_pending(lake, first.new)
    kept.name_ledger(lake, FIRST)
    kept.keep_pending(lake, through(events("2025-Q1")[:3], AFTER_Q1).new)  # a run broken off
    with pytest.raises(InputError, match="other decisions"):
        kept.commit_ledger(lake, FIRST)
    assert not lake.exists(kept.LEDGER, f"0001-{FIRST}")


def test_a_release_that_the_lake_does_not_know_is_refused(lake: Lake, look: Look) -> None:
    with pytest.raises(InputError, match="the lake does not know"):
        kept.commit_ledger(lake, FIRST)
    assert look() == {}


@pytest.fixture
def store(tmp_path: Path, lake: Lake, first: Gated) -> ReleaseStore:
    """A store with one release that shows what the ledger has."""
    root = tmp_path / "releases"
    folder = root / FIRST
    (folder / "tables").mkdir(parents=True)
    pl.DataFrame({"forms": [1]}).write_parquet(folder / "tables/engagement_reach.parquet")
    named = publish(lake, first, FIRST)
    (folder / "disclosure.json").write_text(json.dumps({"ledger": named}))
    line = Release(FIRST, "2025-03", FIRST, "0" * 64, "0" * 64, "2025-04-10T00:00:00Z")
    write_list(root, [replace(line, ledger={one["file"]: one["sha256"] for one in named})])
    return ReleaseStore(root)


def test_the_ledger_of_a_release_is_there(lake: Lake, store: ReleaseStore) -> None:
    kept.require_ledger(lake, store)


def test_a_release_before_the_first_quarter_ends_needs_no_ledger(
    tmp_path: Path, store: ReleaseStore
) -> None:
    write_list(store.root, [replace(store.get(FIRST), ledger={})])
    (store.root / FIRST / "disclosure.json").write_text('{"ledger": []}')
    kept.require_ledger(Lake(str(tmp_path / "another")), store)


@pytest.mark.parametrize("how", ["gone", "other", "not listed", "not told"])
def test_without_the_memory_of_a_release_nothing_more_is_published(
    lake: Lake, store: ReleaseStore, how: str
) -> None:
    path = Path(str(lake.path(kept.LEDGER, f"0001-{FIRST}")))
    if how == "gone":
        path.unlink()
    elif how == "other":
        lake.write(kept.LEDGER, lake.read(kept.LEDGER, path.stem).head(3), path.stem)
    elif how == "not listed":
        write_list(store.root, [replace(store.get(FIRST), ledger={})])
    else:
        (store.root / FIRST / "disclosure.json").unlink()
    with pytest.raises(InputError, match="not whole") as refused:
        kept.require_ledger(lake, store)
    assert "from a copy" in str(refused.value)


def test_the_memory_must_be_there_though_its_release_was_withdrawn(
    lake: Lake, store: ReleaseStore
) -> None:
    store.withdraw(FIRST, "A number was wrong.", lambda: datetime(2025, 5, 1, tzinfo=UTC))
    kept.require_ledger(lake, store)
    Path(str(lake.path(kept.LEDGER, f"0001-{FIRST}"))).unlink()
    with pytest.raises(InputError, match="not whole"):
        kept.require_ledger(lake, store)


@pytest.mark.parametrize("part", ["cells", "sums", "worlds", "solved"])
def test_a_ledger_without_what_stands_behind_it_is_refused(
    lake: Lake, store: ReleaseStore, part: str
) -> None:
    Path(str(lake.path(f"disclosure_{part}", f"0001-{FIRST}"))).unlink()
    with pytest.raises(InputError, match=f"disclosure_{part}"):
        kept.read_memory(lake)
