"""What differs between the sources of two releases: files, boundaries, corrections, code.

Only the facts belong here; which of them explains a changed cell is in ``reasons``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from openbeat.release.differences import Edition

KINDS = (
    *("correction", "late_supply", "boundary_change", "resupply"),
    *("outcome_update", "scheduled"),
)
"""From the one that explains before all others to the one that does last.

Scheduled revisions and corrections are told apart as in the Home Office's revisions policy; those
between are what police.uk does to the past with each archive.
"""
KIND = pl.Enum(KINDS)
FILES = ("month", "force_id", "dataset")
PLACE = ("month", "force_id", "neighbourhood_id")

_RANKS = {"missing": 0, "not_expected": 0, "malformed": 1, "empty": 1, "partial_suspected": 2}
_SUBMITTED = 3
_MONTHS = 12


def nothing(*by: str) -> pl.DataFrame:
    """No cause at all, by these columns."""
    schema = dict.fromkeys(by, pl.String()) | {"kind": KIND, "reason": pl.String()}
    return pl.DataFrame(schema=pl.Schema(schema))


@dataclass
class Facts:
    """What differs between the sources of two releases. Each frame has ``kind`` and ``reason``.

    Attributes:
        files: By month, force_id, dataset: late supply, or a file with other rows; ``reissued``
            without a kind where the file is another one with as many rows.
        boundaries: By month, force_id: other boundaries served.
        corrections: By month, force_id, dataset: a correction was put in or taken out.
        otherwise: Kind and reason of what no source explains.
        population: Why populations may differ; empty where their files are the same.
        as_of: The newer release's day of engagement, as text.
        places: By month, force_id (of the place), neighbourhood_id: what changed in the crime
            table, as it is found.
        resupplied: By month, force_id, dataset: in reissued files more than outcomes changed.
    """

    files: pl.DataFrame
    boundaries: pl.DataFrame
    corrections: pl.DataFrame
    otherwise: tuple[str, str]
    population: str
    as_of: str
    places: list[pl.DataFrame] = field(default_factory=list)
    resupplied: list[pl.DataFrame] = field(default_factory=list)

    @cached_property
    def by_place(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What changed in the crime table, by place: in the month itself, and in the year to it.

        To be asked only once the whole crime table has been explained.
        """
        month = worst(pl.concat([nothing(*PLACE), *self.places]), PLACE)
        return month, worst(_in_the_year(month), PLACE)

    @cached_property
    def street_in_the_year(self) -> pl.DataFrame:
        """By month and force_id: what became of the force's street files of the year to it."""
        street = self.files.filter((pl.col("dataset") == "street") & pl.col("kind").is_not_null())
        return worst(_in_the_year(street.drop("dataset", "reissued")), PLACE[:2])


