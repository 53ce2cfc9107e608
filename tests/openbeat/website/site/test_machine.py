"""What programs read first: whole addresses where one is configured, and never a broken one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from openbeat.website.site import machine
from tests.openbeat.website.site import releases

BASE = "https://data.example.org"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def _files(site: Any) -> dict[str, str]:
    return {file.path: str(file.content) for file in machine.data(site)}


def _addresses(content: str | bytes) -> list[str]:
    assert isinstance(content, str)
    found = etree.fromstring(content.encode()).findall(".//s:loc", NAMES)
    return [str(element.text) for element in found]


def test_llms_txt_has_its_title_its_summary_and_linked_sections(tmp_path: Path) -> None:
    text = _files(releases.site(tmp_path, base_url=BASE))["llms.txt"]
    lines = text.split("\n\n")
    assert lines[0] == "# Northmere data"
    assert lines[1].startswith("> ")
    assert re.findall(r"^## (.+)$", text, re.M) == [
        "Data", "Pages", "Documentation", "Licence", "Optional"
    ]  # fmt: skip
    for section in text.split("\n## ")[1:]:
        for line in section.strip().splitlines()[2:]:
            assert re.fullmatch(r"- \[[^\]]+\]\(https://data\.example\.org/[^)]+\): .+", line)
    assert f"({BASE}/2025-06-r2/tables/coverage.parquet): Parquet, 12 rows." in text
    assert f"As CSV: {BASE}/2025-06-r2/tables/crime_summary.csv.gz" in text


def test_llms_txt_warns_before_it_links(tmp_path: Path) -> None:
    text = _files(releases.site(tmp_path))["llms.txt"]
    head = text.split("\n## ")[0]
    assert "An empty number is not 0" in head
    assert "Anti-social behaviour is not crime" in head
    assert "(../tables/coverage.parquet)" in text


def test_the_sitemap_has_each_page_once_at_its_lasting_address(tmp_path: Path) -> None:
    site = releases.site(tmp_path, base_url=BASE)
    paths = ["index.html", "places/a&b/1.html", "places/a&b/1.embed.html", "places/a&b/1.csv"]
    (file,) = machine.sitemap(site, paths)
    assert _addresses(file.content) == [
        f"{BASE}/latest/site/index.html",
        f"{BASE}/latest/site/places/a&b/1.html",
    ]


def test_more_pages_than_a_sitemap_holds_get_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "MOST", 2)
    site = releases.site(tmp_path, base_url=BASE)
    index, first, second = machine.sitemap(site, [f"{n}.html" for n in range(3)])
    assert _addresses(index.content) == [
        f"{BASE}/latest/site/{first.path}",
        f"{BASE}/latest/site/{second.path}",
    ]
    assert len(_addresses(first.content)) == 2
    assert len(_addresses(second.content)) == 1


def test_without_an_address_there_is_no_sitemap_and_none_is_promised(tmp_path: Path) -> None:
    site = releases.site(tmp_path)
    assert list(machine.sitemap(site, ["index.html"])) == []
    assert "Sitemap" not in _files(site)["robots.txt"]
    served = _files(releases.site(tmp_path, base_url=BASE))["robots.txt"]
    assert f"Sitemap: {BASE}/latest/site/sitemap.xml" in served
