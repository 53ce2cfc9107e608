"""The gate: from true counts to what may be published of them, force by force, period by period.

What is settled stays as it was; what is new is solved with all of that as fact, proved, and added.
Where the proof is not found in the work allowed, less is shown, and the report says so. How cells
come about belongs in ``cells``, what is kept back in ``suppress``, the proof in ``certificate``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from openbeat.disclosure import periods
from openbeat.disclosure.cells import CELL_KEY, LinkedSet, quarter_set, revision_set, year_set
from openbeat.disclosure.deciding import carried, published_cells, solve
from openbeat.disclosure.ledger import KEPT_BACK, SCHEMA, SHOWN, gathered, settled
from openbeat.disclosure.memory import Component, Memory, components, name_of, stored
from openbeat.disclosure.policy import Policy
from openbeat.disclosure.problem import Worlds
from openbeat.errors import InputError

ENGAGEMENT: Final = "engagement"
FEEDBACK: Final = "feedback"
MEDIAN_OF: Final = 10  # so many queries answered in time at least, for their median to be shown
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Gated:
    """What came through the gate.

    Attributes:
        new: What is published for the first time, and what stands behind it; the ledger's rows
            bear no release yet.
        whole: All that was ever published, with that.
        periods: The quarters and years that the release shows.
        unrevised: set, force_id, period of what is provisional: it could not be revised.
    """

    new: Memory
    whole: Memory
    periods: list[str]
    unrevised: pl.DataFrame


def gate(
    engagement_counts: pl.DataFrame,
    feedback_counts: pl.DataFrame,
    feedback_times: pl.DataFrame,
    memory: Memory,
    policy: Policy,
    *,
    as_of: date,
    first_month: str,
    lineage: pl.DataFrame | None = None,
    revised: Collection[str] = (ENGAGEMENT, FEEDBACK),
    progress: Progress = lambda _said: None,
) -> Gated:
    """Let through what may be published.

    Args:
        engagement_counts: As ``openbeat.engagement.counts`` gives them.
        feedback_counts: The same.
        feedback_times: The same; of it only the median of all queries of a place.
        memory: What earlier releases left.
        policy: What is protected, and how.
        as_of: The day up to which engagement is covered.
        first_month: The first month of the release, which shows its quarter and those after.
        lineage: older_id and newer_id of each force's neighbourhoods, for the yearly revision.
        revised: The sets whose records are kept until the yearly revision. One of which some are
            gone by then would look as if people had stayed away.
        progress: Told of each force.

    Returns:
        What may be published, what of it is new, and the proof.

    Raises:
        InputError: A set was published by another method before.
    """
    _refuse_other_methods(memory.ledger, policy)
    counts = {ENGAGEMENT: engagement_counts, FEEDBACK: feedback_counts}
    known = components(memory)
    new: dict[str, Component] = {}
    still: dict[str, pl.DataFrame] = {}
    forces = pl.concat([counts[k]["force_id"] for k in counts] + [memory.ledger["force_id"]])
    for force in forces.unique().sort().to_list():
        ours = {kind: rows.filter(pl.col("force_id") == force) for kind, rows in counts.items()}
        found = _Force(force, ours, {**known, **new}, policy, as_of, lineage, {}, revised)
        for one in found.solve():
            progress(f"{force}: {one.parts[0]} {one.parts[2]}, {one.problem.size:,} cells")
            new[one.name] = one
        still |= found.still
    rows = gathered(
        [_ledger_rows(one, memory.ledger, still, feedback_times) for one in new.values()]
    )
    added = stored(new.values(), rows)
    whole = memory.also(added)
    return Gated(added, whole, _shown(whole.ledger, policy, as_of, first_month), _unrevised(whole))


@dataclass(frozen=True)
class _Force:
    """One force on its way through the gate."""

    force: str
    counts: Mapping[str, pl.DataFrame]
    known: dict[str, Component]
    policy: Policy
    as_of: date
    lineage: pl.DataFrame | None
    still: dict[str, pl.DataFrame]
    revised: Collection[str]

    def solve(self) -> Iterator[Component]:
        """The new quarters of both sets, then the year totals, then revisions."""
        for kind in self.counts:
            for period in self._new_quarters(kind):
                rows = self.counts[kind].filter(pl.col("period") == period)
                linked = quarter_set(rows, self.policy)
                yield self._keep(linked, name_of(kind, self.force, period, 1))
        for year in self._new_years():
            parts = [self._component(ENGAGEMENT, q) for q in periods.quarters(year)]
            linked = year_set([published_cells(p) for p in parts], year, self.policy)
            known = carried(parts, linked.cells, year)
            yield self._keep(linked, name_of(ENGAGEMENT, self.force, year, 1), known)
        for kind in (name for name in self.counts if name in self.revised):
            for year in self._revisions(kind):
                yield self._revised(kind, year)

    def _keep(self, linked: LinkedSet, name: str, known: Worlds | None = None) -> Component:
        found = replace(solve(linked, name, self.policy, known), as_of=self.as_of)
        self.known[name] = found
        return found

    def _component(self, kind: str, period: str) -> Component:
        return self.known[name_of(kind, self.force, period, 1)]

    def _settled(self, kind: str, edition: int = 1) -> set[str]:
        return {
            one.parts[2]
            for one in self.known.values()
            if one.parts[:2] == (kind, self.force) and one.parts[3] == edition
        }

    def _new_quarters(self, kind: str) -> list[str]:
        there = self.counts[kind]["period"].unique().sort().to_list()
        over = [q for q in there if periods.complete(q, self.as_of, self.policy.settle_days)]
        closed = self._closed(kind)
        return [q for q in over if q not in self._settled(kind) and q[:4] not in closed]

    def _closed(self, kind: str) -> set[str]:
        """Years that were revised: nothing is added to them, since nothing is linked with it."""
        return {
            one.parts[2]
            for one in self.known.values()
            if one.parts[:2] == (kind, self.force) and one.parts[3] > 1 and one.level != "none"
        }

    def _new_years(self) -> list[str]:
        done = self._settled(ENGAGEMENT)
        years = sorted({period[:4] for period in done})
        closed = self._closed(ENGAGEMENT)
        return [
            year
            for year in years
            if year not in done | closed and done.issuperset(periods.quarters(year))
        ]

    def _revisions(self, kind: str) -> list[str]:
        """Years whose revision is due, and of which the counts still have every quarter.

        What was first published when its revision was due already is as it would be revised.
        """
        months = self.policy.revise_after_months
        early = {
            one.parts[2][:4]
            for one in self.known.values()
            if one.parts[:2] == (kind, self.force)
            and not periods.revision_due(one.parts[2][:4], one.as_of, months)
        }
        there = set(self.counts[kind]["period"].unique().to_list())
        done, revised = self._settled(kind), self._settled(kind, 2)
        return [
            year
            for year in sorted(early - revised)
            if periods.revision_due(year, self.as_of, months)
            and there.issuperset(done.intersection(periods.quarters(year)))
        ]

    def _revised(self, kind: str, year: str) -> Component:
        """Both editions of a year together: all that changed is shown as it is now, or nothing."""
        there = [p for p in (*periods.quarters(year), year) if p in self._settled(kind)]
        parts = [self._component(kind, period) for period in there]
        now = self.counts[kind].filter(pl.col("period").is_in(there))
        old = pl.concat([published_cells(one) for one in parts])
        linked = revision_set(old, now, self._moved(old, now), self.policy)
        name = name_of(kind, self.force, year, 2)
        known = carried(parts, linked.cells, year)
        found = solve(linked, name, self.policy, known, levels=["all"])
        found = replace(found, as_of=self.as_of)
        if found.level == "none":  # what was shown stays
            found = replace(found, fresh=np.zeros_like(found.fresh))
        self.known[name], self.still[name] = found, _cells_there(now, year)
        return found

    def _moved(self, old: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame | None:
        """Which neighbourhoods of the force became which, of those that records moved between.

        A boundary that changes moves no record: most stay with the id that their log gave them.
        """
        if self.lineage is None:
            return None
        before, after = (set(part["neighbourhood_id"].drop_nulls()) for part in (old, now))
        gone = pl.col("older_id").is_in(sorted(before - after))
        come = pl.col("newer_id").is_in(sorted(after - before))
        return self.lineage.filter((pl.col("force_id") == self.force) & (gone | come))


def _refuse_other_methods(ledger: pl.DataFrame, policy: Policy) -> None:
    """Numbers of both methods together would tell more than either."""
    for kind, method in ledger.select("set", "method").unique().sort("set", "method").iter_rows():
        if method != policy.method(kind):
            raise InputError(
                f"the counts of the set {kind} were published by {method} before",
                rule="one method for all time",
                value=policy.method(kind),
                mend=f"leave method: {method} in the policy for the tables of this set.",
            )


def _cells_there(counts: pl.DataFrame, year: str) -> pl.DataFrame:
    """CELL_KEY of the cells that a year has now: its quarters', and its totals where all do."""
    rest = [name for name in CELL_KEY if name != "period"]
    force = counts.filter(pl.col("place_level") == "force")
    full = pl.col("period").n_unique() == counts["period"].n_unique()
    totals = force.group_by(rest).agg(full.alias("_full")).filter("_full").drop("_full")
    whole = totals.with_columns(period=pl.lit(year))
    return pl.concat([counts.select(CELL_KEY), whole.select(CELL_KEY)])


