"""The tables that count people as Dagster makes them: proved, attacked, or not published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import polars as pl
import pytest

from assets import protected
from assets.checks import contracts, require_judged
from assets.lineage import MAKING, roots
from assets.tables import PUBLISHED
from openbeat.disclosure.policy import check_lineage, load_policy
from openbeat.errors import InputError
from openbeat.policeuk.coverage import Window
from openbeat.release.listing import Release, write_list
from openbeat.settings import Settings
from resources import disclosure as kept
from resources.lake import ALL, Lake, LakeIOManager
from tests.openbeat.disclosure.made import Event, counts
from tests.openbeat.disclosure.through import AFTER_Q1, AFTER_Q2, events, times

MONTH, RELEASE = "2025-07", "2025-07-r1"


@dataclass
class Place:
    """A lake with counts, and what lets them through."""

    out: Path
    as_of: date = AFTER_Q1

    @property
    def settings(self) -> Settings:
        return Settings(out=self.out)

    @property
    def lake(self) -> Lake:
        return Lake(self.settings.lake_root)

    def count(self, *meetings: Event) -> None:
        rows = counts(meetings)
        queries = rows.filter(pl.col("set") == "feedback")
        for name, frame in zip(protected.COUNTED, (rows, queries, times(queries)), strict=True):
            self.lake.write(name, frame)
        self.lake.write(protected.DRAFT, drafts(meetings))
        ids = sorted({m.neighbourhood for m in meetings if m.neighbourhood})
        schema = contracts()["neighbourhoods"].polars_schema()
        known = [{"force_id": "kent", "neighbourhood_id": i, "name": i.upper()} for i in ids]
        frame = pl.DataFrame(known, schema=schema).with_columns(valid_from=pl.lit("2025-01"))
        self.lake.write("neighbourhoods", frame)

    def let_through(self, *, raising: bool = True) -> dg.ExecuteInProcessResult:
        forces = pl.DataFrame({"force_id": ["kent"], "name": ["Kent Police"]})
        sources = SimpleNamespace(settings=self.settings, forces=forces, tell=lambda _said: None)
        resources: dict[str, Any] = {
            "lake": self.lake,
            "sources": sources,
            "io_manager": LakeIOManager(self.lake),
        }
        config = {"ops": {"protected_tables": {"config": {"as_of": self.as_of.isoformat()}}}}
        return dg.materialize(
            [protected.protected_tables, dg.AssetSpec("neighbourhoods")],
            resources=resources,
            run_config=config,
            raise_on_error=raising,
        )

    def release(self) -> None:
        """Do what the release does with the ledger."""
        named = kept.name_ledger(self.lake, RELEASE)
        kept.commit_ledger(self.lake, RELEASE)
        assert named

    def judged(self) -> None:
        require_judged(self.lake, protected.PROTECTED, MONTH, stored_as=ALL)


def drafts(meetings: tuple[Event, ...]) -> pl.DataFrame:
    """The published events without their attendances."""
    schema = contracts()["engagement_events"].polars_schema()
    rows = [
        {
            "event_id": meeting.event_id,
            "year": 2025,
            "force_id": "kent",
            "neighbourhood_id": meeting.neighbourhood,
            "status": "held",
            "sensitive": "yes" if meeting.sensitive else "no",
        }
        for meeting in meetings
    ]
    return pl.DataFrame(rows, schema=schema).drop("attendances", "attendances_status")


@pytest.fixture
def place(tmp_path: Path, no_judge: None, monkeypatch: pytest.MonkeyPatch) -> Place:
    months = [f"2025-{m:02d}" for m in range(1, 8)]
    monkeypatch.setattr(protected, "release_window", lambda *_: Window(months, months))
    monkeypatch.setattr(protected, "require_judged", lambda *_, **__: None)
    made = Place(tmp_path / "out")
    made.count(*events("2025-Q1", "2025-Q2"))
    return made


def checks(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], bool]:
    return {
        (e.asset_key.to_user_string(), e.check_name): e.passed
        for e in result.get_asset_check_evaluations()
    }


def test_the_protected_tables_are_published_proved_and_attacked(place: Place) -> None:
    result = place.let_through()
    assert result.success
    assert all(checks(result).values())
    for name in protected.PROTECTED:
        assert place.lake.read(name).schema == contracts()[name].polars_schema()
        rules = place.lake.read(f"quality_{name}", MONTH)
        assert {"certified", "attacked"} <= set(rules["rule"])
        assert set(rules["severity"]) == {"critical"}
    place.judged()
    reach = place.lake.read("engagement_reach")
    assert reach["neighbourhood_name"].drop_nulls().unique().sort().to_list() == ["N1", "N2", "N3"]


def test_a_quarter_that_is_not_over_shows_nobody(place: Place) -> None:
    place.let_through()
    shown = place.lake.read("engagement_events").select("event_id", "attendances_status")
    status = dict(shown.iter_rows())
    assert status["2025-Q1-a"] is None
    assert status["2025-Q1-d"] == "c"
    assert status["2025-Q2-a"] == "x"
    assert place.lake.read("engagement_reach")["period"].unique().to_list() == ["2025-Q1"]


def test_the_same_counts_are_attacked_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.let_through()
    place.release()
    monkeypatch.setattr("openbeat.disclosure.attacker.attack", None)
    assert place.let_through().success
    before = place.lake.sha256("engagement_reach")
    place.as_of = AFTER_Q1.replace(month=6)
    place.let_through()
    assert place.lake.sha256("engagement_reach") == before


def test_an_attacker_that_was_changed_attacks_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.let_through()
    found = {"ok": False, "sets": {}}
    report = SimpleNamespace(as_dict=lambda: found)
    monkeypatch.setattr("openbeat.disclosure.attacker.attack", lambda *_, **__: report)
    assert place.let_through().success
    monkeypatch.setattr(protected, "_attacker", lambda: "another")
    assert not place.let_through(raising=False).success


def test_what_an_attack_finds_stops_the_release(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"ok": False, "sets": {"c": {"cells": 9, "exact": 4}}}
    report = SimpleNamespace(as_dict=lambda: found)
    monkeypatch.setattr("openbeat.disclosure.attacker.attack", lambda *_, **__: report)
    result = place.let_through(raising=False)
    assert not result.success
    assert {name for (name, check), passed in checks(result).items() if not passed} == set(
        protected.PROTECTED
    )
    with pytest.raises(InputError, match="attacked"):
        place.judged()


def tamper(place: Place, part: str, changed: pl.Expr) -> None:
    place.let_through()
    place.release()
    table, name = f"disclosure_{part}", place.lake.months(kept.LEDGER)[0]
    place.lake.write(table, place.lake.read(table, name).with_columns(changed), name)


def test_worlds_that_are_not_those_that_were_found_stop_the_release(place: Place) -> None:
    tamper(place, "worlds", pl.col("change") + 1)
    with pytest.raises(InputError, match="are not those found"):
        place.let_through()


@pytest.mark.parametrize(
    ("part", "changed"),
    [("cells", pl.col("value") + 1), ("sums", -pl.col("coefficient").abs())],
    ids=["cells", "sums"],
)
def test_whoever_tampers_with_the_proof_stops_the_release(
    place: Place, part: str, changed: pl.Expr
) -> None:
    tamper(place, part, changed)
    result = place.let_through(raising=False)
    assert not any(checks(result)[t, "critical"] for t in protected.PROTECTED)
    with pytest.raises(InputError, match="certified") as refused:
        place.judged()
    assert "kent, 2025-Q1" in str(refused.value)


def test_without_its_ledger_nothing_more_is_published(place: Place) -> None:
    place.let_through()
    place.release()
    root = place.settings.releases_root
    folder = root / RELEASE / "tables"
    folder.mkdir(parents=True)
    place.lake.read("engagement_reach").write_parquet(folder / "engagement_reach.parquet")
    line = Release(RELEASE, MONTH, RELEASE, "0" * 64, "0" * 64, "2025-08-01T00:00:00Z")
    write_list(root, [line])
    with pytest.raises(InputError, match="not whole"):
        place.let_through()


def test_nothing_that_dagster_shows_holds_a_number_of_people(place: Place) -> None:
    secret = 7919
    place.as_of = AFTER_Q2
    place.count(*events("2025-Q1"), Event("big", "n1", secret, secret + 8, {}, "2025-Q2"))
    place.lake.write(
        protected.COUNTED[0],
        place.lake.read(protected.COUNTED[0]).with_columns(
            people=pl.when(pl.col("value") >= secret).then(1).otherwise("people")
        ),
    )
    result = place.let_through()
    said = "\n".join(str(event) for event in result.all_events)
    assert str(secret) not in said
    assert str(secret + 8) not in said


def test_every_published_table_is_what_the_policy_says_of_it() -> None:
    check_lineage(load_policy(), PUBLISHED, roots())
    assert set(PUBLISHED) <= set(roots())


def test_a_table_that_is_called_open_and_is_not_is_refused() -> None:
    claimed = roots() | {"crime": frozenset({"members", "conformed_feedback"})}
    with pytest.raises(InputError, match="conformed_feedback"):
        check_lineage(load_policy(), PUBLISHED, claimed)


def test_the_lineage_knows_every_asset_before_the_release() -> None:
    from pipelines.build import ASSETS

    after = {"release", "packs", "internal_pages"}
    keys = {key.to_user_string() for made in ASSETS for key in made.keys}
    assert keys - after == set(roots())
    assert len(MAKING) == len(ASSETS) - len(after)
