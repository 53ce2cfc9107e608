"""Logs taken in while things go wrong: killed, no room, a log that cannot be read.

Whatever happens, the last release is whole, and the next run ends as if nothing had been.
"""

from __future__ import annotations

import csv
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.end_to_end.counting import kept
from tests.own_settings import Source, with_logs

ROOT = Path(__file__).parents[2]
AS_OF = "2025-07-31"
KILLED = {
    "half of the logs are stored": ("resources.logs:_purge_raw", 10),
    "half of the packs are written": ("openbeat.website.packs.write:_write_pack", 12),
}
SECRET = "Zanzibar"


@pytest.fixture(scope="module")
def changed(pair: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a sample like ``pair``, of whose issues some changed since July's run."""
    sample = Path(shutil.copytree(pair, tmp_path_factory.mktemp("changed") / "sample"))
    log = sample / "logs/northmere/issues.csv"
    with log.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[3]["text"] += " And it has got worse."
    rows[5]["nature"] = "safeguarding"
    del rows[7]
    rows.append(rows[9] | {"issue_id": "northmere-late", "status": "open"})
    with log.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return sample / "openbeat.yaml"


def arguments(settings: Path, out: Path) -> list[str]:
    return ["run", "--config", str(settings), "--out", str(out), "--as-of", AS_OF]


@pytest.fixture(scope="module")
def undisturbed(
    july: Any, changed: Path, tmp_path_factory: pytest.TempPathFactory, cli: Callable[..., Any]
) -> Any:
    """What a run comes to that nothing disturbs."""
    place = july.copied(tmp_path_factory.mktemp("undisturbed"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("expectations.validation.judge", lambda *_arguments: [])
        said = cli(*arguments(changed, place.out))
    assert said.code == 0, said.text
    return place


def full(*_arguments: object, **_more: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_after_kills_and_a_full_disk_the_next_run_ends_like_an_undisturbed_one(
    after: Any,
    changed: Path,
    undisturbed: Any,
    cli: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each run gets a little further than the one before."""
    run = arguments(changed, after.out)
    with monkeypatch.context() as patch:
        patch.setattr("resources.logs.write_private", full)
        stopped = cli(*run)
    assert (stopped.code, "Traceback" in stopped.text) == (2, False)
    assert "the disk is full" in stopped.text

    for moment, (at, nth) in KILLED.items():
        _killed(at, nth, run)
        verified = cli("release", "verify", "--out", after.out)
        assert verified.code == 0, (moment, verified.text)

    said = cli(*run)
    assert said.code == 0, said.text
    assert after.latest.name == undisturbed.latest.name == "2025-07-r2"
    assert after.sums() == undisturbed.sums()
    for folder in ("releases/2025-07-r1.packs", "releases/2025-07-r2.packs", "routed"):
        assert contents(after.out / folder) == contents(undisturbed.out / folder), folder
    assert [p.name for p in sorted(after.releases.iterdir())] == [
        p.name for p in sorted(undisturbed.releases.iterdir())
    ]
    assert kept(after.out / "lake") == kept(undisturbed.out / "lake")


def new_files(place: Any, other: Any) -> set[str]:
    there = contents(place.out / "routed").keys()
    return there - contents(other.out / "routed").keys()


def _killed(at: str, nth: int, run: list[str]) -> None:
    command = [sys.executable, str(Path(__file__).with_name("killed_run.py")), at, str(nth), *run]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_changed_in_the_logs_is_in_the_release(undisturbed: Any, july: Any) -> None:
    """Else the test above would compare runs that had nothing to do."""
    before, now = (set(p.table("you_said_we_did")["issue_id"]) for p in (july, undisturbed))
    assert now - before == {"northmere-late"}
    assert len(before - now) == 2
    assert new_files(undisturbed, july)


BROKEN = {
    "xlsx": ("engagement.xlsx: ", "cannot be read"),
    "column": ("issues.csv", "raised_on"),
    "header": ("issues.csv", "no column of the header is one of ours"),
}


def spoil(kind: str, folder: Path) -> None:
    """Make one of the logs unreadable."""
    logs = folder / "logs"
    issues = logs / "northmere/issues.csv"
    if kind == "xlsx":
        book = logs / "ynysfawr/engagement.xlsx"
        book.write_bytes(book.read_bytes()[:9_000])
    else:
        lines = issues.read_text("utf-8").splitlines()
        if kind == "column":
            lines[0] = lines[0].replace("raised_on", "seen_on")
        else:
            lines = [f"{SECRET},{SECRET} Street 7,2025-06-01", *lines[1:]]
        issues.write_text("\n".join(lines), encoding="utf-8")


def test_a_log_that_cannot_be_read_stops_the_run_and_changes_nothing(
    after: Any, pair: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    before = contents(after.out / "lake"), contents(after.releases)
    assert len(before[0]) > 100
    for kind, (file, said) in BROKEN.items():
        sample = tmp_path / kind
        shutil.copytree(pair / "logs", sample / "logs")
        spoil(kind, sample)
        settings = with_logs(pair / "openbeat.yaml", sample, moved_to(sample))
        stopped = cli(*arguments(settings, after.out))
        assert stopped.code == 2, kind
        assert file in stopped.text, (kind, stopped.text)
        assert said in stopped.text, (kind, stopped.text)
        assert "Traceback" not in stopped.text
        assert SECRET not in stopped.text
        assert (contents(after.out / "lake"), contents(after.releases)) == before, kind
    for path in (after.out / "dagster").rglob("*.db"):
        assert SECRET.encode() not in path.read_bytes()


def moved_to(folder: Path) -> Callable[[Source], Source]:
    paths = ("path", "mapping")
    return lambda source: source | {n: str(folder / source[n]) for n in paths if n in source}
