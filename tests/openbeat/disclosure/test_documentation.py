"""What ``docs/disclosure.md`` shows by hand is what openbeat does; its check of a proof works."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from openbeat.disclosure.memory import CELLS, SUMS, WORLDS
from openbeat.disclosure.problem import Problem, Solution
from openbeat.disclosure.suppress import suppress

PAGE = Path(__file__).parents[3] / "docs" / "disclosure.md"


def _table(heading: str) -> list[list[str]]:
    """The cells of the first table below some words, without its head and first column."""
    lines = PAGE.read_text("utf-8").split(heading, 1)[1].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip(" *") for cell in line.strip("|").split("|")][1:])
    return rows


def _problem() -> Problem:
    """The table of the example: 3 places and 3 ages with their sums, threshold 5."""
    value = np.array(_table("The truth:"), dtype=np.int64)
    height, width = value.shape
    cells = np.arange(value.size).reshape(height, width)
    lines = [*cells, *cells.T]
    coefficients = [1] * (width - 1) + [-1]
    value = value.ravel()
    return Problem(
        value=value,
        state=np.zeros(value.size, np.int8),
        protect=(value > 0) & (value < 5),
        high=np.full(value.size, 5, np.int64),
        single=value == 1,
        lower=np.zeros(value.size, np.int64),
        scope=np.zeros(value.size, np.int32),
        rows=np.repeat(np.arange(len(lines), dtype=np.int32), width),
        columns=np.concatenate(lines).astype(np.int32),
        coefficients=np.array(coefficients * len(lines), dtype=np.int64),
    )


@pytest.fixture(scope="module")
def problem() -> Problem:
    """The example of the page."""
    return _problem()


@pytest.fixture(scope="module")
def solution(problem: Problem) -> Solution:
    """What openbeat keeps back of it."""
    return suppress(problem)


def test_the_example_is_kept_back_as_the_page_says(problem: Problem, solution: Solution) -> None:
    published = np.array(_table("Published:")).ravel()
    assert ((published == "c") == solution.suppressed).all()
    shown = published != "c"
    assert (published[shown].astype(np.int64) == problem.value[shown]).all()


def test_the_worlds_of_the_page_are_those_that_are_found(
    problem: Problem, solution: Solution
) -> None:
    truth, low, high = (np.array(row, dtype=np.int64) for row in _table("every sum stays."))
    kept = [0, 2, 8, 10]  # Harbour and Station, under 25 and 65 and over, row by row
    assert (problem.value[kept] == truth).all()
    found = {tuple(problem.value[kept].tolist())}
    worlds = solution.worlds
    for first, last in zip(worlds.start[:-1], worlds.start[1:], strict=True):
        world = problem.value.copy()
        world[worlds.cell[first:last]] += worlds.change[first:last]
        found.add(tuple(world[kept].tolist()))
    assert {tuple(truth.tolist()), tuple(low.tolist()), tuple(high.tolist())} == found


def _kept(problem: Problem, solution: Solution) -> dict[str, pl.DataFrame]:
    """The example as the lake keeps it; columns that the page does not use are empty."""
    worlds = solution.worlds
    shown = pl.Series(problem.value).set(pl.Series(solution.suppressed), None)
    parts: dict[str, tuple[pl.Schema, dict[str, Any]]] = {
        "cells": (CELLS, {"value": problem.value, "lower": problem.lower, "shown": shown}),
        "sums": (
            SUMS,
            {
                "row": problem.rows,
                "column": problem.columns,
                "coefficient": problem.coefficients,
            },
        ),
        "worlds": (
            WORLDS,
            {
                "world": np.repeat(np.arange(worlds.count), np.diff(worlds.start)),
                "cell": worlds.cell,
                "change": worlds.change,
            },
        ),
    }
    frames = {}
    for name, (schema, columns) in parts.items():
        frame = pl.DataFrame(columns).with_columns(component=pl.lit("engagement|northshire"))
        empty = [pl.lit(None).alias(c) for c in schema.names() if c not in frame.columns]
        frames[name] = frame.with_columns(empty).select(schema.names()).cast(schema)
    return frames


def _written(frames: Mapping[str, pl.DataFrame], folder: Path) -> Path:
    for name, frame in frames.items():
        place = folder / "data" / "lake" / f"disclosure_{name}"
        place.mkdir(parents=True)
        frame.write_parquet(place / "0001-2025-06-r1.parquet")
    return folder


def _check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run what the page says one should run."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    monkeypatch.chdir(folder)
    exec(compile(code, "docs/disclosure.md", "exec"), {})


def test_a_proof_can_be_checked_as_the_page_says(
    problem: Problem, solution: Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _check(_written(_kept(problem, solution), tmp_path), monkeypatch)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("worlds", pl.col("change") + 1),
        ("worlds", -pl.col("change") * 100),
        ("cells", pl.col("value").alias("shown")),
    ],
)
def test_a_proof_that_is_wrong_is_found_out(
    problem: Problem,
    solution: Solution,
    part: str,
    change: pl.Expr,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames = _kept(problem, solution)
    frames[part] = frames[part].with_columns(change)
    with pytest.raises(AssertionError):
        _check(_written(frames, tmp_path), monkeypatch)
