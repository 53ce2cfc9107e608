"""Counts of people over several releases: published once, remembered, never without a proof."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Finished, Said

LATER = ("--as-of", "2025-10-31")  # the quarter of July is over then


def ledger(place: Finished) -> dict[str, str]:
    """The hash of each file of the ledger."""
    files = sorted((place.out / "lake/disclosure_ledger").glob("*.parquet"))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def releases(place: Finished) -> list[str]:
    return sorted(path.name for path in place.releases.glob("2025-*-r?"))


@pytest.fixture
def published(after: Finished, run_after: Callable[..., Said]) -> Finished:
    """A release that shows a quarter."""
    assert after.table("engagement_reach").is_empty()
    said = run_after(*LATER)
    assert said.code == 0, said.text
    return after


def test_a_quarter_is_published_once_and_stays(
    published: Finished, run_after: Callable[..., Said]
) -> None:
    reach = published.table("engagement_reach")
    assert reach["period"].unique().to_list() == ["2025-Q3"]
    assert reach.filter(pl.col("forms_status") == "c").height > 0
    least = reach.filter(pl.col("forms") > 0)["forms"].min()
    assert least is not None
    assert least >= 5
    told = published.json("disclosure.json")
    assert told["attack"]["ok"]
    assert [entry["file"] for entry in told["ledger"]] == [
        name.removesuffix(".parquet") for name in ledger(published)
    ]
    assert "DISCLOSURE.md" in (published.latest / "README.md").read_text("utf-8")
    rules = pl.DataFrame(published.json("quality.json")["rules"], infer_schema_length=None)
    judged = rules.filter(pl.col("rule").is_in(["certified", "attacked"]))
    assert (judged.height, judged["success"].all()) == (6, True)
    before, known = releases(published), ledger(published)
    said = run_after(*LATER)
    assert said.code == 0, said.text
    assert (releases(published), ledger(published)) == (before, known)


def test_without_proof_or_memory_nothing_is_promoted(
    published: Finished, run_after: Callable[..., Said]
) -> None:
    before = releases(published)
    (worlds,) = (published.out / "lake/disclosure_worlds").glob("*.parquet")
    good = worlds.read_bytes()
    pl.read_parquet(worlds).with_columns(pl.col("change") + 1).write_parquet(worlds)
    said = run_after(*LATER)
    assert said.code != 0
    assert "are not those found" in said.text
    assert releases(published) == before
    worlds.write_bytes(good)
    (file,) = (published.out / "lake/disclosure_ledger").glob("*.parquet")
    file.unlink()
    said = run_after(*LATER)
    assert said.code != 0
    assert "put the lake's disclosure_* tables back" in " ".join(said.text.split())
    assert releases(published) == before
    assert "Traceback" not in said.text


def test_a_run_killed_before_promotion_leaves_choices_that_the_next_shows(
    after: Finished, run_after: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    from openbeat.release import promote

    before = releases(after)
    with monkeypatch.context() as patch:

        def killed(*_arguments: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(promote, "write_list", killed)
        with pytest.raises(BaseException):  # noqa: B017, PT011 - a kill has no kind of its own
            assert run_after(*LATER).code == 0
    known = ledger(after)
    assert len(known) == 1
    said = run_after(*LATER)
    assert said.code == 0, said.text
    assert ledger(after) == known
    assert len(releases(after)) == len(before) + 1
    assert Path(after.latest / "disclosure.json").exists()
