"""The two evaluations of every rule kind agree: Polars finds as many broken rows as GX does.

Values are drawn from small pools of awkward ones, so that rows repeat and rules break often. Each
example judges one rule of every kind, with any condition, over one random frame.
"""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from expectations.validation import judge
from openbeat.contract import Column, Contract, Rule, broken_counts, row_expression, split

NAN, INFINITY = float("nan"), float("inf")
TEXTS = [
    *("", " ", "a", "A", "é", "e\u0301", "a\n", "12", "1２", "٣", "x`y", "@x", "it's", '"q"', "#"),
    *("\\", "nan", "NaN", "None", "null", "<NA>", "True", "a,b", "[a]", "😀", "a\u0000b", "ß"),
]
MONTHS = ["2025-03", "2025-3", "2024-12", "2025-04", "2025-13", "0000-00", "9999-12", "", "x"]
INTEGERS = [0, 1, -1, 2, 7, 2**53 - 1, 2**53, 2**53 + 1, -(2**63), 2**63 - 1]
NUMBERS = [0.0, -0.0, 1.0, 1.5, -9.0, 3.0, 1e308, NAN, INFINITY, -INFINITY]
DATES = [date(1, 1, 1), date(1899, 12, 31), date(2020, 2, 29), date(2025, 3, 1), date(9999, 12, 31)]
PATTERNS = ["a", r"\d+", "[a-z]*", "é", r"a|b|", ".", r"[\d\\]+", "(?:x`y|@x)", "^a$", "a.b", "😀"]
POOLS: dict[str, tuple[str, list[Any]]] = {
    "text": ("string", TEXTS),
    "other": ("string", TEXTS),
    "third": ("string", TEXTS),
    "month": ("month", MONTHS),
    "number": ("number", NUMBERS),
    "integer": ("integer", INTEGERS),
    "boolean": ("boolean", [True, False]),
    "date": ("date", DATES),
    "later": ("date", DATES),
}
COLUMNS = [
    Column.model_validate({"name": name, "type": kind, "description": name})
    for name, (kind, _) in POOLS.items()
]
PARAMETERS = {"month": "2025-03"}


def contract(rules: list[Rule]) -> Contract:
    return Contract(
        table="t",
        title="T",
        description="T.",
        layer="raw",
        schema_version="1.0.0",
        columns=COLUMNS,
        rules=rules,
    )


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    """Rows drawn from the pools; a column may have no nulls, some, or nothing else.

    Only a seed is drawn for the rows: drawing each value by itself takes longer than judging them.
    """
    height = draw(st.sampled_from([0, 1, 12, 60]))
    chance = random.Random(draw(st.integers(0, 2**32)))
    columns = {}
    for name, (_, pool) in POOLS.items():
        choices = [pool, [None, *pool], [None], pool[:1]]
        columns[name] = chance.choices(chance.choices(choices, [4, 4, 1, 1])[0], k=height)
    return pl.DataFrame(columns, schema=contract([]).polars_schema())


def conditions() -> st.SearchStrategy[dict[str, Any] | None]:
    texts = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=12, unique=True)
    text_columns = st.sampled_from(["text", "third"])
    return st.one_of(
        st.none(),
        st.fixed_dictionaries({"column": text_columns, "in": texts}),
        st.fixed_dictionaries({"column": text_columns, "not_in": texts}),
        st.fixed_dictionaries(
            {"column": st.sampled_from(list(POOLS)), "is_null": st.booleans()},
        ),
    )


def bounds(column: str) -> st.SearchStrategy[dict[str, Any]]:
    """``between`` over one column, with either bound or both."""
    allowed: dict[str, list[Any]] = {
        "number": [-9, 0, 1.5, 3.0],
        "integer": [-1, 0, 2, 2**53 - 1],
        "month": ["2024-12", "2025-03"],
        "date": ["1900-01-01", "2020-02-29", "2025-03-01"],
    }
    low, high = st.sampled_from(allowed[column]), st.sampled_from(allowed[column])
    both = st.tuples(low, high).map(sorted).map(lambda b: {"minimum": b[0], "maximum": b[1]})
    one = st.one_of(low.map(lambda b: {"minimum": b}), high.map(lambda b: {"maximum": b}))
    return st.one_of(both, one).map(lambda b: {"column": column, **b})


