"""What a person sees of the benchmarks of disclosure control. Measuring belongs elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean, median
from typing import Any, Final

from rich.console import Console
from rich.table import Table

SETS: Final = ("a", "b", "c", "d1", "d2", "e", "f", "g", "h", "not 0")
# The target of the issue, seconds: one month with its certificate, and 43 of them.
MONTH_SECONDS, FORCES_SECONDS, GAP = 5.0, 240.0, 0.02
Found = Mapping[str, Any]


def show(console: Console, found: Found) -> None:
    """Print all tables that there are figures for."""
    samples = {name.split(", ")[1]: found[name] for name in found if name.startswith("sample, ")}
    if samples:
        plain = {scale: found[f"plain, {scale}"]["seconds"] for scale in samples}
        for table in (_sets(samples), _shown(samples), _times(samples, plain), _attacks(samples)):
            console.print(table)
    if "shape" in found:
        alone = [told["figures"]["month"] for name, told in found.items() if name[:5] == "plain"]
        console.print(_months(found["shape"]["figures"], alone))
    if "exact" in found:
        console.print(_optimum(found["exact"]["figures"]))
    if "peers" in found:
        console.print(*_peers(found["peers"]))


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title)
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


def _sets(samples: Found) -> Table:
    table = _table(
        "One quarter of the sample",
        *("scale, set", "forces", "cells", "not 0", "primary", "besides"),
        *("zero-aware residual", "insider residual", "moved up"),
    )
    for scale, told in samples.items():
        figures = told["figures"]
        for name, one in figures["sets"].items():
            up = one.get("at level force", 0) + one.get("at level none", 0)
            names = ("cells", "nonzero", "primary", "complementary", "zero_aware_residual")
            numbers = [f"{one[key]:,}" for key in names]
            insiders = f"{one['insider_residual']} of {one['insiders']:,}"
            forces = f"{figures['forces']} of {told['of_forces']}"
            table.add_row(f"{scale}, {name}", forces, *numbers, insiders, str(up))
    return table


def _shown(samples: Found) -> Table:
    table = _table(
        "Still shown, of the neighbourhoods",
        *("scale, what", "counted", "shown", "share", "cells not 0", "shown", "share"),
    )
    for scale, told in samples.items():
        for name, one in told["figures"]["shown"].items():
            table.add_row(
                f"{scale}, {name}",
                *_share(one["people"], one["people shown"]),
                *_share(one["cells"], one["cells shown"]),
            )
    return table


def _share(whole: int, part: int) -> tuple[str, str, str]:
    return f"{whole:,}", f"{part:,}", f"{part / whole:.0%}" if whole else "-"


def _times(samples: Found, plain: Mapping[str, float]) -> Table:
    table = _table(
        "Seconds of the sample, and times plain threshold suppression",
        *("scale, part", "seconds", "slowest force", "ratio"),
    )
    for scale, told in samples.items():
        for part, seconds in sorted(told["split"].items(), key=lambda item: -item[1]):
            slowest = max(force["seconds"].get(part, 0.0) for force in told["forces"])
            table.add_row(
                *(f"{scale}, {part}", f"{seconds:,.2f}", f"{slowest:,.2f}"),
                f"{seconds / plain[scale]:,.0f}",
            )
        table.add_row(f"{scale}, plain threshold suppression", f"{plain[scale]:.4f}", "", "1")
        table.add_section()
    return table


def _attacks(samples: Found) -> Table:
    table = _table(
        "What the attacker finds",
        *("scale, set", "cells", "exact", "narrowed", "one class", "implied", "undecided"),
    )
    for scale, told in samples.items():
        for name in SETS:
            one = told["figures"]["attack"][name]
            names = ("cells", "exact", "narrowed", "of_one_class", "implied", "undecided")
            table.add_row(f"{scale}, {name}", *(f"{one[key]:,}" for key in names))
        passed = f"{told['figures']['withstood']} of {told['figures']['forces']} forces withstand"
        table.add_row(f"{scale}: {passed}")
        table.add_section()
    return table


def _months(forces: Sequence[Found], plain: Sequence[float]) -> Table:
    table = _table(
        f"{len(forces)} made months of {forces[0]['cells']:,} cells, one after another",
        *("", "mean", "least", "most", "all", "target"),
    )
    seconds = [one["solve"] + one["certificate"] for one in forces]
    limit = f"{FORCES_SECONDS:.0f} s, each {MONTH_SECONDS:.0f} s"
    rows: dict[str, tuple[Sequence[float], str]] = {
        "solve and certificate, s": (seconds, limit),
        "of it certificate, s": ([one["certificate"] for one in forces], ""),
        "the same, processor s": ([one["process"] for one in forces], limit),
    }
    for name in ("primary", "complementary", "shown", "nonzero"):
        rows[name] = ([one[name] for one in forces], "")
    for name in ("zero_aware_residual", "insiders", "insider_residual", "worlds"):
        rows[name.replace("_", " ")] = ([one[name] for one in forces], "")
    for name, (numbers, target) in rows.items():
        digits = 3 if name.startswith("of it") else 2 if name[-1] == "s" and "," in name else 1
        each = (mean(numbers), min(numbers), max(numbers), sum(numbers))
        table.add_row(name, *(f"{number:,.{digits}f}" for number in each), target)
    if plain:
        times = median(seconds) / plain[0]
        table.add_row("ratio to plain threshold suppression", f"{times:,.0f}")
    return table


def _optimum(figures: Found) -> Table:
    tables = figures["tables"]
    table = _table(
        f"{len(tables)} small tables against the exact optimum",
        *("", "complementary", "cost over the optimum", "mean", "worst", "target"),
    )
    for name in tables[0]["cost"]:
        cost = [one["cost"][name] for one in tables]
        best = [one["cost"]["optimum"] for one in tables]
        gaps = [own / least - 1 if least else 0.0 for own, least in zip(cost, best, strict=True)]
        cells = sum(one["complementary"][name] for one in tables)
        whole = sum(cost) / sum(best) - 1
        table.add_row(
            *(name, f"{cells:,}", f"{whole:.2%}", f"{mean(gaps):.2%}", f"{max(gaps):.2%}"),
            f"{GAP:.0%}",
        )
    if missing := figures["without a proven optimum"]:
        table.add_row(f"{missing} more without a proven optimum")
    return table


def _peers(told: Found) -> tuple[Table, Table]:
    figures, number = told["figures"], told["rows"]
    attack = _table(
        f"{number} tables, the same attacker; told: which numbers are not 0",
        *("method", "small", "exact", "nar-\nrowed", "proved\n1 to 4"),
        *("told:\nexact", "nar-\nrowed", "proved\n1 to 4", "insider:\nexact"),
    )
    left = _table(
        "What is left for the reader",
        *("method", "besides", "not 0 shown", "people shown", "totals shown"),
        *("mean error", "sums off", "seconds"),
    )
    for name, one in figures["methods"].items():
        rounded = "rounding" in name
        found = ("c exact", "c narrowed", "c small", "not 0 exact", "not 0 narrowed", "not 0 small")
        numbers = [
            "-" if rounded and key.endswith("narrowed") else f"{one[key]:,}" for key in found
        ]
        insider = "-" if rounded else f"{one['e exact']:,}"
        attack.add_row(name, f"{one['primary']:,}", *numbers, insider)
        left.add_row(
            *(name, f"{one['complementary']:,}"),
            *(f"{one[f'{what} shown'] / one[what]:.0%}" for what in ("cells", "people", "totals")),
            f"{one['error'] / one['cells']:.2f}" if rounded else "0",
            f"{one['sums off'] / one['sums']:.0%}" if rounded else "0%",
            f"{one['seconds'] / number:.4f}",
        )
    for name, why in figures["failed"].items():
        attack.add_row(f"{name}: no result, {why}")
    return attack, left
