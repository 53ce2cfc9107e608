"""The attack sets: what each attacker knows, from one table alone to all that was ever published.

(a) to (h) of the project's reference (disclosure.md 4.5). How a set is attacked belongs in
``judging``; how it is told, in ``report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from openbeat.disclosure.attacker.facts import (
    CELL_KEY,
    GROUP,
    Facts,
    read_facts,
    threshold,
)
from openbeat.disclosure.attacker.judging import CHANGE, Aim, Outcome, as_system, findings, strike
from openbeat.disclosure.attacker.report import Report, SetResult
from openbeat.disclosure.attacker.sums import Sums, derive

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOT_KNOWN: Final = "not_known"
ACROSS_TABLES: Final = ("events", "year")
ACROSS_PERIODS: Final = ("year",)


@dataclass
class _Attack:
    """What all the sets have in common."""

    tables: Mapping[str, pl.DataFrame]
    policy: Mapping[str, Any]
    protected: pl.DataFrame | None
    truth: pl.DataFrame | None
    remainders: bool
    facts: Facts
    sums: Sums
    alone: Sums
    aim: Aim
    base: Outcome


def attack(
    tables: Mapping[str, pl.DataFrame],
    ledger: pl.DataFrame | None,
    policy: Mapping[str, Any],
    *,
    protected: pl.DataFrame | None = None,
    truth: pl.DataFrame | None = None,
    remainders: bool = True,
) -> Report:
    """Try to work out what was kept back, knowing only what is published.

    Args:
        tables: The published tables by name: engagement_reach, feedback_summary and
            engagement_events, those there are, and the code list reach_categories (without it
            categories are not linked to their groups).
        ledger: All that was published before: ``CELL_KEY``, value (null: kept back), edition,
            release_id, method; or None.
        policy: The published policy: ``thresholds`` by characteristic, ``default`` 5.
        protected: For judging only, what must stay hidden, known to the publisher alone:
            ``CELL_KEY`` and threshold, maybe edition; for set (e) single (one person knows it) and
            value. With it a cell passes only if it can be the threshold and can be 1 or less;
            without it, if it isn't proved to be a small number.
        truth: For set (d) only: ``CELL_KEY`` and value of cells kept back. Only whether it is 0
            is told to the attacker.
        remainders: Attack also what follows for people outside the neighbourhoods: the force
            less its neighbourhoods. No table has these numbers, but a small one is one all the
            same.

    Returns:
        The report. It holds bounds that the attacker found, and no truth.

    Raises:
        InputError: A published table lacks a column.
    """
    facts = read_facts(tables, ledger, policy)
    sums = derive(facts)
    aim = _aim(sums.cells, policy, protected, remainders=remainders)
    base = strike(as_system(sums, base=_base(policy)), aim, whole=True)
    alone = sums if ledger is None else derive(read_facts(tables, None, policy))
    a = _Attack(tables, policy, protected, truth, remainders, facts, sums, alone, aim, base)
    found: dict[str, pl.DataFrame] = {}
    results: dict[str, SetResult] = {}
    everything = _told(sums.cells, aim, base, policy)
    for name, without in (("a", ACROSS_TABLES), ("b", ACROSS_PERIODS)):
        results[name], found[name] = _of_tables(a, everything, without)
    results["c"], found["c"] = _result(aim, base, everything), everything
    results["d1"], found["d1"] = _zero_aware(a, told=True)
    results["d2"], found["d2"] = _zero_aware(a, told=False)
    results["e"], found["e"] = _insiders(a)
    results["f"], found["f"], rates = _rates(a)
    whole = findings(sums.cells, aim, rates, whole=True)
    results["g"], found["g"] = _result(aim, rates, whole), whole
    results["h"], found["h"] = _differences(a)
    frames = [f.select(pl.lit(s).alias("set_of_attack"), pl.all()) for s, f in found.items()]
    both = pl.concat(frames).with_columns(
        pl.when(pl.col("neighbourhood_id") != "").then("neighbourhood_id").alias("neighbourhood_id")
    )
    outright = int(_outright(sums.cells, aim).sum())
    unmatched = (
        0
        if protected is None
        else _wanted(protected.filter(pl.col("place_level") != "unplaced"))
        .join(sums.cells, on=list(CELL_KEY), how="anti")
        .height
    )
    judged = protected is not None
    return Report(results, both, judged=judged, outright=outright, unmatched=unmatched)


def _base(policy: Mapping[str, Any]) -> int:
    return int(policy.get("rounding_base") or 5)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Keys as they are named in here."""
    return frame.with_columns(pl.col(CELL_KEY).cast(pl.String).fill_null(""))


