"""The map of all forces: map and list lead to the same pages, and a site without shapes says so."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import lxml.html

from openbeat.website.site.maps_page import map_page


def _finding() -> Any:
    """The small website that tests of finding a place share."""
    path = Path(__file__).with_name("finding.py")
    spec = importlib.util.spec_from_file_location("maps_page_finding", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FINDING = _finding()


def page(site: Any) -> Any:
    (file,) = map_page(site)
    assert file.path == "find/map.html"
    return lxml.html.fromstring(file.content)


def test_map_and_list_lead_to_the_same_pages_of_the_same_forces(tmp_path: Path) -> None:
    document = page(FINDING.site(tmp_path))
    on_map = {a.get("href"): a.findtext("title") for a in document.xpath("//svg//a")}
    listed = {a.get("href"): a.text for a in document.xpath("//ul[@class='columns']//a")}
    assert on_map == listed
    assert sorted(on_map) == ["../places/northmere/index.html", "../places/ynysfawr/index.html"]
    assert "2 neighbourhoods" in document.text_content()
    assert document.xpath("//a[@href='#forces']"), "the map can be skipped"
    assert document.xpath("//*[@id='forces']")


def test_without_shapes_the_list_is_there_and_the_page_says_why_no_map(tmp_path: Path) -> None:
    places = FINDING.neighbourhoods([("northmere", "N1", "Town Centre")])
    document = page(FINDING.site(tmp_path, places))
    assert not document.xpath("//svg//a")
    assert "There is no map" in document.text_content()
    assert [a.text for a in document.xpath("//ul[@class='columns']//a")] == [
        "Northmere Constabulary"
    ]
