"""A store to break: releases written aside, and a fault at any change to the disk."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from openbeat.release.promote import ReleaseStore

MONTH = "2025-06"
STEPS = ("replace", "rename", "fsync", "symlink", "unlink", "rmdir", "write")


class Killed(BaseException):
    """The process is gone: no handler of ours may see it."""


def stage(store: ReleaseStore, written: Path, name: str) -> Path:
    return Path(shutil.copytree(written / name, store.staging(), dirs_exist_ok=True))


def latest_id(store: ReleaseStore) -> str:
    return str(json.loads((store.root / "latest.json").read_bytes())["id"])


@contextmanager
def fault(at: int, error: BaseException, *, after: bool) -> Iterator[list[str]]:
    """Fail at the ``at``-th change to the disk, before it or just after; yields those made."""
    done: list[str] = []
    real = {name: getattr(os, name) for name in STEPS if name != "write"}
    real_write = Path.write_bytes

    def step(name: str, act: Callable[[], object]) -> object:
        done.append(name)
        if len(done) - 1 == at and not after:
            raise error
        result = act()
        if len(done) - 1 == at:
            raise error
        return result

    def half_write(path: Path, data: bytes) -> int:
        if len(done) == at:
            real_write(path, data[: len(data) // 2])
        step("write", lambda: real_write(path, data))
        return len(data)

    with pytest.MonkeyPatch.context() as patch:
        for name, act in real.items():
            patch.setattr(os, name, lambda *a, _n=name, _f=act, **k: step(_n, lambda: _f(*a, **k)))
        patch.setattr(Path, "write_bytes", half_write)
        yield done
