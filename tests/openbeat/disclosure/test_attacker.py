"""The attacker finds the leaks that are there, and none where there is none."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.disclosure.attacker import CELL_KEY, Report, attack, attack_release
from openbeat.errors import InputError
from tests.openbeat.disclosure.attacker_tables import (
    GROUPS,
    POLICY,
    cells_of,
    counts,
    is_small,
    keep_back,
    ledger_of,
    primary,
    reach,
    year_of,
)

SEX = {"sex": ("female", "male", "not_known")}
# Three places and a remainder; two small cells, which two more protect (a rectangle).
HAND = {"sex": np.array([[3, 20, 9], [12, 30, 2], [14, 25, 8], [30, 30, 30]])}
RECTANGLE = [(0, "female"), (0, "not_known"), (1, "female"), (1, "not_known")]


def hand() -> pl.DataFrame:
    return reach(HAND, groups=SEX)


def at(*cells: tuple[int | None, str]) -> pl.Expr:
    """Rows of the table by place (None: the force) and category."""
    rows = [
        (pl.col("category") == category)
        & (
            pl.col("neighbourhood_id").is_null()
            if place is None
            else pl.col("neighbourhood_id") == f"N{place:03}"
        ).fill_null(value=False)
        for place, category in cells
    ]
    return pl.any_horizontal(rows)


def run(table: pl.DataFrame, **more: pl.DataFrame) -> Report:
    return attack({"engagement_reach": table}, more.pop("ledger", None), POLICY, **more)


def found(report: Report, name: str, *kinds: str) -> set[tuple[str | None, str]]:
    """Place and item of what a set found."""
    rows = report.findings.filter(
        (pl.col("set_of_attack") == name) & pl.col("kind").is_in(kinds or ("exact",))
    )
    return set(rows.select("neighbourhood_id", "item").iter_rows())


def test_a_table_whose_small_numbers_are_protected_by_others_withstands() -> None:
    table = hand()
    report = run(keep_back(table, at(*RECTANGLE)), protected=primary(table))
    assert report.ok
    assert report.sets["c"].cells >= 2
    assert report.findings.filter(pl.col("set_of_attack").is_in(["a", "b", "c"])).is_empty()


@pytest.mark.parametrize("given", RECTANGLE[1:3])
def test_one_complementary_cell_published_gives_the_rest_away(given: tuple[int, str]) -> None:
    table = hand()
    pattern = [cell for cell in RECTANGLE if cell != given]
    judged = run(keep_back(table, at(*pattern)), protected=primary(table))
    blind = run(keep_back(table, at(*pattern)))
    for report in (judged, blind):
        assert not report.ok
        assert report.sets["a"].exact == report.sets["c"].exact > 0


def test_small_numbers_kept_back_alone_are_recovered() -> None:
    table = reach(counts(1))
    report = run(keep_back(table, is_small()), protected=primary(table))
    assert not report.ok
    assert report.sets["c"].exact > 5
    assert run(keep_back(table, is_small())).sets["c"].exact > 5
    small = primary(table).join(
        report.findings.filter((pl.col("set_of_attack") == "c") & (pl.col("kind") == "exact")),
        on=list(CELL_KEY),
        nulls_equal=True,
    )
    assert (small["value"] == small["lower"]).all()


def test_a_small_number_that_is_simply_shown_fails() -> None:
    report = run(hand())
    assert report.outright == 2
    assert found(report, "c") >= {("N000", "female"), ("N001", "not_known")}


def test_quarters_protected_one_by_one_fall_to_their_year() -> None:
    first = reach(HAND, "2025-Q1", SEX).filter(pl.col("place_level") == "force")
    small = pl.when(at((None, "female"))).then(3).when(at((None, "not_known"))).then(105)
    first = first.with_columns(forms=small.otherwise("forms"))
    later = [reach({"sex": HAND["sex"] + 9}, f"2025-Q{q}", SEX) for q in (2, 3, 4)]
    year = year_of([first, *later])
    kept = keep_back(first, at((None, "female"), (None, "not_known")))
    secret = primary(first)
    assert run(pl.concat([kept, *later]), protected=secret).ok
    report = run(pl.concat([kept, *later, year]), protected=secret)
    assert [report.sets[name].exact for name in "abc"] == [0, 0, 1]
    assert not report.ok


def test_what_an_earlier_release_gave_is_known_for_ever() -> None:
    table = hand()
    published = keep_back(table, at(*RECTANGLE))
    earlier = ledger_of(keep_back(table, at(*RECTANGLE[:3])))
    report = run(published, ledger=earlier, protected=primary(table))
    assert report.sets["a"].exact == report.sets["b"].exact == 0
    assert found(report, "c") == {("N001", "not_known")}
    assert not report.ok


def test_a_share_gives_a_number_away() -> None:
    table = hand()
    published = keep_back(table, at(*RECTANGLE)).with_columns(
        share=pl.when(at((0, "female"))).then(round(3 / 32, 4)),
        share_status=pl.lit(None, pl.String),
    )
    report = run(published, protected=primary(table))
    assert report.sets["c"].exact == 0
    assert report.sets["f"].exact >= 1
    assert ("N000", "female") in found(report, "f")
    assert not report.ok


def test_shares_of_published_numbers_give_nothing_away() -> None:
    table = hand()
    totals = table.filter(pl.col("characteristic") == "all").select(
        "neighbourhood_id", pl.col("forms").alias("all")
    )
    published = keep_back(table, at(*RECTANGLE))
    shares = published.join(totals, on="neighbourhood_id", nulls_equal=True, maintain_order="left")
    shares = shares.with_columns(
        share=pl.when(pl.col("characteristic") != "all")
        .then(pl.col("forms") / pl.col("all"))
        .round(4)
    ).drop("all")
    report = run(shares, protected=primary(table))
    assert report.ok
    assert report.sets["f"].disagree == 0


def test_a_difference_of_three_people_between_editions_is_found() -> None:
    old = hand()
    new = old.with_columns(
        forms=pl.col("forms")
        + pl.when(at((2, "male"), (2, "all"), (None, "male"), (None, "all"))).then(3).otherwise(0)
    )
    hide = at(*RECTANGLE)
    ledger = pl.concat(
        [ledger_of(keep_back(old, hide)), ledger_of(keep_back(new, hide), 2, "2026-06-1")]
    )
    report = run(keep_back(new, hide), ledger=ledger)
    assert report.sets["c"].exact == 0
    assert ("N002", "male") in found(report, "h")
    assert not report.ok


def test_a_difference_behind_two_kept_back_numbers_is_found() -> None:
    """The number itself is safe in both editions, and yet all know that three came to it."""
    old = hand()
    new = old.with_columns(
        forms=pl.col("forms")
        + pl.when(at((2, "male"), (2, "all"), (None, "male"), (None, "all"))).then(3).otherwise(0)
    )
    hide = at(*RECTANGLE, (2, "male"), (1, "male"), (2, "female"))
    ledger = pl.concat(
        [ledger_of(keep_back(t, hide), e, f"2025-{e}") for e, t in ((1, old), (2, new))]
    )
    report = run(keep_back(new, hide), ledger=ledger)
    assert report.sets["c"].exact == 0
    changed = report.findings.filter(pl.col("set_of_attack") == "h")
    assert ("N002", "all") in set(changed.select("neighbourhood_id", "item").iter_rows())


def test_a_number_restated_in_silence_is_found() -> None:
    table = hand()
    ledger = ledger_of(keep_back(table, at(*RECTANGLE)))
    restated = table.with_columns(
        forms=pl.col("forms")
        + pl.when(at((2, "male"), (2, "all"), (None, "male"), (None, "all"))).then(1).otherwise(0)
    )
    report = run(keep_back(restated, at(*RECTANGLE)), ledger=ledger)
    assert ("N002", "male") in found(report, "h")
    assert not report.ok


def test_the_only_one_in_a_cell_can_work_out_the_other() -> None:
    table = reach(
        {"sex": np.array([[1, 20, 9], [12, 30, 2], [14, 25, 8], [30, 30, 30]])}, groups=SEX
    )
    beside = cells_of(table.filter(at((0, "not_known")))).with_columns(
        threshold=pl.lit(5, pl.Int64), single=pl.lit(value=False)
    )
    secret = pl.concat([primary(table), beside])
    report = run(keep_back(table, at(*RECTANGLE)), protected=secret)
    assert report.ok
    assert report.sets["e"].cells == 1
    assert found(report, "e") == {("N000", "not_known")}


@pytest.mark.parametrize(("elsewhere", "counted"), [(30, False), (2, True)])
def test_of_remainders_an_insider_works_out_only_small_ones_count(
    elsewhere: int, *, counted: bool
) -> None:
    rows = np.array([[1, 20, 9], [12, 30, 20], [14, 25, 8], [elsewhere, 30, 30]])
    table = reach({"sex": rows}, groups=SEX)
    kept = keep_back(table, at((0, "female"), (0, "not_known")))
    report = run(kept, protected=primary(table))
    assert report.sets["e"].cells == 1
    assert found(report, "e", "exact", "implied") == ({(None, "female")} if counted else set())
    assert report.sets["e"].exact == int(counted)


def test_what_fewer_facts_allow_is_proved_again_under_more() -> None:
    """Worlds of (c) are tried first in (d2), and those that it rules out count nothing."""
    rows = np.array([[3, 4, 9], [4, 3, 20], [14, 25, 8], [30, 30, 30]])
    table = reach({"sex": rows}, groups=SEX)
    hide = at(*((place, item) for place in range(2) for item in ("female", "male")))
    report = run(keep_back(table, hide), protected=primary(table))
    assert report.sets["c"].narrowed == 0
    # 7 in two numbers of which none is 0: each is 6 at most, and can be 1 and 5.
    assert report.sets["d2"].narrowed == 0
    rows = np.array([[2, 4, 9], [4, 2, 20], [14, 25, 8], [30, 30, 30]])
    table = reach({"sex": rows}, groups=SEX)
    report = run(keep_back(table, hide), protected=primary(table))
    assert report.sets["c"].narrowed == 0
    assert report.sets["d2"].narrowed == 0
    rows = np.array([[2, 3, 9], [3, 2, 20], [14, 25, 8], [30, 30, 30]])
    table = reach({"sex": rows}, groups=SEX)
    report = run(keep_back(table, hide), protected=primary(table))
    assert report.sets["c"].narrowed == 0
    assert report.sets["d2"].narrowed == 4


def test_an_attacker_who_knows_that_no_zero_is_kept_back_learns_more() -> None:
    rows = np.array([[3, 20, 0], [0, 30, 4], [14, 25, 8], [30, 30, 30]])
    table = reach({"sex": rows}, groups=SEX)
    published = keep_back(table, at(*RECTANGLE))
    secret = primary(table)
    report = run(published, protected=secret, truth=cells_of(table))
    assert report.sets["c"].exact == 0
    assert report.sets["d1"].narrowed == 2
    assert report.sets["d2"].impossible > 0 or report.sets["d2"].exact + report.sets["d2"].narrowed
    assert not run(published, protected=secret.drop("value")).sets["d1"].tried


def test_numbers_that_do_not_agree_are_a_finding() -> None:
    table = hand().with_columns(
        forms=pl.when(at((2, "male"))).then(pl.col("forms") + 40).otherwise("forms")
    )
    report = run(keep_back(table, at(*RECTANGLE)))
    assert report.sets["a"].disagree > 0
    assert not report.ok
    assert "do not agree" in report.as_markdown()


def test_a_neighbourhood_all_of_one_religion_is_found() -> None:
    rows = {"religion_or_belief": np.array([[0, 40, 0, 0], [11, 40, 12, 20], [30, 40, 30, 30]])}
    groups = {"religion_or_belief": GROUPS["religion_or_belief"]}
    table = reach(rows, groups=groups)
    report = run(table)
    assert report.sets["c"].of_one_class == 1
    assert not report.ok


def test_people_outside_the_neighbourhoods_are_people_too() -> None:
    rows = {"sex": np.array([[30, 20, 9], [12, 30, 20], [2, 30, 30]])}
    table = reach(rows, groups=SEX)
    assert found(run(table), "c") == {(None, "female")}
    report = attack({"engagement_reach": table}, None, POLICY, remainders=False)
    assert report.ok


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_bounds_are_those_of_trying_every_table(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.integers(0, 5, (3, 2))
    groups = {"sex": ("female", "male")}
    table = reach({"sex": rows}, groups=groups, unplaced=False)
    kept = random.random(6) < 0.7
    cells = [(p, g) for p in range(2) for g in groups["sex"]]
    cells += [(None, g) for g in groups["sex"]]
    rows_kept = [cell for cell, keep in zip(cells, kept, strict=True) if keep]
    table = reach({"sex": rows}, groups=groups)
    if not rows_kept:
        return
    published = keep_back(table, at(*rows_kept))
    secret = cells_of(table.filter(at(*rows_kept))).with_columns(threshold=pl.lit(5))
    report = attack(
        {"engagement_reach": published}, None, POLICY, protected=secret, remainders=False
    )
    worlds = _every_world(rows, dict(zip(cells, kept, strict=True)))
    expected = {
        (None if place is None else f"N{place:03}", item): (low, high)
        for (place, item), (low, high) in worlds.items()
        if low > 1 or high < 5 or low == high
    }
    rows_found = report.findings.filter(pl.col("set_of_attack") == "g")
    got = {
        (n, i): (lo, hi)
        for n, i, lo, hi in rows_found.select(
            "neighbourhood_id", "item", "lower", "upper"
        ).iter_rows()
    }
    assert got == expected
    exact = {cell for cell, (low, high) in expected.items() if low == high}
    assert found(report, "c") >= exact


def _every_world(
    rows: np.ndarray, kept: dict[tuple[int | None, str], bool]
) -> dict[tuple[int | None, str], tuple[int, int]]:
    """Least and most of each cell kept back, over all tables with the published numbers."""
    totals, whole = rows[:2].sum(axis=1), rows.sum()
    seen: dict[tuple[int | None, str], set[int]] = {cell: set() for cell, k in kept.items() if k}
    ways = [range(totals[0] + 1), range(totals[1] + 1), range(rows[2].sum() + 1)]
    for women in itertools.product(*ways):
        world = {
            (0, "female"): women[0],
            (0, "male"): totals[0] - women[0],
            (1, "female"): women[1],
            (1, "male"): totals[1] - women[1],
            (None, "female"): sum(women),
            (None, "male"): whole - sum(women),
        }
        true = {
            (0, "female"): rows[0, 0],
            (0, "male"): rows[0, 1],
            (1, "female"): rows[1, 0],
            (1, "male"): rows[1, 1],
            (None, "female"): rows[:, 0].sum(),
            (None, "male"): rows[:, 1].sum(),
        }
        if all(kept[cell] or world[cell] == true[cell] for cell in world):
            for cell, values in seen.items():
                values.add(int(world[cell]))
    return {cell: (min(values), max(values)) for cell, values in seen.items()}


def test_the_same_tables_give_the_same_report() -> None:
    table = reach(counts(3, 25))
    published = keep_back(table, is_small())
    one, two = (run(published, protected=primary(table)) for _ in range(2))
    assert one.findings.equals(two.findings)
    assert one.as_dict() == two.as_dict()
    assert one.as_markdown() == two.as_markdown()


def test_what_is_published_of_the_report_holds_counts_alone() -> None:
    table = reach(counts(1))
    report = run(keep_back(table, is_small()), protected=primary(table))
    said = json.dumps(report.as_dict())
    assert "N000" not in said
    assert report.as_dict()["sets"]["c"]["exact"] > 0
    page = report.as_markdown()
    assert page.startswith("# What an attacker can work out")
    assert "Failed: do not publish" in page
    assert "What this does not cover" in page


def test_a_release_folder_is_read_as_it_lies(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "disclosure.json").write_text(json.dumps({"policy": POLICY}))
    table = hand()
    published = keep_back(table, at(*RECTANGLE[:3]))
    published.write_parquet(tmp_path / "tables" / "engagement_reach.parquet")
    first = attack_release(tmp_path)
    (tmp_path / "tables" / "engagement_reach.parquet").unlink()
    published.write_csv(tmp_path / "tables" / "engagement_reach.csv")
    second = attack_release(tmp_path)
    assert not first.ok
    assert first.findings.equals(second.findings)


def test_a_folder_without_protected_tables_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="count people"):
        attack_release(tmp_path)


def test_a_table_without_a_column_says_which() -> None:
    with pytest.raises(InputError, match="forms_status"):
        run(hand().drop("forms_status"))
