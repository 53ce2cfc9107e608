"""What the page of a release says, gathered from its tables and reports: no markup, few words.

What is new, what was revised and how good the data is belong here; its files are in
``downloads``, the force x month picture in ``coverage_facts``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from openbeat.release.changelog import CHANGELOG, summary_of
from openbeat.release.quality import QUALITY
from openbeat.release.revisions import PARQUET
from openbeat.website.language import gettext as _
from openbeat.website.site.source import Site

REASONS_SHOWN: Final = 12
"""Reasons listed for each kind of revision; the rest are counted."""
FORCES_SHOWN: Final = 12
_DATASETS: Final = ("street", "outcomes", "stops")
_TOLD: Final = ("New", "Tables and columns", "Corrections of source data in force")
"""The sections of the changelog that are lists, and are shown as they are."""


def dataset_names() -> dict[str, str]:
    """The three kinds of police.uk's files: dataset to its name for people."""
    return {
        "street": _("Crime and anti-social behaviour"),
        "outcomes": _("Outcomes of crimes"),
        "stops": _("Stop and search"),
    }


def new_month(site: Site) -> dict[str, Any]:
    """What is new of crimes: the newest month.

    Returns:
        ``crimes`` and ``asb`` (sums over the neighbourhoods with a figure; None where none has),
        ``known`` and ``places`` (neighbourhoods with a figure, and all), ``partial`` (whether a
        figure is of a month that looks partial), ``came`` and ``expected`` (forces whose file of
        street-level crime came whole, and from which one was expected).
    """
    rows = _of_month(site, "crime_summary")
    known = rows.filter(pl.col("crime_total").is_not_null()) if rows.height else rows
    supply = _of_month(site, "coverage")
    street = supply.filter(pl.col("dataset") == "street") if supply.height else supply
    states = Counter(street["coverage"]) if street.height else Counter[str]()
    return {
        "crimes": known["crime_total"].sum() if known.height else None,
        "asb": _sum(known, "antisocial_behaviour"),
        "known": known.height,
        "places": rows.height,
        "partial": known.height > 0 and (known["crime_total_status"] == "u").any(),
        "came": states["submitted"],
        "expected": states.total() - states["not_expected"],
    }


def _of_month(site: Site, table: str) -> pl.DataFrame:
    frame = site.tables.get(table)
    return frame.filter(pl.col("month") == site.edition.month) if frame is not None else _NONE


_NONE: Final = pl.DataFrame()


def _sum(frame: pl.DataFrame, column: str) -> int | None:
    """A sum that is known only where every part is."""
    whole = frame.height > 0 and frame[column].null_count() == 0
    return int(frame[column].sum()) if whole else None


def new_answers(site: Site) -> dict[str, Any] | None:
    """What the logs say of the month of ``as_of``; None where the release has no logs.

    Returns:
        ``month``; ``held`` (events of the month with a date), ``planned`` (events with a date
        after ``as_of``), ``raised``, ``fed_back`` (issues of the month), ``waiting`` (issues not
        closed). Rows of events and of issues, not people.
    """
    events, issues = (site.tables.get(name) for name in ("engagement_events", "you_said_we_did"))
    if events is None or issues is None:
        return None
    month = site.edition.as_of.isoformat()[:7]

    def in_month(column: str) -> pl.Expr:
        return pl.col(column).dt.strftime("%Y-%m") == month

    return {
        "month": month,
        "held": events.filter(pl.col("status") == "held", in_month("event_date")).height,
        "planned": events.filter(
            pl.col("status") == "planned", pl.col("event_date") > site.edition.as_of
        ).height,
        "raised": issues.filter(in_month("raised_on")).height,
        "fed_back": issues.filter(in_month("fed_back_on")).height,
        "waiting": issues.filter(pl.col("closed") == "no").height,
    }


def revision_kinds() -> dict[str, tuple[str, str]]:
    """Kind of a revision to its name and its meaning, corrections first."""
    return {
        "correction": (
            _("Corrections"),
            _("Something was wrong, here or in the source, and is mended."),
        ),
        "late_supply": (
            _("Late supply"),
            _("What was missing, or looked partial, has come."),
        ),
        "boundary_change": (
            _("Boundary changes"),
            _("Neighbourhoods have other boundaries or names."),
        ),
        "resupply": (
            _("Supplied again"),
            _("police.uk issued the same month again, with other rows."),
        ),
        "outcome_update": (
            _("Outcomes brought up to date"),
            _("police.uk issued the same crimes again, with other outcomes."),
        ),
        "scheduled": (
            _("As expected"),
            _("What goes on with time, or is revised by the calendar."),
        ),
    }


def changed(site: Site) -> dict[str, Any]:
    """What differs from the release before.

    Returns:
        ``previous`` (its id; None where nothing was revised or there is none), ``cells``,
        ``kinds`` (each with name, meaning, cells, tables, ``reasons`` (the commonest, with their
        cells) and ``more`` reasons), ``note`` (the changelog's own words where nothing was
        revised) and ``told`` (title to lines of the changelog's lists).
    """
    changelog = site.read_text(CHANGELOG)
    path = site.folder / PARQUET
    lines = pl.scan_parquet(path, glob=False) if path.is_file() else None
    counts = _revisions(lines) if lines is not None else _NONE
    kinds = list(_kinds(counts)) if counts.height else []
    return {
        "previous": counts["previous"][0] if counts.height else None,
        "cells": int(counts["cells"].sum()) if counts.height else 0,
        "kinds": kinds,
        "note": "" if kinds else summary_of(changelog).split("\n\n")[-1],
        "told": {title: told for title in _TOLD if (told := _lines(changelog, title))},
    }


