"""The quality statement: six dimensions, each measured, held against a threshold, and put in words.

The dimensions are those of the Government Data Quality Framework (2020): completeness,
uniqueness, consistency, timeliness, validity, accuracy. ``quality.json`` takes the measures as
``dimensions``; ``QUALITY.md`` is the same for people, beside the values of the release before.
What is measured, and how much of it is enough, is declared here and nowhere else; the rules that
a table must keep are in its contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.release.content import ReleaseContent
from openbeat.release.files import write_text

QUALITY = "quality.json"
QUALITY_PAGE = "QUALITY.md"
DIMENSIONS = ("completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy")
WITHOUT_LSOA = ("northern-ireland", "btp")
"""Rows in Northern Ireland have no LSOA, nor have British Transport Police's in Scotland."""

_STREET = pl.col("dataset") == "street"
_LSOA = _STREET | (pl.col("dataset") == "outcomes")
_READABLE = pl.col("rows").is_not_null()
_CAME = pl.col("coverage").is_in(["submitted", "partial_suspected"])
_PLACES = ("located", "outside_boundary", "no_boundary", "no_location")


@dataclass(frozen=True)
class Measure:
    """One thing that is measured.

    Attributes:
        name: Of the measure; lasting, so that releases can be compared.
        dimension: One of ``DIMENSIONS``.
        top: The number that is counted.
        bottom: What it is a share of; None where the number itself is the value.
        threshold: What is enough. Ours, not the law's.
        at_most: Whether less is better.
        sentence: In words; ``top``, ``bottom`` and ``as_of`` are filled in.
        by_force: Whether it is measured for each force too; then from ``coverage``, else from
            the rules that were judged.
    """

    name: str
    dimension: str
    top: pl.Expr
    bottom: pl.Expr | None
    threshold: float
    sentence: str
    at_most: bool = False
    by_force: bool = True


def _rules(name: str, dimension: str, of: pl.Expr, sentence: str, threshold: float) -> Measure:
    """A share of rules that hold, of the whole release."""
    held = (of & pl.col("success")).sum()
    return Measure(name, dimension, held, of.sum(), threshold, sentence, by_force=False)


def _total(column: str, where: pl.Expr) -> pl.Expr:
    return pl.col(column).filter(where).sum()


_SEVERITY = pl.col("severity")
_AGREES = (pl.col("table") == "reconciliation") & (pl.col("kind") == "same_as")
_HAS_LSOA = (
    _LSOA & ~pl.col("force_id").is_in(WITHOUT_LSOA) & pl.col("blank_lsoa_share").is_not_null()
)
_WITHIN_REACH = pl.col("boundary_release").is_not_null() & pl.col("far_away").is_not_null()
_EXPECTED = pl.col("coverage") != "not_expected"

