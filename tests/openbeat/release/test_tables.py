"""What a reader of the published tables relies on: form, order, exactness, nothing unpublished."""

from __future__ import annotations

import csv
import gzip
import math
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbeat.contract import Column, Contract
from openbeat.errors import InputError
from openbeat.release.content import ReleaseContent
from openbeat.release.tables import published_frame, write_csv, write_table

TEXT = st.none() | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.tuples(
        st.integers(0, 2**31 - 1),
        TEXT,
        st.none() | st.integers(-(2**31), 2**31 - 1),
        NUMBER,
        st.none() | st.booleans(),
        st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    ),
    max_size=30,
    unique_by=lambda row: row[0],
)
EVERY_TYPE = {
    "id": "integer",
    "text": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
}


@pytest.fixture
def contract(content: ReleaseContent) -> Contract:
    return content.contracts["sightings"]


@pytest.fixture
def frame(content: ReleaseContent) -> pl.DataFrame:
    return content.tables["sightings"].lazy().collect()


def contract_of(types: dict[str, str], key: list[str]) -> Contract:
    columns = [
        Column.model_validate({"name": n, "type": t, "description": n, "published": True})
        for n, t in types.items()
    ]
    return Contract(
        table="anything",
        title="Anything",
        description="Anything.",
        layer="release",
        published=True,
        schema_version="1.0.0",
        key=key,
        columns=columns,
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_a_csv_holds_exactly_what_the_parquet_holds(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    contract = contract_of(EVERY_TYPE, ["id"])
    frame = pl.DataFrame(rows, schema=contract.polars_schema(), orient="row")
    write_table(frame, contract, folder)
    parquet = pl.read_parquet(folder / "tables/anything.parquet")
    # Python's own reader of RFC 4180, not the library that wrote it.
    with (folder / "tables/anything.csv").open(encoding="utf-8", newline="") as file:
        header, *cells = csv.reader(file, strict=True)
    assert header == parquet.columns
    texts = pl.DataFrame(cells, schema=dict.fromkeys(header, pl.String), orient="row")
    read_back = texts.select(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in header
    ).with_columns(
        pl.col("id", "integer").cast(pl.Int32),
        pl.col("number").cast(pl.Float64),
        pl.col("boolean").replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean),
        pl.col("date").str.to_date("%Y-%m-%d"),
    )
    assert read_back.equals(parquet)
    assert parquet["id"].to_list() == sorted(row[0] for row in rows)  # type: ignore[type-var]


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_keeps_a_number_and_its_sign(number: float) -> None:
    contract = contract_of({"id": "integer", "number": "number"}, ["id"])
    frame = pl.DataFrame({"id": [1], "number": [number]})
    published = published_frame(frame, contract).collect()["number"].item()
    if abs(number) > 1e-290:  # below, doubles themselves hold fewer figures
        assert math.isclose(published, number, rel_tol=1e-8)
        assert math.copysign(1, published) == math.copysign(1, number)
    assert str(published) != "-0.0"


def test_csv_form(frame: pl.DataFrame, contract: Contract, tmp_path: Path) -> None:
    write_table(frame, contract, tmp_path)
    assert (tmp_path / "tables/sightings.csv").read_bytes() == (
        b"month,force_id,force_name,place,neighbourhood_id,"
        b"count,count_status,rate,checked_on,whole\r\n"
        b'2025-05,avon,"Avon, and Co",neighbourhood,A1,0,,0,,\r\n'
        b'2025-06,avon,"Avon, and Co",neighbourhood,A2,,x,,,false\r\n'
        b'2025-06,avon,"Avon, and Co",neighbourhood,a1,5,,0.0000001,2025-07-02,true\r\n'
        b'2025-06,wye,"The ""Wye""",no_location,,3,,0.3,2025-07-01,true\r\n'
    )


def test_only_published_columns_in_the_contracts_order_and_types(
    frame: pl.DataFrame, contract: Contract, tmp_path: Path
) -> None:
    small = frame.with_columns(
        pl.col("count").cast(pl.UInt32), pl.col("place").cast(pl.Categorical)
    )
    write_table(small, contract, tmp_path)
    types = {**contract.polars_schema(), "count": pl.Int32}  # of integers, not of the data
    wanted = {c.name: types[c.name] for c in contract.columns if c.published}
    assert dict(pl.read_parquet_schema(tmp_path / "tables/sightings.parquet")) == wanted
    assert list(pl.read_parquet_schema(tmp_path / "tables/sightings.parquet")) == list(wanted)
    assert not any(b"Secret" in path.read_bytes() for path in tmp_path.rglob("*.*"))


FORMULAS = ["=1+1", "+44 20", "-", "-a", "@SUM(A1)", "\tx", "\r=1", "＝1"]
HARMLESS = ["-12", "+3.5", "a=b", "1-2", "'quoted", " =1", "Ŵ"]


def test_no_cell_of_any_format_runs_in_a_spreadsheet(tmp_path: Path) -> None:
    texts = [*FORMULAS, *HARMLESS]
    contract = contract_of({"id": "integer", "text": "string"}, ["id"])
    frame = pl.DataFrame({"id": range(len(texts)), "text": texts})
    write_table(frame, contract, tmp_path)
    expected = [*(f"'{text}" for text in FORMULAS), *HARMLESS]
    assert pl.read_parquet(tmp_path / "tables/anything.parquet")["text"].to_list() == expected
    write_csv(frame, tmp_path / "codes.csv")
    for path in ("tables/anything.csv", "codes.csv"):
        with (tmp_path / path).open(encoding="utf-8", newline="") as file:
            assert [row[1] for row in csv.reader(file)][1:] == expected


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=8))
def test_a_text_stays_as_it_is_or_gets_one_apostrophe(text: str) -> None:
    contract = contract_of({"id": "integer", "text": "string"}, ["id"])
    frame = pl.DataFrame({"id": [1], "text": [text]})
    published = published_frame(frame, contract).collect()["text"].item() or ""
    assert published in (text, f"'{text}")
    again = published_frame(frame.with_columns(text=pl.lit(published)), contract)
    assert again.collect()["text"].item() == (published or None)


