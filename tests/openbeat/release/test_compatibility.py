"""A release follows the one before, or its readers were told in time."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from openbeat.contract import Contract
from openbeat.errors import InputError
from openbeat.release.compatibility import check_compatible
from openbeat.release.content import ReleaseContent
from openbeat.release.schema_changes import Level
from openbeat.release.schemas import table_schema
from openbeat.versions import Deprecation, Register, Stopped
from tests.openbeat.release.altered import CASES, with_columns, without
from tests.openbeat.release.conftest import column, counts_contract

AS_OF = date(2025, 7, 31)
LATER = date(2025, 12, 31)
Publish = Callable[..., Path]


def release_of(content: ReleaseContent, contract: Contract, **more: Any) -> ReleaseContent:
    some = {"sightings": content.tables["sightings"]}
    return dataclasses.replace(
        content, tables=some, contracts={"sightings": contract}, boundaries=None, **more
    )


@pytest.fixture
def publish(content: ReleaseContent, tmp_path: Path) -> Publish:
    """Puts a release's descriptor into a store, as far as later releases are held against it."""

    def publish(
        contracts: Mapping[str, Contract], release_id: str = "2025-06-r1", as_of: date = AS_OF
    ) -> Path:
        folder = tmp_path / "releases" / release_id
        folder.mkdir(parents=True)
        resources = [
            {
                "path": f"tables/{name}.parquet",
                "schema_version": contract.schema_version,
                "schema": table_schema(contract, content.codelists),
            }
            for name, contract in contracts.items()
        ]
        package = {
            "release": release_id,
            "month": release_id[:7],
            "as_of": as_of.isoformat(),
            "resources": resources,
        }
        (folder / "datapackage.json").write_text(json.dumps(package))
        return folder

    return publish


def test_the_first_release_follows_nothing(content: ReleaseContent) -> None:
    assert check_compatible(content, None, Register()) == []


def test_a_release_follows_a_whole_written_release(content: ReleaseContent, master: Path) -> None:
    assert check_compatible(content, master, Register()) == []


@pytest.mark.parametrize("case", [case for case, (_, _, level) in CASES.items() if level])
def test_a_change_without_the_version_it_needs_is_refused(
    case: str, content: ReleaseContent, publish: Publish
) -> None:
    old, new, level = CASES[case]
    same = new.model_copy(update={"schema_version": "1.0.0"})
    previous = publish({"sightings": old})
    with pytest.raises(InputError, match=f"must be .* or later \\({level.name.lower()}\\)"):
        check_compatible(release_of(content, same), previous, Register())


@pytest.mark.parametrize(
    ("version", "case"),
    [("1.0.1", "other words"), ("1.1.0", "a column at the end"), ("1.1.0", "a code more")],
)
def test_what_breaks_nobody_needs_its_version_alone(
    version: str, case: str, content: ReleaseContent, publish: Publish
) -> None:
    old, new, _ = CASES[case]
    new = new.model_copy(update={"schema_version": version})
    changes = check_compatible(release_of(content, new), publish({"sightings": old}), Register())
    assert len(changes) == 1


def test_every_fault_is_told_at_once(content: ReleaseContent, publish: Publish) -> None:
    new = with_columns([*without("rate"), column("also")])
    with pytest.raises(InputError) as refused:
        check_compatible(
            release_of(content, new), publish({"sightings": counts_contract()}), Register()
        )
    assert "must be 2.0.0 or later" in str(refused.value)
    assert "column rate was removed. Keep it as it was, announce it" in str(refused.value)


def test_a_new_column_says_since_when(content: ReleaseContent, publish: Publish) -> None:
    new = with_columns([*counts_contract().columns, column("also")], schema_version="1.1.0")
    with pytest.raises(InputError, match=r"must say since: 1\.1\.0"):
        check_compatible(
            release_of(content, new), publish({"sightings": counts_contract()}), Register()
        )


def test_a_version_does_not_go_back(content: ReleaseContent, publish: Publish) -> None:
    previous = publish({"sightings": counts_contract(schema_version="1.2.0")})
    with pytest.raises(InputError, match=r"went back from 1\.2\.0 to 1\.0\.0"):
        check_compatible(release_of(content, counts_contract()), previous, Register())


# Breaking changes


