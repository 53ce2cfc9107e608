"""An archive gives every member it holds, and each month is read from the newest one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.policeuk.archive import (
    Archive,
    Member,
    MemberError,
    choose_members,
    month_fingerprint,
    open_archive,
)

MakeZip = Callable[..., Path]
STREET = "2025-06/2025-06-kent-street.csv"
STOPS = "2025-06/2025-06-devon-and-cornwall-stop-and-search.csv"


def test_a_zip_lists_its_members_and_gives_their_bytes(make_zip: MakeZip) -> None:
    archive = open_archive(make_zip({STREET: b"street", STOPS: b"stops"}))
    street, stops = archive.members
    assert (street.month, street.force_id, street.dataset) == ("2025-06", "kent", "street")
    assert (stops.force_id, stops.dataset, stops.size) == ("devon-and-cornwall", "stops", 5)
    assert archive.read(street, 100) == b"street"
    assert archive.read(stops, 100) == b"stops"


def test_a_folder_of_extracted_files_gives_the_same(tmp_path: Path, make_zip: MakeZip) -> None:
    zipped = open_archive(make_zip({STREET: b"street", STOPS: b"stops"}))
    folder = tmp_path / "2025-07"
    for member in zipped.members:
        (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / member.name).write_bytes(zipped.read(member, 100))
    extracted = open_archive(folder)
    assert extracted.as_of == zipped.as_of == "2025-07"
    key = [(m.month, m.force_id, m.dataset, m.size) for m in extracted.members]
    assert sorted(key) == sorted((m.month, m.force_id, m.dataset, m.size) for m in zipped.members)
    assert {extracted.read(m, 100) for m in extracted.members} == {b"street", b"stops"}


def test_a_file_of_a_folder_that_has_gone_is_a_fault_of_that_member_alone(tmp_path: Path) -> None:
    for name in (STREET, STOPS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"data")
    archive = open_archive(tmp_path)
    (tmp_path / STREET).unlink()
    gone, there = sorted(archive.members, key=lambda m: m.dataset, reverse=True)
    with pytest.raises(MemberError, match="corrupt or truncated"):
        archive.read(gone, 100)
    assert archive.read(there, 100) == b"data"


@pytest.mark.parametrize(
    "other",
    [
        "__MACOSX/2025-06/._2025-06-kent-street.csv",
        "2025-06/2025-06-kent-street.txt",
        "2025-06/2025-05-kent-street.csv",
        "2025-13/2025-13-kent-street.csv",
        "2025-06/2025-06-Kent-street.csv",
        "2025-06/2025-06-kent-neighbourhood.csv",
        "extra/2025-06/2025-06-kent-street.csv",
        "2025-06\\2025-06-kent-street.csv",
    ],
)
def test_what_is_not_in_the_layout_is_kept_to_be_reported(make_zip: MakeZip, other: str) -> None:
    archive = open_archive(make_zip({"2025-06/": b"", STREET: b"street", other: b"?"}))
    assert [m.name for m in archive.members] == [STREET]
    assert archive.unrecognised == (other,)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("2025-07.zip", None, "2025-07"),
        ("2025-07.zip", "2025-09", "2025-09"),
        ("latest.zip", None, "2025-06"),
        ("2025-07-copy.zip", None, "2025-06"),
        ("2025-13.zip", None, "2025-06"),
    ],
)
def test_the_date_is_the_setting_else_the_name_else_the_newest_month(
    make_zip: MakeZip, name: str, given: str | None, expected: str
) -> None:
    older = "2024-12/2024-12-kent-street.csv"
    archive = open_archive(make_zip({STREET: b"", older: b""}, name), given)
    assert archive.as_of == expected
    assert {m.as_of for m in archive.members} == {expected}


def test_a_fetched_archive_is_called_by_its_own_name(make_zip: MakeZip) -> None:
    archive = open_archive(make_zip({STREET: b""}, "0f3a.zip"), name="2025-08.zip")
    assert (archive.name, archive.as_of) == ("2025-08.zip", "2025-08")


def _archive(name: str, as_of: str, *forces: str, fingerprint: str = "f") -> Archive:
    members = tuple(
        Member(
            *("2025-06", force, "street", f"2025-06/2025-06-{force}-street.csv"),
            *(name, as_of, 1, fingerprint),
        )
        for force in forces
    )
    return Archive(Path(name), name, as_of, members, ())


@pytest.mark.parametrize("reverse", [False, True])
def test_the_later_archive_serves_and_the_earlier_fills_in(reverse: bool) -> None:
    archives = [_archive("old", "2025-07", "kent", "essex"), _archive("new", "2025-08", "kent")]
    chosen = choose_members(archives[::-1] if reverse else archives)
    assert {key[1]: c.archive.name for key, c in chosen.items()} == {"kent": "new", "essex": "old"}
    assert list(chosen) == [("2025-06", "essex", "street"), ("2025-06", "kent", "street")]


def test_between_equal_dates_the_later_in_the_list_serves() -> None:
    one, two = _archive("one", "2025-07", "kent"), _archive("two", "2025-07", "kent")
    assert [c.archive.name for c in choose_members([one, two]).values()] == ["two"]
    assert [c.archive.name for c in choose_members([two, one]).values()] == ["one"]


def test_a_months_fingerprint_changes_exactly_with_what_serves_it(
    make_zip: MakeZip, tmp_path: Path
) -> None:
    def fingerprint(content: bytes, name: str = "2025-07.zip", as_of: str | None = None) -> str:
        archive = open_archive(make_zip({STREET: content}, name), as_of)
        return month_fingerprint(choose_members([archive]).values())

    first = fingerprint(b"one")
    assert fingerprint(b"one") == first
    assert fingerprint(b"two") != first
    assert fingerprint(b"one", "2025-08.zip") == first
    assert fingerprint(b"one", as_of="2025-09") == first


def test_a_changed_file_of_a_folder_changes_the_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / STREET
    path.parent.mkdir()
    found = []
    for content in (b"one", b"two", b"one"):
        path.write_bytes(content)
        found.append(month_fingerprint(choose_members([open_archive(tmp_path)]).values()))
    assert found[0] == found[2] != found[1]


def test_nothing_in_the_layout_is_refused_with_an_example(make_zip: MakeZip) -> None:
    with pytest.raises(InputError, match=r"\(1 others, for example 'readme.txt'\)") as caught:
        open_archive(make_zip({"readme.txt": b"", "2025-06/": b""}))
    assert caught.value.rule == "archive_layout"
    assert "YYYY-MM" in str(caught.value.mend)
    with pytest.raises(InputError, match=r"\(0 others\)"):
        open_archive(make_zip({}))