def test_a_big_csv_is_there_in_gzip_too_with_the_same_bytes_each_time(
    frame: pl.DataFrame, contract: Contract, tmp_path: Path
) -> None:
    for folder in "ab":
        files = write_table(frame, contract, tmp_path / folder, gzip_over=100)
        assert [f.path for f in files[1:]] == ["tables/sightings.csv", "tables/sightings.csv.gz"]
    one, other = ((tmp_path / f / "tables/sightings.csv.gz").read_bytes() for f in "ab")
    assert one == other
    assert one[3:8] == bytes(5)  # no name and no time inside
    assert gzip.decompress(one) == (tmp_path / "a/tables/sightings.csv").read_bytes()


def test_a_parquet_file_lets_a_reader_skip_what_it_does_not_need(tmp_path: Path) -> None:
    contract = contract_of({"id": "integer", "text": "string"}, ["id"])
    many = pl.select(id=pl.int_range(250_000, 0, -1)).with_columns(text=pl.lit("x"))
    write_table(many, contract, tmp_path, gzip_over=10**9)
    meta = pq.read_metadata(tmp_path / "tables/anything.parquet")
    groups = [meta.row_group(n).column(0).statistics for n in range(meta.num_row_groups)]
    assert [(group.min, group.max) for group in groups] == [
        (1, 100_000),
        (100_001, 200_000),
        (200_001, 250_000),
    ]


def test_the_order_of_rows_given_does_not_matter(
    frame: pl.DataFrame, contract: Contract, tmp_path: Path
) -> None:
    write_table(frame, contract, tmp_path / "a")
    write_table(frame.reverse().lazy(), contract, tmp_path / "b")
    for name in ("sightings.csv", "sightings.parquet"):
        one, other = (tmp_path / folder / "tables" / name for folder in "ab")
        assert one.read_bytes() == other.read_bytes()


