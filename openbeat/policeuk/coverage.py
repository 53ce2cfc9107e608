"""Coverage: what each force submitted, month by month; absence is not zero.

The ledger says what became of the files there were; this module adds what was expected and did
not come, and which months look partial.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median

import polars as pl

from openbeat.months import earlier, months_to
from openbeat.policeuk.archive import DATASETS

NATIONAL_AT = 40  # an archive with so many forces is the national one: all forces are expected
PARTIAL_BELOW = 0.5
PARTIAL_MONTHS = 12
PARTIAL_NEEDS = 6
# police.uk's first months by dataset (changelog and archive listing).
FIRST_MONTH = {"street": "2010-12", "outcomes": "2012-01", "stops": "2014-12"}
Key = tuple[str, str, str]
"""Month, force and dataset of a file."""


@dataclass(frozen=True)
class Window:
    """The months of a release.

    Attributes:
        months: The release's months, without gaps.
        held: Those of them that are in the lake, and up to 12 before for sums over a year.
    """

    months: list[str]
    held: list[str]


def months_before(month: str, count: int, *, including: bool = False) -> list[str]:
    """The ``count`` months that end the month before ``month``; with it, if ``including``."""
    return months_to(month, count + 1) if including else months_to(earlier(month, 1), count)


def expected_forces(
    configured: Sequence[str] | None, seen: Sequence[str], known: Sequence[str]
) -> list[str]:
    """The forces a file is expected of.

    Args:
        configured: The forces the settings name, if any.
        seen: The forces that the archives hold at least once.
        known: The forces of the code list.

    Returns:
        Those configured; else all known (and seen) where 40 or more are seen; else those seen.
    """
    if configured is not None:
        return sorted(configured)
    if len(set(seen)) >= NATIONAL_AT:
        return sorted({*seen, *known})
    return sorted(set(seen))


def coverage(
    ledger: pl.DataFrame,
    months: Sequence[str],
    expected: Sequence[str],
    forces: pl.DataFrame,
    areas: Sequence[str] = (),
    partial: Collection[Key] = (),
) -> pl.DataFrame:
    """Coverage of the months by force and dataset.

    Args:
        ledger: The contract ``ledger``, of these months and as many before as there are.
        months: The months to cover, without gaps.
        expected: The forces expected.
        forces: As ``load_forces`` gives them; ``supplies`` says which datasets a force has.
        areas: Forces that have neighbourhoods, and so need a row even where nothing is expected.
        partial: Files that are known to be partial: month, force_id, dataset, see
            ``corrections.partial_months``. A file that was empty or malformed stays so.

    Returns:
        month, force_id, dataset, coverage and the ledger's columns, sorted by the first three.
        ``missing`` is expected and without a file; ``not_expected`` is a dataset that the force
        is known not to supply, that no archive holds at all, or that began later.
    """
    status = _with_partial(ledger, partial)
    everyone = sorted({*expected, *areas, *ledger["force_id"].to_list()})
    grid = (
        pl.DataFrame({"month": list(months)})
        .join(pl.DataFrame({"force_id": everyone}, schema={"force_id": pl.String}), how="cross")
        .join(pl.DataFrame({"dataset": DATASETS}), how="cross")
    )
    supplies = forces.select("force_id", pl.col("supplies").str.split(";").alias("supplies"))
    held = ledger["dataset"].unique().to_list()
    first = pl.col("dataset").replace_strict(FIRST_MONTH, return_dtype=pl.String)
    awaited = (
        pl.col("force_id").is_in(list(expected))
        & pl.col("dataset").is_in(held)
        & pl.col("supplies").list.contains(pl.col("dataset")).fill_null(value=True)
        & (pl.col("month") >= first)
    )
    return (
        grid.join(supplies, on="force_id", how="left")
        .join(status, on=["month", "force_id", "dataset"], how="left")
        .with_columns(
            pl.col("coverage").fill_null(
                pl.when(awaited).then(pl.lit("missing")).otherwise(pl.lit("not_expected"))
            )
        )
        .drop("supplies")
        .sort("month", "force_id", "dataset")
    )


def _with_partial(ledger: pl.DataFrame, partial: Collection[Key]) -> pl.DataFrame:
    """The ledger with ``coverage``: under half of the usual is ``partial_suspected``.

    The usual is the median of the submitted months among the 12 calendar months before, at
    least 6 of them; a partial month is no measure for later ones. A file of which more than
    half was refused is partial as well, or its neighbourhoods would be given false zeros; so is
    one that a correction says is partial.
    """
    statuses: list[str] = []
    ordered = ledger.sort("force_id", "dataset", "month")
    submitted: dict[str, int] = {}
    last: tuple[str, str] | None = None
    for force, dataset, month, state, rows, refused in ordered.select(
        "force_id", "dataset", "month", "state", "rows", "quarantined"
    ).iter_rows():
        if (force, dataset) != last:
            submitted, last = {}, (force, dataset)
        status = {"read": "submitted", "empty": "empty", "malformed": "malformed"}[state]
        if status == "submitted":
            before = [submitted[m] for m in months_before(month, PARTIAL_MONTHS) if m in submitted]
            usual = median(before) if len(before) >= PARTIAL_NEEDS else 0
            few = rows < PARTIAL_BELOW * usual or refused > PARTIAL_BELOW * rows
            if few or (month, force, dataset) in partial:
                status = "partial_suspected"
            else:
                submitted[month] = rows
        statuses.append(status)
    return ordered.with_columns(pl.Series("coverage", statuses, dtype=pl.String))