def goes(**more: object) -> Deprecation:
    given: dict[str, object] = {
        "table": "sightings",
        "column": "rate",
        "version": "2.0.0",
        "announced": date(2025, 7, 10),
        "not_before": date(2025, 10, 1),
        "replacement": "count",
        "why": "It misleads.",
    }
    return Deprecation.model_validate(given | more)


def announced(entry: Deprecation, version: str = "1.1.0") -> dict[str, Contract]:
    return Register(deprecations=[entry]).attach(
        {"sightings": counts_contract(schema_version=version)}
    )


def after(entry: Deprecation, contract: Contract | None = None) -> Contract:
    new = contract or with_columns(without("rate"))
    new = new.model_copy(update={"schema_version": "2.0.0"})
    return Register(deprecations=[entry]).attach({"sightings": new})["sightings"]


def test_to_announce_is_a_minor_change_that_the_changelog_tells(
    content: ReleaseContent, publish: Publish
) -> None:
    previous = publish({"sightings": counts_contract()})
    register = Register(deprecations=[goes()])
    new = release_of(content, announced(goes())["sightings"])
    (change,) = check_compatible(new, previous, register)
    assert change.level == Level.MINOR
    assert change.sentence == (
        "sightings: column rate will be removed with version 2.0.0, not before 2025-10-01:"
        " It misleads. Use count."
    )
    with pytest.raises(InputError, match=r"must be 1\.1\.0 or later"):
        check_compatible(
            release_of(content, announced(goes(), "1.0.0")["sightings"]), previous, register
        )


def test_an_announced_removal_may_come_after_90_days(
    content: ReleaseContent, publish: Publish
) -> None:
    previous = publish(announced(goes()))
    new = release_of(content, after(goes()), as_of=LATER)
    (change,) = check_compatible(new, previous, Register(deprecations=[goes()]))
    assert change.sentence == "sightings: column rate was removed; use count."


@pytest.mark.parametrize(("days", "enough"), [(89, False), (90, True)])
def test_90_days_are_counted_from_the_release_that_first_told(
    days: int, enough: bool, content: ReleaseContent, publish: Publish
) -> None:
    as_of = AS_OF + timedelta(days=days)
    entry = goes(not_before=AS_OF + timedelta(days=1) if not enough else as_of)
    previous = publish(announced(entry))
    new = release_of(content, after(entry), as_of=as_of)
    if enough:
        assert check_compatible(new, previous, Register(deprecations=[entry]))
    else:
        with pytest.raises(InputError, match="89 days before"):
            check_compatible(new, previous, Register(deprecations=[entry]))


def test_it_may_come_after_the_releases_of_three_months(
    content: ReleaseContent, publish: Publish
) -> None:
    soon = goes(not_before=date(2025, 8, 1))
    for name, as_of in [("2025-04-r1", (2025, 5, 31)), ("2025-05-r1", (2025, 6, 30))]:
        publish(announced(soon), name, date(*as_of))
    previous = publish(announced(soon), "2025-06-r1", date(2025, 7, 31))
    new = release_of(content, after(soon), as_of=date(2025, 8, 1))
    assert check_compatible(new, previous, Register(deprecations=[soon]))


def test_three_releases_of_one_month_are_no_notice(
    content: ReleaseContent, publish: Publish
) -> None:
    soon = goes(not_before=date(2025, 8, 1))
    for number in (1, 2):
        publish(announced(soon), f"2025-06-r{number}")
    previous = publish(announced(soon), "2025-06-r3")
    new = release_of(content, after(soon), as_of=date(2025, 8, 31))
    with pytest.raises(InputError, match="first in release 2025-06-r1, 31 days before"):
        check_compatible(new, previous, Register(deprecations=[soon]))


def test_an_announcement_cannot_be_dated_back(content: ReleaseContent, publish: Publish) -> None:
    old = goes(announced=date(2020, 1, 1), not_before=date(2020, 6, 1))
    unaware = publish({"sightings": counts_contract()})
    new = release_of(content, after(old), as_of=LATER)
    with pytest.raises(InputError, match="did not carry the announcement"):
        check_compatible(new, unaware, Register(deprecations=[old]))


