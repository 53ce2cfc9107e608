"""The disclosure report of a release: how people were protected, what it cost, what it leaves open.

Two files of the release: ``disclosure.json`` and, for people, ``DISCLOSURE.md``. No number in them
was worked out from a count that is kept back: only how many cells there are of each kind. Shares
are of published numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any, Final

import polars as pl

from openbeat.disclosure.cells import CELL_KEY
from openbeat.disclosure.certified import standing
from openbeat.disclosure.memory import Component, Memory, components

TEMPLATE: Final = Path(__file__).with_name("report_template.md")
DIVISORS: Final = (2, 3, 5, 10)
TABLES: Final = {
    "forms": "engagement_reach",
    "attendances": "engagement_reach",
    "received": "feedback_summary",
    "answered_72h": "feedback_summary",
    "not_answered_72h": "feedback_summary",
}
NOT_COVERED: Final = (
    "Whoever knows exactly how the algorithm chooses could rule out worlds in which it would have"
    " chosen otherwise (minimality). Two possible worlds of each number are proved, not that they"
    " are equally likely.",
    "Knowledge from elsewhere: a photograph of a meeting, a list of who was invited, local talk.",
    "Several people who put together what each knows of their own answers. One person who knows"
    " their own is covered, but for the pairs counted under insiders.",
    "Distinct people: logs count attendances and messages. A number is taken for as many people as"
    " are known to be different at least, never more.",
    "Whether the logs are true, complete and of the people they say.",
    "What others publish of the same meetings and messages.",
    "Medians. No worlds are made for them: a published median of days to a reply is that of one"
    " query, or the middle of two.",
    "Texts in which somebody writes how many came. No gate sees a number in a sentence.",
    "That a number is shown tells that its largest single event (of messages, its number of"
    " contributors) reaches the threshold.",
    "Attendances less forms: how many came and filled in no form. Where both numbers of a place are"
    " shown their difference is known, however small.",
    "Being told which numbers kept back are 0. The zero-aware residual is about who knows only"
    " which are not; told exactly which are 0, an attacker could narrow more than it counts.",
)
REASONS: Final = ("primary", "class", "complementary")
_WORK: Final = (
    *("zero_aware_residual", "insiders", "insider_residual", "solved_exactly", "programmes"),
    "integer_programmes",
)


def disclosure_report(
    memory: Memory,
    *,
    shown: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    policy: Mapping[str, Any],
    attack: Mapping[str, Any],
    ledger_files: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Everything that the report says, as JSON values.

    Args:
        memory: All that was ever published and what stands behind it.
        shown: What the release shows, as ``published.facts`` gives it.
        tables: The protected tables as published.
        policy: As published.
        attack: What the attack on the release came to.
        ledger_files: The ledger's files: file, sha256, rows.
    """
    every = list(components(memory).values())
    return {
        "about": "How counts of people in this release were protected",
        "policy": dict(policy),
        "periods": shown["period"].unique().sort().to_list(),
        "kept_back": kept_back(every),
        "reasons": reasons(every),
        "shown_in_part": shown_in_part(every),
        "information_kept": information_kept(shown),
        "certificate": certificate(every),
        "attack": {**attack, "sets": {n: _roughly(s) for n, s in attack["sets"].items()}},
        "not_covered": list(NOT_COVERED),
        "columns": [row for name in sorted(tables) for row in columns(name, tables[name])],
        "ledger": [dict(entry) for entry in ledger_files],
    }


def kept_back(every: Iterable[Component]) -> list[dict[str, Any]]:
    """By table, measure, year and level of place: cells, and how many are kept back.

    Not why: where there are few, that would tell which of them are small (rule R4).
    """
    frames = [
        one.cells.select(CELL_KEY).with_columns(
            pl.Series("kept", ~one.published),
            pl.lit(one.level).alias("level"),
        ).filter(pl.Series(one.fresh))
        for one in every
    ]  # fmt: skip
    if not frames:
        return []
    table = pl.when(pl.col("dimension") == "event").then(pl.lit("engagement_events"))
    kept = pl.col("kept")
    coarser = (pl.col("level") == "none") | (
        (pl.col("level") == "force") & (pl.col("place_level") != "force")
    )
    keys = ("table", "measure", "year", "place_level")
    return (
        pl.concat(frames)
        .with_columns(
            table=table.otherwise(pl.col("measure").replace_strict(TABLES, return_dtype=pl.String)),
            year=pl.col("period").str.slice(0, 4),
        )
        .group_by(keys)
        .agg(
            pl.len().alias("cells"),
            (~kept).sum().alias("shown"),
            (kept & ~coarser).sum().alias("kept_back"),
            (kept & coarser).sum().alias("moved_up_or_withheld"),
        )
        .sort(keys)
        .to_dicts()
    )


