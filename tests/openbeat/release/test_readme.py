"""What a stranger finds in the two pages read first: whom to ask, how to cite, how big it is."""

from __future__ import annotations

import dataclasses
import re

import pytest

from openbeat.release.content import LICENCE_URL, ReleaseContent
from openbeat.release.readme import licence_text, readme_text, size_text
from openbeat.release.tables import TableFile


def page(content: ReleaseContent, paths: list[str] | None = None, **more: object) -> str:
    files = dict.fromkeys(paths or ["quality.json"])
    sizes = dict.fromkeys(files, 1500)
    some = dataclasses.replace(content, **more)  # type: ignore[arg-type]
    return readme_text(some, "2025-06-r1", files, sizes)


def test_it_says_how_to_cite_whom_to_ask_and_when_the_next_one_comes(
    content: ReleaseContent,
) -> None:
    text = page(
        content,
        base_url="https://data.example.org/openbeat",
        contact={"name": "Data desk", "email": "desk@example.org"},
        next_release="The next release is due on 15 August 2025.",
    )
    assert "> openbeat (2025), release 2025-06-r1." in text
    assert "Open Government Licence v3.0. <https://data.example.org/openbeat/2025-06-r1/>." in text
    assert "Data desk, <desk@example.org>" in text
    assert "The next release is due on 15 August 2025." in text
    assert LICENCE_URL in text


def test_it_claims_no_address_contact_or_date_that_nobody_gave(content: ReleaseContent) -> None:
    text = page(content)
    assert "Contact" not in text
    assert "next release" not in text
    addresses = set(re.findall(r"<(https?://[^>]+)>", text))
    assert addresses == {LICENCE_URL}
    assert "$" not in text


def test_it_gives_the_size_of_each_file_and_of_folders_of_many(content: ReleaseContent) -> None:
    paths = ["quality.json", "tables/crime.csv", "tables/crime.csv-metadata.json"]
    parts = [f"tables/stops/stops-{force}.csv" for force in ("avon", "wye")]
    lists = ["codelists/places.csv", "codelists/themes.csv", "codelists/units.csv"]
    text = page(content, paths + parts + lists)
    for line in (
        "| `quality.json` | 1.5 kB |",
        "| `tables/crime.csv` | 1.5 kB |",
        "| `tables/stops/`, 2 files | 3.0 kB |",
        "| `codelists/`, 3 files | 4.5 kB |",
    ):
        assert line in text
    assert "crime.csv-metadata" not in text


def test_it_names_only_what_is_there(content: ReleaseContent) -> None:
    assert "REVISIONS.csv" not in page(content)
    assert "workbook/" not in page(content)
    text = page(content, ["REVISIONS.csv", "workbook/avon.xlsx"])
    assert "- `REVISIONS.csv`: every number that" in text
    assert "- `workbook/`: a workbook a force" in text


def test_a_table_that_is_split_is_said_to_be(content: ReleaseContent) -> None:
    files = {
        "tables/sightings/sightings-wye.csv": TableFile(
            "tables/sightings/sightings-wye.csv", 3, "sightings", "wye"
        )
    }
    text = readme_text(content, "2025-06-r1", files, dict.fromkeys(files, 3))
    assert "one CSV a force in a folder of its own: `sightings`." in text


def test_the_licence_says_where_its_text_is_and_what_to_say(content: ReleaseContent) -> None:
    text = licence_text(content)
    assert LICENCE_URL in text
    for line in content.attribution_lines:
        assert line in text
    assert "2025-06" not in text  # it names no release: equal releases have the same


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 kB"), (9_949, "9.9 kB"), (9_960, "10 kB"),
     (999_600, "1.0 MB"), (61_400_000, "61 MB"), (3_000_000_000_000, "3000 GB")],
)  # fmt: skip
def test_sizes_are_as_people_read_them(size: int, text: str) -> None:
    assert size_text(size) == text