MEASURES: tuple[Measure, ...] = (
    Measure(
        "files_supplied", "completeness",
        (pl.col("coverage") == "submitted").sum(), _EXPECTED.sum(), 0.95,
        "{top:,} of {bottom:,} expected files came whole; the others are missing, empty,"
        " unreadable or look partial.",
    ),
    Measure(
        "rows_with_lsoa", "completeness",
        ((1 - pl.col("blank_lsoa_share")) * pl.col("counted")).filter(_HAS_LSOA).sum()
        .round().cast(pl.Int64),
        _total("counted", _HAS_LSOA), 0.95,
        "{top:,} of {bottom:,} rows of the street and outcomes files have an LSOA code.",
    ),
    Measure(
        "rows_repeated", "uniqueness",
        _total("repeats", _STREET), _total("rows", _STREET), 0.01,
        "{top:,} of {bottom:,} rows of the street files repeat an earlier row; they are not"
        " counted twice.",
        at_most=True,
    ),
    _rules(
        "keys_unique", "uniqueness",
        (pl.col("kind") == "unique") & (_SEVERITY == "critical"),
        "{top:,} of {bottom:,} checks that no key is there twice hold.", 1,
    ),
    Measure(
        "rows_accounted_for", "consistency",
        (
            (pl.sum_horizontal("counted", "quarantined", "repeats") == pl.col("rows"))
            & (pl.sum_horizontal(_PLACES) == pl.col("counted"))
            & _READABLE
        ).sum(),
        _READABLE.sum(), 1,
        "In {top:,} of {bottom:,} files every row is counted in one place, refused or a repeat.",
    ),
    Measure(
        "sums_agree", "consistency",
        (pl.col("checked") - pl.col("broken")).filter(_AGREES).sum(),
        pl.col("checked").filter(_AGREES).sum(), 1,
        "{top:,} of {bottom:,} published sums agree with the raw files and with each other.",
        by_force=False,
    ),
    Measure(
        "months_behind", "timeliness",
        pl.col("months_behind").filter(_CAME & _STREET).min(), None, 2,
        "The newest month of crimes lies {top:,} months before that of {as_of}, the day that the"
        " release covers.",
        at_most=True,
    ),
    Measure(
        "rows_refused", "validity",
        pl.col("quarantined").sum(), pl.col("rows").sum(), 0.01,
        "{top:,} of {bottom:,} rows broke a rule and were refused; they are not counted.",
        at_most=True,
    ),
    _rules(
        "critical_rules", "validity", _SEVERITY == "critical",
        "{top:,} of {bottom:,} critical checks hold.", 1,
    ),
    _rules(
        "warning_rules", "validity", _SEVERITY == "warning",
        "{top:,} of {bottom:,} checks that warn hold.", 0.95,
    ),
    Measure(
        "rows_in_a_neighbourhood", "accuracy",
        _total("located", _STREET), _total("counted", _STREET), 0.95,
        "{top:,} of {bottom:,} incidents (crimes and anti-social behaviour) lie in a"
        " neighbourhood; of the others the place is not known or is in none.",
    ),
    Measure(
        "rows_outside", "accuracy",
        _total("outside_boundary", _STREET),
        (pl.col("counted") - pl.col("no_location")).filter(_STREET).sum(), 0.02,
        "{top:,} of {bottom:,} incidents with coordinates lie outside every neighbourhood.",
        at_most=True,
    ),
    Measure(
        "rows_far_away", "accuracy",
        _total("far_away", _WITHIN_REACH), _total("counted", _WITHIN_REACH), 0.001,
        "{top:,} of {bottom:,} rows lie more than 50 km from the middle of the force's rows.",
        at_most=True,
    ),
)  # fmt: skip
"""All that is measured, in the order it is shown. The thresholds are openbeat's own."""


def statement(content: ReleaseContent) -> list[dict[str, Any]]:
    """Measure a release by itself, force by force and as a whole.

    Args:
        content: Holds the table ``coverage``; in ``quality``, ``rules`` (the judged rules) and
            ``files`` (month, force_id, dataset, blank_lsoa_share, far_away).

    Returns:
        An entry a measure: ``force_id`` and ``force_name`` (None for the whole release),
        ``dimension``, ``measure``, ``value`` (a share of 1, or months), ``threshold``,
        ``at_most``, ``passes`` and ``sentence``. The release first, then forces by id. A measure
        that has nothing to measure is left out. Empty where there is no coverage.
    """
    quality = content.quality
    if "coverage" not in content.tables or not isinstance(quality, Mapping):
        return []
    files = _files(content, quality.get("files", ()))
    ours = [measure for measure in MEASURES if measure.by_force]
    forces = files.group_by("force_id", "force_name").agg(_numbers(ours)).sort("force_id")
    whole = files.select(_numbers(ours)).row(0, named=True)
    if rules := quality.get("rules", ()):
        others = [measure for measure in MEASURES if not measure.by_force]
        judged = pl.DataFrame(
            [{key: rule[key] for key in _RULE} for rule in rules], schema=_RULE
        ).select(_numbers(others))
        whole |= judged.row(0, named=True)
    nobody: dict[str, Any] = {"force_id": None, "force_name": None}
    return [
        entry
        for numbers in (nobody | whole, *forces.iter_rows(named=True))
        for entry in _entries(numbers, content)
    ]


