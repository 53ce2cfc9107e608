"""The forces are the 45 of police.uk, and what a settings file adds or replaces."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.policeuk.forces import COLUMNS, load_forces


def test_the_45_forces_are_known_and_only_northern_irelands_ids_hold_for_a_month() -> None:
    forces = load_forces()
    assert forces.columns == list(COLUMNS)
    assert forces.height == forces["force_id"].n_unique() == 45
    assert forces["force_id"].is_sorted()
    scoped = forces.filter(pl.col("crime_id_scope") == "month")["force_id"].to_list()
    assert scoped == ["northern-ireland"]


def test_a_file_adds_forces_and_replaces_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "forces.csv"
    path.write_text(
        "supplies,name,force_id,crime_id_scope,extra\n"
        "street,Ankh-Morpork City Watch,ankh-morpork,month,x\n"
        "street;stops,Kent Constabulary,kent,force,x\n"
    )
    forces = load_forces(path)
    assert forces.height == 46
    assert forces.filter(pl.col("force_id").is_in(["ankh-morpork", "kent"])).rows() == [
        ("ankh-morpork", "Ankh-Morpork City Watch", "month", "street"),
        ("kent", "Kent Constabulary", "force", "street;stops"),
    ]


def test_a_file_without_a_column_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "forces.csv"
    path.write_text("force_id,name\nkent,Kent Police\n")
    with pytest.raises(InputError, match="lacks crime_id_scope, supplies") as caught:
        load_forces(path)
    assert caught.value.file == "forces.csv"


@pytest.mark.parametrize("content", [None, b"", b"force_id,name\n1,2,3,4\n"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "forces.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="the list of forces cannot be read"):
        load_forces(path)


@pytest.mark.parametrize(
    ("line", "row", "column", "value"),
    [
        ("kent,Kent Police,force,street", 4, "force_id", "kent"),
        (",Nowhere Police,force,street", 4, "force_id", None),
        ("Kent Police,Kent Police,force,street", 4, "force_id", "Kent Police"),
        ("surrey,,force,street", 4, "name", None),
        ("surrey,Surrey Police,year,street", 4, "crime_id_scope", "year"),
        ("surrey,Surrey Police,force,street;crimes", 4, "supplies", "street;crimes"),
        ("surrey,Surrey Police,force,", 4, "supplies", None),
    ],
)
def test_a_wrong_value_is_refused_with_its_line_and_what_is_allowed(
    tmp_path: Path, line: str, row: int, column: str, value: str | None
) -> None:
    path = tmp_path / "forces.csv"
    good = "kent,Kent Police,force,street;stops\nessex,Essex Police,month,street\n"
    path.write_text(f"{','.join(COLUMNS)}\n{good}{line}\n")
    with pytest.raises(InputError) as caught:
        load_forces(path)
    error = caught.value
    assert (error.file, error.row, error.column, error.value) == ("forces.csv", row, column, value)
    assert error.mend
