"""What the attack found, for a file and for a privacy officer. No truth, and no cell's bounds.

How the attacks work belongs in ``sets``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

WHAT: Final = {
    "a": "Each table of each period on its own",
    "b": "All tables of a period together",
    "c": "Everything ever published: all periods, year totals, every release in the ledger",
    "d1": "As (c), and told of every number kept back that is not 0 that it is not",
    "d2": "As (c), supposing that no number kept back is 0",
    "e": "As (c), and someone who is the only person in a cell knows its number",
    "f": "As (c), with published shares and medians",
    "g": "As (f), in whole numbers, where fractions leave more room than people do",
    "h": "Differences between editions and releases of the same number",
}
NO_EXACT: Final = ("a", "b", "c", "f", "g", "h")
NO_NARROWED: Final = ("a", "b", "c")
LISTED: Final = 50


@dataclass(frozen=True)
class SetResult:
    """What one attack set found, in counts.

    Attributes:
        tried: Whether it could be tried.
        cells: Cells attacked.
        cells_looked_at: Where only those were attacked that a stronger set found: all of them.
        exact: Numbers recovered exactly.
        narrowed: Numbers not recovered but proved too small, or not free to be both the
            threshold and 1 or less.
        of_one_class: Neighbourhoods all of whose people are proved to be of one group of a
            sensitive characteristic (rule R2).
        implied: Numbers that can be worked out and are 0 or the threshold or more: they tell of
            no small group.
        disagree: Published numbers that cannot all be true.
        undecided: Numbers the integer programmes did not decide about in the work allowed.
        impossible: In (d2): cells about which the supposition cannot be true.
        linear_programmes: How many were solved.
        integer_programmes: How many were solved.
    """

    tried: bool = True
    cells: int = 0
    cells_looked_at: int | None = None
    exact: int = 0
    narrowed: int = 0
    of_one_class: int = 0
    implied: int = 0
    disagree: int = 0
    undecided: int = 0
    impossible: int = 0
    linear_programmes: int = 0
    integer_programmes: int = 0


@dataclass(frozen=True)
class Report:
    """The result of all attack sets.

    Attributes:
        sets: Results by set: a, b, c, d1, d2, e, f, g, h.
        findings: set_of_attack, set, measure, period, place_level, force_id, neighbourhood_id,
            dimension, item, lower, upper, kind (``exact``, ``narrowed``, ``class``, ``implied``,
            ``disagree``). Bounds are what the attacker worked out. Private where not empty.
        judged: Whether what must stay hidden was given to judge by.
        outright: Small numbers that the tables show.
        unmatched: Protected cells of the tables that the attacker has no name for.
    """

    sets: dict[str, SetResult]
    findings: pl.DataFrame
    judged: bool = False
    outright: int = 0
    unmatched: int = 0

    @property
    def ok(self) -> bool:
        """Whether the release withstands: what blocks promotion if not."""
        return (
            not any(self.sets[s].exact for s in NO_EXACT)
            and not any(self.sets[s].narrowed for s in NO_NARROWED)
            and not any(r.of_one_class or r.disagree for r in self.sets.values())
            and not self.unmatched
        )

    def as_dict(self) -> dict[str, Any]:
        """Counts only: this may be published."""
        return {
            "ok": self.ok,
            "judged_by_what_must_stay_hidden": self.judged,
            "sets": {name: {"what": WHAT[name]} | asdict(r) for name, r in self.sets.items()},
        }

    def as_markdown(self) -> str:
        """The report that a privacy officer reads. It names cells, and gives no bounds."""
        return "\n".join(
            [
                "# What an attacker can work out from this release",
                "",
                *_verdict(self),
                "",
                *_KNOWS,
                "",
                *_table(self),
                "",
                *_how_judged(self),
                "",
                *_cells(self),
                *_NOT_COVERED,
                "",
            ]
        )


def _verdict(report: Report) -> list[str]:
    if report.ok:
        return [
            "**Passed.** No number that was kept back can be worked out from what is published, "
            "by any of the attacks that must find nothing."
        ]
    said = ["**Failed: do not publish.** "]
    c = report.sets["c"]
    facts = {
        "numbers kept back or small can be read or worked out exactly": c.exact,
        "can be proved too small, or are not free enough": c.narrowed,
        "neighbourhoods are proved to be of one group": c.of_one_class,
        "changes between editions or releases give away a few people": report.sets["h"].exact,
        "published numbers do not agree with each other": c.disagree,
        "of these small numbers the tables simply show": report.outright,
    }
    said += [f"- {count}: {what}." for what, count in facts.items() if count]
    return said


_KNOWS: Final = [
    "## What the attacker knows",
    "",
    "- Every number in the published tables, and every number of the protected tables that any "
    "earlier release gave (the ledger), withdrawn ones too.",
    "- The sums: a force is its neighbourhoods and what has no neighbourhood; all people are the "
    "sum of the groups of a characteristic; a group is the sum of its categories; attendances of "
    "a place are those of its events, and no fewer than its forms; messages are the sum of their "
    "themes, and of those answered in 72 hours and not; a year is its four quarters.",
    "- That no number is below 0, that people are whole, that a place without rows has none, and "
    "the published policy with its thresholds.",
    "- Nothing else of the publisher's: the attacker shares no code with the suppression and does "
    "not read the numbers kept back.",
]


def _table(report: Report) -> list[str]:
    lines = [
        "## What was tried, and what it found",
        "",
        "| Attack | Knows | Cells | Exact | Narrowed | Worked out, no small group | Undecided |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for name, r in report.sets.items():
        if not r.tried:
            lines.append(f"| {name} | {WHAT[name]} | not tried | | | | |")
            continue
        cells = r.cells if r.cells_looked_at is None else r.cells_looked_at
        lines.append(
            f"| {name} | {WHAT[name]} | {cells} | {r.exact} | {r.narrowed} | {r.implied} "
            f"| {r.undecided} |"
        )
    if impossible := report.sets["d2"].impossible:
        lines += [
            "",
            f"(d2) supposes what cannot be true of {impossible} cells: some numbers kept back are "
            "0, so an attacker who supposes none is misled there.",
        ]
    if report.sets["e"].tried:
        lines += ["", "In (e) the cells are the insiders; exact are others' numbers given away."]
    return lines


def _how_judged(report: Report) -> list[str]:
    rule = (
        "Each number that must stay hidden has to be free to be its threshold or more, and free "
        "to be 1 or less. Otherwise it is narrowed."
        if report.judged
        else "What must stay hidden was not given, so a number counts as narrowed only where it "
        "is proved to lie between 1 and one less than its threshold."
    )
    lines = [
        "## How it is judged",
        "",
        rule,
        "",
        "(a), (b) and (c) must find nothing; (f), (g) and (h) must recover nothing exactly; (d) "
        "and (e) are attackers who know more than the tables say, and what they find is counted "
        "as the risk that remains.",
    ]
    if report.unmatched:
        lines += [
            "",
            f"{report.unmatched} cells that must stay hidden are in no sum that the published "
            "tables let anybody make; they were not attacked.",
        ]
    return lines


def _cells(report: Report) -> list[str]:
    bad = report.findings.filter(
        ~pl.col("kind").is_in(["implied"]) & ~pl.col("set_of_attack").is_in(["d1", "d2"])
    )
    if bad.is_empty():
        return []
    key = [n for n in bad.columns if n not in ("set_of_attack", "lower", "upper", "kind")]
    grouped = bad.group_by(key, maintain_order=True).agg(
        pl.col("set_of_attack").unique(maintain_order=True).str.join(" "),
        pl.col("kind").unique(maintain_order=True).str.join(" "),
    )
    words = grouped.head(LISTED).select(
        pl.format(
            "- {}: {} {}, {} {}, {}, {} ({}; attacks {})",
            *("period", "force_id", pl.col("neighbourhood_id").fill_null("(force)"), "measure"),
            *("place_level", "dimension", "item", "kind", "set_of_attack"),
        )
    )
    more = grouped.height - LISTED
    return [
        "## Where",
        "",
        "Without numbers: this page may be passed on, but only to those who may see which cells "
        "are weak.",
        "",
        *words.to_series().to_list(),
        *([f"- and {more} more"] if more > 0 else []),
        "",
    ]


_NOT_COVERED: Final = [
    "## What this does not cover",
    "",
    "- Guessing from how the suppression chooses: an attacker who runs the same method and "
    "reasons about why just these cells are missing.",
    "- Knowledge from outside: photographs of an event, a list of who was invited, a neighbour.",
    "- More than one insider putting together what they know.",
    "- Whether the logs are true. If one event is entered twice, so are its people.",
    "- Attendances are counted, not persons: one person may come five times.",
    "- Medians: no worlds are made for them. A published median of days to a reply is that of one "
    "query, or the middle of two.",
    "- Texts in which somebody writes how many came: no sum has what a sentence says.",
    "- That a number is shown tells that its largest single event (of messages, its number of "
    "contributors) reaches the threshold.",
    "- Being told which numbers are 0: (d1) and (d2) tell of numbers above 0 alone. An attacker "
    "told exactly which numbers kept back are 0 could narrow more than the zero-aware residual "
    "counts.",
]
