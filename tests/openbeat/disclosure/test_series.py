"""Releases in a row, of logs that change: what is known of all of them together tells nothing.

Four by the quarter, twelve by the month, and one in which the second year is revised too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from openbeat.disclosure.attacker import Report
from openbeat.disclosure.cells import CELL_KEY, quarter_set
from openbeat.disclosure.certificate import check
from openbeat.disclosure.certified import protected, standing, unproved
from openbeat.disclosure.memory import Component, Memory, components
from openbeat.disclosure.problem import State
from openbeat.disclosure.suppress import suppress
from tests.openbeat.disclosure.series import (
    DAYS,
    LAST,
    POLICY,
    QUARTERS,
    Logs,
    Release,
    attacked,
    changed,
    drawn,
    in_a_row,
    last_day,
    moved,
    release,
    tables_of,
    together,
)
from tests.openbeat.disclosure.test_properties import worked_out
from tests.openbeat.disclosure.truth import false_rows, truth_of

SEED = 3


@pytest.fixture(scope="module")
def logs() -> Logs:
    return changed(drawn(SEED), SEED)


@pytest.fixture(scope="module")
def releases(logs: Logs) -> list[Release]:
    return list(in_a_row(logs))


def deciding(releases: list[Release]) -> list[Release]:
    """Those that published something new."""
    return [one for one in releases if one.gated.new.solved.height]


def standing_in(one: Release) -> list[Component]:
    """What was solved and shown of all that was ever published, each year as a whole."""
    every = standing(components(one.memory).values())
    return [c for c in every if c.level != "none"]


def found(report: Report) -> dict[str, tuple[int, int, int, int]]:
    return {
        name: (result.exact, result.narrowed, result.of_one_class, result.disagree)
        for name, result in report.sets.items()
    }


def test_the_logs_have_all_that_happens_to_logs(logs: Logs, releases: list[Release]) -> None:
    late = [r for r in logs.events if (r.since - last_day(r.said.period)).days > 3]
    first = {r.said.event_id: r.said for r in logs.events if r not in late}
    again = [r.said for r in late if r.said.event_id in first]
    assert any(r.said.event_id not in first for r in late), "a late event"
    assert any(e.forms < first[e.event_id].forms for e in again), "a count lowered"
    assert any(e.neighbourhood != first[e.event_id].neighbourhood for e in again), "moved"
    newest = {e.event_id for r in releases for e in (x.said for x in logs.events_on(r.day))}
    now = {r.said.event_id for r in logs.events_on(LAST)}
    assert newest - now, "an event erased"
    solved = releases[-1].memory.solved
    assert {*QUARTERS, "2024", "2025"} == set(solved["period"])
    revised = solved.filter((pl.col("edition") == 2) & (pl.col("level") == "all"))
    assert {"engagement", "feedback"} == set(revised["set"])
    assert solved.filter(pl.col("edition") == 1)["level"].unique().to_list() == ["all"]


def test_everything_ever_published_is_proved_after_every_release(releases: list[Release]) -> None:
    for one in deciding(releases):
        assert unproved(one.memory, POLICY.rounding_base) == [], one.name


def test_nothing_is_decided_on_between_quarters_whatever_comes_late(
    logs: Logs, releases: list[Release]
) -> None:
    assert [one.name for one in deciding(releases)] == [
        *("00", "01", "02", "03"),
        *("06", "09", "12", "15", "16"),
    ]
    late = 0
    for before, after in pairwise(releases):
        if not after.gated.new.solved.height:
            late += not logs.engagement(before.day).equals(logs.engagement(after.day))
            for name in ("engagement_reach", "feedback_summary"):
                assert after.tables[name].equals(before.tables[name])
    assert late


def test_the_ledger_only_grows(releases: list[Release]) -> None:
    for before, after in pairwise(releases):
        kept = after.memory.ledger.head(before.memory.ledger.height)
        assert kept.equals(before.memory.ledger)
        assert not after.memory.ledger.select(*CELL_KEY, "edition").is_duplicated().any()


def test_what_was_published_stays_until_the_yearly_revision(releases: list[Release]) -> None:
    key = ["period", "place_level", "force_id", "neighbourhood_id"]
    for before, after in pairwise(releases):
        revised = after.gated.new.solved.filter(pl.col("edition") == 2)["period"].to_list()
        for name, more in (
            ("engagement_reach", ["characteristic", "category"]),
            ("feedback_summary", ["theme"]),
        ):
            old = before.tables[name]
            old = old.filter(~pl.col("period").str.slice(0, 4).is_in(revised))
            new = after.tables[name].join(old, on=[*key, *more], how="semi", nulls_equal=True)
            assert new.drop("force_name", "neighbourhood_name").equals(
                old.drop("force_name", "neighbourhood_name")
            )


def test_the_attacker_who_kept_every_release_finds_nothing(releases: list[Release]) -> None:
    for one in (releases[n] for n in (0, 3, 9, 16)):
        report = attacked(one)
        assert report.ok, (one.name, found(report))
        assert report.outright == 0
        assert {found(report)[name] for name in ("a", "b", "c")} == {(0, 0, 0, 0)}
        assert report.sets["c"].cells > 30


def test_no_number_and_no_difference_can_be_worked_out_from_the_cells_themselves(
    releases: list[Release],
) -> None:
    """Each solved set by itself, with what lies between the editions of a year."""
    for one in standing_in(releases[-1]):
        assert worked_out(one.problem, one.suppressed) == [], one.name


def test_who_knows_their_own_number_learns_no_other(releases: list[Release]) -> None:
    for one in (releases[0], releases[2]):
        proved = [check(c.problem, c.suppressed, c.worlds) for c in standing_in(one)]
        given = attacked(one).findings.filter(pl.col("set_of_attack") == "e")
        given = given.join(protected(one.memory), on=CELL_KEY, how="semi", nulls_equal=True)
        assert given.height <= sum(verdict.insider_residual for verdict in proved)
        assert sum(verdict.insiders for verdict in proved)


@pytest.mark.parametrize("more", ["", "rates", "differences"])
def test_all_that_the_attacker_takes_for_granted_is_so(
    more: str, logs: Logs, releases: list[Release]
) -> None:
    told = truth_of(logs, releases)
    assert len(told) > 1000
    assert false_rows(releases[-1], told, **({more: True} if more else {})) == []


def test_a_withdrawn_release_stays_known_and_is_not_taken_back(
    logs: Logs, releases: list[Release]
) -> None:
    """Its numbers were read: a better one in their place would tell the difference."""
    withdrawn = releases[0]
    assert not logs.engagement(DAYS[0]).equals(logs.engagement(DAYS[1]))
    after = releases[1].memory.ledger
    assert after.filter(pl.col("release_id") == withdrawn.name).equals(withdrawn.memory.ledger)
    assert after.filter(pl.col("period") == QUARTERS[0]).height == withdrawn.memory.ledger.height


def test_a_neighbourhood_that_became_two_is_revised_as_one() -> None:
    logs = moved(drawn(6, size=60), date(2025, 4, 1))
    *_, last = in_a_row(logs, [*DAYS[:4], DAYS[9]])
    revised = last.memory.ledger.filter((pl.col("edition") == 2) & (pl.col("force_id") == "north"))
    assert {"n1a", "n1b", "n2", "n3"} == set(revised["neighbourhood_id"].drop_nulls())
    assert unproved(last.memory, POLICY.rounding_base) == []
    assert attacked(last).ok


class TestWhatProtectsLessIsFoundOut:
    def test_each_release_by_itself(self, logs: Logs, releases: list[Release]) -> None:
        alone = release(logs, DAYS[2], Memory(), "")
        assert unproved(alone.memory, POLICY.rounding_base) == []
        ledger = together([releases[1].memory.ledger, alone.memory.ledger])
        secret = protected(releases[1].memory)
        report = attacked(alone, ledger=ledger, protected=secret)
        assert report.sets["c"].exact
        assert report.sets["h"].exact

    def test_each_period_by_itself(self, releases: list[Release]) -> None:
        """The year's totals are protected, and its quarters, but not together."""
        whole = releases[3].memory
        ledger, year = whole.ledger, pl.col("period") == "2024"
        naive = pl.concat([ledger.filter(~year), *map(self._year_alone, self._years(whole))])
        shown = replace(releases[3].gated, whole=replace(whole, ledger=naive))
        tables = tables_of(shown, releases[3].tables["engagement_events"])
        report = attacked(releases[3], tables=tables, ledger=naive)
        alone, joint = report.sets["b"], report.sets["c"]
        assert (alone.exact, alone.narrowed) == (0, 0)
        assert joint.exact or joint.narrowed
        assert not report.ok

    @staticmethod
    def _years(memory: Memory) -> list[pl.DataFrame]:
        years = [c for n, c in components(memory).items() if n.endswith("|2024|1")]
        return [
            one.cells.with_columns(pl.Series("value", one.problem.value)).filter(
                pl.col("period") == "2024"
            )
            for one in years
        ]

    @staticmethod
    def _year_alone(cells: pl.DataFrame) -> pl.DataFrame:
        counts = cells.select(*CELL_KEY, "value", "people", listed=True).with_columns(
            period=pl.lit("2024-Q0")
        )
        linked = quarter_set(counts, POLICY)
        kept = pl.Series(suppress(linked.problem).suppressed)
        return linked.cells.select(
            pl.col(CELL_KEY),
            value=pl.when(~kept).then("value"),
            status=pl.when(kept).then(pl.lit("c")).otherwise(pl.lit("")),
            edition=pl.lit(1, pl.Int64),
            release_id=pl.lit("03"),
            method=pl.lit("suppression"),
            threshold="threshold",
            median_days=pl.lit(None, pl.Float64),
        ).with_columns(period=pl.lit("2024"))

    def test_a_cell_that_was_needed_is_shown(self, releases: list[Release]) -> None:
        one = releases[0]
        part = components(one.memory)["engagement|north|2024-Q1|1"]
        problem, kept = part.problem, part.suppressed
        extra = np.flatnonzero(kept & (problem.state == State.OPEN) & ~problem.protect)
        assert len(extra)
        caught = []
        for cell in extra.tolist():
            less = kept.copy()
            less[cell] = False
            assert not check(problem, less, part.worlds).ok
            name = part.cells.select(CELL_KEY)[cell].with_columns(
                _told=pl.lit(int(problem.value[cell]), pl.Int64)
            )
            ledger = one.memory.ledger.join(name, on=CELL_KEY, how="left", nulls_equal=True)
            ledger = ledger.with_columns(pl.coalesce("_told", "value").alias("value"))
            report = attacked(one, ledger=ledger.drop("_told"))
            caught.append(bool(report.sets["c"].exact or report.sets["c"].narrowed))
        assert any(caught)
        assert np.mean(caught) > 0.5

    def test_late_records_are_shown_at_once(self, logs: Logs, releases: list[Release]) -> None:
        quietly = release(logs, DAYS[5], Memory(), "")
        report = attacked(quietly, ledger=releases[4].memory.ledger)
        assert report.sets["h"].exact
        assert not report.ok