def test_a_published_date_is_kept_though_the_register_says_an_earlier(
    content: ReleaseContent, publish: Publish
) -> None:
    previous = publish(announced(goes(not_before=date(2026, 3, 1))))
    hurried = goes(not_before=date(2025, 10, 1))
    new = release_of(content, after(hurried), as_of=LATER)
    with pytest.raises(InputError, match="not before 2026-03-01"):
        check_compatible(new, previous, Register(deprecations=[hurried]))


def test_an_announcement_serves_once(content: ReleaseContent, publish: Publish) -> None:
    """Its version is past: the same column, back again, needs one of its own."""
    previous = publish({"sightings": counts_contract(schema_version="2.1.0")})
    new = with_columns(without("rate"), schema_version="3.0.0")
    with pytest.raises(InputError, match="announce it"):
        check_compatible(
            release_of(content, new, as_of=LATER), previous, Register(deprecations=[goes()])
        )


def test_one_column_announced_is_not_another(content: ReleaseContent, publish: Publish) -> None:
    previous = publish(announced(goes()))
    both = [c for c in without("rate") if c.name != "whole"]
    new = release_of(content, after(goes(), with_columns(both)), as_of=LATER)
    with pytest.raises(InputError, match="column whole was removed") as refused:
        check_compatible(new, previous, Register(deprecations=[goes()]))
    assert "column rate" not in str(refused.value)


def test_a_change_of_the_whole_table_is_announced_once(
    content: ReleaseContent, publish: Publish
) -> None:
    entry = goes(column=None, change="changed", replacement=None)
    previous = publish(announced(entry))
    new = after(entry, with_columns(list(reversed(without("rate")))))
    changes = check_compatible(
        release_of(content, new, as_of=LATER), previous, Register(deprecations=[entry])
    )
    assert {change.level for change in changes if change.kind != "changed"} == {Level.MAJOR}


# Tables that go


def two_tables(content: ReleaseContent) -> dict[str, Contract]:
    return {"sightings": counts_contract(), "spare": counts_contract(table="spare")}


def test_a_table_left_out_by_mistake_is_refused(content: ReleaseContent, publish: Publish) -> None:
    previous = publish(two_tables(content))
    new = dataclasses.replace(release_of(content, counts_contract()), contracts=two_tables(content))
    with pytest.raises(InputError, match=r"without its sources by mistake.*under stopped"):
        check_compatible(new, previous, Register())
    why = Stopped(tables=["spare"], since=AS_OF, why="No logs are kept any more.")
    (change,) = check_compatible(new, previous, Register(stopped=[why]))
    assert change.sentence == (
        "spare: the table is no longer in the release: No logs are kept any more."
    )


def test_a_table_that_openbeat_drops_needs_notice(
    content: ReleaseContent, publish: Publish
) -> None:
    entry = goes(table="spare", column=None, version=None, replacement="sightings")
    register = Register(
        deprecations=[entry], stopped=[Stopped(tables=["spare"], since=AS_OF, why="Gone.")]
    )
    new = release_of(content, counts_contract(), as_of=LATER)
    silent = publish(two_tables(content), "2025-05-r1")
    with pytest.raises(InputError, match="did not carry the announcement"):
        check_compatible(new, silent, register)
    told = publish(register.attach(two_tables(content)))
    (change,) = check_compatible(new, told, register)
    assert change.kind == "removed"


def test_a_new_table_is_told(content: ReleaseContent, publish: Publish) -> None:
    previous = publish({"other": counts_contract(table="other")})
    stopped = Register(stopped=[Stopped(tables=["other"], since=AS_OF, why="Gone.")])
    contracts = {"sightings": counts_contract(), "other": counts_contract(table="other")}
    new = dataclasses.replace(release_of(content, counts_contract()), contracts=contracts)
    sentences = [change.sentence for change in check_compatible(new, previous, stopped)]
    assert "sightings: a new table, Sightings." in sentences


def test_a_broken_descriptor_is_told(content: ReleaseContent, tmp_path: Path) -> None:
    (tmp_path / "2025-06-r1").mkdir()
    (tmp_path / "2025-06-r1" / "datapackage.json").write_text('{"resources": [3]}')
    with pytest.raises(InputError, match="2025-06-r1 cannot be read"):
        check_compatible(content, tmp_path / "2025-06-r1", Register())