def test_a_long_table_has_one_csv_a_force_in_its_place(
    frame: pl.DataFrame, contract: Contract, tmp_path: Path
) -> None:
    files = write_table(frame, contract, tmp_path, max_csv_rows=3)
    assert [(file.path, file.rows, file.part) for file in files] == [
        ("tables/sightings.parquet", 4, None),
        ("tables/sightings/sightings-avon.csv", 3, "avon"),
        ("tables/sightings/sightings-wye.csv", 1, "wye"),
        ("tables/sightings.csv.gz", 4, None),
    ]
    assert not (tmp_path / "tables/sightings.csv").exists()
    parts = [pl.read_csv(tmp_path / f.path, infer_schema=False) for f in files[1:3]]
    whole = write_table(frame, contract, tmp_path / "whole")[1]
    # The whole is there too, in one piece, for those who read with a program.
    zipped = gzip.decompress((tmp_path / "tables/sightings.csv.gz").read_bytes())
    assert zipped == (tmp_path / "whole" / whole.path).read_bytes()
    assert (
        pl.concat(parts)
        .sort("month", "force_id")
        .equals(pl.read_csv(tmp_path / "whole" / whole.path, infer_schema=False))
    )


def test_rows_without_a_force_have_a_csv_of_their_own(tmp_path: Path) -> None:
    contract = contract_of({"id": "integer", "area_force_id": "string"}, ["id"])
    frame = pl.DataFrame({"id": [1, 2], "area_force_id": [None, "avon"]})
    files = write_table(frame, contract, tmp_path, max_csv_rows=1)
    assert [(file.part, file.rows) for file in files[1:3]] == [("avon", 1), ("none", 1)]


def test_a_table_without_rows_still_has_its_header(
    frame: pl.DataFrame, contract: Contract, tmp_path: Path
) -> None:
    files = write_table(frame.clear(), contract, tmp_path)
    assert [file.rows for file in files] == [0, 0]
    assert (tmp_path / "tables/sightings.csv").read_text().startswith("month,force_id,")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (pl.lit("").alias("force_name"), "force_name: table sightings: in 4 rows .* is missing"),
        (pl.lit(None, pl.String).alias("month"), "column month: .* in 4 rows .* is missing"),
        (pl.lit(math.nan).alias("rate"), "column rate: .* in 4 rows .* is not a number"),
        (pl.lit(math.inf).alias("rate"), "column rate: .* in 4 rows .* is not a number"),
        (pl.lit("7").alias("count"), "column count: .* holds String, its contract says Int32"),
        (pl.lit(0.5).alias("count"), "column count: .* holds Float64"),
        (pl.lit(2**31).alias("count"), "column count: .* in 4 rows the integer does not fit"),
        (pl.lit(5).alias("month"), "column month: .* holds Int32, its contract says String"),
    ],
)
def test_what_cannot_be_published_is_refused_by_name(
    frame: pl.DataFrame, contract: Contract, tmp_path: Path, spoil: pl.Expr, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        write_table(frame.with_columns(spoil), contract, tmp_path)


def test_a_missing_column_is_refused_by_name(
    frame: pl.DataFrame, contract: Contract, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="column month: table sightings lacks a column"):
        write_table(frame.drop("month"), contract, tmp_path)


@pytest.mark.parametrize("force", ["../../etc", "A B", "", "none"])
def test_a_force_id_never_becomes_a_path(tmp_path: Path, force: str) -> None:
    contract = contract_of({"id": "integer", "force_id": "string"}, ["id"])
    frame = pl.DataFrame({"id": [1, 2], "force_id": [force or "/", "avon"]})
    with pytest.raises(InputError, match=r"column force_id, .* a force id that cannot name a file"):
        write_table(frame, contract, tmp_path, max_csv_rows=1)


def test_an_unpublished_table_is_never_written(
    frame: pl.DataFrame, contract: Contract, tmp_path: Path
) -> None:
    hidden = contract.model_copy(update={"published": False})
    with pytest.raises(InputError, match="sightings is not published"):
        write_table(frame, hidden, tmp_path)
    assert not list(tmp_path.rglob("*.*"))