def _revisions(lines: pl.LazyFrame) -> pl.DataFrame:
    return (
        lines.group_by("previous", "kind", "reason", "table")
        .agg(pl.len().alias("cells"))
        .sort("kind", "reason", "table")
        .collect()
    )


def _kinds(counts: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for kind, (name, meaning) in revision_kinds().items():
        rows = counts.filter(pl.col("kind") == kind)
        if not rows.height:
            continue
        reasons = (
            rows.group_by("reason")
            .agg(pl.col("cells").sum(), pl.col("table").unique().sort())
            .sort(["cells", "reason"], descending=[True, False])
        )
        yield {
            "kind": kind,
            "name": name,
            "meaning": meaning,
            "cells": int(rows["cells"].sum()),
            "tables": rows["table"].unique().sort().to_list(),
            "reasons": reasons.head(REASONS_SHOWN).to_dicts(),
            "more": max(reasons.height - REASONS_SHOWN, 0),
        }


def _lines(changelog: str, title: str) -> list[str]:
    """The items of a list of the changelog."""
    _before, _title, rest = changelog.partition(f"\n## {title}\n")
    section = rest.split("\n## ", 1)[0]
    return [line[2:] for line in section.splitlines() if line.startswith("- ")]


def quality(site: Site) -> dict[str, Any] | None:
    """How good the data is, from ``quality.json``; None where there is none.

    Returns:
        ``whole`` (the measures of the release), ``forces`` (those that miss a threshold: name,
        missed entries, of how many), ``forces_met`` and ``forces_all``, ``warnings`` and ``notes``
        (rules not kept: sentence, table, times, broken, checked), ``refused`` (see ``_refused``)
        and ``unreadable`` (file and what is wrong with it).
    """
    told = site.read_json(QUALITY)
    if not isinstance(told, dict):
        return None
    measures = told.get("dimensions", [])
    by_force: dict[str, list[Mapping[str, Any]]] = {}
    for entry in measures:
        if entry["force_id"] is not None:
            by_force.setdefault(entry["force_name"] or entry["force_id"], []).append(entry)
    missed = {
        name: [entry for entry in entries if not entry["passes"]]
        for name, entries in sorted(by_force.items())
    }
    rules = told.get("rules", [])
    return {
        "whole": [entry for entry in measures if entry["force_id"] is None],
        "forces": [
            {"name": name, "missed": entries, "of": len(by_force[name])}
            for name, entries in missed.items()
            if entries
        ],
        "forces_met": sum(not entries for entries in missed.values()),
        "forces_all": len(missed),
        "warnings": _not_kept(rules, "warning"),
        "notes": _not_kept(rules, "info"),
        "refused": _refused(site, told.get("quarantine", []), rules),
        "unreadable": [_unreadable(entry) for entry in told.get("unreadable_files", [])],
    }


def _not_kept(rules: Sequence[Mapping[str, Any]], severity: str) -> list[dict[str, Any]]:
    """The rules of a severity that were not kept everywhere, each once, over all months."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    broken = {
        (rule["table"], rule["rule"])
        for rule in rules
        if rule["severity"] == severity and not rule["success"]
    }
    for rule in rules:
        key = (rule["table"], rule["rule"])
        if key not in broken:
            continue
        entry = found.setdefault(
            key, {"table": key[0], "sentence": rule["sentence"], "broken": 0, "checked": 0}
        )
        entry["broken"] += rule["broken"] or 0
        entry["checked"] += rule["checked"] or 0
    return [found[key] for key in sorted(found)]


def _refused(
    site: Site, quarantine: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """By force and dataset: rows that came, were refused and repeated, and the rules they broke.

    One row may break several rules, so the numbers of the rules can add up to more.
    """
    coverage = site.tables.get("coverage")
    if coverage is None or not coverage.height:
        return []
    sums = (
        coverage.group_by("force_id", "force_name", "dataset")
        .agg(pl.col("rows", "quarantined", "repeats").sum())
        .filter((pl.col("quarantined") > 0) | (pl.col("repeats") > 0))
        .with_columns(at=pl.col("dataset").replace_strict(_ORDER, default=len(_ORDER)))
        .sort("force_name", "force_id", "at")
    )
    sentences = {rule["rule"]: rule["sentence"] for rule in rules}
    why: dict[tuple[str, str], Counter[str]] = {}
    for entry in quarantine:
        if entry["kind"] == "quarantined":
            rule = sentences.get(entry["rule"]) or _readable(entry["rule"])
            counter = why.setdefault((entry["force_id"], entry["dataset"]), Counter())
            counter[rule] += entry["rows"]
    return [
        {**row, "why": sorted(why.get((row["force_id"], row["dataset"]), Counter()).items())}
        for row in sums.iter_rows(named=True)
    ]


_ORDER: Final = {name: n for n, name in enumerate(_DATASETS)}


def _readable(rule: str) -> str:
    """A rule of reading, which no contract holds: its id as words."""
    return rule.replace("_", " ")


def _unreadable(entry: Mapping[str, Any]) -> dict[str, str]:
    """A file and what is wrong with it, without how to mend it, which its supplier must do."""
    file, problem = entry["file"], entry["problem"]
    said = problem.removeprefix(f"{file}, ").split(" Mend:", 1)[0].split(" [", 1)[0]
    return {"file": file, "problem": said}