def _wanted(protected: pl.DataFrame) -> pl.DataFrame:
    """What must stay hidden, but for differences (edition 0), which set (h) looks at."""
    plain = _plain(protected)
    if "edition" in plain.columns:
        return plain.filter(pl.col("edition") > 0)
    return plain.unique(CELL_KEY, keep="first", maintain_order=True)


def _aim(
    cells: pl.DataFrame,
    policy: Mapping[str, Any],
    protected: pl.DataFrame | None,
    *,
    remainders: bool,
) -> Aim:
    """What is attacked: what is kept back, or what must stay hidden where that is given."""
    thresholds, default = threshold(policy)
    t = cells["dimension"].replace_strict(thresholds, default=default, return_dtype=pl.Float64)
    n = cells.height
    kept = (pl.col("kept") & pl.col("value").is_null()) | (pl.col("rounded") & ~pl.col("hidden"))
    rest = (
        pl.col("hidden")
        & (pl.col("place_level") == "unplaced")
        & (pl.col("measure") != "no_form")
        & pl.col("value").is_null()
    )
    plain, rests = (cells.select(e.fill_null(False)).to_series().to_numpy() for e in (kept, rest))
    aim = Aim(
        attacked=rests.copy() if remainders else np.zeros(n, dtype=bool),
        threshold=t.to_numpy().copy(),
        strict=np.zeros(n, dtype=bool),
        insider=np.zeros(n, dtype=bool),
        known=np.ones(n),
    )
    if protected is None:
        aim.attacked |= plain
    else:
        _aim_at(aim, cells, protected)
    return aim


def _aim_at(aim: Aim, cells: pl.DataFrame, protected: pl.DataFrame) -> None:
    """Aim at what must stay hidden: in its edition, and in later ones that do not name it.

    One that names it without a threshold has another number, which need not be hidden.
    """
    wanted = _wanted(protected)
    key = list(CELL_KEY)
    if "edition" in wanted.columns:
        joined = cells.select("cell", *key, "edition").join(
            wanted.rename({"edition": "since"}), on=key, maintain_order="left_right"
        )
        joined = joined.filter(pl.col("since") <= pl.col("edition"))
        joined = joined.filter(pl.col("since") == pl.col("since").max().over("cell"))
        joined = joined.filter(pl.col("threshold").is_not_null())
    else:
        newest = pl.col("edition") == pl.col("edition").max().over(key)
        joined = cells.select("cell", *key, "edition").filter(newest)
        joined = joined.join(wanted, on=key, maintain_order="left")
    at = joined["cell"].to_numpy()
    aim.attacked[at] = True
    aim.threshold[at] = joined["threshold"].cast(pl.Float64).to_numpy()
    aim.strict[at] = ~cells["rounded"].to_numpy()[at]
    if {"single", "value"} <= set(joined.columns):
        aim.insider[at] = joined["single"].fill_null(False).to_numpy()
        aim.known[at] = joined["value"].fill_null(1).cast(pl.Float64).to_numpy()


def _outright(cells: pl.DataFrame, aim: Aim) -> NDArray[np.bool_]:
    """Small numbers that the tables simply show."""
    shown = cells.select(
        pl.col("in_table").fill_null(False)
        & ~pl.col("kept_now").fill_null(False)
        & ~pl.col("rounded").fill_null(False)
        & (pl.col("value") >= 1)
    ).to_series()
    small = cells["value"].fill_null(0).to_numpy() < aim.threshold
    return shown.fill_null(False).to_numpy() & small


def _told(
    cells: pl.DataFrame, aim: Aim, outcome: Outcome, policy: Mapping[str, Any]
) -> pl.DataFrame:
    """The findings of a set, with small numbers that are shown, and class disclosure (R2)."""
    shown = cells.filter(pl.Series(_outright(cells, aim) & ~aim.attacked)).select(
        *CELL_KEY,
        pl.col("value").alias("lower"),
        pl.col("value").alias("upper"),
        pl.lit("exact").alias("kind"),
    )
    found = pl.concat([findings(cells, aim, outcome), shown, _of_one_class(cells, outcome, policy)])
    return found.unique([*CELL_KEY, "kind"], keep="first", maintain_order=True)


