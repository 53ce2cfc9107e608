"""The register of announcements: what it takes, and where it shows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from openbeat.contract import Contract, load_contracts
from openbeat.errors import InputError
from openbeat.versions import REGISTER, Deprecation, Register, load_register, parse_version
from tests.openbeat.release.conftest import counts_contract

ROOT = Path(__file__).resolve().parent.parent.parent


def announce(**more: object) -> Deprecation:
    given: dict[str, object] = {
        "table": "sightings",
        "column": "count",
        "version": "2.0.0",
        "announced": date(2025, 1, 10),
        "not_before": date(2025, 6, 1),
        "why": "Nobody reads it.",
    }
    return Deprecation.model_validate(given | more)


def test_the_register_that_is_shipped_fits_the_contracts() -> None:
    contracts = load_contracts(ROOT / "expectations" / "contracts")
    assert set(load_register().attach(contracts)) == set(contracts)


def test_every_example_in_the_registers_comments_is_right(tmp_path: Path) -> None:
    example = re.compile(r"#(   - (?:table:|\{)|     [a-z_]+: )")
    own = tmp_path / "own.yaml"
    lines, found = [], []
    for line in REGISTER.read_text(encoding="utf-8").splitlines():
        if example.match(line):
            found.append(line.removeprefix("#"))
        elif line.endswith(": []"):
            lines += [line.removesuffix(" []"), *found]
            found = []
    own.write_text("\n".join(lines), encoding="utf-8")
    register = load_register(own)
    assert (len(register.deprecations), len(register.renames), len(register.stopped)) == (1, 1, 1)


def test_a_register_of_ones_own_adds_to_the_one_that_is_shipped(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("stopped: [{tables: [stops], since: 2026-01-01, why: No files.}]\n")
    register = load_register(own)
    assert register.reason_stopped("stops") == "No files."
    assert register.deprecations == load_register().deprecations


@pytest.mark.parametrize("version", ["1", "1.0", "1.0.0-beta", "01.0.0", "v1.0.0"])
def test_a_contract_needs_a_semantic_version(version: str) -> None:
    with pytest.raises(ValueError, match="schema_version"):
        counts_contract(schema_version=version)


def test_versions_are_compared_as_numbers() -> None:
    assert parse_version("1.10.0") > parse_version("1.9.9")


def test_what_is_announced_is_attached_until_its_version_comes() -> None:
    register = Register(deprecations=[announce()])
    attached = register.attach({"sightings": counts_contract()})
    assert [entry.place for entry in attached["sightings"].deprecations] == ["sightings.count"]
    gone = _without("count", schema_version="2.0.0")
    assert register.attach({"sightings": gone})["sightings"].deprecations == ()


def test_an_announced_removal_that_was_forgotten_is_refused() -> None:
    late = counts_contract(schema_version="2.0.0")
    with pytest.raises(InputError, match=r"was to go with version 2\.0\.0"):
        Register(deprecations=[announce()]).attach({"sightings": late})


def test_a_name_that_is_no_column_is_refused() -> None:
    with pytest.raises(InputError, match=r"sightings\.cuont is no published column"):
        Register(deprecations=[announce(column="cuont")]).attach({"sightings": counts_contract()})


def test_a_thing_cannot_be_announced_twice_at_once() -> None:
    register = Register(deprecations=[announce(), announce(version="3.0.0")])
    with pytest.raises(InputError, match="announced twice"):
        register.attach({"sightings": counts_contract()})


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"not_before": date(2025, 1, 10)}, "not_before must be after"),
        ({"change": "renamed"}, "needs its new name"),
        ({"version": None}, "major version"),
        ({"column": None}, "only where the table itself goes"),
        ({"version": "1.1.0"}, "pattern"),
    ],
)
def test_a_half_said_announcement_is_refused(more: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        announce(**more)


def _without(column: str, **more: object) -> Contract:
    whole = counts_contract()
    return counts_contract(
        columns=[c for c in whole.columns if c.name != column],
        rules=[r for r in whole.rules if r.column != column],
        **more,
    )
