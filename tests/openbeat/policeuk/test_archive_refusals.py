"""What cannot be used is refused in words, whichever way it is broken; nothing is read by half."""

from __future__ import annotations

import errno
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openbeat.errors import InputError
from openbeat.policeuk.archive import MemberError, open_archive

MakeZip = Callable[..., Path]
STREET = "2025-06/2025-06-kent-street.csv"
STOPS = "2025-06/2025-06-kent-stop-and-search.csv"
CONTENT = {STREET: b"Crime ID,Month\r\n" * 40, STOPS: b"Type,Date\r\n" * 30}
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def patch(path: Path, signature: bytes, offset: int, value: bytes, which: int = 0) -> None:
    """Overwrite a field of the nth header with that signature."""
    data = bytearray(path.read_bytes())
    at = -1
    for _ in range(which + 1):
        at = data.index(signature, at + 1)
    data[at + offset : at + offset + len(value)] = value
    path.write_bytes(bytes(data))


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        open_archive(path)
    return caught.value


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "2025-07.zip")
    assert error.message == "there is no such archive"
    assert "2025-07.zip" in str(error)


def test_a_path_that_cannot_be_read_is_a_refusal_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    error = refusal(tmp_path / "file" / "2025-07.zip")
    assert error.message == "the archive cannot be read: Not a directory"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive's extracted files."""
    for name, data in CONTENT.items():
        (tmp_path / "2025-07" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "2025-07" / name).write_bytes(data)
    return tmp_path / "2025-07"


def no_entry(monkeypatch: pytest.MonkeyPatch, to: Path) -> None:
    """Make a file unreadable, for an administrator too, whom permissions do not stop."""
    opened: Any = Path.open

    def refuse(path: Path, *args: Any) -> Any:
        if path == to:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *args)

    monkeypatch.setattr(Path, "open", refuse)


def test_a_file_of_a_folder_that_may_not_be_read_is_named_within_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_entry(monkeypatch, folder / STREET)
    error = refusal(folder)
    assert (error.message, error.file) == ("it cannot be read: Permission denied", STREET)
    assert str(folder) not in str(error)


def test_a_folder_within_that_may_not_be_read_is_not_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned = os.scandir

    def refuse(path: Any) -> Any:
        if Path(path) == folder / "2025-06":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scanned(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert refusal(folder).file == "2025-06"


def test_why_a_file_of_a_folder_cannot_be_read_names_no_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive(folder)
    no_entry(monkeypatch, folder / STREET)
    (member,) = [member for member in archive.members if member.name == STREET]
    with pytest.raises(MemberError, match=r"truncated \(Permission denied\)") as caught:
        archive.read(member, 10_000)
    assert str(folder) not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"PK", b"<html>Forbidden</html>", b"\x1f\x8b\x08gzip"])
def test_what_is_not_a_zip_is_called_that(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "2025-07.zip"
    path.write_bytes(data)
    error = refusal(path)
    assert error.message.startswith("not a zip file")
    assert error.rule == "archive_readable"
    assert error.file == "2025-07.zip"


def test_a_zip_cut_anywhere_is_refused(make_zip: MakeZip) -> None:
    path = make_zip(CONTENT)
    data = path.read_bytes()
    for length in range(4, len(data)):
        path.write_bytes(data[:length])
        error = refusal(path)
        assert error.message.startswith("the zip is truncated or damaged"), length


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_a_damaged_byte_anywhere_is_refused_or_harms_nothing(make_zip: MakeZip, mask: int) -> None:
    path = make_zip(CONTENT)
    data = path.read_bytes()
    refused = 0
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])
        try:
            archive = open_archive(path)
        except InputError:
            refused += 1
            continue
        assert len(archive.members) + len(archive.unrecognised) == 2, at
        for member in archive.members:
            try:
                assert archive.read(member, 10_000) == CONTENT[member.name], at
            except MemberError:
                refused += 1
    assert refused > len(data) // 4


def test_an_entry_lost_from_the_directory_is_missed(make_zip: MakeZip) -> None:
    path = make_zip(CONTENT)
    patch(path, CENTRAL, 32, b"\xff")  # a comment so long that it swallows the next entry
    assert "1 entries of 2" in refusal(path).message


def test_a_zip_with_a_comment_is_read(make_zip: MakeZip) -> None:
    path = make_zip(CONTENT)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"from police.uk " * 100
    assert len(open_archive(path).members) == 2


