"""Old names lead to new ones."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import polars as pl

from openbeat.release.content import ReleaseContent
from openbeat.release.redirects import redirects, write_redirects
from openbeat.versions import Deprecation, Register, Rename
from tests.openbeat.release.conftest import counts_contract

LINEAGE = pl.DataFrame(
    [
        # Merged into B, which grew; C cut into D and E, then E renamed F; G only changed shape.
        ("avon", "A", "2025-01", "2025-03", "B"),
        ("avon", "B", "2025-01", "2025-03", "B"),
        ("avon", "B", "2025-04", None, None),
        ("avon", "C", "2025-01", "2025-02", "D;E"),
        ("avon", "D", "2025-03", None, None),
        ("avon", "E", "2025-03", "2025-05", "F"),
        ("avon", "F", "2025-06", None, None),
        ("avon", "G", "2025-01", "2025-03", "G"),
        ("avon", "G", "2025-04", None, None),
        ("wye", "A", "2025-01", None, None),
        ("wye", "H", "2025-01", "2025-03", None),
    ],
    schema=["force_id", "neighbourhood_id", "valid_from", "valid_to", "successor_ids"],
    orient="row",
)


def with_lineage(content: ReleaseContent) -> ReleaseContent:
    return dataclasses.replace(content, tables={"neighbourhoods": LINEAGE})


def test_a_neighbourhood_that_went_leads_to_its_successors(content: ReleaseContent) -> None:
    found = redirects(with_lineage(content), Register())
    assert found.drop("kind").rows() == [
        ("avon/A", "avon/B", "2025-04"),
        ("avon/C", "avon/D", "2025-03"),
        ("avon/C", "avon/E", "2025-03"),
        ("avon/E", "avon/F", "2025-06"),
    ]


def test_renamed_columns_tables_and_forces_lead_on_once_it_is_done(
    content: ReleaseContent,
) -> None:
    def entry(**more: object) -> Deprecation:
        given = {
            "announced": date(2025, 1, 1), "not_before": date(2025, 6, 1), "why": "Clearer.",
            "change": "renamed",
        }  # fmt: skip
        return Deprecation.model_validate(given | more)

    register = Register(
        deprecations=[
            entry(table="sightings", column="seen", replacement="count", version="2.0.0"),
            entry(table="sightings", column="rate", replacement="share", version="3.0.0"),
            entry(table="views", replacement="sightings"),
        ],
        renames=[Rename(kind="force", old="wye", new="severn", since=date(2025, 2, 1))],
    )
    content = dataclasses.replace(
        content, tables={}, contracts={"sightings": counts_contract(schema_version="2.0.0")}
    )
    assert redirects(content, register).rows() == [
        ("column", "sightings.seen", "sightings.count", "2.0.0"),
        ("force", "wye", "severn", "2025-02-01"),
        ("table", "views", "sightings", "2025-06-01"),
    ]


def test_the_file_is_there_though_nothing_was_renamed(
    content: ReleaseContent, tmp_path: Path
) -> None:
    content = dataclasses.replace(content, tables={})
    assert write_redirects(content, tmp_path, Register()).path == "redirects.csv"
    assert (tmp_path / "redirects.csv").read_bytes() == b"kind,old,new,since\r\n"