_RULE = {
    "table": pl.String, "kind": pl.String, "severity": pl.String,
    "success": pl.Boolean, "checked": pl.Int64, "broken": pl.Int64,
}  # fmt: skip
_MEASURED = {
    "month": pl.String, "force_id": pl.String, "dataset": pl.String,
    "blank_lsoa_share": pl.Float64, "far_away": pl.Int64,
}  # fmt: skip


def _files(content: ReleaseContent, measured: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Coverage with what was measured of each file, and how far its month lies back."""
    more = pl.DataFrame([{key: file[key] for key in _MEASURED} for file in measured], _MEASURED)
    day = content.as_of
    year, month = pl.col("month").str.slice(0, 4), pl.col("month").str.slice(5)
    number = year.cast(pl.Int32) * 12 + month.cast(pl.Int32)
    return (
        content.tables["coverage"]
        .lazy()
        .join(more.lazy(), on=["month", "force_id", "dataset"], how="left")
        .with_columns((day.year * 12 + day.month - number).alias("months_behind"))
        .filter(_EXPECTED.any().over("force_id"))
        .collect()
    )


def _numbers(measures: Sequence[Measure]) -> list[pl.Expr]:
    tops = [measure.top.alias(f"{measure.name}_top") for measure in measures]
    return tops + [
        measure.bottom.alias(f"{measure.name}_bottom")
        for measure in measures
        if measure.bottom is not None
    ]


def _entries(numbers: Mapping[str, Any], content: ReleaseContent) -> Iterator[dict[str, Any]]:
    for measure in MEASURES:
        top, bottom = numbers.get(f"{measure.name}_top"), 1
        if measure.bottom is not None:
            bottom = numbers.get(f"{measure.name}_bottom", 0)
        if top is None or not bottom:
            continue
        value = top / bottom
        passes = value <= measure.threshold if measure.at_most else value >= measure.threshold
        yield {
            "force_id": numbers["force_id"],
            "force_name": numbers["force_name"],
            "dimension": measure.dimension,
            "measure": measure.name,
            "value": round(value, 6),
            "threshold": measure.threshold,
            "at_most": measure.at_most,
            "passes": passes,
            "sentence": measure.sentence.format(top=top, bottom=bottom, as_of=content.as_of),
        }


def write_quality(
    content: ReleaseContent, staging: Path, previous: Path | None = None
) -> Iterator[str]:
    """Write ``quality.json`` and, where there is anything to say, ``QUALITY.md``.

    The values of the release before are in the page only: equal contents have equal
    ``quality.json``, whatever came before them.

    Args:
        content: What the release says.
        staging: Its folder.
        previous: The folder of the release before it.

    Yields:
        The paths written, relative to the folder.
    """
    measured = statement(content)
    quality = content.quality
    if isinstance(quality, Mapping) and measured:
        quality = {**quality, "dimensions": measured}
    text = json.dumps(quality, indent=2, ensure_ascii=False, allow_nan=False, sort_keys=True)
    write_text(staging / QUALITY, text + "\n")
    yield QUALITY
    if measured:
        from openbeat.release.quality_page import quality_page

        write_text(staging / QUALITY_PAGE, quality_page(content, measured, before(previous)))
        yield QUALITY_PAGE


def before(previous: Path | None) -> dict[tuple[str | None, str], float]:
    """The values of an earlier release by force (None: the whole) and measure.

    Empty where there is no such release, or it was made before quality was measured so.
    """
    if previous is None:
        return {}
    try:
        told = json.loads((previous / QUALITY).read_bytes())
        return {(e["force_id"], e["measure"]): e["value"] for e in told["dimensions"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
