"""What the settings name, and what has to be ingested because of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.settings import Settings, load_settings
from resources.lake import Lake
from resources.policeuk import Fetched
from resources.sources import Sources

OLDER, NEWER = "2025-06", "2025-07"
Make = Callable[..., Sources]


@pytest.fixture
def make(pair: Path, tmp_path: Path) -> Make:
    """Sources of the sample of two months, with some settings changed."""

    def sources(**changed: object) -> Sources:
        return Sources(load_settings(pair / "openbeat.yaml", out=tmp_path / "out", **changed))

    return sources


def ingested(sources: Sources, tmp_path: Path) -> Lake:
    """A lake that has every month marked as made from what the sources now hold."""
    lake = Lake(str(tmp_path / "lake"))
    for month in sources.months():
        lake.write_json("ingested", month, sources.month_inputs(month))
    return lake


def archive(pair: Path, name: str, **more: object) -> dict[str, object]:
    return {"path": str(pair / f"archives/{name}.zip"), **more}


def test_every_month_is_new_to_an_empty_lake(make: Make, tmp_path: Path) -> None:
    sources = make()
    assert sources.months() == [OLDER, NEWER]
    assert sources.plan(Lake(str(tmp_path))) == [(OLDER, "new"), (NEWER, "new")]


def test_nothing_is_planned_where_nothing_changed(make: Make, tmp_path: Path) -> None:
    assert make().plan(ingested(make(), tmp_path)) == []


def test_the_window_and_the_year_before_it_are_planned(make: Make, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    assert make(window_months=1).plan(lake) == [(OLDER, "new"), (NEWER, "new")]
    assert make().plan(lake, OLDER) == [(OLDER, "new")]


def test_a_later_archive_with_the_same_files_makes_nothing_again(
    make: Make, pair: Path, tmp_path: Path
) -> None:
    lake = ingested(make(), tmp_path)
    member = make().members(OLDER, "street")[0].member
    held = {"force_id": [member.force_id], "archive": ["2025-06.zip"], "archive_as_of": [OLDER]}
    for dataset in ("street", "outcomes", "stops"):
        lake.write(f"files_{dataset}", pl.DataFrame(held), OLDER)
    lake.write("ledger", pl.DataFrame(held | {"dataset": ["street"]}), OLDER)
    shutil.copy(pair / "archives/2025-06.zip", tmp_path / "2025-08.zip")
    later = make(archives=[{"path": str(tmp_path / "2025-08.zip")}, archive(pair, NEWER)])
    assert later.plan(lake) == []
    for table in ("files_street", "ledger"):
        assert lake.read(table, OLDER)["archive"].to_list() == ["2025-08.zip"]
        assert lake.read(table, OLDER)["archive_as_of"].to_list() == ["2025-08"]
    assert later.plan(lake) == []
    assert lake.read_json("ingested", OLDER) == later.month_inputs(OLDER)


def test_a_raised_limit_reads_again_what_was_beyond_it(make: Make, tmp_path: Path) -> None:
    lake = ingested(make(limits={"member_bytes": 1000}), tmp_path)
    assert make().plan(lake) == [(OLDER, "changed"), (NEWER, "changed")]


def test_a_month_that_was_not_finished_is_planned_again(make: Make, tmp_path: Path) -> None:
    lake = ingested(make(), tmp_path)
    lake.remove_json("ingested", OLDER)
    assert make().plan(lake) == [(OLDER, "new")]


def test_a_month_whose_file_changed_is_planned_again(
    make: Make, pair: Path, tmp_path: Path
) -> None:
    lake = ingested(make(), tmp_path)
    shutil.unpack_archive(pair / "archives/2025-07.zip", tmp_path / "2025-07")
    first = make(archives=[archive(pair, OLDER), {"path": str(tmp_path / "2025-07")}])
    lake = ingested(first, tmp_path)
    street = tmp_path / "2025-07/2025-07/2025-07-northmere-street.csv"
    street.write_bytes(b"".join(street.read_bytes().splitlines(keepends=True)[:-1]))
    second = make(archives=[archive(pair, OLDER), {"path": str(tmp_path / "2025-07")}])
    assert second.plan(lake) == [(NEWER, "changed")]


def test_other_boundaries_mean_counting_every_month_again(make: Make, tmp_path: Path) -> None:
    lake = ingested(make(), tmp_path)
    other = make(boundaries=[])
    assert other.plan(lake) == [(OLDER, "changed"), (NEWER, "changed")]


def test_other_forces_mean_ingesting_every_month_again(make: Make, tmp_path: Path) -> None:
    lake = ingested(make(), tmp_path)
    settings = make().settings
    assert settings.forces_file is not None
    renamed = tmp_path / "forces.csv"
    renamed.write_text(settings.forces_file.read_text("utf-8").replace("Rail", "Railway"), "utf-8")
    other = Sources(settings.model_copy(update={"forces_file": renamed}))
    assert other.plan(lake) == [(OLDER, "changed"), (NEWER, "changed")]


def test_months_made_with_other_boundaries_or_rules_are_told(make: Make, tmp_path: Path) -> None:
    lake = ingested(make(), tmp_path)
    assert make().stale(lake, [OLDER, NEWER]) == []
    assert make(boundaries=[]).stale(lake, [OLDER, NEWER]) == [OLDER, NEWER]
    assert make(limits={"member_bytes": 1000}).stale(lake, [NEWER]) == [NEWER]


def test_a_month_nobody_holds_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"2031-01 .*the archives hold {OLDER} to {NEWER}"):
        make().plan(Lake(str(tmp_path)), "2031-01")


def test_no_archive_says_where_to_name_one() -> None:
    with pytest.raises(InputError, match=r"no archive is named .*--archive"):
        _ = Sources(Settings()).archives


def test_the_md5_of_an_archive_on_disk_is_checked(make: Make, pair: Path) -> None:
    with (pair / "archives/2025-06.zip").open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    assert make(archives=[archive(pair, OLDER, md5=found)]).months() == [OLDER]
    wrong = make(archives=[archive(pair, OLDER, md5="0" * 32)])
    with pytest.raises(InputError, match=rf"2025-06\.zip, value '{found}': .*archive_md5"):
        wrong.months()
    absent = make(archives=[archive(pair, "2031-01", md5="0" * 32)])
    with pytest.raises(InputError, match=r"cannot be read .No such file"):
        absent.months()


def test_an_archive_at_a_url_is_fetched_and_keeps_its_name(
    make: Make, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []

    def fetched(url: str, store: Path, md5: str | None, **_more: object) -> Fetched:
        asked.append((url, store, md5))
        kept = Path(shutil.copy(pair / "archives/2025-07.zip", tmp_path / "abc123.zip"))
        return Fetched(kept, "2025-07.zip", "abc123")

    monkeypatch.setattr("resources.sources.fetch", fetched)
    url = "https://data.example/archive/2025-07.zip"
    sources = make(archives=[{"path": url, "md5": "0" * 32}])
    assert sources.months() == [NEWER]
    assert asked == [(url, tmp_path / "out/raw/archives", "0" * 32)]
    (opened,) = sources.archives
    assert (opened.name, opened.as_of) == ("2025-07.zip", "2025-07")
    assert {choice.member.archive for choice in sources.members(NEWER)} == {"2025-07.zip"}
