"""LSOA codes: the vintage of a row and of a file, and the 2021 code of a 2011 one."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.geography.lsoa import LsoaLookup, add_lsoa, file_vintage, read_lookup

LOOKUP = """\ufeffLSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD
E01000001,"A, B 001A",E01000001,A 001A,U,E06000001
E01000002,A,E01033769,A,S,E06000001
E01000002,A,E01033770,A,S,E06000001
E01000003,A,E01033771,A,M,E06000001
E01000004,A,E01033771,A,M,E06000001
E01000005,A,E01000005,A,X,E06000001
E01000005,A,E01000001,A,X,E06000001
W01000001,A,W01001959,A,X,W06000001
"""


@pytest.fixture
def lookup(tmp_path: Path) -> LsoaLookup:
    path = tmp_path / "lookup.csv.gz"
    path.write_bytes(gzip.compress(LOOKUP.encode()))
    return read_lookup(path)


CODES: dict[str | None, tuple[str, str | None]] = {
    "E01000001": ("both", "E01000001"),
    "E01000002": ("2011", None),
    "E01000003": ("2011", "E01033771"),
    "E01000005": ("both", "E01000005"),
    "W01000001": ("2011", "W01001959"),
    "E01033770": ("2021", "E01033770"),
    "E01999999": ("none", None),
    "95GG01S1": ("none", None),
    "": ("none", None),
    None: ("none", None),
}


@pytest.mark.parametrize("lazy", [False, True])
def test_each_code_has_its_vintage_and_its_one_answer(lookup: LsoaLookup, lazy: bool) -> None:
    frame = pl.DataFrame({"n": range(len(CODES)), "lsoa_code": list(CODES)})
    found = add_lsoa(frame.lazy(), lookup).collect() if lazy else add_lsoa(frame, lookup)
    assert found.select("n", "lsoa_code").equals(frame)
    assert found.select("lsoa_vintage", "lsoa21_code").rows() == list(CODES.values())


def test_without_a_lookup_only_the_numbers_tell() -> None:
    codes = ["E01033768", "E01033769", "W01001958", "W01001959", "E02000001", "e01000001", None]
    found = add_lsoa(pl.DataFrame({"code": codes}), None, "code")
    assert found["lsoa_vintage"].to_list() == [
        *("both", "2021", "both", "2021", "none", "none", "none")
    ]
    assert found["lsoa21_code"].to_list() == [
        *(None, "E01033769", None, "W01001959", None, None, None)
    ]


def test_a_plain_file_reads_the_same(lookup: LsoaLookup, tmp_path: Path) -> None:
    path = tmp_path / "lookup.csv"
    path.write_text(LOOKUP.replace("\ufeff", "").replace("\n", "\r\n"), newline="")
    assert read_lookup(path).codes.equals(lookup.codes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LOOKUP.replace("LSOA21CD", "LSOA_2021"), "LSOA21CD"),
        (LOOKUP.replace("E01033770", "E01-33770"), "line 4, column LSOA21CD, value 'E01-33770'"),
        (LOOKUP.replace("E01000003", ""), "line 5, column LSOA11CD"),
        ("", "can't be read"),
    ],
)
def test_a_wrong_lookup_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "lookup.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_lookup(path)
    with pytest.raises(InputError, match="can't be read"):
        read_lookup(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["2011", "both", "none"], "2011"),
        (["2021", "both"], "2021"),
        (["2011", "2021", "both"], "mixed"),
        (["both", "none"], "both"),
        (["none"], "none"),
    ],
)
def test_the_vintage_of_a_file(rows: list[str], expected: str) -> None:
    frame = pl.DataFrame({"force_id": ["kent"] * len(rows), "lsoa_vintage": rows})
    other = pl.DataFrame({"force_id": ["avon"], "lsoa_vintage": ["none"]})
    assert file_vintage(pl.concat([frame, other])).rows() == [("avon", "none"), ("kent", expected)]
