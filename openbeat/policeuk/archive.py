"""Opening police.uk archives: a zip or a folder, its members, and which archive serves a month.

Members are read into memory one at a time and never unpacked to disk. What is inside a member
belongs in ``members``; fetching an archive from a URL, in ``resources.policeuk``.
Layout: ``YYYY-MM/YYYY-MM-<force>-<street|outcomes|stop-and-search>.csv`` (data.police.uk).
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from openbeat.errors import InputError

MEMBER = re.compile(
    r"(?P<month>\d{4}-(?:0[1-9]|1[0-2]))/(?P=month)-(?P<force>[a-z]+(?:-[a-z]+)*)"
    r"-(?P<dataset>street|outcomes|stop-and-search)\.csv"
)
DATASETS = ("street", "outcomes", "stops")
_DATED_NAME = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))(?:\.zip)?")
_ENCRYPTED = 0x1
_IN_ZIP64 = 0xFFFF  # in place of the number of entries where it does not fit
_END_REACH = 22 + 0xFFFF  # the end record, and the longest comment that can follow it
# What reading a damaged zip raises, beside what it is documented to.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(NotImplementedError, ValueError, struct.error),
)


class MemberError(InputError):
    """One member cannot be used; the other members can."""


@dataclass(frozen=True)
class Member:
    """One file of an archive.

    Attributes:
        month: The month of its folder, ``YYYY-MM``.
        force_id: The force, police.uk's slug.
        dataset: ``street``, ``outcomes`` or ``stops``.
        name: Its path in the archive.
        archive: The archive's name.
        as_of: The archive's date, ``YYYY-MM``.
        size: Bytes when expanded.
        fingerprint: Changes when its content does, known without reading it (zip: CRC-32).
    """

    month: str
    force_id: str
    dataset: str
    name: str
    archive: str
    as_of: str
    size: int
    fingerprint: str


@dataclass(frozen=True)
class Archive:
    """An opened archive.

    Attributes:
        path: Where it lies.
        name: Its file or folder name.
        as_of: Its date, ``YYYY-MM``: given, else from its name, else its newest month.
        members: Its members, in the order of the archive.
        unrecognised: Paths inside that are not in police.uk's layout; kept to be reported.
    """

    path: Path
    name: str
    as_of: str
    members: tuple[Member, ...]
    unrecognised: tuple[str, ...]

    def read(self, member: Member, limit: int) -> bytes:
        """Read one member.

        Args:
            member: One of this archive's members.
            limit: The most bytes it may expand to.

        Raises:
            MemberError: It is encrypted, corrupt, truncated, or expands beyond the limit.
        """
        too_large = MemberError(
            f"the member expands beyond the limit of {limit:,} bytes",
            file=member.name,
            rule="member_size",
            mend="raise limits.member_bytes if the file is really that large.",
        )
        if member.size > limit:
            raise too_large
        try:
            data = self._bytes(member, limit + 1)
        except _DAMAGED as error:
            raise MemberError(
                f"the member is corrupt or truncated ({_reason(error)})",
                file=member.name,
                rule="member_readable",
                mend="download the archive again and check its MD5.",
            ) from None
        except RuntimeError:  # after NotImplementedError, which is one too
            raise MemberError(
                "the member is encrypted",
                file=member.name,
                rule="member_encrypted",
                mend="download the archive again from police.uk; its members have no password.",
            ) from None
        if len(data) > limit:
            raise too_large
        return data

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        """Kept open: a national archive's directory takes longer to read than a member."""
        return zipfile.ZipFile(self.path)

    def _bytes(self, member: Member, most: int) -> bytes:
        if self.path.is_dir():
            with (self.path / member.name).open("rb") as file:
                return file.read(most)
        with self._zip.open(member.name) as stream:
            data = stream.read(most)
            # The CRC is only compared at the end of the stream.
            if len(data) < most:
                data += stream.read(1)
            return data


def open_archive(path: Path, as_of: str | None = None, name: str | None = None) -> Archive:
    """Open one archive and list its members, reading none of them.

    Args:
        path: A police.uk zip, or a folder of its extracted files.
        as_of: Its date where the name does not tell, ``YYYY-MM``.
        name: What to call it in place of its file name.

    Raises:
        InputError: It is missing, not a zip, truncated, encrypted throughout, holds a path that
            escapes, a member twice or a file that may not be read, or holds nothing in
            police.uk's layout.
    """
    name = name or path.name
    entries = _folder_entries(path) if path.is_dir() else _zip_entries(path, name)
    found: list[tuple[re.Match[str], int, str]] = []
    unrecognised: list[str] = []
    for entry, size, fingerprint in entries:
        match = MEMBER.fullmatch(entry)
        if match:
            found.append((match, size, fingerprint))
        else:
            unrecognised.append(entry)
    if not found:
        example = f", for example {unrecognised[0]!r}" if unrecognised else ""
        raise InputError(
            f"no file in police.uk's layout ({len(unrecognised)} others{example})",
            file=name,
            rule="archive_layout",
            mend="files lie at YYYY-MM/YYYY-MM-<force>-<street|outcomes|stop-and-search>.csv.",
        )
    dated = _DATED_NAME.fullmatch(name)
    date = as_of or (dated[1] if dated else max(m["month"] for m, _, _ in found))
    members = tuple(
        Member(
            month=match["month"],
            force_id=match["force"],
            dataset=match["dataset"].replace("stop-and-search", "stops"),
            name=match.string,
            archive=name,
            as_of=date,
            size=size,
            fingerprint=fingerprint,
        )
        for match, size, fingerprint in found
    )
    return Archive(path, name, date, members, tuple(unrecognised))