def test_an_encrypted_zip_is_refused(make_zip: MakeZip) -> None:
    path = make_zip({STREET: b"data"})
    patch(path, LOCAL, 6, b"\x01")
    patch(path, CENTRAL, 8, b"\x01")
    error = refusal(path)
    assert (error.message, error.rule) == ("the zip is encrypted", "archive_encrypted")


def test_one_encrypted_member_does_not_stop_the_others(make_zip: MakeZip) -> None:
    path = make_zip(CONTENT)
    patch(path, LOCAL, 6, b"\x01")
    patch(path, CENTRAL, 8, b"\x01")
    archive = open_archive(path)
    locked, free = archive.members
    with pytest.raises(MemberError, match="encrypted") as caught:
        archive.read(locked, 10_000)
    assert (caught.value.rule, caught.value.file) == ("member_encrypted", STREET)
    assert archive.read(free, 10_000) == CONTENT[STOPS]


def test_an_unknown_compression_is_not_taken_for_encryption(make_zip: MakeZip) -> None:
    path = make_zip({STREET: b"data"})
    patch(path, LOCAL, 8, struct.pack("<H", 97))
    patch(path, CENTRAL, 10, struct.pack("<H", 97))
    archive = open_archive(path)
    with pytest.raises(MemberError, match="compression") as caught:
        archive.read(archive.members[0], 100)
    assert caught.value.rule == "member_readable"


@pytest.mark.parametrize(
    "name",
    [
        "../2025-06-kent-street.csv",
        "2025-06/../../x.csv",
        "/etc/passwd",
        "..\\x.csv",
        "\\\\server\\share\\x.csv",
        "C:\\x.csv",
        "c:x.csv",
        "../",
    ],
)
def test_a_path_that_leads_out_of_the_archive_is_refused(make_zip: MakeZip, name: str) -> None:
    error = refusal(make_zip({STREET: b"data", name: b""}))
    assert error.rule == "archive_path"
    assert repr(name) in error.message
    assert "leads out of the archive" in error.message


@pytest.mark.parametrize("name", ["2025-06/..kent.csv", "a..b/x.csv", "2025-06/x..csv"])
def test_two_dots_within_a_name_are_no_escape(make_zip: MakeZip, name: str) -> None:
    assert open_archive(make_zip({STREET: b"data", name: b""})).unrecognised == (name,)


def test_a_member_that_is_there_twice_is_refused(make_zip: MakeZip) -> None:
    path = make_zip({STREET: b"one"})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(STREET, b"two")
    error = refusal(path)
    assert error.rule == "archive_duplicate"
    assert f"{STREET!r} is there twice" in error.message


def test_the_limit_of_a_member_is_exact(make_zip: MakeZip, tmp_path: Path) -> None:
    folder = tmp_path / "extracted"
    (folder / STREET).parent.mkdir(parents=True)
    (folder / STREET).write_bytes(b"x" * 100)
    for archive in (open_archive(make_zip({STREET: b"x" * 100})), open_archive(folder)):
        (member,) = archive.members
        assert len(archive.read(member, 100)) == 100
        with pytest.raises(MemberError, match="beyond the limit of 99 bytes") as caught:
            archive.read(member, 99)
        assert caught.value.rule == "member_size"
        assert "limits.member_bytes" in str(caught.value.mend)


def test_a_header_that_understates_its_size_gives_no_cut_member(make_zip: MakeZip) -> None:
    path = make_zip({STREET: b"x" * 5_000_000})
    patch(path, LOCAL, 22, struct.pack("<I", 10))
    patch(path, CENTRAL, 24, struct.pack("<I", 10))
    archive = open_archive(path)
    with pytest.raises(MemberError, match="corrupt or truncated") as caught:
        archive.read(archive.members[0], 1000)
    assert caught.value.rule == "member_readable"


def test_a_header_that_overstates_its_size_is_held_to_the_limit(make_zip: MakeZip) -> None:
    path = make_zip({STREET: b"x" * 50})
    patch(path, CENTRAL, 24, struct.pack("<I", 60))
    archive = open_archive(path)
    assert archive.read(archive.members[0], 1000) == b"x" * 50  # its CRC says that it is whole
    with pytest.raises(MemberError, match="beyond the limit"):
        archive.read(archive.members[0], 55)


def test_a_folder_file_that_has_grown_since_it_was_listed_is_held_to_the_limit(
    tmp_path: Path,
) -> None:
    path = tmp_path / STREET
    path.parent.mkdir()
    path.write_bytes(b"x" * 10)
    archive = open_archive(tmp_path)
    path.write_bytes(b"x" * 1000)
    with pytest.raises(MemberError, match="beyond the limit"):
        archive.read(archive.members[0], 100)
