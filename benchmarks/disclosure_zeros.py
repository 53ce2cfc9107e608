"""The attack (d1) for any method: told which numbers are not 0, but of no number that it is 0.

It is the attack of the study that the design follows, and what the certificate's zero-aware
residual is about. For rounded numbers the attacker has no set (d), so this one stands for it. The
attacker's own parts do the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from openbeat.disclosure.attacker import CELL_KEY
from openbeat.disclosure.attacker.facts import read_facts
from openbeat.disclosure.attacker.judging import Aim, as_system, findings, strike
from openbeat.disclosure.attacker.sums import derive


def knowing_some(
    tables: Mapping[str, pl.DataFrame],
    ledger: pl.DataFrame | None,
    policy: Mapping[str, Any],
    secret: pl.DataFrame,
    protected: pl.DataFrame,
) -> pl.DataFrame:
    """Attack what must stay hidden, knowing of every number whether it is more than 0.

    Args:
        tables: As published.
        ledger: As for ``attack``.
        policy: As published.
        secret: ``CELL_KEY`` and value of what is kept back, or rounded.
        protected: ``CELL_KEY``, threshold of what must stay hidden.

    Returns:
        As ``findings`` gives them.
    """
    sums = derive(read_facts(tables, ledger, policy))
    cells = sums.cells
    key = pl.col("neighbourhood_id").fill_null("")
    some = (
        secret.filter(pl.col("value") > 0)
        .with_columns(key)
        .select(*CELL_KEY, _some=pl.lit(value=True))
    )
    hidden = protected.with_columns(key).select(*CELL_KEY, pl.col("threshold").alias("_least"))
    known = cells.join(some, on=CELL_KEY, how="left", maintain_order="left").join(
        hidden, on=CELL_KEY, how="left", maintain_order="left"
    )
    system = as_system(sums, base=int(policy["rounding_base"]))
    more = known["_some"].fill_null(value=False).to_numpy()
    system.lower = np.where(more, np.maximum(system.lower, 1.0), system.lower)
    least = known["_least"].cast(pl.Float64)
    attacked = least.is_not_null().to_numpy().copy()
    strict = attacked & ~cells["rounded"].to_numpy()
    nobody, one = np.zeros(cells.height, np.bool_), np.ones(cells.height)
    aim = Aim(attacked, least.fill_null(5.0).to_numpy(), strict, nobody, one)
    return findings(cells, aim, strike(system, aim))
