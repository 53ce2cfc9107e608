"""Independent judges find a release right, and would find each promise broken."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openbeat.release import judges
from openbeat.release.content import ReleaseContent
from openbeat.release.files import files_of
from openbeat.release.write import write_release

CONTACT = {"name": "Data desk", "email": "data@example.org", "url": "https://example.org/contact"}
SIGHTINGS = "tables/sightings.csv"


@pytest.fixture(scope="module")
def served(content: ReleaseContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of a publisher who has set an address and a contact."""
    folder = tmp_path_factory.mktemp("served") / "release"
    some = dataclasses.replace(content, base_url="https://data.example.org/beat", contact=CONTACT)
    write_release(some, folder, "2025-06-r1")
    return folder


@pytest.fixture
def spoilt(served: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(served, tmp_path / "release"))


def edit(path: Path, change: Callable[[Any], object]) -> None:
    value = json.loads(path.read_bytes())
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


@pytest.mark.parametrize("judge", [*judges.FAST, *judges.SLOW], ids=lambda judge: judge.__name__)
def test_every_judge_passes_a_release(served: Path, judge: judges.Judge) -> None:
    verdict = judge(served)
    assert verdict.problems == ()
    assert verdict.state == "passed"
    assert verdict.judged > 0


def test_a_table_split_by_force_passes_too(content: ReleaseContent, tmp_path: Path) -> None:
    some = dataclasses.replace(content, boundaries=None)
    write_release(some, tmp_path / "split", "2025-06-r1", max_csv_rows=3)
    sidecars = [p for p in files_of(tmp_path / "split") if p.endswith("csv-metadata.json")]
    assert "tables/sightings/sightings-avon.csv-metadata.json" in sidecars
    for judge in (judges.data_package, judges.csvw_sidecars, judges.uk_model):
        assert not judge(tmp_path / "split").failed


def test_without_an_address_and_a_contact_the_verdict_names_the_settings(master: Path) -> None:
    states = {v.judge: (v.state, v.problems) for v in judges.fast(master)}
    assert states["UK metadata exchange model"] == (
        "incomplete", ("release.contact.email is not set",)
    )  # fmt: skip
    assert states["What data.gov.uk asks for"] == (
        "incomplete", ("release.base_url is not set",)
    )  # fmt: skip
    assert not any(verdict.failed for verdict in judges.fast(master))


@pytest.mark.parametrize(
    ("path", "old", "new", "judge", "says"),
    [
        (SIGHTINGS, b",no_location,", b",nowhere,", judges.csvw_sidecars, "Referential|nowhere"),
        (SIGHTINGS, b",no_location,", b",nowhere,", judges.frictionless_package, "nowhere"),
        (SIGHTINGS, b"2025-06,wye", b"2025-06,W.1", judges.csvw_sidecars, "W.1"),
        (SIGHTINGS, b"2025-07-01", b"1/7/2025", judges.csvw_sidecars, "1/7/2025"),
        (SIGHTINGS, b"\r\n", b"\n", judges.csv_form, "CRLF"),
        (SIGHTINGS, b"month,", b"\xef\xbb\xbfmonth,", judges.csv_form, "byte-order mark"),
        (SIGHTINGS, b",true\r\n", b",true,1\r\n", judges.csv_form, "Expected 10 columns, got 11"),
        (SIGHTINGS, b"Avon", b"\xe9von", judges.csv_form, "UTF8"),
        ("dictionary.csv", b"table,column", b"table,table", judges.csv_form, "two of one name"),
        (SIGHTINGS, b"Avon", b"Aven", judges.whole, "altered"),
    ],
)
def test_a_spoilt_file_is_found(
    spoilt: Path, path: str, old: bytes, new: bytes, judge: judges.Judge, says: str
) -> None:
    text = (spoilt / path).read_bytes()
    assert old in text
    (spoilt / path).write_bytes(text.replace(old, new))
    verdict = judge(spoilt)
    assert verdict.failed
    assert any(part in " ".join(verdict.problems) for part in says.split("|"))


def dataset(record: Any) -> Any:
    return next(node for node in record["@graph"] if node["type"] == "dcat:Dataset")


@pytest.mark.parametrize(
    ("path", "change", "judge", "says"),
    [
        ("datapackage.json", lambda p: p.update(licenses=[]), judges.data_package, "licenses"),
        ("datapackage.json", lambda p: p["resources"][0].update(path="../up"),
         judges.data_package, "resources[0]"),
        ("catalog.jsonld", lambda p: dataset(p).update(updateFrequency="freq:madeUp"),
         judges.uk_model, "freq:madeUp"),
        ("catalog.jsonld", lambda p: dataset(p).pop("securityClassification"),
         judges.uk_model, "securityClassification"),
        ("catalog.jsonld", lambda p: p.update({"@graph": []}), judges.uk_model, "no dataset"),
        ("catalog.jsonld", lambda p: p["@context"].pop("licence"), judges.graphs, "license"),
        ("data.json", lambda p: p["dataset"][0].update(title="t" * 66), judges.harvester, "title"),
        ("data.json", lambda p: p["dataset"][0].update(description="d" * 140 + ". So."),
         judges.harvester, "description"),
        ("dataset.jsonld", lambda p: p.pop("license"), judges.graphs, "license"),
        ("dataset.jsonld", lambda p: p.update({"@context": {}}), judges.graphs, "no dataset"),
        ("croissant.json", lambda p: p["recordSet"][0]["field"][0]["source"].pop("fileObject"),
         judges.croissant_record, "croissant.json"),
        ("tables/sightings.csv-metadata.json",
         lambda p: p["tables"][0]["tableSchema"]["columns"].pop(), judges.csvw_sidecars, ""),
    ],
)  # fmt: skip
def test_a_record_that_breaks_its_standard_is_found(
    spoilt: Path, path: str, change: Callable[[Any], object], judge: judges.Judge, says: str
) -> None:
    edit(spoilt / path, change)
    verdict = judges.ask(judge, spoilt)
    assert verdict.failed
    assert says in " ".join(verdict.problems)


def test_a_release_that_cannot_be_read_fails_and_does_not_crash(tmp_path: Path) -> None:
    verdicts = {verdict.judge: verdict.state for verdict in judges.fast(tmp_path)}
    assert verdicts.pop("Tabular data standard") == "passed"  # it has no CSV to look at
    assert set(verdicts.values()) == {"failed"}


def test_a_judge_that_is_not_installed_says_so(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "csvw", None)
    verdict = judges.ask(judges.csvw_sidecars, served)
    assert (verdict.judge, verdict.state) == ("csvw", "not installed")
    assert not verdict.failed
