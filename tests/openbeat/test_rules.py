"""What each kind of rule means, row by row, in Polars."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from openbeat.patterns import pattern_fault
from openbeat.rules import ARGUMENTS, Rule, row_expression

NAN = float("nan")


def rule(kind: str, **arguments: Any) -> Rule:
    return Rule.model_validate(
        {"id": "r", "kind": kind, "severity": "critical", "sentence": "It is so.", **arguments}
    )


def kept(of: Rule, **columns: list[Any]) -> list[bool | None]:
    frame = pl.DataFrame(columns)
    return frame.select(row_expression(of, {"month": "2025-03"})).to_series().to_list()


@pytest.mark.parametrize(
    ("asked", "values", "expected"),
    [
        (rule("not_null", column="a"), ["x", "", None], [True, True, False]),
        (rule("is_null", column="a"), ["x", "", None], [False, False, True]),
        (rule("is_null", column="a"), [NAN, None], [False, True]),
        (rule("in_set", column="a", values=["x", "y"]), ["x", "X", None], [True, False, True]),
        (rule("in_set", column="a", values=[1, 2]), [1, 3, None], [True, False, True]),
        (rule("equals", column="a", value=True), [True, False, None], [True, False, True]),
        (rule("equals", column="a", parameter="month"), ["2025-03", "2025-3"], [True, False]),
        (rule("matches", column="a", pattern=r"\d+|b"), ["12", "12\n", "a1", "bb", None, "٣"],
         [True, False, False, False, True, False]),
        (rule("matches", column="a", pattern=r"[\d.]"), ["1", ".", "d", "\\"],
         [True, True, False, False]),
        (rule("between", column="a", minimum=1, maximum=2), [1.0, 2.0, 2.1, NAN, None],
         [True, True, False, False, True]),
        (rule("between", column="a", minimum=1), [0, 1, None], [False, True, True]),
        (rule("between", column="a", maximum="2020-02-29"),
         [date(2020, 2, 29), date(2020, 3, 1), None], [True, False, True]),
        (rule("between", column="a", minimum="2019-06"), ["2019-06", "2019-05", ""],
         [True, False, False]),
    ],
)  # fmt: skip
def test_a_row_keeps_or_breaks_a_rule(asked: Rule, values: list[Any], expected: list[bool]) -> None:
    assert kept(asked, a=values) == expected


def test_same_as_takes_two_nulls_for_the_same_and_one_for_a_difference() -> None:
    asked = rule("same_as", column="a", other="b")
    assert kept(asked, a=["x", "x", None, None], b=["x", "y", "x", None]) == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"in": ["x"]}, [False, True, True]),
        ({"not_in": ["x"]}, [True, False, True]),
        ({"is_null": True}, [True, True, False]),
        ({"is_null": False}, [False, False, True]),
    ],
)
def test_a_rule_speaks_only_where_its_condition_holds(
    when: dict[str, Any], expected: list[bool]
) -> None:
    asked = rule("not_null", column="a", when={"column": "b", **when})
    empty = pl.Series([None, None, None], dtype=pl.String).to_list()
    assert kept(asked, a=empty, b=["x", "y", None]) == expected


@pytest.mark.parametrize("kind", sorted(ARGUMENTS))
def test_each_kind_refuses_to_go_without_its_arguments(kind: str) -> None:
    with pytest.raises(ValidationError, match=f"rule 'r': the kind {kind} takes"):
        rule(kind)


def test_a_table_rule_has_no_row_expression() -> None:
    with pytest.raises(ValueError, match="table kind"):
        row_expression(rule("unique", columns=["a", "b"]), {})


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(KeyError, match="month"):
        row_expression(rule("equals", column="a", parameter="month"), {})


@pytest.mark.parametrize(
    "pattern", [r"[0-9a-f]{64}", r"[EWSN9]\d{8}", "(?:a|b)+c?", r"a\.b\-c", "^x$", "é.*", ""]
)
def test_patterns_of_the_common_ground_are_allowed(pattern: str) -> None:
    assert pattern_fault(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"(?=a)", r"(?!a)", r"(?<=a)b", r"(a)\1", "(?P<n>a)", "(?i)a", r"\w", r"\bx", r"a\Z"),
        *("a++", "a{,3}", "[]a]", "[a[b]]", "[a&&b]", "[a--b]", "(", "\\", r"\<", r"\é"),
    ],
)
def test_patterns_that_engines_read_differently_are_refused(pattern: str) -> None:
    assert pattern_fault(pattern) is not None
