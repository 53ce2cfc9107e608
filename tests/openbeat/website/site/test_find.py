"""Pages that find a place without a script: by force and A to Z, whatever a name begins with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from openbeat.website.site import find
from tests.openbeat.website.site import finding


def _files(site: Any) -> dict[str, str]:
    return {file.path: str(file.content) for file in find.pages(site)}


def test_the_search_page_leads_to_every_force_to_the_list_and_to_the_map(tmp_path: Path) -> None:
    page = _files(finding.site(tmp_path))["find/index.html"]
    links = dict(re.findall(r'<a href="([^"]+)">([^<]+)</a>', page))
    assert links["../places/northmere/index.html"] == "Northmere Constabulary"
    assert links["../places/ynysfawr/index.html"] == "Heddlu Ynysfawr"
    assert {"../find/a-z.html", "../find/map.html"} <= set(links)


def test_a_to_z_links_every_place_once_with_its_force(tmp_path: Path) -> None:
    page = _files(finding.site(tmp_path))["find/a-z.html"]
    listed = re.findall(
        r'<li><a href="../places/([^"]+)">([^<]+)</a> <small>([^<]+)</small></li>', page
    )
    assert [(name, force) for _, name, force in listed] == [
        ("St Mary&#39;s &amp; Harbour", "Northmere Constabulary"),
        ("Town Centre", "Heddlu Ynysfawr"),
        ("Town Centre", "Northmere Constabulary"),
        ("Ŵyn Fawr", "Heddlu Ynysfawr"),
    ]
    assert len({path for path, _, _ in listed}) == len(finding.SQUARES)
    assert re.findall(r'<h2 id="([^"]+)">(.)</h2>', page) == [
        ("a-z-s", "S"), ("a-z-t", "T"), ("a-z-w", "W"),
    ]  # fmt: skip


def test_many_names_have_a_page_a_letter_and_each_is_on_the_right_one(tmp_path: Path) -> None:
    beginnings = ("Acorn", "Éclair", "7 Acres", "'Quoted'", "Ŷsgol")
    rows = [("northmere", f"N{n:03}", f"{b} {n:03}") for n in range(80) for b in beginnings]
    rows = [(force, f"{i}-{k}", name) for k, (force, i, name) in enumerate(rows)]
    files = _files(finding.site(tmp_path, finding.neighbourhoods(rows)))
    pages = {path: text.count('<a href="../places/') for path, text in files.items()}
    assert {path: count for path, count in pages.items() if "a-z-" in path} == {
        f"find/a-z-{letter}.html": 80 for letter in "0aeqy"
    }
    assert "Éclair 001" in files["find/a-z-e.html"]
    for path in pages:
        if "a-z" in path:
            links = set(re.findall(r'href="\.\./(find/a-z-.\.html)"', files[path]))
            here = {path} if "a-z-" in path else set()
            assert links | here == {p for p in pages if "a-z-" in p}, path


def test_two_places_of_one_force_and_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    rows = [("northmere", "N1", "High Street"), ("northmere", "N2", "High Street")]
    page = _files(finding.site(tmp_path, finding.neighbourhoods(rows)))["find/a-z.html"]
    assert "High Street (N1)" in page
    assert "High Street (N2)" in page


@pytest.mark.parametrize(
    ("name", "letter"),
    [("Llandaf", "L"), ("Ŵyn", "W"), ("élan", "E"), ("“The Mount”", "T"), ("3 Spires", find.OTHER),
     ("Østre", "O"), ("", find.OTHER), ("  Moor", "M"), ("Ⅳ", find.OTHER)],
)  # fmt: skip
def test_a_name_is_filed_under_its_plain_first_letter(name: str, letter: str) -> None:
    assert find.first_letter(name) == letter


def test_without_shapes_nothing_asks_for_the_position(tmp_path: Path) -> None:
    rows = [("northmere", "N1", "High Street")]
    page = _files(finding.site(tmp_path, finding.neighbourhoods(rows)))["find/index.html"]
    assert "data-locate" not in page
    assert "map.html" not in page
