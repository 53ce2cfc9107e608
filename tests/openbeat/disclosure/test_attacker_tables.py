"""Attacks that need more than one table: events, messages and medians, rounding, categories."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from openbeat.disclosure.attacker import Report, attack, attack_release
from tests.openbeat.disclosure.attacker_tables import POLICY, REACH, keep_back, reach

SEX = {"sex": ("female", "male", "not_known")}
PLACED = {"sex": np.array([[30, 20, 9], [12, 30, 20]])}


def test_the_events_of_a_place_give_its_attendances_away() -> None:
    report = attack(
        {"engagement_reach": _attended(), "engagement_events": _events([40, None, 70])},
        None,
        POLICY,
    )
    found = _items(report, "b")
    assert "event-1" in found
    assert "event-1" not in _items(report, "a")
    assert not report.ok


def test_a_release_of_csv_files_alone_is_attacked_like_any_other(tmp_path: Path) -> None:
    tables = {
        "engagement_reach": _attended(),
        "engagement_events": _events([40, None, 70]),
        "feedback_summary": _feedback(None, "c", 12, ""),
    }
    (tmp_path / "tables").mkdir()
    for name, table in tables.items():
        table.write_csv(tmp_path / "tables" / f"{name}.csv")
    report = attack_release(tmp_path, policy=POLICY)
    assert "event-1" in _items(report, "b")
    assert report.findings.equals(attack(tables, None, POLICY).findings)


def test_two_events_kept_back_together_stand() -> None:
    events = _events([None, None, 70])
    report = attack({"engagement_reach": _attended(), "engagement_events": events}, None, POLICY)
    assert report.ok
    assert report.sets["b"].cells_looked_at == 2


def test_where_all_events_are_in_neighbourhoods_nothing_hides_elsewhere() -> None:
    """A force less its other neighbourhoods is the one that is kept back."""
    rows = {"sex": np.array([[3, 20, 9], [12, 30, 20], [14, 30, 8]])}
    table = reach(rows, groups=SEX, unplaced=False)
    hidden = (pl.col("neighbourhood_id") == "N000").fill_null(value=False)
    published = keep_back(table, hidden & (pl.col("category") != "male"))
    tables = {"engagement_reach": published}
    assert attack(tables, None, POLICY, remainders=False).ok
    report = attack(
        tables | {"engagement_events": _events([None] * 3, "x")}, None, POLICY, remainders=False
    )
    assert "female" in _items(report, "c")


def test_messages_not_answered_follow_from_those_answered() -> None:
    report = attack({"feedback_summary": _feedback(None, "c", 12, "")}, None, POLICY)
    assert report.sets["c"].exact > 0
    assert "not_answered_72h" in _measures(report, "c")
    assert attack({"feedback_summary": _feedback(None, "c", None, "c")}, None, POLICY).ok


def test_a_published_median_says_that_there_were_ten_replies() -> None:
    table = _feedback(None, "c", None, "c").with_columns(
        median_days_to_reply=pl.when(pl.col("theme") == "all").then(1.5)
    )
    # 13 received; 10 of them or more answered, so 3 or fewer were not.
    secret = pl.DataFrame(
        {
            "set": ["feedback"],
            "measure": ["not_answered_72h"],
            "period": ["2025-Q1"],
            "place_level": ["neighbourhood"],
            "force_id": ["north"],
            "neighbourhood_id": ["N000"],
            "dimension": ["all"],
            "item": ["all"],
            "threshold": [5],
        }
    )
    report = attack({"feedback_summary": table}, None, POLICY, protected=secret)
    assert report.sets["c"].narrowed == 0
    assert report.sets["f"].narrowed == 1


def test_a_group_is_the_sum_of_its_categories() -> None:
    force = reach(PLACED, groups=SEX).filter(pl.col("place_level") == "force")
    group = force.filter(pl.col("category") == "female")
    categories = pl.concat(
        [
            group.with_columns(
                category=pl.lit(name), category_level=pl.lit("category"), forms=pl.lit(n, pl.Int64)
            )
            for name, n in (("girls", 3), ("women", 39))
        ]
    )
    table = keep_back(pl.concat([force, categories]), pl.col("category") == "girls")
    codes = pl.DataFrame(
        {
            "characteristic": ["sex", "sex"],
            "code": ["girls", "women"],
            "level": ["category", "category"],
            "group": ["female", "female"],
        }
    )
    assert attack({"engagement_reach": table}, None, POLICY).ok
    report = attack({"engagement_reach": table, "reach_categories": codes}, None, POLICY)
    assert "girls" in _items(report, "c")


def test_rounded_numbers_that_add_up_leave_no_small_number_proved() -> None:
    rounded = {"sex": np.array([[5, 20, 10], [10, 30, 20], [15, 30, 10]])}
    table = reach(rounded, groups=SEX)
    policy = POLICY | {
        "rounding_base": 5,
        "tables": {"engagement_reach": {"people": {"set": "engagement", "method": "rounding"}}},
    }
    report = attack({"engagement_reach": table}, None, policy)
    assert report.ok
    assert report.sets["c"].cells == 16


def test_rounding_that_does_not_add_up_can_be_unpicked() -> None:
    rows = {"sex": np.array([[5, 0, 0], [5, 5, 5]])}
    table = reach(rows, groups=SEX)
    table = table.with_columns(
        forms=pl.when((pl.col("neighbourhood_id") == "N000") & (pl.col("category") == "all"))
        .then(pl.lit(20))
        .otherwise("forms")
    )
    policy = POLICY | {
        "tables": {"engagement_reach": {"people": {"set": "engagement", "method": "rounding"}}}
    }
    # 16 to 24 in all, of which at most 9, 4 and 4: the two zeros were 3 or 4.
    report = attack({"engagement_reach": table}, None, policy)
    assert report.sets["c"].narrowed > 0


def _items(report: Report, name: str) -> set[str]:
    rows = report.findings.filter(
        (pl.col("set_of_attack") == name) & pl.col("kind").is_in(["exact", "narrowed", "implied"])
    )
    return set(rows["item"].to_list())


def _measures(report: Report, name: str) -> set[str]:
    rows = report.findings.filter((pl.col("set_of_attack") == name) & (pl.col("kind") == "exact"))
    return set(rows["measure"].to_list())


def _attended() -> pl.DataFrame:
    """Two neighbourhoods and attendances: 43 in N000 (40 and 3), 70 in N001."""
    table = reach({"sex": np.array([[10, 20, 10], [12, 30, 20]])}, groups=SEX, unplaced=False)
    came = {"N000": 43, "N001": 70}
    total = pl.col("characteristic") == "all"
    number = pl.col("neighbourhood_id").replace_strict(came, default=113, return_dtype=pl.Int64)
    status = pl.when(~total).then(pl.lit("z"))
    return table.with_columns(
        attendances=pl.when(total).then(number), attendances_status=status
    ).select(REACH.keys())


def _events(came: list[int | None], status: str = "c") -> pl.DataFrame:
    """Two events in N000, one in N001; nothing at force level."""
    return pl.DataFrame(
        {
            "event_id": ["event-0", "event-1", "event-2"],
            "year": [2025] * 3,
            "event_date": [date(2025, 2, day) for day in (3, 4, 5)],
            "place_level": ["neighbourhood"] * 3,
            "force_id": ["north"] * 3,
            "neighbourhood_id": ["N000", "N000", "N001"],
            "attendances": pl.Series(came, dtype=pl.Int64),
            "attendances_status": [status if n is None else None for n in came],
        }
    )


def _feedback(
    not_answered: int | None, not_status: str, answered: int | None, status: str
) -> pl.DataFrame:
    """13 messages of one neighbourhood, 100 of its force."""
    rows: list[dict[str, Any]] = []
    for place, received in (("N000", 13), (None, 100)):
        here = place is not None
        rows += [
            {
                "neighbourhood_id": place,
                "theme": "all",
                "received": received,
                "answered_72h": answered if here else 60,
                "answered_72h_status": status if here else "",
                "not_answered_72h": not_answered if here else 40,
                "not_answered_72h_status": not_status if here else "",
            },
            {
                "neighbourhood_id": place,
                "theme": "noise",
                "received": received,
                "answered_72h": None,
                "answered_72h_status": "z",
                "not_answered_72h": None,
                "not_answered_72h_status": "z",
            },
        ]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        period=pl.lit("2025-Q1"),
        place_level=pl.when(pl.col("neighbourhood_id").is_null())
        .then(pl.lit("force"))
        .otherwise(pl.lit("neighbourhood")),
        force_id=pl.lit("north"),
        received_status=pl.lit(""),
    )