def reasons(every: Iterable[Component]) -> dict[str, int]:
    """Why cells are kept back, over all that was ever published together, rounded up to tens."""
    frames = [
        one.cells.select("reason").filter(pl.Series(one.fresh & ~one.published))
        for one in every
        if one.level == "all"
    ]
    found = pl.concat([pl.DataFrame(schema={"reason": pl.String}), *frames])["reason"]
    counts = dict(found.fill_null("complementary").value_counts().sort("reason").iter_rows())
    return {name: about(counts.get(name, 0)) for name in REASONS}


def about(count: int) -> int:
    """Rounded up to tens: exact numbers of a few cells would tell which are small."""
    return -(-count // 10) * 10


def _roughly(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Counts rounded up to tens; whatever is no count as it is."""
    counts = (name for name, value in figures.items() if type(value) is int)
    return {**figures, **{name: about(figures[name]) for name in counts}}


def shown_in_part(every: Iterable[Component]) -> list[dict[str, Any]]:
    """Where no proof was found in the work allowed, and less is shown for that."""
    says = {
        "force": "numbers of the force alone are shown, none of its neighbourhoods",
        "none": "nothing is shown",
    }
    revised = "not revised: the numbers shown before stay, provisional"
    return [
        {
            **dict(zip(("set", "force_id", "period", "edition"), one.parts, strict=True)),
            "shown": revised if one.parts[3] > 1 and one.level == "none" else says[one.level],
        }
        for one in every
        if one.level != "all"
    ]


def information_kept(shown: pl.DataFrame) -> list[dict[str, Any]]:
    """How much of what is shown of forces is shown by neighbourhood too.

    Args:
        shown: What the release shows.

    Returns:
        By set, measure, dimension and year: ``in_forces`` (the sum of the forces' own numbers that
        are shown), ``in_neighbourhoods`` (of the numbers shown of their neighbourhoods), the
        ``share``; and how many ``cells`` of neighbourhoods there are, and ``cells_shown``.
        Quarters only.
    """
    inside = pl.col("place_level") == "neighbourhood"
    keys = ("set", "measure", "dimension", "year")
    groups = ~pl.col("item").is_in(_categories(shown))
    total = ["set", "measure", "period", "force_id", "dimension", "item"]
    whole = (pl.col("value").is_not_null() & (pl.col("place_level") == "force")).any().over(total)
    return (
        shown.filter(pl.col("period").str.contains("Q") & groups)
        .with_columns(_whole=whole)
        .with_columns(year=pl.col("period").str.slice(0, 4))
        .group_by(keys)
        .agg(
            pl.col("value").filter(inside & pl.col("_whole")).sum().alias("in_neighbourhoods"),
            pl.col("value").filter(pl.col("place_level") == "force").sum().alias("in_forces"),
            inside.sum().alias("cells"),
            (inside & pl.col("value").is_not_null()).sum().alias("cells_shown"),
        )
        .with_columns(
            share=pl.when(pl.col("in_forces") > 0)
            .then(pl.col("in_neighbourhoods") / pl.col("in_forces"))
            .round(3)
        )
        .filter(pl.col("dimension") != "event")
        .sort(keys)
        .to_dicts()
    )


def _categories(shown: pl.DataFrame) -> list[str]:
    """Items that only forces have: parts of groups, which would count twice."""
    places = shown.group_by("item").agg((pl.col("place_level") != "force").any().alias("both"))
    return places.filter(~pl.col("both"))["item"].to_list()


def certificate(every: Iterable[Component]) -> dict[str, Any]:
    """What is proved of the release, and what stronger attackers could still do."""
    proved = [one for one in standing(every) if one.level != "none"]
    by_worlds = [one for one in proved if one.method == "suppression"]
    return _roughly(
        {
            "sets_of_tables": len(proved),
            "protected_cells": sum(int(one.problem.protect.sum()) for one in by_worlds),
            "worlds": sum(one.worlds.count for one in by_worlds),
            **{name: sum(one.figures.get(name, 0) for one in by_worlds) for name in _WORK},
        }
    )


def merged(attacks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What attacks on parts that share no people came to together.

    Args:
        attacks: Each as ``attacker.Report.as_dict`` gives it.

    Returns:
        The same of all of them: ``ok`` where each is, and the sums of what was counted.
    """
    every = list(attacks)
    sets: dict[str, dict[str, Any]] = {}
    for one in every:
        for name, found in one["sets"].items():
            known = sets.setdefault(name, {})
            for key, value in found.items():
                if isinstance(value, bool):
                    known[key] = known.get(key, False) or value
                elif isinstance(value, int):
                    known[key] = (known.get(key) or 0) + value
                else:
                    known.setdefault(key, value)
    return {"ok": all(one["ok"] for one in every), "parts": len(every), "sets": sets}


def columns(name: str, table: pl.DataFrame) -> list[dict[str, Any]]:
    """A second look for a human at each column of numbers: nothing in it should surprise.

    Args:
        name: The table.
        table: As published; a column with a ``_status`` beside it holds numbers of people.

    Returns:
        By column: rows, shown, rows by status, the least number and the least above 0, the largest,
        and how many of those above 0 can be divided by 2, 3, 5 and 10.
    """
    numbers = [c for c in table.columns if f"{c}_status" in table.columns]
    rows = []
    for column in numbers:
        values, status = table[column].drop_nulls(), table[f"{column}_status"].drop_nulls()
        above = values.filter(values > 0)
        whole = values.dtype.is_integer()
        rows.append(
            {
                "table": name,
                "column": column,
                "rows": table.height,
                "shown": len(values),
                "statuses": dict(status.value_counts().sort(status.name).iter_rows()),
                "least": values.min(),
                "least_above_0": above.min(),
                "largest": values.max(),
                "above_0": len(above),
                "divisible": {str(d): int((above % d == 0).sum()) for d in DIVISORS}
                if whole
                else {},
            }
        )
    return rows


def page(report: Mapping[str, Any], notice: str = "") -> str:
    """The report for people.

    Args:
        report: As ``disclosure_report`` gives it.
        notice: A sentence put first; empty for none.

    Returns:
        Markdown.
    """
    policy, proof, attack = report["policy"], report["certificate"], report["attack"]
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        notice=f"> **{notice}**\n\n" if notice else "",
        periods=", ".join(report["periods"]) or "none yet",
        default=policy["thresholds"]["default"],
        thresholds=", ".join(
            f"{name.replace('_', ' ')} {people}"
            for name, people in policy["thresholds"].items()
            if name != "default"
        ),
        kept_back=_rows(
            report["kept_back"],
            *("table", "measure", "year", "place_level", "cells", "shown", "kept_back"),
            "moved_up_or_withheld",
        ),
        **{name: f"{count:,}" for name, count in report["reasons"].items()},
        shown_in_part="\n".join(
            f"- {e['force_id']}, {e['set']}, {e['period']}: {e['shown']}."
            for e in report["shown_in_part"]
        )
        or "Everywhere a proof was found: nothing had to be moved up or withheld for want of one.",
        information=_rows(
            report["information_kept"],
            *("set", "measure", "dimension", "year", "cells", "cells_shown", "share"),
        ),
        **{name: _cell(number) for name, number in proof.items()},
        attack=_attack(attack),
        not_covered="\n".join(f"- {line}" for line in report["not_covered"]),
        columns=_rows(
            [
                row | {"statuses": ", ".join(f"{k} {n}" for k, n in row["statuses"].items())}
                | {f"by {d}": n for d, n in row["divisible"].items()}
                for row in report["columns"]
            ],
            *("table", "column", "rows", "shown", "statuses", "least", "least_above_0", "largest"),
            *(f"by {d}" for d in DIVISORS),
        ),
        ledger=_rows(report["ledger"], "file", "rows", "sha256"),
    )  # fmt: skip


def _rows(rows: Sequence[Mapping[str, Any]], *names: str) -> str:
    """A table in Markdown; a sentence where it has no rows."""
    if not rows:
        return "There is nothing to list."
    head = "| " + " | ".join(name.replace("_", " ") for name in names) + " |"
    line = "|" + "---|" * len(names)
    body = ("| " + " | ".join(_cell(row.get(name)) for name in names) + " |" for row in rows)
    return "\n".join([head, line, *body])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)


def _attack(attack: Mapping[str, Any]) -> str:
    """What the attack came to, a line for each set of what an attacker may know."""
    rows = [{"attack": name, **found} for name, found in attack["sets"].items()]
    names = ("attack", "what", "cells", "exact", "narrowed", "of_one_class", "implied", "undecided")
    return _rows(rows, *names) if rows else "Nothing was there to attack."
