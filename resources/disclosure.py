"""The memory of disclosure control, in the lake: the ledger, and what stands behind it.

A file of each a release that published something new, and none is ever written over: what the
world was told stays told. What is in them is decided in ``openbeat.disclosure``. Only
``disclosure_ledger`` holds nothing but published values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import polars as pl

from openbeat.disclosure.certified import protected
from openbeat.disclosure.ledger import gathered
from openbeat.disclosure.memory import Memory
from openbeat.errors import InputError
from openbeat.release.integrity import DISCLOSURE
from openbeat.release.listing import LIST, ledger_of
from openbeat.release.promote import ReleaseStore
from resources.lake import Lake, encode

LEDGER: Final = "disclosure_ledger"
PENDING: Final = "disclosure_pending"
_PARTS: Final = tuple(field.name for field in fields(Memory))
# What the gate's outcome is kept in until a release takes it; the ledger goes last, it decides.
_PRIVATE: Final = ("cells", "sums", "worlds", "solved")


def _table(part: str) -> str:
    return f"disclosure_{part}"


def read_memory(lake: Lake) -> Memory:
    """What earlier releases left.

    Raises:
        InputError: A file of the ledger has lost what stands behind it, or was added to.
    """
    names = lake.months(LEDGER)
    frames: dict[str, list[pl.DataFrame]] = {part: [] for part in _PARTS}
    for name in names:
        for part in _PARTS:
            if not lake.exists(_table(part), name):
                raise _lost(f"{_table(part)}/{name}.parquet")
            frames[part].append(lake.read(_table(part), name))
    start = Memory()
    return Memory(
        gathered(frames["ledger"]),
        *(pl.concat([getattr(start, part), *frames[part]]) for part in _PRIVATE),
    )


def ledger_files(lake: Lake) -> list[dict[str, Any]]:
    """The files of the ledger, as a release names them: name, sha256, rows."""
    return [
        {"file": name, "sha256": lake.sha256(LEDGER, name), "rows": lake.read(LEDGER, name).height}
        for name in lake.months(LEDGER)
    ]


def require_ledger(lake: Lake, store: ReleaseStore) -> None:
    """Refuse to go on without a file of the ledger that a release was made with.

    Without its memory the gate would choose anew, and two choices together tell more than one.

    Args:
        lake: Holds the ledger.
        store: Its releases name the files they were made with.

    Raises:
        InputError: A file is missing or is another one; or a release that has protected tables
            does not say which it was made with, or the list of releases says otherwise.
    """
    for release in store.list():
        folder = store.path(release)
        protects = (folder / "tables/engagement_reach.parquet").exists()
        if protects and not (folder / DISCLOSURE).exists():
            raise _lost(f"{release.id}/{DISCLOSURE}")
        if protects and ledger_of(folder) != release.ledger:
            raise _lost(f"{LIST} or {release.id}/{DISCLOSURE}", release.id)
        for name, sha256 in release.ledger.items():
            if lake.sha256(LEDGER, name) != sha256:
                raise _lost(f"{LEDGER}/{name}.parquet", release.id)


def keep_pending(lake: Lake, new: Memory) -> None:
    """Keep what the gate decided until a release takes it."""
    for part in _PARTS:
        lake.write(PENDING, getattr(new, part), part)


def pending(lake: Lake) -> Memory:
    """What the gate decided last.

    Raises:
        InputError: There is nothing of the kind.
    """
    return Memory(*(lake.read(PENDING, part) for part in _PARTS))


def undecided(lake: Lake) -> Memory:
    """What the gate decided last, as far as the ledger has it not yet."""
    new, done = pending(lake), [lake.read(_table("solved"), f) for f in lake.months(LEDGER)]
    known = pl.concat([new.solved.head(0), *done])["component"]
    there = new.solved["component"].is_in(known.implode()).any()
    return Memory() if there else new


def next_file(lake: Lake, release_id: str) -> str:
    """The name of the ledger's next file."""
    return f"{len(lake.months(LEDGER)) + 1:04d}-{release_id}"


def bound(new: Memory, release_id: str) -> Memory:
    """What was decided, with the release that shows it first."""
    rows = new.ledger.with_columns(release_id=pl.lit(release_id))
    return Memory(rows, new.cells, new.sums, new.worlds, new.solved)


def commit_ledger(lake: Lake, release_id: str) -> None:
    """Add to the ledger what a release is about to publish; nothing where it is nothing new.

    It is done just before the release is promoted. A run that is killed between the two leaves
    choices that nobody has seen yet: they stay chosen, which harms nobody, and the next run shows
    them. Done again for the same release it does nothing.

    Args:
        lake: Holds the ledger, and what the gate decided.
        release_id: The release.

    Raises:
        InputError: What was decided last is not what the release was made from.
    """
    told = lake.read_json(PENDING, release_id)
    if told is None:
        raise InputError(
            f"the lake does not know what {release_id} says of people",
            rule="the ledger is only ever added to",
            mend="use the lake it was made with, or run openbeat run again: it makes it afresh.",
        )
    name = told["file"]
    if name is None or lake.sha256(LEDGER, name) == told["sha256"]:
        return
    rows = bound(pending(lake), release_id)
    if lake.exists(LEDGER, name) or encode(rows.ledger).sha256 != told["sha256"]:
        raise InputError(
            f"{release_id} was made from other decisions than the last",
            rule="the ledger is only ever added to",
            mend="run openbeat run again: it makes the release afresh.",
        )
    for part in (*_PRIVATE, "ledger"):
        lake.write(_table(part), getattr(rows, part), name)


def name_ledger(lake: Lake, release_id: str) -> list[dict[str, Any]]:
    """The ledger's files as they will be once ``commit_ledger`` has added what is new.

    What is to be added is noted for that release, and nothing else will be.

    Args:
        lake: Holds the ledger, and what the gate decided.
        release_id: The release.

    Returns:
        Of each file: its name, sha256 and rows.
    """
    files, new = ledger_files(lake), undecided(lake)
    note: dict[str, Any] = {"file": None, "sha256": None}
    if not new.solved.is_empty():
        note = {"file": next_file(lake, release_id)}
        note["sha256"] = encode(bound(new, release_id).ledger).sha256
        files.append({**note, "rows": new.ledger.height})
    lake.write_json(PENDING, release_id, note)
    return files


def known(lake: Lake, waits: str | None = None) -> dict[str, pl.DataFrame]:
    """What an attack is made with and judged by.

    Args:
        lake: Holds the ledger.
        waits: A release that waits for approval: what it would add is not in the ledger yet.

    Returns:
        ``ledger``: every published value of a protected cell, and every one kept back
        (``ledger.SCHEMA``); ``protected``: what must not be worked out (``certified.protected``),
        which is private.
    """
    memory = read_memory(lake)
    if waits is not None and lake.exists(PENDING, "ledger"):
        memory = memory.also(bound(undecided(lake), waits))
    return {"ledger": memory.ledger, "protected": protected(memory)}


def _lost(file: str, release: str = "") -> InputError:
    told: Mapping[bool, str] = {True: f", which {release} was made with", False: ""}
    return InputError(
        f"the memory of what was published of people is not whole{told[bool(release)]}",
        file=file,
        rule="the ledger is only ever added to",
        mend="put the lake's disclosure_* tables back from a copy. Without them nothing that counts"
        " people can be published safely: what was kept back could be worked out.",
    )