def _ledger_rows(
    one: Component,
    ledger: pl.DataFrame,
    still: Mapping[str, pl.DataFrame],
    times: pl.DataFrame,
) -> pl.DataFrame:
    """What is published of a component for the first time, and what is kept back in it.

    A revision says of every cell that there still is what holds of it now: what it did not change
    stands for both editions.

    Args:
        one: The component.
        ledger: All earlier rows.
        still: For a revision, the cells that there are now.
        times: As for ``gate``.
    """
    edition = one.parts[3]
    rows = (
        one.cells.drop("edition")
        .with_columns(
            pl.Series("_published", one.published),
            pl.Series("_shown", one.shown, dtype=pl.Int64),
            edition=pl.lit(edition, dtype=pl.Int64),
            release_id=pl.lit(None, dtype=pl.String),
            method=pl.lit(one.method),
        )
        .filter(pl.Series(one.fresh))
        .with_columns(
            value=pl.when("_published").then("_shown"),
            status=pl.when("_published").then(pl.lit(SHOWN)).otherwise(pl.lit(KEPT_BACK)),
        )
    )
    added = rows.with_columns(median_days=pl.lit(None, dtype=pl.Float64))
    added = added.select(SCHEMA.names()).cast(SCHEMA)
    if edition > 1 and not added.is_empty():
        again = (
            ledger.filter(pl.col("edition") == 1)
            .join(still[one.name], on=CELL_KEY, how="semi", nulls_equal=True)
            .join(added, on=CELL_KEY, how="anti", nulls_equal=True)
            .with_columns(
                edition=pl.lit(edition, dtype=pl.Int64),
                release_id=pl.lit(None, dtype=pl.String),
            )
        )
        added = pl.concat([added, again])
    return _with_medians(added, times)


