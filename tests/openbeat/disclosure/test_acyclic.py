"""Which sets of tables may be protected by their published cells alone."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.disclosure.acyclic import blocking, is_acyclic

TABLES = st.lists(st.frozensets(st.sampled_from("NDEMQ"), max_size=4), max_size=6)


def tables(*names: str) -> list[frozenset[str]]:
    """A letter for each dimension: N neighbourhood, D district, E ethnicity, M method."""
    return [frozenset(name) for name in names]


def test_neighbourhood_by_ethnicity_beside_district_by_method_and_ethnicity() -> None:
    assert is_acyclic(tables("NDE", "DME"))


def test_neighbourhood_by_method_as_well_makes_a_cycle() -> None:
    cyclic = tables("NDE", "DME", "NDM")
    assert not is_acyclic(cyclic)
    assert blocking(cyclic) == tuple(cyclic)


def test_two_by_two_of_three_dimensions_is_a_cycle() -> None:
    assert blocking(tables("NE", "NM", "ME")) == tuple(tables("NE", "NM", "ME"))
    assert is_acyclic(tables("NE", "NM", "ME", "NME")), "the table behind them is there"


def test_only_the_tables_of_the_cycle_are_named() -> None:
    assert blocking(tables("QN", "NE", "NM", "EM", "E")) == tuple(tables("NE", "NM", "EM"))


def test_characteristics_that_share_the_totals_of_places_are_acyclic() -> None:
    shown = [{"place", "force", f"{name}:group"} for name in ("age", "sex", "disability")]
    detail = [{"force", f"{name}:group", f"{name}:category"} for name in ("age", "disability")]
    years = [{"force", "year", f"{name}:group"} for name in ("age", "sex")]
    quarters = [{*table, "quarter", "year"} for table in (*shown, *detail)]
    assert is_acyclic([frozenset(table) for table in (*quarters, *years)])


def test_crossing_two_characteristics_of_every_place_in_a_ring_is_not() -> None:
    ring = [{"force", *pair} for pair in (("age", "sex"), ("sex", "role"), ("role", "age"))]
    assert not is_acyclic([frozenset(table) for table in ring])


def test_no_table_and_one_table_are_acyclic() -> None:
    assert is_acyclic([])
    assert is_acyclic(tables("NEM"))
    assert is_acyclic(tables("", "NE", "NE"))


@settings(deadline=None, max_examples=150)
@given(TABLES)
def test_acyclic_is_having_a_join_tree(shown: list[frozenset[str]]) -> None:
    """Tables in a tree so that those which have a dimension hang together (Beeri et al. 1983)."""
    assert is_acyclic(shown) == has_join_tree(shown)


@settings(deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_the_tables_does_not_matter(shown: list[frozenset[str]], any_: object) -> None:
    mixed = list(shown)
    any_.shuffle(mixed)  # type: ignore[attr-defined]
    assert is_acyclic(shown) == is_acyclic(mixed)
    assert set(blocking(shown)) == set(blocking(mixed))


def has_join_tree(shown: list[frozenset[str]]) -> bool:
    """By trial: every table but the first gets one of the others for a parent."""
    size = len(shown)
    for parents in product(range(size), repeat=max(size - 1, 0)):
        if is_tree(parents) and all(hang_together(shown, parents, v) for v in set().union(*shown)):
            return True
    return size == 0


def is_tree(parents: tuple[int, ...]) -> bool:
    for start in range(1, len(parents) + 1):
        at = start
        for _ in parents:
            at = parents[at - 1] if at else 0
        if at:
            return False
    return True


def hang_together(shown: list[frozenset[str]], parents: tuple[int, ...], dimension: str) -> bool:
    """Of the tables with the dimension, all but one have a parent with it too."""
    having = [n for n, table in enumerate(shown) if dimension in table]
    return sum(n == 0 or dimension not in shown[parents[n - 1]] for n in having) == 1
