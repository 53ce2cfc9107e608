"""The quality statement: figures worked out by hand, and what becomes of them on the page."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.release.content import ReleaseContent
from openbeat.release.quality import DIMENSIONS, MEASURES, before, statement, write_quality

COLUMNS = (
    *("month", "force_id", "dataset", "coverage", "rows", "counted", "quarantined", "repeats"),
    *("located", "outside_boundary", "no_boundary", "no_location", "boundary_release"),
)
NOTHING = (None,) * 8
COVERAGE = [
    ("2025-05", "avon", "street", "submitted", 200, 190, 4, 6, 180, 5, 0, 5, "2025-05"),
    ("2025-06", "avon", "street", "partial_suspected", 50, 50, 0, 0, 50, 0, 0, 0, "2025-05"),
    ("2025-05", "avon", "outcomes", "submitted", 100, 99, 1, 0, 90, 3, 0, 6, "2025-05"),
    ("2025-06", "avon", "outcomes", "missing", *NOTHING, "2025-05"),
    ("2025-05", "avon", "stops", "malformed", *NOTHING, "2025-05"),
    ("2025-06", "avon", "stops", "not_expected", *NOTHING, "2025-05"),
    ("2025-05", "btp", "street", "submitted", 40, 40, 0, 0, 30, 0, 8, 2, None),
    ("2025-06", "btp", "street", "empty", 0, 0, 0, 0, 0, 0, 0, 0, None),
    ("2025-05", "wye", "street", "not_expected", *NOTHING, None),
]
FILES = [
    ("2025-05", "avon", "street", 0.1, 3),
    ("2025-06", "avon", "street", 0.02, 0),
    ("2025-05", "avon", "outcomes", None, 0),
    ("2025-05", "btp", "street", 0.9, 40),
]


def rule(kind: str = "not_null", severity: str = "critical", **more: Any) -> dict[str, Any]:
    plain = {"table": "crime", "success": True, "checked": 10, "broken": 0, "examples": []}
    return plain | {"kind": kind, "severity": severity} | more


RULES = [
    rule("unique"),
    rule("unique", "info", success=False),
    rule("same_as", table="reconciliation", checked=500, broken=2, success=False),
    rule("between", "warning", success=False),
    rule("between", "warning"),
]


def content(**more: Any) -> ReleaseContent:
    coverage = pl.DataFrame(COVERAGE, schema=list(COLUMNS), orient="row")
    names = {"avon": "Avon | Police", "btp": "Transport", "wye": "Wye"}
    given: dict[str, Any] = {
        "month": "2025-06",
        "first_month": "2025-05",
        "as_of": date(2025, 8, 20),
        "tables": {
            "coverage": coverage.with_columns(
                pl.col("force_id").replace_strict(names).alias("force_name")
            ).lazy()
        },
        "contracts": {},
        "quality": {
            "rules": RULES,
            "files": [
                dict(zip(("month", "force_id", "dataset", "blank_lsoa_share", "far_away"), file,
                         strict=True))
                for file in FILES
            ],
        },
    }  # fmt: skip
    return ReleaseContent(**(given | more))


@pytest.fixture(scope="module")
def measured() -> dict[tuple[str | None, str], dict[str, Any]]:
    return {(e["force_id"], e["measure"]): e for e in statement(content())}


# By hand, from COVERAGE, FILES and RULES above.
BY_HAND = {
    (None, "files_supplied"): (3 / 7, False),  # of 9 lines 2 are not expected
    ("avon", "files_supplied"): (2 / 5, False),
    ("btp", "files_supplied"): (1 / 2, False),
    ("avon", "rows_with_lsoa"): (220 / 240, False),  # 190 * 0.9 + 50 * 0.98
    (None, "rows_with_lsoa"): (220 / 240, False),  # those of British Transport Police left out
    ("avon", "rows_repeated"): (6 / 250, False),
    ("btp", "rows_repeated"): (0, True),
    (None, "keys_unique"): (1, True),  # the broken one is for information
    ("avon", "rows_accounted_for"): (1, True),
    (None, "sums_agree"): (498 / 500, False),
    ("avon", "months_behind"): (2, True),
    ("btp", "months_behind"): (3, False),  # June's file is empty
    (None, "months_behind"): (2, True),
    ("avon", "rows_refused"): (5 / 350, False),
    (None, "critical_rules"): (1 / 2, False),
    (None, "warning_rules"): (1 / 2, False),
    ("avon", "rows_in_a_neighbourhood"): (230 / 240, True),
    ("btp", "rows_in_a_neighbourhood"): (30 / 40, False),
    ("avon", "rows_outside"): (5 / 235, False),
    ("btp", "rows_outside"): (0, True),
    ("avon", "rows_far_away"): (3 / 339, False),
    (None, "rows_far_away"): (3 / 339, False),  # no boundaries, no force's own middle
}


@pytest.mark.parametrize("what", BY_HAND, ids=str)
def test_figures_are_those_worked_out_by_hand(measured: Any, what: tuple[str, str]) -> None:
    value, passes = BY_HAND[what]
    assert measured[what]["value"] == pytest.approx(value, abs=1e-6)
    assert measured[what]["passes"] is passes


def test_every_dimension_is_measured_of_the_release_and_of_each_force_expected(
    measured: Any,
) -> None:
    of: dict[str | None, set[str]] = {}
    for (force, _), entry in measured.items():
        of.setdefault(force, set()).add(entry["dimension"])
    assert of[None] == of["avon"] == set(DIMENSIONS)
    assert set(of) == {None, "avon", "btp"}  # nothing is expected of wye
    assert {measure.dimension for measure in MEASURES} == set(DIMENSIONS)


def test_what_cannot_be_measured_is_left_out_and_never_passes(measured: Any) -> None:
    assert ("btp", "rows_with_lsoa") not in measured
    assert ("btp", "rows_far_away") not in measured


def test_a_sentence_says_how_many_of_how_many(measured: Any) -> None:
    assert measured["avon", "rows_repeated"]["sentence"].startswith("6 of 250 rows")
    assert "2 months before that of 2025-08-20" in measured["avon", "months_behind"]["sentence"]


def written(tmp_path: Path, name: str, previous: Path | None = None, **more: Any) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    assert list(write_quality(content(**more), folder, previous)) == ["quality.json", "QUALITY.md"]
    return folder


def test_the_page_shows_the_value_before_and_the_json_does_not(tmp_path: Path) -> None:
    first = written(tmp_path, "a")
    late = {"as_of": date(2025, 9, 20)}
    second = written(tmp_path, "b", first, **late)
    alone = written(tmp_path, "c", **late)
    assert (second / "quality.json").read_bytes() == (alone / "quality.json").read_bytes()
    row = "timeliness | The newest month of crimes lies 3 months before that of 2025-09-20"
    (line,) = [
        line
        for line in (second / "QUALITY.md").read_text("utf-8").split("## Avon")[1].splitlines()
        if row in line
    ][:1]
    assert line.endswith("| 3 | 2 | at most 2 | **no** |")
    assert "| 3 | none | at most 2 |" in (alone / "QUALITY.md").read_text("utf-8")


def test_the_page_is_a_table_for_each_force_and_names_cannot_break_it(tmp_path: Path) -> None:
    page = (written(tmp_path, "a", notice="Made up.") / "QUALITY.md").read_text("utf-8")
    assert "**Made up.**" in page
    assert "## Avon \\| Police" in page
    rows = [line for line in page.splitlines() if line.startswith("| ") and "**no**" in line]
    assert all(line.replace("\\|", "").count("|") == 7 for line in rows)
    assert "- Transport misses 3 of 7." in page
    assert "- 0 of 2 forces meet every threshold." in page


def test_results_of_the_checks_stay_where_they_were(tmp_path: Path) -> None:
    told = json.loads((written(tmp_path, "a") / "quality.json").read_bytes())
    assert told["rules"] == RULES
    assert told["dimensions"][0]["measure"] == "files_supplied"


def test_a_release_before_quality_was_measured_has_no_values(tmp_path: Path) -> None:
    assert before(None) == {}
    assert before(tmp_path) == {}
    (tmp_path / "quality.json").write_text('{"rules": []}')
    assert before(tmp_path) == {}
    (tmp_path / "quality.json").write_text("[]")
    assert before(tmp_path) == {}


def test_without_coverage_there_is_no_statement(tmp_path: Path) -> None:
    assert list(write_quality(content(tables={}), tmp_path)) == ["quality.json"]
    assert "dimensions" not in json.loads((tmp_path / "quality.json").read_bytes())


@settings(deadline=None, max_examples=30)
@given(
    rows=st.lists(
        st.tuples(*[st.integers(0, 1000)] * 6).filter(lambda parts: sum(parts) > 0),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_the_counts_a_share_is_a_share(rows: list[tuple[int, ...]]) -> None:
    coverage = [
        ("2025-06", f"f{i}", "street", "submitted", sum(parts), sum(parts[:4]), parts[4],
         parts[5], *parts[:4], "2025-05", "F")
        for i, parts in enumerate(rows)
    ]  # fmt: skip
    table = pl.DataFrame(coverage, schema=[*COLUMNS, "force_name"], orient="row")
    for entry in statement(content(tables={"coverage": table}, quality={"rules": RULES})):
        assert entry["measure"] == "months_behind" or 0 <= entry["value"] <= 1
        if entry["measure"] == "rows_accounted_for":
            assert entry["passes"]
