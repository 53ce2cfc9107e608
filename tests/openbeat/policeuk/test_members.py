"""A member's text becomes rows exactly: the same for every way of writing CSV, no row lost."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openbeat.policeuk.archive import MemberError
from openbeat.policeuk.members import HEADERS, RawMember, parse_member

MakeMember = Callable[..., bytes]
HEADER = HEADERS["outcomes"]
WIDTH = len(HEADER)
GOOD = "id,2025-06,Kent Police,Kent Police,0.5,51.2,On or near X,E01000001,N,Suspect charged"


def text_of(*lines: str, newline: str = "\n", final: bool = True) -> bytes:
    return (newline.join([",".join(HEADER), *lines]) + (newline if final else "")).encode()


def parse(data: bytes) -> RawMember:
    raw = parse_member(data, "outcomes", "m.csv")
    assert raw.rows == raw.frame.height + raw.ragged.height
    assert raw.frame.columns == [*HEADER, "line"]
    return raw


def refusal(data: bytes, dataset: str = "outcomes") -> MemberError:
    with pytest.raises(MemberError) as caught:
        parse_member(data, dataset, "m.csv")
    return caught.value


@pytest.mark.parametrize("dataset", ["street", "outcomes", "stops"])
def test_every_dataset_has_the_published_header(dataset: str, member: MakeMember) -> None:
    raw = parse_member(member(dataset, {}, {}), dataset, "m.csv")
    assert (raw.rows, raw.frame["line"].to_list()) == (2, [2, 3])
    assert len(HEADERS[dataset]) == {"street": 12, "outcomes": 10, "stops": 15}[dataset]


def test_stops_write_latitude_first_and_the_others_longitude_first() -> None:
    first = {
        name: header.index("Longitude") < header.index("Latitude")
        for name, header in HEADERS.items()
    }
    assert first == {"street": True, "outcomes": True, "stops": False}


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (HEADER[:-1], "missing Outcome type"),
        ((*HEADER, "Context"), "not known Context"),
        (("Crime id", *HEADER[1:]), "missing Crime ID; not known Crime id"),
        ((HEADER[1], HEADER[0], *HEADER[2:]), "another order or doubled"),
        ((*HEADER, "Month"), "another order or doubled"),
        ((*HEADER[:4], "Latitude", "Longitude", *HEADER[6:]), "another order or doubled"),
        ((*HEADER, ""), "not known "),
        (HEADERS["street"], "missing Outcome type"),
        ((" Crime ID", *HEADER[1:]), "missing Crime ID"),
    ],
)
def test_any_other_header_is_refused_in_words(columns: tuple[str, ...], what: str) -> None:
    error = refusal((",".join(columns) + "\n" + GOOD + "\n").encode())
    assert what in error.message
    assert (error.rule, error.row, error.file) == ("member_header", 1, "m.csv")
    assert ",".join(HEADER) in str(error.mend)


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", b"\xef\xbb\xbf"])
def test_a_file_without_even_a_header_is_refused(data: bytes) -> None:
    assert refusal(data).message == "the file is empty: not even a header"


def test_old_mac_line_ends_and_other_separators_are_refused_by_the_header() -> None:
    assert refusal(text_of(GOOD, newline="\r")).rule == "member_header"
    assert refusal(text_of(GOOD).replace(b",", b";")).rule == "member_header"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n", "\r\n\r\n"])
def test_a_header_alone_is_a_file_without_rows(ending: str) -> None:
    raw = parse((",".join(HEADER) + ending).encode())
    assert (raw.rows, raw.frame.height, raw.ragged.height) == (0, 0, 0)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(
    newline: str, final: bool, mark: bytes
) -> None:
    plain = parse(text_of(GOOD, GOOD))
    data = mark + text_of(GOOD, GOOD, newline=newline, final=final)
    raw = parse(data)
    assert raw.frame.equals(plain.frame)
    assert raw.sha256 == hashlib.sha256(data).hexdigest()


def test_mixed_line_ends_make_no_difference() -> None:
    data = text_of(GOOD, GOOD, GOOD).replace(b"charged\n", b"charged\r\n", 1)
    assert parse(data).frame.equals(parse(text_of(GOOD, GOOD, GOOD)).frame)


def test_a_quoted_header_is_the_same_header() -> None:
    quoted = ",".join(f'"{column}"' for column in HEADER)
    assert parse(f"{quoted}\r\n{GOOD}\r\n".encode()).frame.equals(parse(text_of(GOOD)).frame)


def test_quoted_commas_and_quotes_belong_to_their_field() -> None:
    place = '"Bournemouth, Christchurch and ""Poole"" 036E"'
    raw = parse(text_of(GOOD, GOOD.replace(",N,", f",{place},"), GOOD))
    assert raw.frame["LSOA name"][1] == 'Bournemouth, Christchurch and "Poole" 036E'
    assert raw.frame["line"].to_list() == [2, 3, 4]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_field_with_line_ends_is_ragged_lines_and_not_a_row(newline: str) -> None:
    broken = GOOD.replace("On or near X", f'"On{newline}or{newline}near"')
    raw = parse(text_of(GOOD, broken, GOOD, newline=newline))
    assert (raw.rows, raw.ragged["line"].to_list()) == (5, [3, 4, 5])
    assert raw.ragged["text"].to_list() == broken.split(newline)
    assert raw.frame["line"].to_list() == [2, 6]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_stray_quote_takes_no_row_with_it_though_a_later_one_closes_it(newline: str) -> None:
    """The commas of the rows between would be as many as their rows have, all in one field."""
    opens, closes = (GOOD.replace("On or near X", q) for q in ('"On or near', 'On or near"'))
    raw = parse(text_of(opens, GOOD, closes, GOOD, newline=newline))
    assert raw.rows == 4
    # A quote within a field that did not begin with one is only a letter.
    assert raw.ragged.rows() == [(2, opens)]
    assert raw.frame["line"].to_list() == [3, 4, 5]
    assert raw.frame["Location"].to_list() == ["On or near X", 'On or near"', "On or near X"]


def test_an_empty_field_is_null_however_it_is_written() -> None:
    raw = parse(text_of(GOOD.replace("On or near X", ""), GOOD.replace("On or near X", '""')))
    assert raw.frame["Location"].to_list() == [None, None]


def test_blank_lines_are_no_rows_and_keep_the_line_numbers_right() -> None:
    assert parse(text_of("", GOOD, "", "", GOOD)).frame["line"].to_list() == [3, 6]


@pytest.mark.parametrize(
    ("encoded", "shown"),
    [
        ("Stryd Fawr Caer-yn-Gŵyr".encode("cp1252", "replace").replace(b"?", b"\xf4"), "0xf4"),
        ("Café".encode("latin-1"), "0xe9"),
        (b"\xed\xa0\x80", "0xed"),
        (b"On\x00or", "0x00"),
        ("é\x00".encode(), "0x00"),
    ],
)
def test_what_is_not_utf8_text_is_refused_with_its_line(encoded: bytes, shown: str) -> None:
    error = refusal(text_of(GOOD, GOOD).replace(b"near X", encoded, 1))
    assert (error.message, error.rule) == ("not UTF-8 text", "member_encoding")
    assert (error.row, error.value) == (2, f"byte {shown}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_refused(encoding: str) -> None:
    error = refusal(text_of(GOOD).decode().encode(encoding))
    assert (error.message, error.row) == ("not UTF-8 text", 1)


def test_welsh_names_are_kept() -> None:
    assert parse(text_of(GOOD.replace("near X", "near Heol Tŷ’r Ŵyl"))).frame[
        "Location"
    ].to_list() == ["On or near Heol Tŷ’r Ŵyl"]


@pytest.mark.parametrize(
    "bad",
    [
        "id,2025-06",
        GOOD + ",extra",
        GOOD.rsplit(",", 1)[0],
        GOOD.replace(",Suspect", ',"Suspect'),
        GOOD.replace("On or", '"On or'),
        GOOD.replace("On or near X", '"On or" near X'),
        "   ",
    ],
)
def test_a_ragged_row_is_kept_with_its_line_and_stops_no_other(bad: str) -> None:
    for lines, at in (([GOOD, bad, GOOD], 3), ([bad, GOOD, GOOD], 2), ([GOOD, GOOD, bad], 4)):
        for final in (True, False):
            raw = parse(text_of(*lines, final=final))
            assert raw.rows == 3
            assert raw.ragged.rows() == [(at, bad)]
            assert raw.frame["line"].to_list() == [n for n in (2, 3, 4) if n != at]
            assert raw.frame["Outcome type"].to_list() == ["Suspect charged"] * 2


def test_an_empty_field_is_null_beside_a_ragged_row_too() -> None:
    raw = parse(text_of(GOOD.replace("On or near X", ""), "ragged"))
    assert raw.frame["Location"].to_list() == [None]


def test_a_short_and_a_long_row_do_not_make_up_for_one_another() -> None:
    short, long = GOOD.rsplit(",", 2)[0], GOOD + ",x,y"
    raw = parse(text_of(GOOD, short, long, GOOD))
    assert raw.ragged["line"].to_list() == [3, 4]
    assert raw.frame["line"].to_list() == [2, 5]


def test_a_row_of_empty_fields_is_a_row() -> None:
    raw = parse(text_of("," * (WIDTH - 1), GOOD))
    assert (raw.frame.height, raw.ragged.height) == (2, 0)


FIELDS = st.text(
    st.one_of(
        st.sampled_from(list('ab", \r;')),
        st.characters(exclude_categories=("Cs",), exclude_characters="\x00\ufeff\n"),
    ),
    max_size=6,
)
TABLES = st.lists(st.lists(FIELDS, min_size=WIDTH, max_size=WIDTH), max_size=6)


@settings(max_examples=100, deadline=None)
@given(
    rows=TABLES,
    newline=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    final=st.booleans(),
    mark=st.booleans(),
)
@example(rows=[['"'] * WIDTH, ["a"] * WIDTH], newline="\n", quoting=0, final=False, mark=True)
@example(rows=[["a\r"] * WIDTH], newline="\r\n", quoting=0, final=True, mark=False)
def test_any_table_comes_back_as_it_was_written(
    rows: list[list[str]], newline: str, quoting: int, final: bool, mark: bool
) -> None:
    if any("\r" in field for row in rows for field in row):
        quoting = csv.QUOTE_ALL  # the writer leaves a lone carriage return bare
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=newline, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([HEADER, *rows])
    text = buffer.getvalue() if final else buffer.getvalue().removesuffix(newline)
    raw = parse((b"\xef\xbb\xbf" if mark else b"") + text.encode())
    assert raw.ragged.is_empty()
    assert raw.frame.drop("line").rows() == [tuple(f or None for f in row) for row in rows]
    assert raw.frame["line"].to_list() == list(range(2, len(rows) + 2))


WORDS = st.text("abé 1-", min_size=1, max_size=4)
BROKEN = st.one_of(
    st.lists(WORDS, min_size=1, max_size=WIDTH + 4).map(",".join),
    st.tuples(st.lists(WORDS, min_size=WIDTH, max_size=WIDTH), st.integers(0, 60)).map(
        lambda p: (line := ",".join(p[0]))[: p[1]] + '"' + line[p[1] :]
    ),
    st.just(""),
)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.one_of(st.just(GOOD), BROKEN), max_size=8), final=st.booleans())
def test_every_line_of_a_damaged_file_is_in_exactly_one_row(lines: list[str], final: bool) -> None:
    raw = parse(text_of(*lines, final=final))
    covered = [*raw.ragged["line"], *raw.frame["line"]]
    numbered = list(enumerate(lines, start=2))
    assert sorted(covered) == [number for number, line in numbered if line]
    assert dict(raw.ragged.rows()).items() <= dict(numbered).items()
    whole = raw.frame.filter(pl.col("Location") == "On or near X")["line"]
    assert {number for number, line in numbered if line == GOOD} <= set(whole)


PIECES = st.sampled_from(
    [*('"', '""', ",", ',"', '",', "\n", "\r\n", "\r", "x"), GOOD, GOOD + "\n"]
)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=24))
@example(pieces=[GOOD.replace("On", '"On'), "\n", GOOD, "\n", GOOD.replace(" X", ' X"'), "\n"])
@example(pieces=["\n", GOOD, "," * (WIDTH - 1), "\n"])
def test_there_are_as_many_rows_as_lines_that_are_not_empty(pieces: list[str]) -> None:
    text = "".join(pieces)
    raw = parse((",".join(HEADER) + "\n" + text).encode())
    assert raw.rows == sum(line not in ("", "\r") for line in text.split("\n"))