def _zip_entries(path: Path, name: str) -> list[tuple[str, int, str]]:
    again = "download it again from police.uk and check its MD5."
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
        if len(entries) != (promised := _promised_entries(path)) and promised != _IN_ZIP64:
            raise zipfile.BadZipFile(f"{len(entries)} entries of {promised}")
    except FileNotFoundError:
        raise InputError(
            "there is no such archive", file=str(path), mend="check the path."
        ) from None
    except _DAMAGED as error:
        what = "the zip is truncated or damaged" if _begins_as_zip(path) else "not a zip file"
        raise InputError(
            f"{what} ({_reason(error)})", file=name, rule="archive_readable", mend=again
        ) from None
    check_entry_names([entry.filename for entry in entries], name)
    infos = [entry for entry in entries if not entry.is_dir()]
    if infos and all(info.flag_bits & _ENCRYPTED for info in infos):
        raise InputError("the zip is encrypted", file=name, rule="archive_encrypted", mend=again)
    return [(info.filename, info.file_size, f"{info.CRC:08x}-{info.file_size}") for info in infos]


def _promised_entries(path: Path) -> int:
    """How many entries the zip's end record tells of, which ``zipfile`` does not look at."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_REACH))
        tail = file.read()
    return int.from_bytes(tail[tail.rfind(b"PK\x05\x06") + 10 :][:2], "little")


def _begins_as_zip(path: Path) -> bool:
    """Whether the file begins as a zip does.

    Raises:
        InputError: It cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise InputError(
            f"the archive cannot be read: {error.strerror}",
            file=str(path),
            rule="archive_readable",
            mend="check the path, and that you may read the file.",
        ) from None


def check_entry_names(entries: Iterable[str], archive: str) -> None:
    """Refuse a zip whose entry names are unsafe or doubled.

    Args:
        entries: The names in the zip's directory.
        archive: What to call the zip in the message.

    Raises:
        InputError: A name is absolute, climbs out of the archive, or occurs twice.
    """
    seen: set[str] = set()
    for entry in entries:
        pure = PurePosixPath(entry.replace("\\", "/"))
        if pure.is_absolute() or ".." in pure.parts or re.match(r"[A-Za-z]:", entry):
            raise InputError(
                f"the path {entry!r} leads out of the archive",
                file=archive,
                rule="archive_path",
                mend="do not use this file; download the archive from police.uk.",
            )
        if entry in seen:
            raise InputError(
                f"the member {entry!r} is there twice",
                file=archive,
                rule="archive_duplicate",
                mend="keep one of the two and make the zip again, or download it again.",
            )
        seen.add(entry)


def _reason(error: Exception) -> str:
    """Why, without the absolute path that an error of the system's names."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _folder_entries(path: Path) -> list[tuple[str, int, str]]:
    def refuse(error: OSError) -> None:
        name = os.path.relpath(error.filename, path) if error.filename else path.name
        raise InputError(
            f"it cannot be read: {_reason(error)}",
            file=Path(name).as_posix(),
            rule="archive_readable",
            mend="check that you may read every file and folder of the archive.",
        ) from None

    entries = []
    try:
        # Path.rglob would pass over a folder that it may not read.
        held = [Path(at, name) for at, _, names in os.walk(path, onerror=refuse) for name in names]
        for file in sorted(p for p in held if p.is_file()):
            name = file.relative_to(path).as_posix()
            digest = ""
            if MEMBER.fullmatch(name):
                with file.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
            entries.append((name, file.stat().st_size, digest))
    except OSError as error:
        refuse(error)
    return entries


@dataclass(frozen=True)
class Choice:
    """A member, and the archive it is read from."""

    member: Member
    archive: Archive


def choose_members(archives: Sequence[Archive]) -> dict[tuple[str, str, str], Choice]:
    """Choose, for every month, force and dataset, the archive that serves it.

    The later as-of date wins; between equal dates, the later in the list.

    Returns:
        Choices by (month, force_id, dataset), sorted by that key.
    """
    chosen: dict[tuple[str, str, str], Choice] = {}
    for archive in sorted(archives, key=lambda a: a.as_of):  # stable: keeps the list's order
        for member in archive.members:
            chosen[member.month, member.force_id, member.dataset] = Choice(member, archive)
    return dict(sorted(chosen.items()))


def month_fingerprint(choices: Iterable[Choice]) -> str:
    """A hash that changes when any member that serves a month does, whichever archive holds it."""
    lines = sorted(f"{c.member.name} {c.member.fingerprint}" for c in choices)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
