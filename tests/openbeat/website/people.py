"""Published counts of people, as the disclosure gate lets them out, for one small force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.contract import load_contract

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
PLACE = {
    "force_id": "northshire",
    "force_name": "Northshire Police",
    "neighbourhood_id": "NB01",
    "neighbourhood_name": "Harbour and Old Town",
}


def _schema(table: str) -> Any:
    contract = load_contract(CONTRACTS / f"{table}.yaml")
    published = {column.name for column in contract.columns if column.published}
    return {n: kind for n, kind in contract.polars_schema().items() if n in published}


REACH = _schema("engagement_reach")
FEEDBACK = _schema("feedback_summary")
GROUPS = {
    "age": {"under_25": 6, "25_44": 21, "45_64": None, "65_plus": None, "not_known": 0},
    "ethnicity": {"asian": None, "black": None, "white": 31, "not_known": 5},
    "religion_or_belief": dict.fromkeys(("no_religion", "christian", "not_known")),
}


def _given(**values: float | str | None) -> dict[str, Any]:
    """Each value with its status; a letter stands for a value that is not shown."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        status = value if isinstance(value, str) else None
        given |= {name: None if status else value, f"{name}_status": status}
    return given


def reach(
    period: str,
    attendances: float | str | None,
    forms: float | str | None,
    groups: Mapping[str, Mapping[str, int | None]] | None = None,
    **place: Any,
) -> list[dict[str, Any]]:
    """The published reach of a place in a quarter; a group without a number is kept back."""
    base = {**PLACE, "place_level": "neighbourhood", "period": period, "period_type": "quarter"}
    whole = {"characteristic": "all", "category": "all", "category_level": "total"}
    total = {**base, **place, **whole, **_given(forms=forms, attendances=attendances, share="z")}
    return [total] + [
        {
            **base,
            **place,
            "characteristic": characteristic,
            "category": group,
            "category_level": "group",
            **_given(forms="c" if count is None else count, attendances="z", census_share="x"),
            **_given(
                share="c" if count is None or isinstance(forms, str) else count / (forms or 1)
            ),
        }
        for characteristic, counts in (groups or {}).items()
        for group, count in counts.items()
    ]


def answered(
    period: str,
    received: float | str | None,
    in_time: float | str | None,
    themes: Mapping[str, int] | None = None,
    **place: Any,
) -> list[dict[str, Any]]:
    """The published feedback of a place in a quarter."""
    base = {**PLACE, "place_level": "neighbourhood", "period": period}
    known = not isinstance(received, str) and not isinstance(in_time, str)
    share = in_time / received if known and in_time is not None and received else "c"
    total = _given(received=received, answered_72h=in_time, answered_72h_share=share)
    return [{**base, **place, "theme": "all", **total, **_given(median_days_to_reply="x")}] + [
        {**base, **place, "theme": theme, **_given(received=count, answered_72h="z")}
        for theme, count in (themes or {}).items()
    ]


def counted(
    reach_rows: Iterable[Mapping[str, Any]] = (), feedback_rows: Iterable[Mapping[str, Any]] = ()
) -> dict[str, pl.DataFrame]:
    """``engagement_reach`` and ``feedback_summary`` of these rows."""
    return {
        "engagement_reach": pl.DataFrame(list(reach_rows), schema=REACH),
        "feedback_summary": pl.DataFrame(list(feedback_rows), schema=FEEDBACK),
    }


def heard_tables() -> dict[str, pl.DataFrame]:
    """A place with figures of three quarters, some kept back, beside the whole force."""
    whole = {"place_level": "force", "neighbourhood_id": None, "neighbourhood_name": None}
    quarters = ("2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2")
    force_groups = {name: dict.fromkeys(counts, 40) for name, counts in GROUPS.items()}
    return counted(
        [
            *(row for q in quarters for row in reach(q, 410, 240, force_groups, **whole)),
            *reach("2024", 1622, 951, None, **{**whole, "period_type": "year"}),
            *reach("2024-Q4", "x", 22, GROUPS),
            *reach("2025-Q1", "c", "c", GROUPS),
            *reach("2025-Q2", 87, 54, GROUPS),
        ],
        [
            *(row for q in quarters for row in answered(q, 300, 240, **whole)),
            *answered("2024-Q3", 12, 12),
            *answered("2024-Q4", "c", "c"),
            *answered("2025-Q1", 31, 24, {"burglary": 12, "noise": 0}),
            *answered("2025-Q2", 18, "c"),
        ],
    )
