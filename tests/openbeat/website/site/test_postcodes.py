"""A postcode file is read as the ONS ships it, and a wrong one is named to the row and column."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from openbeat.errors import InputError
from openbeat.website.site.postcodes import read
from openbeat.website.site.settings import Postcodes

HEAD = "pcd,pcds,doterm,lat,long\n"
GOOD = '"S1  1AA","S1 1AA",,53.380000,-1.470000\n'
Write = Callable[[str], Postcodes]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(text: str) -> Postcodes:
        path = tmp_path / "ONSPD_MAY_2025_UK.csv"
        path.write_bytes(text.encode())
        return Postcodes(path=path)

    return write


def test_live_postcodes_are_read_with_their_positions(written: Write) -> None:
    text = HEAD + GOOD + '"EC1A1BB","ec1a 1bb",,51.52,-0.1\n"S1  1AB","S1 1AB",201912,53.4,-1.5\n'
    text += '"JE2 3AA","JE2 3AA",,99.999999,0.000000\n'
    assert read(written(text)).rows() == [
        ("S1", "1AA", 53.38, -1.47), ("EC1A", "1BB", 51.52, -0.1), ("JE2", "3AA", None, None),
    ]  # fmt: skip


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(written: Write) -> None:
    text = ("\ufeff" + HEAD + GOOD).replace("\n", "\r\n")
    first = Postcodes(path=written(text).path, postcode_column="pcd")
    assert read(first).rows() == [("S1", "1AA", 53.38, -1.47)]


def test_of_a_zip_the_list_of_the_whole_country_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "ONSPD.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Documents/Country names.csv", "CTRY12CD,CTRY12NM\nE92000001,England\n")
        archive.writestr("Data/ONSPD_UK.csv", HEAD + GOOD + GOOD.replace("1AA", "1AB"))
        archive.writestr("Data/multi_csv/ONSPD_UK_S.csv", HEAD + GOOD)
    assert read(Postcodes(path=path)).height == 2


@pytest.mark.parametrize(
    ("rows", "row", "column", "value", "rule"),
    [
        (GOOD + '"","X99",,53.0,-1.0\n', 3, "pcds", "X99", "postcode_shape"),
        (GOOD + '"","",,53.0,-1.0\n', 3, "pcds", "", "postcode_shape"),
        ('"","S1 1AA",,north,-1.0\n', 2, "lat", "north", "position_in_the_country"),
        ('"","S1 1AA",,-1.47,53.38\n', 2, "lat", "-1.47", "position_in_the_country"),
        ('"","S1 1AA",,53.38,435000\n', 2, "long", "435000", "position_in_the_country"),
        ('"","S1 1AA",,,\n', 2, "lat", "", "position_in_the_country"),
        # A row that has ended is not looked at, but it counts as a row.
        ('"","?",200001,0,0\n' + GOOD + GOOD, 4, None, "S11AA", "postcode_once"),
    ],
)
def test_a_bad_row_is_named(
    written: Write, rows: str, row: int, column: str | None, value: str, rule: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(written(HEAD + rows))
    error = caught.value
    assert (error.row, error.column, error.value, error.rule) == (row, column, value, rule)
    assert error.file == "ONSPD_MAY_2025_UK.csv"
    assert error.mend


def test_a_missing_column_is_named_with_those_that_are_there(written: Write) -> None:
    with pytest.raises(InputError) as caught:
        read(written("PCDS,doterm,lat,long\n"))
    assert caught.value.column == "pcds"
    assert "site.postcodes.postcode_column to one of: PCDS, doterm, lat, long" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "is not there"),
        (b"not a zip", "is not a whole zip"),
        (b"", "is not a whole zip"),
    ],
)
def test_a_file_that_is_none_is_said_in_a_sentence(
    tmp_path: Path, content: bytes | None, what: str
) -> None:
    path = tmp_path / "ONSPD.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=what):
        read(Postcodes(path=path))


def test_a_zip_without_a_list_and_a_list_without_live_postcodes_are_refused(
    tmp_path: Path, written: Write
) -> None:
    path = tmp_path / "ONSPD.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(InputError, match="holds no CSV"):
        read(Postcodes(path=path))
    with pytest.raises(InputError, match="no live postcode"):
        read(written(HEAD))


def test_a_file_in_another_encoding_is_refused(written: Write) -> None:
    settings = written(HEAD)
    settings.path.write_bytes((HEAD + '"","S1 1\xe9A",,53.0,-1.0\n').encode("latin-1"))
    with pytest.raises(InputError, match="cannot be read as a CSV"):
        read(settings)