def _of_one_class(cells: pl.DataFrame, outcome: Outcome, policy: Mapping[str, Any]) -> pl.DataFrame:
    """Neighbourhoods all of whose known forms are proved to be of one sensitive group (R2)."""
    thresholds, default = threshold(policy)
    higher = sorted(name for name, t in thresholds.items() if t > default)
    sensitive = list(policy.get("class_disclosure") or higher)
    known = cells.with_columns(
        lower=pl.Series(outcome.bottom), upper=pl.Series(outcome.top)
    ).filter(
        pl.col("dimension").is_in(sensitive)
        & (pl.col("measure") == "forms")
        & (pl.col("place_level") == "neighbourhood")
        & (pl.col("level") == "group")
        & (pl.col("item") != NOT_KNOWN)
        & ~pl.Series(outcome.impossible)
    )
    place = (*GROUP, "neighbourhood_id", "dimension")
    possible = (pl.col("upper") > 0).sum().over(place)
    shown = known.filter((possible == 1) & (pl.col("lower") >= 1) & (pl.len().over(place) > 1))
    return shown.select(
        *CELL_KEY,
        pl.col("lower").ceil().cast(pl.Int64),
        pl.when(pl.col("upper").is_finite()).then(pl.col("upper")).floor().cast(pl.Int64),
        pl.lit("class").alias("kind"),
    )


def _result(aim: Aim, outcome: Outcome, found: pl.DataFrame, **more: Any) -> SetResult:
    counts = {kind: found.filter(pl.col("kind") == kind).height for kind in found["kind"].unique()}
    figures = {
        "exact": counts.get("exact", 0),
        "narrowed": counts.get("narrowed", 0),
        "of_one_class": counts.get("class", 0),
        "implied": counts.get("implied", 0),
        "disagree": counts.get("disagree", 0),
        "undecided": int((outcome.undecided & aim.attacked).sum()),
        "linear_programmes": outcome.programmes[0],
        "integer_programmes": outcome.programmes[1],
    }
    return SetResult(cells=int(aim.attacked.sum()), **(figures | more))


def _of_tables(
    a: _Attack, everything: pl.DataFrame, without: tuple[str, ...]
) -> tuple[SetResult, pl.DataFrame]:
    """Less is known than in (c), so only what (c) found can be found."""
    sums = a.alone
    aim = _aim(sums.cells, a.policy, a.protected, remainders=a.remainders)
    count = int(aim.attacked.sum())
    suspects = pl.concat(
        [
            everything.select(CELL_KEY),
            a.sums.cells.filter(pl.Series(a.base.impossible)).select(CELL_KEY),
        ]
    ).unique(maintain_order=True)
    near = sums.cells.select(CELL_KEY).join(
        suspects.with_columns(suspect=True), on=list(CELL_KEY), how="left", maintain_order="left"
    )
    aim.attacked = aim.attacked & near["suspect"].fill_null(False).to_numpy()
    aim.insider = np.zeros_like(aim.insider)
    outcome = strike(as_system(sums, base=_base(a.policy), without=without), aim)
    found = _told(sums.cells, aim, outcome, a.policy)
    return _result(aim, outcome, found, cells_looked_at=count), found


def _zero_aware(a: _Attack, *, told: bool) -> tuple[SetResult, pl.DataFrame]:
    """(d): what is kept back is not 0: where that is so (told), or everywhere (supposed).

    Nothing is told of those that are 0: they may be anything, as for the worlds of the proof.
    """
    nothing = pl.DataFrame(schema={**a.sums.cells.select(CELL_KEY).schema, **_BOUNDS})
    system = as_system(a.sums, base=_base(a.policy))
    cells = a.sums.cells
    kept = cells.select(
        pl.col("kept").fill_null(False) & pl.col("value").is_null() & ~pl.col("hidden")
    ).to_series()
    if told:
        known = [f for f in (a.truth, a.protected) if f is not None and "value" in f.columns]
        if not known:
            return SetResult(tried=False), nothing
        truth = pl.concat(
            [_plain(f).select(*CELL_KEY, pl.col("value").cast(pl.Int64)) for f in known]
        )
        truth = truth.unique(CELL_KEY, keep="first", maintain_order=True).rename({"value": "true"})
        said = cells.join(truth, on=list(CELL_KEY), how="left", maintain_order="left")["true"]
        some = (kept & (said > 0)).fill_null(False).to_numpy()
    else:
        some = kept.to_numpy()
    system.lower = np.where(some, np.maximum(system.lower, 1.0), system.lower)
    aim = _without_insiders(a.aim)
    outcome = strike(system, aim, known=a.base, brief=True)
    found = findings(cells, aim, outcome)
    impossible = int((outcome.impossible & aim.attacked).sum())
    found = found.filter(pl.col("kind") != "disagree")
    return _result(aim, outcome, found, impossible=impossible), found


