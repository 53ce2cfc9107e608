"""Catalogue records, sidecars and the package say what a catalogue's reader relies on."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openbeat.release import judges
from openbeat.release.catalogue import description, harvest_record, short_title
from openbeat.release.content import ReleaseContent
from openbeat.release.descriptors import resource_name
from openbeat.release.files import files_of
from openbeat.release.integrity import read_sums
from openbeat.release.tables import TableFile
from openbeat.release.write import write_release

BASE = "https://data.example.org/beat"
CONTACT = {"name": "Data desk", "email": "data@example.org", "url": "https://example.org/contact"}
HOME = f"{BASE}/2025-06-r1"
RECORDS = ("catalog.jsonld", "data.json", "dataset.jsonld", "croissant.json")


@pytest.fixture(scope="module")
def served(content: ReleaseContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "release"
    some = dataclasses.replace(content, base_url=BASE, contact=CONTACT, workbooks=False)
    write_release(some, folder, "2025-06-r1", gzip_over=0)
    return folder


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_every_download_leads_to_a_file_of_the_release_with_its_size(served: Path) -> None:
    catalog = read(served / "catalog.jsonld")["@graph"]
    links = {n["downloadURL"]: n["byteSize"] for n in catalog if n["type"] == "dcat:Distribution"}
    harvested = read(served / "data.json")["dataset"][0]["distribution"]
    page = read(served / "dataset.jsonld")["distribution"]
    assert links == {d["downloadURL"]: d["byteSize"] for d in harvested}
    assert links == {d["contentUrl"]: int(d["contentSize"].removesuffix(" B")) for d in page}
    for link, size in links.items():
        assert (served / link.removeprefix(f"{HOME}/")).stat().st_size == size
    assert {
        f"{HOME}/tables/sightings.csv", f"{HOME}/tables/sightings.csv.gz",
        f"{HOME}/tables/sightings.parquet", f"{HOME}/geo/neighbourhoods.gpkg",
        f"{HOME}/dictionary.csv",
    } <= set(links)  # fmt: skip


def test_files_of_one_table_have_titles_of_their_own(served: Path) -> None:
    titles = [d["title"] for d in read(served / "data.json")["dataset"][0]["distribution"]]
    assert len(titles) == len(set(titles))
    assert "Sightings (CSV, gzip)" in titles


def test_a_catalogue_says_who_answers_how_often_and_of_which_day(served: Path) -> None:
    dataset = next(
        n for n in read(served / "catalog.jsonld")["@graph"] if n["type"] == "dcat:Dataset"
    )
    assert dataset["contactPoint"] == {"contactName": "Data desk", "email": "data@example.org"}
    assert dataset["updateFrequency"] == "freq:monthly"
    assert (dataset["modified"], dataset["version"]) == ("2025-07-31", "2025-06-r1")
    assert "Known problems: " in dataset["description"]


def test_every_record_says_the_day_the_release_was_due_and_which_of_the_month_it_is(
    content: ReleaseContent, tmp_path: Path
) -> None:
    some = dataclasses.replace(
        content, base_url=BASE, boundaries=None, workbooks=False, issued=date(2025, 8, 18)
    )
    versions = set()
    for number in (1, 2):
        folder = tmp_path / f"r{number}"
        write_release(some, folder, f"2025-06-r{number}")
        catalog, harvested, page, learning = (read(folder / name) for name in RECORDS)
        catalogued = [n for n in catalog["@graph"] if "issued" in n]
        dated = [*catalogued, harvested["dataset"][0]]
        assert {day for n in dated for day in (n["issued"], n["modified"])} == {"2025-08-18"}
        assert page["datePublished"] == page["dateModified"] == "2025-08-18"
        assert learning["datePublished"] == "2025-08-18"
        dataset = next(n for n in catalogued if n["type"] == "dcat:Dataset")
        for record in (dataset, harvested["dataset"][0], page, learning):
            versions.add(record["version"])
    assert versions == {"2025-06-r1", "2025-06-r2", "2025.6.1", "2025.6.2"}


def test_the_harvester_sees_the_same_dataset_next_month(content: ReleaseContent) -> None:
    some = dataclasses.replace(content, base_url=BASE)
    later = dataclasses.replace(some, month="2025-07", as_of=date(2025, 8, 31))
    one, two = (harvest_record(c, f"{c.month}-r1", {}, {})["dataset"][0] for c in (some, later))
    assert one["identifier"] == two["identifier"] == BASE
    assert one["landingPage"] != two["landingPage"]


def test_without_an_address_no_record_claims_one(master: Path) -> None:
    for name in RECORDS:
        text = (master / name).read_text("utf-8")
        assert 'downloadURL": "' not in text
        assert "landingPage" not in text
    assert "homepage" not in read(master / "datapackage.json")
    page = read(master / "dataset.jsonld")
    assert {"@id", "url"}.isdisjoint(page)
    assert all((master / d["contentUrl"]).is_file() for d in page["distribution"])


def test_the_package_lists_every_file_but_itself_under_a_name_of_its_own(served: Path) -> None:
    package = read(served / "datapackage.json")
    listed = [resource["path"] for resource in package["resources"]]
    assert sorted(listed) == sorted({*files_of(served)} - {"datapackage.json", "SHA256SUMS"})
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)
    assert package["homepage"] == f"{HOME}/"
    assert package["contributors"][1]["email"] == "data@example.org"


def test_the_judge_takes_a_gzip_beside_its_csv(served: Path) -> None:
    assert judges.frictionless_package(served).problems == ()


def test_a_sidecar_says_types_keys_and_codes(served: Path) -> None:
    main, places = read(served / "tables/sightings.csv-metadata.json")["tables"]
    columns = {column["name"]: column for column in main["tableSchema"]["columns"]}
    assert main["url"] == "sightings.csv"
    assert columns["month"]["datatype"] == "gYearMonth"
    assert columns["count"]["datatype"] == {"base": "integer", "minimum": 0}
    assert columns["count"]["schema:unitText"] == "sightings"
    assert columns["force_id"]["datatype"] == {"base": "string", "format": "^(?:[a-z-]+)$"}
    assert columns["place"]["propertyUrl"] == f"{BASE}/latest/dictionary.csv#sightings.place"
    assert "primaryKey" not in main["tableSchema"]  # a part of it may be empty
    key = main["tableSchema"]["foreignKeys"][0]
    assert key["reference"]["resource"] == places["url"] == "../codelists/places.csv"
    assert "reported_by" not in columns


def test_a_sidecar_does_not_name_its_release(served: Path) -> None:
    for path in (served / "tables").glob("*.csv-metadata.json"):
        assert "2025-06-r1" not in path.read_text("utf-8")


def test_a_column_with_gaps_lists_its_codes_as_strict_validators_refuse_a_key(
    content: ReleaseContent, tmp_path: Path
) -> None:
    contract = content.contracts["sightings"]
    columns = [c.model_copy(update={"nullable": True}) for c in contract.columns]
    gaps = contract.model_copy(update={"columns": columns, "key": []})
    frame = (
        content.tables["sightings"]
        .lazy()
        .with_columns(place=pl.when(pl.col("count") == 3).then(None).otherwise("place"))
    )
    some = dataclasses.replace(
        content,
        boundaries=None,
        workbooks=False,
        tables={"sightings": frame},
        contracts={**content.contracts, "sightings": gaps},
    )
    write_release(some, tmp_path / "r", "2025-06-r1")
    tables = read(tmp_path / "r/tables/sightings.csv-metadata.json")["tables"]
    place = next(c for c in tables[0]["tableSchema"]["columns"] if c["name"] == "place")
    assert place["datatype"]["format"].startswith("^(?:neighbourhood|")
    assert len(tables) == 1
    assert judges.csvw_sidecars(tmp_path / "r").problems == ()


def test_croissant_names_the_parquet_of_every_table(served: Path) -> None:
    record = read(served / "croissant.json")
    files = {file["@id"]: file for file in record["distribution"]}
    assert set(files) == {"tables/sightings.parquet", "tables/neighbourhoods.parquet"}
    sums = read_sums(served)
    assert all(file["sha256"] == sums[path] for path, file in files.items())


WORDS = st.text("abc xyz.,:-!?", min_size=3, max_size=200).filter(lambda s: s.strip(" .,:-!?"))


@given(title=WORDS, notice=st.one_of(st.just(""), WORDS))
@example(title="::b", notice="? b")
@settings(deadline=None, max_examples=60)
def test_data_gov_uk_takes_any_title_and_notice(title: str, notice: str) -> None:
    content = ReleaseContent(
        "2025-06", "2025-05", date(2025, 7, 31), {}, {},
        title=f"Northmere Police: {title}", notice=notice, publisher="Northmere Police",
        base_url=BASE,
    )  # fmt: skip
    record = harvest_record(
        content, "2025-06-r1", {"dictionary.csv": TableFile("dictionary.csv", 1, None)},
        {"dictionary.csv": (1, "")},
    )  # fmt: skip
    assert judges._against("data-gov-uk.json", record) == []
    assert "Northmere" not in short_title(content)
    assert "Known problems" in description(content)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("tables/crime/crime-avon.csv", "crime-avon"),
        ("tables/crime.csv.gz", "crime.csv-gz"),
        ("tables/crime.csv-metadata.json", "crime.csv-metadata-json"),
        ("workbook/avon.xlsx", "workbook-avon-xlsx"),
        ("REVISIONS.csv", "revisions"),
    ],
)
def test_resource_names(path: str, name: str) -> None:
    assert resource_name(path) == name