def _with_medians(rows: pl.DataFrame, times: pl.DataFrame) -> pl.DataFrame:
    """Add the median of days to reply where it may be shown and is not yet there."""
    place = ["period", "place_level", "force_id", "neighbourhood_id"]
    total = (pl.col("set") == FEEDBACK) & (pl.col("dimension") == "all")
    answered = pl.col("measure") == "answered_72h"
    enough = rows.filter(total & answered & (pl.col("value") >= MEDIAN_OF))
    medians = times.filter(pl.col("theme") == "all").select(*place, "median_days_to_reply")
    here = total & (pl.col("measure") == "received") & pl.col("value").is_not_null()
    return (
        rows.join(
            medians.join(enough, on=place, how="semi", nulls_equal=True),
            on=place,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(
            median_days=pl.when(here).then(pl.coalesce("median_days", "median_days_to_reply"))
        )
        .drop("median_days_to_reply")
    )


def _shown(ledger: pl.DataFrame, policy: Policy, as_of: date, first_month: str) -> list[str]:
    """The periods that a release shows: those over, from the quarter of its first month on."""
    first = periods.period_of(first_month)
    there = settled(ledger)["period"].unique().sort().to_list()
    return [
        period
        for period in there
        if periods.complete(period, as_of, policy.settle_days)
        and (period if "Q" in period else f"{period}-Q4") >= first
    ]


def _unrevised(memory: Memory) -> pl.DataFrame:
    """set, force_id, period of what was due for a revision that could not be proved."""
    failed = memory.solved.filter((pl.col("edition") > 1) & (pl.col("level") == "none"))
    inside = pl.concat_list(
        [pl.col("period"), *(pl.col("period") + f"-Q{number}" for number in range(1, 5))]
    )
    return failed.select("set", "force_id", inside.alias("period")).explode("period")
