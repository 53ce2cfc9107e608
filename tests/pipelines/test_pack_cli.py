"""``openbeat pack`` makes one pack of a release, and says what is near where it finds no place."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from openbeat.errors import InputError
from openbeat.settings import load_settings
from pipelines import pack_cli
from pipelines.cli import app

NAMED = {"NB01": "Harbour", "NB02": "Whitmoor", "nb03": "Harbour"}


@pytest.mark.parametrize("asked", ["NB02", "nb02", "whitmoor", " Whitmoor "])
def test_a_place_is_found_by_id_or_name_whatever_its_capitals(asked: str) -> None:
    assert pack_cli._chosen(asked, NAMED, "neighbourhood") == "NB02"


def test_a_name_that_several_bear_is_not_guessed() -> None:
    with pytest.raises(InputError, match="NB01, nb03"):
        pack_cli._chosen("harbour", NAMED, "neighbourhood")


def test_a_place_that_is_not_there_names_those_near() -> None:
    with pytest.raises(InputError, match=r"did you mean NB02 \(Whitmoor\)\?"):
        pack_cli._chosen("Whitmore", NAMED, "neighbourhood")
    with pytest.raises(InputError, match=r"there are NB01 \(Harbour\)"):
        pack_cli._chosen("qqq", NAMED, "neighbourhood")


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release with two forces, as the store would hold it."""
    folder = tmp_path / "releases" / "2025-06-r1"
    (folder / "tables").mkdir(parents=True)
    described = {"release": folder.name, "month": "2025-06", "as_of": "2025-07-31"}
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    places = {"force_id": ["northshire", "moor"], "neighbourhood_id": ["NB01", "MR01"],
              "name": ["Tŷ Gŵyr", "Moor"], "valid_from": ["2024-01"] * 2,
              "valid_to": pl.Series([None] * 2, dtype=pl.String),
              "population": pl.Series([9000, 5000], dtype=pl.Int32),
              "population_status": pl.Series([None] * 2, dtype=pl.String),
              "population_year": pl.Series([2023] * 2, dtype=pl.Int32)}  # fmt: skip
    count, text = pl.Int32, pl.String
    crime = pl.DataFrame(
        schema=dict.fromkeys(
            ("month", "force_id", "force_name", "place", "area_force_id", "neighbourhood_id",
             "crime_type"), text) | {"count": count}
    )  # fmt: skip
    numbers = ("crime_total", "antisocial_behaviour", "by_other_forces", "crime_total_12m")
    summary = pl.DataFrame(
        schema=dict.fromkeys(("month", "area_force_id", "neighbourhood_id", "coverage"), text)
        | dict.fromkeys((*numbers, "months_12m"), count)
        | {f"{n}_status": text for n in numbers}
    )
    coverage = pl.DataFrame(
        {"force_id": ["northshire", "moor"], "force_name": ["Northshire Police", "Moor Police"],
         "month": ["2025-06"] * 2, "dataset": ["street"] * 2, "coverage": ["missing"] * 2}
    )  # fmt: skip
    for name, frame in (("neighbourhoods", pl.DataFrame(places)), ("crime", crime),
                        ("crime_summary", summary), ("coverage", coverage)):  # fmt: skip
        frame.write_parquet(folder / f"tables/{name}.parquet")
    monkeypatch.setattr(pack_cli, "_release", lambda _settings, _name: folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_pack_is_made_of_a_release_in_each_form(release: Path, tmp_path: Path) -> None:
    run = CliRunner()
    for form, name in (
        ((), "NB01.pdf"),
        (("--variant", "large-print"), "NB01.large-print.pdf"),
        (("--variant", "easy-read"), "NB01.easy-read.pdf"),
        (("--format", "html"), "NB01.html"),
    ):
        result = run.invoke(app, ["pack", "Northshire Police", "tŷ gŵyr", *form])
        assert result.exit_code == 0, result.output
        assert name in result.output
        written = (tmp_path / name).read_bytes()
        assert written.startswith(b"%PDF" if name.endswith("pdf") else b"<!DOCTYPE html>")
    assert date.fromisoformat("2025-07-31").strftime("%d %B %Y") in written.decode()
    result = run.invoke(app, ["pack", "moor", "MR01", "--output", "mine.pdf"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "mine.pdf").read_bytes().startswith(b"%PDF")


LINK = re.compile(r'(?:href|src)="([^"#]+)"')


def test_a_page_made_elsewhere_leads_nowhere_that_is_not_there(
    release: Path, tmp_path: Path
) -> None:
    (release / "site").mkdir()
    made = CliRunner().invoke(app, ["pack", "northshire", "NB01", "--format", "html"])
    assert made.exit_code == 0, made.output
    links = LINK.findall((tmp_path / "NB01.html").read_text("utf-8"))
    assert [link for link in links if not link.startswith(("https://", "mailto:"))] == []


def test_a_page_made_elsewhere_leads_to_what_is_served_with_the_release(
    release: Path, tmp_path: Path
) -> None:
    base = "https://data.northshire.example"
    settings = load_settings(release={"base_url": base})

    def links() -> set[str]:
        _name, content = pack_cli.make_pack(
            settings, "latest", "northshire", "NB01", "html", "standard"
        )
        return {link for link in LINK.findall(content.decode()) if link.startswith(base)}

    assert links() == set()  # neither a website nor packs lie there
    (release / "site").mkdir()
    assert links() == {f"{base}/2025-06-r1/site/places/northshire/NB01.html"}
    packs = tmp_path / "releases" / "2025-06-r1.packs" / "northshire"
    packs.mkdir(parents=True)
    for name in ("NB01.html", "NB01.json", "NB01.easy-read.pdf", "index.html"):
        (packs / name).touch()
    assert links() == {
        f"{base}/2025-06-r1/site/places/northshire/NB01.html",
        *(f"{base}/2025-06-r1.packs/northshire/{name}"
          for name in ("NB01.json", "NB01.easy-read.pdf", "index.html")),
    }  # fmt: skip


@pytest.mark.parametrize("output", ["nowhere/mine.pdf", "."])
def test_a_file_that_cannot_be_written_is_wrong_use(release: Path, output: str) -> None:
    result = CliRunner().invoke(app, ["pack", "moor", "MR01", "--output", output])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert "cannot be written" in result.output
    assert "Mend: " in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["northshir", "NB01"], "did you mean northshire (Northshire Police)?"),
        (["northshire", "MR01"], "there is no such neighbourhood of northshire"),
        (["northshire", "NB01", "--format", "html", "--variant", "easy-read"], "--format"),
    ],
)
def test_what_cannot_be_made_says_why_and_is_wrong_use(
    release: Path, words: list[str], said: str
) -> None:
    result = CliRunner().invoke(app, ["pack", *words])
    assert result.exit_code == 2
    assert said in result.output.replace("\n", " ")
