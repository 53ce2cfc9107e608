"""What each force submitted, by dataset and month, for the picture and the table that equals it.

Only gathering belongs here; the picture is drawn in ``charts``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from openbeat.months import month_range
from openbeat.website.charts.line import spans
from openbeat.website.language import gettext as _
from openbeat.website.site.release_facts import dataset_names
from openbeat.website.site.source import Site

STATES: Final = (
    *("submitted", "partial_suspected", "empty", "malformed", "missing", "not_expected"),
)
"""Of the code list ``coverage_statuses``, the best first."""
GAPS: Final = STATES[1:5]
"""What is a gap: something was expected, and did not come whole."""


def state_names() -> dict[str, tuple[str, str]]:
    """State to its name and its meaning."""
    return {
        "submitted": (_("came whole"), _("The force's file came.")),
        "partial_suspected": (
            _("partial"),
            _(
                "It came, but looks partial: under half of the usual number of rows, or more than"
                " half of them had to be refused. Figures are shown as of low reliability; what"
                " would be 0 is left empty."
            ),
        ),
        "empty": (_("empty"), _("A file with a header and no rows. Figures are not available.")),
        "malformed": (
            _("unreadable"),
            _("A file that could not be read. Figures are not available."),
        ),
        "missing": (_("missing"), _("Expected, and no file came. Figures are not available.")),
        "not_expected": (
            _("not expected"),
            _("The force does not supply this, or no archive holds it. It is no fault."),
        ),
    }


def datasets(site: Site) -> list[dict[str, Any]]:
    """Each dataset with its coverage, in the order street, outcomes, stops.

    Returns:
        For each ``id``, ``name``, ``counts`` (state to force-months), ``expected`` and ``whole``
        (force-months), ``months``, ``forces`` (names, sorted), ``cells`` (a list of states a
        force, one a month) and ``rows`` (see ``_in_words``).
    """
    coverage = site.tables.get("coverage")
    if coverage is None or not coverage.height:
        return []
    months = month_range(site.first_month, site.edition.month)
    names = dataset_names()
    there = [name for name in names if name in set(coverage["dataset"])]
    return [
        _dataset(coverage.filter(pl.col("dataset") == name), name, names[name], months)
        for name in there
    ]


def _dataset(rows: pl.DataFrame, ident: str, name: str, months: Sequence[str]) -> dict[str, Any]:
    forces = dict(rows.select("force_id", "force_name").unique().iter_rows())
    ordered = sorted(forces, key=lambda force: (forces[force].casefold(), force))
    states = {
        (force, month): state
        for force, month, state in rows.select("force_id", "month", "coverage").iter_rows()
    }
    # The table has a row for all that is expected, so where there is none nothing was.
    cells = [[states.get((force, month), STATES[-1]) for month in months] for force in ordered]
    counts = {state: sum(line.count(state) for line in cells) for state in STATES}
    return {
        "id": ident,
        "name": name,
        "counts": counts,
        "whole": counts["submitted"],
        "expected": sum(counts.values()) - counts["not_expected"],
        "months": list(months),
        "forces": [forces[force] for force in ordered],
        "cells": cells,
        "rows": [
            _in_words(forces[force], line, months)
            for force, line in zip(ordered, cells, strict=True)
        ],
    }


def _in_words(name: str, states: Sequence[str], months: Sequence[str]) -> dict[str, Any]:
    """One force: its name, months that came whole, months expected, and each gap's months.

    ``gaps`` maps a state to its months in words, runs put together; ``not_expected`` is among
    them only where some months were expected, and ``expected`` 0 says that none was.
    """
    expected = len(states) - states.count("not_expected")
    told = (*GAPS, "not_expected") if expected else GAPS
    return {
        "name": name,
        "whole": states.count("submitted"),
        "expected": expected,
        "gaps": {
            state: spans(months, [n for n, s in enumerate(states) if s == state])
            for state in told
            if state in states
        },
    }


def by_state(dataset: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The gaps of a dataset that there are: name of the state, force-months."""
    names = state_names()
    return [(names[s][0], dataset["counts"][s]) for s in GAPS if dataset["counts"][s]]
