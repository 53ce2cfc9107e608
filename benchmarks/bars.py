"""What the measurements are held to: ratios to the baselines of the same run, and memory.

Only figures and their limits belong here; measuring belongs in ``processes``, showing in
``report``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median_low

from benchmarks.processes import Measured

MONTH, WINDOW = 1, 36
DOMAIN_TO_BARE = 4.0
DOMAIN_TO_PLAIN = 1.0
WHOLE_TO_PLAIN = {MONTH: 10.0, WINDOW: 6.0}
MEMORY_MB = 6000.0
# "Not growing with the months": a tenth is what the allocator alone moves between two runs.
MEMORY_GROWTH = 1.1

Repeats = Mapping[tuple[str, int], Sequence[Measured]]


@dataclass(frozen=True)
class Bar:
    """One figure beside its limit.

    Attributes:
        what: The figure, in words.
        value: Of the median measurements; memory, of the highest.
        lowest: The same of the round of repeats in which it was lowest.
        highest: Likewise.
        limit: What it must not exceed; None where nothing is asked.
    """

    what: str
    value: float
    lowest: float
    highest: float
    limit: float | None

    @property
    def passed(self) -> bool | None:
        """Whether it holds; None where there is no limit."""
        return None if self.limit is None else self.value <= self.limit

    @property
    def close(self) -> bool:
        """Whether the rounds differ on it: the machine's noise decides."""
        return self.limit is not None and self.lowest <= self.limit < self.highest


def months_in_words(months: int) -> str:
    """``1 month``, ``36 months``."""
    return "1 month" if months == 1 else f"{months} months"


def grouped(runs: Iterable[Measured]) -> dict[tuple[str, int], list[Measured]]:
    """The repeats by case and months, in the order they were made."""
    found: dict[tuple[str, int], list[Measured]] = {}
    for run in runs:
        found.setdefault((run.case, run.months), []).append(run)
    return found


def typical(repeats: Sequence[Measured]) -> Measured:
    """The repeat with the median time (the lower of the middle two)."""
    middle = median_low([run.seconds for run in repeats])
    return next(run for run in repeats if run.seconds == middle)


def bars(of: Repeats, sizes: Sequence[int], *, judged: bool) -> list[Bar]:
    """Every bar that the sizes measured allow.

    Args:
        of: From ``grouped``.
        sizes: Months in the archives, ascending.
        judged: Whether the limits apply: they are set for the national scale.
    """
    found = []
    for months in sizes:
        name = months_in_words(months)
        limit = WHOLE_TO_PLAIN.get(months)
        bare, plain, whole = (of[case, months] for case in ("bare", "plain", "whole"))
        if domain := of.get(("domain", months)):
            found.append(
                _ratio(f"{name}: domain work / bare reading", domain, bare, DOMAIN_TO_BARE)
            )
            found.append(_ratio(f"{name}: domain work / plain", domain, plain, DOMAIN_TO_PLAIN))
        found.append(_ratio(f"{name}: whole run / plain", whole, plain, limit))
        peaks = [run.peak_mb for run in whole]
        what = f"{name}: peak memory of the whole run, MB"
        found.append(Bar(what, max(peaks), min(peaks), max(peaks), MEMORY_MB))
    if len(sizes) > 1:
        few, many = sizes[0], sizes[-1]
        first, last = (max(run.peak_mb for run in of["whole", n]) for n in (few, many))
        what = f"peak memory, {months_in_words(many)} / {months_in_words(few)}"
        growth = last / first
        found.append(Bar(what, growth, growth, growth, MEMORY_GROWTH))
    return found if judged else [replace(bar, limit=None) for bar in found]


def _ratio(
    what: str, work: Sequence[Measured], baseline: Sequence[Measured], limit: float | None
) -> Bar:
    """Median time to median time; lowest and highest are those of single rounds."""
    value = typical(work).seconds / typical(baseline).seconds
    rounds = [one.seconds / other.seconds for one, other in zip(work, baseline, strict=True)]
    return Bar(what, value, min(rounds), max(rounds), limit)