def worst(causes: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Of each place the cause that explains before all others."""
    return causes.sort(*by, "kind", "reason").group_by(by, maintain_order=True).first()


def _in_the_year(causes: pl.DataFrame) -> pl.DataFrame:
    """The causes of each month, for that month and the 11 after it."""
    first = (pl.col("month") + "-01").str.to_date().alias("_first")
    later = pl.DataFrame({"_later": [f"{n}mo" for n in range(_MONTHS)]})
    return (
        causes.with_columns(first)
        .join(later, how="cross")
        .with_columns(
            pl.col("_first").dt.offset_by(pl.col("_later")).dt.strftime("%Y-%m").alias("month")
        )
        .drop("_first", "_later")
    )


def facts_of(old: Edition, new: Edition) -> Facts:
    """Compare what two releases say of their sources: coverage, boundaries, corrections, code.

    Args:
        old: The older release.
        new: The newer one.
    """
    files, boundaries = _coverage_facts(old, new)
    was, now = old.provenance, new.provenance
    other = _named(was, "geography") != _named(now, "geography")
    return Facts(
        files=files,
        boundaries=boundaries,
        corrections=_corrections(was.get("corrections", []), now.get("corrections", [])),
        otherwise=_otherwise(was, now),
        population="population or look-up files of another edition" if other else "",
        as_of=new.as_of.isoformat(),
    )


def _named(provenance: Mapping[str, Any], key: str) -> set[tuple[str | None, str | None]]:
    """Files by name and hash."""
    return {(entry.get("name"), entry.get("sha256")) for entry in provenance.get(key, [])}


def _otherwise(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str]:
    """What may explain a cell where neither its file nor its boundaries differ."""
    found = []
    if _named(was, "boundaries") != _named(now, "boundaries"):
        found.append(("boundary_change", "other boundary files"))
    if (before := was.get("code_version")) != (after := now.get("code_version")):
        found.append(("correction", f"worked out by openbeat {after}, before by {before}"))
    settings = [dict(side.get("settings", {})) for side in (was, now)]
    names = sorted({*settings[0], *settings[1]} - {"as_of"})  # logs go on
    if changed := [name for name in names if settings[0].get(name) != settings[1].get(name)]:
        found.append(("correction", f"settings changed: {', '.join(changed)}"))
    if not found:
        return "correction", "no source explains it: methods or code lists changed"
    return found[0][0], "; ".join(reason for _, reason in found)


def _corrections(
    was: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> pl.DataFrame:
    """The corrections that only one of the releases made, a row a month.

    They are told apart by what they do, not by their words: one whose reason is put in other words,
    or that is made in further months, did the same as before to the months it had.
    """
    rows = []
    for entries, others, words in ((now, was, "corrected,"), (was, now, "no longer corrected,")):
        done = {(_deed(other), month) for other in others for month in other["months"]}
        rows += [
            (month, entry["force"], entry["dataset"], "correction", f"{words} {named}")
            for entry in entries
            for named in (f"{entry['id']}: {entry['reason']}",)
            for month in entry["months"]
            if (_deed(entry), month) not in done
        ]
    causes = pl.DataFrame(rows, schema=nothing(*FILES).schema, orient="row")
    return causes.unique(list(FILES), keep="first", maintain_order=True)


def _deed(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a correction does, and to whose files."""
    return tuple(entry.get(name) for name in ("id", "kind", "force", "dataset"))


def _coverage_facts(old: Edition, new: Edition) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``files`` and ``boundaries`` of ``Facts``, from the coverage tables."""
    if "coverage" not in old.keys or "coverage" not in new.keys:
        reissued = pl.lit(value=True).alias("reissued")
        return nothing(*FILES).with_columns(reissued), nothing(*FILES[:2])
    first, last = max(old.first_month, new.first_month), min(old.month, new.month)
    before, after = (
        pl.scan_parquet(edition.table("coverage"), glob=False)
        .filter(pl.col("month").is_between(pl.lit(first), pl.lit(last)))
        .select(*FILES, "coverage", "rows", "member_sha256", "boundary_release")
        .collect()
        for edition in (old, new)
    )
    both = after.join(before, on=list(FILES), how="left", suffix="_old")
    names = [pl.col(f"boundary_release{old}").fill_null("no date") for old in ("", "_old")]
    boundaries = (
        both.filter(pl.col("boundary_release").ne_missing(pl.col("boundary_release_old")))
        .unique(["month", "force_id"], maintain_order=True)
        .select(
            *("month", "force_id"),
            pl.lit("boundary_change", KIND).alias("kind"),
            pl.format("boundaries of {}, before of {}", *names).alias("reason"),
        )
    )
    return _file_causes(both), boundaries


def _file_causes(both: pl.DataFrame) -> pl.DataFrame:
    """What became of each force's file of each month and dataset; only where something did."""
    now, was = pl.col("coverage"), pl.col("coverage_old").fill_null("not_expected")
    rank, before = (
        c.replace_strict(_RANKS, default=_SUBMITTED, return_dtype=pl.Int8) for c in (now, was)
    )
    other = pl.col("member_sha256").ne_missing(pl.col("member_sha256_old"))
    more = pl.col("rows").ne_missing(pl.col("rows_old"))
    supplied = (now != was) & (rank + before > 0)
    words = [c.str.replace_all("_", " ") for c in (was, now)]
    again = "police.uk issued the file again: {} rows, before {}"
    causes = both.select(
        *FILES,
        pl.when(supplied & (rank > before))
        .then(pl.lit("late_supply", KIND))
        .when(supplied | (other & more))
        .then(pl.lit("resupply", KIND))
        .alias("kind"),
        pl.when(supplied)
        .then(pl.format("the force's file: {} before, {} now", *words))
        .when(other & more)
        .then(pl.format(again, "rows", "rows_old"))
        .alias("reason"),
        (~supplied & other & ~more).alias("reissued"),
    )
    return causes.filter(pl.col("kind").is_not_null() | pl.col("reissued"))
