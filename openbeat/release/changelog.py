"""``CHANGELOG.md``: what is new in a release and what was revised, in words.

Only the words belong here; the feed takes its summary from what is written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from openbeat.months import month_range
from openbeat.release.content import ReleaseContent
from openbeat.release.differences import Comparison, Edition

CHANGELOG = "CHANGELOG.md"
KIND_WORDS = {
    "correction": ("correction", "something was wrong, here or in the source, and is mended"),
    "late_supply": ("late supply", "what was missing or looked partial before has come"),
    "boundary_change": ("boundary change", "neighbourhoods have other boundaries or names"),
    "resupply": ("resupply", "the source issued the same month again, with other rows"),
    "outcome_update": (
        "outcome update",
        "the source issued the same rows again, with other outcomes",
    ),
    "scheduled": ("scheduled", "expected: what goes on with time, or is revised by the calendar"),
}
FORCES_SHOWN = 12


@dataclass(frozen=True)
class Revised:
    """What is new and what was revised.

    Attributes:
        new: The release.
        old: The one before it; None where none is published.
        comparisons: How each table was compared.
        records: New records by table, of tables that are registers.
        cells: ``REVISIONS``.
    """

    new: Edition
    old: Edition | None
    comparisons: Sequence[Comparison]
    records: Mapping[str, int]
    cells: pl.LazyFrame


def changelog_text(
    content: ReleaseContent, revised: Revised, schema_changes: Sequence[str] = ()
) -> str:
    """The changelog of one release, in Markdown.

    The first paragraphs, before any second heading, are its summary.

    Args:
        content: What the release says.
        revised: What is new and what was revised.
        schema_changes: What changed in tables and columns, a sentence each.
    """
    counts = revised.cells.group_by("table", "kind").agg(
        pl.len().alias("cells"),
        pl.col("period").drop_nulls().n_unique().alias("periods"),
        pl.col("force_id").drop_nulls().n_unique().alias("forces"),
    )
    by_table = counts.sort("table", "kind").collect()
    sections = [
        f"# Release {revised.new.id}",
        *([content.notice] if content.notice else []),
        _coverage(content),
        _summary(revised, by_table),
        *_new(revised),
        *_cells(revised, by_table),
        *_list("Tables and columns", [*schema_changes, *_notes(revised, schema_changes)]),
        *_list("Corrections of source data in force", _corrections(content.provenance)),
    ]
    return "\n\n".join(sections) + "\n"


def summary_of(changelog: str) -> str:
    """The summary of a changelog: its text before the first second heading, without the title."""
    head = changelog.split("\n## ", maxsplit=1)[0]
    return "\n\n".join(part for part in head.strip().split("\n\n") if not part.startswith("# "))


def _coverage(content: ReleaseContent) -> str:
    return (
        f"Crime, outcomes and stop and search of {content.window}; engagement up to"
        f" {content.as_of.isoformat()}."
    )


def _summary(revised: Revised, by_table: pl.DataFrame) -> str:
    if revised.old is None:
        return "There is no published release to compare it with."
    total = by_table["cells"].sum()
    if not total:
        return f"Nothing that {revised.old.id} said was revised."
    kinds = by_table.group_by("kind").agg(pl.col("cells").sum())
    found = dict(kinds.iter_rows())
    parts = [f"{found[k]:,} {words}" for k, (words, _) in KIND_WORDS.items() if k in found]
    return (
        f"Since {revised.old.id}, {total:,} {'cell was' if total == 1 else 'cells were'} revised"
        f" ({', '.join(parts)}). REVISIONS.csv lists each with its reason."
    )


def _new(revised: Revised) -> list[str]:
    """Months that came and went, and new records."""
    if revised.old is None:
        return []
    before, after = (
        set(month_range(edition.first_month, edition.month))
        for edition in (revised.old, revised.new)
    )
    lines = []
    if came := sorted(after - before):
        lines.append(f"New months: {', '.join(came)}.")
    if went := sorted(before - after):
        lines.append(
            f"No longer in the window: {', '.join(went)}; {revised.old.id} keeps them. That is no"
            " revision."
        )
    records = [f"{table} {count:,}" for table, count in sorted(revised.records.items()) if count]
    if records:
        lines.append(f"New records: {', '.join(records)}.")
    return _list("New", lines)


def _cells(revised: Revised, by_table: pl.DataFrame) -> list[str]:
    """What was revised, by table and kind, and by force."""
    if not by_table.height:
        return []
    rows = [
        (table, KIND_WORDS[kind][0], f"{cells:,}", str(periods), str(forces))
        for table, kind, cells, periods, forces in by_table.iter_rows()
    ]
    meanings = [
        f"{words}: {meaning}."
        for kind, (words, meaning) in KIND_WORDS.items()
        if kind in by_table["kind"].to_list()
    ]
    by_force = (
        revised.cells.filter(pl.col("force_id").is_not_null())
        .group_by("force_id")
        .agg(pl.len().alias("cells"), pl.col("period").drop_nulls().unique().sort())
        .sort(["cells", "force_id"], descending=[True, False])
        .collect()
    )
    forces = [
        (force, f"{cells:,}", _span(periods))
        for force, cells, periods in by_force.head(FORCES_SHOWN).iter_rows()
    ]
    text = [
        "## Revised",
        _table(("Table", "Kind", "Cells", "Periods", "Forces"), rows),
        "\n".join(f"- {line}" for line in meanings),
    ]
    if forces:
        text.append(_table(("Force", "Cells", "Periods"), forces))
    if by_force.height > FORCES_SHOWN:
        text.append(f"And {by_force.height - FORCES_SHOWN} more forces.")
    return text


def _span(periods: Sequence[str]) -> str:
    """Periods in few words."""
    if len(periods) <= 3:
        return ", ".join(periods)
    return f"{len(periods)} from {periods[0]} to {periods[-1]}"


def _notes(revised: Revised, schema_changes: Sequence[str]) -> list[str]:
    """What the comparing found of tables and columns; not where it is told already."""
    return [
        f"{comparison.table} {comparison.note}."
        for comparison in revised.comparisons
        if comparison.note and not any(comparison.table in told for told in schema_changes)
    ]


def _corrections(provenance: Mapping[str, Any]) -> list[str]:
    return [
        f"{entry['force']}, {entry['dataset']}, {', '.join(entry['months'])}: {entry['reason']}"
        f" ({entry['id']}, reported {entry['reported']})"
        for entry in provenance.get("corrections", [])
    ]


def _list(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {line}" for line in lines)] if lines else []


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
