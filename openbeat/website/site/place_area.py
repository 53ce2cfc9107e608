"""How a neighbourhood came to be and was changed, and what became of one that ended.

Only what ``neighbourhoods`` tells of names and boundaries belongs here, and the sentences on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import polars as pl

from openbeat.months import earlier
from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.packs.crime import AREA

Key = tuple[str, str]
Row = Mapping[str, Any]
RENAMED: Final = "renamed"
REDRAWN: Final = "redrawn"


def areas(neighbourhoods: pl.DataFrame) -> dict[Key, dict[str, Any]]:
    """How each of today's neighbourhoods came to be.

    A row of the table begins where the shape or the name changes: it is another name where the
    area stays the same, and another shape else.

    Args:
        neighbourhoods: The published table.

    Returns:
        By force and id: ``valid_from, area_km2, repaired, overlaps`` of its newest row;
        ``boundaries_since`` (the first month of today's shape); ``changes`` (``month``, ``kind``:
        ``renamed`` or ``redrawn``, ``name``: the one before), oldest first; ``redrawn`` (the month
        of the newest of them that drew another shape, or None); ``predecessors`` (``id``, ``name``,
        ``until``: its last month in that shape, ``ended``: whether its id serves no longer,
        ``same_area``): the other neighbourhoods half or more of which it took.
    """
    rows = neighbourhoods.sort(*AREA, "valid_from").to_dicts()
    runs: dict[Key, list[Row]] = {}
    for row in rows:
        runs.setdefault((row["force_id"], row["neighbourhood_id"]), []).append(row)
    return {key: _area(key, own, runs) for key, own in runs.items() if own[-1]["valid_to"] is None}


def _area(key: Key, own: Sequence[Row], runs: Mapping[Key, Sequence[Row]]) -> dict[str, Any]:
    newest = own[-1]
    changes = [
        {"month": row["valid_from"], "kind": _kind(before, row), "name": before["name"]}
        for before, row in pairwise(own)
    ]
    redrawn = [change["month"] for change in changes if change["kind"] == REDRAWN]
    return {
        **{name: newest[name] for name in ("valid_from", "area_km2", "repaired", "overlaps")},
        "boundaries_since": redrawn[-1] if redrawn else own[0]["valid_from"],
        "changes": changes,
        "redrawn": redrawn[-1] if redrawn else None,
        "predecessors": [
            _predecessor(part, row, runs.get((key[0], part), ()))
            for row in own
            for part in (row["predecessor_ids"] or "").split(";")
            if part not in ("", key[1])
        ],
    }


def _kind(before: Row, row: Row) -> str:
    same = before["area_km2"] == row["area_km2"] and before["name"] != row["name"]
    return RENAMED if same else REDRAWN


def _predecessor(identifier: str, heir: Row, runs: Sequence[Row]) -> dict[str, Any]:
    """One that came before, as it was when the heir began."""
    past = [row for row in runs if (row["valid_to"] or "~") < heir["valid_from"]]
    last = past[-1] if past else {"name": identifier, "area_km2": None}
    return {
        "id": identifier,
        "name": last["name"],
        "until": earlier(heir["valid_from"], 1),
        "ended": not runs or runs[-1]["valid_to"] is not None,
        "same_area": last["area_km2"] is not None and last["area_km2"] == heir["area_km2"],
    }


def older_shape(area: Mapping[str, Any] | None, first: str) -> str | None:
    """The caveat on months of which some are of an older shape; None where none are.

    Args:
        area: As ``areas`` gives it.
        first: The first of the months, ``YYYY-MM``.
    """
    if not area or area["redrawn"] is None or area["redrawn"] <= first:
        return None
    text = _("The area was redrawn in %(month)s: months before that are of its older shape.")
    return text % {"month": words.month(area["redrawn"])}


def ended(ended: pl.DataFrame, neighbourhoods: pl.DataFrame) -> list[dict[str, Any]]:
    """What the page of each neighbourhood that ended says.

    Args:
        ended: As ``Site.ended`` gives it.
        neighbourhoods: The published table.

    Returns:
        The columns of ``ended``, and ``since`` (the first month without it) and ``successors``
        (``id``, ``name``: those that took half of it or more, as they are named at last).
    """
    newest = neighbourhoods.sort(*AREA, "valid_from").select(*AREA, "name").iter_rows()
    names = {(force, place): name for force, place, name in newest}
    return [
        {
            **row,
            "since": earlier(row["valid_to"], -1),
            "successors": [
                {"id": part, "name": names.get((row["force_id"], part), part)}
                for part in (row["successor_ids"] or "").split(";")
                if part not in ("", row["neighbourhood_id"])
            ],
        }
        for row in ended.iter_rows(named=True)
    ]
