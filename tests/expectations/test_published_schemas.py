"""The published tables, held against ``published_schemas.json``: what readers of them rely on.

Where a change is meant: raise the table's ``schema_version`` as far as the change needs, then
``python -m pytest tests/expectations/test_published_schemas.py --renew``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assets.checks import contracts
from openbeat import codelists
from openbeat.release.schema_changes import Level, schema_changes
from openbeat.release.schemas import table_schema
from openbeat.versions import parse_version

SNAPSHOT = Path(__file__).with_name("published_schemas.json")


def schemas() -> dict[str, dict[str, Any]]:
    lists = {name: codelists.load(name) for name in codelists.names()}
    return {
        name: {"version": contract.schema_version, "schema": table_schema(contract, lists)}
        for name, contract in sorted(contracts().items())
        if contract.published
    }


def test_no_table_changes_without_the_version_that_its_readers_are_owed(
    request: pytest.FixtureRequest,
) -> None:
    now = schemas()
    before = json.loads(SNAPSHOT.read_text("utf-8")) if SNAPSHOT.exists() else now
    owed = {}
    for name in before.keys() & now.keys():
        old, new = (parse_version(each[name]["version"]) for each in (before, now))
        changes = schema_changes(name, before[name]["schema"], now[name]["schema"])
        needed = max((change.level for change in changes), default=Level.NONE)
        rose = next(
            (level for level, at in ((Level.MAJOR, 0), (Level.MINOR, 1)) if new[at] > old[at]),
            Level.PATCH if new > old else Level.NONE,
        )
        if rose < needed:
            owed[name] = [change.sentence for change in changes if change.level == needed]
    assert not owed
    if request.config.getoption("--renew"):
        SNAPSHOT.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    assert json.loads(SNAPSHOT.read_text("utf-8")) == json.loads(json.dumps(now))