def row_arguments() -> dict[str, st.SearchStrategy[dict[str, Any]]]:
    """The arguments of every row kind, by kind."""
    some = {
        "text": st.lists(st.sampled_from(TEXTS), min_size=1, max_size=9),
        "month": st.lists(st.sampled_from(MONTHS[:1]), min_size=1),
        "integer": st.lists(st.sampled_from(INTEGERS[:6]), min_size=1),
        "boolean": st.lists(st.booleans(), min_size=1),
    }
    anything = st.sampled_from(list(POOLS)).map(lambda name: {"column": name})
    sets = [values.map(lambda v, c=c: {"column": c, "values": v}) for c, values in some.items()]
    equal = [values.map(lambda v, c=c: {"column": c, "value": v[0]}) for c, values in some.items()]
    pairs = [("text", "other"), ("other", "third"), ("date", "later"), ("text", "text")]
    return {
        "not_null": anything,
        "is_null": anything,
        "in_set": st.one_of(sets),
        "equals": st.one_of([*equal, st.just({"column": "month", "parameter": "month"})]),
        "matches": st.fixed_dictionaries(
            {"column": st.sampled_from(["text", "other"]), "pattern": st.sampled_from(PATTERNS)}
        ),
        "between": st.sampled_from(["number", "integer", "month", "date"]).flatmap(bounds),
        "same_as": st.sampled_from(pairs).map(lambda p: {"column": p[0], "other": p[1]}),
    }


@st.composite
def rules_of_every_row_kind(draw: st.DrawFn) -> list[Rule]:
    return [
        Rule.model_validate(
            {
                "id": kind,
                "kind": kind,
                "severity": draw(st.sampled_from(["critical", "warning"])),
                "sentence": "So it is.",
                "when": draw(conditions()),
                **draw(arguments),
            }
        )
        for kind, arguments in row_arguments().items()
    ]


relaxed = settings(
    deadline=None,
    derandomize=True,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],  # a seed does not shrink
    suppress_health_check=[HealthCheck.too_slow],
)


@relaxed
@given(frame=frames(), rules=rules_of_every_row_kind())
def test_polars_and_great_expectations_agree(frame: pl.DataFrame, rules: list[Rule]) -> None:
    of = contract(rules)
    found = broken_counts(frame, of, PARAMETERS)
    judged = judge(frame, of, PARAMETERS)
    assert not [r.sentence for r in judged if r.sentence != "So it is."]  # all were judged
    assert [(r.rule, r.checked, r.broken, r.success) for r in judged] == [
        (rule, checked, broken, broken == 0) for rule, _, checked, broken in found.rows()
    ]


@settings(relaxed, max_examples=8)
@given(frame=frames(), data=st.data())
def test_unique_counts_every_row_of_a_repeated_key(
    frame: pl.DataFrame, data: st.DataObject
) -> None:
    names = [name for name in POOLS if name != "number"]
    key = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    rule = Rule(id="u", kind="unique", severity="critical", sentence="Unique.", columns=key)
    judged = judge(frame, contract([rule]), PARAMETERS)[0]
    repeated = frame.select(pl.struct(key).is_duplicated()).to_series()
    if len(key) == 1:  # nulls of a single column are not compared
        repeated &= frame[key[0]].is_not_null()
    assert (judged.severity, judged.broken) == ("critical", repeated.sum()), judged
    assert judged.success == (judged.broken == 0)


@settings(relaxed, max_examples=8)
@given(frame=frames(), rules=rules_of_every_row_kind())
def test_what_is_accepted_holds_and_no_row_is_lost(frame: pl.DataFrame, rules: list[Rule]) -> None:
    of = contract(rules)
    numbered = frame.with_row_index("row")
    accepted, rejected = split(numbered, of, PARAMETERS)
    both = pl.concat([accepted, rejected.drop("rule", "rules", "column")])
    assert both.sort("row").equals(numbered)
    assert accepted["row"].is_sorted()
    assert rejected["row"].is_sorted()
    critical = [rule for rule in rules if rule.severity == "critical"]
    assert all(result.success for result in judge(accepted, contract(critical), PARAMETERS))
    for rule in critical:
        named = rejected["rules"].str.split("; ").list.contains(rule.id)
        assert (
            named.to_list()
            == (~rejected.select(row_expression(rule, PARAMETERS)).to_series()).to_list()
        )
