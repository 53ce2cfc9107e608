"""How much of a table's version each change raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.release.content import ReleaseContent
from openbeat.release.schema_changes import Level, schema_changes
from openbeat.release.schemas import table_schema
from tests.openbeat.release.altered import CASES


@pytest.mark.parametrize("case", CASES)
def test_each_change_raises_the_part_of_the_version_it_needs(
    case: str, content: ReleaseContent
) -> None:
    old, new, level = CASES[case]
    changes = schema_changes(
        "sightings",
        table_schema(old, content.codelists),
        table_schema(new, content.codelists),
    )
    assert max((change.level for change in changes), default=Level.NONE) == level
    assert all(change.sentence.startswith("sightings") for change in changes)


NAMES = st.lists(st.sampled_from("abcdefg"), unique=True, min_size=1)


@settings(deadline=None, max_examples=60)
@given(old=NAMES, new=NAMES)
def test_only_columns_added_at_the_end_break_nobody(old: list[str], new: list[str]) -> None:
    def schema(names: list[str]) -> dict[str, Any]:
        return {"fields": [{"name": n, "type": "string", "description": n} for n in names]}

    changes = schema_changes("t", schema(old), schema(new))
    harmless = all(change.level < Level.MAJOR for change in changes)
    assert harmless == (new[: len(old)] == old)
    assert (not changes) == (old == new)
