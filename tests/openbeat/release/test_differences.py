"""Which cells differ between two releases."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbeat.errors import InputError
from openbeat.release.differences import cells, compare, read_edition
from tests.openbeat.release.editions import Tables, at, put, tables, whole, write_edition


def found(tmp_path: Path, old: Tables, new: Tables, **of_new: object) -> pl.DataFrame:
    """Every changed cell, the key as JSON."""
    first = read_edition(write_edition(tmp_path / "2025-06-r1", old))
    second = read_edition(write_edition(tmp_path / "2025-06-r2", new, **of_new))  # type: ignore[arg-type]
    frames = [frame for c in compare(first, second) for frame in cells(c)]
    schema = dict.fromkeys(("table", "key", "column", "change", "old", "new"), pl.String)
    as_text = [frame.with_columns(pl.col("key").struct.json_encode()) for frame in frames]
    return pl.concat(as_text) if as_text else pl.DataFrame(schema=schema)


def test_equal_releases_have_no_changed_cell(tmp_path: Path) -> None:
    assert found(tmp_path, tables(), tables()).is_empty()


def test_a_changed_count_is_one_line_with_its_key_and_both_values(tmp_path: Path) -> None:
    where = at(month="2025-05", force_id="avon", neighbourhood_id="N1", crime_type="Robbery")
    new = tables()
    new["crime"] = put(new["crime"], where, count=7)
    (line,) = found(tmp_path, tables(), new).to_dicts()
    assert (line["table"], line["column"], line["change"]) == ("crime", "count", "value")
    assert (line["old"], line["new"], line["period"], line["force_id"]) == (
        *("5", "7"),
        *("2025-05", "avon"),
    )
    assert '"crime_type":"Robbery"' in line["key"]


def test_a_number_and_its_status_are_one_cell(tmp_path: Path) -> None:
    where = at(month="2025-05", force_id="avon", neighbourhood_id="N1", crime_type="Robbery")
    new = tables()
    new["crime"] = put(new["crime"], where, count=None, count_status="x")
    (line,) = found(tmp_path, tables(), new).to_dicts()
    assert (line["old"], line["new"]) == ("5", None)
    assert (line["old_status"], line["new_status"]) == (None, "x")


def test_months_that_come_or_leave_the_window_are_no_change(tmp_path: Path) -> None:
    months = ("2025-05", "2025-06", "2025-07")
    assert found(tmp_path, tables(), tables(months), months=months).is_empty()


def test_a_month_of_both_windows_that_had_no_row_is_a_change(tmp_path: Path) -> None:
    old = tables()
    old["crime"] = old["crime"].filter(pl.col("month") != "2025-05")
    lines = found(tmp_path, old, tables())
    assert lines["change"].unique().to_list() == ["row_added"]
    assert lines.height == tables()["crime"].filter(pl.col("month") == "2025-05").height
    assert lines.select("column", "old", "new").unique().row(0) == ("count", None, "5")


def test_a_row_that_went_is_told_by_its_numbers(tmp_path: Path) -> None:
    new = tables()
    gone = at(month="2025-05", force_id="wye", dataset="stops")
    new["coverage"] = new["coverage"].filter(~gone)
    lines = found(tmp_path, tables(), new)
    assert lines.select("column", "change", "old", "new").rows() == [
        ("rows", "row_removed", "100", None)
    ]


def test_rows_whose_key_holds_blanks_are_matched(tmp_path: Path) -> None:
    old, new = tables(), tables()
    blank = at(month="2025-05", force_id="avon", neighbourhood_id="N1")
    for made, count in ((old, 3), (new, 4)):
        made["crime"] = put(
            made["crime"], blank, neighbourhood_id=None, area_force_id=None, place="no_location"
        )
        lost = pl.col("neighbourhood_id").is_null() & (pl.col("crime_type") == "Burglary")
        made["crime"] = put(made["crime"], lost, count=count)
    lines = found(tmp_path, old, new)
    assert lines.select("change", "old", "new").rows() == [("value", "3", "4")]


def test_new_records_of_a_register_are_told_apart_from_changes(tmp_path: Path) -> None:
    ids = pl.DataFrame({"priority_id": ["P1", "P2"], "issue": ["Litter", "Speeding"]})
    old = tables() | {"priorities": whole("priorities", ids.head(1))}
    new = tables() | {
        "priorities": whole("priorities", ids.with_columns(issue=pl.col("issue") + "!"))
    }
    lines = found(tmp_path, old, new)
    assert set(lines.select("key", "change").unique().rows()) == {
        ('{"priority_id":"P1"}', "value"),
        ('{"priority_id":"P2"}', "new_record"),
    }


def test_a_table_with_another_key_is_said_to_be_not_compared(tmp_path: Path) -> None:
    old, new = (write_edition(tmp_path / name, tables()) for name in ("2025-06-r1", "2025-06-r2"))
    text = (new / "datapackage.json").read_text(encoding="utf-8")
    (new / "datapackage.json").write_text(text.replace(', "crime_type"', ""), encoding="utf-8")
    crime = {c.table: c for c in compare(read_edition(old), read_edition(new))}["crime"]
    assert not crime.compared
    assert "another key" in crime.note
    assert list(cells(crime)) == []


def test_a_table_or_column_that_only_one_has_is_noted(tmp_path: Path) -> None:
    old = tables()
    first = write_edition(tmp_path / "2025-06-r1", {"coverage": old["coverage"]})
    second = write_edition(tmp_path / "2025-06-r2", old)
    path = second / "tables" / "coverage.parquet"
    pl.read_parquet(path).with_columns(more=pl.lit(1)).write_parquet(path)
    notes = {c.table: c.note for c in compare(read_edition(first), read_edition(second))}
    assert notes["crime"] == "is new"
    assert notes["coverage"] == "has new columns: more"


def test_numbers_stored_in_another_width_are_the_same_numbers(tmp_path: Path) -> None:
    old = write_edition(tmp_path / "2025-06-r1", tables())
    changed = tables()
    gone = at(month="2025-05", force_id="wye", crime_type="Robbery")
    where = at(month="2025-05", force_id="avon", neighbourhood_id="N1", crime_type="Robbery")
    changed["crime"] = put(changed["crime"].filter(~gone), where, count=7)
    new = write_edition(tmp_path / "2025-06-r2", changed)
    path = new / "tables" / "crime.parquet"
    pl.read_parquet(path).cast({"count": pl.Int32}).write_parquet(path)
    crime = {c.table: c for c in compare(read_edition(old), read_edition(new))}["crime"]
    lines = pl.concat(cells(crime)).select("column", "change", "old", "new")
    assert lines.rows() == [
        ("count", "value", "5", "7"),
        *[("count", "row_removed", "5", None)] * 2,
    ]


def test_a_withdrawn_release_is_not_compared_with(tmp_path: Path) -> None:
    (tmp_path / "2025-06-r1").mkdir()
    (tmp_path / "2025-06-r1" / "WITHDRAWN.md").write_text("gone", encoding="utf-8")
    with pytest.raises(InputError, match="withdrawn"):
        read_edition(tmp_path / "2025-06-r1")


def test_a_folder_that_is_no_release_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_edition(tmp_path)


COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(["2025-04", "2025-05"]), st.sampled_from(["N1", "N2", None])),
    st.one_of(st.none(), st.integers(0, 3)),
    max_size=6,
)


@given(COUNTS, COUNTS)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
def test_what_is_found_is_exactly_what_differs(
    tmp_path_factory: pytest.TempPathFactory,
    old: dict[tuple[str, str | None], int | None],
    new: dict[tuple[str, str | None], int | None],
) -> None:
    def frame(counts: dict[tuple[str, str | None], int | None]) -> pl.DataFrame:
        rows = [
            (month, "avon", "avon", "neighbourhood", place, "Robbery", count)
            for (month, place), count in counts.items()
        ]
        names = ("month", "force_id", "force_name", "place", "neighbourhood_id", "crime_type")
        schema = dict.fromkeys(names, pl.String()) | {"count": pl.Int64()}
        return whole("crime", pl.DataFrame(rows, schema=pl.Schema(schema), orient="row"))

    lines = found(tmp_path_factory.mktemp("pair"), {"crime": frame(old)}, {"crime": frame(new)})
    expected = {
        (month, place)
        for month, place in {*old, *new}
        if ((month, place) in old) != ((month, place) in new)
        or old[month, place] != new[month, place]
    }
    key = pl.col("key").str.json_path_match
    told = lines.select(key("$.month").alias("m"), key("$.neighbourhood_id").alias("n")).rows()
    assert len(told) == len(set(told))
    assert {(m, None if n == "null" else n) for m, n in told} == expected
