"""What the measurements are held to: ratios to the baselines of the same run, and memory.

Only figures and their limits belong here; measuring belongs in ``processes``, showing in
``report``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from benchmarks.processes import Measured

MONTH, WINDOW = 1, 36
DOMAIN_TO_BARE = 4.0
DOMAIN_TO_PLAIN = 1.0
WHOLE_TO_PLAIN = {MONTH: 10.0, WINDOW: 6.0}
MEMORY_MB = 6000.0
# "Not growing with the months": a tenth is what the allocator alone moves between two runs.
MEMORY_GROWTH = 1.1

Typical = Mapping[tuple[str, int], Measured]


@dataclass(frozen=True)
class Bar:
    """One figure beside its limit; ``limit`` is None where the issue sets none."""

    what: str
    value: float
    limit: float | None

    @property
    def passed(self) -> bool | None:
        """Whether it holds; None where there is no limit."""
        return None if self.limit is None else self.value <= self.limit


def months_in_words(months: int) -> str:
    """``1 month``, ``36 months``."""
    return "1 month" if months == 1 else f"{months} months"


def typical(runs: Iterable[Measured]) -> dict[tuple[str, int], Measured]:
    """Of the repeats of each case and size, the one with the median time (the lower of two)."""
    grouped: dict[tuple[str, int], list[Measured]] = {}
    for run in runs:
        grouped.setdefault((run.case, run.months), []).append(run)
    return {
        key: next(r for r in repeats if r.seconds == median_low([q.seconds for q in repeats]))
        for key, repeats in grouped.items()
    }


def bars(of: Typical, sizes: Sequence[int], *, judged: bool) -> list[Bar]:
    """Every bar that the sizes measured allow.

    Args:
        of: From ``typical``.
        sizes: Months in the archives, ascending.
        judged: Whether the limits apply: they are set for the national scale.
    """
    found: list[Bar] = []

    def add(what: str, value: float, limit: float | None) -> None:
        found.append(Bar(what, value, limit if judged else None))

    for months in sizes:
        name = months_in_words(months)
        bare, plain, whole = (of[case, months] for case in ("bare", "plain", "whole"))
        if domain := of.get(("domain", months)):
            add(
                f"{name}: domain work / bare reading", domain.seconds / bare.seconds, DOMAIN_TO_BARE
            )
            add(f"{name}: domain work / plain", domain.seconds / plain.seconds, DOMAIN_TO_PLAIN)
        limit = WHOLE_TO_PLAIN.get(months)
        add(f"{name}: whole run / plain", whole.seconds / plain.seconds, limit)
        add(f"{name}: peak memory of the whole run, MB", whole.peak_mb, MEMORY_MB)
    if len(sizes) > 1:
        first, last = (of["whole", months].peak_mb for months in (sizes[0], sizes[-1]))
        what = f"peak memory, {months_in_words(sizes[-1])} / {months_in_words(sizes[0])}"
        add(what, last / first, MEMORY_GROWTH)
    return found
