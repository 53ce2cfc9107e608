"""Measurement of peers: the same tables protected in several ways, put to the same attacker.

``python -m benchmarks.disclosure_peers SEEDS RESULT``. A table is a quarter of 150 neighbourhoods
by ethnicity (five groups and not known) with the force's totals, published as ``engagement_reach``,
all events being in neighbourhoods. Our attacker reads it as it reads a release. Zeros are told in
two ways: which numbers kept back are 0 and which are not (set d1), or only which are not 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.disclosure_made import THRESHOLD, people
from benchmarks.disclosure_zeros import knowing_some
from benchmarks.processes import ROOT
from openbeat import codelists
from openbeat.disclosure.attacker import attack
from openbeat.disclosure.cells import CELL_KEY, LinkedSet, quarter_set
from openbeat.disclosure.policy import load_policy
from openbeat.disclosure.rounding import controlled_rounding
from openbeat.disclosure.suppress import suppress

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
GROUPS: Final = ("asian", "black", "mixed", "white", "other_ethnic", "not_known")
PERIOD, FORCE = "2025-Q2", "northmere"
PATIENCE: Final = 300  # seconds for a peer
TAUARGUS: Final = {
    "pytauargus OPT, FREQ(5,20)": ("FREQ(5,20)", "OPT(1)"),
    "pytauargus MOD, FREQ(5,20)": ("FREQ(5,20)", "MOD(1)"),
    "pytauargus OPT, FREQ(5,100)": ("FREQ(5,100)", "OPT(1)"),
}


@dataclass(frozen=True)
class Published:
    """What a method publishes: the numbers, those kept back, and how far they may be from true.

    Attributes:
        value: Of each cell, neighbourhoods by groups with totals last.
        kept: Whether it is kept back.
        near: A published number is no further than this from the true one, as everybody knows.
        seconds: Taken to protect it.
    """

    value: Ints
    kept: Flags
    near: int
    seconds: float


def main() -> None:
    """Measure, and write what was found to the file named second."""
    sums: dict[str, Counter[str]] = {}
    failed: dict[str, str] = {}
    start = time.perf_counter()
    seeds = int(sys.argv[1])
    for seed in range(seeds):
        truth = _truth(seed)
        for name, method in _methods().items():
            try:
                shown = method(truth)
            except (subprocess.SubprocessError, RuntimeError) as error:
                failed[name] = str(error)
                continue
            sums.setdefault(name, Counter()).update(_judged(truth, shown))
            sys.stdout.write(f"{seed} {name} {dict(sums[name])}\n")
            sys.stdout.flush()
    told = {
        "seconds": time.perf_counter() - start,
        "rows": seeds,
        "figures": {"methods": {k: dict(v) for k, v in sums.items()}, "failed": failed},
    }
    Path(sys.argv[2]).write_text(json.dumps(told), encoding="utf-8")


def _methods() -> dict[str, Callable[[Ints], Published]]:
    peers = {
        name: lambda truth, rule=rule, method=method: _tauargus(truth, rule, method)
        for name, (rule, method) in TAUARGUS.items()
    }
    return {
        "openbeat: suppression": _suppression,
        "openbeat: controlled rounding to 5": _controlled,
        "plain threshold suppression": _plain,
        **peers,
        "independent rounding to 5": _independent,
    }


def _truth(seed: int) -> Ints:
    """People of each neighbourhood and group, totals last in both directions."""
    drawn = people(seed, groups=len(GROUPS)).sum(axis=1)
    across = np.concatenate([drawn, drawn.sum(axis=1, keepdims=True)], axis=1)
    return np.concatenate([across, across.sum(axis=0, keepdims=True)], axis=0)


def _primary(truth: Ints) -> Flags:
    small: Flags = (truth > 0) & (truth < THRESHOLD)
    return small


def _plain(truth: Ints) -> Published:
    start = time.perf_counter()
    kept = _primary(truth)
    return Published(truth, kept, 0, time.perf_counter() - start)


def _suppression(truth: Ints) -> Published:
    linked = _linked(truth)
    start = time.perf_counter()
    solution = suppress(linked.problem)
    seconds = time.perf_counter() - start
    return Published(truth, _in_shape(linked, solution.suppressed, truth).astype(bool), 0, seconds)


def _controlled(truth: Ints) -> Published:
    linked = _linked(truth)
    start = time.perf_counter()
    rounded = controlled_rounding(linked.problem)
    seconds = time.perf_counter() - start
    shown = _in_shape(linked, rounded, truth)
    return Published(shown, np.zeros(truth.shape, np.bool_), 4, seconds)


def _independent(truth: Ints) -> Published:
    start = time.perf_counter()
    shown = (truth + 2) // 5 * 5
    seconds = time.perf_counter() - start
    return Published(shown, np.zeros(truth.shape, np.bool_), 2, seconds)


def _tauargus(truth: Ints, rule: str, method: str) -> Published:
    """By the peer, in a process of its own.

    Raises:
        SubprocessError: It took too long.
        RuntimeError: It failed, or is not there.
    """
    with tempfile.TemporaryDirectory() as folder:
        counts, result = Path(folder) / "counts.json", Path(folder) / "result.json"
        counts.write_text(json.dumps(truth[:-1, :-1].tolist()), encoding="utf-8")
        module = [sys.executable, "-m", "benchmarks.disclosure_tauargus"]
        done = subprocess.run(
            [*module, str(counts), rule, method, str(result)],
            cwd=ROOT,
            timeout=PATIENCE,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not result.exists():
            said = (done.stderr or done.stdout).strip().splitlines()
            raise RuntimeError(said[-1] if said else f"ended with {done.returncode}")
        told = json.loads(result.read_text(encoding="utf-8"))
    return Published(truth, np.array(told["kept"], np.bool_), 0, told["seconds"])


def _names(truth: Ints) -> pl.DataFrame:
    """Place (null: the force), group (all: everybody), of each cell in the order of ``ravel``."""
    places = [*(f"N{number:03d}" for number in range(truth.shape[0] - 1)), None]
    groups = [*GROUPS, "all"]
    return pl.DataFrame(
        {
            "neighbourhood_id": [place for place in places for _ in groups],
            "item": groups * len(places),
        }
    )


def _cells(truth: Ints) -> pl.DataFrame:
    """``CELL_KEY`` of each cell."""
    whole = pl.col("neighbourhood_id").is_null()
    return _names(truth).select(
        pl.lit("engagement").alias("set"),
        pl.lit("forms").alias("measure"),
        pl.lit(PERIOD).alias("period"),
        pl.when(whole)
        .then(pl.lit("force"))
        .otherwise(pl.lit("neighbourhood"))
        .alias("place_level"),
        pl.lit(FORCE).alias("force_id"),
        "neighbourhood_id",
        pl.when(pl.col("item") == "all")
        .then(pl.lit("all"))
        .otherwise(pl.lit("ethnicity"))
        .alias("dimension"),
        "item",
    )


def _linked(truth: Ints) -> LinkedSet:
    number = pl.Series("value", truth.ravel(), dtype=pl.Int64)
    counts = _cells(truth).with_columns(number, number.alias("people"), listed=pl.lit(value=True))
    return quarter_set(counts, load_policy())


def _in_shape(linked: LinkedSet, found: NDArray[Any], truth: Ints) -> NDArray[Any]:
    """Answers in the order of a linked set as a table."""
    answers = linked.cells.select(CELL_KEY).with_columns(pl.Series("found", found))
    joined = _cells(truth).join(
        answers, on=CELL_KEY, how="left", nulls_equal=True, maintain_order="left"
    )
    return np.asarray(joined["found"].to_numpy()).reshape(truth.shape)


def _tables(truth: Ints, shown: Published) -> dict[str, pl.DataFrame]:
    """What is published, as a release has it."""
    kept = pl.Series("kept", shown.kept.ravel())
    cells = _cells(truth)
    total = pl.col("item") == "all"
    reach = cells.select(
        "period",
        pl.lit("quarter").alias("period_type"),
        *("place_level", "force_id", "neighbourhood_id"),
        pl.col("dimension").alias("characteristic"),
        pl.col("item").alias("category"),
        pl.when(total).then(pl.lit("total")).otherwise(pl.lit("group")).alias("category_level"),
        pl.Series("forms", shown.value.ravel(), dtype=pl.Int64).set(kept, None),
        pl.when(kept).then(pl.lit("c")).alias("forms_status"),
        pl.lit(None, pl.Int64).alias("attendances"),
        pl.when(total).then(pl.lit("x")).otherwise(pl.lit("z")).alias("attendances_status"),
    )
    # One event in a neighbourhood: nobody is outside of them, as the table of events shows.
    events = pl.DataFrame(
        {
            "event_id": ["E1"],
            "year": ["2025"],
            "event_date": [date(2025, 5, 1)],
            "place_level": ["neighbourhood"],
            "force_id": [FORCE],
            "neighbourhood_id": ["N000"],
            "attendances": pl.Series([None], dtype=pl.Int64),
            "attendances_status": ["x"],
        }
    )
    codes = codelists.load("reach_categories")
    return {"engagement_reach": reach, "engagement_events": events, "reach_categories": codes}


def _judged(truth: Ints, shown: Published) -> dict[str, float]:
    """What the attacker finds, and what the reader keeps."""
    primary = _primary(truth)
    secret = _cells(truth).with_columns(
        pl.Series("value", truth.ravel(), dtype=pl.Int64),
        pl.Series("single", truth.ravel() == 1),
        threshold=pl.lit(THRESHOLD, pl.Int64),
    )
    protected = secret.filter(pl.Series(primary.ravel()))
    kept = secret.filter(pl.Series(shown.kept.ravel())).select(*CELL_KEY, "value")
    policy = _policy(shown)
    tables = _tables(truth, shown)
    report = attack(tables, None, policy, protected=protected, truth=kept, remainders=False)
    found = {"primary": int(primary.sum()), "complementary": int((shown.kept & ~primary).sum())}
    for name in ("c", "d1"):
        if name == "c" or shown.kept.any():
            found |= _counts(name, report.findings.filter(pl.col("set_of_attack") == name))
    found["e exact"] = report.sets["e"].exact
    found |= _counts("not 0", knowing_some(tables, None, policy, secret, protected))
    return found | _kept(truth, shown) | {"seconds": shown.seconds}


def _policy(shown: Published) -> Mapping[str, Any]:
    """The published policy; the attacker takes a rounded number to be less than a base away."""
    method = "rounding" if shown.near else "suppression"
    told = {"people": {"set": "engagement", "method": method}}
    return {
        "thresholds": {"default": THRESHOLD},
        "rounding_base": shown.near + 1,
        "tables": {"engagement_reach": told},
    }


def _counts(name: str, found: pl.DataFrame) -> dict[str, int]:
    """Exact, narrowed, and of both those that are proved to be 1 to 4."""
    kinds = found.filter(pl.col("kind").is_in(["exact", "narrowed"]))
    small = (pl.col("lower") >= 1) & (pl.col("upper") < THRESHOLD)
    return {
        f"{name} exact": found.filter(pl.col("kind") == "exact").height,
        f"{name} narrowed": found.filter(pl.col("kind") == "narrowed").height,
        f"{name} small": kinds.filter(small).height,
    }


def _kept(truth: Ints, shown: Published) -> dict[str, float]:
    """What is left for the reader: numbers and people shown, and the error of those rounded."""
    inner = np.zeros(truth.shape, np.bool_)
    inner[:-1, :-1] = True
    there = inner & (truth > 0)
    left = there & ~shown.kept
    error = np.abs(shown.value - truth)
    across = shown.value[:, :-1].sum(axis=1) != shown.value[:, -1]
    down = shown.value[:-1].sum(axis=0) != shown.value[-1]
    whole = ~shown.kept.any()
    return {
        "cells": int(there.sum()),
        "cells shown": int(left.sum()),
        "people": int(truth[there].sum()),
        "people shown": int(truth[left].sum()),
        "totals": truth.shape[0] + truth.shape[1] - 1,
        "totals shown": int((~shown.kept & ~inner).sum()),
        "error": int(error[there].sum()) if shown.near else 0,
        "sums": truth.shape[0] + truth.shape[1],
        "sums off": int(across.sum() + down.sum()) if whole else 0,
    }


if __name__ == "__main__":
    main()
