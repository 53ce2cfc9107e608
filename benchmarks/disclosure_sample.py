"""Measurement of the gate and the attacker: a quarter of the sample, force by force, both sets.

``python -m benchmarks.disclosure_sample FOLDER RESULT [FORCES]``. Everything as a release has it:
cells and sums, what is kept back, its certificate, the published tables, then every attack set on
each of them. The counts are read beforehand. With ``FORCES`` only so many forces are measured.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import polars as pl

import openbeat.disclosure.deciding
import openbeat.disclosure.gate
import openbeat.disclosure.suppress
from benchmarks.disclosure_inputs import AS_OF, COUNTED, FIRST_MONTH, Counts
from benchmarks.disclosure_zeros import knowing_some
from benchmarks.timers import Timers
from openbeat import codelists
from openbeat.disclosure import published
from openbeat.disclosure.attacker import CELL_KEY, Report, attack
from openbeat.disclosure.certified import protected, unproved
from openbeat.disclosure.gate import Gated, gate
from openbeat.disclosure.memory import FIGURES, Memory
from openbeat.disclosure.policy import Policy, load_policy

SOLVING, CHECKING, LAYING = "what is kept back", "certificate", "cells and sums"
READING, ATTACKING = "certificate again, from what is stored", "attacker"
SOME: Final = "attacker: told which are not 0"
GATE: Final = "gate: the rest"
ADDED: Final = ("cells", "exact", "narrowed", "of_one_class", "implied", "disagree", "undecided")
# Of the neighbourhoods: what is counted, by what.
SHOWN: Final = {
    "forms": ("engagement", "forms", "all"),
    "forms by characteristic": ("engagement", "forms", "*"),
    "attendances": ("engagement", "attendances", "all"),
    "attendances of events": ("engagement", "attendances", "event"),
    "queries": ("feedback", "received", "all"),
    "queries by theme": ("feedback", "received", "theme"),
}


def main() -> None:
    """Measure, and write what was found to the file named second."""
    counts, result = Counts(Path(sys.argv[1])), Path(sys.argv[2])
    frames = {name: counts.read(name) for name in (*COUNTED, "engagement_events")}
    forces = frames["engagement_counts"]["force_id"].unique().sort().to_list()
    some = forces[: int(sys.argv[3])] if len(sys.argv) > 3 else forces
    timers, policy = Timers(), load_policy()
    timers.wrap(LAYING, openbeat.disclosure.gate, "quarter_set")
    timers.wrap(SOLVING, openbeat.disclosure.gate, "solve")
    timers.wrap(CHECKING, openbeat.disclosure.deciding, "check")
    timers.wrap(CHECKING, openbeat.disclosure.suppress, "check")
    found = []
    start = time.perf_counter()
    for force in some:
        own = {name: f.filter(pl.col("force_id") == force) for name, f in frames.items()}
        found.append(_measured(force, own, policy, timers))
        sys.stdout.write(f"{force} {found[-1]['seconds']}\n")
        sys.stdout.flush()
    told = {
        "seconds": time.perf_counter() - start,
        "process": time.process_time(),
        "split": timers.seconds,
        "rows": sum(one["cells"] for force in found for one in force["sets"].values()),
        "of_forces": len(forces),
        "forces": found,
        "figures": _together(found),
    }
    result.write_text(json.dumps(told), encoding="utf-8")


def _measured(
    force: str, own: dict[str, pl.DataFrame], policy: Policy, timers: Timers
) -> dict[str, Any]:
    """One force through the gate, and attacked."""
    before = dict(timers.seconds)
    with timers.part(GATE):
        engagement, feedback, times = (own[name] for name in COUNTED)
        gated = gate(
            engagement, feedback, times, Memory(), policy, as_of=AS_OF, first_month=FIRST_MONTH
        )
    with timers.part(READING):
        doubts = unproved(gated.whole, policy.rounding_base)
    if doubts:
        raise RuntimeError(f"{force} is not proved: {doubts}")
    report, some = _attacked(gated, own["engagement_events"], policy, timers)
    cells = gated.whole.cells
    sets = {}
    for row in gated.whole.solved.iter_rows(named=True):
        there = cells.filter(pl.col("component") == row["component"])
        sums = gated.whole.sums.filter(pl.col("component") == row["component"])
        sets[row["set"]] = {
            "cells": there.height,
            "sums": sums["row"].n_unique(),
            "nonzero": there.filter(pl.col("value") > 0).height,
            "level": row["level"],
            "worlds": row["worlds"],
            **{name: row[name] for name in FIGURES},
        }
    return {
        "force": force,
        "sets": sets,
        "shown": _shown(cells),
        "attack": {name: asdict(one) for name, one in report.sets.items()} | {"not 0": some},
        "ok": report.ok,
        "outright": report.outright,
        "seconds": {k: v - before.get(k, 0.0) for k, v in timers.seconds.items()},
    }


def _attacked(
    gated: Gated, events: pl.DataFrame, policy: Policy, timers: Timers
) -> tuple[Report, dict[str, Any]]:
    """What the attacker finds in the tables made of the ledger; and if told which are not 0."""
    facts = published.facts(gated.whole.ledger, gated.unrevised, gated.periods)
    tables = {
        "engagement_reach": published.engagement_reach(facts, _named),
        "feedback_summary": published.feedback_summary(facts, _named),
        "engagement_events": published.with_attendances(events, published.attendances(facts)),
        "reach_categories": codelists.load("reach_categories"),
    }
    kept = gated.whole.cells.filter("suppressed").select(*CELL_KEY, "value")
    secret, told = protected(gated.whole), policy.as_published()
    with timers.part(ATTACKING):
        report = attack(tables, gated.whole.ledger, told, protected=secret, truth=kept)
    with timers.part(SOME):
        found = knowing_some(tables, gated.whole.ledger, told, kept, secret)
    kinds = {kind: found.filter(pl.col("kind") == kind).height for kind in ("exact", "narrowed")}
    return report, {"cells": secret.height, "cells_looked_at": None} | kinds


def _named(frame: pl.DataFrame, _month: pl.Expr) -> pl.DataFrame:
    return frame.with_columns(
        force_name=pl.col("force_id"), neighbourhood_name=pl.col("neighbourhood_id")
    )


def _shown(cells: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Of the neighbourhoods: people and cells that are not 0, all of them and those shown."""
    here = cells.filter((pl.col("place_level") == "neighbourhood") & (pl.col("state") != 3))
    here = here.filter(pl.col("value") > 0)
    found = {}
    for name, (of, measure, dimension) in SHOWN.items():
        mine = here.filter((pl.col("set") == of) & (pl.col("measure") == measure))
        by = pl.col("dimension")
        mine = mine.filter((by != "all") if dimension == "*" else (by == dimension))
        left = mine.filter(~pl.col("suppressed"))
        found[name] = {
            "people": int(mine["value"].sum()),
            "people shown": int(left["value"].sum()),
            "cells": mine.height,
            "cells shown": left.height,
        }
    return found


def _together(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The sums over the forces."""
    sets: dict[str, Counter[str]] = {}
    attacks: dict[str, Counter[str]] = {}
    shown: dict[str, Counter[str]] = {}
    for force in found:
        for name, one in force["sets"].items():
            numbers = {k: v for k, v in one.items() if isinstance(v, int)}
            sets.setdefault(name, Counter()).update(numbers)
            sets[name][f"at level {one['level']}"] += 1
        for name, one in force["attack"].items():
            looked_at = one["cells"] if one["cells_looked_at"] is None else one["cells_looked_at"]
            numbers = {k: int(one.get(k, 0)) for k in ADDED} | {"cells": looked_at}
            attacks.setdefault(name, Counter()).update(numbers)
        for name, one in force["shown"].items():
            shown.setdefault(name, Counter()).update(one)
    return {
        "forces": len(found),
        "withstood": sum(force["ok"] for force in found),
        "sets": {name: dict(one) for name, one in sets.items()},
        "attack": {name: dict(one) for name, one in attacks.items()},
        "shown": {name: dict(one) for name, one in shown.items()},
    }


if __name__ == "__main__":
    main()
