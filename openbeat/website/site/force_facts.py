"""What the pages of forces say, as plain data, from published tables, each grouped once.

Only counting and arranging belongs here: sums over months, places and groups of what is published
as counts of crimes, outcomes and searches. Counts of people are never added up: they are taken as
published. Which words say it is in the templates; the neighbourhoods side by side are in
``force_rows``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from openbeat.months import month_range, months_to
from openbeat.website import words
from openbeat.website.packs.crime import ASB, LEAST_FOR_USUAL
from openbeat.website.site.source import Site

Facts = dict[str, Any]
DATASETS: Final = ("street", "outcomes", "stops")
"""What police.uk asks of a force, as the table ``coverage`` names it."""
WHERE: Final = ("own", "other_force", "outside_boundary", "no_boundary", "no_location")
"""Where what a force reported is counted: its own neighbourhoods, those of others, or none."""
SUBMITTED: Final = "submitted"
PARTIAL: Final = "partial_suspected"
NOT_EXPECTED: Final = "not_expected"
_MEASURES: Final = ("crime_total", "antisocial_behaviour", "by_other_forces")


def window(site: Site) -> list[str]:
    """The months of the release, oldest first, without a gap."""
    return month_range(site.first_month, site.edition.month)


def force_names(site: Site) -> dict[str, str]:
    """Id to name of every force that has neighbourhoods or reports, in the order of their names.

    A force such as British Transport Police reports and has no neighbourhoods: it is known from
    ``coverage`` alone.
    """
    reporting: dict[str, str] = {}
    if "coverage" in site.tables:
        pairs = site.tables["coverage"].select("force_id", "force_name").unique().sort("force_id")
        reporting = dict(pairs.iter_rows())
    named = {**reporting, **site.forces}
    return dict(sorted(named.items(), key=lambda pair: (pair[1].casefold(), pair[0])))


def force_facts(site: Site) -> dict[str, Facts]:
    """The facts of every force, made once for a site.

    Returns:
        By force id, in the order of names:

        ``force_id``, ``force_name``, ``places`` (number of neighbourhoods);
        ``months`` (of the release) and ``year`` (the 12 up to its newest);
        ``coverage``: by dataset ``cells`` (a code of ``coverage_statuses`` a month, None where the
        force is not in the table), ``newest`` (newest month submitted, in full or in part, or
        None), ``now`` (the code of the newest month), ``expected`` (how many months of ``year``
        were) and ``full`` (months of ``year`` that were submitted);
        ``area``: by measure (crimes, anti-social behaviour, those by other forces) of its own
        neighbourhoods, ``values`` and ``statuses`` a month, ``latest``, ``latest_status``,
        ``usual`` (median of the 12 months before, those submitted, where they are 6 or more),
        ``usual_months``, ``twelve`` (sum of ``year``, where all 12 were submitted); None for a
        force without neighbourhoods;
        ``reported``: by place of ``WHERE``, ``crime`` and ``asb``, each ``latest`` and ``twelve``;
        ``elsewhere``: the other forces in whose neighbourhoods its crimes lie, by name;
        ``reporters``: the forces that reported crimes in its own neighbourhoods, by name;
        ``outcomes``, ``stops``: by group, ``label``, ``latest`` and ``twelve``.

        A ``latest`` is None unless the force submitted the newest month, in full or (if above 0)
        in part. ``twelve`` of what it reported is the sum over the months ``full`` of the dataset,
        None if there are none. Anti-social behaviour is in no sum of crimes.
    """
    kept: dict[str, Facts] | None = site.__dict__.get("_force_facts")
    if kept is None:
        kept = site.__dict__["_force_facts"] = _made(site)
    return kept


def _made(site: Site) -> dict[str, Facts]:
    months = window(site)
    year = months_to(site.edition.month, 12)
    names = force_names(site)
    coverage = _coverage(site, months, year)
    area = _area(site.tables["crime_summary"], months, site.edition.month)
    reported = _reported(site, year)
    outcomes, stops = (_groups(site, name, year) for name in ("outcomes", "stops"))
    within: dict[str, list[Facts]] = {}
    for rows in reported.values():
        for row in rows:
            within.setdefault(row["area_force_id"] or "", []).append(row)
    counts = dict(site.places.group_by("force_id").len().iter_rows())
    none: Facts = {
        name: {
            "cells": [None] * len(months),
            "newest": None,
            "full": [],
            "now": None,
            "expected": 0,
        }
        for name in DATASETS
    }
    supplied = {force_id: {**none, **coverage.get(force_id, {})} for force_id in names}
    street = {force_id: held["street"] for force_id, held in supplied.items()}
    return {
        force_id: {
            "force_id": force_id,
            "force_name": name,
            "places": counts.get(force_id, 0),
            "months": months,
            "year": year,
            "coverage": (held := supplied[force_id]),
            "area": area.get(force_id) if force_id in counts else None,
            "reported": _where(reported.get(force_id, []), held["street"]),
            "elsewhere": [
                _crimes(row, row["area_force_id"], names, street[force_id])
                for row in _in_order(reported.get(force_id, []), names, "area_force_id")
                if row["where"] == "other_force"
            ],
            "reporters": [
                _crimes(row, row["force_id"], names, street[row["force_id"]])
                for row in _in_order(within.get(force_id, []), names, "force_id")
            ],
            "outcomes": _listed(outcomes.get(force_id, []), held["outcomes"]),
            "stops": _listed(stops.get(force_id, []), held["stops"]),
        }
        for force_id, name in names.items()
    }


def _coverage(
    site: Site, months: Sequence[str], year: Sequence[str]
) -> dict[str, dict[str, Facts]]:
    """By force and dataset, what was supplied."""
    if "coverage" not in site.tables:
        return {}
    table = site.tables["coverage"].select("force_id", "dataset", "month", "coverage")
    codes: dict[tuple[str, str], dict[str, str]] = {}
    for force_id, dataset, month, code in table.iter_rows():
        codes.setdefault((force_id, dataset), {})[month] = code
    found: dict[str, dict[str, Facts]] = {}
    for (force_id, dataset), by_month in codes.items():
        supplied = [m for m in months if by_month.get(m) in (SUBMITTED, PARTIAL)]
        found.setdefault(force_id, {})[dataset] = {
            "cells": [by_month.get(month) for month in months],
            "newest": supplied[-1] if supplied else None,
            "full": [month for month in year if by_month.get(month) == SUBMITTED],
            "now": by_month.get(months[-1]),
            "expected": sum(by_month.get(m, NOT_EXPECTED) != NOT_EXPECTED for m in year),
        }
    return found


def _area(table: pl.DataFrame, months: Sequence[str], month: str) -> dict[str, Facts]:
    """By force, the sums over its own neighbourhoods, whoever reported."""
    sums = (
        table.filter(pl.col("month").is_in(list(months)))
        .group_by("area_force_id", "month")
        .agg(
            *(pl.col(name).sum() for name in _MEASURES),
            pl.col("by_other_forces_status").is_not_null().any().alias("others_missing"),
            pl.col("coverage").first(),
        )
    )
    found: dict[str, dict[str, Facts]] = {}
    for row in sums.iter_rows(named=True):
        found.setdefault(row["area_force_id"], {})[row["month"]] = row
    return {
        force_id: {name: _series(rows, name, months, month) for name in _MEASURES}
        for force_id, rows in found.items()
    }


def _series(rows: Mapping[str, Facts], name: str, months: Sequence[str], month: str) -> Facts:
    pairs = [_valued(rows.get(m), name) for m in months]
    values, statuses = [value for value, _ in pairs], [status for _, status in pairs]
    known = {m: v for m, v, s in zip(months, values, statuses, strict=True) if s is None}
    before = [known[m] for m in months_to(month)[:-1] if m in known]
    year = [known[m] for m in months_to(month, 12) if m in known]
    usual = pl.Series(before, dtype=pl.Int64).median() if len(before) >= LEAST_FOR_USUAL else None
    return {
        "values": values,
        "statuses": statuses,
        "latest": values[-1],
        "latest_status": statuses[-1],
        "usual": usual,
        "usual_months": len(before),
        "twelve": sum(year) if len(year) == len(months_to(month, 12)) else None,
        "full": len(year),
    }


def _valued(row: Facts | None, name: str) -> tuple[int | None, str | None]:
    """The sum of a month and its status; what would be 0 in a partial month is not known."""
    coverage = row["coverage"] if row else None
    value: int | None = row[name] if row else None
    # Forces without an area, such as British Transport Police, may not have supplied the month.
    partly = row is not None and row["others_missing"] and name == "by_other_forces"
    if coverage == SUBMITTED and not partly:
        return value, None
    return (value, "u") if coverage in (SUBMITTED, PARTIAL) and value else (None, "x")


def _reported(site: Site, year: Sequence[str]) -> dict[str, list[Facts]]:
    """By force, its counts by where they lie: one row a place, force of the area and kind."""
    return _summed(placed(site.tables["crime"]), ("where", "area_force_id", "is_asb"), year)


def placed(crime: pl.DataFrame) -> pl.DataFrame:
    """The table ``crime`` with ``where``, one of ``WHERE``, and ``is_asb``."""
    return crime.with_columns(
        pl.when(pl.col("place") != "neighbourhood")
        .then(pl.col("place"))
        .when(pl.col("area_force_id") == pl.col("force_id"))
        .then(pl.lit("own"))
        .otherwise(pl.lit("other_force"))
        .alias("where"),
        (pl.col("crime_type") == ASB).alias("is_asb"),
    )


def _groups(site: Site, table: str, year: Sequence[str]) -> dict[str, list[Facts]]:
    """By force, what it recorded by group of outcome, in the order of the code list."""
    listed = site.codelists["stop_outcome_groups" if table == "stops" else "outcome_groups"]
    if table not in site.tables:
        return {}
    order = {code: n for n, code in enumerate(listed.to_series(0))}
    labels = words.labels(listed)
    found = _summed(site.tables[table], ("outcome_group",), year)
    for rows in found.values():
        rows.sort(key=lambda row: order.get(row["outcome_group"], len(order)))
        for row in rows:
            row["label"] = labels.get(row["outcome_group"], row["outcome_group"])
    return found


def _summed(table: pl.DataFrame, by: Sequence[str], year: Sequence[str]) -> dict[str, list[Facts]]:
    """By reporting force: ``latest``, of the newest month, ``twelve``, of submitted months."""
    sums = (
        table.filter(pl.col("month").is_in(list(year)))
        .group_by("force_id", *by)
        .agg(
            pl.col("count").filter(pl.col("month") == year[-1]).sum().alias("latest"),
            pl.col("count").filter(pl.col("coverage") == SUBMITTED).sum().alias("twelve"),
        )
        .sort("force_id", *by)
    )
    parts = sums.partition_by("force_id", as_dict=True, maintain_order=True)
    return {str(force_id): part.to_dicts() for (force_id,), part in parts.items()}


def _where(rows: Sequence[Facts], held: Facts) -> dict[str, Facts]:
    return {
        where: {
            name: _shown([r for r in rows if r["where"] == where and r["is_asb"] is asb], held)
            for name, asb in (("crime", False), ("asb", True))
        }
        for where in WHERE
    }


def _in_order(rows: Sequence[Facts], names: Mapping[str, str], force: str) -> list[Facts]:
    """The rows that hold crimes, by the name of a force."""
    held = [row for row in rows if not row["is_asb"] and (row["twelve"] or row["latest"])]
    return sorted(held, key=lambda row: (names.get(row[force] or "", "").casefold(), row[force]))


def _crimes(row: Facts, force_id: str, names: Mapping[str, str], held: Facts) -> Facts:
    name = names.get(force_id, force_id)
    return {"force_id": force_id, "force_name": name, **_shown([row], held)}


def _listed(rows: Sequence[Facts], held: Facts) -> Facts:
    """The groups that occurred and all of them together."""
    groups = [
        {"group": row["outcome_group"], "label": row["label"], **_shown([row], held)}
        for row in rows
        if row["twelve"] or row["latest"]
    ]
    return {"groups": groups, "total": _shown(rows, held)}


def _shown(rows: Sequence[Facts], held: Facts) -> Facts:
    """Sums as far as they may be said: absence is not 0, and less than a month at least that."""
    latest = sum(row["latest"] or 0 for row in rows)
    status = None if held["now"] == SUBMITTED else "u" if held["now"] == PARTIAL and latest else "x"
    return {
        "latest": None if status == "x" else latest,
        "latest_status": status,
        "twelve": sum(row["twelve"] or 0 for row in rows) if held["full"] else None,
    }
