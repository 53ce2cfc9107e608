"""The sample as a whole: where its files are, that they repeat, and what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.sample import generate
from openbeat.settings import load_settings

CANONICAL = (
    *("actions", "activities", "consultations", "engagement_events", "engagement_plan"),
    *("feedback", "impact_assessments", "issues", "participation", "priorities"),
    *("problem_plans", "survey_indicators"),
)
MAPPINGS = {
    "logs/council/mappings/events.yaml",
    *(f"logs/ynysfawr/mappings/{table}.yaml" for table in CANONICAL if table[0] != "s"),
}
LAYOUT = {
    "archives/2013-05.zip",
    "archives/2025-06.zip",
    "archives/2025-07.zip",
    "archives/FAULTS.json",
    "archives/FAULTS.md",
    "boundaries/2024-07.zip",
    "boundaries/2025-01.zip",
    "forces.csv",
    "geography/lsoa11-lsoa21-lookup.csv",
    "geography/population.csv",
    "geography/postcodes.csv",
    "logs/FAULTS.json",
    "logs/FAULTS.md",
    "logs/council/activities.csv",
    "logs/council/events.csv",
    *(f"logs/northmere/{table}.csv" for table in CANONICAL),
    "logs/ynysfawr/engagement.xlsx",
    "logs/ynysfawr/survey.parquet",
    *MAPPINGS,
    "openbeat.yaml",
}


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_files_are_where_they_should_be_and_nothing_else(sample: Path) -> None:
    assert set(digests(sample)) == LAYOUT


def test_the_small_sample_is_small(sample: Path) -> None:
    assert sum(path.stat().st_size for path in sample.rglob("*")) < 8_000_000


def test_the_same_seed_gives_the_same_bytes_in_another_place(sample: Path, tmp_path: Path) -> None:
    generate(tmp_path / "elsewhere")
    assert digests(tmp_path / "elsewhere") == digests(sample)


def test_another_seed_gives_another_country(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / str(seed), seed=seed, months=1)
    one, other = digests(tmp_path / "1"), digests(tmp_path / "2")
    same = {name for name in LAYOUT if one[name] == other[name]}
    faults = {"logs/FAULTS.json", "logs/FAULTS.md"}  # lines differ only where counts do
    assert same - faults == {"forces.csv", "logs/northmere/consultations.csv", *MAPPINGS}


def test_the_settings_name_the_inputs_that_are_there(sample: Path) -> None:
    settings = load_settings(sample / "openbeat.yaml")
    named = [Path(archive.path) for archive in settings.archives]
    named += [boundary.path for boundary in settings.boundaries]
    assert settings.population is not None
    assert settings.lsoa_lookup is not None
    assert settings.forces_file is not None
    named += [settings.population.areas, settings.lsoa_lookup, settings.forces_file]
    for source in settings.engagement.sources:
        named += [path for path in (source.path, source.mapping) if path is not None]
    assert all(path.is_file() for path in named)
    assert settings.population.crs == "EPSG:27700"
    # the legacy archive has other months and is there for tests only
    assert [path.name for path in named[:2]] == ["2025-06.zip", "2025-07.zip"]


def test_the_settings_and_the_faults_say_that_it_is_invented(sample: Path) -> None:
    for name in ("openbeat.yaml", "archives/FAULTS.md", "logs/FAULTS.md"):
        assert "An invented country" in (sample / name).read_text(encoding="utf-8")


def test_only_the_made_up_forces_are_expected(sample: Path) -> None:
    """At the national scale all the real forces would be, by their number in the archives."""
    expected = load_settings(sample / "openbeat.yaml").forces
    assert expected == ["northmere", "rail-and-tram", "ynysfawr"]
    assert expected == pl.read_csv(sample / "forces.csv")["force_id"].to_list()


def test_the_forces_file_says_who_supplies_what(sample: Path) -> None:
    assert (sample / "forces.csv").read_text(encoding="utf-8").splitlines() == [
        "force_id,name,crime_id_scope,supplies",
        "northmere,Northmere Constabulary,force,street;outcomes;stops",
        "rail-and-tram,Rail and Tram Police,none,street",
        "ynysfawr,Ynysfawr Police,month,street;outcomes;stops",
    ]


def test_progress_ends_at_its_total_for_every_archive(tmp_path: Path) -> None:
    told: dict[str, tuple[int, int]] = {}

    def progress(what: str, done: int, total: int) -> None:
        told[what] = done, total

    generate(tmp_path, months=1, progress=progress)
    assert {"archive 2025-06", "archive 2025-07", "boundaries 2025-01", "logs"} <= set(told)
    assert all(done == total for done, total in told.values())


def test_the_same_sample_may_be_made_again_in_its_folder(tmp_path: Path) -> None:
    generate(tmp_path, months=1)
    before = digests(tmp_path)
    (tmp_path / "archives/2025-07.zip").write_bytes(b"cut short")
    (tmp_path / "openbeat.yaml").unlink()
    generate(tmp_path, months=1)
    assert digests(tmp_path) == before


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match=r"thesis\.txt"):
        generate(tmp_path)
    assert set(digests(tmp_path)) == {"thesis.txt"}


def test_a_folder_with_another_sample_is_refused(tmp_path: Path) -> None:
    generate(tmp_path, months=1)
    before = digests(tmp_path)
    with pytest.raises(InputError, match="not this sample"):
        generate(tmp_path, months=1, seed=7)
    assert digests(tmp_path) == before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"scale": "galactic"}, "small, force, national"),
        ({"seed": -1}, "seed"),
        ({"months": 0}, "months"),
        ({"months": 121}, "months"),
    ],
)
def test_wrong_arguments_are_named_before_anything_is_written(
    tmp_path: Path, wrong: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        generate(tmp_path / "new", **wrong)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_the_force_scale_is_one_archive_of_one_large_force(tmp_path: Path) -> None:
    generate(tmp_path, "force", months=1)
    names = set(digests(tmp_path))
    assert {name for name in names if name.endswith(".zip")} == {
        "archives/2025-06.zip",
        "boundaries/2025-06.zip",
    }
    assert [a.path for a in load_settings(tmp_path / "openbeat.yaml").archives] == [
        str(tmp_path / "archives/2025-06.zip")
    ]