def _without_insiders(aim: Aim) -> Aim:
    nobody = np.zeros_like(aim.insider)
    return Aim(aim.attacked.copy(), aim.threshold, aim.strict, nobody, aim.known)


_BOUNDS: Final = {"lower": pl.Int64, "upper": pl.Int64, "kind": pl.String}


def _insiders(a: _Attack) -> tuple[SetResult, pl.DataFrame]:
    """(e): someone who is the only one in a cell, and so knows its number."""
    given = ~np.isnan(a.base.given_away) & a.aim.attacked
    # As in ``findings``: of what need not be hidden only a small number counts.
    value = np.rint(a.base.given_away)
    counts = a.aim.strict | ((value >= 1) & (value < a.aim.threshold))
    found = a.sums.cells.filter(pl.Series(given)).select(
        *CELL_KEY,
        *(pl.lit(None, pl.Int64).alias(n) for n in ("lower", "upper")),
        pl.when(pl.Series(counts[given]))
        .then(pl.lit("exact"))
        .otherwise(pl.lit("implied"))
        .alias("kind"),
        hidden=pl.col("hidden"),
    )
    found = found.filter((pl.col("kind") == "exact") | ~pl.col("hidden")).drop("hidden")
    exact = found.filter(pl.col("kind") == "exact").height
    tried, implied = bool(a.aim.insider.any()), found.height - exact
    return SetResult(tried=tried, cells=a.base.insiders, exact=exact, implied=implied), found


def _rates(a: _Attack) -> tuple[SetResult, pl.DataFrame, Outcome]:
    """(f): published shares and medians are facts too. Only what they touch is new."""
    sums = derive(a.facts, rates=True)
    system = as_system(sums, base=_base(a.policy))
    touched = np.zeros(sums.cells.height, dtype=bool)
    shares = sums.terms.filter(pl.col("name").str.starts_with("share"))
    touched[shares["cell"].to_numpy()] = True
    if "at_least" in sums.cells.columns:
        touched |= sums.cells["at_least"].is_not_null().to_numpy()
    aim = _without_insiders(a.aim)
    outcome = strike(system, aim, whole=True, only=touched, before=a.base, known=a.base)
    found = findings(sums.cells, aim, outcome)
    return _result(aim, outcome, found), found, outcome


def _differences(a: _Attack) -> tuple[SetResult, pl.DataFrame]:
    """(h): what changed between two editions, or silently from one release to the next."""
    one_edition = a.sums.cells["edition"].n_unique() < 2
    sums = a.sums if one_edition else derive(a.facts, differences=True)
    cells = sums.cells
    changes = cells["measure"].str.starts_with(CHANGE).to_numpy()
    thresholds, default = threshold(a.policy)
    t = cells["dimension"].replace_strict(thresholds, default=default, return_dtype=pl.Float64)
    n = cells.height
    no, one = np.zeros(n, dtype=bool), np.ones(n)
    aim = Aim(changes, t.to_numpy(), no, no, one)
    outcome = strike(as_system(sums, base=_base(a.policy)), aim, only=changes)
    found = findings(cells, aim, outcome).filter(pl.col("kind") != "disagree")
    restated = a.facts.restated.with_columns(
        t=pl.col("dimension").replace_strict(thresholds, default=default, return_dtype=pl.Int64)
    )
    small = restated.filter(pl.col("difference").abs() < pl.col("t")).select(
        *CELL_KEY,
        pl.col("difference").alias("lower"),
        pl.col("difference").alias("upper"),
        pl.lit("exact").alias("kind"),
    )
    found = pl.concat([found, small])
    cells_looked_at = int(changes.sum()) + restated.height
    return _result(aim, outcome, found, cells_looked_at=cells_looked_at), found
