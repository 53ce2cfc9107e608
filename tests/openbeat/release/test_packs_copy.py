"""Packs at a target: with their release, replaced when made again, gone when it is withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from openbeat.release.packs_copy import MADE_FROM, copy_packs
from openbeat.release.promote import ReleaseStore
from openbeat.release.settings import Target
from openbeat.release.targets import copy_releases


class Both:
    """A store and a folder that it is copied to."""

    def __init__(self, store: ReleaseStore, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.target = Target(name="public", url=str(folder))
        (self.release,) = store.list()
        self.packs = store.root / f"{self.release.id}.packs"

    def make(self, text: str) -> None:
        (self.packs / "avon").mkdir(parents=True, exist_ok=True)
        (self.packs / "avon/A1.html").write_text(text, encoding="utf-8")
        (self.packs / MADE_FROM).write_text(f"of {text}\n", encoding="utf-8")

    def copy(self) -> int:
        copy_releases(self.store.root, self.target, wait=lambda _seconds: None)
        return copy_packs(self.store.root, self.target, wait=lambda _seconds: None)

    @property
    def copied(self) -> Path:
        return self.folder / self.packs.name / "avon/A1.html"


@pytest.fixture
def both(store: ReleaseStore, tmp_path: Path) -> Both:
    return Both(store, tmp_path / "public")


def test_packs_follow_their_release_once(both: Both) -> None:
    assert both.copy() == 0, "none are made yet"
    both.make("first")
    assert both.copy() == 2
    assert both.copied.read_text("utf-8") == "first"
    assert both.copy() == 0


def test_packs_that_are_made_again_replace_the_old_ones(both: Both) -> None:
    both.make("first")
    both.copy()
    both.make("with another contact")
    assert both.copy() == 2
    assert both.copied.read_text("utf-8") == "with another contact"


def test_packs_that_were_being_written_are_not_copied(both: Both) -> None:
    both.make("half")
    (both.packs / MADE_FROM).unlink()
    assert both.copy() == 0
    assert not both.copied.exists()


def test_packs_do_not_go_where_their_release_is_not(both: Both) -> None:
    both.make("first")
    assert copy_packs(both.store.root, both.target) == 0
    assert not both.copied.exists()


def test_packs_of_a_withdrawn_release_go(both: Both, clock: Callable[[], datetime]) -> None:
    both.make("first")
    both.copy()
    both.store.withdraw(both.release.id, "A table was of another month.", clock)
    both.copy()
    assert not both.copied.exists()
